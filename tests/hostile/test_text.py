"""Text that would act on a terminal, a reader or a log: it is data."""

import fcntl
import json
import os
import pathlib
import pty
import select
import socket
import struct
import subprocess
import termios
import threading

import pytest
from drivers.wire import new_key

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHAT_TUI = os.environ.get("CHAT_TUI", ROOT / "build/client/chat-tui")
DEADLINE = 20

ACTS = {
    "a title": "\x1b]0;evil\x07",
    "a cleared screen": "\x1b[2J\x1b[H",
    "a device control string": "\x1bP$q\"p\x1b\\",
    "a clipboard": "\x1b]52;c;ZXZpbA==\x07",
    "a link": "\x1b]8;;file:///etc/passwd\x07click\x1b]8;;\x07",
    "a colour of C1": "\u009b31mred",
    "an operating system command of C1": "\u009d0;evil\u009c",
    "an overprint": "fine\rEVIL\b\b\bevil",
    "a bell": "\x07",
    "a shift": "\x0e\x0f",
    "a lone escape": "\x1b",
    "a right to left override": "\u202egpj.exe",
    "isolates": "\u2066a\u2067b\u2068c\u2069d",
    "zero width": "a\u200b\u200c\u200d\ufeffb",
    "separators": "a\u2028b\u2029c",
    "tags": "a\U000e0041\U000e0042\U000e007f",
    "5,000 bytes of marks": "z" + "\u0335\u0489" * 1200,
}

NAMES = {
    "empty": "",
    "300 bytes": "x" * 300,
    "33 characters": "x" * 33,
    "a zero width space": "admin\u200b",
    "an override": "\u202enimda",
    "an isolate": "\u2066admin\u2069",
    "an escape": "ad\x1b[31mmin",
    "a C1 control": "admin\u009b",
    "a line end": "admin\nroot",
    "a byte order mark": "\ufeffadmin",
    "tags": "admin\U000e0041",
    "blanks around": " admin ",
    "two blanks": "ad  min",
    "another blank": "ad\u00a0min",
    "private use": "admin\ue000",
    "a line separator": "admin\u2028",
}


@pytest.mark.parametrize("text", ACTS.values(), ids=ACTS.keys())
def test_text_is_stored_as_sent(people, text):
    ann, bob = people("ann"), people("bob")
    seq = ann.send("lobby", text)["seq"]
    assert bob.take("message", lambda event: event["seq"] == seq)["text"] == text
    page = bob.ask("history", room="lobby", around=seq, limit=1)
    assert page["entries"][0]["text"] == text


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_name_that_deceives_is_refused(server, people, name):
    ann = people("ann", room=None)
    peer = server.websocket()
    hello = {"action": "hello", "id": 1, "version": 1, "guest": name, "key": new_key()}
    peer.text(json.dumps(hello))
    assert json.loads(peer.receive_text())["error"]["code"] == "bad_request"
    peer.close()
    ann.settle()


@pytest.mark.parametrize("name", ["../../etc/passwd", "аdmin", "ADMIN", "a;rm -rf", "%n%s%x"])
def test_a_name_is_only_shown(tmp_path_factory, start, name):
    """Guests may have any name; nothing is made or opened after it."""
    server = start()
    folder = pathlib.Path(server.process.args[server.process.args.index("--data") + 1])
    before = sorted(folder.parent.rglob("*"))
    ann = server.person(name)
    ann.send("lobby", "here")
    assert ann.user["name"] == name
    assert sorted(folder.parent.rglob("*")) == before
    ann.close()


@pytest.mark.parametrize("name", ["аdmin", "ADMIN", "admіn", "ａdmin"])
def test_a_name_that_looks_like_an_account_s_is_taken(start, name):
    server = start()
    made = server.person("made", room=None)
    account = {"user": "admin", "password": "correct horse"}
    answers = []
    for body in (
        {"register": account},
        {"register": {**account, "user": name}},
        {"guest": name},
    ):
        peer = server.websocket()
        hello = {"action": "hello", "id": 1, "version": 1, "key": new_key(), **body}
        peer.text(json.dumps(hello))
        answers.append(json.loads(peer.receive_text()).get("error", {}).get("code"))
        peer.close()
    made.close()
    assert answers[0] is None
    assert set(answers[1:]) <= {"name_taken", "bad_request"}


def program(server, folder, *options):
    folder.mkdir()
    environment = {**os.environ, "HOME": str(folder), "XDG_STATE_HOME": str(folder)}
    return subprocess.Popen(
        [CHAT_TUI, server.url, "--name", "bob", *options],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_script_gets_no_control_bytes(server, people, tmp_path):
    """chat-tui --headless writes JSON: controls are escaped in it."""
    ann = people("ann")
    heard = program(server, tmp_path / "home", "--headless", "--room", "lobby")
    for line in heard.stdout:
        if b'"join"' in line and b'"bob"' in line:
            break
    for text in ACTS.values():
        ann.send("lobby", text)
    ann.send("lobby", "the end")
    output = b""
    for line in heard.stdout:
        output += line
        if b"the end" in line:
            break
    heard.stdin.close()
    assert heard.wait(DEADLINE) == 0
    output += heard.stderr.read()
    assert not set(output) & ({*range(32), 127} - {10})
    texts = [json.loads(line).get("text") for line in output.splitlines() if line[:1] == b"{"]
    assert [text for text in ACTS.values() if text not in texts] == []


# What no text may send to a terminal, in any of its encodings.
NEVER = [
    *(bytes([byte]) for byte in (*range(0, 7), *range(16, 27), 28, 29, 30, 31, 127)),
    b"\x07",
    b"\x1b]",
    b"\x1bP",
    b"\x1b_",
    b"\x1b^",
    b"\x1bX",
    b"\x1b[2J",
    *(chr(point).encode() for point in (*range(0x80, 0xA0), *range(0x2028, 0x202F))),
    *(chr(point).encode() for point in (*range(0x200B, 0x2010), *range(0x2060, 0x2070))),
    *(chr(point).encode() for point in (0xFEFF, 0xE0041, 0xE0042, 0xE007F)),
]


def open_terminal(server, folder):
    """chat-tui in a terminal: its process, and all that it writes."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 100, 0, 0))
    folder.mkdir()
    environment = {**os.environ, "HOME": str(folder), "XDG_STATE_HOME": str(folder)}
    process = subprocess.Popen(
        [CHAT_TUI, server.url, "--name", "bob", "--room", "lobby"],
        env={**environment, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    return process, ours


def read_until(terminal, text):
    output = b""
    while text not in output:
        readable, _, _ = select.select([terminal], [], [], DEADLINE)
        assert readable, f"{text} did not come: {output[-2000:]}"
        output += os.read(terminal, 65536)
    return output


def test_a_terminal_gets_no_byte_of_theirs_that_acts(server, people, tmp_path):
    """All that chat-tui writes to a terminal while such messages come."""
    ann = people("ann")
    process, terminal = open_terminal(server, tmp_path / "home")
    try:
        output = b""
        ann.wait_joined(["bob"])
        ann.send("lobby", "№start№")
        read_until(terminal, "№start№".encode())
        for number, text in enumerate(ACTS.values()):
            ann.send("lobby", f"{text} №{number}№")
            output += read_until(terminal, f"№{number}№".encode())
    finally:
        process.kill()
        process.wait(DEADLINE)
        os.close(terminal)
    assert [bytes_ for bytes_ in NEVER if bytes_ in output] == []


class Listener:
    """Somebody whose address is in a message: who comes here was sent by it."""

    def __init__(self):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.visits = 0
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self):
        while True:
            connection, _ = self._socket.accept()
            data = connection.recv(100)
            connection.close()
            if data == b"end":
                return
            self.visits += 1

    def end(self):
        """How many came before this."""
        with socket.create_connection(("127.0.0.1", self.port)) as last:
            last.sendall(b"end")
        self._thread.join(DEADLINE)
        self._socket.close()
        return self.visits


def test_no_address_in_a_message_is_visited(people):
    """Nothing in chatd makes a connection: it holds none but its clients'."""
    listener = Listener()
    ann, bob = people("ann"), people("bob")
    for form in ("http://127.0.0.1:{}/", "http://169.254.169.254/", "file:///etc/passwd"):
        ann.send("lobby", form.format(listener.port))
        assert bob.take("message")["text"] == form.format(listener.port)
    assert listener.end() == 0


def test_nothing_that_is_said_is_logged(start):
    """At the level that logs most: neither words, nor keys, nor tokens, nor a
    byte that a terminal would obey."""
    server = start("--log-level", "debug")
    ann = server.person("ann-of-the-log")
    key, words = new_key(), "words-of-ann \x1b]0;evil\x07 \u009b31m"
    ann.send("lobby", words, key=key)
    secrets = [ann.hello_reply["token"], ann.guest_key, key, "words-of-ann"]
    peer = server.websocket()
    peer.text('{"action":"\x1b[31m","id":1,"token":"' + secrets[0] + '"}')
    peer.frame(0x1, b"\x1b]0;evil\x07\xff")
    peer.close_code()
    peer.close()
    server.request("GET", "/\x1b[31m%1b%0a", [("X-Evil", "\x1b[31m")])
    ann.close()
    server.process.terminate()
    log = server.process.stderr.read()
    server.ended = True
    assert server.process.wait(DEADLINE) == 0
    server.process.stderr.close()
    assert [secret for secret in secrets if secret in log] == []
    assert not any(ord(c) < 32 and c != "\n" or 127 <= ord(c) < 160 for c in log)
    assert all(json.loads(line)["event"] for line in log.splitlines())
