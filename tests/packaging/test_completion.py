"""Completion as somebody meets it who presses Tab."""

import shutil
import subprocess

import pytest
from shells import Shell

# What is typed, and what is there after one Tab.
LINES = [
    ("chat-tui --password-c", "--password-command "),
    ("chat-tui --ca-file cert", "certificate.pem "),
    ("chatd --max-connections-", "--max-connections-per-address "),
    ("chatd --log-level de", "debug "),
    ("chatd --store dy", "dynamodb "),
    ("chatd --data fol", "folder"),
    ("chatctl conn", "connections "),
    ("chatctl --json tok", "token "),
    ("chatctl token rev", "revoke "),
    ("chatctl log level warn", "warning "),
    ("chatctl --socket certificate.pem role lobby ann mod", "moderator "),
    ("chatctl restore --end", "--end-tokens "),
    ("chatctl kick --rea", "--reason "),
    ("chatctl backup cert", "certificate.pem "),
]


@pytest.fixture(scope="module")
def share(build, tmp_path_factory):
    """/usr/local/share, as it is installed."""
    folder = tmp_path_factory.mktemp("root")
    command = ["meson", "install", "-C", build, "--no-rebuild", "--destdir", folder]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "usr/local/share"


@pytest.fixture
def home(tmp_path):
    (tmp_path / "certificate.pem").touch()
    (tmp_path / "folder").mkdir()
    return tmp_path


@pytest.fixture(params=["bash", "zsh"])
def shell(request, share, home):
    if shutil.which(request.param) is None:
        pytest.skip(f"no {request.param}")
    started = Shell(request.param, share, home)
    yield started
    started.close()


def test_tab_completes(shell):
    for typed, wanted in LINES:
        shell.type(typed + "\t")
        shell.read_to(typed[: typed.rindex(" ") + 1] + wanted)
        shell.type("\x15")


def fish(share, home, line):
    """What it offers for the end of the line, without what it says of it."""
    read = f"for file in {share}/fish/vendor_completions.d/*; source $file; end"
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"{read}; complete -C '{line}'"],
        cwd=home,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        check=True,
        capture_output=True,
        text=True,
    )
    return [offer.split("\t")[0] for offer in done.stdout.splitlines()]


@pytest.mark.skipif(shutil.which("fish") is None, reason="no fish")
@pytest.mark.parametrize(("typed", "wanted"), LINES)
def test_fish_offers(share, home, typed, wanted):
    assert [offer.rstrip("/") for offer in fish(share, home, typed)] == [wanted.strip()]



PLACES = [
    "bash-completion/completions/{}",
    "zsh/site-functions/_{}",
    "fish/vendor_completions.d/{}.fish",
]


@pytest.mark.parametrize("program", ["chat-tui", "chatctl", "chatd"])
@pytest.mark.parametrize("place", PLACES)
def test_every_option_and_command_is_there(build, share, place, program):
    folder = "client" if program == "chat-tui" else "server"
    rows = (build / folder / f"{program}.rows").read_text().splitlines()
    text = (share / place.format(program)).read_text()
    for kind, name, *_ in (row.split("\t") for row in rows):
        if kind != "word":
            words = [word.removeprefix("--") for word in name.split()]
            assert all(word in text for word in words), name
