// What outlives the page, in localStorage: who the user is, the outbox, the
// theme. Every message of the outbox is an item of its own, so that pages that
// are open at once do not overwrite each other. Without localStorage (full, or
// forbidden) everything works until the page is closed.

import { isEmoji } from "./names.js";

const IDENTITY = "chat.identity";
const OUTBOX = "chat.outbox.";
const ROOM = "chat.room";
const FAREWELL = "chat.farewell";
const PRESENCE = "chat.presence";
const EMOJI = "chat.emoji";
const RECENT_EMOJI = 8;

// The members that each kind of an outbox's item has to have.
const ITEMS = {
  send: { text: "string" },
  edit: { text: "string", ref: "number" },
  delete: { ref: "number" },
  react: { ref: "number", emoji: "string", on: "boolean" },
};

function isItem(item) {
  const shape = ITEMS[item?.kind ?? "send"];
  const members = { key: "string", room: "string", made: "number", ...shape };
  if (!item || !shape) return false;
  return Object.entries(members).every(([name, type]) => typeof item[name] === type);
}

export class Storage {
  #area;

  constructor(area) {
    this.#area = area;
  }

  #get(key) {
    try {
      return JSON.parse(this.#area.getItem(key));
    } catch {
      return null;
    }
  }

  #set(key, value) {
    try {
      this.#area.setItem(key, JSON.stringify(value));
    } catch {
      // Full or forbidden: see above.
    }
  }

  #remove(key) {
    try {
      this.#area.removeItem(key);
    } catch {
      // As in #set.
    }
  }

  // {guest, key, token?} or {account, key, token}, or null. The key of an
  // account is this browser's own name for the session.
  get identity() {
    const identity = this.#get(IDENTITY);
    const isText = (name) => typeof identity?.[name] === "string";
    const valid = isText("key") && (isText("guest") || (isText("account") && isText("token")));
    return valid ? identity : null;
  }

  set identity(identity) {
    if (identity) this.#set(IDENTITY, identity);
    else this.#remove(IDENTITY);
  }

  // Is a change of this item, by another page, about who the user is?
  isIdentity(key) {
    return key === null || key === IDENTITY;
  }

  // Is the user still the one with this key (undefined: nobody)?
  isUser(key) {
    return this.identity?.key === key;
  }

  // What one shows oneself as: "online", "away" or "dnd".
  get presence() {
    return this.#get(PRESENCE) ?? "online";
  }

  set presence(state) {
    if (state === "online") this.#remove(PRESENCE);
    else this.#set(PRESENCE, state);
  }

  // The emoji that were used last, the newest first.
  get emoji() {
    const recent = this.#get(EMOJI);
    return Array.isArray(recent) ? recent.filter(isEmoji).slice(0, RECENT_EMOJI) : [];
  }

  used(emoji) {
    const others = this.emoji.filter((other) => other !== emoji);
    this.#set(EMOJI, [emoji, ...others].slice(0, RECENT_EMOJI));
  }

  // Nothing of the user stays.
  forget() {
    this.identity = null;
    this.room = null;
    this.presence = "online";
    this.#remove(EMOJI);
  }

  get room() {
    const room = this.#get(ROOM);
    return typeof room === "string" ? room : null;
  }

  set room(name) {
    if (name) this.#set(ROOM, name);
    else this.#remove(ROOM);
  }

  // Why the last session ended, for the next page: {problem, guest} or null.
  get farewell() {
    return this.#get(FAREWELL);
  }

  set farewell(farewell) {
    if (farewell) this.#set(FAREWELL, farewell);
    else this.#remove(FAREWELL);
  }

  // The outbox's store.
  get outbox() {
    return {
      load: () => this.#loadOutbox(),
      put: (item) => this.#set(OUTBOX + item.key, item),
      remove: (key) => this.#remove(OUTBOX + key),
    };
  }

  #loadOutbox() {
    let keys = [];
    try {
      keys = Object.keys(this.#area).filter((key) => key.startsWith(OUTBOX));
    } catch {
      return [];
    }
    return keys.map((key) => this.#get(key)).filter(isItem);
  }
}
