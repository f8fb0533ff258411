// A stretch of a room's log to the rows that the view shows: days, the mark
// "new", messages (grouped by sender) and notices of who came and went. Pure;
// every row has a key that stays the same while the row does.

const GROUP_MS = 5 * 60 * 1000;

function dayOf(ts) {
  const date = new Date(ts);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

function messageRow(entry, own, before) {
  const { seq, ts, from, text, reply_to: replyTo, deleted } = entry;
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
    text: deleted ? null : text,
    replyTo,
    own,
    head: !continues,
    state: own ? "sent" : null,
  };
}

function pendingRow(item, user, before) {
  const { key, text, replyTo, made: ts, state, error } = item;
  const entry = { seq: null, ts, from: user, key, text, reply_to: replyTo };
  return { ...messageRow(entry, true, before), state, error };
}

function noticeRow(entry, before) {
  const change = { kind: entry.event, from: entry.from };
  if (before?.type === "notice") {
    before.changes.push(change);
    return null;
  }
  return { key: `seq:${entry.seq}`, type: "notice", ts: entry.ts, changes: [change] };
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

// `entries` oldest first; `pending` of the outbox, only behind the newest
// entry; `mark` the seq that was read to, 0 for none.
export function makeRows({ entries, pending = [], user, mark = 0 }) {
  const begun = entries.length > 0 && entries[0].seq <= mark + 1;
  const rows = new Rows(begun ? mark : 0);
  for (const entry of entries) {
    const message = entry.event === "message";
    if (!message && entry.event !== "join" && entry.event !== "leave") continue;
    rows.lead(entry.ts, message ? entry.seq : 0);
    const row = message
      ? messageRow(entry, entry.from.id === user.id, rows.before)
      : noticeRow(entry, rows.before);
    if (row) rows.list.push(row);
  }
  for (const item of pending) {
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

// What became of everybody in a notice: [{names, verb}], who came and went
// within it counting once.
export function summarize(changes) {
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
