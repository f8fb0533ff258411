#!/usr/bin/env python3
"""Makes section 3 of include/chat/client.h: a page for each function and type.

    reference.py list HEADER                    the names of the pages
    reference.py write HEADER SCDOC FOLDER EXAMPLE...

Examples are the functions of the programs EXAMPLE that call what a page is
about. Tests run these programs.
"""

import pathlib
import re
import sys

import header as headers
import page

NAME = re.compile(r"`(\w+)`|\b(chat_\w+)\b|\b(CHAT_EVENT_\w+)\b")
C_FUNCTION = re.compile(
    r"^[a-z][^\n;]*\([^;{]*\)\n\{\n.*?^\}\n", re.DOTALL | re.MULTILINE
)
SEE_ALSO = ["libchatclient"]


def escaped(text):
    return re.sub(r"([\\_*\[\]#|])", r"\\\1", text)


def literal(text):
    """A block whose text is shown as it is; scdoc takes backslashes out of it."""
    doubled = text.replace("\\", "\\\\")
    return f"```\n{doubled}```"


def name_line(name, summary):
    """The first letter is a small one, save of a name in capitals."""
    if summary[1].islower() or summary[1] == " ":
        summary = summary[0].lower() + summary[1:]
    return f"{escaped(name)} - {escaped(summary)}"


class Reference:
    def __init__(self, header, examples):
        self.header = header
        self.examples = examples  # name of a program: its text
        self.events = {}  # CHAT_EVENT_ROOM: the type of what it has
        for name, described in header.types.items():
            if event := re.match(r"CHAT_EVENT_\w+(?=:)", described.summary):
                self.events[event[0]] = name

    def marked_up(self, text):
        """Functions are bold, types and arguments underlined."""
        parts, at = [], 0
        for match in NAME.finditer(text):
            argument, name, event = match.groups()
            parts.append(escaped(text[at : match.start()]))
            if name in self.header.functions:
                parts.append(f"*{escaped(name)}*()")
            elif event:
                parts.append(escaped(event))
            else:
                parts.append(f"_{escaped(argument or name)}_")
            at = match.end()
        return "".join([*parts, escaped(text[at:])])

    def named_in(self, text):
        """The pages that a text leads to."""
        names = set()
        for argument, name, event in NAME.findall(text):
            names.add(self.events.get(event) or name or argument)
        return names & {*self.header.functions, *self.header.types}

    def paragraphs(self, texts):
        return [self.marked_up(text) for text in texts]

    def see_also(self, name, text):
        names = sorted(self.named_in(text) - {name}) + SEE_ALSO
        return ["# SEE ALSO", ", ".join(f"*{escaped(each)}*(3)" for each in names)]

    def errors(self, function):
        errors = {**function.section.errors, **function.comment.errors}
        lines = []
        for name in self.header.errors:
            if name in errors:
                meaning = errors[name] or self.header.errors[name]
                lines.append(f"CHAT\\_ERROR\\_{escaped(name)}")
                lines.append(f"\t{self.marked_up(meaning)}")
        return ["# ERRORS", "\n".join(lines)] if lines else []

    def returned(self, function):
        text = function.comment.returns
        if not text and function.prototype.startswith("int "):
            text = "CHAT_OK, or a negative chat_error."
        return ["# RETURN VALUE", self.marked_up(text)] if text else []

    def find_example(self, name):
        """The shortest function of a program that calls it: length, program, text."""
        found = [
            (len(function), program, function)
            for program, text in self.examples.items()
            for function in C_FUNCTION.findall(text)
            if re.search(rf"\b{name}\(", function)
        ]
        return min(found, default=None)

    def example(self, name):
        found = self.find_example(name)
        if found is None:
            return []
        _, program, function = found
        return ["# EXAMPLES", f"Of _examples/{program}_:", literal(function)]

    def function_page(self, function):
        name, comment, section = function.name, function.comment, function.section
        texts = [*comment.paragraphs, *section.paragraphs]
        leads = " ".join([function.prototype, comment.returns, *texts])
        return [
            f"{name}(3)",
            "# NAME",
            name_line(name, function.summary),
            "# SYNOPSIS",
            "*\\#include <chat/client.h>*",
            f"*{escaped(function.prototype)}*",
            "# DESCRIPTION",
            *self.paragraphs(texts),
            *self.returned(function),
            *self.errors(function),
            "# THREADS",
            self.marked_up(self.header.topics["Threads"]),
            *self.example(name),
            *self.see_also(name, leads),
        ]

    def users_of(self, name):
        """Functions and types that have this type in them."""
        functions = [(f.name, f.prototype) for f in self.header.functions.values()]
        types = [(t.name, t.definition) for t in self.header.types.values()]
        return [
            user
            for user, text in functions + types
            if re.search(rf"\b{name} ", text) and user != name
        ]

    def strings(self, definition):
        """Of types that can have some."""
        if not re.match(r"typedef struct \w+ \{|.*\(\*", definition):
            return []
        return [self.marked_up(self.header.topics["Strings and structures"])]

    def type_page(self, described):
        name = described.name
        definition = described.definition.replace("/**<", "/*")
        users = self.users_of(name) if name != "chat_client" else ["chat_client_new"]
        leads = " ".join([definition, *users, *described.comment.paragraphs])
        return [
            f"{name}(3)",
            "# NAME",
            name_line(name, described.summary),
            "# SYNOPSIS",
            "*\\#include <chat/client.h>*",
            literal(f"{definition}\n"),
            "# DESCRIPTION",
            *self.paragraphs(described.comment.paragraphs),
            *self.strings(definition),
            *self.see_also(name, leads),
        ]

    def pages(self):
        for function in self.header.functions.values():
            yield function.name, "\n\n".join(self.function_page(function)) + "\n"
        for described in self.header.types.values():
            yield described.name, "\n\n".join(self.type_page(described)) + "\n"


def write(reference, scdoc, folder):
    for name, source in reference.pages():
        (folder / f"{name}.3").write_text(page.render(scdoc, source))


def main():
    command, path, *rest = sys.argv[1:]
    header = headers.read(pathlib.Path(path).read_text())
    if command == "list":
        print(*header.functions, *header.types, sep="\n")
        return
    scdoc, folder, *programs = rest
    paths = [pathlib.Path(program) for program in programs]
    examples = {program.name: program.read_text() for program in paths}
    write(Reference(header, examples), scdoc, pathlib.Path(folder))


if __name__ == "__main__":
    main()
