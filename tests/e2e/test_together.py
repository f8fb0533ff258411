"""All kinds of clients in one room: each shows what the others said."""

import pytest


@pytest.fixture
def room(chatd, sign_in, start_terminal, open_page, start_program):
    """name -> client, all of them members of the lobby."""
    watcher = sign_in(chatd, "watcher", room="lobby")
    clients = {
        "tui": start_terminal(chatd, "tui"),
        "page": open_page(chatd, "page"),
        "sdk": start_program("sdk", chatd, "sdk"),
        "headless": start_program("headless", chatd, "headless"),
    }
    watcher.wait_joined(clients)
    return clients


def test_each_shows_what_the_others_said(room):
    for name, client in room.items():
        client.say(f"hello from {name}")
    for client in room.values():
        for name in room:
            client.wait_for(f"hello from {name}")


def test_text_of_every_script_arrives(room):
    texts = [
        "Zoë grüßt",
        "日本語のテキスト",
        "שלום",
        "👩‍👩‍👧 family",
    ]
    for name, text in zip(room, texts):
        room[name].say(text)
    for name in ("sdk", "headless", "page"):
        for text in texts:
            room[name].wait_for(text)
    room["tui"].wait_for("日本語のテキスト")


def test_a_program_ends_when_all_is_acknowledged(room):
    for number in range(50):
        room["headless"].say(f"line {number}")
    room["sdk"].wait_for("line 49")
    assert room["headless"].finish() == 0
    outcomes = [v for v in room["headless"].objects() if "sent" in v]
    assert [outcome["sent"]["line"] for outcome in outcomes] == list(range(1, 51))
    seqs = [outcome["sent"]["seq"] for outcome in outcomes]
    assert seqs == sorted(set(seqs))


def test_escape_sequences_do_not_reach_the_terminal(room):
    room["sdk"].say("before \x1b[2J\x1b]0;owned\x07 after")
    room["tui"].wait_for("after")
    assert "before" in room["tui"].screen()
