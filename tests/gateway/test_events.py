"""What goes out by @connections: to whom, packed how, and what ends it."""

import threading


def joined(client, name):
    one = client()
    one.hello(name)
    one.ok("join", room="lobby", key="j")
    return one


def is_message(text):
    return lambda o: o.get("event") == "message" and o["text"] == text


def test_an_entry_comes_to_all_of_both_fronts(client, direct, management):
    ann, bob = joined(client, "ann"), joined(client, "bob")
    cid = direct("cid")
    seq = ann.ok("send", room="lobby", key="k1", text="from the gateway")["seq"]
    for one in (ann, bob):
        event = management.wait_for(one.id, is_message("from the gateway"), "message")
        assert event["seq"] == seq
    assert cid.take("message")["seq"] == seq
    cid.send("lobby", "from a socket")
    for one in (ann, bob):
        assert management.wait_for(one.id, is_message("from a socket"), "message")["seq"] == seq + 1


def test_nothing_is_pushed_before_the_first_message(client, management):
    ann = joined(client, "ann")
    silent = client()
    silent.connect()
    ann.ok("send", room="lobby", key="k", text="x")
    management.wait_for(ann.id, is_message("x"), "message")
    assert silent.id not in management.bodies


def test_what_waits_is_packed(client, management):
    ann, bob = joined(client, "ann"), joined(client, "bob")
    management.wait_for(ann.id, lambda o: o.get("event") == "join" and o["from"]["name"] == "bob", "join")
    held = threading.Event()
    management.decide = lambda method, connection, body: held.wait(20) and None
    for n in range(50):
        ann.ok("send", room="lobby", key=f"k{n}", text=f"{n} " + "x" * 1000)
    held.set()
    management.wait_for(bob.id, lambda o: o.get("text", "").startswith("49 "), "last message")
    texts = [o["text"].split()[0] for o in management.objects(bob.id) if o.get("event") == "message"]
    assert texts == [str(n) for n in range(50)]
    sizes = [len(body) for body in management.bodies[bob.id]]
    assert max(sizes) <= 30 * 1024
    assert len(sizes) < 12


def test_a_connection_that_is_gone_is_forgotten(client, management):
    ann, bob = joined(client, "ann"), joined(client, "bob")
    asked = []

    def gone(method, connection, body):
        if connection != bob.id:
            return None
        asked.append(body)
        return 410

    management.decide = gone
    for n in range(5):
        ann.ok("send", room="lobby", key=f"k{n}", text=str(n))
        management.wait_for(ann.id, is_message(str(n)), "message")
    assert len(asked) <= 2
    assert bob.request("ping")["error"]["code"] == "hello_required"


def test_throttled_and_failed_posts_are_repeated(client, management):
    ann, bob = joined(client, "ann"), joined(client, "bob")
    answers = iter([429, 500, 429, 503])
    management.decide = lambda method, connection, body: (
        next(answers, None) if connection == bob.id else None
    )
    ann.ok("send", room="lobby", key="k", text="at last")
    management.wait_for(bob.id, is_message("at last"), "message")
    assert next(answers, None) is None


def test_a_pack_that_is_too_large_is_halved(client, management):
    ann, bob = joined(client, "ann"), joined(client, "bob")
    management.decide = lambda method, connection, body: 413 if len(body) > 8000 else None
    for n in range(12):
        ann.ok("send", room="lobby", key=f"k{n}", text=f"{n} " + "x" * 3000)
    management.wait_for(bob.id, lambda o: o.get("text", "").startswith("11 "), "last message")
    texts = [o["text"].split()[0] for o in management.objects(bob.id) if o.get("event") == "message"]
    assert texts == [str(n) for n in range(12)]


def test_after_the_own_leave_nothing_comes(client, management):
    ann, bob = joined(client, "ann"), joined(client, "bob")
    bob.ok("leave", room="lobby", key="l")
    ann.ok("send", room="lobby", key="k", text="without bob")
    management.wait_for(ann.id, is_message("without bob"), "message")
    management.wait_for(bob.id, lambda o: o.get("event") == "leave", "leave")
    ann.ok("send", room="lobby", key="k2", text="still without")
    management.wait_for(ann.id, is_message("still without"), "message")
    assert not [o for o in management.objects(bob.id) if o.get("event") == "message"]


def test_other_connections_of_the_user_hear_of_a_join(client, management):
    ann = client()
    ann.hello("ann")
    other = client()
    other.token = ann.token
    other.hello("ann")
    ann.ok("join", room="lobby", key="j")
    management.wait_for(other.id, lambda o: o.get("event") == "membership", "membership")
    assert not [o for o in management.objects(ann.id) if o.get("event") == "membership"]
    seq = ann.ok("send", room="lobby", key="k", text="both")["seq"]
    assert management.wait_for(other.id, is_message("both"), "message")["seq"] == seq
    ann.ok("read", room="lobby", seq=seq)
    management.wait_for(other.id, lambda o: o.get("event") == "read", "read")


def test_typing_comes_to_others(client, management):
    ann, bob = joined(client, "ann"), joined(client, "bob")
    ann.message('{"action":"typing","room":"lobby"}')
    management.wait_for(bob.id, lambda o: o.get("event") == "typing", "typing")
    assert not [o for o in management.objects(ann.id) if o.get("event") == "typing"]


def test_a_logout_ends_the_other_connections_of_the_token(client, management):
    ann = client()
    ann.hello("ann")
    other = client()
    other.token = ann.token
    other.hello("ann")
    ann.ok("logout", all=True)
    management.wait_deleted(other.id)
    assert management.objects(other.id)[-1]["code"] == 4500


def test_a_disconnect_ends_the_session(client):
    ann = joined(client, "ann")
    assert ann.disconnect()[0] == 200
    assert ann.request("ping")["error"]["code"] == "hello_required"


def test_what_was_missed_follows_hello(client, management):
    ann, bob = joined(client, "ann"), joined(client, "bob")
    room = bob.ok("ping", since=0)["heads"]["lobby"]
    bob.disconnect()
    for n in range(10):
        ann.ok("send", room="lobby", key=f"k{n}", text=str(n))
    again = client()
    again.token = bob.token
    ok = again.hello("bob", resume=[{"room": "lobby", "epoch": room["epoch"], "seq": room["head"]}])
    assert ok["rooms"][0]["resumed"]
    management.wait_for(again.id, is_message("9"), "last message")
    seqs = [o["seq"] for o in management.objects(again.id) if "seq" in o]
    assert seqs == list(range(room["head"] + 1, room["head"] + 11))


def test_more_than_may_wait_is_not_resumed(client, management):
    """The queue of a connection must take all of it: the client pages then."""
    ann, bob = joined(client, "ann"), joined(client, "bob")
    room = bob.ok("ping", since=0)["heads"]["lobby"]
    bob.disconnect()
    for n in range(40):
        ann.ok("send", room="lobby", key=f"k{n}", text=f"{n} " + "x" * 3900)
    again = client()
    again.token = bob.token
    ok = again.hello("bob", resume=[{"room": "lobby", "epoch": room["epoch"], "seq": room["head"]}])
    assert not ok["rooms"][0]["resumed"]
    page = again.ok("history", room="lobby", after=room["head"], limit=40)
    assert page["entries"][0]["seq"] == room["head"] + 1
    ann.ok("send", room="lobby", key="last", text="live")
    management.wait_for(again.id, is_message("live"), "message")
