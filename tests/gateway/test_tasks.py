"""Two tasks on the same tables: a connection is nobody's."""

import concurrent.futures
import os
import signal
import time

from integration import DEADLINE, Client, at_once


def is_message(text):
    return lambda o: o.get("event") == "message" and o["text"] == text


def joined(tasks, name):
    one = Client(*tasks)
    one.hello(name)
    one.ok("join", room="lobby", key="j")
    return one


def test_each_request_may_come_to_another_task(tasks):
    blue, green = tasks
    ann = Client(blue)
    assert ann.hello("ann")["server"]["color"] == "blue"
    ann.ok("join", green, room="lobby", key="j")
    first = ann.ok("send", blue, room="lobby", key="k1", text="one")["seq"]
    assert ann.ok("send", green, room="lobby", key="k2", text="two")["seq"] == first + 1
    assert ann.ok("send", blue, room="lobby", key="k2", text="two") == {
        **ann.ok("send", green, room="lobby", key="k2", text="two"),
    }
    assert ann.ok("ping", green)["now"]


def test_a_join_is_repeated_at_the_other_task(tasks):
    """As a client does whose answer was lost, or API Gateway by itself."""
    blue, green = tasks
    ann = Client(*tasks)
    ann.hello("ann", blue)
    ann.ok("ping", green)
    for room in (f"den-{n}" for n in range(10)):
        body = {"room": room, "key": f"k-{room}", "create": True}
        each = [lambda t=t, b=body: ann.request("join", t, **b) for t in (*tasks, *tasks)]
        answers = at_once(each)
        assert all("ok" in answer for answer in answers), answers
        assert {answer["ok"]["head"] for answer in answers} == {1}


def test_an_entry_is_delivered_once_by_the_task_that_commits_it(tasks, management):
    blue, green = tasks
    ann, bob = joined([blue, green], "ann"), joined([green, blue], "bob")
    for n in range(10):
        for one, task in ((ann, tasks[n % 2]), (bob, tasks[n % 2 - 1])):
            one.ok("send", task, room="lobby", key=f"k{n}", text=f"{one.user} {n}")
    for one in (ann, bob):
        management.wait_for(one.id, is_message(f"{bob.user} 9"), "message")
        texts = [o["text"] for o in management.objects(one.id) if o.get("event") == "message"]
        assert sorted(texts) == sorted(f"{u} {n}" for u in (ann.user, bob.user) for n in range(10))


def test_sessions_survive_their_task(tasks, management):
    blue, green = tasks
    ann, bob = joined(tasks, "ann"), joined(tasks, "bob")
    blue.kill()
    seq = ann.ok("send", green, room="lobby", key="k", text="without blue")["seq"]
    assert management.wait_for(bob.id, is_message("without blue"), "message")["seq"] == seq
    assert bob.ok("history", green, room="lobby", before=seq + 1, limit=5)["head"] == seq


def test_a_drain_disconnects_nobody(tasks, management):
    blue, green = tasks
    ann = joined(tasks, "ann")
    blue.stop()
    ann.ok("send", green, room="lobby", key="k", text="after the drain")
    management.wait_for(ann.id, is_message("after the drain"), "message")
    assert ann.id not in management.deleted
    assert not [o for o in management.objects(ann.id) if o.get("event") in ("close", "drain")]


def test_a_restart_of_all_keeps_everything(tasks, management):
    """Also the connection: the session is in the table."""
    blue, green = tasks
    ann = joined(tasks, "ann")
    ann.ok("join", room="kitchen", key="k", create=True)
    seq = ann.ok("send", green, room="lobby", key="s", text="before")["seq"]
    ann.ok("read", blue, room="lobby", seq=seq)
    before = ann.ok("history", green, room="lobby", after=0)["entries"]
    for task in tasks:
        task.stop()
    for task in tasks:
        task.start()
    assert ann.ok("history", blue, room="lobby", after=0)["entries"] == before
    kitchen, lobby = ann.hello("ann", green)["rooms"]
    assert (kitchen["room"], lobby["room"], lobby["read"]) == ("kitchen", "lobby", seq)
    assert ann.ok("send", green, room="lobby", key="t", text="after")["seq"] == seq + 1
    assert ann.id not in management.deleted


def rows_of(dynamodb, server, topic):
    found = dynamodb.call(
        "Query",
        TableName=server.environment["CHATD_TABLE_PREFIX"] + "connections",
        KeyConditionExpression="topic = :topic",
        ExpressionAttributeValues={":topic": {"S": topic}},
    )
    return [row["id"]["S"] for row in found["Items"]]


def test_a_disconnect_told_to_the_other_task_ends_the_session(tasks, dynamodb):
    blue, green = tasks
    ann = joined(tasks, "ann")
    assert rows_of(dynamodb, blue, f"connection:{ann.id}") == [ann.id]
    ann.disconnect(green)
    give_up = time.monotonic() + DEADLINE
    while rows_of(dynamodb, blue, f"connection:{ann.id}"):
        assert time.monotonic() < give_up, "the session stays in the table"
    assert ann.request("ping", green)["error"]["code"] == "hello_required"


def test_a_logout_ends_sessions_everywhere(tasks, management):
    blue, green = tasks
    ann = joined(tasks, "ann")
    other = Client(*tasks)
    other.token = ann.token
    other.hello("ann", green)
    ann.ok("logout", blue, all=True)
    management.wait_deleted(other.id)


def register(client, server, name, password):
    credential = {"user": name, "password": password}
    return client.ok("hello", server, version=1, register=credential, key=f"r-{name}")


def test_a_new_password_leaves_its_own_connection(tasks, management):
    blue, green = tasks
    ann, other = Client(*tasks), Client(*tasks)
    register(ann, blue, "Ann", "correct horse")
    login = {"user": "Ann", "password": "correct horse"}
    other.ok("hello", green, version=1, login=login)
    ann.ok("ping", green)  # which has a seat of hers now, by the old token
    ann.ok("password", blue, old="correct horse", new="another horse")
    management.wait_deleted(other.id)
    assert management.objects(other.id)[-1]["code"] == 4500
    give_up = time.monotonic() + DEADLINE
    while "ok" not in ann.request("ping", green):
        assert time.monotonic() < give_up, "it is not found by its new token"
    assert ann.ok("ping", blue)["now"]
    assert ann.id not in management.deleted


def end_tokens(dynamodb, server):
    """As if the task that ended them had died before it told anybody."""
    table = server.environment["CHATD_TABLE_PREFIX"] + "tokens"
    for row in dynamodb.call("Scan", TableName=table)["Items"]:
        dynamodb.call("DeleteItem", TableName=table, Key={"hash": row["hash"]})


def test_a_token_that_ended_unheard_ends_its_connections(tasks, dynamodb, management):
    blue, green = tasks
    ann, bob = Client(*tasks), Client(*tasks)
    ann.hello("ann", blue)
    bob.hello("bob", blue)
    end_tokens(dynamodb, blue)
    for one in (ann, bob):
        assert one.request("ping", green)["error"]["code"] == "hello_required"
        management.wait_deleted(one.id)
    assert ann.request("ping", blue)["error"]["code"] == "hello_required"


def test_a_kick_ends_what_is_delivered(tasks, management):
    blue, green = tasks
    ann, bob = Client(*tasks), Client(*tasks)
    ann.hello("ann", blue)
    bob.hello("bob", green)
    ann.ok("join", blue, room="den", key="j", create=True)
    bob.ok("join", green, room="den", key="j")
    ann.ok("kick", green, room="den", key="k", user=bob.user)
    management.wait_for(bob.id, lambda o: o.get("event") == "kick", "kick")
    ann.ok("send", blue, room="den", key="s", text="without bob")
    management.wait_for(ann.id, is_message("without bob"), "message")
    assert not [o for o in management.objects(bob.id) if o.get("event") == "message"]


def test_few_messages_wait_for_a_session(tasks, dynamodb):
    """While the directory has no answer; who is beyond is told to come back."""
    ann = Client(*tasks)
    os.kill(dynamodb.process.pid, signal.SIGSTOP)
    with concurrent.futures.ThreadPoolExecutor(80) as pool:
        asked = [pool.submit(ann.request, "ping") for _ in range(80)]
        answers = concurrent.futures.as_completed(asked, DEADLINE)
        refused = [next(answers).result()["error"] for _ in range(16)]
        os.kill(dynamodb.process.pid, signal.SIGCONT)
        served = [answer.result()["error"] for answer in answers]
    assert {error["code"] for error in refused} == {"busy"}
    assert all(error["retry_ms"] > 0 for error in refused)
    assert {error["code"] for error in served} == {"hello_required"}
