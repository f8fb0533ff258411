"""Those who take more than their share: each cap holds, and the others are
served meanwhile.

What a cap is must hold here. How fast the others were served and what memory
the server took is measured by a bystander (bystander.py) and told at the end.
"""

import contextlib
import json
import pathlib
import re
import resource
import select
import socket
import subprocess
import sys
import threading
import time

import pytest
from conforming import text
from drivers.lines import wait_until
from drivers.wire import new_key
from wire import BINARY, CLOSE, DEADLINE, TEXT, Gone, Peer

FOLDER = pathlib.Path(__file__).resolve().parent
REQUESTS = 100  # that a bystander makes while others attack ...
FEW_REQUESTS = 40  # ... where a rate is set, which it keeps to
PATIENCE = 60  # nothing hangs longer; no test depends on it

HANDSHAKES_PER_ADDRESS = 1024  # CHAT__HANDSHAKES_PER_ADDRESS_MAX
CLOSE_SECONDS = 5  # CHAT__CLOSE_TIMEOUT_MS
RECEIVE_BYTES = 65536  # so that the system does not read for who does not
LARGE = "é" * 4000  # the most characters, 8,000 bytes
ANN, EVE, MALLORY = "127.0.0.2", "127.0.0.3", "127.0.0.4"


@pytest.fixture(scope="module", autouse=True)
def many_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 16384), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Bystander:
    def __init__(self, server, requests):
        self._server = server
        self._requests = requests
        self._process = subprocess.Popen(
            [sys.executable, FOLDER / "bystander.py", server.url, ANN],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()
        self.before = self.measure()

    def _answer(self):
        line = self._process.stdout.readline()
        assert line, "the bystander was not served"
        return json.loads(line)

    def measure(self):
        print(self._requests, file=self._process.stdin, flush=True)
        return {**self._answer(), "mib": self._server.resident_kib() // 1024}

    def end(self):
        self._process.stdin.close()
        assert self._process.wait(DEADLINE) == 0
        self._process.stdout.close()


@contextlib.contextmanager
def bystander(server, requests=REQUESTS):
    """Somebody who must be served to the end."""
    person = Bystander(server, requests)
    yield person
    person.measure()
    person.end()


def tell(figures, what, person, during, **more):
    before = person.before
    figures(
        what,
        **{
            "others' p50": f"{before['p50']} -> {during['p50']} ms",
            "p99": f"{before['p99']} -> {during['p99']} ms",
            "server": f"{before['mib']} -> {during['mib']} MiB",
            **more,
        },
    )


def connect_from(server, address):
    connection = socket.create_connection(
        ("127.0.0.1", server.port), DEADLINE, source_address=(address, 0)
    )
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
    return Peer(connection, server.port)


def sign_in(server, address, name, room=None):
    """A raw peer with a session, maybe in a room."""
    peer = connect_from(server, address)
    assert peer.handshake().status == 101
    say(peer, "hello", id=1, version=1, guest=name, key=new_key())
    while '"reply":1' not in peer.receive_text():
        pass
    if room:
        say(peer, "join", id=2, room=room, key=new_key(), create=True, limit=0)
        while '"reply":2' not in peer.receive_text():
            pass
    return peer


def say(peer, action, **body):
    peer.text(json.dumps({"action": action, **body}, ensure_ascii=False))


@contextlib.contextmanager
def in_background(work):
    """Runs work() over and over beside the test."""
    stop = threading.Event()
    failed = []

    def run():
        try:
            while not stop.is_set():
                work()
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    yield
    stop.set()
    thread.join(PATIENCE)
    assert not thread.is_alive() and not failed, failed


# ---- those who wait: all of them begin, then each is waited for ----


class Drip:
    """Sends a byte of a header to each of its sockets, four times a second."""

    def __init__(self, sockets):
        self._left = {each.fileno(): each for each in sockets}
        self._poll = select.poll()
        for number in self._left:
            self._poll.register(number, select.POLLIN)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        for _ in range(4 * PATIENCE):
            for number, _ in self._poll.poll(250):
                self._drop(number)
            for number, each in list(self._left.items()):
                try:
                    each.send(b"y")
                except OSError:
                    self._drop(number)
            if not self._left:
                return

    def _drop(self, number):
        if self._left.pop(number, None):
            self._poll.unregister(number)

    def are_all_closed(self):
        self._thread.join(2 * PATIENCE)
        return not self._left


def open_sockets(server, address, count):
    """Those that the server has not closed at once."""
    opened = []
    for _ in range(count):
        with contextlib.suppress(OSError):
            opened.append(connect_from(server, address).socket)
    return opened


def count_closed(sockets):
    poll = select.poll()
    for each in sockets:
        poll.register(each, select.POLLIN)
    return len(poll.poll(0))


def begin_silent(start, figures):
    server = start()
    with bystander(server) as person:
        sockets = open_sockets(server, EVE, HANDSHAKES_PER_ADDRESS + 200)
        during = person.measure()
        refused = count_closed(sockets)
        tell(figures, "1,224 silent sockets of one address", person, during, refused=refused)
    return {"refused": refused, "sockets": sockets}


def begin_silent_tls(start, folder):
    """Half of them say nothing, half the start of a TLS record."""
    certificate, key = folder / "chain.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-subj", "/CN=localhost", "-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    server = start("--tls-cert", str(certificate), "--tls-key", str(key))
    sockets = open_sockets(server, EVE, 40)
    for each in sockets[:20]:
        each.sendall(b"\x16\x03\x01\x02\x00\x01")
    return {"sockets": sockets}


def begin_dripping(start, figures):
    server = start()
    with bystander(server) as person:
        sockets = open_sockets(server, EVE, 300)
        for each in sockets:
            each.sendall(b"GET /ws HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        drip = Drip(sockets)
        during = person.measure()
        tell(figures, "300 headers of a byte at a time", person, during)
    return {"drip": drip, "sockets": sockets}


def begin_without_hello(start, figures):
    server = start()
    with bystander(server) as person:
        peers = [connect_from(server, EVE) for _ in range(500)]
        assert all(peer.handshake().status == 101 for peer in peers)
        tell(figures, "500 clients that say no hello", person, person.measure())
    return {"peers": peers}


def server_sockets(server):
    """Sockets alone: a server opens files whenever it needs them."""
    count = 0
    for each in pathlib.Path(f"/proc/{server.process.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            count += str(each.readlink()).startswith("socket:")
    return count


def begin_not_reading(start, figures, folder):
    """Asks for a page of 8 MB and takes nothing of it."""
    (folder / "index.html").write_text("page")
    (folder / "large.js").write_text("x" * 8 * 1024 * 1024)
    server = start("--web", str(folder))
    before = server_sockets(server)
    with bystander(server) as person:
        peers = [connect_from(server, EVE) for _ in range(50)]
        for peer in peers:
            peer.send(b"GET /large.js HTTP/1.1\r\nHost: x\r\n\r\n")
        during = person.measure()
        tell(figures, "50 who ask for 8 MB and read nothing", person, during)
    return {"peers": peers, "server": server, "sockets": before}


def begin_not_closing(start):
    """Was told to go, and never answers."""
    peer = connect_from(start(), EVE)
    assert peer.handshake().status == 101
    peer.frame(BINARY, b"x")
    assert peer.close_code() == 1003
    return {"peer": peer}


@pytest.fixture(scope="module")
def waiting(start, many_descriptors, tmp_path_factory, figures):
    """All of them at once, since each takes the server's patience to end."""
    pages = tmp_path_factory.mktemp("pages")
    begun = {
        "not reading": begin_not_reading(start, figures, pages),
        "silent": begin_silent(start, figures),
        "silent TLS": begin_silent_tls(start, tmp_path_factory.mktemp("tls")),
        "dripping": begin_dripping(start, figures),
        "not closing": begin_not_closing(start),
        "no hello": begin_without_hello(start, figures),
    }
    yield begun


def is_closed(each):
    each.settimeout(PATIENCE)
    with contextlib.suppress(ConnectionError):
        while each.recv(65536):
            pass
    each.close()
    return True


def test_an_address_has_a_share_of_the_handshakes(waiting):
    silent = waiting["silent"]
    assert silent["refused"] >= 199


def test_a_socket_that_says_nothing_is_closed(waiting):
    assert all(is_closed(each) for each in waiting["silent"]["sockets"])


def test_a_tls_handshake_must_end(waiting):
    assert all(is_closed(each) for each in waiting["silent TLS"]["sockets"])


def test_a_header_must_end_in_time_though_it_moves(waiting):
    assert waiting["dripping"]["drip"].are_all_closed()
    for each in waiting["dripping"]["sockets"]:
        each.close()


def test_a_client_must_say_hello(waiting):
    for peer in waiting["no hello"]["peers"]:
        event = json.loads(peer.receive_text())
        assert (event["event"], event["code"]) == ("close", 4502)
        assert peer.close_code() == 4502
        peer.close()


def test_a_close_is_not_waited_for_for_ever(waiting):
    assert is_closed(waiting["not closing"]["peer"].socket)


def test_a_page_must_be_read(waiting):
    """The end cannot be heard behind what is not read, so the server's own
    sockets are counted."""
    begun = waiting["not reading"]
    wait_until(
        lambda: server_sockets(begun["server"]) <= begun["sockets"],
        "the sockets are closed",
        PATIENCE,
    )
    for peer in begun["peers"]:
        peer.close()


# ---- those who flood ----


def test_clients_have_a_limit(start, figures):
    """A storm of 300 at a server for 50."""
    server = start("--max-connections", "50")
    with bystander(server) as person:
        peers, refused = [], 0
        for _ in range(300):
            peer = connect_from(server, EVE)
            response = peer.handshake()
            assert response.status in (101, 503)
            if response.status == 101:
                peers.append(peer)
            else:
                refused += 1
                peer.close()
        assert len(peers) == 49 and refused == 251
        for peer in peers:
            peer.close()
        tell(figures, "300 at a server for 50", person, person.measure())


def test_an_address_has_a_limit(start):
    server = start("--max-connections-per-address", "20")
    answers = [connect_from(server, EVE) for _ in range(30)]
    statuses = [peer.handshake().status for peer in answers]
    assert statuses == [101] * 20 + [503] * 10
    assert connect_from(server, MALLORY).handshake().status == 101
    for peer in answers:
        peer.close()


def test_a_storm_of_connections_leaves_nothing(start, figures):
    """They come, sign in and vanish, as fast as one machine can."""
    server = start()
    count = [0]

    def come_and_go():
        peers = [connect_from(server, EVE) for _ in range(50)]
        for number, peer in enumerate(peers):
            assert peer.handshake().status == 101
            say(peer, "hello", id=1, version=1, guest=f"g{number}", key=f"storm-{number}")
        for peer in peers:
            peer.close()
        count[0] += len(peers)

    with bystander(server) as person:
        with in_background(come_and_go):
            during = person.measure()
        tell(figures, "a storm of sign-ins", person, during, connections=count[0])
        after = person.measure()
        figures("after the storm", server=f"{after['mib']} MiB")


# Action, class of docs/security.md: how many at once, and one more after ms.
FLOODS = [
    ("send", {"room": "lobby", "text": "flood"}, 128, 33),
    ("typing", {"room": "lobby"}, 20, 500),
    ("history", {"room": "lobby", "after": 0, "limit": 1}, 250, 20),
    ("rooms", {}, 250, 20),
    ("ping", {}, 250, 20),
    ("read", {"room": "lobby", "seq": 1}, 250, 20),
    ("join", {"room": "lobby"}, 128, 33),
    ("leave", {"room": "elsewhere"}, 128, 33),
    ("hello", {"version": 1, "token": "x"}, 5, 2000),
]
KEYED = ("send", "join", "leave")


@pytest.fixture(scope="module")
def limited(start):
    return start(rate_limits="on")


def collect(peer, count):
    """Replies by id, until there are so many."""
    replies = {}
    while len(replies) < count:
        for line in peer.receive_text().splitlines():
            value = json.loads(line)
            if "reply" in value:
                replies[value["reply"]] = value
    return list(replies.values())


@pytest.mark.parametrize("action, body, burst, interval", FLOODS, ids=[f[0] for f in FLOODS])
def test_requests_have_a_rate(limited, action, body, burst, interval):
    """What is let through in a time is at most the burst and the rate."""
    count = 3 * burst
    peer = sign_in(limited, EVE, "eve", "lobby")
    started = time.monotonic()
    for number in range(count):
        key = {"key": new_key()} if action in KEYED else {}
        say(peer, action, id=10 + number, **body, **key)
    replies = collect(peer, count)
    passed_ms = 1000 * (time.monotonic() - started)
    limits = [r["error"] for r in replies if r.get("error", {}).get("code") == "rate_limited"]
    assert limits and all(limit["retry_ms"] > 0 for limit in limits)
    assert count - len(limits) <= burst + passed_ms / interval + 1
    peer.close()


def test_passwords_are_not_guessed(start):
    """Each try by a new connection from another address: the account counts."""
    server = start(rate_limits="on")

    def hello(address, **body):
        peer = connect_from(server, address)
        assert peer.handshake().status == 101
        say(peer, "hello", id=1, version=1, **body)
        (reply,) = collect(peer, 1)
        peer.close()
        return reply.get("error", {}).get("code")

    def guess(number):
        login = {"user": "ann", "password": f"wrong password {number}"}
        return hello(f"127.0.1.{number}", login=login)

    started = time.monotonic()
    account = {"user": "ann", "password": "correct horse"}
    assert hello(ANN, register=account, key=new_key()) is None
    answers = []
    while "rate_limited" not in answers and len(answers) < 100:
        answers.append(guess(len(answers) + 1))
    assert set(answers[:-1]) == {"unauthorized"} and answers[-1] == "rate_limited"
    assert len(answers) - 1 <= 10 + (time.monotonic() - started) / 30 + 1


def test_a_flood_of_requests(limited, figures):
    """One who sends without a stop: refused, and nobody else is."""
    peer = sign_in(limited, EVE, "eve", "lobby")
    sent = [0]

    def flood():
        for _ in range(200):
            sent[0] += 1
            say(peer, "send", id=sent[0] + 9, room="lobby", text="x", key=new_key())
        collect(peer, 200)

    with bystander(limited, FEW_REQUESTS) as person:
        with in_background(flood):
            during = person.measure()
        tell(figures, "a flood of requests", person, during, requests=sent[0])
    peer.close()


# ---- those who do not read ----


def read_to_the_end(peer):
    """(close code, the last object before it), or None when it was cut off."""
    last = None
    while True:
        try:
            opcode, payload = peer.receive()
        except Gone:
            return None
        if opcode == CLOSE:
            return int.from_bytes(payload[:2], "big"), last
        if opcode == TEXT:
            last = payload.splitlines()[-1]


def slow_reader_closes(server):
    body = server.request("GET", "/metrics").body.decode()
    (count,) = re.findall(r"^chatd_slow_reader_closes_total (\d+)$", body, re.M)
    return int(count)


def test_readers_that_stop_lose_their_connection(start, figures):
    """20 members of a room who read nothing while it is flooded: each may hold
    so much, then it is closed and told so; one who reads hears everything.

    Who is closed has a time to read what is left, so they do as soon as the
    server has closed them all. Where that took the machine longer than this
    time, those that were first have been cut off."""
    server = start()
    slow = [sign_in(server, EVE, f"slow{n}", "busy") for n in range(20)]
    reader = server.person("reader", "busy")
    writer = sign_in(server, MALLORY, "writer", "busy")
    sent = [0]
    ends = []
    none_closed, ends_seconds = [time.monotonic()], [0]

    def flood():
        asked = time.monotonic()
        if slow_reader_closes(server) == 0:
            none_closed[0] = asked
        for _ in range(50):
            sent[0] += 1
            say(writer, "send", id=9 + sent[0], room="busy", text=LARGE, key=new_key())
        collect(writer, 50)
        if not ends and slow_reader_closes(server) == len(slow):
            ends.extend(read_to_the_end(peer) for peer in slow)
            ends_seconds[0] = time.monotonic() - none_closed[0]

    with bystander(server) as person:
        with in_background(flood):
            during = person.measure()
        while not ends and sent[0] < 4000:
            flood()
        tell(figures, "20 readers that stop", person, during, peak=peak(server))
    assert len(ends) == len(slow)
    for peer, end in zip(slow, ends):
        if end or ends_seconds[0] < CLOSE_SECONDS:
            code, last = end
            assert code == 4008 and json.loads(last)["code"] == 4008
        peer.close()
    head = reader.ask("ping")["heads"]["busy"]["head"]
    seqs = [event["seq"] for event in reader.entries("busy", head)]
    assert seqs == list(range(seqs[0], head + 1))
    reader.close()
    writer.close()


def peak(server):
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    line = next(x for x in status.splitlines() if x.startswith("VmHWM:"))
    return f"{int(line.split()[1]) // 1024} MiB"


# ---- those who ask for much ----


@pytest.fixture(scope="module")
def full(start):
    """A room of large messages, and a user of all rooms that one may have."""
    server = start()
    writer = sign_in(server, MALLORY, "writer", "large")
    for batch in range(8):
        for number in range(50):
            say(writer, "send", id=10 + number, room="large", text=LARGE, key=new_key())
        collect(writer, 50)
    writer.close()
    return server


def test_pages_of_large_messages(full, figures):
    """200 entries of 8 KB are asked for, and come as what fits an object."""
    peer = sign_in(full, EVE, "eve", "large")

    def ask():
        for number in range(30):
            say(peer, "history", id=10 + number, room="large", after=0, limit=200)
        for reply in collect(peer, 30):
            assert reply.get("ok", {}).get("more") or reply["error"]["code"] == "busy"

    with bystander(full) as person:
        with in_background(ask):
            during = person.measure()
        tell(figures, "pages of 200 large messages", person, during, peak=peak(full))
    peer.close()


def test_requests_that_wait_are_few(full):
    """More reads at a time than a connection may have are refused at once."""
    peer = sign_in(full, EVE, "eve", "large")
    asks = [f'{{"action":"rooms","id":{10 + n}}}'.encode() for n in range(2000)]
    peer.send(b"".join(text(ask) for ask in asks))
    replies = collect(peer, len(asks))
    codes = {reply.get("error", {}).get("code") for reply in replies}
    assert codes == {None, "busy"}
    peer.close()


def test_the_largest_frames(full, figures):
    """A hello that would resume 400 rooms, and the most values of JSON."""
    places = [{"room": f"room-{n:04}", "epoch": "e" * 16, "seq": 0} for n in range(400)]
    values = '{"action":"ping","id":9,"x":[' + "0," * 8000 + "0]}"

    def ask():
        peer = connect_from(full, EVE)
        assert peer.handshake().status == 101
        say(peer, "hello", id=9, version=1, guest="eve", key="the-same", resume=places)
        assert "ok" in collect(peer, 1)[0]
        for _ in range(20):
            peer.text(values)
        peer.close()

    with bystander(full) as person:
        with in_background(ask):
            during = person.measure()
        tell(figures, "the largest frames", person, during)
