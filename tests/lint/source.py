"""What the checks share: the files of the tree, and C without its comments."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = {".git", ".venv", "__pycache__", "node_modules", ".pytest_cache"}
C_SUFFIXES = {".c", ".h"}
COMMENT_OR_LITERAL = re.compile(
    r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL
)


def files(root=ROOT):
    """Every file of the tree, without what was built or installed into it."""
    for path in sorted(root.iterdir()):
        if path.name in SKIPPED or (root == ROOT and path.name.startswith("build")):
            continue
        if path.is_dir():
            yield from files(path)
        elif path.is_file() and not path.is_symlink():
            yield path


def c_files(root=ROOT):
    return (path for path in files(root) if path.suffix in C_SUFFIXES)


def blank(match):
    """Keeps the lines where they are."""
    return re.sub(r"[^\n]", " ", match[0])


def code_of(text):
    """C text with comments and literals blanked; #include lines are kept."""
    lines = COMMENT_OR_LITERAL.sub(blank, text).split("\n")
    for index, line in enumerate(text.split("\n")):
        if lines[index].lstrip().startswith("#") and "include" in line:
            lines[index] = line
    return "\n".join(lines)


def static_functions(code):
    """The names that a file gives to functions of its own."""
    return set(re.findall(r"^static\b[^;={(]*?(\w+)\(", code, re.MULTILINE))


def calls(code, names):
    """(line number, name) for each plain call of one of the names."""
    if not names:
        return
    pattern = re.compile(
        r"(?<![\w.])(?<!->)(" + "|".join(map(re.escape, names)) + r")\s*\("
    )
    for match in pattern.finditer(code):
        yield code.count("\n", 0, match.start()) + 1, match[1]


def report(problems):
    """Prints the problems; the exit status of a check."""
    for problem in problems:
        print(problem)
    return 1 if problems else 0
