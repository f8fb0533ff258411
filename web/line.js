// One WebSocket to a server: its opening, hello on it, the frames, its end.
//
// What it is given: connect, clock, url, protocols (see Session); hello() ->
// the body of hello; on, told of what happens until close():
//   opened(); welcome(ok, events before it); refused(error);
//   reply(object); event(object); foreign();
//   ended({code, message, retry_ms?}) by the server or the network;
//   lost(reason) when it is of no use any more.

import { SUBPROTOCOL, encodeRequest, parseFrame } from "./protocol.js";
import { checkOk } from "./replies.js";
import { ProtocolError } from "./shapes.js";

const HELLO_ID = 0; // Requests begins at 1
const HELLO_TIMEOUT = 15000; // with the opening
const EVENTS_BEFORE_HELLO = 4096;
const ABNORMAL = 1006;

export class Line {
  greeted = false; // hello was answered
  #socket = null;
  #clock;
  #hello;
  #on;
  #early = []; // events before hello's reply
  #timer = null;

  constructor({ connect, clock, url, plain, hello, on }) {
    this.#clock = clock;
    this.#hello = hello;
    this.#on = on;
    this.#wait();
    try {
      this.#socket = connect(url, plain ? [] : [SUBPROTOCOL]);
    } catch {
      // An address that cannot be: told as soon as the caller has this line.
      this.#timer = this.#replaceTimer(0, () => this.#ended({ code: ABNORMAL, message: "" }));
      return;
    }
    this.#listen(this.#socket);
  }

  #listen(socket) {
    const current = (f) => (argument) => {
      if (this.#socket === socket) f(argument);
    };
    socket.onopen = current(() => {
      this.#on.opened();
      this.hello();
    });
    socket.onmessage = current((text) => this.#receive(text));
    socket.onclose = current((code) => this.#ended({ code, message: "" }));
  }

  // Also to learn the rooms anew; events wait for the reply.
  hello() {
    this.greeted = false;
    this.#wait();
    this.send(encodeRequest("hello", HELLO_ID, this.#hello()));
  }

  send(text) {
    this.#socket?.send(text);
  }

  // What the socket still does is not heard.
  close() {
    const socket = this.#socket;
    this.#socket = null;
    this.greeted = false;
    this.#clock.clearTimeout(this.#timer);
    socket?.close();
  }

  #replaceTimer(delay, f) {
    this.#clock.clearTimeout(this.#timer);
    return this.#clock.setTimeout(f, delay);
  }

  #wait() {
    const reason = { code: "timeout", message: "The server does not answer." };
    this.#timer = this.#replaceTimer(HELLO_TIMEOUT, () => this.#on.lost(reason));
  }

  #ended(how) {
    this.#clock.clearTimeout(this.#timer);
    this.#on.ended(how);
  }

  #receive(text) {
    const socket = this.#socket;
    try {
      for (const { kind, object } of parseFrame(text)) {
        if (this.#socket !== socket) return;
        this.#take(kind, object);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#on.lost({ code: "protocol", message: error.message });
    }
  }

  #take(kind, object) {
    if (kind === "event") this.#event(object);
    else if (kind === "foreign") this.#on.foreign();
    else if (object.reply === HELLO_ID) this.#answered(object);
    else this.#on.reply(object);
  }

  #answered({ ok, error }) {
    if (this.greeted) return;
    this.#clock.clearTimeout(this.#timer);
    if (error) {
      this.#on.refused(error);
      return;
    }
    const checked = checkOk("hello", ok);
    this.greeted = true;
    const early = this.#early;
    this.#early = [];
    this.#on.welcome(checked, early);
  }

  #event(event) {
    if (event.event === "close") this.#ended(event);
    else if (this.greeted) this.#on.event(event);
    else if (this.#early.length < EVENTS_BEFORE_HELLO) this.#early.push(event);
    else throw new ProtocolError("too many events before hello's reply");
  }
}
