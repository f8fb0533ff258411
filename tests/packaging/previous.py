"""The packages once more, as an earlier version: what an upgrade begins with."""

import pathlib
import re
import subprocess


def version_before(version):
    """The same of upstream, which libchatclient0's symbols ask for."""
    return re.sub(r"-[^-]*$", "-0", version)


def make(deb, folder):
    """The same files in a package of the version before."""
    tree = pathlib.Path(folder) / deb.stem
    subprocess.run(["dpkg-deb", "--raw-extract", deb, tree], check=True)
    control = tree / "DEBIAN/control"
    text = control.read_text()
    version = re.search(r"^Version: (.*)$", text, re.MULTILINE)[1]
    before = version_before(version)
    control.write_text(text.replace(version, before))
    name = deb.name.replace(version, before)
    command = ["dpkg-deb", "--build", tree, pathlib.Path(folder) / name]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return pathlib.Path(folder) / name
