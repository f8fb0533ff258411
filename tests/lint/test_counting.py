#!/usr/bin/env python3
"""The sum of a test run counts single cases, and never hides a failure."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))

import counting  # noqa: E402
from counting import FAILED, PASSED, SKIPPED  # noqa: E402

CMOCKA = """\
[==========] Running 3 test(s).
[ RUN      ] appends_in_order
[       OK ] appends_in_order
[ RUN      ] file: a newer one
[  FAILED  ] file: a newer one
[ RUN      ] needs_root
[  SKIPPED ] needs_root
[==========] 3 test(s) run.
[  PASSED  ] 1 test(s).
[  FAILED  ] 1 test(s), listed below:
[  FAILED  ] file: a newer one
"""


def outcomes(name, outcome, text):
    return [case.outcome for case in counting.program(name, outcome, text)]


class Program(unittest.TestCase):
    def test_counts_the_cases_of_cmocka_once(self):
        self.assertEqual(outcomes("store", FAILED, CMOCKA), [PASSED, FAILED, SKIPPED])

    def test_a_crash_leaves_the_running_case_failed(self):
        text = "[ RUN      ] one\n[       OK ] one\n[ RUN      ] two\n"
        self.assertEqual(outcomes("store", FAILED, text), [PASSED, FAILED])

    def test_a_bad_exit_after_good_cases_is_a_failure(self):
        text = "[ RUN      ] one\n[       OK ] one\n"
        cases = counting.program("store", FAILED, text)
        self.assertEqual([case.outcome for case in cases], [PASSED, FAILED])
        self.assertEqual(cases[1].output, text)

    def test_counts_the_totals_of_node(self):
        text = (
            "TAP version 13\nok 1 - outer\n# tests 4\n# pass 2\n# fail 1\n# skipped 1\n"
        )
        self.assertEqual(
            outcomes("web", FAILED, text), [PASSED, PASSED, FAILED, SKIPPED]
        )

    def test_counts_lines_of_tap(self):
        text = "ok - format\nnot ok - shell\nwhy\nok 3 - man # SKIP no scdoc\n"
        self.assertEqual(outcomes("lint", FAILED, text), [PASSED, FAILED, SKIPPED])

    def test_counts_the_cases_of_unittest(self):
        text = "FAIL: test_a (x.Y)\n\nRan 3 tests in 0.1s\n\nFAILED (failures=1)\n"
        self.assertEqual(outcomes("self", FAILED, text).count(FAILED), 1)
        self.assertEqual(len(outcomes("self", FAILED, text)), 3)

    def test_a_program_without_cases_is_one(self):
        self.assertEqual(outcomes("plain", PASSED, "fine"), [PASSED])
        self.assertEqual(outcomes("plain", FAILED, ""), [FAILED])


if __name__ == "__main__":
    unittest.main()
