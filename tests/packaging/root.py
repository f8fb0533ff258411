#!/usr/bin/env python3
"""root.py FOLDER PACKAGE.deb...: a root file system of Debian's packages alone.

It has what the given packages need and what a C program takes to build, and not
those packages. Afterwards they can be installed in it without a network. Takes
root.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

# What a C program takes, what the packages recommend, and dpkg-dev for
# autopkgtest.
ALWAYS = ["ca-certificates", "dpkg-dev", "gcc", "libc6-dev", "pkg-config"]
# Made by every installation, whatever is installed; or of this process.
NOT_COMPARED = ("dev", "proc", "run", "sys", "tmp", "var/cache", "var/lib/apt",
                "var/lib/dpkg", "var/log")  # fmt: skip
# What stays of a user, whom a purge leaves: files of others may be theirs.
USERS = {"etc/.pwd.lock"} | {
    f"etc/{name}-" for name in ("group", "gshadow", "passwd", "shadow")
}


def field(deb, name):
    return subprocess.run(
        ["dpkg-deb", "--field", deb, name], check=True, capture_output=True, text=True
    ).stdout.strip()


def needed(debs):
    """Debian's packages that the given ones name: of alternatives the first."""
    ours = {field(deb, "Package") for deb in debs}
    names = set(ALWAYS)
    for deb in debs:
        for relation in field(deb, "Depends").split(","):
            name = re.match(r"\s*([a-z0-9][a-z0-9+.-]*)", relation)
            if name:
                names.add(name[1])
    return sorted(names - ours)


def make(folder, debs):
    subprocess.run(
        ["mmdebstrap", "--quiet", "--variant=apt", "--mode=root"]
        + [f"--include={','.join(needed(debs))}", "bookworm", folder],
        check=True,
    )


class Root:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def path(self, path):
        return self.folder / path.lstrip("/")

    def mount(self):
        """What programs expect there; the caller has a mount namespace."""
        for kind, name in (("proc", "proc"), ("tmpfs", "run"), ("tmpfs", "tmp")):
            command = ["mount", "-t", kind, kind, self.path(name)]
            subprocess.run(command, check=True)
        subprocess.run(["mount", "--rbind", "/dev", self.path("dev")], check=True)

    def ids(self, user):
        """The numbers of a user and of its group."""
        text = self.path("/etc/passwd").read_text()
        found = re.search(rf"^{user}:[^:]*:(\d+):(\d+):", text, re.MULTILINE)
        return int(found[1]), int(found[2])

    def command(self, *words, user="root"):
        """How something is run in it, by who has no other rights than a user's."""
        number, group = self.ids(user)
        rights = [f"--reuid={number}", f"--regid={group}", "--clear-groups"]
        if user != "root":
            rights += ["--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"]
        program = ["/usr/bin/setpriv", *rights, *words]
        return ["/usr/sbin/chroot", str(self.folder), *map(str, program)]

    def environment(self, **more):
        path = "/usr/sbin:/usr/bin:/sbin:/bin"
        return {"PATH": path, "LC_ALL": "C.UTF-8", "HOME": "/tmp", **more}

    def run(self, *words, user="root", **options):
        """Its standard output; an error when it does not end well."""
        done = subprocess.run(
            self.command(*words, user=user),
            env=self.environment(DEBIAN_FRONTEND="noninteractive"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )
        if done.returncode != 0:
            raise AssertionError(f"{words}: {done.stdout}{done.stderr}")
        return done.stdout

    def apt(self, verb, *names):
        return self.run("apt-get", "--yes", "--quiet", verb, *names)

    def install(self, debs):
        """By apt, as one does with files."""
        for deb in debs:
            shutil.copy(deb, self.path("tmp"))
        return self.apt("install", *(f"/tmp/{deb.name}" for deb in debs))

    def files(self):
        found = set()
        for folder, folders, names in os.walk(self.folder):
            inner = os.path.relpath(folder, self.folder)
            paths = {os.path.normpath(f"{inner}/{name}") for name in folders + names}
            folders[:] = [
                name
                for name in folders
                if os.path.normpath(f"{inner}/{name}") not in NOT_COMPARED
            ]
            found |= paths
        return found - USERS


if __name__ == "__main__":
    make(sys.argv[1], [pathlib.Path(name) for name in sys.argv[2:]])
