import assert from "node:assert/strict";
import { test } from "node:test";

import { makeRows, summarize } from "../../web/rows.js";
import { Timeline } from "../../web/timeline.js";
import { message } from "./fakes.mjs";

const USER = { id: "7", name: "ann" };
const NOON = new Date(2026, 10, 22, 12).getTime();
const MINUTE = 60_000;

function says(seq, minutes, from = { id: "9", name: "bob" }) {
  return message(seq, { ts: NOON + minutes * MINUTE, from });
}

// The rows of these entries, which may begin anywhere in a log.
function rowsOf({ entries, ...options }) {
  const timeline = new Timeline();
  timeline.begin("e1", (entries[0]?.seq ?? 1) - 1);
  for (const entry of entries) timeline.add(entry);
  const { start: from, last: to } = timeline;
  return makeRows({ timeline, from, to, user: USER, ...options });
}

function shape(options) {
  return rowsOf(options).map((row) => {
    if (row.type !== "message") return row.type;
    return `${row.from.name}${row.head ? "*" : ""} ${row.seq ?? row.state}`;
  });
}

test("groups messages by sender until a pause", () => {
  const entries = [says(1, 0), says(2, 1), says(3, 1, USER), says(4, 2, USER), says(5, 9, USER)];
  assert.deepEqual(shape({ entries }), ["day", "bob* 1", "bob 2", "ann* 3", "ann 4", "ann* 5"]);
});

test("separates days", () => {
  const entries = [says(1, 0), says(2, 13 * 60)];
  assert.deepEqual(shape({ entries }), ["day", "bob* 1", "day", "bob* 2"]);
});

test("puts the mark before the first message that is new", () => {
  const entries = [says(1, 0), says(2, 1), says(3, 1)];
  assert.deepEqual(shape({ entries, mark: 1 }), ["day", "bob* 1", "mark", "bob* 2", "bob 3"]);
  assert.deepEqual(shape({ entries, mark: 3 }), ["day", "bob* 1", "bob 2", "bob 3"]);
});

test("has no mark where it is not known what was read before", () => {
  assert.deepEqual(shape({ entries: [says(5, 0)], mark: 1 }), ["day", "bob* 5"]);
});

test("who comes and goes is one notice until somebody speaks", () => {
  const join = (seq, name) => ({
    event: "join",
    room: "lobby",
    seq,
    ts: NOON,
    from: { id: name, name },
    key: "k",
  });
  const entries = [join(1, "a"), join(2, "b"), says(3, 0), join(4, "c")];
  assert.deepEqual(shape({ entries }), ["day", "notice", "bob* 3", "notice"]);
});

test("entries of unknown kinds have no row", () => {
  const entries = [says(1, 0), { event: "merge", room: "lobby", seq: 2 }, says(3, 1)];
  assert.deepEqual(shape({ entries }), ["day", "bob* 1", "bob 3"]);
});

test("pending messages come last and keep their row when their entry comes", () => {
  const item = { kind: "send", key: "p1", room: "lobby", text: "x", made: NOON, state: "sending" };
  const before = rowsOf({ entries: [says(1, 0)], pending: [item] });
  assert.deepEqual([before.at(-1).state, before.at(-1).seq], ["sending", null]);
  const entry = message(2, { from: USER, key: "p1", ts: NOON });
  const after = rowsOf({ entries: [says(1, 0), entry] });
  assert.equal(after.at(-1).key, before.at(-1).key);
  assert.deepEqual([after.at(-1).state, after.at(-1).seq], ["sent", 2]);
});

test("a deleted message has no text", () => {
  const entry = { ...says(1, 0), deleted: true };
  delete entry.text;
  assert.equal(rowsOf({ entries: [entry] }).at(-1).text, null);
});

test("keys of rows are unique", () => {
  const join = { event: "join", room: "lobby", ts: NOON, from: USER, key: "k" };
  const entries = [{ ...join, seq: 1 }, says(2, 0), { ...join, seq: 3 }, says(4, 24 * 60)];
  const keys = rowsOf({ entries, mark: 2 }).map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length);
});

test("a notice says what became of everybody", () => {
  const change = (kind, id) => ({ kind, from: { id, name: id.toUpperCase() } });
  const changes = [
    change("join", "a"),
    change("leave", "b"),
    change("join", "c"),
    change("leave", "c"),
    change("leave", "d"),
    change("join", "d"),
  ];
  assert.deepEqual(summarize(changes), [
    { names: ["A"], verb: "joined" },
    { names: ["B"], verb: "left" },
    { names: ["C"], verb: "joined and left" },
    { names: ["D"], verb: "left and came back" },
  ]);
  const crowd = Array.from({ length: 9 }, (_, index) => change("join", `p${index}`));
  assert.deepEqual(summarize(crowd)[0].names, ["P0", "P1", "7 others"]);
});

test("what is asked about a message shows on it before the log has it", () => {
  const about = (kind, more) => ({ kind, key: kind, ref: 1, state: "sending", ...more });
  const row = (...pending) => rowsOf({ entries: [says(1, 0)], pending }).at(-1);
  assert.deepEqual([row(about("edit", { text: "new" })).text, row(about("edit", { text: "new" })).waits], ["new", "edit"]);
  assert.equal(row(about("delete")).waits, "delete");
  const reacted = row(about("react", { emoji: "🦆", on: true })).reactions;
  assert.deepEqual(reacted, [{ emoji: "🦆", users: ["7"], mine: true }]);
  const failed = row(about("edit", { text: "new", state: "failed" }));
  assert.deepEqual([failed.text, failed.failed.length], ["text 1", 1]);
});

test("edits and reactions of the log show, an own one toggles", () => {
  const about = (seq, event, more) => ({ ...message(seq), event, ref: 1, text: undefined, ...more });
  const entries = [
    says(1, 0),
    about(2, "edit", { text: "new" }),
    about(3, "react", { emoji: "🦆", on: true, from: USER }),
  ];
  const [, row] = rowsOf({ entries });
  assert.deepEqual([row.text, row.edited, row.reactions[0].mine], ["new", true, true]);
  const off = { kind: "react", key: "k", ref: 1, emoji: "🦆", on: false, state: "sending" };
  assert.deepEqual(rowsOf({ entries, pending: [off] })[1].reactions, []);
});

test("notices say who did what to whom", () => {
  const [from, user] = [{ id: "1", name: "A" }, { id: "2", name: "B" }];
  const said = (change) => summarize([{ from, user, ...change }])[0];
  assert.deepEqual(said({ kind: "topic", topic: "Tea" }), { names: ["A"], verb: "set the topic:", words: "Tea" });
  assert.deepEqual(said({ kind: "kick", reason: "spam" }), { names: ["A"], verb: "removed", whom: "B", why: "spam" });
  assert.equal(said({ kind: "ban", on: false }).verb, "lifted the ban of");
  assert.equal(said({ kind: "role", role: "owner" }).words, "an owner");
});
