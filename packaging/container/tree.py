#!/usr/bin/env python3
"""tree.py PACKAGES PROGRAMS TREE: the root file system of chatd's image.

PACKAGES is what unpack.sh made, PROGRAMS a folder with chatd and chatctl. TREE
is made anew, with TREE.tar beside it, where owners and times are right even if
root did not make it, and TREE.spdx.json, the list of what is in it.

A file is in the tree when a program loads it or a line below names it: so there
is no shell, no package manager, and nothing that could be left over from them.
SOURCE_DATE_EPOCH is the time of all files; STRIP names the program for programs
of another processor.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile

import packages
import spdx

ROOT = pathlib.Path(__file__).resolve().parents[2]
USER = 65532  # that of images without a distribution; no user of any host
PROGRAMS = ["chatd", "chatctl"]
STRIP = os.environ.get("STRIP", "strip")
# libwebsockets opens it by name, when it is told to use libuv.
LOADED_BY_NAME = ["libwebsockets-evlib_uv.so"]
TAKEN = ["/etc/debian_version", "/etc/os-release", "/usr/lib/os-release"]
AUTHORITIES = "/usr/share/ca-certificates/mozilla"
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
LINKS = {
    "/lib": "usr/lib",
    # Where OpenSSL looks when it is not told.
    "/usr/lib/ssl/cert.pem": BUNDLE,
}
DATA = "var/lib/chatd"
WRITTEN = {
    "/etc/passwd": f"root:x:0:0::/:/\nchatd:x:{USER}:{USER}::/{DATA}:/\n",
    "/etc/group": f"root:x:0:\nchatd:x:{USER}:\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}
# What a runtime mounts on.
FOLDERS = ["/dev", "/proc", "/sys"]
DATA_MODE = 0o700


class Tree:
    """Files are put in by the path that they have in a container."""

    def __init__(self, folder, unpacked):
        self.folder = folder
        self.unpacked = unpacked
        self.used = set()  # names of packages

    def place(self, path):
        target = self.folder / packages.merged(path).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def write(self, path, content, mode=0o644):
        target = self.place(path)
        target.write_bytes(content)
        target.chmod(mode)

    def link(self, path, to):
        target = self.place(path)
        if not target.is_symlink():
            target.symlink_to(to)

    def take(self, path):
        """A file of a package, and where it is a link, what that leads to."""
        source = self.unpacked.path(path)
        if source.is_symlink():
            to = os.readlink(source)
            self.link(path, to)
            self.take(os.path.normpath(os.path.join(os.path.dirname(path), to)))
        else:
            executable = source.stat().st_mode & 0o111
            self.write(path, source.read_bytes(), 0o755 if executable else 0o644)
        self.used.add(self.unpacked.owner(path))


def dynamic(path):
    """What an ELF file needs: libraries, and the loader or None."""
    text = subprocess.run(
        ["readelf", "--wide", "--dynamic", "--program-headers", path],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    loader = re.search(r"program interpreter: (.*)\]", text)
    return re.findall(r"\(NEEDED\).*\[(.*)\]", text), loader and loader[1]


def add_programs(tree, folder):
    for name in PROGRAMS:
        target = tree.place(f"/usr/bin/{name}")
        subprocess.run([STRIP, "-o", target, folder / name], check=True)
        target.chmod(0o755)
        yield target


def add_libraries(tree, programs):
    waiting = [tree.unpacked.library(name) for name in LOADED_BY_NAME]
    seen = set()
    for program in programs:
        needed, loader = dynamic(program)
        waiting += [loader, *map(tree.unpacked.library, needed)]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        tree.take(path)
        needed, _ = dynamic(tree.unpacked.path(path))
        waiting += map(tree.unpacked.library, needed)


def add_authorities(tree):
    """As update-ca-certificates makes it."""
    folder = tree.unpacked.path(AUTHORITIES)
    files = sorted(folder.glob("*.crt"))
    tree.write(BUNDLE, b"".join(file.read_bytes() for file in files))
    tree.used.add(tree.unpacked.owner(f"{AUTHORITIES}/{files[0].name}"))


def add_web(tree):
    for file in sorted((ROOT / "web").rglob("*")):
        name = file.relative_to(ROOT / "web").as_posix()
        if file.is_file() and name != "package.json":
            tree.write(f"/usr/share/chat/web/{name}", file.read_bytes())


def add_records(tree, epoch):
    """For who asks what is in it: scanners read dpkg's status."""
    for name in tree.used:
        path = f"/usr/share/doc/{name}/copyright"
        tree.write(path, tree.unpacked.real(path).read_bytes())
    tree.write("/usr/share/doc/chat/copyright", (ROOT / "LICENSE").read_bytes())
    used = [tree.unpacked.records[name] for name in sorted(tree.used)]
    status = "\n".join(packages.installed(record) for record in used)
    tree.write("/var/lib/dpkg/status", status.encode())
    document = spdx.document(packages.parse(status), chat_version(), epoch)
    tree.write("/usr/share/doc/chat/sbom.spdx.json", document.encode())
    return document


def chat_version():
    return re.search(r"version: '(.*)'", (ROOT / "meson.build").read_text())[1]


def entry(tree, path, epoch):
    """How a file is in the archive, whoever made the tree."""
    name = path.relative_to(tree.folder).as_posix()
    info = tarfile.TarInfo(name)
    info.mtime = epoch
    info.mode = 0o755
    if path.is_symlink():
        info.type, info.linkname, info.mode = tarfile.SYMTYPE, os.readlink(path), 0o777
    elif path.is_dir():
        info.type = tarfile.DIRTYPE
    else:
        info.mode, info.size = path.stat().st_mode & 0o777, path.stat().st_size
    if name == DATA:
        info.mode, info.uid, info.gid = DATA_MODE, USER, USER
    return info


def archive(tree, file, epoch):
    with tarfile.open(file, "w", format=tarfile.GNU_FORMAT) as output:
        for path in sorted(tree.folder.rglob("*")):
            info = entry(tree, path, epoch)
            if info.isreg():
                with path.open("rb") as content:
                    output.addfile(info, content)
            else:
                output.addfile(info)


def settle(tree, epoch):
    """The tree as the archive has it, as far as its maker may."""
    data = tree.folder / DATA
    data.chmod(DATA_MODE)
    if os.geteuid() == 0:
        os.chown(data, USER, USER)
    for path in [*tree.folder.rglob("*"), tree.folder]:
        os.utime(path, (epoch, epoch), follow_symlinks=False)


def make(unpacked, programs, folder, epoch):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tree = Tree(folder, packages.Unpacked(unpacked))
    for path in FOLDERS:
        tree.place(path).mkdir()
    tree.place(f"/{DATA}").mkdir()
    for path, text in WRITTEN.items():
        tree.write(path, text.encode())
    add_libraries(tree, list(add_programs(tree, programs)))
    for path in TAKEN:
        tree.take(path)
    for path, to in LINKS.items():
        tree.link(path, to)
    # Where the loader of some processors is.
    if (folder / "usr/lib64").exists():
        tree.link("/lib64", "usr/lib64")
    add_authorities(tree)
    add_web(tree)
    document = add_records(tree, epoch)
    folder.with_name(folder.name + ".spdx.json").write_text(document)
    archive(tree, folder.with_name(folder.name + ".tar"), epoch)
    settle(tree, epoch)


def main():
    os.umask(0o022)
    try:
        unpacked, programs, folder = map(pathlib.Path, sys.argv[1:])
        make(unpacked, programs, folder, int(os.environ["SOURCE_DATE_EPOCH"]))
    except packages.Missing as missing:
        sys.exit(f"tree.py: {missing}")


if __name__ == "__main__":
    main()
