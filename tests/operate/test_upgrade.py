"""One chatd takes the place of another, and nobody is refused meanwhile."""

import http.client
import socket
import threading

import pytest
from drivers.chatd import is_listening
from drivers.lines import DEADLINE
from drivers.wire import new_key
from running import Manager, Running
from served import Stall, ask


@pytest.fixture
def start(build, folder):
    servers = []

    def run(server=None, *options, **more):
        if server is None:
            server = Running(build, folder / "data", options, **more)
        servers.append(server)
        server.start()
        return server

    yield run
    for server in servers:
        server.stop()


class Visitors:
    """
    Who come one after the other, each with a connection of its own. One that
    the machine keeps from asking for a long time may be hung up on.
    """

    def __init__(self, port, count=4):
        self._port = port
        self._stop = threading.Event()
        self.served = 0
        self.hung_up = 0
        self.failures = []
        self._threads = [threading.Thread(target=self._visit) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def _visit(self):
        while not self._stop.is_set():
            try:
                answer = ask(self._port, "/healthz")
                assert answer.status == 200
                self.served += 1
            except (ConnectionResetError, http.client.RemoteDisconnected):
                self.hung_up += 1
            except Exception as error:
                self.failures.append(repr(error))

    def end(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        print(f"{self.served} served, {self.hung_up} hung up on")
        assert self.failures == []


def test_nobody_is_refused_while_one_takes_over(start, connect):
    server = start()
    ann = connect(server)
    ann.hello("ann")
    ann.join("lobby")
    token = ann.hello_reply["token"]
    before = ann.send("lobby", "before")["seq"]
    visitors = Visitors(server.port)
    try:
        for _ in range(3):
            served = visitors.served
            following = server.successor()
            start(following)
            assert (following.port, following.ops_port) == (server.port, server.ops_port)
            assert ann.wait_closed() == 4001
            assert server.wait() == 0
            server = following
            ann = connect(server)
            ann.hello_token(token)
            assert ann.send("lobby", "again")["seq"] > before
            while visitors.served < served + 20 and not visitors.failures:
                ann.settle()
    finally:
        visitors.end()
    assert server.ops("/readyz").status == 200
    assert [e["text"] for e in ann.log("lobby") if "text" in e] == ["before"] + ["again"] * 3


def test_what_is_in_flight_is_answered_before(start, connect, build, folder):
    stall = Stall(build, folder)
    server = start(environment=stall.environment)
    ann = connect(server)
    ann.hello("ann")
    ann.join("lobby")
    following = server.successor()
    with stall.held():
        sent = ann.post("send", room="lobby", key=new_key(), text="in flight")
        following.launch()
        server.event("draining")
    assert ann.reply(sent)["ok"]["seq"] > 0
    assert ann.wait_closed() == 4001
    assert server.wait() == 0
    following.log.find(is_listening, "listening")
    following.process.terminate()
    assert following.wait() == 0


@pytest.mark.parametrize(
    "wrong", [["--tls-cert", "/none", "--tls-key", "/none"], ["--web", "/none"], ["--nonsense"]]
)
def test_one_that_cannot_start_takes_nothing(start, connect, wrong):
    server = start()
    ann = connect(server)
    ann.hello("ann")
    following = server.successor(*wrong)
    following.launch()
    assert following.wait() == 1
    ann.settle()
    assert server.ops("/readyz").status == 200


def test_where_none_runs_it_is_an_ordinary_start(start, build, folder):
    server = Running(build, folder / "data", ["--take-over"])
    start(server)
    assert server.ops("/readyz").status == 200


def test_one_for_another_address_binds_it(start, connect):
    server = start()
    following = server.successor("--listen", "127.0.0.2:0")
    start(following)
    assert server.wait() == 0
    with pytest.raises(ConnectionRefusedError):
        ask(server.port, "/healthz")
    assert ask(following.port, "/healthz", host="127.0.0.2").status == 200
    assert following.ops("/readyz").status == 200


# ---- sockets that a service manager keeps


@pytest.fixture
def manage(build, folder):
    managers = []

    def make(**more):
        managers.append(Manager(build, folder, **more))
        return managers[-1]

    yield make
    for manager in managers:
        manager.close()


@pytest.mark.parametrize("names", ["clients:ops", None, "chatd.socket:ops"])
def test_sockets_come_from_the_service_manager(manage, names):
    manager = manage(names=names)
    manager.start()
    clients, ops = manager.ports
    assert ask(clients, "/readyz").text == "ready\n"
    assert ask(ops, "/readyz").json["ready"] is True


def test_who_comes_between_two_servers_waits(manage):
    manager = manage()
    visitors = Visitors(manager.ports[0])
    try:
        for _ in range(3):
            process = manager.start()
            served = visitors.served
            while visitors.served < served + 20 and not visitors.failures:
                ask(manager.ports[0], "/healthz")
            manager.stop(process)
        manager.start()
    finally:
        visitors.end()


def test_what_is_no_listening_socket_is_told(manage):
    manager = manage()
    with socket.socket() as idle:
        process = manager.launch(descriptors=[idle.fileno(), manager.sockets[1].fileno()])
        assert process.wait(DEADLINE) == 1
    assert "no listening TCP socket" in "\n".join(process.log.all())


def test_pages_of_the_operator_are_not_shared_by_an_open_socket(build, folder, manage):
    manager = manage(names="clients:ops")
    manager.sockets[0].close()
    manager.sockets[0] = socket.create_server(("0.0.0.0", 0))
    manager.start("--ops-listen", "off")
    assert ask(manager.ports[0], "/metrics").status == 404
