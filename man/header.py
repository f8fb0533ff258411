"""What include/chat/client.h says, taken apart for the pages of section 3.

A comment that begins with /** is of the declaration behind it. One that begins
with /* ---- title ---- is of every function up to the next such. In both, a
paragraph "Errors: NAME (when), NAME." lists what a function may return, and one
that begins with "Returns" says what it returns else. A declaration without
such a comment ends the build.
"""

import re
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"/\*\*(?P<comment>(?!<).*?)\*/"
    r"|/\* ---- (?P<section>.*?)\*/"
    r"|/\*.*?\*/"
    r"|^CHAT_API (?P<function>.*?;)"
    r"|^(?P<type>typedef (?:enum|struct) \w+ \{.*?^\} \w+;|typedef [^{]*?;)",
    re.DOTALL | re.MULTILINE,
)
FUNCTION = re.compile(r"(?P<type>.*?)(?P<name>chat_\w+)\((?P<arguments>.*)\);")
TYPE_NAME = re.compile(r"\(\*(\w+)\)|(\w+);$")
ERROR = re.compile(r"\s*([A-Z]+)(?: \(([^)]*)\))?(?:,|\.$)")
ENUMERATED_ERROR = re.compile(r"CHAT_ERROR_(\w+) = -\d+,?(?: */\*\*< (.*?) \*/)?")


class Malformed(Exception):
    """The header has what no page can be made of."""


def summary_of(name, comment):
    """The first paragraph, for NAME."""
    summary = comment.paragraphs[0] if comment.paragraphs else ""
    if not summary.endswith(".") or ". " in summary:
        raise Malformed(f"{name}: its comment does not begin with one sentence")
    return summary[:-1].replace("`", "")


@dataclass
class Comment:
    paragraphs: list = field(default_factory=list)
    returns: str = ""
    errors: dict = field(default_factory=dict)  # name: when, or ""


@dataclass
class Function:
    name: str
    prototype: str
    summary: str
    comment: Comment
    section: Comment


@dataclass
class Type:
    name: str
    definition: str
    summary: str
    comment: Comment


@dataclass
class Header:
    topics: dict  # of the comment at the top, such as Threads: paragraphs
    functions: dict  # by name
    types: dict
    errors: dict  # ARGUMENT: what it means, or ""


def joined(text):
    return " ".join(text.split())


def lines_of(comment):
    return [line.strip().removeprefix("*") for line in comment.split("\n")]


def read_errors(text):
    errors = {}
    at = 0
    while match := ERROR.match(text, at):
        errors[match[1]] = match[2] or ""
        at = match.end()
    if at != len(text):
        raise Malformed(f"not a list of errors: {text[at:]}")
    return errors


def read_comment(text):
    comment = Comment()
    for paragraph in re.split(r"\n\s*\n", "\n".join(lines_of(text))):
        words = joined(paragraph)
        if words.startswith("Errors: "):
            comment.errors = read_errors(words.removeprefix("Errors:"))
        elif words.startswith("Returns "):
            comment.returns = words
        elif words:
            comment.paragraphs.append(words)
    return comment


def read_function(text, comment, section):
    declaration = FUNCTION.fullmatch(joined(text).replace("( ", "("))
    name = declaration["name"]
    summary = summary_of(name, comment)
    return Function(name, declaration[0], summary, comment, section)


def read_type(text, comment):
    pointer, name = TYPE_NAME.search(text).groups()
    name = pointer or name
    return Type(name, text, summary_of(name, comment), comment)


def read_topics(text):
    """A topic is a line at the margin, its text is indented."""
    topics, title = {}, ""
    for line in lines_of(text):
        if line.startswith("   "):
            topics[title] += f" {line.strip()}"
        elif line.strip():
            title = line.strip()
            topics[title] = ""
    return {title: text.strip() for title, text in topics.items() if text}


def read(text):
    header = Header(read_topics(text.split("*/", 1)[0]), {}, {}, {})
    comment = section = Comment()
    for token in TOKEN.finditer(text):
        if token["section"] is not None:
            section = read_comment(token["section"].partition("----")[2])
        elif token["function"] is not None:
            function = read_function(token["function"], comment, section)
            header.functions[function.name] = function
        elif token["type"] is not None:
            found = read_type(token["type"], comment)
            header.types[found.name] = found
        comment = read_comment(token["comment"]) if token["comment"] else Comment()
    for name, meaning in ENUMERATED_ERROR.findall(text):
        header.errors[name] = meaning
    return header
