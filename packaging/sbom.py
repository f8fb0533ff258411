#!/usr/bin/env python3
"""A bill of materials of a source archive, as SPDX 2.3: sbom.py ARCHIVE VERSION

It has the archive, and the libraries that meson.build asks for. Which versions
of them a package is built with is its distribution's to say. The time is that of
SOURCE_DATE_EPOCH.
"""

import hashlib
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "packaging/container"))

import spdx  # noqa: E402

OF_TESTS = {"cmocka"}
OF_THE_COMPILER = {"threads"}


def libraries():
    """What `dependency()` names anywhere: the name, the versions that will do."""
    listing = subprocess.run(
        ["meson", "introspect", "--scan-dependencies", ROOT / "meson.build"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = {}
    for each in json.loads(listing):
        if each["name"] not in OF_TESTS | OF_THE_COMPILER:
            found.setdefault(each["name"], set()).update(each["version"])
    return sorted((name, sorted(versions)) for name, versions in found.items())


def library(name, versions):
    return {
        "SPDXID": spdx.identifier(name),
        "name": name,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "comment": f"as pkg-config has it; version: {', '.join(versions) or 'any'}",
    }


def archive(path, version):
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {
        **spdx.chat(version),
        "packageFileName": path.name,
        "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
        "comment": "the source of chatd, chatctl, chat-tui, libchatclient and the "
        "browser client",
        "primaryPackagePurpose": "SOURCE",
    }


def main():
    path, version = pathlib.Path(sys.argv[1]), sys.argv[2]
    parts = [library(name, versions) for name, versions in libraries()]
    epoch = int(os.environ["SOURCE_DATE_EPOCH"])
    root = archive(path, version)
    sys.stdout.write(spdx.assembled(f"chat-{version}", root, parts, epoch))


if __name__ == "__main__":
    main()
