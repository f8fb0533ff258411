// How later entries of a room's log left its messages: docs/protocol.md,
// section "Changes". A message's state is {upto, edit, text?, deleted,
// reactions: Map of emoji -> [user id]}.
//
// The state of a message that is here moves with each entry about it. What is
// heard of a message that is not here waits until its page comes.

import { LIMITS } from "./names.js";

const FRESH = Object.freeze({ upto: 0, edit: 0, deleted: false, reactions: new Map() });

export const isChange = ({ event }) =>
  event === "edit" || event === "delete" || event === "react";

function stateOf({ upto, edit = 0, text, deleted = false, reactions = [] }) {
  const map = new Map(reactions.map(({ emoji, users }) => [emoji, users]));
  return { upto, edit, text, deleted, reactions: map };
}

function react(reactions, { from, emoji, on }) {
  const changed = new Map(reactions);
  const others = (changed.get(emoji) ?? []).filter((id) => id !== from.id);
  const already = changed.get(emoji)?.includes(from.id);
  if (on && already) return reactions;
  const users = on ? [...others, from.id] : others;
  if (users.length > 0) changed.set(emoji, users);
  else changed.delete(emoji);
  return changed;
}

// The state after `entry`.
export function fold(state, entry) {
  if (entry.seq <= state.upto) return state;
  const next = { ...state, upto: entry.seq };
  if (state.deleted) return next;
  if (entry.event === "delete") {
    return { upto: entry.seq, edit: 0, deleted: true, reactions: new Map() };
  }
  if (entry.event === "edit") return { ...next, edit: entry.seq, text: entry.text };
  return { ...next, reactions: react(state.reactions, entry) };
}

export class Changes {
  #states = new Map(); // seq of the message -> state
  #waiting = []; // entries about messages that are not here

  // The state of the message with this seq; undefined: as it was sent.
  of(ref) {
    return this.#states.get(ref);
  }

  // Of a page that joined the log.
  take(change) {
    const known = this.#states.get(change.ref);
    if (known && known.upto >= change.upto) return;
    const state = stateOf(change);
    // The text of an edit that had no place beside its message.
    if (state.edit && state.text === undefined && known?.edit === state.edit) {
      state.text = known.text;
    }
    this.#states.set(change.ref, state);
  }

  // An entry about a message; `here` says whether that is loaded.
  add(entry, here) {
    if (here) this.#apply(entry);
    else this.#keep(entry);
  }

  // Messages came: what waited for them is applied.
  arrived(refs) {
    const here = this.#waiting.filter(({ ref }) => refs.has(ref));
    if (here.length === 0) return;
    this.#waiting = this.#waiting.filter(({ ref }) => !refs.has(ref));
    here.sort((a, b) => a.seq - b.seq).forEach((entry) => this.#apply(entry));
  }

  // The text of the edit `seq`, which came by itself.
  learn(ref, seq, text) {
    const state = this.#states.get(ref);
    if (state?.edit === seq) this.#states.set(ref, { ...state, text });
  }

  // Messages before `start` are not here any more; their pages bring all anew.
  trim(start) {
    for (const ref of this.#states.keys()) {
      if (ref < start) this.#states.delete(ref);
    }
  }

  clear() {
    this.#states.clear();
    this.#waiting = [];
  }

  #apply(entry) {
    this.#states.set(entry.ref, fold(this.#states.get(entry.ref) ?? FRESH, entry));
  }

  // Beyond the limit the oldest go: a page asked for from now on has them.
  #keep(entry) {
    this.#waiting.push(entry);
    if (this.#waiting.length <= LIMITS.heldEntries) return;
    this.#waiting.sort((a, b) => a.seq - b.seq).shift();
  }
}
