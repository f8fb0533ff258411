"""A hang-up takes new options over, and no client notices."""

import json
import signal
import ssl
import time

import pytest
from drivers.chatd import Chatd
from drivers.lines import DEADLINE, wait_until
from log_lines import line_of
from scrape import Scrape
from websockets.exceptions import InvalidStatus

ORIGIN = "https://chat.example.org"


class Served(Chatd):
    """A chatd with a file of options that changes."""

    def __init__(self, build, folder, **options):
        self.file = folder / "chatd.conf"
        self.write(**options)
        arguments = ["--config", str(self.file)]
        super().__init__(build, folder / "data", arguments, rate_limits=True)
        self.read = 0
        self.scheme = "ws"
        self.start()
        self.entries("listening")

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.port}/ws"

    def write(self, **options):
        """All of it at once: the server may read it at any time."""
        lines = [f"{name.replace('_', '-')} = {value}\n" for name, value in options.items()]
        whole = self.file.with_suffix(".new")
        whole.write_text("".join(lines))
        whole.replace(self.file)

    def hang_up(self):
        self.process.send_signal(signal.SIGHUP)

    def entries(self, last):
        """What the log has, from where this was last called, up to an event."""

        def found():
            entries = [json.loads(line) for line in self.log.all()[self.read :]]
            events = [entry["event"] for entry in entries]
            return entries[: events.index(last) + 1] if last in events else None

        entries = wait_until(found, last)
        self.read += len(entries)
        return entries

    def reload(self, **options):
        """With these; the log up to its end."""
        self.write(**options)
        self.hang_up()
        return self.entries("reloaded")


def told(entries, event):
    """(option, before, after) of each."""
    return [
        (entry["option"], entry.get("before"), entry.get("after"))
        for entry in entries
        if entry["event"] == event
    ]


@pytest.fixture
def serve(build, tmp_path):
    servers = []

    def start(**options):
        servers.append(Served(build, tmp_path, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def refusal(connect, server, **options):
    """The status of a client that is not let in."""
    with pytest.raises(InvalidStatus) as refused:
        connect(server, **options)
    return refused.value.response.status_code


def let_in(connect, server, **options):
    """A place comes free when the server has seen its client go."""
    end = time.monotonic() + DEADLINE
    while True:
        try:
            return connect(server, **options)
        except InvalidStatus:
            assert time.monotonic() < end


def speak(*people):
    for wire in people:
        wire.send("lobby", "still here")


def test_a_lower_limit_closes_nobody_and_holds_for_the_next(serve, sign_in, connect):
    server = serve(max_connections=3)
    ann, bob, carol = (sign_in(server, name) for name in ("ann", "bob", "carol"))
    assert refusal(connect, server) == 503

    entries = server.reload(max_connections=2)
    assert told(entries, "option_changed") == [("max-connections", "3", "2")]
    speak(ann, bob, carol)
    carol.close()
    speak(ann, bob)
    assert refusal(connect, server) == 503

    server.reload(max_connections=4)
    again = [let_in(connect, server), let_in(connect, server)]
    assert refusal(connect, server) == 503
    for wire in again:
        wire.hello("dora")
    speak(ann, bob)


def test_a_limit_may_grow_beyond_what_the_start_had(serve, sign_in):
    server = serve(max_connections=1)
    people = [sign_in(server, "ann")]
    server.reload(max_connections=50)
    people += [sign_in(server, f"p{i}") for i in range(40)]
    speak(*people)


def test_limits_of_an_address_and_its_proxies_follow(serve, sign_in, connect):
    server = serve(max_connections_per_address=0)
    ann, bob = sign_in(server, "ann"), sign_in(server, "bob")
    server.reload(max_connections_per_address=2)
    assert refusal(connect, server) == 503
    forwarded = {"X-Forwarded-For": "192.0.2.1"}
    assert refusal(connect, server, additional_headers=forwarded) == 503

    server.reload(max_connections_per_address=2, trusted_proxies="127.0.0.1")
    connect(server, additional_headers=forwarded).hello("far")
    assert refusal(connect, server) == 503
    server.reload(max_connections_per_address=0)
    connect(server).hello("near")
    speak(ann, bob)


def test_origins_follow(serve, sign_in, connect):
    server = serve()
    ann = sign_in(server)
    assert refusal(connect, server, origin=ORIGIN) == 403
    entries = server.reload(allowed_origins=ORIGIN)
    assert told(entries, "option_changed") == [("allowed-origins", None, ORIGIN)]
    connect(server, origin=ORIGIN)
    server.reload()
    assert refusal(connect, server, origin=ORIGIN) == 403
    speak(ann)


def is_slowed(wire):
    """Whether so many of them are too many."""
    posted = [wire.post("typing", room="lobby", active=True) for _ in range(60)]
    return any("error" in wire.reply(request) for request in posted)


def test_rates_follow(serve, sign_in):
    server = serve(rate_limits="off")
    ann = sign_in(server)
    assert not is_slowed(ann)
    server.reload(rate_limits="on")
    assert is_slowed(ann)
    server.reload(rate_limits="off")
    assert not is_slowed(ann)


def test_the_level_of_the_log_follows(serve, tmp_path):
    server = serve(log_level="info")
    server.write(log_level="warning", control_socket=tmp_path / "other")
    server.hang_up()
    entries = server.entries("restart_needed")
    entries += server.reload(log_level="debug")
    changes = told(entries, "option_changed")
    assert changes == [("log-level", "warning", "debug")]


def test_a_drain_spreads_as_was_said_last(serve, sign_in):
    server = serve()
    ann = sign_in(server)
    server.reload(drain_spread=1)
    server.process.terminate()
    assert ann.take("drain")["spread_ms"] == 1000
    ann.close()
    assert server.wait() == 0


def tls_files(files):
    return {"tls_cert": files[0], "tls_key": files[1]}


def trusting(server, files):
    """How to connect when these are the server's."""
    server.scheme = "wss"
    return {"ssl": ssl.create_default_context(cafile=files[0])}


def test_a_certificate_of_another_name_is_for_the_next(serve, connect, certificates):
    first, second = certificates("first"), certificates("second")
    server = serve(**tls_files(first))
    ann = connect(server, **trusting(server, first))
    ann.hello("ann")
    ann.join()
    entries = server.reload(**tls_files(second))
    assert told(entries, "option_changed") == [
        ("tls-cert", str(first[0]), str(second[0])),
        ("tls-key", str(first[1]), str(second[1])),
    ]
    connect(server, **trusting(server, second)).hello("bob")
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(server, **trusting(server, first))
    speak(ann)

    server.write(tls_cert=second[0], tls_key=first[1])
    server.hang_up()
    failure = server.entries("reload_failed")[-1]["detail"]
    assert failure.startswith(f"{server.file}:1: tls-cert: private key {first[1]}: key values")
    connect(server, **trusting(server, second)).hello("carol")


def test_tls_begins_with_a_restart(serve, connect, certificates):
    server = serve()
    files = certificates("first")
    entries = server.reload(max_connections=5, **tls_files(files))
    assert [option for option, _, _ in told(entries, "restart_needed")] == ["tls-cert", "tls-key"]
    assert told(entries, "option_changed") == [("max-connections", "10000", "5")]
    connect(server).hello("ann")


def test_tls_ends_with_a_restart(serve, connect, certificates):
    files = certificates("first")
    server = serve(**tls_files(files))
    entries = server.reload(max_connections=5)
    assert [option for option, _, _ in told(entries, "restart_needed")] == ["tls-cert", "tls-key"]
    assert told(entries, "option_changed") == [("max-connections", "10000", "5")]
    connect(server, **trusting(server, files)).hello("ann")


def test_what_is_wrong_changes_nothing(serve, sign_in, connect):
    server = serve(max_connections=2)
    ann, bob = sign_in(server, "ann"), sign_in(server, "bob")
    server.file.write_text("max-connections = 3\nguest-idel = 5\nrate-limits = no\n")
    server.hang_up()
    failures = [server.entries("reload_failed")[-1] for _ in range(2)]
    assert [entry["level"] for entry in failures] == ["error", "error"]
    assert [entry["detail"] for entry in failures] == [
        f"{server.file}:2: unknown option 'guest-idel'; did you mean 'guest-idle'?",
        f"{server.file}:3: rate-limits: 'no' must be on or off",
    ]
    assert refusal(connect, server) == 503
    speak(ann, bob)

    server.file.unlink()
    server.hang_up()
    assert "cannot be read" in server.entries("reload_failed")[-1]["detail"]
    speak(ann, bob)

    entries = server.reload(max_connections=3)
    assert told(entries, "option_changed") == [("max-connections", "2", "3")]
    connect(server)


def test_what_needs_a_restart_is_told_and_stays(serve, sign_in, connect, tmp_path):
    server = serve(max_connections=1)
    ann = sign_in(server)
    other = tmp_path / "other"
    for _ in range(2):
        entries = server.reload(max_connections=2, control_socket=other)
        assert told(entries, "restart_needed") == [("control-socket", None, str(other))]
    assert not other.exists()
    connect(server)
    speak(ann)
    assert told(server.reload(), "restart_needed") == []


def test_a_reload_of_the_same_says_nothing_of_options(serve):
    server = serve(max_connections=7)
    entries = server.reload(max_connections=7)
    assert told(entries, "option_changed") + told(entries, "restart_needed") == []


def test_what_stays_as_it_was_is_still_there(build, tmp_path, connect):
    """Parts of the server keep what they borrowed at the start."""
    config = tmp_path / "chatd.conf"
    config.write_text("color = blue\nlog-level = info\n")
    server = Chatd(
        build,
        tmp_path / "data",
        ["--config", str(config)],
        environment={"MALLOC_PERTURB_": "165"},  # what is freed is no more
    )
    server.start()
    try:
        config.write_text("color = blue\nlog-level = debug\n")
        server.process.send_signal(signal.SIGHUP)
        line_of(server, "reloaded")
        ann = connect(server)
        assert ann.hello("ann")["server"]["color"] == "blue"
        builds = [name for name in Scrape(server) if name.startswith("chatd_build_info")]
        assert len(builds) == 1 and 'color="blue"' in builds[0]
    finally:
        server.stop()
