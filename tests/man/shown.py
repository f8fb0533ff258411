"""What a reader sees of a manual page."""

import subprocess


def text(page):
    """Without bold and underlining."""
    done = subprocess.run(
        ["mandoc", "-T", "utf8", page], check=True, capture_output=True, text=True
    )
    return subprocess.run(
        ["col", "-bx"], input=done.stdout, check=True, capture_output=True, text=True
    ).stdout


def words(page):
    return " ".join(text(page).split())


def sections(page):
    """Heading: its lines, without the margin."""
    found, heading = {}, ""
    for line in text(page).splitlines()[1:-1]:
        if line and not line.startswith(" "):
            heading = line
            found[heading] = []
        elif heading:
            found[heading].append(line)
    return found
