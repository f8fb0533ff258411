"""Completion for zsh, by its _arguments."""

import rows

COMMANDS = """\
local context state state_descr line
typeset -A opt_args

_arguments -C {options} \\
    '1: :->command' '*:: :->arguments'
case $state in
command)
    local -a commands=(
{commands}
    )
    _describe command commands
    ;;
arguments)
    case $words[1] in
{cases}
    esac
    ;;
esac
"""


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def described(text):
    """Within the brackets of _arguments, or behind a command of _describe."""
    for special in ("\\", "[", "]", ":"):
        text = text.replace(special, "\\" + special)
    return text


def is_known(value):
    """An argument that is not would only keep an option from being completed."""
    return value in rows.FILES | rows.FOLDERS or rows.words_of(value)


def offered(value):
    """A message, and what completes it."""
    if value in rows.FILES:
        return f":{value}:_files"
    if value in rows.FOLDERS:
        return f":{value}:_files -/"
    words = rows.words_of(value)
    return f":{described(value)}:({' '.join(words)})" if words else f":{value}: "


def option(found):
    description = f"[{described(found.help)}]" if found.help else ""
    if not found.value:
        return quoted(f"{found.name}{description}")
    return quoted(f"{found.name}{description}{offered(found.value)}")


def arguments(specifications):
    return " \\\n        ".join(specifications)


def case(first, commands, program):
    """What stands behind the first word of a command."""
    seconds = [second for c in commands if (second := c.name.partition(" ")[2])]
    found = [quoted(f"1: :({' '.join(seconds)})")] if seconds else []
    for command in commands:
        found += [option(each) for each in rows.options_of(program, command)]
        found += [
            quoted(f"{len(seconds) + 1 + index}{offered(value)}")
            for index, value in enumerate(command.arguments)
            if is_known(value)
        ]
    return f"    {first})\n        _arguments {arguments(found)}\n        ;;"


def with_commands(program):
    firsts = {}
    for command in program.commands:
        firsts.setdefault(command.name.partition(" ")[0], []).append(command)
    commands = [
        f"        {quoted(f'{first}:{described(found[0].help)}')}"
        for first, found in firsts.items()
    ]
    return COMMANDS.format(
        options=arguments([option(each) for each in program.options]),
        commands="\n".join(commands),
        cases="\n".join(case(*found, program) for found in firsts.items()),
    )


def completion(program):
    head = f"#compdef {program.name}\n# Completion of it, made of its options.\n\n"
    if program.commands:
        return head + with_commands(program)
    found = [option(each) for each in program.options]
    return f"{head}_arguments -s {arguments(found)}\n"
