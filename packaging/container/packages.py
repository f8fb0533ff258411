"""The packages that unpack.sh unpacked, and dpkg's records of them."""

import os
import pathlib
import re

MERGED = re.compile(r"^/(lib|lib64)/")


class Missing(Exception):
    """A file that no package has; the text says what to do."""


def merged(path):
    """Where a file of /lib is in a tree that has all of it below /usr."""
    return MERGED.sub(r"/usr/\1/", path)


def parse(status):
    """dpkg's status as one dict of fields for each package."""
    records = []
    for paragraph in re.split(r"\n\n+", status.strip()):
        lines = re.findall(r"^([\w-]+): ?(.*)$", paragraph, re.MULTILINE)
        records.append(dict(lines))
    return records


def installed(paragraph):
    return paragraph.replace("Status: install ok unpacked", "Status: install ok installed")


class Unpacked:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        database = self.folder / "var/lib/dpkg"
        # By name: the whole paragraph of dpkg's status.
        self.records = {
            parse(text)[0]["Package"]: text.strip() + "\n"
            for text in re.split(r"\n\n+", (database / "status").read_text().strip())
        }
        self._owners = {}
        for name in self.records:
            for path in (database / f"info/{name}.list").read_text().split("\n"):
                if not path.endswith("/"):
                    self._owners[path] = name

    def path(self, path):
        """Where a file was unpacked; its last part may be a link."""
        return self.folder / path.lstrip("/")

    def real(self, path):
        """The same with all links followed, below the folder."""
        at = self.folder
        for part in pathlib.PurePosixPath(path).parts[1:]:
            at = at / part
            while at.is_symlink():
                to = os.readlink(at)
                start = self.folder if to.startswith("/") else at.parent
                at = start / to.lstrip("/")
        return at

    def owner(self, path):
        return self._owners[path]

    def library(self, name):
        """Its path, as the loader finds it without a cache."""
        for folder in ("lib", "usr/lib"):
            for file in self.folder.glob(f"{folder}/*-linux-gnu*/{name}"):
                return "/" + file.relative_to(self.folder).as_posix()
        raise Missing(f"no package has {name}: add the one that has to packages.txt")
