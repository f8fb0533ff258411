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
        """So high that nothing is left out of view."""
        size = {"width": 1280, "height": 2000}
        pages.append(browser.open(chatd.page_url, viewport=size))
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


def overtake(chatd):
    """Lets the restored log grow beyond the lost one, where no client looks."""
    port, chatd.port = chatd.port, 0
    chatd.start()
    wire = Wire(chatd.url)
    wire.hello("early")
    wire.join("lobby")
    for _ in range(EARLY):
        wire.send("lobby", "offline by early")
    wire.close()
    chatd.stop()
    chatd.port = port


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


def register(page, name):
    page.page.get_by_role("radio", name="Register").check(force=True)
    page.page.get_by_role("textbox", name="Name").fill(name)
    page.page.get_by_label("Password", exact=True).fill("correct horse")
    page.page.keyboard.press("Enter")


EARLY = 6
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
        overtake(chatd)

    restore(meanwhile=meanwhile)
    for name in clients:
        for other in (*shown, "headless"):
            clients[other].wait_for(f"offline by {name}")
    say("after")

    log = server_log(chatd)
    said = texts(log)
    assert said[:4] == [f"kept by {name}" for name in clients]
    assert said[4 : 4 + EARLY] == ["offline by early"] * EARLY
    assert sorted(said[-8:-4]) == sorted(f"offline by {name}" for name in clients)
    assert said[-4:] == [f"after by {name}" for name in clients]
    assert [entry["seq"] for entry in log] == list(range(1, len(log) + 1))
    for name, show in shown.items():
        wait_shows(show, said, SAID, name)
    once = [text for text in texts(headless.entries()) if "lost" not in text]
    assert once == said
    for name in ("headless", "program"):
        assert all("sent" in o for o in clients[name].wait_sent())
        entries = clients[name].entries()
        since = next(
            i for i, e in enumerate(entries) if e.get("text", "").startswith("offline by")
        )
        restored = [e for e in entries[since:] if e["seq"] <= len(log)]
        assert restored == log[restored[0]["seq"] - 1 :]
    assert all("lost" not in text for text in said)


def test_who_came_after_the_backup_can_go_on(
    chatd, back_up, restore, start_terminal, open_page, connect
):
    connect("ann").send("lobby", "kept by ann")
    back_up()
    guest = start_terminal("--name", "guest", home="home-guest")
    account = start_terminal(
        "--register", "--user", "annie", "--password-command", "echo correct horse",
        home="home-account",
    )  # fmt: skip
    visitor, member = open_page(), open_page()
    visitor.sign_in("visitor")
    register(member, "member")
    for client in (guest, account, visitor, member):
        client.wait_for("kept by ann")
    restore()

    # Guests are new ones by themselves, and in no room yet.
    guest.wait_for("You are in no room")
    guest.say("/join lobby")
    guest.wait_for("kept by ann")
    guest.say("after by guest")
    visitor.page.get_by_text("Find a room to talk in").wait_for()
    assert "visitor" in visitor.page.locator("#me").inner_text()
    # An account has to be made again.
    account.wait_for("this token is unknown or has ended")
    account.say("/register annie")
    account.wait_for("new password of annie")
    account.say("correct horse")
    account.wait_for("new password again of annie")
    account.say("correct horse")
    account.wait_for("after by guest")
    account.say("after by annie")
    member.page.get_by_text("Your session has ended").wait_for()
    register(member, "member")
    member.wait_for("after by annie")
    member.say("after by member")
    guest.wait_for("after by member")
    assert texts(server_log(chatd)) == [
        "kept by ann", "after by guest", "after by annie", "after by member"
    ]  # fmt: skip


def test_clients_whose_tokens_were_ended_sign_in_again(
    chatd, back_up, restore, start_terminal, open_page
):
    guest = start_terminal("--name", "guest", home="home-guest")
    visitor, member = open_page(), open_page()
    visitor.sign_in("visitor")
    register(member, "member")
    clients = {"guest": guest, "visitor": visitor, "member": member}
    for name, client in clients.items():
        client.say(f"kept by {name}")
        for other in clients.values():
            other.wait_for(f"kept by {name}")
    back_up()
    guest.say("lost by guest")
    member.wait_for("lost by guest")
    restore("--end-tokens")

    # A guest is the same one, by the key.
    for name in ("guest", "visitor"):
        clients[name].say(f"after by {name}")
    member.page.get_by_text("Your session has ended").wait_for()
    member.page.get_by_label("Password", exact=True).fill("correct horse")
    member.page.keyboard.press("Enter")
    member.wait_for("after by visitor")
    member.say("after by member")
    for client in clients.values():
        client.wait_for("after by member")
    log = server_log(chatd)
    assert len({entry["from"]["id"] for entry in log if entry["event"] == "join"}) == 4
    people = {entry["from"]["name"]: set() for entry in log}
    for entry in log:
        people[entry["from"]["name"]].add(entry["from"]["id"])
    assert all(len(ids) == 1 for ids in people.values())
