"""./dev run as a newcomer starts it, and the example of the README."""

import os
import pathlib
import re
import shlex
import signal
import subprocess
import urllib.request

import pytest
from drivers.lines import Lines
from drivers.terminal import Terminal
from drivers.wire import Wire

ROOT = pathlib.Path(__file__).resolve().parents[2]
STRICT = shlex.split("-std=gnu11 -Wall -Wextra -Wpedantic -Werror")


@pytest.fixture
def run_folder(folder, monkeypatch):
    monkeypatch.setenv("CHAT_RUN_DIR", str(folder / "run"))
    return folder / "run"


def test_without_a_terminal_it_prints_the_address_and_serves(run_folder):
    process = subprocess.Popen(
        [ROOT / "dev", "run"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    lines = Lines(process.stdout)
    page = lines.find(lambda line: line.startswith("page"), "page", 300).split()[-1]
    lines.find(lambda line: "serving until stopped" in line, "serving")
    with urllib.request.urlopen(page, timeout=20) as response:
        assert response.status == 200
    wire = Wire(page.replace("http", "ws") + "ws")
    wire.hello()
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    assert wire.wait_closed() == 4001


def test_in_a_terminal_it_opens_the_client(run_folder, folder):
    command = ["env", f"CHAT_RUN_DIR={run_folder}", ROOT / "dev", "run"]
    terminal = Terminal(folder / "home", command)
    try:
        terminal.wait_for("lobby", 300)
        terminal.say("/quit")
        terminal.wait_exit()
        assert "http://127.0.0.1:" in terminal.screen()
    finally:
        terminal.close()


def readme_example():
    blocks = re.findall(r"```c\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert len(blocks) == 1
    return blocks[0]


def test_the_readme_shows_the_example_as_it_is():
    assert readme_example() == (ROOT / "examples/hello.c").read_text()


def test_the_example_of_the_readme_works(build, folder, chatd, sign_in):
    source = folder / "hello.c"
    source.write_text(readme_example().replace(":7100", f":{chatd.port}"))
    package = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "chatclient"],
        env={**os.environ, "PKG_CONFIG_PATH": str(build / "meson-uninstalled")},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    program = folder / "hello"
    compile_ = ["cc", *STRICT, "-o", program, source, *shlex.split(package)]
    subprocess.run([*compile_, f"-Wl,-rpath,{build}/sdk"], check=True)
    ann = sign_in(chatd, room="lobby")
    assert subprocess.run([program], timeout=30).returncode == 0
    assert ann.take("message")["text"] == "hello from C"
