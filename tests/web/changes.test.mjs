import assert from "node:assert/strict";
import { test } from "node:test";

import { Changes, fold } from "../../web/changes.js";
import { Timeline } from "../../web/timeline.js";
import { message, seeded } from "./fakes.mjs";
import { changeOf, erase } from "./log.mjs";

const EMOJI = ["🦆", "👍", "❤️"];

const change = (event, seq, ref, more = {}) => ({
  ...message(seq, { event, ref, text: undefined, n: undefined }),
  ...more,
});

// What a timeline shows of a message.
function shown(timeline, seq) {
  const state = timeline.changes.of(seq);
  return {
    text: timeline.text(seq),
    edited: Boolean(state?.edit),
    reactions: [...(state?.reactions ?? [])],
  };
}

// A log that a seed makes; deletes erase as the server's do.
function makeLog(random, length) {
  const log = [];
  const pick = (list) => list[Math.floor(random() * list.length)];
  while (log.length < length) {
    const seq = log.length + 1;
    const from = pick([{ id: "9", name: "bob" }, { id: "7", name: "ann" }]);
    const alive = log.filter(({ event, deleted }) => event === "message" && !deleted);
    const dice = random();
    if (dice < 0.4 || alive.length === 0) log.push(message(seq, { from }));
    else if (dice < 0.6) log.push(change("edit", seq, pick(alive).seq, { from, text: `edit ${seq}` }));
    else if (dice < 0.65) log.push(change("delete", seq, pick(alive).seq, { from }));
    else log.push(change("react", seq, pick(alive).seq, { from, emoji: pick(EMOJI), on: random() < 0.7 }));
    if (log.at(-1).event === "delete") erase(log, log.at(-1).ref);
  }
  return log;
}

function pageOf(log, from, to) {
  const entries = log.slice(from - 1, to);
  const messages = entries.filter(({ event }) => event === "message");
  const changes = messages.map(({ seq }) => changeOf(log, seq)).filter(Boolean);
  return { entries, changes, first: 1 };
}

test("whatever comes live and by pages, in whatever order, ends as one fold", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = seeded(seed);
    const full = makeLog(random, 80);
    const begin = 1 + Math.floor(random() * 60);
    const timeline = new Timeline();
    timeline.begin("e1", begin);
    let live = begin;
    // The log as it was when `live` entries were in it.
    const at = (length) => {
      const log = full.slice(0, length);
      full.slice(0, length).filter(({ event }) => event === "delete").forEach(({ ref }) => erase(log, ref));
      return log;
    };
    while (live < full.length || timeline.start > 1) {
      if (live < full.length && random() < 0.6) {
        live += 1;
        timeline.add(full[live - 1]);
      } else if (timeline.start > 1) {
        const to = timeline.start - 1;
        const page = pageOf(at(live), Math.max(1, to - 9), to);
        // Live entries may overtake the reply.
        for (; live < full.length && random() < 0.5; live += 1) timeline.add(full[live]);
        timeline.prepend(page);
      }
      if (random() < 0.1) timeline.trim(20);
    }
    const whole = new Timeline();
    whole.begin("e1", 0);
    for (const entry of full) whole.add(entry);
    for (const { seq, event } of full) {
      if (event !== "message") continue;
      assert.deepEqual(shown(timeline, seq), shown(whole, seq), `seed ${seed}, message ${seq}`);
      const final = changeOf(full, seq);
      const reactions = (final?.reactions ?? []).map(({ emoji, users }) => [emoji, users]);
      assert.deepEqual(shown(timeline, seq).reactions, reactions, `seed ${seed}, message ${seq}`);
    }
    const texts = timeline.entries.filter(({ text, deleted }) => deleted && text !== undefined);
    assert.deepEqual(texts, [], "nothing of what was deleted is kept");
  }
});

test("entries at or below upto are in the change already", () => {
  const timeline = new Timeline();
  timeline.begin("e1", 2);
  const reactions = [{ emoji: "🦆", users: ["7"] }];
  const entries = [message(1), message(2)];
  timeline.prepend({ entries, changes: [{ ref: 1, upto: 4, reactions }], first: 1 });
  timeline.add(change("react", 3, 1, { emoji: "👍", on: true }));
  timeline.add(change("react", 4, 1, { emoji: "👍", on: false }));
  assert.deepEqual(shown(timeline, 1).reactions, [["🦆", ["7"]]]);
  timeline.add(change("react", 5, 1, { emoji: "🦆", on: true }));
  assert.deepEqual(shown(timeline, 1).reactions, [["🦆", ["7", "9"]]]);
});

test("a delete takes the text, the edits' too", () => {
  const timeline = new Timeline();
  timeline.begin("e1", 0);
  timeline.add(message(1, { mentions: ["3"] }));
  timeline.add(change("edit", 2, 1, { text: "other" }));
  timeline.add(change("delete", 3, 1));
  assert.equal(timeline.text(1), null);
  assert.equal(JSON.stringify(timeline.entries).includes("text"), false);
  assert.equal(timeline.at(1).mentions, undefined);
});

test("an older page does not take back what a newer one said", () => {
  const changes = new Changes();
  changes.take({ ref: 1, upto: 9, edit: 8, text: "new" });
  changes.take({ ref: 1, upto: 5, edit: 4, text: "old" });
  assert.equal(changes.of(1).text, "new");
});

test("a delete wins over whatever comes behind it", () => {
  const deleted = fold({ upto: 2, edit: 0, deleted: true, reactions: new Map() }, change("edit", 3, 1, { text: "back" }));
  assert.deepEqual([deleted.deleted, deleted.text, deleted.upto], [true, undefined, 3]);
});
