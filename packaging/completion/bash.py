"""Completion for bash: one function, which asks where in the line it is."""

import rows

BEGIN = """\
# Completion of {name}, made of its options.

_{function}()
{{
    local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}}
    local options='' words='' files='' folders=''

    # --option=value is three words for bash.
    if [[ $current == = ]]; then
        current=''
    elif [[ $before == = ]]; then
        before=${{COMP_WORDS[COMP_CWORD - 2]}}
    fi
"""
END = """\
    if [[ -n $options && ($current == -* || -z $words$files$folders) ]]; then
        words=$options files='' folders=''
    fi
    if [[ -n $files$folders ]]; then
        compopt -o filenames
    fi
    mapfile -t COMPREPLY < <(
        [[ -z $words ]] || compgen -W "$words" -- "$current"
        [[ -z $files ]] || compgen -f -- "$current"
        [[ -z $folders ]] || compgen -d -- "$current"
    )
}}

complete -F _{function} {name}
"""
NOTHING = "options='' words='' files='' folders=''"
FIND_COMMAND = """\

    local command='' argument=0 index

    for ((index = 1; index < COMP_CWORD; index++)); do
        case ${{COMP_WORDS[index]}} in
        {valued}) ((++index)) ;;
        -*) ;;
        *)
            case $command in
            '' | {halves}) command+=${{command:+ }}${{COMP_WORDS[index]}} ;;
            *) ((++argument)) ;;
            esac
            ;;
        esac
    done
"""


def offer(value):
    """What fills the variables of END for a placeholder; "" for nothing."""
    if value in rows.FILES:
        return "files=yes"
    if value in rows.FOLDERS:
        return "folders=yes"
    words = rows.words_of(value)
    return f"words='{' '.join(words)}'" if words else ""


def names(options):
    return " ".join(option.name for option in options)


def cases(subject, arms):
    lines = ["", f"    case {subject} in"]
    for pattern, actions in arms:
        lines += [f"    {pattern})", *(f"        {action}" for action in actions)]
        lines.append("        ;;")
    return "\n".join([*lines, "    esac\n"])


def by_option(options, other):
    """The word behind an option that takes a value; `other` is to do else."""
    grouped = {}
    for option in options:
        if option.value:
            grouped.setdefault(offer(option.value), set()).add(option.name)
    arms = [
        (" | ".join(sorted(found)), [f"{NOTHING} {action}".strip()])
        for action, found in grouped.items()
    ]
    return cases("$before", arms + other)


def by_command(program, halves):
    """The options and the argument of the command that the line has."""
    firsts = f"words='{' '.join(halves)}'"
    arms = [("''", [firsts, f"options='{names(program.options)}'"])]
    for half, seconds in halves.items():
        if seconds:
            arms.append((half, [f"words='{' '.join(seconds)}'"]))
    for command in program.commands:
        actions = [f"options='{names(rows.options_of(program, command))}'"]
        for index, value in enumerate(command.arguments):
            if offer(value):
                actions.append(f"((argument != {index})) || {offer(value)}")
        arms.append((f"'{command.name}'", actions))
    return cases("$command", arms)


def with_commands(program):
    halves = {}  # the first word of a command: the second ones
    for command in program.commands:
        first, _, second = command.name.partition(" ")
        halves.setdefault(first, []).extend([second] if second else [])
    options = [*program.options, *(o for c in program.commands for o in c.options)]
    return (
        FIND_COMMAND.format(
            valued=" | ".join(sorted({o.name for o in options if o.value})),
            halves=" | ".join(first for first in halves if halves[first]),
        )
        + by_command(program, halves)
        + by_option(options, [])
    )


def completion(program):
    names_of = {"name": program.name, "function": program.name.replace("-", "_")}
    if program.commands:
        body = with_commands(program)
    else:
        body = by_option(
            program.options, [("*", [f"options='{names(program.options)}'"])]
        )
    return BEGIN.format(**names_of) + body + END.format(**names_of)
