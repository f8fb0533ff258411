"""`./dev package tree arm64`, the architecture that AWS is cheapest with: compiled
across, and run by qemu where that is.

Takes minutes and the network: only with CHAT_TEST_CROSS=1.
"""

import json
import os
import shutil
import subprocess

import pytest
from conftest import EPOCH, ROOT, is_debian_12
from drivers.wire import Wire

AARCH64 = "Machine: AArch64"
FOLDER = ROOT / "build-container-arm64"


@pytest.fixture(scope="module")
def tree(architecture):
    if os.environ.get("CHAT_TEST_CROSS") != "1":
        pytest.skip("CHAT_TEST_CROSS=1 runs it, in some minutes")
    if not is_debian_12() or architecture == "arm64":
        pytest.skip("takes Debian 12 on another processor than arm64")
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    command = [ROOT / "dev", "package", "tree", "arm64"]
    subprocess.run(command, env=environment, check=True)
    return FOLDER / "tree"


def machine(path):
    text = subprocess.run(
        ["readelf", "--file-header", path], check=True, capture_output=True, text=True
    ).stdout
    return " ".join(next(line for line in text.splitlines() if "Machine" in line).split())


def test_all_of_it_is_for_that_processor(tree):
    files = [path for path in tree.rglob("*") if path.is_file() and not path.is_symlink()]
    programs = [path for path in files if path.open("rb").read(4) == b"\x7fELF"]
    assert {path.name for path in programs} > {"chatd", "chatctl", "libc.so.6"}
    assert {machine(path) for path in programs} == {AARCH64}


def packages_of(tree):
    bill = json.loads((tree / "usr/share/doc/chat/sbom.spdx.json").read_text())
    return {each["name"] for each in bill["packages"]}


def test_it_has_the_same_packages(tree, build, make_tree, tmp_path):
    native = tmp_path / "tree"
    assert make_tree(build / "server", native) == (0, "")
    assert packages_of(tree) == packages_of(native)


@pytest.fixture(scope="module")
def port(tree, tmp_path_factory):
    """Of its chatd, which qemu runs."""
    if shutil.which("qemu-aarch64-static") is None:
        pytest.skip("no qemu-user-static")
    process = subprocess.Popen(
        ["qemu-aarch64-static", "-L", tree, tree / "usr/bin/chatd"],
        env={
            **os.environ,
            "CHATD_LISTEN": "127.0.0.1:0",
            "CHATD_DATA": str(tmp_path_factory.mktemp("data")),
            "CHATD_WEB": str(tree / "usr/share/chat/web"),
        },
        stderr=subprocess.PIPE,
        text=True,
    )
    lines = (json.loads(line) for line in process.stderr)
    yield next(line["port"] for line in lines if line["event"] == "listening")
    process.terminate()
    assert process.wait(60) == 0


def test_it_keeps_and_delivers_a_message(port):
    ann, bob = (Wire(f"ws://127.0.0.1:{port}/ws") for _ in range(2))
    for wire, name in ((ann, "ann"), (bob, "bob")):
        wire.hello(name)
        wire.join("lobby")
    seq = ann.send("lobby", "hello")["seq"]
    assert bob.entries("lobby", seq)[-1]["text"] == "hello"
    ann.close()
    bob.close()
