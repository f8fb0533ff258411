// One room's log as this client has it: entries in order of seq, without a
// hole, from `start` to `last`. Entries ahead of a hole are held until it is
// filled. `last` is null before `begin`: then every entry is held.
//
// add() implements the client rule of the protocol; the caller asks `history`
// while `behind` is not 0.

import { Changes, isChange } from "./changes.js";
import { LIMITS } from "./names.js";

export class Timeline {
  epoch = null;
  last = null; // the newest seq applied
  head = 0; // the newest seq known to exist
  first = 1; // the oldest seq that the server still has
  entries = []; // contiguous, ends at `last`
  changes = new Changes(); // of the messages among them
  #held = new Map();
  #capacity;

  // `capacity` bounds `entries`; the oldest go, history brings them back.
  constructor(capacity = 20000) {
    this.#capacity = capacity;
  }

  // The log (again) from behind `head`. What was held ahead of it stays, unless
  // it is known to be of another log.
  begin(epoch, head) {
    if (this.epoch !== null && this.epoch !== epoch) this.#held.clear();
    this.epoch = epoch;
    this.last = head;
    this.head = head;
    this.entries = [];
    this.changes.clear();
    for (const seq of this.#held.keys()) {
      if (seq > head) this.expect(seq);
      else this.#held.delete(seq);
    }
    return this.#drain();
  }

  // The seq of the oldest entry here; last + 1 when there is none.
  get start() {
    return this.entries.length > 0 ? this.entries[0].seq : this.last + 1;
  }

  get hasOlder() {
    return this.last !== null && this.start > Math.max(this.first, 1);
  }

  // How many entries are known to be missing at the end.
  get behind() {
    return this.last === null ? 0 : this.head - this.last;
  }

  get held() {
    return this.#held.size;
  }

  // Is this still the log that the server has, `head` being its end?
  continues(epoch, head) {
    return this.last !== null && epoch === this.epoch && head >= this.last;
  }

  // The log is known to reach to `head`.
  expect(head) {
    this.head = Math.max(this.head, head);
  }

  // Returns the entries that became part of the log, oldest first. Throws
  // RangeError when too many are held: the room has to be loaded anew.
  add(entry) {
    if (this.last !== null && entry.seq <= this.last) return [];
    this.expect(entry.seq);
    if (!this.#held.has(entry.seq)) {
      if (this.#held.size === LIMITS.heldEntries && entry.seq !== this.last + 1) {
        this.#held.clear();
        throw new RangeError("too many entries wait for a hole to be filled");
      }
      this.#held.set(entry.seq, entry);
    }
    return this.#drain();
  }

  #drain() {
    const applied = [];
    while (this.last !== null && this.#held.has(this.last + 1)) {
      const entry = this.#held.get(this.last + 1);
      this.#held.delete(entry.seq);
      this.last = entry.seq;
      this.entries.push(entry);
      if (isChange(entry)) this.#change(entry);
      applied.push(entry);
    }
    if (this.entries.length > this.#capacity) this.trim(this.#capacity * 0.75);
    return applied;
  }

  #change(entry) {
    this.changes.add(entry, entry.ref >= this.start);
    if (entry.event === "delete") this.#erase(entry.ref);
  }

  // A delete takes the text of its message and of its edits, for ever.
  #erase(ref) {
    this.entries.forEach((entry, index) => {
      if (entry.seq !== ref && (entry.event !== "edit" || entry.ref !== ref)) return;
      const { text, mentions, ...rest } = entry;
      this.entries[index] = { ...rest, deleted: true };
    });
  }

  // A page of `history` before `start`. False when it does not join on.
  prepend({ entries, changes, first }) {
    this.first = first;
    const older = entries.filter((entry) => entry.seq < this.start);
    if (older.length === 0) return true;
    const contiguous = older.every(
      (entry, index) => entry.seq === older[0].seq + index,
    );
    if (!contiguous || older.at(-1).seq !== this.start - 1) return false;
    this.entries = older.concat(this.entries);
    for (const change of changes) this.changes.take(change);
    this.changes.arrived(new Set(older.map(({ seq }) => seq)));
    for (const entry of older.filter(isChange)) this.#change(entry);
    return true;
  }

  trim(count) {
    if (this.entries.length > count) {
      this.entries = this.entries.slice(this.entries.length - Math.floor(count));
      this.changes.trim(this.start);
    }
  }

  // What the message `seq` says now: null after a delete, undefined when that
  // is not here, or its newest edit is not.
  text(seq) {
    const entry = this.at(seq);
    if (entry?.event !== "message") return undefined;
    const state = this.changes.of(seq);
    if (entry.deleted || state?.deleted) return null;
    if (!state?.edit) return entry.text;
    return state.text ?? this.at(state.edit)?.text;
  }

  // The entry with this seq, undefined when it is not here.
  at(seq) {
    return this.entries[seq - this.start];
  }
}
