"""Completion for fish: a line for each option, command and argument."""

import rows


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def offered(value):
    """Flags: whether there is a value, and which ones there are."""
    if not value:
        return ""
    if value in rows.FILES:
        return " -r -F"
    if value in rows.FOLDERS:
        return " -x -a '(__fish_complete_directories)'"
    words = rows.words_of(value)
    return f" -x -a {quoted(' '.join(words))}" if words else " -x"


def option(program, found, condition=""):
    name = found.name.removeprefix("--")
    line = f"complete -c {program.name}{condition} -l {name}{offered(found.value)}"
    return line + (f" -d {quoted(found.help)}" if found.help else "")


def seen(*words):
    """That the line has these words."""
    each = [f"__fish_seen_subcommand_from {word}" for word in words]
    return f" -n {quoted('; and '.join(each))}"


def of_command(program, command):
    first, _, second = command.name.partition(" ")
    half = f"__fish_seen_subcommand_from {first}"
    begin = f"complete -c {program.name}{seen(*command.name.split())}"
    lines = [
        f"complete -c {program.name} -n __fish_use_subcommand -f -a {first}"
        f" -d {quoted(command.help)}"
    ]
    if second:
        missing = f"{half}; and not __fish_seen_subcommand_from {second}"
        lines.append(f"complete -c {program.name} -n {quoted(missing)} -f -a {second}")
    lines += [option(program, each, seen(*command.name.split())) for each in command.options]
    for value in command.arguments:
        if value in rows.FILES:
            lines.append(f"{begin} -F")
        elif found := rows.words_of(value):
            lines.append(f"{begin} -f -a {quoted(' '.join(found))}")
    return lines


def completion(program):
    lines = [f"# Completion of {program.name}, made of its options.", ""]
    lines.append(f"complete -c {program.name} -f")
    lines += [option(program, each) for each in program.options]
    for command in program.commands:
        lines += of_command(program, command)
    return "\n".join(lines) + "\n"
