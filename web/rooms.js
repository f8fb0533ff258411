// The rooms of the user: who is in them, what their logs hold, what is unread,
// kept right by hello, pings and events. Part of a client (client.js), which
// says what `changed` tells.

import { Describer } from "./describe.js";
import { isKnownEvent } from "./events.js";
import { Gaps } from "./gaps.js";
import { LIMITS, TIMES } from "./names.js";
import { Names } from "./people.js";
import { Reading } from "./reading.js";
import { isDirect, makeRoom, otherOf } from "./room.js";
import { Typing } from "./typing.js";

export const PAGE = 50;
const IDLE_ENTRIES = 200; // what a room keeps when one looks elsewhere
const UNKNOWN_ROOMS = 64; // rooms with entries that came before their join

export class Rooms {
  user = null;
  all = new Map(); // by name
  invites = new Map(); // room -> by
  names = new Names();
  current = null; // the room that is looked at
  describer;
  typing;
  #reading;
  #gaps;
  #request;
  #refresh;
  #inOrder;
  #outbox;
  #changed;
  #revision = null; // of the list of rooms and invites

  // request(action, body, done) asks until it is answered; refresh() says
  // hello again; inOrder() says whether order is kept on the way; outbox is
  // where own entries are awaited.
  constructor({ clock, makeKey, request, refresh, inOrder, outbox, changed }) {
    this.#request = request;
    this.#refresh = refresh;
    this.#inOrder = inOrder;
    this.#outbox = outbox;
    this.#changed = changed;
    this.typing = new Typing({ clock, changed: (room) => changed("typing", room.name) });
    this.#reading = new Reading({
      request: (body, done) => request("read", body, done),
      changed: (room) => changed("unread", room.name),
    });
    this.describer = new Describer({
      request,
      makeKey,
      learn: (person) => this.names.learn(person),
      changed: () => changed("rooms"),
    });
    this.#gaps = new Gaps({
      clock,
      request: (body, done) => request("history", body, done),
      applied: (room, entries) => this.#applied(room, entries),
      refresh,
    });
  }

  // By name.
  get list() {
    const joined = [...this.all.values()].filter((room) => room.joined);
    return joined.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get unread() {
    return this.list.reduce((sum, room) => sum + room.unread, 0);
  }

  get mentions() {
    return this.list.reduce((sum, room) => sum + room.mentions, 0);
  }

  // Whom a direct room is with, as far as it is known: {id, name?}.
  partner(name) {
    const id = otherOf(name, this.user?.id);
    return id && { id, name: this.names.of(id) };
  }

  // Look at a room; the mark shows where one had read to.
  select(name) {
    if (this.current && this.current !== name) {
      this.all.get(this.current)?.timeline.trim(IDLE_ENTRIES);
    }
    this.current = name;
    const room = this.all.get(name);
    this.#reading.look(room ?? null);
    if (!room) return;
    if (room.joined) this.describer.describe(room, this.user.id);
    if (room.timeline.entries.length < PAGE) this.older(name);
  }

  // Load the page before what is there; then done(), whatever came.
  older(name, done = () => {}) {
    const room = this.all.get(name);
    if (!room?.joined || room.loading || !room.timeline.hasOlder) return;
    room.loading = true;
    const { timeline } = room;
    const { epoch } = timeline;
    const body = { room: name, epoch, before: timeline.start, limit: PAGE };
    this.#request("history", body, (error, ok) => {
      room.loading = false;
      if (error?.code === "epoch_changed") this.#refresh();
      if (ok && epoch === timeline.epoch) this.#takeOlder(room, body.before, ok);
      this.#changed("history", name);
      done();
    });
  }

  #takeOlder(room, before, ok) {
    const { timeline } = room;
    const { start } = timeline;
    const joins = timeline.prepend(ok);
    if (!joins && start !== before) this.older(room.name);
    if (ok.entries.length === 0) timeline.first = start;
    if (joins) this.#complete(room, ok.changes);
    for (const entry of ok.entries) this.#learnNames(entry);
  }

  // A change without the text of its edit had no place for it.
  #complete(room, changes) {
    for (const { ref, edit, text } of changes) {
      if (!edit || text !== undefined) continue;
      const body = { room: room.name, epoch: room.timeline.epoch, around: edit, limit: 1 };
      this.#request("history", body, (error, ok) => {
        const found = ok?.entries.find(({ seq }) => seq === edit);
        if (found?.text === undefined) return;
        room.timeline.changes.learn(ref, edit, found.text);
        this.#changed("history", room.name);
      });
    }
  }

  // The view says whether the newest entry of the current room is seen.
  watch(watching) {
    this.#reading.watch(watching);
  }

  // ---- session

  // For hello's resume.
  positions() {
    return this.list
      .filter((room) => room.timeline.last !== null)
      .map(({ name, timeline }) => ({
        room: name,
        epoch: timeline.epoch,
        seq: timeline.last,
      }));
  }

  // What hello said.
  signedIn(ok) {
    this.user = ok.user;
    this.names.learn(ok.user);
    this.#revision = ok.rooms_rev;
    const names = new Set(ok.rooms.map(({ room }) => room));
    for (const room of this.list) {
      if (!ok.more && !names.has(room.name)) this.#remove(room.name);
    }
    this.invites = new Map(ok.invites.map(({ room, by }) => [room, by]));
    for (const room of ok.rooms) this.#sync(room);
    this.#changed("rooms");
  }

  // An entry of one's own, with this seq, is on its way.
  expectEntry(room, seq) {
    this.#expect(room, room.timeline.epoch, seq);
  }

  // A room of hello's, or of a membership event.
  #sync({ room: name, epoch, head, resumed, ...marker }) {
    const room = this.#room(name);
    const { timeline } = room;
    // Resumed: entries may have come by an older connection meanwhile.
    const isSame = resumed ? epoch === timeline.epoch : timeline.continues(epoch, head);
    const known = room.joined && isSame;
    room.joined = true;
    room.named = Math.max(room.named, head);
    this.invites.delete(name);
    this.#reading.told(room, marker);
    if (!known) {
      this.#begin(room, epoch, head);
    } else if (!resumed) {
      timeline.expect(head);
      if (timeline.behind > LIMITS.heldEntries) this.#begin(room, epoch, head);
      else if (timeline.behind > 0) this.#gaps.fill(room, 0);
    }
    if (isDirect(name) && !this.partner(name)?.name) this.describer.describe(room, this.user.id);
  }

  #room(name) {
    if (!this.all.has(name)) this.all.set(name, makeRoom(name));
    return this.all.get(name);
  }

  // The room's log from behind `head`; older entries by history.
  #begin(room, epoch, head) {
    room.named = head;
    // A line between read and new in another log has no place in this one.
    if (room.timeline.epoch !== epoch) room.mark = room.unread > 0 ? room.read : 0;
    if (room.timeline.epoch !== null && room.timeline.epoch !== epoch) {
      this.#outbox.begunAnew(room.name);
    }
    room.described = false;
    room.role = null;
    this.#applied(room, room.timeline.begin(epoch, head));
    this.#changed("reset", room.name);
    if (this.current !== room.name) return;
    this.describer.describe(room, this.user.id);
    this.older(room.name);
  }

  // By join or dm.
  joined(ok) {
    const room = this.#room(ok.room);
    if (!room.joined) this.#count();
    this.invites.delete(ok.room);
    room.topic = ok.topic ?? "";
    room.members = ok.members;
    if (!room.joined || room.timeline.epoch !== ok.epoch) {
      room.joined = true;
      this.#begin(room, ok.epoch, ok.head);
      room.timeline.prepend(ok);
      this.#complete(room, ok.changes);
      for (const entry of ok.entries) this.#learnNames(entry);
    }
    room.named = Math.max(room.named, ok.head);
    room.role = ok.role;
    this.#changed("rooms");
    this.#changed("reset", room.name);
  }

  // The list of rooms and invites has changed once.
  #count() {
    if (this.#revision !== null) this.#revision += 1;
  }

  // By a leave, whose entry has this seq; 0: nothing was left.
  left(name, seq) {
    if (seq > 0) this.#count();
    this.invites.delete(name);
    this.#remove(name);
    this.#changed("rooms");
  }

  #remove(name) {
    const room = this.all.get(name);
    if (!room) return;
    this.#gaps.forget(room);
    this.typing.forget(room);
    room.joined = false;
    this.all.delete(name);
    this.#outbox.clear(name);
    if (this.current === name) this.select(null);
    this.#changed("rooms");
  }

  // ---- events

  event(event) {
    if (event.seq !== undefined) {
      this.#entry(event);
      return;
    }
    if (!isKnownEvent(event)) return;
    const room = this.all.get(event.room);
    if (event.event === "membership") this.#membership(event);
    else if (!room?.joined) return;
    else if (event.event === "typing") this.#someoneTypes(room, event);
    else if (event.event === "read") this.#reading.elsewhere(room, event);
    else if (event.event === "presence") this.#someoneShows(room, event);
  }

  #entry(entry) {
    if (!this.all.has(entry.room) && this.all.size >= UNKNOWN_ROOMS + LIMITS.userRooms) return;
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
    return this.#inOrder() ? 0 : TIMES.gap;
  }

  #applied(room, entries) {
    if (entries.length === 0) return;
    for (const entry of entries) {
      this.#note(room, entry);
      if (!room.joined) return; // by this very entry
    }
    if (room.name !== this.current) room.timeline.trim(IDLE_ENTRIES * 5);
    this.#changed("entries", room.name);
    this.#reading.grown(room);
  }

  #note(room, entry) {
    if (!isKnownEvent(entry)) return;
    const ownId = this.user.id;
    const own = entry.from.id === ownId;
    if (own) this.#outbox.seen(entry.key);
    this.#learnNames(entry);
    if (entry.event === "message") {
      this.typing.stopped(room, entry.from.id);
      if (!own) this.#reading.note(room, entry, ownId);
    } else {
      this.#noteState(room, entry, ownId);
    }
  }

  #learnNames({ from, user, with: other }) {
    for (const person of [from, user, other]) {
      if (person?.id && person.name) this.names.learn(person);
    }
  }

  // What an entry says of the room itself, and who is in it.
  #noteState(room, entry, ownId) {
    const { event, user, from } = entry;
    const goes = event === "leave" ? from.id : user?.id;
    const isEnd = event === "leave" || event === "kick" || (event === "ban" && entry.on);
    if (isEnd && goes === ownId) {
      // A join has undone what is older than the room's naming.
      if (entry.seq > room.named) this.#goneFrom(room.name, event === "leave" ? null : from);
      return;
    }
    const before = room.people.list.size;
    room.people.apply(entry, (id) => this.#presenceOf(id));
    if (event === "topic") room.topic = entry.topic;
    if (event === "role" && user.id === ownId) room.role = entry.role;
    if (room.people.complete) room.members = room.people.list.size;
    else if (room.members !== null) room.members += room.people.list.size - before;
    this.#changed("rooms");
  }

  #presenceOf(id) {
    for (const { people } of this.all.values()) {
      const presence = people.list.get(id)?.presence;
      if (presence) return presence;
    }
    return undefined;
  }

  #goneFrom(name, by) {
    this.#remove(name);
    if (by) this.#changed("removed", name, by);
  }

  #someoneTypes(room, { from }) {
    this.names.learn(from);
    if (from.id !== this.user.id) this.typing.heard(room, from);
  }

  #someoneShows(room, { users }) {
    for (const { id, presence } of users) room.people.setPresence(id, presence);
    this.#changed("rooms");
  }

  #membership(event) {
    const { room: name, state, head, by } = event;
    this.#count();
    if (state === "joined") {
      this.#sync(event);
    } else if (state === "invited") {
      this.invites.set(name, by);
      this.names.learn(by);
    } else {
      this.invites.delete(name);
      const room = this.all.get(name);
      const isHistory = room?.joined && head <= room.named;
      if (room?.joined && !isHistory) this.#goneFrom(name, state === "removed" ? by : null);
    }
    this.#changed("rooms");
  }

  // ---- holes

  heads({ heads, rooms_rev: revision, more }) {
    for (const [name, { epoch, head }] of Object.entries(heads)) {
      const room = this.all.get(name);
      if (!room?.joined) continue;
      this.#expect(room, epoch, head);
      room.named = Math.max(room.named, head);
    }
    if (!more && revision !== this.#revision) this.#refresh();
  }

  // A head below the last entry was only overtaken by it.
  #expect(room, epoch, head) {
    const { timeline } = room;
    timeline.expect(head);
    if (epoch !== timeline.epoch) this.#refresh();
    else if (timeline.behind > 0) this.#gaps.fill(room, TIMES.gap);
  }
}
