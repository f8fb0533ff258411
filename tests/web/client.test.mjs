import assert from "node:assert/strict";
import { test } from "node:test";

import { Client } from "../../web/client.js";
import { Clock, Network, helloOk, memoryStore, message } from "./fakes.mjs";

const LOBBY = { room: "lobby", epoch: "e1", head: 10, read: 8, unread: 2, mentions: 0, resumed: false };

function setUp({ rooms = [LOBBY], inFlight = 64, store = memoryStore() } = {}) {
  const clock = new Clock();
  const network = new Network();
  const changes = [];
  let keys = 0;
  const client = new Client({
    connect: network.connect,
    clock,
    random: () => 0.5,
    makeKey: () => `key-${(keys += 1)}`,
    store,
    url: "ws://x/ws",
    subprotocol: false,
    agent: "test",
    changed: (what, room) => changes.push(room ? `${what} ${room}` : what),
    token: () => {},
  });
  const greet = (overrides = {}) => {
    network.open();
    const limits = { ...helloOk().limits, in_flight: inFlight };
    network.answer("hello", { ok: helloOk({ rooms, limits, ...overrides }) });
  };
  client.start({ guest: "ann", key: "k" });
  greet();
  const room = (name = "lobby") => client.rooms.get(name);
  const asked = (action) => network.socket.sent.filter((request) => request.action === action);
  const reconnect = (overrides) => {
    network.socket.onclose(1006);
    client.nudge();
    greet(overrides);
  };
  return { client, network, clock, changes, room, asked, reconnect };
}

const page = (from, to, overrides = {}) => ({
  entries: Array.from({ length: to - from + 1 }, (_, index) => message(from + index)),
  changes: [],
  first: 1,
  head: to,
  ...overrides,
});

test("opening a room loads its newest page and marks what is new", () => {
  const { client, network, room } = setUp();
  client.select("lobby");
  const { before, epoch, limit } = network.request("history");
  assert.deepEqual([before, epoch, limit], [11, "e1", 50]);
  network.answer("history", { ok: page(1, 10) });
  assert.equal(room().timeline.entries.length, 10);
  assert.equal(room().timeline.hasOlder, false);
  assert.equal(room().mark, 8);
});

test("counts what others say where nobody looks", () => {
  const { client, network, room } = setUp();
  network.deliver(message(11));
  network.deliver(message(12, { from: { id: "7", name: "ann" } }));
  assert.deepEqual([room().unread, client.unread], [3, 3]);
});

test("what is seen is read, and the server told once", () => {
  const { client, network, room, asked } = setUp();
  client.select("lobby");
  client.watch(true);
  assert.deepEqual([room().unread, network.request("read").seq], [0, 10]);
  network.deliver(message(11), message(12));
  assert.equal(asked("read").length, 1, "one at a time");
  network.answer("read", { ok: { seq: 10, unread: 2, mentions: 0 } });
  assert.deepEqual(asked("read").map(({ seq }) => seq), [10, 12]);
  network.answer("read", { ok: { seq: 12, unread: 0, mentions: 0 } });
  assert.equal(asked("read").length, 2);
});

test("the mark stands where one looked away", () => {
  const { client, network, room } = setUp();
  client.select("lobby");
  client.watch(true);
  client.watch(false);
  network.deliver(message(11), message(12));
  assert.deepEqual([room().mark, room().unread], [10, 2]);
});

test("another page of the same user reads", () => {
  const { network, room } = setUp();
  network.deliver({ event: "read", room: "lobby", read: 10, unread: 0, mentions: 0 });
  assert.equal(room().unread, 0);
  network.deliver({ event: "read", room: "lobby", read: 9, unread: 1, mentions: 0 });
  assert.equal(room().unread, 0, "markers only move forward");
});

test("a hole on a direct socket is asked for at once, once", () => {
  const { network, room, asked } = setUp();
  network.deliver(message(13), message(15));
  assert.equal(asked("history").length, 1);
  const { after, limit } = network.request("history");
  assert.deepEqual([after, limit], [10, 200]);
  network.answer("history", { ok: page(11, 15) });
  assert.equal(room().timeline.last, 15);
  assert.deepEqual(room().timeline.entries.map(({ seq }) => seq), [11, 12, 13, 14, 15]);
});

test("through a gateway a hole has 300 ms to fill", () => {
  const { network, clock, room, asked } = setUp({ inFlight: 1 });
  network.deliver(message(12));
  clock.advance(299);
  network.deliver(message(11));
  clock.advance(1000);
  assert.equal(asked("history").length, 0);
  assert.equal(room().timeline.last, 12);
  network.deliver(message(14));
  clock.advance(300);
  assert.equal(asked("history").length, 1);
});

test("a long hole is filled page by page", () => {
  const { network, room, asked } = setUp();
  network.deliver(message(300));
  network.answer("history", { ok: page(11, 210, { head: 300, more: true }) });
  assert.equal(network.request("history").after, 210);
  network.answer("history", { ok: page(211, 300) });
  assert.equal(room().timeline.last, 300);
  assert.equal(asked("history").length, 2);
});

test("a ping finds what was lost", () => {
  const { network, clock, room } = setUp();
  clock.advance(25000);
  const heads = { lobby: { epoch: "e1", head: 11 } };
  network.answer("ping", { ok: { now: 1, heads, rooms_rev: 1 } });
  clock.advance(300);
  network.answer("history", { ok: page(11, 11) });
  assert.equal(room().timeline.last, 11);
});

test("a ping that was overtaken by an entry is no other log", () => {
  const { network, clock, room, asked } = setUp();
  network.deliver(message(11));
  clock.advance(25000);
  const heads = { lobby: { epoch: "e1", head: 10 } };
  network.answer("ping", { ok: { now: 1, heads, rooms_rev: 1 } });
  clock.advance(1000);
  assert.equal(room().timeline.last, 11);
  assert.equal(asked("hello").length, 1);
});

test("a room list that changed unseen is learnt by another hello", () => {
  const { client, network, clock } = setUp();
  clock.advance(25000);
  network.answer("ping", { ok: { now: 1, heads: {}, rooms_rev: 5 } });
  const rooms = [{ ...LOBBY, room: "design" }];
  network.answer("hello", { ok: helloOk({ rooms, rooms_rev: 5 }) });
  assert.deepEqual(client.list.map(({ name }) => name), ["design"]);
});

test("resumed rooms go on, the others page what they missed", () => {
  const { network, room, asked, reconnect } = setUp();
  network.deliver(message(11));
  reconnect({ rooms: [{ ...LOBBY, head: 13, resumed: true }] });
  assert.deepEqual(network.request("hello").resume, [{ room: "lobby", epoch: "e1", seq: 11 }]);
  network.deliver(message(12), message(13));
  assert.equal(room().timeline.last, 13);
  assert.equal(asked("history").length, 0);
  reconnect({ rooms: [{ ...LOBBY, head: 15 }] });
  assert.equal(network.request("history").after, 13);
});

test("a room that is far behind is loaded anew", () => {
  const { client, network, room, changes, reconnect } = setUp();
  client.select("lobby");
  network.answer("history", { ok: page(1, 10) });
  changes.length = 0;
  reconnect({ rooms: [{ ...LOBBY, head: 5000 }] });
  assert.ok(changes.includes("reset lobby"));
  assert.equal(network.request("history").before, 5001);
  assert.equal(room().timeline.entries.length, 0);
});

test("another epoch, or a head that fell, is another log", () => {
  for (const other of [{ epoch: "e2", head: 4 }, { head: 9 }]) {
    const { room, changes, reconnect } = setUp();
    changes.length = 0;
    reconnect({ rooms: [{ ...LOBBY, ...other }] });
    assert.ok(changes.includes("reset lobby"));
    assert.equal(room().timeline.last, other.head);
  }
});

test("another log brings its own marker, and takes no change of the old one", () => {
  const { client, room, asked, reconnect } = setUp();
  client.edit("lobby", 7, "better");
  room().mark = 9;
  reconnect({ rooms: [{ ...LOBBY, epoch: "e2", head: 4, read: 2, unread: 1, mentions: 0 }] });
  assert.deepEqual([room().read, room().unread, room().mark], [2, 1, 2]);
  assert.deepEqual(client.pending("lobby").map(({ state }) => state), ["failed"]);
  assert.equal(asked("edit").length, 0); // over the new connection
});

test("a page of an epoch that is gone is thrown away", () => {
  const { client, network, room } = setUp();
  client.select("lobby");
  network.answer("history", { error: { code: "epoch_changed", message: "" } });
  const rooms = [{ ...LOBBY, epoch: "e2", head: 3 }];
  network.answer("hello", { ok: helloOk({ rooms }) });
  assert.equal(network.request("history").epoch, "e2");
  network.answer("history", { ok: page(1, 3) });
  assert.equal(room().timeline.entries.length, 3);
});

test("too many held entries page the log anew", () => {
  const { network, room } = setUp({ inFlight: 1 });
  for (let seq = 12; seq <= 1012; seq += 1) network.deliver(message(seq));
  assert.equal(network.request("history").after, 10);
  let after = 10;
  while (after < 1012) {
    const to = Math.min(after + 200, 1012);
    network.answer("history", { ok: page(after + 1, to, { head: 1012 }) });
    after = to;
  }
  assert.equal(room().timeline.last, 1012);
});

test("joining starts behind the page; entries that were faster are held", () => {
  const { client, network, room } = setUp({ rooms: [] });
  client.join("lobby");
  network.deliver(message(11));
  assert.equal(client.list.length, 0);
  const ok = { ...page(9, 10), room: "lobby", epoch: "e1", members: 3, recovered: false, role: "member" };
  network.answer("join", { ok });
  assert.deepEqual(room().timeline.entries.map(({ seq }) => seq), [9, 10, 11]);
  assert.equal(room().members, 3);
});

test("joins and leaves of another page change the list", () => {
  const { client, network } = setUp({ rooms: [] });
  const event = { event: "membership", room: "design", epoch: "e3", head: 4 };
  network.deliver({ ...event, state: "joined", read: 2, unread: 1, mentions: 0 });
  assert.deepEqual([client.list[0].name, client.list[0].unread], ["design", 1]);
  network.deliver({ ...event, state: "invited", by: { id: "9", name: "bob" } });
  assert.equal(client.list.length, 1);
  network.deliver({ ...event, head: 5, state: "left" });
  assert.equal(client.list.length, 0);
});

test("own changes of the list need no other hello", () => {
  const { client, network, clock, asked } = setUp();
  const ok = { ...page(1, 1), room: "design", epoch: "e9", members: 1, recovered: false, role: "member" };
  client.join("design", { create: true });
  network.answer("join", { ok });
  client.leave("lobby");
  network.answer("leave", { ok: { seq: 11, ts: 1 } });
  clock.advance(25000);
  network.answer("ping", { ok: { now: 1, heads: {}, rooms_rev: 3 } });
  assert.equal(asked("hello").length, 1);
});

test("a message is pending until its entry is in the log", () => {
  const { client, network } = setUp();
  client.send("lobby", "hi", { replyTo: 3 });
  const { text, key, reply_to: replyTo } = network.request("send");
  assert.deepEqual([text, key, replyTo], ["hi", "key-1", 3]);
  assert.equal(client.pending("lobby")[0].state, "sending");
  network.answer("send", { ok: { seq: 11, ts: 1 } });
  assert.equal(client.pending("lobby")[0].state, "sent");
  network.deliver(message(11, { key, from: { id: "7", name: "ann" } }));
  assert.deepEqual(client.pending("lobby"), []);
});

test("another user's key is not one's own", () => {
  const { client, network } = setUp();
  client.send("lobby", "hi");
  network.deliver(message(11, { key: "key-1" }));
  assert.equal(client.pending("lobby").length, 1);
});

test("an acknowledged message whose entry was lost is asked for", () => {
  const { client, network, clock } = setUp();
  client.send("lobby", "hi");
  network.answer("send", { ok: { seq: 11, ts: 1 } });
  clock.advance(300);
  assert.equal(network.request("history").after, 10);
});

test("an old message that is found to be there is not shown as pending", () => {
  const item = { key: "old", room: "lobby", text: "x", made: 1, error: null };
  const { client, network } = setUp({ store: memoryStore([item]) });
  assert.equal(network.request("send").key, "old");
  network.answer("send", { ok: { seq: 6, ts: 1, dup: true } });
  assert.deepEqual(client.pending("lobby"), []);
});

test("who types is shown for six seconds, or until the message", () => {
  const { network, clock, room } = setUp();
  const typing = { event: "typing", room: "lobby", from: { id: "9", name: "bob" } };
  network.deliver(typing);
  clock.advance(5999);
  assert.equal(room().typing.size, 1);
  clock.advance(1);
  assert.equal(room().typing.size, 0);
  network.deliver(typing, message(11));
  assert.equal(room().typing.size, 0);
  network.deliver({ ...typing, from: { id: "7", name: "ann" } });
  assert.equal(room().typing.size, 0, "not oneself");
});

test("says that one types at most every three seconds", () => {
  const { client, clock, asked } = setUp();
  for (let second = 0; second < 7; second += 1) {
    client.typing("lobby");
    clock.advance(1000);
  }
  assert.equal(asked("typing").length, 3);
  assert.equal("id" in asked("typing")[0], false);
});

test("rooms that nobody looks at keep few entries", () => {
  const { network, room } = setUp();
  for (let seq = 11; seq <= 2000; seq += 1) network.deliver(message(seq));
  assert.ok(room().timeline.entries.length <= 1000);
  assert.equal(room().timeline.last, 2000);
});

test("what waits for a room goes when one leaves it", () => {
  const store = memoryStore();
  const { client, network } = setUp({ store });
  client.send("lobby", "hi");
  client.leave("lobby");
  network.answer("leave", { ok: { seq: 11, ts: 1 } });
  network.answer("send", { error: { code: "forbidden", message: "no" } });
  assert.equal(client.unsent, 0);
  assert.equal(store.kept.size, 0);
});

test("what was refused in a room that is gone does not stay for ever", () => {
  const store = memoryStore([{ key: "old", room: "gone", text: "x", made: 1, error: null }]);
  const { client, network } = setUp({ store });
  network.answer("send", { error: { code: "forbidden", message: "no" } });
  assert.equal(client.unsent, 0);
});

const ANN = { id: "7", name: "ann" };
const BOB = { id: "9", name: "bob" };
const entry = (event, seq, more) => message(seq, { event, text: undefined, n: undefined, ...more });

test("a kick, a ban or a leave of one's own ends the room", () => {
  for (const end of [
    entry("kick", 11, { user: ANN }),
    entry("ban", 11, { user: ANN, on: true }),
    entry("leave", 11, { from: ANN }),
  ]) {
    const { client, network, changes } = setUp();
    network.deliver(end);
    assert.equal(client.list.length, 0);
    assert.equal(changes.includes("removed lobby"), end.event !== "leave");
  }
});

test("others' ends and bans that are lifted end nothing", () => {
  const { client, network } = setUp();
  network.deliver(
    entry("kick", 11, { user: BOB }),
    entry("ban", 12, { user: ANN, on: false }),
    entry("leave", 13),
  );
  assert.equal(client.list.length, 1);
});

test("an own leave that a later join has undone is history", () => {
  const { client, network, reconnect } = setUp();
  reconnect({ rooms: [{ ...LOBBY, head: 14 }] });
  const left = [entry("leave", 11, { from: ANN }), message(12), message(13), message(14)];
  network.answer("history", { ok: page(11, 14, { entries: left }) });
  assert.equal(client.list.length, 1);
  network.deliver(entry("leave", 15, { from: ANN }));
  assert.equal(client.list.length, 0);
});

test("invitations come with hello and with events, and go", () => {
  const { client, network, reconnect } = setUp();
  const event = { event: "membership", epoch: "e9", head: 3, by: BOB };
  network.deliver({ ...event, room: "den", state: "invited" });
  assert.deepEqual([...client.invites], [["den", BOB]]);
  network.deliver({ ...event, room: "den", state: "removed" });
  assert.equal(client.invites.size, 0);
  reconnect({ invites: [{ room: "attic", by: BOB }] });
  assert.deepEqual([...client.invites.keys()], ["attic"]);
  client.leave("attic");
  network.answer("leave", { ok: { seq: 9, ts: 1 } });
  assert.equal(client.invites.size, 0);
});

test("another connection's removal is told once and counts once", () => {
  const { client, network, clock, changes, asked } = setUp();
  const removed = { event: "membership", room: "lobby", epoch: "e1", head: 11, state: "removed", by: BOB };
  network.deliver(entry("kick", 11, { user: ANN }), removed);
  assert.equal(client.list.length, 0);
  assert.equal(changes.filter((what) => what === "removed lobby").length, 1);
  clock.advance(25000);
  network.answer("ping", { ok: { now: 1, heads: {}, rooms_rev: 2 } });
  assert.equal(asked("hello").length, 1);
});

test("mentions of oneself are counted until they are read", () => {
  const { client, network, room } = setUp();
  network.deliver(message(11, { mentions: ["7"] }), message(12, { mentions: ["8"] }));
  assert.deepEqual([room().mentions, client.mentions, room().unread], [1, 1, 4]);
  client.select("lobby");
  client.watch(true);
  assert.equal(client.mentions, 0);
});

test("presence is told again after each reconnect", () => {
  const { client, network, asked, reconnect } = setUp();
  client.setPresence("dnd");
  assert.equal(network.request("presence").state, "dnd");
  reconnect();
  assert.equal(network.request("presence").state, "dnd");
  client.setPresence("online");
  reconnect();
  assert.equal(network.request("presence"), undefined);
});

test("opening a room learns its topic, people and one's role", () => {
  const { client, network, room, asked } = setUp();
  client.select("lobby");
  network.answer("rooms", { ok: { rooms: [{ room: "lobby", topic: "Tea", members: 2 }] } });
  const [own, all] = asked("members");
  assert.deepEqual([own.after, all.after], ["6", undefined]);
  const members = [{ ...ANN, role: "moderator" }, { ...BOB, role: "owner", presence: "away" }];
  network.deliver({ reply: own.id, ok: { members } }, { reply: all.id, ok: { members } });
  assert.deepEqual([room().topic, room().members, room().role], ["Tea", 2, "moderator"]);
  network.deliver(
    entry("topic", 11, { topic: "Coffee" }),
    entry("role", 12, { user: ANN, role: "owner" }),
    entry("join", 13, { from: { id: "11", name: "cleo" } }),
    { event: "presence", room: "lobby", users: [{ id: "9", presence: "offline" }] },
  );
  assert.deepEqual([room().topic, room().members, room().role], ["Coffee", 3, "owner"]);
  assert.deepEqual(room().people.sorted.map(({ name }) => name), ["ann", "bob", "cleo"]);
  assert.equal(room().people.list.get("9").presence, undefined);
});

test("a private room is described by joining it again", () => {
  const { client, network, room } = setUp();
  client.select("lobby");
  network.answer("rooms", { ok: { rooms: [] } });
  assert.equal(network.request("join").limit, 0);
  const ok = { ...page(1, 0), room: "lobby", epoch: "e1", topic: "Quiet", members: 2, recovered: false };
  network.answer("join", { ok: { ...ok, role: "owner" } });
  assert.deepEqual([room().topic, room().role, room().listed], ["Quiet", "owner", false]);
});

test("a changed password brings a token for the next time", () => {
  const { client, network } = setUp();
  let failed;
  client.changePassword("old secret", "new secret", (error) => (failed = error));
  network.answer("password", { ok: { token: "token-2" } });
  assert.equal(failed, null);
  network.socket.onclose(1006);
  client.nudge();
  network.open();
  assert.equal(network.request("hello").token, "token-2");
});

test("an edit whose text had no place in the page is asked for", () => {
  const { client, network, room } = setUp();
  client.select("lobby");
  const changes = [{ ref: 3, upto: 10, edit: 900 }];
  network.answer("history", { ok: page(1, 10, { changes }) });
  assert.deepEqual([network.request("history").around, network.request("history").limit], [900, 1]);
  const edit = entry("edit", 900, { ref: 3, text: "long" });
  network.answer("history", { ok: page(900, 900, { entries: [edit] }) });
  assert.equal(room().timeline.text(3), "long");
});

test("edits, deletes and reactions go the way of messages", () => {
  const { client, network } = setUp();
  client.edit("lobby", 9, "better");
  client.react("lobby", 9, "🦆", false);
  client.delete("lobby", 9);
  const { ref, text, key } = network.request("edit");
  assert.deepEqual([ref, text, network.request("react").on, network.request("delete").ref], [9, "better", false, 9]);
  assert.equal(client.pending("lobby").length, 3);
  network.deliver(entry("edit", 11, { ref: 9, text: "better", key, from: ANN }));
  assert.equal(client.pending("lobby").length, 2);
});

test("an entry that overtakes the new connection's hello is no other log", () => {
  const { network, clock, room, changes } = setUp();
  network.deliver({ event: "drain", reason: "deploy", reconnect_in_ms: 0, spread_ms: 0 });
  clock.advance(0);
  const [old] = network.sockets;
  network.open();
  old.onmessage(JSON.stringify(message(11)));
  changes.length = 0;
  network.answer("hello", { ok: helloOk({ rooms: [{ ...LOBBY, resumed: true }] }) });
  network.deliver(message(11), message(12));
  assert.equal(room().timeline.last, 12);
  assert.equal(changes.includes("reset lobby"), false);
});
