"""chatctl verify --tables: what is sound passes, and each damage has its name."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from drivers.chatd import Chatd, prefix_of
from drivers.wire import Wire, new_key

DEADLINE = 60

# The keys of each table that is checked.
KEYS = {
    "messages": ("room", "first"),
    "claims": ("id",),
    "rooms": ("list", "room"),
    "folds": ("room", "ref"),
    "users": ("user", "what"),
    "names": ("name",),
    "user-counter": ("id",),
}


class Tables:
    """Those of a task that has ended, with the means to break and mend them."""

    def __init__(self, service, prefix):
        self._service = service
        self.prefix = prefix
        self._saved = {table: self.items(table) for table in KEYS}

    def items(self, table):
        items, more = [], {}
        while True:
            told = self._service.call("Scan", TableName=self.prefix + table, **more)
            items += told["Items"]
            if "LastEvaluatedKey" not in told:
                return items
            more = {"ExclusiveStartKey": told["LastEvaluatedKey"]}

    def find(self, table, **members):
        """The one item with these members, a copy."""
        [found] = [
            item
            for item in json.loads(json.dumps(self.items(table)))
            if all(
                str(next(iter(item.get(name, {0: None}).values()))) == str(value)
                for name, value in members.items()
            )
        ]
        return found

    def put(self, table, item):
        self._service.call("PutItem", TableName=self.prefix + table, Item=item)

    def drop(self, table, item):
        key = {name: item[name] for name in KEYS[table]}
        self._service.call("DeleteItem", TableName=self.prefix + table, Key=key)

    def mend(self):
        for table, saved in self._saved.items():
            now = self.items(table)
            for item in now:
                if item not in saved:
                    self.drop(table, item)
            for item in saved:
                if item not in now:
                    self.put(table, item)


class Verify:
    def __init__(self, build, environment):
        self._program = build / "server/chatctl"
        self._environment = {**os.environ, **environment}

    def __call__(self, **more):
        done = subprocess.run(
            [self._program, "verify", "--json", "--tables"],
            env={**self._environment, **more},
            capture_output=True,
            text=True,
            timeout=DEADLINE,
        )
        self.errors = done.stderr
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        return done.returncode, rows[:-1], rows[-1] if rows else None


def chat(task):
    """In lobby: 1 ann, 2 bob, 3 to 7 messages, 8 an edit of 3, 9 a reaction to
    4, 10 a deletion of 3. In den, private: 1 ann, 2 an invitation of bob."""
    ann, bob = Wire(task.url), Wire(task.url)
    ann.hello("ann")
    bob.hello("bob")
    for wire in (ann, bob):
        wire.join("lobby")
    for number in range(5):
        ann.ask("send", room="lobby", text=f"text {number}", key=new_key())
    ann.ask("edit", room="lobby", ref=3, text="secret", key=new_key())
    bob.ask("react", room="lobby", ref=4, emoji="👍", on=True, key=new_key())
    ann.ask("delete", room="lobby", ref=3, key=new_key())
    ann.join("den", create=True, private=True)
    ann.ask("invite", room="den", user=bob.user["id"], key=new_key())
    ids = ann.user["id"], bob.user["id"]
    ann.close()
    bob.close()
    return ids


@pytest.fixture(scope="module")
def place(build, dynamodb, keys):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="chat-"))
    environment = {
        **keys,
        "CHATD_STORE": "dynamodb",
        "CHATD_DYNAMODB_ENDPOINT": dynamodb.url,
        "CHATD_TABLE_PREFIX": prefix_of(folder),
    }
    task = Chatd(build, folder, environment=environment)
    task.start()
    ids = chat(task)
    task.stop()
    yield Tables(dynamodb, prefix_of(folder)), ids, Verify(build, environment)
    shutil.rmtree(folder)


@pytest.fixture
def tables(place):
    yield place[0]
    place[0].mend()


@pytest.fixture
def verify(place):
    return place[2]


def test_sound_tables_pass(verify, tables):
    status, findings, summary = verify()
    assert (status, findings) == (0, [])
    assert summary == {
        "file": "tables",
        "sound": True,
        "findings": 0,
        "rooms": 2,
        "entries": 12,
        "users": 2,
    }


def entry(item, index=0):
    return item["entries"]["L"][index]["M"]


def chunk(tables, first):
    return tables.find("messages", room="lobby", first=first)


def lose_chunk(tables, ids):
    tables.drop("messages", chunk(tables, 6))


def lose_beginning(tables, ids):
    tables.drop("messages", chunk(tables, 0))


def overlap(tables, ids):
    item = chunk(tables, 6)
    item["last"]["N"] = "7"
    item["entries"]["L"] *= 2
    tables.put("messages", item)


def spoil_chunk(tables, ids):
    item = chunk(tables, 6)
    item["last"]["N"] = "9"
    tables.put("messages", item)


def repeat_key(tables, ids):
    item = chunk(tables, 6)
    entry(item)["k"] = entry(chunk(tables, 5))["k"]
    tables.put("messages", item)


def lose_claim(tables, ids):
    tables.drop("claims", tables.find("claims", id=claim_of(tables, ids)))


def claim_of(tables, ids):
    return f"lobby/{ids[0]}/{entry(chunk(tables, 6))['k']['S']}"


def claim_late(tables, ids):
    item = tables.find("claims", id=claim_of(tables, ids))
    item["head"]["N"] = "6"
    tables.put("claims", item)


def count_wrong(tables, ids):
    item = chunk(tables, 6)
    entry(item)["n"]["N"] = "9"
    tables.put("messages", item)


def go_back(tables, ids):
    item = chunk(tables, 6)
    entry(item)["t"]["N"] = "1"
    tables.put("messages", item)


def change_bytes(tables, ids):
    item = chunk(tables, 6)
    entry(item)["b"]["S"] = entry(item)["b"]["S"].replace("lobby", "hobby")
    tables.put("messages", item)


def promote(tables, ids):
    item = tables.find("messages", room="lobby", first=2)
    entry(item)["s"]["S"] = f"{ids[1]}:3 {ids[0]}:5"
    tables.put("messages", item)


def user_item(tables, ids, **change):
    item = tables.find("users", user=ids[1], what="room:lobby")
    item.update({name: {"N": str(value)} for name, value in change.items()})
    tables.put("users", item)


def lose_user_item(tables, ids):
    tables.drop("users", tables.find("users", user=ids[1], what="room:den"))


def intrude(tables, ids):
    item = tables.find("users", user=ids[1], what="room:lobby")
    tables.put("users", {**item, "user": {"N": "99"}})


def stand_to_nothing(tables, ids):
    item = tables.find("users", user=ids[1], what="room:lobby")
    tables.put("users", {**item, "what": {"S": "room:nowhere"}})


def list_wrong(tables, ids):
    item = tables.find("rooms", list="public", room="lobby")
    item["members"]["N"] = "7"
    tables.put("rooms", item)


def publish(tables, ids):
    item = tables.find("rooms", list="private", room="den")
    tables.put("rooms", {**item, "list": {"S": "public"}})


def unlist(tables, ids):
    tables.drop("rooms", tables.find("rooms", list="public", room="lobby"))


def list_nothing(tables, ids):
    item = tables.find("rooms", list="public", room="lobby")
    tables.put("rooms", {**item, "room": {"S": "nowhere"}})


def snapshot(tables, ids, at=5):
    item = {
        "list": {"S": "room:lobby"},
        "room": {"S": "lobby"},
        "epoch": chunk(tables, 0)["epoch"],
        "private": {"N": "0"},
        "at": {"N": str(at)},
        "n": {"N": "3"},
        "ts": {"N": "1"},
        "standings": {"S": ""},
    }
    tables.put("rooms", item)


def fold_wrong(tables, ids):
    item = tables.find("folds", room="lobby", ref=4)
    item["fold"]["S"] = item["fold"]["S"].replace("👍", "👎")
    tables.put("folds", item)


def fold_behind(tables, ids):
    item = tables.find("folds", room="lobby", ref=3)
    item["at"]["N"] = "8"
    tables.put("folds", item)


def lose_fold(tables, ids):
    tables.drop("folds", tables.find("folds", room="lobby", ref=4))


def add_fold(tables, ids):
    item = tables.find("folds", room="lobby", ref=4)
    tables.put("folds", {**item, "ref": {"N": "6"}})


def write_text(tables, ids, first):
    item = chunk(tables, first)
    event = json.loads(entry(item)["b"]["S"])
    event.pop("deleted")
    event["text"] = "secret"
    entry(item)["b"]["S"] = json.dumps(event, separators=(",", ":"))
    tables.put("messages", item)


def lose_profile(tables, ids):
    tables.drop("users", tables.find("users", user=ids[1], what="profile"))


def count_back(tables, ids):
    tables.put("user-counter", {"id": {"S": "users"}, "next": {"N": "1"}})


DAMAGES = [
    (lose_chunk, "seq", "entries 6 to 6"),
    (lose_beginning, "seq", "begins is missing"),
    (overlap, "seq", "before the end"),
    (spoil_chunk, "seq", "cannot be read"),
    (repeat_key, "key", "had used its key for the entry 5"),
    (lose_claim, "claim", "nobody claimed"),
    (claim_late, "claim", "at the head 6"),
    (count_wrong, "n", "counts 9"),
    (go_back, "ts", "before that of"),
    (change_bytes, "bytes", "in room"),
    (promote, "member", "its event does not"),
    (lambda tables, ids: user_item(tables, ids, role=3), "member", "the role 3"),
    (lambda tables, ids: user_item(tables, ids, at=1), "member", "was at 1"),
    (lambda tables, ids: user_item(tables, ids, base=1), "marker", "by joining"),
    (lambda tables, ids: user_item(tables, ids, mark=99), "marker", "not yet"),
    (lose_user_item, "member", "was at 0"),
    (intrude, "member", "3 users stand"),
    (stand_to_nothing, "member", "has no log"),
    (list_wrong, "room", "says members 7"),
    (publish, "room", "in the other list"),
    (unlist, "room", "has it not"),
    (list_nothing, "room", "has no log"),
    (snapshot, "snapshot", "is not what the log makes"),
    (lambda tables, ids: snapshot(tables, ids, at=40), "seq", "snapshot, 40"),
    (fold_wrong, "change", "is not what the log makes"),
    (fold_behind, "change", "was up to 8"),
    (lose_fold, "change", "has no fold"),
    (add_fold, "change", "no entry is about it"),
    (lambda tables, ids: write_text(tables, ids, 3), "change", "its text is there"),
    (lambda tables, ids: write_text(tables, ids, 8), "change", "its text is there"),
    (lose_profile, "reference", "is not there"),
    (count_back, "reference", "given twice"),
]


@pytest.mark.parametrize(("damage", "check", "part"), DAMAGES)
def test_a_damage_has_its_name(damage, check, part, verify, tables, place):
    damage(tables, place[1])
    status, findings, summary = verify()
    assert status == 1 and not summary["sound"]
    assert summary["findings"] == len(findings)
    assert [f for f in findings if f["check"] == check and part in f["text"]], findings


def test_no_tables_are_no_sound_tables(verify, tables):
    status, _, summary = verify(CHATD_TABLE_PREFIX="none-")
    assert (status, summary) == (2, None)
    assert verify.errors.startswith("chatctl: cannot check tables: DynamoDB, none-")
    assert "there is no such table" in verify.errors
    status, _, summary = verify(CHATD_DYNAMODB_ENDPOINT="http://127.0.0.1:1")
    assert (status, summary) == (2, None)
