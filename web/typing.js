// Who types, in a room's `typing`: user id -> {name, timer}. And when to tell
// others that one does so oneself.

import { TIMES } from "./names.js";

export class Typing {
  #clock;
  #changed; // (room) => {}
  #told = -Infinity;

  constructor({ clock, changed }) {
    this.#clock = clock;
    this.#changed = changed;
  }

  heard(room, { id, name }) {
    this.stopped(room, id);
    const timer = this.#clock.setTimeout(() => this.stopped(room, id), TIMES.typingLifetime);
    room.typing.set(id, { name, timer });
    this.#changed(room);
  }

  stopped(room, id) {
    const typist = room.typing.get(id);
    if (!typist) return;
    this.#clock.clearTimeout(typist.timer);
    room.typing.delete(id);
    this.#changed(room);
  }

  forget(room) {
    for (const { timer } of room.typing.values()) this.#clock.clearTimeout(timer);
    room.typing.clear();
  }

  // Is it time to tell the others? If so, they are taken to be told.
  tell() {
    const now = this.#clock.now();
    const due = now - this.#told >= TIMES.typingInterval;
    if (due) this.#told = now;
    return due;
  }

  // The message is written; the next one is new.
  sent() {
    this.#told = -Infinity;
  }
}
