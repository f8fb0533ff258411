"""Pages with tables that the command printed: behind a comment with the command
and an empty line.
"""

import re
import shlex

BLOCK = re.compile(r"^<!-- packaging/aws/cost (.*) -->\n\n((?:\|.*\n)+)", re.M)


def blocks(text):
    """(arguments, table) of each."""
    return [(shlex.split(words), printed) for words, printed in BLOCK.findall(text)]


def fill(text, show):
    """The page with what `show` gives for each list of arguments."""

    def block(match):
        begin = match.string[match.start() : match.start(2)]
        return begin + show(shlex.split(match[1])) + "\n"

    return BLOCK.sub(block, text)
