"""What chatctl does to users of a real chatd, and what their clients see."""

from drivers.lines import DEADLINE, wait_until
from drivers.programs import Headless
from drivers.wire import new_key


def test_kick_from_a_room(start_chatd, sign_in, chatctl):
    server = start_chatd()
    ann, bob = sign_in(server, "ann"), sign_in(server, "bob")
    done = chatctl(server).row(
        "kick", "bob", "--room", "lobby", "--reason", "enough"
    )
    assert done["user"]["id"] == bob.user["id"] and done["changed"]
    entry = ann.take("kick")
    assert entry["seq"] == done["seq"]
    assert entry["from"]["name"] == "operator"
    assert entry["user"]["name"] == "bob" and entry["reason"] == "enough"
    assert bob.take("kick") == entry
    assert bob.take("membership")["state"] == "removed"
    assert bob.refused("send", room="lobby", text="?", key=new_key()) == "forbidden"
    again = chatctl(server).row("kick", "bob", "--room", "lobby")
    assert not again["changed"]
    bob.join("lobby")
    said = chatctl(server)("kick", bob.user["id"], "--room", "lobby").text
    assert said == f"bob (guest, id {bob.user['id']}) in lobby: done\n"


def test_kick_from_the_server(start_chatd, sign_in, connect, chatctl):
    server = start_chatd()
    ann, bob = sign_in(server, "ann"), sign_in(server, "bob")
    said = chatctl(server)("kick", "bob").text
    assert "1 connection closed" in said
    assert bob.wait_closed() == 4010
    assert bob.take("close")["code"] == 4010
    back = connect(server)
    assert back.hello_token(bob.hello_reply["token"])["user"] == bob.user
    ann.send("lobby", "ann stays")
    assert chatctl(server).row("kick", "bob")["changed"]


def test_ban_from_a_room(start_chatd, sign_in, chatctl):
    server = start_chatd()
    ann, bob = sign_in(server, "ann"), sign_in(server, "bob")
    program = chatctl(server)
    assert program.row("ban", "bob", "--room", "lobby")["changed"]
    assert ann.take("ban")["on"]
    assert bob.refused("join", room="lobby", key=new_key()) == "forbidden"
    assert not program.row("ban", "bob", "--room", "lobby")["changed"]
    assert program.row("unban", "bob", "--room", "lobby")["changed"]
    assert not ann.take("ban")["on"]
    bob.join("lobby")


def test_ban_from_the_server(start_chatd, sign_in, connect, chatctl):
    server = start_chatd()
    ann, bob = sign_in(server, "ann"), sign_in(server, "bob")
    ann.take("join")
    program = chatctl(server)
    done = program.row("ban", "bob")
    assert done["changed"] and done["connections"] == 1
    assert bob.wait_closed() == 4503
    close = bob.take("close")
    assert close["code"] == 4503 and "banned" in close["message"]
    assert not program.row("ban", bob.user["id"])["changed"]
    server.stop()
    server.start()
    for credential in (
        {"token": bob.hello_reply["token"]},
        {"guest": "bob", "key": bob.guest_key},
    ):
        back = connect(server)
        request = back.post("hello", version=1, **credential)
        assert back.reply(request)["error"] == {
            "code": "unauthorized",
            "message": "an operator has banned you from this server",
        }
        assert back.wait_closed() == 4503
    [row] = [r for r in program.rows("users", "--all") if r["name"] == "bob"]
    assert row["banned"] > 1_600_000_000_000
    assert program.row("unban", bob.user["id"])["changed"]
    back = connect(server)
    assert back.hello_token(bob.hello_reply["token"])["user"] == bob.user
    assert [room["room"] for room in back.hello_reply["rooms"]] == ["lobby"]


def test_a_client_is_kicked_comes_back_and_is_banned(
    build, start_chatd, chatctl, tmp_path
):
    """chat-tui: a kick costs it a reconnect, a ban ends it and it says why."""
    server = start_chatd()
    program = chatctl(server)
    client = Headless(build, tmp_path / "home", server.url, "lobby", "bob")
    client.say("one")
    client.wait_for("one")
    assert program.row("kick", "bob")["connections"] == 1
    client.say("two")
    client.wait_for("two")
    program.row("ban", "bob")
    assert client.process.wait(DEADLINE) == 2
    assert "banned" in client.errors()
    assert [entry["seq"] for entry in client.entries()] == [1, 2, 3]
    assert program.rows("connections") == []


def test_an_account_that_is_banned_cannot_log_in(start_chatd, connect, chatctl):
    server = start_chatd()
    wire = connect(server)
    account = {"user": "Carol", "password": "correct horse"}
    wire.ask("hello", version=1, register=account, key=new_key())
    done = chatctl(server).row("ban", "carol")
    assert done["user"]["name"] == "Carol" and not done["user"]["guest"]
    assert wire.wait_closed() == 4503
    back = connect(server)
    assert back.refused("hello", version=1, login=account) == "unauthorized"


def test_role(start_chatd, sign_in, chatctl):
    """The lobby has no owner: an operator names its first moderator."""
    server = start_chatd()
    ann, bob = sign_in(server, "ann"), sign_in(server, "bob")
    about_bob = {"room": "lobby", "user": bob.user["id"]}
    assert ann.refused("kick", **about_bob, key=new_key()) == "forbidden"
    assert chatctl(server).row("role", "lobby", "ann", "moderator")["changed"]
    assert ann.take("role")["role"] == "moderator"
    ann.ask("kick", **about_bob, key=new_key())
    assert bob.take("membership")["state"] == "removed"
    assert chatctl(server).row("role", "lobby", "ann", "member")["changed"]
    assert chatctl(server).error("role", "lobby", "ann", "king") == "bad_request"
    assert chatctl(server).error("role", "lobby", "bob", "owner") == "not_found"


def test_an_operator_is_above_owners(start_chatd, sign_in, chatctl):
    server = start_chatd()
    ann = sign_in(server, "ann")
    ann.join("den", create=True, private=True)
    assert chatctl(server).row("kick", "ann", "--room", "den")["changed"]
    assert ann.take("membership")["state"] == "removed"


def test_token_revoke(start_chatd, sign_in, connect, chatctl):
    server = start_chatd()
    ann = sign_in(server, "ann")
    assert chatctl(server).row("token", "revoke", "ann")["changed"]
    assert ann.wait_closed() == 4500
    back = connect(server)
    token = ann.hello_reply["token"]
    assert back.refused("hello", version=1, token=token) == "unauthorized"
    assert not chatctl(server).row("token", "revoke", ann.user["id"])["changed"]


def test_who_is_meant(start_chatd, sign_in, chatctl):
    server = start_chatd()
    program = chatctl(server)
    sign_in(server, "ann")
    twins = [sign_in(server, "twin") for _ in range(2)]
    done = program("kick", "twin")
    assert done.status == 1
    ids = {line.split()[3].rstrip(")") for line in done.lines}
    assert ids == {twin.user["id"] for twin in twins}
    assert "several users have this name" in done.errors
    assert program.error("kick", "twin") == "ambiguous"
    assert program.error("kick", "nobody") == "not_found"
    assert program.error("kick", "999") == "not_found"
    assert program.error("kick", "ann", "--room", "nowhere") == "not_found"
    assert program.error("kick", "ann", "--room", "No Room") == "bad_request"
    assert program.error("kick", "ann", "--room", "dm.1.2") in (
        "not_found",
        "forbidden",
    )
    assert program.row("kick", twins[0].user["id"])["changed"]
    assert twins[0].wait_closed() == 4010
    twins[0].close()
    wait_until(lambda: len(program.rows("connections")) == 2, "a twin has gone")
    assert program.row("kick", "twin")["user"]["id"] == twins[1].user["id"]


def test_a_name_may_be_a_number(start_chatd, sign_in, chatctl):
    server = start_chatd()
    sign_in(server, "ann")
    number = sign_in(server, "1234")
    done = chatctl(server).row("kick", "1234")
    assert done["user"]["id"] == number.user["id"]


# ---- the operator's account ----


def test_nobody_takes_the_operator_s_name(start_chatd, connect, chatctl, sign_in):
    server = start_chatd()
    account = {"user": "Operator", "password": "correct horse"}
    for _ in range(2):
        wire = connect(server)
        guest = {"guest": "operator", "key": new_key()}
        assert wire.refused("hello", version=1, **guest) == "name_taken"
        register = {"register": account, "key": new_key()}
        assert wire.refused("hello", version=1, **register) == "name_taken"
        assert wire.refused("hello", version=1, login=account) == "unauthorized"
        bob = sign_in(server, "bob")
        chatctl(server).row("kick", bob.user["id"], "--room", "lobby")


def test_the_log_of_an_operator_is_sound(build, start_chatd, sign_in, chatctl):
    server = start_chatd()
    ann = sign_in(server, "ann")
    program = chatctl(server)
    program.row("role", "lobby", "ann", "owner")
    program.row("kick", "ann", "--room", "lobby")
    program.row("ban", "ann", "--room", "lobby")
    server.stop()
    server.start()
    program.row("unban", ann.user["id"], "--room", "lobby")
    done = chatctl()("verify", server.data / "chat.db")
    assert done.status == 0, done.text
    log = sign_in(server, "eve").log("lobby")
    by = {e["from"]["id"] for e in log if e["event"] in ("kick", "ban", "role")}
    assert len(by) == 1
