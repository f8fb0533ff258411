"""What a program may be told, as its own table has it.

A row is KIND, NAME, VALUE, HELP and maybe more, with tabs between: an `option`
and the placeholder of its value; a `command` and the usage of its arguments;
others are not to be completed.
"""

import re
from dataclasses import dataclass

# What stands for a placeholder; others are for people to know.
FILES = {"FILE", "PATH"}
FOLDERS = {"DIR"}
WORDS = {
    "LEVEL": ["error", "warning", "info", "debug"],
    "ROLE": ["owner", "moderator", "member"],
}


@dataclass
class Option:
    name: str  # with its dashes
    value: str  # a placeholder, or "": takes none
    help: str = ""


@dataclass
class Command:
    name: str  # one word, or two
    options: list
    arguments: list  # placeholders
    help: str


@dataclass
class Program:
    name: str
    options: list
    commands: list


def options_of(program, command):
    """A command that has --json itself runs here, and has all that it takes."""
    own = [option.name for option in command.options]
    return command.options + [
        option
        for option in program.options
        if option.name not in own and ("--json" not in own or option.name == "--help")
    ]


def words_of(value):
    """A value such as on|off, or ADDRESS|off."""
    return WORDS.get(value) or [word for word in value.split("|") if word.islower()]


def read_usage(name, usage, description):
    """[--flag] [--option VALUE] ARGUMENT, with | where there is a choice."""
    options = [
        Option(flag, value.strip())
        for flag, value in re.findall(r"(--[a-z-]+)( [A-Z]+)?", usage)
    ]
    arguments = re.findall(r"[A-Z]+", re.sub(r"--[a-z-]+( [A-Z]+)?", "", usage))
    return Command(name, options, arguments, description)


def read(name, text):
    program = Program(name, [], [])
    for line in text.splitlines():
        kind, subject, value, description = line.split("\t")[:4]
        if kind == "option":
            program.options.append(Option(subject, value, description))
        elif kind == "command":
            program.commands.append(read_usage(subject, value, description))
    names = {option.name for option in program.options}
    for option in ("--help", "--version"):
        if option not in names:
            program.options.append(Option(option, ""))
    return program
