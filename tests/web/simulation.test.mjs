// Clients and a server in memory over a network that loses, repeats, reorders
// and breaks, on a clock of the test's. Whatever happens, in the end every
// client has the server's log, and every message is in it once.
//
// CHAT_SEEDS says how many runs, CHAT_SEED repeats one.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Client } from "../../web/client.js";
import { Clock, memoryStore, seeded } from "./fakes.mjs";
import { changeOf } from "./log.mjs";
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
    if (dice < 0.45) this.say(room);
    else if (dice < 0.7) this.change(room);
    else if (dice < 0.8) this.client.select(room);
    else if (dice < 0.9) this.client.older(room);
    else if (dice < 0.93) this.client.nudge();
    else if (dice < 0.94) this.reload();
    else this.client.watch(random() < 0.5);
  }

  // Edits, deletes and reacts; a server may refuse, others were faster.
  change(room) {
    const { random } = this.shared;
    const { joined, timeline } = this.client.rooms.get(room) ?? {};
    const messages = (timeline?.entries ?? []).filter(({ event }) => event === "message");
    const target = messages[Math.floor(random() * messages.length)];
    if (!joined || !target) return;
    const own = target.from.id === this.client.user.id;
    const dice = random();
    if (own && dice < 0.3) this.client.edit(room, target.seq, `edit ${Math.floor(random() * 1e6)}`);
    else if (own && dice < 0.4) this.client.delete(room, target.seq);
    else this.client.react(room, target.seq, random() < 0.5 ? "🦆" : "👍", random() < 0.7);
  }

  // What was refused stays until the user discards it.
  tidy() {
    for (const room of ROOMS) {
      for (const { key, kind, error } of this.client.pending(room)) {
        if (kind !== "send" && error?.code === "not_found") this.client.discard(key);
      }
    }
  }

  say(room) {
    if (!this.client.rooms.get(room)?.joined) return;
    const said = this.said.get(room);
    const text = `${this.name} ${room} ${said.length}`;
    if (this.client.send(room, text)) said.push(text);
  }
}

// What the log has of this person's; what was deleted has no text.
const spoken = (log, name) =>
  log.filter(({ event, from, deleted }) => event === "message" && from.name === name && !deleted)
    .map(({ text }) => text);

// The client folds what it holds as the server does.
function checkChanges(timeline, log, who) {
  for (const { event, seq } of timeline.entries) {
    if (event !== "message") continue;
    const { edit, text, deleted = false, reactions = [] } = changeOf(log, seq) ?? {};
    const said = edit ? text : log[seq - 1].text;
    assert.equal(timeline.text(seq), deleted ? null : said, `${who}, text of ${seq}`);
    const state = timeline.changes.of(seq);
    const shown = [...(state?.reactions ?? [])].map(([emoji, users]) => ({ emoji, users }));
    assert.deepEqual(shown, reactions, `${who}, reactions to ${seq}`);
  }
}

function check(server, people, { ordered }) {
  for (const room of ROOMS) {
    const { log } = server.rooms.get(room);
    for (const { name, client, said } of people) {
      const { timeline } = client.rooms.get(room);
      assert.equal(timeline.last, log.length, `${name} is at the head of ${room}`);
      assert.deepEqual(timeline.entries, log.slice(timeline.start - 1), `${name}, ${room}`);
      assert.deepEqual(client.pending(room), [], `${name} has nothing left to send`);
      checkChanges(timeline, log, `${name}, ${room}`);
      const heard = spoken(log, name);
      const gone = log.filter(({ deleted, event, from }) =>
        deleted && event === "message" && from.name === name);
      assert.equal(heard.length + gone.length, said.get(room).length, `${name}, ${room}`);
      const expected = said.get(room).filter((text) => heard.includes(text));
      if (ordered) assert.deepEqual(heard, expected);
      else assert.deepEqual(heard.sort(), [...expected].sort());
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
  for (const person of people) person.tidy();
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
