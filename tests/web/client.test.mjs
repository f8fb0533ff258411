import assert from "node:assert/strict";
import { test } from "node:test";

import { Client } from "../../web/client.js";
import { Clock, Network, helloOk, memoryStore, message } from "./fakes.mjs";

const LOBBY = { room: "lobby", epoch: "e1", head: 10, read: 8, unread: 2, resumed: false };

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
  network.answer("read", { ok: { seq: 10, unread: 2 } });
  assert.deepEqual(asked("read").map(({ seq }) => seq), [10, 12]);
  network.answer("read", { ok: { seq: 12, unread: 0 } });
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
  network.deliver({ event: "read", room: "lobby", read: 10, unread: 0 });
  assert.equal(room().unread, 0);
  network.deliver({ event: "read", room: "lobby", read: 9, unread: 1 });
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
  const ok = { ...page(9, 10), room: "lobby", epoch: "e1", members: 3, recovered: false };
  network.answer("join", { ok });
  assert.deepEqual(room().timeline.entries.map(({ seq }) => seq), [9, 10, 11]);
  assert.equal(room().members, 3);
});

test("joins and leaves of another page change the list", () => {
  const { client, network } = setUp({ rooms: [] });
  const event = { event: "membership", room: "design", epoch: "e3", head: 4 };
  network.deliver({ ...event, state: "joined", read: 2, unread: 1 });
  assert.deepEqual([client.list[0].name, client.list[0].unread], ["design", 1]);
  network.deliver({ ...event, state: "invited" });
  assert.equal(client.list.length, 1);
  network.deliver({ ...event, state: "left" });
  assert.equal(client.list.length, 0);
});

test("own changes of the list need no other hello", () => {
  const { client, network, clock, asked } = setUp();
  const ok = { ...page(1, 1), room: "design", epoch: "e9", members: 1, recovered: false };
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
  client.send("lobby", "hi", 3);
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
