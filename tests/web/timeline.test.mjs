import assert from "node:assert/strict";
import { test } from "node:test";

import { Timeline } from "../../web/timeline.js";
import { message } from "./fakes.mjs";

const seqs = (entries) => entries.map(({ seq }) => seq);

function begun(head = 10) {
  const timeline = new Timeline();
  timeline.begin("e1", head);
  return timeline;
}

test("applies the next entry", () => {
  const timeline = begun();
  assert.deepEqual(seqs(timeline.add(message(11))), [11]);
  assert.equal(timeline.last, 11);
  assert.equal(timeline.behind, 0);
});

test("drops what it has", () => {
  const timeline = begun();
  timeline.add(message(11));
  assert.deepEqual(timeline.add(message(11)), []);
  assert.deepEqual(timeline.add(message(3)), []);
  assert.deepEqual(seqs(timeline.entries), [11]);
  assert.equal(timeline.held, 0);
});

test("holds what is ahead of a hole and applies it in order", () => {
  const timeline = begun();
  assert.deepEqual(timeline.add(message(13)), []);
  assert.deepEqual(timeline.add(message(12)), []);
  assert.equal(timeline.behind, 3);
  assert.deepEqual(seqs(timeline.add(message(11))), [11, 12, 13]);
  assert.equal(timeline.behind, 0);
});

test("holds 1,000 entries and then wants the room to be paged anew", () => {
  const timeline = begun(0);
  for (let seq = 2; seq <= 1001; seq += 1) timeline.add(message(seq));
  assert.equal(timeline.held, 1000);
  assert.throws(() => timeline.add(message(1002)), RangeError);
  assert.equal(timeline.held, 0);
  assert.ok(timeline.behind > 1000);
});

test("takes the entry that fills the hole however much is held", () => {
  const timeline = begun(0);
  for (let seq = 2; seq <= 1001; seq += 1) timeline.add(message(seq));
  assert.equal(timeline.add(message(1)).length, 1001);
});

test("what was held of another log is not taken for this one's", () => {
  const timeline = begun();
  timeline.add(message(12));
  assert.deepEqual(timeline.begin("e2", 10), []);
  assert.equal(timeline.held, 0);
  assert.deepEqual(seqs(timeline.add(message(11))), [11]);
  assert.equal(timeline.behind, 0);
});

test("holds what comes before it is known where the log stands", () => {
  const timeline = new Timeline();
  timeline.add(message(12));
  timeline.add(message(9));
  timeline.add(message(11));
  assert.deepEqual(seqs(timeline.begin("e1", 10)), [11, 12]);
  assert.equal(timeline.behind, 0);
});

test("an unknown kind of entry moves the log", () => {
  const timeline = begun();
  timeline.add({ event: "merge", room: "lobby", seq: 11 });
  assert.equal(timeline.last, 11);
});

test("another epoch, or a head below the last entry, is another log", () => {
  const timeline = begun();
  assert.equal(timeline.continues("e2", 10), false);
  assert.equal(timeline.continues("e1", 9), false);
  assert.equal(timeline.continues("e1", 12), true);
});

test("knows how much is missing", () => {
  const timeline = begun();
  timeline.expect(12);
  assert.equal(timeline.behind, 2);
  timeline.expect(11);
  assert.equal(timeline.behind, 2);
});

test("prepends the page before it, and only that", () => {
  const timeline = begun();
  const page = (first, ...list) => ({ first, changes: [], entries: list.map((seq) => message(seq)) });
  assert.equal(timeline.prepend(page(1, 7, 8, 9, 10)), true);
  assert.equal(timeline.start, 7);
  assert.equal(timeline.hasOlder, true);
  assert.equal(timeline.prepend(page(1, 4, 5)), false);
  assert.equal(timeline.prepend(page(1, 4, 6)), false);
  assert.equal(timeline.prepend(page(6, 6, 7)), true);
  assert.equal(timeline.hasOlder, false);
  assert.equal(timeline.at(6).seq, 6);
  assert.equal(timeline.at(5), undefined);
});

test("forgets the oldest beyond its capacity", () => {
  const timeline = new Timeline(100);
  timeline.begin("e1", 0);
  for (let seq = 1; seq <= 101; seq += 1) timeline.add(message(seq));
  assert.deepEqual([timeline.start, timeline.last], [27, 101]);
  assert.equal(timeline.hasOlder, true);
});
