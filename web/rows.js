// A stretch of a room's log to the rows that the view shows: days, the mark
// "new", messages (grouped by sender) and notices of who came and went. Pure;
// every row has a key that stays the same while the row does.

import { lookOf } from "./look.js";

const GROUP_MS = 5 * 60 * 1000;

function dayOf(ts) {
  const date = new Date(ts);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

function messageRow(entry, own, before, look) {
  const { seq, ts, from, reply_to: replyTo, mentions = [] } = entry;
  const continues =
    before?.type === "message" &&
    before.from.id === from.id &&
    before.from.name === from.name &&
    !replyTo &&
    ts - before.ts < GROUP_MS;
  return {
    key: own ? `own:${entry.key}` : `seq:${seq}`,
    type: "message",
    seq,
    ts,
    from,
    ...look,
    mentions,
    replyTo,
    own,
    head: !continues,
    state: own ? "sent" : null,
  };
}

function pendingRow(item, user, before) {
  const { key, text, replyTo, mentions, made: ts, state, error } = item;
  const entry = { seq: null, ts, from: user, key, mentions, reply_to: replyTo };
  const look = { text, edited: false, reactions: [], waits: null, failed: [] };
  return { ...messageRow(entry, true, before, look), state, error };
}

const COMING = ["join", "leave"];
const NOTICES = [...COMING, "topic", "invite", "kick", "ban", "role"];

// Who comes and goes shares a row; everything else has one of its own.
function noticeRow(entry, before) {
  const { event: kind, from, user, topic, role, on, reason } = entry;
  const change = { kind, from, user, topic, role, on, reason, with: entry.with };
  const coming = COMING.includes(kind) && !entry.with;
  if (coming && before?.type === "notice" && before.coming) {
    before.changes.push(change);
    return null;
  }
  return { key: `seq:${entry.seq}`, type: "notice", coming, ts: entry.ts, changes: [change] };
}

class Rows {
  list = [];
  #day = null;
  #mark;

  constructor(mark) {
    this.#mark = mark;
  }

  // What stands before something of this time.
  lead(ts, seq) {
    const day = dayOf(ts);
    if (day !== this.#day) this.list.push({ key: `day:${day}`, type: "day", ts });
    this.#day = day;
    if (this.#mark && seq > this.#mark) {
      this.list.push({ key: "mark", type: "mark" });
      this.#mark = 0;
    }
  }

  get before() {
    return this.list.at(-1);
  }
}

// The outbox's items about each message.
function byMessage(pending) {
  const map = new Map();
  for (const item of pending) {
    if (item.kind !== "send") map.set(item.ref, [...(map.get(item.ref) ?? []), item]);
  }
  return map;
}

// Entries of `timeline` from seq `from` to `to`; `pending` of the outbox, of
// which messages stand behind the newest entry only; `mark` the seq that was
// read to, 0 for none.
export function makeRows({ timeline, from, to, pending = [], user, mark = 0 }) {
  const entries = timeline.entries.slice(from - timeline.start, to - timeline.start + 1);
  const begun = entries.length > 0 && entries[0].seq <= mark + 1;
  const rows = new Rows(begun ? mark : 0);
  const items = byMessage(pending);
  for (const entry of entries) {
    const message = entry.event === "message";
    if (!message && !NOTICES.includes(entry.event)) continue;
    rows.lead(entry.ts, message ? entry.seq : 0);
    const look = message && lookOf(timeline, entry, items.get(entry.seq) ?? [], user.id);
    const row = message
      ? messageRow(entry, entry.from.id === user.id, rows.before, look)
      : noticeRow(entry, rows.before);
    if (row) rows.list.push(row);
  }
  if (to !== timeline.last) return rows.list;
  for (const item of pending.filter(({ kind }) => kind === "send")) {
    const newest = rows.list.findLast((row) => row.ts)?.ts ?? 0;
    rows.lead(Math.max(item.made, newest), 0);
    rows.list.push(pendingRow(item, user, rows.before));
  }
  return rows.list;
}

function names(changes) {
  const list = [...new Set(changes.map(({ from }) => from.name))];
  if (list.length <= 3) return list;
  return [...list.slice(0, 2), `${list.length - 2} others`];
}

const A_ROLE = { member: "a member", moderator: "a moderator", owner: "an owner" };

// What one did to a room or to somebody: {names, verb, whom?, words?, why?}.
function deed({ kind, from, user, topic, role, on, reason, with: other }) {
  const names = [from.name];
  const whom = user?.name;
  switch (kind) {
    case "topic":
      return topic
        ? { names, verb: "set the topic:", words: topic }
        : { names, verb: "took the topic away" };
    case "invite":
      return { names, verb: "invited", whom };
    case "kick":
      return { names, verb: "removed", whom, why: reason };
    case "ban":
      return { names, verb: on ? "banned" : "lifted the ban of", whom, why: reason };
    case "role":
      return { names, verb: "made", whom, words: A_ROLE[role] ?? A_ROLE.member };
    default:
      return { names, verb: "opened a conversation with", whom: other?.name };
  }
}

// What became of everybody in a notice: [{names, verb, …}], who came and went
// within it counting once.
export function summarize(changes) {
  const [first] = changes;
  if (!COMING.includes(first.kind) || first.with) return [deed(first)];
  const last = new Map();
  for (const { kind, from } of changes) {
    const known = last.get(from.id);
    last.set(from.id, { from, came: known ? known.came : kind === "join", kind });
  }
  const groups = { join: [], leave: [], visit: [], back: [] };
  for (const { from, came, kind } of last.values()) {
    if (kind === "join") groups[came ? "join" : "back"].push({ from });
    else groups[came ? "visit" : "leave"].push({ from });
  }
  const verbs = {
    join: "joined",
    leave: "left",
    visit: "joined and left",
    back: "left and came back",
  };
  return Object.entries(groups)
    .filter(([, people]) => people.length > 0)
    .map(([kind, people]) => ({ names: names(people), verb: verbs[kind] }));
}
