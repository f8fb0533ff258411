"""Clients that stay open while their server is restored from a backup: each
reads its rooms anew by the new epoch, and shows what the server has."""

import re

import pytest
from drivers.browser import Browser
from drivers.lines import wait_until
from drivers.programs import Headless, SdkProgram
from drivers.terminal import Terminal
from drivers.wire import Wire



@pytest.fixture(scope="session")
def browser():
    started = Browser()
    yield started
    started.close()


@pytest.fixture
def open_page(browser, chatd):
    pages = []

    def start():
        pages.append(browser.open(chatd.page_url))
        return pages[-1]

    yield start
    for page in pages:
        page.close()


@pytest.fixture
def start_terminal(build, folder, chatd):
    terminals = []

    def start(*options, home="home-tui"):
        command = [build / "client/chat-tui", chatd.url, *options]
        terminals.append(Terminal(folder / home, command))
        return terminals[-1]

    yield start
    for terminal in terminals:
        terminal.close()


@pytest.fixture
def start_program(build, folder, chatd):
    programs = []

    def start(kind, name, room="lobby"):
        programs.append(kind(build, folder / f"home-{name}", chatd.url, room, name))
        return programs[-1]

    yield start
    for program in programs:
        program.kill()


@pytest.fixture
def restore(chatctl, chatd, folder):
    """Stops the server, restores, starts it at the same port."""

    def run(*options, meanwhile=lambda: None):
        chatd.stop()
        chatctl("restore", "--data", chatd.data, *options, folder / "backup.db").expect(0)
        chatctl("verify", chatd.data / "chat.db").expect(0)
        meanwhile()
        chatd.start()

    return run


@pytest.fixture
def back_up(chatctl, chatd, folder):
    def run():
        chatctl("backup", "--data", chatd.data, folder / "backup.db").expect(0)

    return run


def server_log(chatd, room="lobby"):
    wire = Wire(chatd.url)
    wire.hello("reader")
    wire.join(room)
    log = wire.log(room)
    wire.leave(room)
    wire.close()
    return log


def texts(entries):
    return [entry["text"] for entry in entries if entry.get("event") == "message"]


def unlike(shown, wanted, pattern):
    """The texts that match, when what is shown has other ones; else nothing."""
    found = re.findall(pattern, shown)
    return None if found == wanted else found


def wait_shows(show, wanted, pattern, who):
    wait_until(lambda: unlike(show(), wanted, pattern) is None, f"{who} shows {wanted}")


SAID = r"(?:kept|lost|offline|after) by \w+"


def test_all_clients_show_the_restored_rooms(
    chatd, load, back_up, restore, start_terminal, start_program, open_page, connect
):
    ann = connect("ann")
    terminal = start_terminal("--name", "terminal")
    page = open_page()
    page.sign_in("page")
    headless = start_program(Headless, "headless")
    program = start_program(SdkProgram, "program")
    clients = {
        "terminal": terminal, "page": page, "headless": headless, "program": program
    }  # fmt: skip
    ann.wait_joined(clients)
    shown = {"terminal": terminal.screen, "page": page.log_text}

    def say(what, names=tuple(clients)):
        for name in names:
            clients[name].say(f"{what} by {name}")
            for other in clients.values():
                other.wait_for(f"{what} by {name}")

    say("kept")
    count = load.wait_acked(1000)
    back_up()
    load.wait_acked(count + 1000)
    load.finish()
    say("lost")

    def meanwhile():
        for name in clients:
            clients[name].say(f"offline by {name}")

    restore(meanwhile=meanwhile)
    for name in clients:
        for other in shown:
            clients[other].wait_for(f"offline by {name}")
    say("after")

    log = server_log(chatd)
    said = texts(log)
    assert sorted(said[4:8]) == sorted(f"offline by {name}" for name in clients)
    assert said[:4] == [f"kept by {name}" for name in clients]
    assert said[8:] == [f"after by {name}" for name in clients]
    assert [entry["seq"] for entry in log] == list(range(1, len(log) + 1))
    for name, show in shown.items():
        wait_shows(show, said, SAID, name)
    for name in ("headless", "program"):
        assert all("sent" in o for o in clients[name].wait_sent())
        entries = clients[name].entries()
        since = next(
            i for i, e in enumerate(entries) if e.get("text", "").startswith("offline by")
        )
        restored = [e for e in entries[since:] if e["seq"] <= len(log)]
        assert restored == log[restored[0]["seq"] - 1 :]
    assert all("lost" not in text for text in said)
