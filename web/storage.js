// What outlives the page, in localStorage: who the guest is, the outbox, the
// theme. Every message of the outbox is an item of its own, so that pages that
// are open at once do not overwrite each other. Without localStorage (full, or
// forbidden) everything works until the page is closed.

const IDENTITY = "chat.identity";
const OUTBOX = "chat.outbox.";
const ROOM = "chat.room";
const FAREWELL = "chat.farewell";

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

  // {guest, key, token?} or null.
  get identity() {
    const identity = this.#get(IDENTITY);
    const valid =
      typeof identity?.guest === "string" && typeof identity.key === "string";
    return valid ? identity : null;
  }

  set identity(identity) {
    if (identity) this.#set(IDENTITY, identity);
    else this.#remove(IDENTITY);
  }

  // Is a change of this item, by another page, about who the guest is?
  isIdentity(key) {
    return key === null || key === IDENTITY;
  }

  // Is the guest still the one with this key (undefined: nobody)?
  isUser(key) {
    return this.identity?.key === key;
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
    const items = keys.map((key) => this.#get(key));
    return items.filter(
      (item) =>
        item &&
        ["key", "room", "text"].every((name) => typeof item[name] === "string") &&
        typeof item.made === "number",
    );
  }
}
