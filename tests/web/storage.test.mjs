import assert from "node:assert/strict";
import { test } from "node:test";

import { Storage } from "../../web/storage.js";

// localStorage, as far as it is used.
class Area {
  getItem(key) {
    return Object.hasOwn(this, key) ? this[key] : null;
  }
  setItem(key, value) {
    this[key] = value;
  }
  removeItem(key) {
    delete this[key];
  }
}

const ITEM = { key: "k1", room: "lobby", text: "hi", made: 5, error: null };

test("remembers who the guest is", () => {
  const area = new Area();
  new Storage(area).identity = { guest: "ann", key: "secret", token: "t" };
  const storage = new Storage(area);
  assert.deepEqual(storage.identity, { guest: "ann", key: "secret", token: "t" });
  assert.ok(storage.isUser("secret"));
  storage.identity = null;
  assert.equal(storage.identity, null);
  assert.equal(JSON.stringify(area).includes("secret"), false);
});

test("keeps each message of the outbox on its own", () => {
  const area = new Area();
  const one = new Storage(area).outbox;
  const other = new Storage(area).outbox;
  one.put(ITEM);
  other.put({ ...ITEM, key: "k2" });
  one.remove("k1");
  assert.deepEqual(new Storage(area).outbox.load().map(({ key }) => key), ["k2"]);
});

test("does not trust what it finds", () => {
  const area = new Area();
  area.setItem("chat.identity", '{"guest":5}');
  area.setItem("chat.room", "{");
  area.setItem("chat.outbox.a", "null");
  area.setItem("chat.outbox.b", '{"key":"b","room":"lobby","text":7,"made":1}');
  area.setItem("other", "x");
  const storage = new Storage(area);
  assert.deepEqual([storage.identity, storage.room, storage.outbox.load()], [null, null, []]);
});

test("works without localStorage, and when it is full", () => {
  const full = new Area();
  full.setItem = () => {
    throw new Error("QuotaExceededError");
  };
  for (const area of [null, full]) {
    const storage = new Storage(area);
    storage.identity = { guest: "ann", key: "k" };
    storage.outbox.put(ITEM);
    storage.outbox.remove("k1");
    assert.deepEqual([storage.identity, storage.outbox.load()], [null, []]);
  }
});

test("keeps edits, deletes and reactions, and nothing that is none", () => {
  const area = new Area();
  const about = { room: "lobby", made: 5 };
  const good = [
    { ...about, key: "e", kind: "edit", ref: 3, text: "new" },
    { ...about, key: "d", kind: "delete", ref: 3 },
    { ...about, key: "r", kind: "react", ref: 3, emoji: "🦆", on: false },
  ];
  const bad = [
    { ...about, key: "x", kind: "edit", ref: 3 },
    { ...about, key: "y", kind: "delete", ref: "3" },
    { ...about, key: "z", kind: "react", ref: 3, emoji: "🦆" },
    { ...about, key: "w", kind: "dance", ref: 3 },
  ];
  for (const item of [...good, ...bad]) new Storage(area).outbox.put(item);
  assert.deepEqual(new Storage(area).outbox.load(), good);
});

test("an account is kept with its token or not at all", () => {
  const storage = new Storage(new Area());
  storage.identity = { account: "ann", key: "k" };
  assert.equal(storage.identity, null);
  storage.identity = { account: "ann", key: "k", token: "t" };
  assert.equal(storage.identity.account, "ann");
  storage.presence = "dnd";
  storage.used("🦆");
  storage.used("👍");
  storage.used("🦆");
  assert.deepEqual([storage.presence, storage.emoji], ["dnd", ["🦆", "👍"]]);
  storage.forget();
  assert.deepEqual([storage.identity, storage.presence, storage.emoji], [null, "online", []]);
});
