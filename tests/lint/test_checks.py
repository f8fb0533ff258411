#!/usr/bin/env python3
"""The checks find what is planted, and nothing in a clean tree."""

import pathlib
import tempfile
import unittest

import check_banned
import check_layers
import check_tree


class Planted(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def plant(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def layers(self, name, text):
        self.plant(name, text)
        return check_layers.check(self.root)


class Layers(Planted):
    def test_allows_what_the_table_allows(self):
        text = '#include "protocol/buffer.h"\n#include <cjson/cJSON.h>\n#include <stdio.h>\n'
        self.assertEqual(self.layers("protocol/json.c", text), [])

    def test_finds_a_library_above_its_layer(self):
        found = self.layers("server/core/room.c", "\n#include <libwebsockets.h>\n")
        self.assertEqual(
            found,
            [
                "server/core/room.c:2: server/core/* may not use websockets (libwebsockets.h)"
            ],
        )

    def test_finds_a_header_of_another_part(self):
        for name, header in [
            ("client/screen.c", "sdk/timeline.h"),
            ("client/screen.c", "protocol/json.h"),
            ("protocol/json.c", "sdk/timeline.h"),
            ("sdk/edge.c", "server/core/core.h"),
            ("server/core/room.c", "server/store/sqlite.h"),
            ("server/core/room.c", "server/front/websocket.h"),
            ("server/front/websocket.c", "server/core/room.h"),
            ("server/store/sqlite.c", "server/core/core.h"),
            ("server/ops/log.c", "server/core/core.h"),
        ]:
            with self.subTest(name=name, header=header):
                found = self.layers(name, f'#include "{header}"\n')
                self.assertEqual(len(found), 1, found)
                self.assertIn(f"{name}:1: ", found[0])
                (self.root / name).unlink()

    def test_finds_an_own_header_in_angle_brackets(self):
        found = self.layers("protocol/json.c", "#include <sdk/timeline.h>\n")
        self.assertEqual(len(found), 1)

    def test_finds_calls_that_reach_for_the_world(self):
        for call in [
            "time(NULL)",
            "clock_gettime(0, &t)",
            "getrandom(b, 1, 0)",
            "fopen(p, m)",
            "socket(1, 2, 3)",
        ]:
            with self.subTest(call=call):
                found = self.layers(
                    "server/core/room.c", f"void f(void)\n{{\n    {call};\n}}\n"
                )
                self.assertEqual(len(found), 1, found)
                self.assertIn("server/core/room.c:3: ", found[0])

    def test_finds_a_terminal_or_a_thread_in_a_model(self):
        for header in ["ncurses.h", "pthread.h", "sys/socket.h"]:
            with self.subTest(header=header):
                found = self.layers("client/model/line.c", f"#include <{header}>\n")
                self.assertEqual(len(found), 1, found)

    def test_passes_members_comments_and_strings(self):
        text = 'void f(void)\n{\n    clock->time(x);\n    s.open(1); /* time(0) */\n    log("fopen(x)"); my_time(2);\n}\n'
        self.assertEqual(self.layers("server/core/room.c", text), [])

    def test_passes_a_function_of_the_files_own(self):
        text = "static void accept(int c)\n{\n}\nvoid f(void)\n{\n    accept(1);\n}\n"
        self.assertEqual(self.layers("client/model/line.c", text), [])

    def test_finds_a_file_without_a_layer(self):
        self.assertEqual(
            self.layers("stray/a.c", ""), ["stray/a.c:1: no layer has this file"]
        )

    def test_leaves_tests_alone(self):
        self.assertEqual(
            self.layers("tests/core/a.c", '#include "server/core/room.h"\n'), []
        )


class Banned(Planted):
    def test_finds_each_function(self):
        for name in check_banned.BANNED:
            with self.subTest(name=name):
                self.plant("sdk/a.c", f"\nint x = {name} (a);\n")
                found = check_banned.check(self.root)
                self.assertEqual(len(found), 1, found)
                self.assertIn(f"sdk/a.c:2: {name}() ", found[0])

    def test_passes_names_that_contain_one(self):
        self.plant(
            "sdk/a.c", "int x = snprintf(a) + strtok_r(b) + mkdtemp(c); /* gets(x) */\n"
        )
        self.assertEqual(check_banned.check(self.root), [])


class Tree(Planted):
    def test_finds_notes_paths_and_white_space(self):
        for text in [
            "TO" "DO later",
            "see /ho" "me/ann/x",
            "cd /wo" "rk/tree",
            "blank \t",
            "<" * 7 + " main",
        ]:
            with self.subTest(text=text):
                self.plant("docs/a.md", f"fine\n{text}\n")
                found = check_tree.check(self.root)
                self.assertEqual(len(found), 1, found)
                self.assertIn("docs/a.md:2: ", found[0])

    def test_finds_a_last_line_without_newline(self):
        self.plant("docs/a.md", "text")
        self.assertEqual(len(check_tree.check(self.root)), 1)

    def test_passes_a_clean_file(self):
        self.plant("docs/a.md", "the network/ folder, src/root/x\n")
        self.assertEqual(check_tree.check(self.root), [])


if __name__ == "__main__":
    unittest.main()
