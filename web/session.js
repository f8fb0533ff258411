// One signed-in connection to a server, kept up: hello, requests and their
// replies, pings, reconnects. Knows nothing of rooms beyond their names.
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

import { TIMES, byteLength } from "./names.js";
import { SUBPROTOCOL, VERSION, encodeRequest, parseFrame } from "./protocol.js";
import { checkEntries, checkOk } from "./replies.js";
import { Requests } from "./requests.js";
import { ProtocolError } from "./shapes.js";

const CONNECT_TIMEOUT = 15000; // until hello's reply
const PROBE_TIMEOUT = 5000; // for any frame, after waking up
const STABLE_AFTER = 10000; // a shorter connection does not reset back-off
const PINGS_SINCE = 4;
const EVENTS_BEFORE_HELLO = 4096;
const RESUME_BYTES = 28 * 1024; // leaves room for hello's other members

export const CLOSE_DRAIN = 4001;
const CLOSE_NO_HELLO = 4502; // hello was said, so it was lost on the way

export function backoff(attempt, random) {
  const ceiling = Math.min(TIMES.backoffMax, TIMES.backoffBase * 2 ** attempt);
  return random() * ceiling;
}

export function mayReturn(code) {
  return code < 4500 || code > 4999 || code === CLOSE_NO_HELLO;
}

export class Session {
  state = { name: "idle" };
  limits = null; // of hello's reply
  #connect;
  #clock;
  #random;
  #handler;
  #url;
  #subprotocol; // the server is said to know it
  #plain = false; // asked in vain: once without
  #agent;
  #credential = null; // {token?, guest?, key?}
  #socket = null;
  #everOpened = false;
  #greeted = false; // hello was answered on this socket
  #early = []; // events before hello's reply
  #ending = null; // what the close event said
  #attempt = 0;
  #onlineSince = 0;
  #heardAt = 0;
  #requests;
  #timers = {}; // by purpose
  #pingSince = null;
  #pings = 0; // that were answered to their end

  constructor({ connect, clock, random, handler, url, subprotocol, agent }) {
    this.#connect = connect;
    this.#clock = clock;
    this.#random = random;
    this.#handler = handler;
    this.#url = url;
    this.#subprotocol = Boolean(subprotocol);
    this.#agent = agent;
    this.#requests = new Requests({
      clock,
      send: (text) => this.#socket.send(text),
      ready: () => this.#greeted,
      late: (sentAt) => this.#late(sentAt),
    });
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

  // done(error, ok). A kept request is repeated until it is answered for
  // good; another one ends with error.unsure when the connection is lost.
  request(action, body, done, { keep = false } = {}) {
    const request = this.#requests.add(action, body, done, keep);
    if (!request) return;
    if (this.#greeted) this.#requests.transmit(request);
    else if (this.state.name !== "online") this.#requests.hold(request);
  }

  // No reply is wanted; nothing happens while offline.
  notify(action, body) {
    if (this.#greeted) this.#socket.send(encodeRequest(action, undefined, body));
  }

  // The network is back, or the page is looked at again: do not wait.
  nudge() {
    if (this.state.name === "waiting") {
      this.#attempt = 0;
      this.#open();
    } else if (this.#greeted) {
      this.probe();
    }
  }

  // Is anybody there? If nothing comes soon, connect anew.
  probe() {
    if (!this.#greeted || this.#timers.probe) return;
    const asked = this.#clock.now();
    this.#ping();
    this.#after("probe", PROBE_TIMEOUT, () => {
      if (this.#heardAt < asked) this.#lost({ code: "timeout", message: "" }, 0);
    });
  }

  // Say hello again, to learn the rooms anew.
  refresh() {
    if (this.#greeted) this.#hello();
  }

  // ---- connection

  #open() {
    this.#release();
    this.#enter({ name: "connecting" });
    const asks = this.#subprotocol && !this.#plain;
    const protocols = asks ? [SUBPROTOCOL] : [];
    const socket = this.#connect(this.#url, protocols);
    this.#socket = socket;
    const current = (f) => (argument) => {
      if (this.#socket === socket) f(argument);
    };
    socket.onopen = current(() => {
      this.#everOpened = true;
      this.#hello();
    });
    socket.onmessage = current((text) => this.#receive(text));
    socket.onclose = current((code) => this.#closed(code));
    this.#after("connect", CONNECT_TIMEOUT, () =>
      this.#lost({ code: "timeout", message: "The server does not answer." }),
    );
  }

  // Lets go of the socket; what it still does is not heard.
  #release() {
    const socket = this.#socket;
    this.#socket = null;
    this.#greeted = false;
    this.#early = [];
    this.#ending = null;
    for (const purpose of Object.keys(this.#timers)) this.#cancel(purpose);
    socket?.close();
  }

  #closed(code) {
    // A server that does not know the subprotocol fails the handshake.
    if (!this.#everOpened && this.#subprotocol) {
      this.#plain = !this.#plain;
      if (this.#plain) {
        this.#open();
        return;
      }
    }
    this.#end(this.#ending ?? { code, message: "" });
  }

  #end({ code, message, retry_ms: retryMs }) {
    if (mayReturn(code)) {
      const reason = { code: code === CLOSE_DRAIN ? "drain" : "network", message };
      const soon = code === CLOSE_DRAIN && this.#attempt === 0;
      this.#lost(reason, soon ? (retryMs ?? 0) : undefined, retryMs);
    } else if (code === 4500) {
      this.#refused({ code: "unauthorized", message });
    } else {
      this.#fail({ code: `closed ${code}`, message });
    }
  }

  // To the next attempt after `delay`, by default after the back-off.
  #lost(reason, delay, minimum = 0) {
    if (this.#greeted && this.#clock.now() - this.#onlineSince >= STABLE_AFTER) {
      this.#attempt = 0;
    }
    this.#release();
    this.#attempt += 1;
    const wait = delay ?? Math.max(minimum, backoff(this.#attempt, this.#random));
    this.#enter({ name: "waiting", reason, retryAt: this.#clock.now() + wait });
    this.#requests.disconnected();
    this.#after("retry", wait, () => this.#open());
  }

  // The credential is no good. A guest is still known by the key.
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

  // ---- hello

  #hello() {
    this.#greeted = false;
    const { token, guest, key } = this.#credential;
    const body = { version: VERSION, ...(token ? { token } : { guest, key }) };
    if (this.#agent) body.agent = this.#agent;
    const resume = this.#positions();
    if (resume.length > 0) body.resume = resume;
    const done = (error, ok) => (error ? this.#notWelcome(error) : this.#welcome(ok));
    const request = this.#requests.add("hello", body, done, false);
    if (request) this.#requests.transmit(request);
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

  #welcome(ok) {
    this.#cancel("connect");
    this.#greeted = true;
    this.limits = ok.limits;
    this.#onlineSince = this.#clock.now();
    if (ok.token) {
      this.#credential.token = ok.token;
      this.#handler.token(ok.token);
    }
    this.#pingSince = ok.now;
    this.#handler.signedIn(ok);
    const early = this.#early;
    this.#early = [];
    for (const event of early) this.#handler.event(event);
    this.#requests.transmitWaiting();
    this.#enter({ name: "online" });
    this.#schedulePing(ok.ping_ms);
    this.#renewBefore(ok.limits.connection_ms);
  }

  #notWelcome(error) {
    if (error.unsure) return;
    const { code, message } = error;
    if (error.temporary) this.#lost({ code, message }, undefined, error.retryMs);
    else if (code === "unauthorized") this.#refused({ code, message });
    else this.#fail({ code, message });
  }

  // A gateway ends connections by age; go before that.
  #renewBefore(age) {
    if (!age) return;
    this.#after("renew", age * (0.8 + 0.1 * this.#random()), () => {
      this.#lost({ code: "renew", message: "" }, 0);
    });
  }

  // A reply is overdue: is anybody there?
  #late(sentAt) {
    if (this.#heardAt < sentAt) this.#lost({ code: "timeout", message: "" });
    else this.#repeat();
  }

  #repeat() {
    if (this.#greeted) this.#requests.repeat();
    else this.#lost({ code: "timeout", message: "" });
  }

  // ---- frames

  #receive(text) {
    this.#heardAt = this.#clock.now();
    const socket = this.#socket;
    let parts;
    try {
      parts = parseFrame(text);
      for (const { kind, object } of parts) {
        if (this.#socket !== socket) return;
        if (kind === "reply") this.#reply(object);
        else if (kind === "event") this.#event(object);
        else this.#foreign();
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#lost({ code: "protocol", message: error.message });
    }
  }

  #reply({ reply: id, ok, error }) {
    const request = this.#requests.get(id);
    if (!request) return;
    if (error) {
      this.#refuse(request, error);
      return;
    }
    const checked = checkOk(request.action, ok);
    if (Object.hasOwn(checked, "entries")) checkEntries(checked);
    this.#requests.finish(request, null, checked);
  }

  #refuse(request, { code, message, retry_ms: retryMs }) {
    const temporary = retryMs !== undefined;
    if (code === "hello_required" && request.action !== "hello") {
      if (this.#greeted) this.#hello();
      this.#requests.hold(request);
    } else if (temporary && request.keep) {
      this.#requests.postpone(request, retryMs);
    } else {
      this.#requests.finish(request, { code, message, temporary, retryMs });
    }
  }

  #event(event) {
    if (event.event === "close") {
      this.#ending = event;
      this.#end(event);
    } else if (this.#greeted) {
      this.#handler.event(event);
    } else {
      if (this.#early.length === EVENTS_BEFORE_HELLO) {
        throw new ProtocolError("too many events before hello's reply");
      }
      this.#early.push(event);
    }
  }

  // An error of something between here and the server.
  #foreign() {
    if (this.#timers.foreign) return;
    this.#attempt += 1;
    this.#after("foreign", backoff(this.#attempt, this.#random), () => this.#repeat());
  }

  // ---- pings and timers

  #schedulePing(interval) {
    this.#after("ping", interval * (0.9 + 0.2 * this.#random()), () => {
      this.#schedulePing(interval);
      this.#ping();
    });
  }

  #ping(after) {
    const body = {};
    if (this.#pingSince !== null) body.since = this.#pingSince;
    if (after) body.after = after;
    this.request("ping", body, (error, ok) => {
      if (error) return;
      this.#handler.heads(ok);
      if (ok.more && ok.after) this.#ping(ok.after);
      // Servers' clocks differ: now and then all heads, whatever their time.
      else this.#pingSince = ++this.#pings % PINGS_SINCE === 0 ? null : ok.now;
    });
  }

  #after(purpose, delay, f) {
    this.#cancel(purpose);
    this.#timers[purpose] = this.#clock.setTimeout(() => {
      delete this.#timers[purpose];
      f();
    }, delay);
  }

  #cancel(purpose) {
    if (!(purpose in this.#timers)) return;
    this.#clock.clearTimeout(this.#timers[purpose]);
    delete this.#timers[purpose];
  }
}
