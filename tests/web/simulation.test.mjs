// Clients and a server in memory over a network that loses, repeats, reorders
// and breaks, on a clock of the test's. Whatever happens, in the end every
// client has the server's log, and every message is in it once.
//
// CHAT_SEEDS says how many runs, CHAT_SEED repeats one.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Client } from "../../web/client.js";
import { Clock, memoryStore, seeded } from "./fakes.mjs";
import { Server } from "./server.mjs";

const ROOMS = ["lobby", "design"];

// `faults`, each a probability: lose, repeat, break. `delay` in milliseconds;
// `reorder`: packets overtake each other.
class Weather {
  constructor(clock, random, faults) {
    this.clock = clock;
    this.random = random;
    this.faults = faults;
  }

  chance(fault) {
    return this.random() < this.faults[fault];
  }

  calm() {
    this.faults = { lose: 0, repeat: 0, break: 0, delay: 20, reorder: false };
  }

  // Hands `packet` over some time, or not at all. `line` keeps the order.
  carry(line, packet, hand) {
    if (this.chance("lose")) return;
    const copies = this.chance("repeat") ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      let at = this.clock.now() + Math.round(this.random() * this.faults.delay);
      if (!this.faults.reorder) at = Math.max(at, line.last ?? 0);
      line.last = at;
      this.clock.setTimeout(() => hand(packet), at - this.clock.now());
    }
  }
}

function makeConnect(server, weather) {
  return () => {
    const { clock } = weather;
    const socket = { up: {}, down: {}, open: true };
    const breakOff = () => {
      if (!socket.open) return;
      socket.close();
      clock.setTimeout(() => socket.onclose(1006), 1);
    };
    const end = server.connect((object) => {
      weather.carry(socket.down, JSON.stringify(object), (text) => {
        if (socket.open) socket.onmessage(text);
      });
      if (weather.chance("break")) breakOff();
    });
    socket.send = (text) => {
      weather.carry(socket.up, text, (packet) => {
        if (socket.open) end.receive(packet);
      });
    };
    socket.close = () => {
      socket.open = false;
      end.close();
    };
    clock.setTimeout(() => socket.open && socket.onopen(), 5);
    return socket;
  };
}

class Person {
  constructor(name, { clock, random, server, weather }) {
    this.name = name;
    this.said = new Map(ROOMS.map((room) => [room, []]));
    this.shared = { clock, random, server, weather };
    this.store = memoryStore();
    this.begin();
  }

  begin() {
    const { clock, random, server, weather } = this.shared;
    let keys = 0;
    const run = Math.floor(random() * 1e9);
    this.client = new Client({
      connect: makeConnect(server, weather),
      clock,
      random,
      makeKey: () => `${this.name}-${run}-${(keys += 1)}`,
      store: this.store,
      url: "ws://model/ws",
      subprotocol: false,
      agent: "simulation",
      changed: () => {},
      token: () => {},
    });
    this.client.start({ guest: this.name, key: `key-of-${this.name}` });
    for (const room of ROOMS) this.client.join(room, { create: true });
  }

  // The page is closed, hard, and opened again.
  reload() {
    const store = memoryStore(this.store.load());
    this.client.end();
    this.store = store;
    this.begin();
  }

  act() {
    const { random } = this.shared;
    const room = ROOMS[Math.floor(random() * ROOMS.length)];
    const dice = random();
    if (dice < 0.7) this.say(room);
    else if (dice < 0.8) this.client.select(room);
    else if (dice < 0.9) this.client.older(room);
    else if (dice < 0.93) this.client.nudge();
    else if (dice < 0.94) this.reload();
    else this.client.watch(random() < 0.5);
  }

  say(room) {
    if (!this.client.rooms.get(room)?.joined) return;
    const said = this.said.get(room);
    const text = `${this.name} ${room} ${said.length}`;
    if (this.client.send(room, text)) said.push(text);
  }
}

// What the log has of this person's.
const spoken = (log, name) =>
  log.filter(({ event, from }) => event === "message" && from.name === name).map(({ text }) => text);

function check(server, people, { ordered }) {
  for (const room of ROOMS) {
    const { log } = server.rooms.get(room);
    for (const { name, client, said } of people) {
      const { timeline } = client.rooms.get(room);
      assert.equal(timeline.last, log.length, `${name} is at the head of ${room}`);
      assert.deepEqual(timeline.entries, log.slice(timeline.start - 1), `${name}, ${room}`);
      assert.deepEqual(client.pending(room), [], `${name} has nothing left to send`);
      const heard = spoken(log, name);
      if (ordered) assert.deepEqual(heard, said.get(room));
      else assert.deepEqual(heard.sort(), [...said.get(room)].sort());
    }
  }
}

function run(seed, { faults, inFlight }) {
  const random = seeded(seed);
  const clock = new Clock();
  const server = new Server(clock.now);
  server.inFlight = inFlight;
  const weather = new Weather(clock, random, faults);
  const people = ["ann", "bob", "eve"].map(
    (name) => new Person(name, { clock, random, server, weather }),
  );
  for (let step = 0; step < 150; step += 1) {
    people[Math.floor(random() * people.length)].act();
    clock.advance(random() * 400);
  }
  weather.calm();
  clock.advance(10 * 60 * 1000);
  check(server, people, { ordered: inFlight === 1 || !faults.lose });
}

const WORLDS = {
  "a direct socket that breaks": {
    faults: { lose: 0, repeat: 0, break: 0.01, delay: 80, reorder: false },
    inFlight: 64,
  },
  "a gateway that loses, repeats and reorders": {
    faults: { lose: 0.05, repeat: 0.1, break: 0.005, delay: 900, reorder: true },
    inFlight: 1,
  },
  "a terrible network": {
    faults: { lose: 0.3, repeat: 0.3, break: 0.02, delay: 5000, reorder: true },
    inFlight: 4,
  },
};

const count = Number(process.env.CHAT_SEEDS ?? 20);
const seeds = process.env.CHAT_SEED
  ? [Number(process.env.CHAT_SEED)]
  : Array.from({ length: count }, (_, index) => index + 1);

for (const [name, world] of Object.entries(WORLDS)) {
  test(name, () => {
    for (const seed of seeds) {
      try {
        run(seed, world);
      } catch (error) {
        error.message = `seed ${seed}: ${error.message}`;
        throw error;
      }
    }
  });
}
