"""Whose connections those of a proxy are."""

import resource

import pytest

ONE_EACH = ("--max-connections-per-address", "1")
BEHIND_A_PROXY = ("--trusted-proxies", "10.0.0.0/8,127.0.0.1", *ONE_EACH)


def forwarded(server, *lines):
    """(peer, status) of a handshake with these lines of X-Forwarded-For."""
    peer, response = server.upgrade(more=[("X-Forwarded-For", line) for line in lines])
    return peer, response.status


def test_each_client_of_a_proxy_counts_for_itself(start):
    server = start(*BEHIND_A_PROXY)
    first, status = forwarded(server, "192.0.2.1")
    assert status == 101
    second, status = forwarded(server, "192.0.2.2")
    assert status == 101
    assert forwarded(server, "192.0.2.1")[1] == 503
    for peer in (first, second):
        peer.text("hi")
        assert peer.receive_text() == "hi\n"


def test_a_client_that_leaves_makes_room(start):
    server = start(*BEHIND_A_PROXY)
    first, _ = forwarded(server, "192.0.2.1")
    other, _ = forwarded(server, "2001:db8::1")
    first.close()
    while forwarded(server, "192.0.2.1")[1] != 101:
        pass
    assert forwarded(server, "2001:db8::2")[1] == 503
    other.text("hi")
    assert other.receive_text() == "hi\n"


def test_the_proxy_itself_is_a_client_like_others(start):
    server = start(*BEHIND_A_PROXY)
    clients = [forwarded(server, f"192.0.2.{i}") for i in range(5)]
    assert {status for _, status in clients} == {101}
    own = server.websocket()
    assert server.upgrade()[1].status == 503
    assert forwarded(server, "127.0.0.1")[1] == 503
    own.close()
    while True:
        own, status = forwarded(server, "127.0.0.1")
        if status == 101:
            break
    assert server.upgrade()[1].status == 503


def test_a_header_in_two_lines_is_one(start):
    """Some proxies add a line of their own below the client's."""
    server = start(*BEHIND_A_PROXY)
    kept = [forwarded(server, "198.51.100.1", "192.0.2.1, 10.0.0.1")]
    assert kept[0][1] == 101
    assert forwarded(server, "198.51.100.2", "192.0.2.1")[1] == 503
    kept.append(forwarded(server, "192.0.2.1", "198.51.100.1"))
    assert kept[1][1] == 101


@pytest.mark.parametrize("line", ["nonsense", "192.0.2.1:80", "192.0.2.1," * 60 + "192.0.2.1"])
def test_a_wrong_header_counts_for_the_proxy(start, line):
    server = start(*BEHIND_A_PROXY)
    own = server.websocket()
    assert forwarded(server, line)[1] == 503
    own.close()


@pytest.mark.parametrize("trusted", [(), ("--trusted-proxies", "10.0.0.0/8")])
def test_from_others_the_header_has_no_meaning(start, trusted):
    server = start(*trusted, *ONE_EACH)
    own, status = forwarded(server, "192.0.2.1")
    assert status == 101
    assert forwarded(server, "192.0.2.2")[1] == 503
    own.close()


@pytest.fixture
def many_descriptors():
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limits[1] < 4096:
        pytest.skip("too few descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.mark.parametrize("proxies", [(), ("--trusted-proxies", "127.0.0.1")])
def test_a_proxy_may_have_many_handshakes(start, many_descriptors, proxies):
    server = start(*proxies)
    waiting = [server.connect() for _ in range(1024)]
    late = server.connect()
    if proxies:
        assert late.handshake().status == 101
    else:
        assert late.is_closed()
    for peer in waiting:
        peer.close()
