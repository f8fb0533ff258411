// The user's rooms, kept right over a session: what the view shows and what
// it can do. No DOM, no WebSocket.
//
// `changed(what, room)` tells the view, `what` being "state", "user", "rooms"
// (the list), "entries" (new ones, at the end), "history", "outbox",
// "typing", "unread" or "reset" (the room's log was loaded anew).

import { Gaps } from "./gaps.js";
import { Markers } from "./markers.js";
import { LIMITS, TIMES } from "./names.js";
import { Outbox } from "./outbox.js";
import { isKnownEvent } from "./events.js";
import { Session } from "./session.js";
import { Timeline } from "./timeline.js";
import { Typing } from "./typing.js";

const PAGE = 50;
const IDLE_ENTRIES = 200; // what a room keeps when one looks elsewhere
const UNKNOWN_ROOMS = 64; // rooms with entries that came before their join

function makeRoom(name) {
  return {
    name,
    joined: false,
    topic: "",
    members: null,
    timeline: new Timeline(),
    read: 0,
    unread: 0,
    mark: 0, // the line "new" stands behind this seq; 0: none
    typing: new Map(), // user id -> {name, timer}
    loading: false, // older entries are on their way
  };
}

export class Client {
  user = null;
  rooms = new Map();
  current = null; // the room that is looked at
  #session;
  #outbox;
  #gaps;
  #markers;
  #typing;
  #makeKey;
  #changed;
  #watching = false; // the newest entry of the current room is in view
  #revision = null; // of the room list

  // connect, clock, random, url, subprotocol, agent: see Session; store: see
  // Outbox; makeKey() -> a key nobody had before; token(token or null) is told
  // what to sign in with the next time.
  constructor({ store, makeKey, changed, token, ...services }) {
    this.#makeKey = makeKey;
    this.#changed = changed;
    this.#session = new Session({ ...services, handler: this.#handler(token) });
    this.#makeParts(services.clock, store);
  }

  #handler(token) {
    return {
      resume: () => this.#positions(),
      signedIn: (ok) => this.#signedIn(ok),
      event: (event) => this.#event(event),
      heads: (ok) => this.#heads(ok),
      state: (state) => this.#state(state),
      token,
    };
  }

  #makeParts(clock, store) {
    const ask = (action) => (body, done) =>
      this.#session.request(action, body, done, { keep: true });
    this.#outbox = new Outbox({
      store,
      clock,
      submit: (item, done) => this.#submit(item, done),
      changed: (room) => this.#changed("outbox", room),
    });
    this.#typing = new Typing({
      clock,
      changed: (room) => this.#changed("typing", room.name),
    });
    this.#markers = new Markers(ask("read"));
    this.#gaps = new Gaps({
      clock,
      request: ask("history"),
      applied: (room, entries) => this.#applied(room, entries),
      refresh: () => this.#session.refresh(),
    });
  }

  get state() {
    return this.#session.state;
  }

  get limits() {
    return this.#session.limits;
  }

  get unsent() {
    return this.#outbox.unsent;
  }

  // By name.
  get list() {
    const joined = [...this.rooms.values()].filter((room) => room.joined);
    return joined.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get unread() {
    return this.list.reduce((sum, room) => sum + room.unread, 0);
  }

  start(credential) {
    this.#session.start(credential);
  }

  nudge() {
    this.#session.nudge();
  }

  probe() {
    this.#session.probe();
  }

  // Log out: nothing of the user stays.
  end() {
    this.#session.stop();
    this.#outbox.clear();
  }

  // ---- what users do

  join(name, { create = false } = {}, done = () => {}) {
    const body = { room: name, key: this.#makeKey(), limit: PAGE };
    if (create) body.create = true;
    this.#session.request(
      "join",
      body,
      (error, ok) => {
        if (ok) this.#joined(ok);
        done(error, ok);
      },
      { keep: true },
    );
  }

  leave(name, done = () => {}) {
    const body = { room: name, key: this.#makeKey() };
    const left = (error) => {
      if (!error) this.#remove(name);
      done(error);
    };
    this.#session.request("leave", body, left, { keep: true });
  }

  // A page of public rooms.
  browse({ prefix, after }, done) {
    const body = {};
    if (prefix) body.prefix = prefix;
    if (after) body.after = after;
    this.#session.request("rooms", body, done);
  }

  // False when the outbox is full.
  send(name, text, replyTo) {
    this.#typing.sent();
    const room = this.rooms.get(name);
    if (room) room.mark = 0;
    return this.#outbox.add({ key: this.#makeKey(), room: name, text, replyTo });
  }

  pending(name) {
    return this.#outbox.items(name);
  }

  retry(key) {
    this.#outbox.retry(key);
  }

  discard(key) {
    this.#outbox.discard(key);
  }

  // Look at a room; the mark shows where one had read to.
  select(name) {
    if (this.current && this.current !== name) {
      this.rooms.get(this.current)?.timeline.trim(IDLE_ENTRIES);
    }
    this.current = name;
    this.#watching = false;
    const room = this.rooms.get(name);
    if (!room) return;
    room.mark = room.unread > 0 ? Math.max(room.read, room.mark) : 0;
    if (room.members === null) this.#describe(room);
    if (room.timeline.entries.length < PAGE) this.older(name);
  }

  // Load the page before what is there.
  older(name) {
    const room = this.rooms.get(name);
    if (!room?.joined || room.loading || !room.timeline.hasOlder) return;
    room.loading = true;
    const { timeline } = room;
    const { epoch } = timeline;
    const body = { room: name, epoch, before: timeline.start, limit: PAGE };
    const loaded = (error, ok) => {
      room.loading = false;
      if (error?.code === "epoch_changed") this.#session.refresh();
      if (ok && epoch === timeline.epoch) {
        const { start } = timeline;
        const joins = timeline.prepend(ok.entries, ok.first);
        if (!joins && start !== body.before) this.older(name);
        if (ok.entries.length === 0) timeline.first = start;
      }
      this.#changed("history", name);
    };
    this.#session.request("history", body, loaded, { keep: true });
  }

  // hello does not tell the topic and the members of a room; the list does.
  #describe(room) {
    this.browse({ prefix: room.name }, (error, ok) => {
      const found = ok?.rooms.find((summary) => summary.room === room.name);
      if (!found) return;
      room.topic = found.topic ?? "";
      room.members = found.members;
      this.#changed("rooms");
    });
  }

  // The view says whether the newest entry of the current room is seen.
  watch(watching) {
    const room = this.rooms.get(this.current);
    if (!room) return;
    this.#watching = watching;
    if (watching) this.#markRead(room);
  }

  typing(name) {
    if (this.#typing.tell()) this.#session.notify("typing", { room: name });
  }

  // ---- session

  #submit({ room, key, text, replyTo }, done) {
    const body = { room, key, text };
    if (replyTo) body.reply_to = replyTo;
    const answered = (error, ok) => {
      done(error, ok);
      const { timeline, joined } = this.rooms.get(room) ?? {};
      if (!ok && !joined) this.#outbox.discard(key); // it would fail unseen
      else if (ok && joined && ok.seq > timeline.last) this.#expectEntry(room, ok.seq);
      else if (ok) this.#outbox.seen(key);
    };
    this.#session.request("send", body, answered);
  }

  #expectEntry(name, seq) {
    const room = this.rooms.get(name);
    this.#expect(room, room.timeline.epoch, seq);
  }

  #positions() {
    return this.list
      .filter((room) => room.timeline.last !== null)
      .map(({ name, timeline }) => ({
        room: name,
        epoch: timeline.epoch,
        seq: timeline.last,
      }));
  }

  #state(state) {
    if (state.name === "online") {
      this.#outbox.resume(Math.min(this.limits.in_flight, LIMITS.inFlight));
    } else {
      this.#outbox.suspend();
    }
    this.#changed("state");
  }

  #signedIn(ok) {
    this.user = ok.user;
    this.#revision = ok.rooms_rev;
    const names = new Set(ok.rooms.map(({ room }) => room));
    for (const room of this.list) {
      if (!ok.more && !names.has(room.name)) this.#remove(room.name);
    }
    for (const room of ok.rooms) this.#sync(room);
    this.#changed("user");
    this.#changed("rooms");
  }

  // A room of hello's, or of a membership event.
  #sync({ room: name, epoch, head, read, unread, resumed }) {
    const room = this.#room(name);
    const { timeline } = room;
    const known = room.joined && timeline.continues(epoch, head);
    room.joined = true;
    if (read !== undefined) room.read = read;
    if (unread !== undefined) room.unread = unread;
    if (!known) {
      this.#begin(room, epoch, head);
    } else if (!resumed) {
      timeline.expect(head);
      if (timeline.behind > LIMITS.heldEntries) this.#begin(room, epoch, head);
      else if (timeline.behind > 0) this.#gaps.fill(room, 0);
    }
  }

  #room(name) {
    if (!this.rooms.has(name)) this.rooms.set(name, makeRoom(name));
    return this.rooms.get(name);
  }

  // The room's log from behind `head`; older entries by history.
  #begin(room, epoch, head) {
    this.#applied(room, room.timeline.begin(epoch, head));
    this.#changed("reset", room.name);
    if (this.current === room.name) this.older(room.name);
  }

  #joined(ok) {
    const room = this.#room(ok.room);
    if (!room.joined && this.#revision !== null) this.#revision += 1;
    room.topic = ok.topic ?? "";
    room.members = ok.members;
    if (!room.joined || room.timeline.epoch !== ok.epoch) {
      room.joined = true;
      this.#begin(room, ok.epoch, ok.head);
      room.timeline.prepend(ok.entries, ok.first);
    }
    this.#changed("rooms");
    this.#changed("reset", room.name);
  }

  #remove(name) {
    const room = this.rooms.get(name);
    if (!room) return;
    if (room.joined && this.#revision !== null) this.#revision += 1;
    this.#gaps.forget(room);
    this.#typing.forget(room);
    room.joined = false;
    this.rooms.delete(name);
    this.#outbox.clear(name);
    if (this.current === name) this.current = null;
    this.#changed("rooms");
  }

  // ---- events

  #event(event) {
    if (event.seq !== undefined) {
      this.#entry(event);
      return;
    }
    if (!isKnownEvent(event)) return;
    switch (event.event) {
      case "typing":
        this.#someoneTypes(event);
        break;
      case "read":
        this.#readElsewhere(event);
        break;
      case "membership":
        this.#membership(event);
        break;
    }
  }

  #entry(entry) {
    if (!this.rooms.has(entry.room) && this.rooms.size >= UNKNOWN_ROOMS + LIMITS.userRooms) return;
    const room = this.#room(entry.room);
    try {
      this.#applied(room, room.timeline.add(entry));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#gaps.fill(room, 0);
      return;
    }
    if (room.timeline.held > 0) this.#gaps.fill(room, this.#gapWait());
  }

  // A direct server keeps order: what is ahead of a hole shows a loss.
  #gapWait() {
    return this.limits.in_flight > 1 ? 0 : TIMES.gap;
  }

  #applied(room, entries) {
    if (entries.length === 0) return;
    for (const entry of entries) this.#note(room, entry);
    if (room.name !== this.current) room.timeline.trim(IDLE_ENTRIES * 5);
    this.#changed("entries", room.name);
    if (this.#isWatched(room)) this.#markRead(room);
  }

  #note(room, entry) {
    const own = entry.from?.id === this.user.id;
    if (own) this.#outbox.seen(entry.key);
    if (entry.event === "join" && room.members !== null) room.members += 1;
    if (entry.event === "leave" && room.members !== null) room.members -= 1;
    if (entry.event !== "message") return;
    this.#typing.stopped(room, entry.from.id);
    if (own || entry.seq <= room.read || this.#isWatched(room)) return;
    if (room.unread === 0) room.mark = entry.seq - 1;
    room.unread += 1;
    this.#changed("unread", room.name);
  }

  #isWatched(room) {
    return this.#watching && room.name === this.current;
  }

  #someoneTypes({ room: name, from }) {
    const room = this.rooms.get(name);
    if (room?.joined && from.id !== this.user.id) this.#typing.heard(room, from);
  }

  #membership(event) {
    if (this.#revision !== null) this.#revision += 1;
    if (event.state === "left") {
      const revision = this.#revision;
      this.#remove(event.room);
      this.#revision = revision;
    } else {
      this.#sync(event);
      this.#changed("rooms");
    }
  }

  // ---- read markers

  #readElsewhere({ room: name, read, unread }) {
    const room = this.rooms.get(name);
    if (!room || read < room.read) return;
    room.read = read;
    room.unread = unread;
    this.#changed("unread", name);
  }

  #markRead(room) {
    const seq = room.timeline.last;
    if (room.unread > 0) {
      room.unread = 0;
      this.#changed("unread", room.name);
    }
    if (seq === null || seq <= room.read) return;
    room.read = seq;
    this.#markers.move(room.name, seq);
  }

  // ---- holes

  #heads({ heads, rooms_rev: revision, more }) {
    for (const [name, { epoch, head }] of Object.entries(heads)) {
      const room = this.rooms.get(name);
      if (room?.joined) this.#expect(room, epoch, head);
    }
    if (!more && revision !== this.#revision) this.#session.refresh();
  }

  // A head below the last entry was only overtaken by it.
  #expect(room, epoch, head) {
    const { timeline } = room;
    timeline.expect(head);
    if (epoch !== timeline.epoch) this.#session.refresh();
    else if (timeline.behind > 0) this.#gaps.fill(room, TIMES.gap);
  }
}
