// Timers by purpose: at most one for each.

export class Timers {
  #clock;
  #timers = new Map();

  constructor(clock) {
    this.#clock = clock;
  }

  has(purpose) {
    return this.#timers.has(purpose);
  }

  // In the place of the one before it.
  set(purpose, delay, f) {
    this.cancel(purpose);
    const timer = this.#clock.setTimeout(() => {
      this.#timers.delete(purpose);
      f();
    }, delay);
    this.#timers.set(purpose, timer);
  }

  cancel(purpose) {
    this.#clock.clearTimeout(this.#timers.get(purpose));
    this.#timers.delete(purpose);
  }

  clear() {
    for (const purpose of [...this.#timers.keys()]) this.cancel(purpose);
  }
}
