import assert from "node:assert/strict";
import { test } from "node:test";

import { CAPACITY, Outbox } from "../../web/outbox.js";
import { Clock, memoryStore } from "./fakes.mjs";

const UNSURE = { code: "network", temporary: true, unsure: true };

function setUp(store = memoryStore()) {
  const clock = new Clock();
  const flying = [];
  const outbox = new Outbox({
    store,
    clock,
    submit: (item, done) => flying.push({ key: item.key, done }),
    changed: () => {},
  });
  const add = (key, room = "lobby") => outbox.add({ key, room, text: `text of ${key}` });
  const states = (room = "lobby") => outbox.items(room).map(({ key, state }) => `${key} ${state}`);
  const take = () => flying.splice(0).map(({ key }) => key);
  return { clock, flying, outbox, add, states, take, store };
}

test("keeps messages until there is a connection, then sends them in order", () => {
  const { outbox, add, take, states } = setUp();
  add("a");
  add("b");
  assert.deepEqual(take(), []);
  assert.deepEqual(states(), ["a sending", "b sending"]);
  outbox.resume(64);
  assert.deepEqual(take(), ["a", "b"]);
});

test("has no more than in_flight unanswered in a room", () => {
  const { outbox, add, flying } = setUp();
  outbox.resume(1);
  add("a");
  add("b");
  add("c", "other");
  assert.deepEqual(flying.map(({ key }) => key), ["a", "c"]);
  flying[0].done(null, { seq: 1 });
  assert.deepEqual(flying.map(({ key }) => key), ["a", "c", "b"]);
});

test("an acknowledged message is sent until it is seen", () => {
  const { outbox, add, flying, states, store } = setUp();
  outbox.resume(64);
  add("a");
  assert.equal(store.kept.size, 1);
  flying[0].done(null, { seq: 1 });
  assert.deepEqual(states(), ["a sent"]);
  assert.equal(store.kept.size, 0);
  assert.equal(outbox.unsent, 0);
  outbox.seen("a");
  assert.deepEqual(states(), []);
});

test("a message may be seen before it is acknowledged", () => {
  const { outbox, add, flying, states, store } = setUp();
  outbox.resume(64);
  add("a");
  outbox.seen("a");
  assert.deepEqual(states(), []);
  assert.equal(store.kept.size, 0);
  flying[0].done(null, { seq: 1 });
  assert.deepEqual(states(), []);
});

test("repeats what is unsure with the same key, in order", () => {
  const { outbox, add, flying, take } = setUp();
  outbox.resume(64);
  add("a");
  add("b");
  const [a, b] = flying.splice(0);
  outbox.suspend();
  a.done(UNSURE);
  b.done(UNSURE);
  assert.deepEqual(take(), []);
  outbox.resume(64);
  assert.deepEqual(take(), ["a", "b"]);
});

test("waits as long as a temporary refusal says", () => {
  const { outbox, add, flying, take, clock, states } = setUp();
  outbox.resume(1);
  add("a");
  add("b");
  flying.splice(0)[0].done({ code: "rate_limited", temporary: true, retryMs: 800 });
  clock.advance(799);
  assert.deepEqual(take(), []);
  assert.deepEqual(states(), ["a sending", "b sending"]);
  clock.advance(1);
  assert.deepEqual(take(), ["a"]);
});

test("a refused message fails, the next ones go on", () => {
  const { outbox, add, flying, states, take, store } = setUp();
  outbox.resume(1);
  add("a");
  add("b");
  flying.splice(0)[0].done({ code: "too_large", message: "no", temporary: false });
  assert.deepEqual(states(), ["a failed", "b sending"]);
  assert.deepEqual(take(), ["b"]);
  assert.equal(store.kept.get("a").error.code, "too_large");
});

test("a failed message is retried with its key, or discarded", () => {
  const { outbox, add, flying, states, take, store } = setUp();
  outbox.resume(64);
  add("a");
  flying.splice(0)[0].done({ code: "forbidden", message: "no", temporary: false });
  outbox.retry("a");
  assert.deepEqual(take(), ["a"]);
  assert.deepEqual(states(), ["a sending"]);
  outbox.discard("a");
  assert.deepEqual(states(), ["a sending"], "what may be under way stays");
  add("b");
  flying.splice(0)[0].done({ code: "forbidden", message: "no", temporary: false });
  outbox.discard("b");
  assert.deepEqual(states(), ["a sending"]);
  assert.deepEqual([...store.kept.keys()], ["a"]);
});

test("survives a reload, in order, failures included", () => {
  const first = setUp();
  first.outbox.resume(64);
  first.add("a");
  first.add("b");
  first.add("c");
  first.flying[1].done({ code: "too_large", message: "no", temporary: false });
  first.flying[2].done(null, { seq: 4 });
  const second = setUp(memoryStore(first.store.load().reverse()));
  assert.deepEqual(second.states(), ["a sending", "b failed"]);
  second.outbox.resume(64);
  assert.deepEqual(second.take(), ["a"]);
});

test("is bounded", () => {
  const { outbox, add } = setUp();
  for (let index = 0; index < CAPACITY.messages; index += 1) assert.ok(add(`k${index}`));
  assert.equal(add("more"), false);
  const long = { key: "long", room: "r", text: "x".repeat(CAPACITY.characters + 1) };
  outbox.clear();
  assert.equal(outbox.add(long), false);
});

test("forgets everything at log out, also in the store", () => {
  const { outbox, add, states, store } = setUp();
  add("a");
  outbox.clear();
  assert.deepEqual(states(), []);
  assert.equal(store.kept.size, 0);
});

test("edits, deletes and reactions outlive the page as they were", () => {
  const { outbox, store } = setUp();
  const items = [
    { kind: "edit", key: "e", room: "lobby", ref: 3, text: "new" },
    { kind: "delete", key: "d", room: "lobby", ref: 4 },
    { kind: "react", key: "r", room: "lobby", ref: 5, emoji: "🦆", on: false },
    { kind: "send", key: "s", room: "lobby", text: "hi @b", mentions: ["2"], replyTo: 7 },
  ];
  for (const item of items) outbox.add(item);
  const again = setUp(memoryStore(JSON.parse(JSON.stringify([...store.kept.values()])))).outbox;
  const plain = ({ made, state, error, flying, ...item }) => item;
  assert.deepEqual(again.items("lobby").map(plain), items);
});

test("in another log nothing is changed that was meant in the one before", () => {
  const { outbox, add, flying, states, store } = setUp();
  outbox.resume(64);
  add("acked");
  add("unsure");
  outbox.add({ kind: "edit", key: "edit", room: "lobby", ref: 7, text: "better" });
  outbox.add({ kind: "edit", key: "elsewhere", room: "other", ref: 7, text: "better" });
  const [acked, unsure, edit] = flying.splice(0);
  acked.done(null, { seq: 9 });
  outbox.suspend();
  unsure.done(UNSURE);
  outbox.begunAnew("lobby");
  edit.done(UNSURE);
  assert.deepEqual(states(), ["unsure sending", "edit failed"]);
  assert.deepEqual(states("other"), ["elsewhere sending"]);
  outbox.resume(64);
  assert.deepEqual(flying.map(({ key }) => key), ["unsure"]);
  outbox.retry("edit");
  assert.deepEqual(states(), ["unsure sending"]);
  assert.deepEqual([...store.kept.keys()], ["unsure", "elsewhere"]);
});
