"""The shared library exports what the header declares, and nothing else."""

import re
import subprocess
import sys


def declared(header):
    with open(header, encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    return set(re.findall(r"^CHAT_API\b[^;(]*?\b(chat_\w+)\(", text, flags=re.M))


def exported(library):
    command = ["nm", "-D", "--defined-only", library]
    lines = subprocess.run(command, check=True, capture_output=True, text=True)
    names = [line.split()[-1].split("@")[0] for line in lines.stdout.splitlines()]
    return {name for name in names if not name.startswith("CHATCLIENT_")}


def main():
    library, header = sys.argv[1:]
    names = declared(header)
    extra = exported(library) - names
    missing = names - exported(library)
    for name in sorted(extra):
        print(f"{name} is exported and not declared")
    for name in sorted(missing):
        print(f"{name} is declared and not exported")
    return bool(extra or missing or not names)


if __name__ == "__main__":
    sys.exit(main())
