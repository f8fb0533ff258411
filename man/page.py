#!/usr/bin/env python3
"""Makes a manual page of scdoc's text: page.py SCDOC SOURCE > PAGE

What scdoc writes is right, but `mandoc -T lint` has objections to its form:
paragraphs without text, lines that are long, a title in small letters. And groff
hyphenates it, names of functions and files among the rest, and gives the columns
of tables widths that have nothing to do with what is in them.
"""

import pathlib
import re
import subprocess
import sys

WIDTH = 80  # bytes of a line
NO_PARAGRAPH_AFTER = (".TH", ".SH", ".SS", ".P", ".RS", ".TP")
NO_PARAGRAPH_BEFORE = (".SH", ".SS", ".P", ".RE", ".TP")


def with_paragraphs_outside(text):
    """One that ends an indented text begins what stands behind it instead."""
    return re.sub(
        r"\.P\n((?:\.RE\n(?:\.P\n)?)+)",
        lambda end: end[1].replace(".P\n", "") + ".P\n",
        text,
    )


def without_empty_paragraphs(lines):
    kept = []
    for line, following in zip(lines, [*lines[1:], ".SH"]):
        if line == ".P" and (
            kept[-1].startswith(NO_PARAGRAPH_AFTER)
            or following.startswith(NO_PARAGRAPH_BEFORE)
        ):
            continue
        kept.append(line)
    return kept


def folded(line):
    """Filled text may break at each space, but no line may begin as a request."""
    lines = [""]
    for word in line.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and len(longer.encode()) > WIDTH:
            lines.append("\\&" + word if word.startswith((".", "'")) else word)
        else:
            lines[-1] = longer
    return lines


def with_short_lines(lines):
    short = []
    filled = True
    for line in lines:
        if line in (".nf", ".fi"):
            filled = line == ".fi"
        can_fold = filled and not line.startswith((".", "'")) and "  " not in line
        short += folded(line) if can_fold else [line]
    return short


def title_in_capitals(line):
    if not line.startswith(".TH"):
        return line
    return re.sub(r'^\.TH "[^"]+"', lambda title: title[0].upper(), line)


def fitted(table):
    """As wide as what is in its columns, the last one as wide as there is room.
    Every cell of scdoc's is a paragraph, for which groff takes a share."""
    form, rows = re.fullmatch(r"(.*?\.\n)(.*)", table[0], re.DOTALL).groups()
    form = re.sub(r"l(\.?)$", r"lx\1", form, flags=re.MULTILINE)
    return form + re.sub(r"T\{\n([^\n.'][^\n]*)\nT\}\t", r"\1\t", rows)


def with_fitted_tables(text):
    return re.sub(r"(?<=^\.TS\n).*?(?=^\.TE$)", fitted, text, flags=re.DOTALL | re.M)


def with_whole_names(text):
    """Names are bold or underlined. Their dashes are those that are typed: what
    groff has of a plain one may be another character, and end a line."""
    return re.sub(
        r"\\f[BI].*?\\fR",
        lambda name: name[0].replace("-", "\\-"),
        text,
        flags=re.DOTALL,
    )


def without_hyphens(line):
    """scdoc forbids them before the title, which allows them again."""
    return f"{line}\n.nh" if line.startswith(".TH") else line


def render(scdoc, source):
    done = subprocess.run(
        [scdoc], input=source, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    text = with_whole_names(with_fitted_tables(done.stdout))
    text = with_paragraphs_outside(text)
    lines = [title_in_capitals(line) for line in text.splitlines()]
    lines = with_short_lines(without_empty_paragraphs(lines))
    return "\n".join(map(without_hyphens, lines)) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render(sys.argv[1], pathlib.Path(sys.argv[2]).read_text()))
