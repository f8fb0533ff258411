// Asks the server now and then which rooms have moved.

const PINGS_SINCE = 4;

export class Pings {
  #timers;
  #random;
  #request; // (body, done)
  #heads; // told each page of the answer
  #since = null;
  #count = 0; // that were answered to their end

  constructor({ timers, random, request, heads }) {
    this.#timers = timers;
    this.#random = random;
    this.#request = request;
    this.#heads = heads;
  }

  // Every `interval`, give or take a tenth; `now` is the server's time.
  start(interval, now) {
    this.#since = now;
    this.#schedule(interval);
  }

  #schedule(interval) {
    this.#timers.set("ping", interval * (0.9 + 0.2 * this.#random()), () => {
      this.#schedule(interval);
      this.ask();
    });
  }

  ask(after) {
    const body = {};
    if (this.#since !== null) body.since = this.#since;
    if (after) body.after = after;
    this.#request(body, (error, ok) => {
      if (error) return;
      this.#heads(ok);
      if (ok.more && ok.after) this.ask(ok.after);
      // Servers' clocks differ: now and then all heads, whatever their time.
      else this.#since = ++this.#count % PINGS_SINCE === 0 ? null : ok.now;
    });
  }
}
