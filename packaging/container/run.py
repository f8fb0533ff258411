#!/usr/bin/env python3
"""run.py [--data FOLDER] TREE [OPTION...]: chatd out of a tree of tree.py, as in
a container.

The root is read-only, the data folder is FOLDER, which then is the user's, or a
tmpfs of this process; the user is 65532 with no capability and no way to get
one; the variables of the image are set where the environment has no others.
The network is the machine's. Without root it takes a user namespace. chatd
replaces this process, so signals reach it.

The exit status is 125 when the kernel forbids one of these; a line says which.
"""

import argparse
import contextlib
import ctypes
import os
import pathlib
import re
import sys

from tree import DATA, USER

CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
MS_RDONLY, MS_NOSUID, MS_NODEV = 1, 2, 4
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 0x20, 0x1000, 0x4000, 0x40000
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38
FORBIDDEN = 125
DEVICES = ["null", "zero", "random", "urandom"]

libc = ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def part(name):
    try:
        yield
    except OSError as error:
        print(f"run.py: the kernel forbids {name}: {error.strerror}", file=sys.stderr)
        sys.exit(FORBIDDEN)


def check(result):
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def mount(source, target, kind, flags, data=None):
    names = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    check(libc.mount(*names, ctypes.c_ulong(flags), data and data.encode()))


def enter_namespaces():
    flags, maps = CLONE_NEWNS, {}
    if os.geteuid() != 0:
        flags |= CLONE_NEWUSER
        maps["setgroups"] = "deny"
        maps["uid_map"] = f"{USER} {os.geteuid()} 1"
        maps["gid_map"] = f"{USER} {os.getegid()} 1"
    check(libc.unshare(flags))
    for name, text in maps.items():
        pathlib.Path(f"/proc/self/{name}").write_text(text)
    mount(None, "/", None, MS_REC | MS_PRIVATE)


def mount_root(tree):
    mount(tree, tree, None, MS_BIND)
    kept = os.statvfs(tree).f_flag  # what may not be taken away
    flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV
    mount(None, tree, None, flags | kept)


def mount_data(tree, folder):
    flags = MS_NOSUID | MS_NODEV
    if folder is None:
        owner = f"mode=0700,uid={USER},gid={USER}"
        mount("tmpfs", tree / DATA, "tmpfs", flags, owner)
        return
    mount(folder, tree / DATA, None, MS_BIND)
    kept = os.statvfs(folder).f_flag
    mount(None, tree / DATA, None, MS_REMOUNT | MS_BIND | flags | kept)


def mount_inside(tree, data):
    """What a runtime mounts."""
    mount("/proc", tree / "proc", None, MS_BIND | MS_REC)
    mount_data(tree, data)
    mount("tmpfs", tree / "dev", "tmpfs", MS_NOSUID, "mode=0755")
    for name in DEVICES:
        (tree / "dev" / name).touch()
        mount(f"/dev/{name}", tree / "dev" / name, None, MS_BIND)


def drop_capabilities(last):
    """Of what a program may ever have; execve takes those that are in use."""
    for capability in range(last + 1):
        check(libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0))


def become_user(is_root):
    if is_root:
        os.setgroups([])
        os.setresgid(USER, USER, USER)
        os.setresuid(USER, USER, USER)
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def image_environment():
    dockerfile = pathlib.Path(__file__).with_name("Dockerfile").read_text()
    return dict(re.findall(r"^ENV (\w+)=(\S+)$", dockerfile, re.MULTILINE))


def parse(words):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("tree", type=pathlib.Path)
    parser.add_argument("options", nargs=argparse.REMAINDER)
    return parser.parse_args(words)


def main():
    given = parse(sys.argv[1:])
    tree = given.tree.resolve()
    is_root = os.geteuid() == 0
    if given.data and is_root:
        os.chown(given.data, USER, USER)
    last = int(pathlib.Path("/proc/sys/kernel/cap_last_cap").read_text())
    environment = {**image_environment(), **os.environ}
    with part("a mount namespace"):
        enter_namespaces()
    with part("a read-only root"):
        mount_root(tree)
    with part("mounts in it"):
        mount_inside(tree, given.data)
    with part("another root"):
        os.chroot(tree)
        os.chdir("/")
    with part("dropping capabilities"):
        drop_capabilities(last)
    with part("another user"):
        become_user(is_root)
    os.execve("/usr/bin/chatd", ["chatd", *given.options], environment)


if __name__ == "__main__":
    main()
