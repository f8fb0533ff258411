// The requests of a session that are not answered for good, in the order of
// their making. A kept request is repeated until it is; another one ends with
// UNSURE when nobody knows what became of it.
//
// What it is given: clock; send(text) to the server; ready() says whether
// requests may go out; late(sentAt) is told when a reply is overdue.

import { TIMES } from "./names.js";
import { encodeRequest } from "./protocol.js";

const CAPACITY = 512;

export const UNSURE = Object.freeze({
  code: "network",
  message: "The connection was lost.",
  temporary: true,
  unsure: true,
});

export class Requests {
  #all = new Map(); // by id
  #nextId = 1;
  #clock;
  #send;
  #ready;
  #late;

  constructor({ clock, send, ready, late }) {
    this.#clock = clock;
    this.#send = send;
    this.#ready = ready;
    this.#late = late;
  }

  // done(error, ok). Null when too many wait; then done was called.
  add(action, body, done, keep) {
    if (this.#all.size >= CAPACITY) {
      done({ code: "full", message: "Too many requests wait.", temporary: false });
      return null;
    }
    const id = this.#nextId;
    this.#nextId = id === 0xffffffff ? 1 : id + 1;
    const request = { id, action, body, done, keep, timer: null, flying: false };
    this.#all.set(id, request);
    return request;
  }

  get(id) {
    return this.#all.get(id);
  }

  // How many are sent and not answered.
  get flying() {
    return [...this.#all.values()].filter((request) => request.flying).length;
  }

  transmit(request) {
    request.flying = true;
    const sentAt = this.#clock.now();
    this.#clock.clearTimeout(request.timer);
    request.timer = this.#clock.setTimeout(() => this.#late(sentAt), TIMES.reply);
    this.#send(encodeRequest(request.action, request.id, request.body));
  }

  finish(request, error, ok) {
    this.#clock.clearTimeout(request.timer);
    this.#all.delete(request.id);
    request.done(error, ok);
  }

  // It was not taken, and would be now or later: see transmitWaiting.
  hold(request) {
    request.flying = false;
    this.#clock.clearTimeout(request.timer);
    request.timer = null;
    if (!request.keep) this.finish(request, UNSURE);
  }

  // Once more, after `delay`.
  postpone(request, delay) {
    request.flying = false;
    this.#clock.clearTimeout(request.timer);
    request.timer = this.#clock.setTimeout(() => {
      request.timer = null;
      if (this.#ready()) this.transmit(request);
    }, delay);
  }

  // Those that were held, or made while there was no connection.
  transmitWaiting() {
    for (const request of [...this.#all.values()]) {
      if (request.timer === null) this.transmit(request);
    }
  }

  // The connection is gone.
  disconnected() {
    for (const request of [...this.#all.values()]) this.hold(request);
  }

  // The connection stands, but what is in flight is unsure.
  repeat() {
    for (const request of [...this.#all.values()]) {
      if (!this.#ready()) return;
      if (request.keep || !request.flying) this.transmit(request);
      else this.finish(request, UNSURE);
    }
  }

  // The same where nothing may go out now: they wait to.
  doubt() {
    for (const request of [...this.#all.values()]) {
      if (request.flying) this.hold(request);
    }
  }

  giveUp(reason) {
    for (const request of [...this.#all.values()]) {
      this.finish(request, { ...reason, temporary: false });
    }
  }
}
