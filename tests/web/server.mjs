// A server of chat.v1 in memory, for the tests of the browser client and for
// looking at the page without chatd. One log for each room; every rule that
// the client leans on is kept, limits of names and sizes are not.

import { changeOf, erase } from "./log.mjs";

const PAGE = 50;

function member(room, user) {
  return room.members.has(user.id);
}

export class Server {
  rooms = new Map();
  users = new Map(); // guest key -> user
  tokens = new Map(); // token -> user
  connections = new Set();
  inFlight = 64;
  resumeMost = 1000;

  constructor(now = () => Date.now()) {
    this.now = now;
    this.counter = 0;
    this.makeRoom("lobby");
  }

  makeRoom(name, topic) {
    this.counter += 1;
    const room = { name, topic, epoch: `e${this.counter}`, log: [], n: 0 };
    room.members = new Map(); // user id -> read marker
    room.keys = new Map(); // user id and key -> entry
    this.rooms.set(name, room);
    return room;
  }

  // As after a restore: the log begins anew.
  renew(name, keep) {
    const room = this.rooms.get(name);
    this.counter += 1;
    room.epoch = `e${this.counter}`;
    room.log = room.log.slice(0, keep);
    for (const [key, { entry }] of room.keys) {
      if (entry.seq > keep) room.keys.delete(key);
    }
    return room;
  }

  // deliver(object) sends to the client; returns receive(frame) and close().
  connect(deliver) {
    const connection = { deliver, user: null };
    this.connections.add(connection);
    return {
      receive: (text) => this.#receive(connection, JSON.parse(text)),
      close: () => this.connections.delete(connection),
    };
  }

  #receive(connection, request) {
    const { action, id } = request;
    const reply = (body) => {
      if (id !== undefined) connection.deliver({ reply: id, ...body });
    };
    if (!connection.user && action !== "hello") {
      reply({ error: { code: "hello_required", message: "say hello first" } });
      return;
    }
    const method = this[`on_${action}`];
    const result = method?.call(this, connection, request, (ok) => reply({ ok }));
    if (!method) reply({ error: { code: "bad_request", message: "no such action" } });
    if (typeof result === "string") {
      reply({ error: { code: result, message: result } });
    }
  }

  #user({ guest, key, token }) {
    if (token) return this.tokens.get(token);
    if (!guest || !key) return undefined;
    if (!this.users.has(key)) {
      const id = String(this.users.size + 1);
      this.users.set(key, { id, name: guest, guest: true, revision: 1 });
    }
    return this.users.get(key);
  }

  on_hello(connection, { guest, key, token, resume = [] }, ok) {
    const user = this.#user({ guest, key, token });
    if (!user) return "unauthorized";
    connection.user = user;
    const positions = new Map(resume.map((position) => [position.room, position]));
    const rooms = [];
    const missed = [];
    for (const room of this.rooms.values()) {
      if (!member(room, user)) continue;
      const position = positions.get(room.name);
      const behind = position ? room.log.length - position.seq : -1;
      const resumed =
        position?.epoch === room.epoch && behind >= 0 && behind <= this.resumeMost;
      if (resumed) missed.push(...room.log.slice(position.seq));
      rooms.push({
        room: room.name,
        epoch: room.epoch,
        head: room.log.length,
        ...this.#marker(room, user),
        resumed,
      });
    }
    this.counter += 1;
    const fresh = `token-${user.id}-${this.counter}`;
    this.tokens.set(fresh, user);
    const { id, name } = user;
    ok({
      user: { id, name, guest: true },
      ...(token ? {} : { token: fresh }),
      session: `s${this.counter}`,
      ping_ms: 25000,
      limits: {
        frame_bytes: 30720,
        text_characters: 4000,
        text_bytes: 8192,
        page_entries: 200,
        rooms: 500,
        in_flight: this.inFlight,
        connection_ms: 0,
      },
      server: { version: "0.1.0", task: "model" },
      invites: [],
      rooms,
      rooms_rev: user.revision,
      now: this.now(),
    });
    for (const entry of missed) connection.deliver(entry);
  }

  #marker(room, user) {
    const read = room.members.get(user.id);
    const unread = room.log.filter(
      (entry) => entry.event === "message" && entry.seq > read,
    ).length;
    return { read, unread, mentions: 0 };
  }

  append(room, user, key, body) {
    const entry = {
      event: body.event,
      room: room.name,
      seq: room.log.length + 1,
      ...(body.event === "message" ? { n: (room.n += 1) } : {}),
      ts: Math.max(this.now(), room.log.at(-1)?.ts ?? 0),
      from: { id: user.id, name: user.name },
      key,
    };
    for (const name of ["text", "reply_to", "mentions", "ref", "emoji", "on"]) {
      if (body[name] !== undefined) entry[name] = body[name];
    }
    room.log.push(entry);
    room.keys.set(`${user.id} ${key}`, { body: JSON.stringify(body), entry });
    if (entry.event === "delete") erase(room.log, entry.ref);
    for (const { user: other, deliver } of this.connections) {
      if (other && member(room, other)) deliver(entry);
    }
    return entry;
  }

  #others(connection, event) {
    for (const other of this.connections) {
      if (other !== connection && other.user === connection.user) other.deliver(event);
    }
  }

  on_rooms(connection, { prefix = "", after = "" }, ok) {
    const names = [...this.rooms.keys()].sort();
    const found = names.filter((name) => name.startsWith(prefix) && name > after);
    const rooms = found.slice(0, 100).map((name) => {
      const { topic, members } = this.rooms.get(name);
      return { room: name, ...(topic ? { topic } : {}), members: members.size };
    });
    ok({ rooms, ...(found.length > 100 ? { more: true } : {}) });
  }

  on_join(connection, { room: name, key, create, limit = PAGE }, ok) {
    const { user } = connection;
    if (!this.rooms.has(name) && !create) return "not_found";
    const room = this.rooms.get(name) ?? this.makeRoom(name);
    const isNew = !member(room, user);
    if (isNew) {
      // The one who joins finds the entry in the page, the others get it live.
      this.append(room, user, key, { event: "join" });
      room.members.set(user.id, room.log.length);
      user.revision += 1;
      this.#others(connection, {
        event: "membership",
        room: name,
        epoch: room.epoch,
        head: room.log.length,
        state: "joined",
        ...this.#marker(room, user),
      });
    }
    const entries = room.log.slice(Math.max(0, room.log.length - limit));
    ok({
      room: name,
      epoch: room.epoch,
      ...(room.topic ? { topic: room.topic } : {}),
      members: room.members.size,
      role: "member",
      recovered: false,
      entries,
      changes: this.#changes(room, entries),
      first: 1,
      head: room.log.length,
      ...(entries.length < room.log.length ? { more: true } : {}),
    });
  }

  on_leave(connection, { room: name, key }, ok) {
    const { user } = connection;
    const room = this.rooms.get(name);
    if (!room) return "not_found";
    if (!member(room, user)) {
      ok({ seq: 0, ts: 0 });
      return undefined;
    }
    const { seq, ts } = this.append(room, user, key, { event: "leave" });
    room.members.delete(user.id);
    user.revision += 1;
    const { epoch } = room;
    this.#others(connection, {
      event: "membership",
      room: name,
      epoch,
      head: seq,
      state: "left",
    });
    ok({ seq, ts });
  }

  #changes(room, entries) {
    const messages = entries.filter(({ event }) => event === "message");
    return messages.map(({ seq }) => changeOf(room.log, seq)).filter(Boolean);
  }

  // What makes an entry in a room, once for a key.
  #keyed(connection, { room: name, key }, body, ok) {
    const { user } = connection;
    const room = this.rooms.get(name);
    if (!room) return "not_found";
    const known = room.keys.get(`${user.id} ${key}`);
    if (known) {
      if (known.body !== JSON.stringify(body)) return "key_conflict";
      ok({ seq: known.entry.seq, ts: known.entry.ts, dup: true });
      return undefined;
    }
    if (!member(room, user)) return "forbidden";
    const target = body.ref && room.log[body.ref - 1];
    if (body.ref && (target?.event !== "message" || target.deleted)) return "not_found";
    if (body.event !== "react" && target && target.from.id !== user.id) return "forbidden";
    const { seq, ts } = this.append(room, user, key, body);
    ok({ seq, ts });
    return undefined;
  }

  on_send(connection, request, ok) {
    const { text, reply_to, mentions } = request;
    return this.#keyed(connection, request, { event: "message", text, reply_to, mentions }, ok);
  }

  on_edit(connection, request, ok) {
    const { ref, text } = request;
    return this.#keyed(connection, request, { event: "edit", ref, text }, ok);
  }

  on_delete(connection, request, ok) {
    return this.#keyed(connection, request, { event: "delete", ref: request.ref }, ok);
  }

  on_react(connection, request, ok) {
    const { ref, emoji, on } = request;
    return this.#keyed(connection, request, { event: "react", ref, emoji, on }, ok);
  }

  on_members(connection, { room: name }, ok) {
    const room = this.rooms.get(name);
    if (!room || !member(room, connection.user)) return "forbidden";
    const users = [...this.users.values()].filter((user) => member(room, user));
    ok({ members: users.map(({ id, name: userName }) => ({ id, name: userName, role: "member" })) });
    return undefined;
  }

  on_presence(connection, request, ok) {
    ok({});
  }

  on_history(connection, { room: name, epoch, before, after, limit = PAGE }, ok) {
    const room = this.rooms.get(name);
    if (!room) return "not_found";
    if (!member(room, connection.user)) return "forbidden";
    if (epoch && epoch !== room.epoch) return "epoch_changed";
    const { log } = room;
    const [from, to] =
      before === undefined
        ? [after, Math.min(log.length, after + limit)]
        : [Math.max(0, before - 1 - limit), before - 1];
    const more = before === undefined ? to < log.length : from > 0;
    const entries = log.slice(from, to);
    ok({
      entries,
      changes: this.#changes(room, entries),
      first: 1,
      head: log.length,
      ...(more ? { more: true } : {}),
    });
  }

  on_read(connection, { room: name, seq }, ok) {
    const room = this.rooms.get(name);
    const { user } = connection;
    if (!room || !member(room, user)) return "forbidden";
    const marker = Math.max(room.members.get(user.id), Math.min(seq, room.log.length));
    room.members.set(user.id, marker);
    const { unread } = this.#marker(room, user);
    ok({ seq: marker, unread, mentions: 0 });
    this.#others(connection, { event: "read", room: name, read: marker, unread, mentions: 0 });
  }

  on_typing(connection, { room: name }) {
    const room = this.rooms.get(name);
    const { id, name: userName } = connection.user;
    for (const other of this.connections) {
      if (other === connection || !other.user || !member(room, other.user)) continue;
      other.deliver({ event: "typing", room: name, from: { id, name: userName } });
    }
  }

  on_ping(connection, request, ok) {
    const { user } = connection;
    const heads = {};
    for (const room of this.rooms.values()) {
      if (!member(room, user)) continue;
      heads[room.name] = { epoch: room.epoch, head: room.log.length };
    }
    ok({ now: this.now(), heads, rooms_rev: user.revision });
  }
}
