// One signed-in connection to a server, kept up: hello, requests and their
// replies, pings, reconnects, and the change to another server before this one
// goes. Knows nothing of rooms beyond their names.
//
// What it is given:
//   connect(url, protocols) -> socket with send(text), close() and the
//     handlers onopen(), onmessage(text), onclose(code), which it sets
//   clock: now(), setTimeout(f, ms) -> timer, clearTimeout(timer)
//   random() -> [0, 1)
//   handler: resume() -> positions; signedIn(ok); event(event); heads(ok);
//     state(state); token(string or null)
//
// A state is {name, reason?, retryAt?}; its name is "idle", "connecting",
// "online", "waiting" (for the next attempt) or "closed" (for good).

import { Line } from "./line.js";
import { TIMES, byteLength } from "./names.js";
import { Pings } from "./pings.js";
import { VERSION, encodeRequest } from "./protocol.js";
import { checkEntries, checkOk } from "./replies.js";
import { Requests } from "./requests.js";
import { Timers } from "./timers.js";

const PROBE_TIMEOUT = 5000; // for any frame, after waking up
const LINGER_TIMEOUT = 5000; // for the replies of the server one comes from
const STABLE_AFTER = 10000; // a shorter connection does not reset back-off
const RESUME_BYTES = 28 * 1024; // leaves room for hello's other members

export const CLOSE_DRAIN = 4001;
const CLOSE_TOKEN = 4500;
const CLOSE_NO_HELLO = 4502; // hello was said, so it was lost on the way

export function backoff(attempt, random) {
  const ceiling = Math.min(TIMES.backoffMax, TIMES.backoffBase * 2 ** attempt);
  return random() * ceiling;
}

export function mayReturn(code) {
  return code < 4500 || code > 4999 || code === CLOSE_NO_HELLO;
}

// What hello says of who one is.
function credentialOf({ token, guest, key, login, register }) {
  if (token) return { token };
  if (login) return { login };
  return register ? { register, key } : { guest, key };
}

export class Session {
  state = { name: "idle" };
  limits = null; // of hello's reply
  #services; // connect, clock
  #clock;
  #random;
  #handler;
  #url;
  #subprotocol; // the server is said to know it
  #plain = false; // asked in vain: once without
  #agent;
  #credential = null; // {token?, guest?, key?} or {login} or {register, key}
  #line = null; // what requests go over
  #next = null; // is to take its place, once hello is answered on it
  #old = null; // has lost its place; its last replies are awaited
  #everOpened = false;
  #attempt = 0;
  #onlineSince = 0;
  #heardAt = 0;
  #requests;
  #timers;
  #pings;
  #drains = 0; // that came one soon after the other
  #errors = 0; // of what is in between, since the last reply

  constructor({ connect, clock, random, handler, url, subprotocol, agent }) {
    this.#services = { connect, clock };
    this.#clock = clock;
    this.#random = random;
    this.#handler = handler;
    this.#url = url;
    this.#subprotocol = Boolean(subprotocol);
    this.#agent = agent;
    this.#timers = new Timers(clock);
    this.#pings = new Pings({
      timers: this.#timers,
      random,
      request: (body, done) => this.request("ping", body, done),
      heads: (ok) => handler.heads(ok),
    });
    this.#requests = new Requests({
      clock,
      send: (text) => this.#line.send(text),
      ready: () => this.#ready,
      late: (sentAt) => this.#late(sentAt),
    });
  }

  // May requests go out?
  get #ready() {
    return Boolean(this.#line?.greeted) && this.#old === null;
  }

  // Sign in and stay signed in. Also the way back from "closed".
  start(credential) {
    this.#credential = { ...credential };
    this.#attempt = 0;
    this.#open();
  }

  stop() {
    this.#release();
    this.#credential = null;
    this.#enter({ name: "closed", reason: { code: "stopped", message: "" } });
    this.#requests.giveUp({ code: "stopped", message: "The session has ended." });
  }

  // The token to sign in with from now on.
  adopt(token) {
    const { guest, key } = this.#credential;
    this.#credential = { token, guest, key };
    this.#handler.token(token);
  }

  // done(error, ok). A kept request is repeated until it is answered for
  // good; another one ends with error.unsure when the connection is lost.
  request(action, body, done, { keep = false } = {}) {
    const request = this.#requests.add(action, body, done, keep);
    if (!request) return;
    if (this.#ready) this.#requests.transmit(request);
    else if (this.state.name !== "online") this.#requests.hold(request);
  }

  // No reply is wanted; nothing happens while offline.
  notify(action, body) {
    if (this.#ready) this.#line.send(encodeRequest(action, undefined, body));
  }

  // The network is back, or the page is looked at again: do not wait.
  nudge() {
    if (this.state.name === "waiting") {
      this.#attempt = 0;
      this.#open();
    } else if (this.#ready) {
      this.probe();
    }
  }

  // Is anybody there? If nothing comes soon, connect anew.
  probe() {
    if (!this.#ready || this.#timers.has("probe")) return;
    const asked = this.#clock.now();
    this.#pings.ask();
    this.#timers.set("probe", PROBE_TIMEOUT, () => {
      if (this.#heardAt < asked) this.#lost({ code: "timeout", message: "" }, 0);
    });
  }

  // Say hello again, to learn the rooms anew.
  refresh() {
    if (this.#ready) this.#line.hello();
  }

  // ---- connection

  #open() {
    this.#release();
    this.#enter({ name: "connecting" });
    this.#line = this.#makeLine(this.#url);
  }

  #makeLine(url) {
    const line = new Line({
      ...this.#services,
      url,
      plain: !this.#subprotocol || this.#plain,
      hello: () => this.#hello(),
      on: {
        opened: () => (this.#everOpened = true),
        welcome: (ok, early) => this.#welcome(line, ok, early),
        refused: (error) => this.#notWelcome(line, error),
        reply: (object) => this.#reply(object),
        event: (event) => this.#event(line, event),
        foreign: () => this.#foreign(line),
        ended: (how) => this.#ended(line, how),
        lost: (reason) => this.#broken(line, reason),
      },
    });
    return line;
  }

  #release() {
    this.#timers.clear();
    for (const line of [this.#line, this.#next, this.#old]) line?.close();
    this.#line = this.#next = this.#old = null;
  }

  #ended(line, how) {
    if (line !== this.#line) {
      this.#broken(line, null);
      return;
    }
    // A server that does not know the subprotocol fails the handshake.
    if (!this.#everOpened && this.#subprotocol) {
      this.#plain = !this.#plain;
      if (this.#plain) {
        this.#open();
        return;
      }
    }
    this.#end(how);
  }

  #end({ code, message, retry_ms: retryMs }) {
    if (this.#next && mayReturn(code)) {
      this.#fallOver();
    } else if (mayReturn(code)) {
      const reason = { code: code === CLOSE_DRAIN ? "drain" : "network", message };
      const soon = code === CLOSE_DRAIN && this.#attempt === 0;
      this.#lost(reason, soon ? (retryMs ?? 0) : undefined, retryMs);
    } else if (code === CLOSE_TOKEN) {
      this.#handler.token(null);
      this.#fail({ code: "unauthorized", message });
    } else {
      this.#fail({ code: `closed ${code}`, message });
    }
  }

  // One of the lines is of no use any more.
  #broken(line, reason) {
    if (line === this.#line) {
      this.#lost(reason);
    } else if (line === this.#old) {
      this.#finishChange();
    } else if (line === this.#next) {
      this.#next.close();
      this.#next = null;
      this.#attempt += 1;
      this.#timers.set("change", backoff(this.#attempt, this.#random), () => this.#change());
    }
  }

  // To the next attempt after `delay`, by default after the back-off.
  #lost(reason, delay, minimum = 0) {
    const stable = this.#clock.now() - this.#onlineSince >= STABLE_AFTER;
    if (this.#line?.greeted && stable) this.#attempt = 0;
    this.#release();
    this.#attempt += 1;
    const wait = delay ?? Math.max(minimum, backoff(this.#attempt, this.#random));
    this.#enter({ name: "waiting", reason, retryAt: this.#clock.now() + wait });
    this.#requests.disconnected();
    this.#timers.set("retry", wait, () => this.#open());
  }

  #fail(reason) {
    this.#release();
    this.#enter({ name: "closed", reason });
    this.#requests.disconnected();
    this.#requests.giveUp(reason);
  }

  #enter(state) {
    this.state = state;
    this.#handler.state(state);
  }

  // ---- another connection before this one ends

  #drain({ reconnect_in_ms: wait, spread_ms: spread, url }) {
    // Servers that send each other's clients away are followed ever slower.
    const soon = this.#clock.now() - this.#onlineSince < STABLE_AFTER;
    this.#drains = soon ? this.#drains + 1 : 0;
    const slower = this.#drains > 1 ? backoff(this.#drains, this.#random) : 0;
    const at = Math.max(slower, wait + this.#random() * spread);
    this.#timers.set("change", at, () => this.#change(url));
  }

  // A gateway ends connections by age; go in the last tenth of it.
  #renewBefore(age) {
    this.#timers.cancel("change");
    if (!age) return;
    this.#timers.set("change", age * (0.9 + 0.08 * this.#random()), () => this.#change());
  }

  #change(url = this.#url) {
    if (!this.#next) this.#next = this.#makeLine(url);
  }

  // The new connection is to be waited for without the old one.
  #fallOver() {
    const next = this.#next;
    this.#next = null;
    this.#release();
    this.#line = next;
    this.#enter({ name: "connecting" });
    this.#requests.disconnected();
  }

  // Nothing goes over the new line before the old one's replies are in, so
  // that what was asked in order stays in order.
  #finishChange() {
    this.#timers.cancel("linger");
    this.#old?.close();
    this.#old = null;
    this.#requests.repeat();
  }

  // ---- hello

  #hello() {
    const body = { version: VERSION, ...credentialOf(this.#credential) };
    if (this.#agent) body.agent = this.#agent;
    const resume = this.#positions();
    if (resume.length > 0) body.resume = resume;
    return body;
  }

  #positions() {
    const positions = [];
    let bytes = 0;
    for (const position of this.#handler.resume()) {
      bytes += byteLength(JSON.stringify(position)) + 1;
      if (bytes > RESUME_BYTES) break;
      positions.push(position);
    }
    return positions;
  }

  #welcome(line, ok, early) {
    if (line === this.#next) {
      this.#old = this.#line;
      this.#line = this.#next;
      this.#next = null;
      this.#timers.cancel("probe");
    }
    this.limits = ok.limits;
    this.#onlineSince = this.#clock.now();
    this.#heardAt = this.#clock.now();
    if (ok.token) this.adopt(ok.token);
    this.#handler.signedIn(ok);
    for (const event of early) this.#event(line, event);
    if (!this.#old) this.#requests.transmitWaiting();
    this.#enter({ name: "online" });
    this.#pings.start(ok.ping_ms, ok.now);
    this.#renewBefore(ok.limits.connection_ms);
    if (this.#old && this.#requests.flying === 0) this.#finishChange();
    else if (this.#old) this.#timers.set("linger", LINGER_TIMEOUT, () => this.#finishChange());
  }

  #notWelcome(line, { code, message, retry_ms: retryMs }) {
    const temporary = retryMs !== undefined;
    if (line !== this.#line) {
      this.#broken(line, null);
    } else if (temporary && !this.#isTyped) {
      this.#lost({ code, message }, undefined, retryMs);
    } else if (code === "unauthorized" && !this.#isTyped) {
      this.#refused({ code, message });
    } else {
      this.#fail({ code, message, retryMs });
    }
  }

  // Somebody who just typed a password wants to hear what is wrong.
  get #isTyped() {
    const { token, login, register } = this.#credential;
    return !token && Boolean(login || register);
  }

  // The token is no good. A guest is still known by the key.
  #refused(reason) {
    this.#handler.token(null);
    const { token, guest, key } = this.#credential;
    if (!token || !guest) {
      this.#fail(reason);
      return;
    }
    this.#credential = { guest, key };
    this.#lost(reason);
  }

  // ---- what comes

  #reply({ reply: id, ok, error }) {
    this.#heardAt = this.#clock.now();
    this.#errors = 0;
    const request = this.#requests.get(id);
    if (!request) return;
    if (error) {
      this.#refuse(request, error);
    } else {
      const checked = checkOk(request.action, ok);
      checkEntries(checked);
      this.#requests.finish(request, null, checked);
    }
    if (this.#old && this.#requests.flying === 0) this.#finishChange();
  }

  #refuse(request, { code, message, retry_ms: retryMs }) {
    const temporary = retryMs !== undefined;
    if (code === "hello_required") {
      this.#requests.hold(request);
      this.refresh();
    } else if (temporary && request.keep) {
      this.#requests.postpone(request, retryMs);
    } else {
      this.#requests.finish(request, { code, message, temporary, retryMs });
    }
  }

  #event(line, event) {
    this.#heardAt = this.#clock.now();
    if (event.event !== "drain") this.#handler.event(event);
    else if (line === this.#line) this.#drain(event);
  }

  // An error of something between here and the server: nobody knows what has
  // become of what this line was asked, hello among it.
  #foreign(line) {
    if (line !== this.#line) {
      this.#broken(line, null);
    } else if (!this.#timers.has("foreign")) {
      this.#errors += 1;
      this.#timers.set("foreign", backoff(this.#errors, this.#random), () => {
        this.#repeat();
        if (!this.#line.greeted) this.#line.hello();
      });
    }
  }

  // A reply is overdue: is anybody there?
  #late(sentAt) {
    if (this.#heardAt < sentAt) this.#lost({ code: "timeout", message: "" });
    else this.#repeat();
  }

  // What is in flight is unsure: once more, as soon as requests may go out.
  #repeat() {
    if (this.#old) this.#finishChange();
    else if (this.#ready) this.#requests.repeat();
    else this.#requests.doubt();
  }
}
