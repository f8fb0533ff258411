// Fills what a room's log misses at its end, by asking history: at most one
// such request for a room.
//
// What it is given: clock; request(body, done) asks history and repeats the
// question until it is answered; applied(room, entries) is told what became
// part of the log; refresh() says hello again, since the log is another one.

import { LIMITS, TIMES } from "./names.js";

export class Gaps {
  #clock;
  #request;
  #applied;
  #refresh;
  #timers = new Map(); // room -> timer: the hole may still fill by itself
  #asking = new Set(); // rooms

  constructor({ clock, request, applied, refresh }) {
    this.#clock = clock;
    this.#request = request;
    this.#applied = applied;
    this.#refresh = refresh;
  }

  // Ask for what the room misses, unless it comes within `wait`.
  fill(room, wait) {
    if (this.#asking.has(room) || !room.joined) return;
    if (wait === 0) this.#ask(room);
    else if (!this.#timers.has(room)) {
      const timer = this.#clock.setTimeout(() => {
        this.#timers.delete(room);
        if (room.timeline.behind > 0) this.#ask(room);
      }, wait);
      this.#timers.set(room, timer);
    }
  }

  forget(room) {
    this.#clock.clearTimeout(this.#timers.get(room));
    this.#timers.delete(room);
    this.#asking.delete(room);
  }

  #ask(room) {
    this.forget(room);
    this.#asking.add(room);
    const { epoch, last } = room.timeline;
    const body = { room: room.name, epoch, after: last, limit: LIMITS.pageEntries };
    this.#request(body, (error, ok) => {
      this.#asking.delete(room);
      if (error?.code === "epoch_changed") this.#refresh();
      if (ok && room.joined && epoch === room.timeline.epoch) this.#take(room, last, ok);
    });
  }

  #take(room, asked, { entries, first, head }) {
    const { timeline } = room;
    timeline.first = first;
    for (const entry of entries) this.#applied(room, timeline.add(entry));
    timeline.expect(head);
    if (timeline.behind > 0) this.fill(room, timeline.last > asked ? 0 : TIMES.gap);
  }
}
