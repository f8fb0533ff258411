// A clock that a test moves (in whole milliseconds), randomness with a seed, and a transport in
// memory.

export class Clock {
  #now = 1_800_000_000_000;
  #timers = new Map();
  #nextId = 1;

  now = () => this.#now;

  setTimeout = (f, delay) => {
    const id = this.#nextId++;
    this.#timers.set(id, { at: this.#now + Math.max(0, Math.round(delay)), id, f });
    return id;
  };

  clearTimeout = (id) => {
    this.#timers.delete(id);
  };

  get next() {
    const timers = [...this.#timers.values()];
    return timers.sort((a, b) => a.at - b.at || a.id - b.id)[0];
  }

  // Runs what is due within `duration`, in order of time.
  advance(duration) {
    const end = this.#now + Math.round(duration);
    for (let timer; (timer = this.next) && timer.at <= end; ) {
      this.#timers.delete(timer.id);
      this.#now = Math.max(this.#now, timer.at);
      timer.f();
    }
    this.#now = end;
  }
}

// mulberry32
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

// Sockets that a test drives by hand.
export class Network {
  sockets = [];

  connect = (url, protocols) => {
    const socket = {
      url,
      protocols,
      sent: [],
      closed: false,
      send(text) {
        this.sent.push(JSON.parse(text));
      },
      close() {
        this.closed = true;
      },
    };
    this.sockets.push(socket);
    return socket;
  };

  get socket() {
    return this.sockets.at(-1);
  }

  open() {
    this.socket.onopen();
  }

  // The last request with this action.
  request(action) {
    return this.socket.sent.findLast((request) => request.action === action);
  }

  deliver(...objects) {
    this.socket.onmessage(objects.map((object) => JSON.stringify(object)).join("\n"));
  }

  answer(action, body) {
    this.deliver({ reply: this.request(action).id, ...body });
  }
}

export function helloOk(overrides = {}) {
  return {
    user: { id: "7", name: "ann", guest: true },
    token: "token-1",
    session: "s1",
    ping_ms: 25000,
    limits: {
      frame_bytes: 30720,
      text_characters: 4000,
      text_bytes: 8192,
      page_entries: 200,
      rooms: 500,
      in_flight: 64,
      connection_ms: 0,
    },
    server: { version: "0.1.0", task: "t1" },
    invites: [],
    rooms: [],
    rooms_rev: 1,
    now: 1_800_000_000_000,
    ...overrides,
  };
}

export function memoryStore(items = []) {
  const kept = new Map(items.map((item) => [item.key, item]));
  return {
    kept,
    load: () => [...kept.values()],
    put: (item) => kept.set(item.key, item),
    remove: (key) => kept.delete(key),
  };
}

export function message(seq, overrides = {}) {
  return {
    event: "message",
    room: "lobby",
    seq,
    n: seq,
    ts: 1_800_000_000_000 + seq,
    from: { id: "9", name: "bob" },
    key: `k${seq}`,
    text: `text ${seq}`,
    ...overrides,
  };
}
