// The user's rooms, kept right over a session: what the view shows and what
// it can do. No DOM, no WebSocket.
//
// `changed(what, room)` tells the view, `what` being "state", "user", "rooms"
// (the list, headers, people), "entries" (new ones, at the end), "history",
// "outbox", "typing", "unread", "removed" (from a room, with who did it) or
// "reset" (the room's log was loaded anew).

import { LIMITS } from "./names.js";
import { Outbox } from "./outbox.js";
import { PAGE, Rooms } from "./rooms.js";
import { Session } from "./session.js";

export class Client {
  presence = "online"; // what one shows oneself as
  #rooms;
  #session;
  #outbox;
  #makeKey;
  #changed;

  // connect, clock, random, url, subprotocol, agent: see Session; store: see
  // Outbox; makeKey() -> a key nobody had before; token(token or null) is told
  // what to sign in with the next time.
  constructor({ store, makeKey, changed, token, ...services }) {
    this.#makeKey = makeKey;
    this.#changed = changed;
    this.#session = new Session({ ...services, handler: this.#handler(token) });
    this.#outbox = new Outbox({
      store,
      clock: services.clock,
      submit: (item, done) => this.#submit(item, done),
      changed: (room) => changed("outbox", room),
    });
    this.#rooms = new Rooms({
      clock: services.clock,
      makeKey,
      changed,
      outbox: this.#outbox,
      request: (action, body, done) => this.#request(action, body, done),
      refresh: () => this.#session.refresh(),
      inOrder: () => this.limits.in_flight > 1, // a direct server
    });
  }

  #handler(token) {
    return {
      resume: () => this.#rooms.positions(),
      signedIn: (ok) => this.#signedIn(ok),
      event: (event) => this.#rooms.event(event),
      heads: (ok) => this.#rooms.heads(ok),
      state: (state) => this.#state(state),
      token,
    };
  }

  // Repeated until it is answered.
  #request(action, body, done) {
    this.#session.request(action, body, done, { keep: true });
  }

  get state() {
    return this.#session.state;
  }

  get limits() {
    return this.#session.limits;
  }

  get user() {
    return this.#rooms.user;
  }

  get rooms() {
    return this.#rooms.all;
  }

  // Invitations: room -> by whom.
  get invites() {
    return this.#rooms.invites;
  }

  // Names of users, by id.
  get names() {
    return this.#rooms.names;
  }

  // The room that is looked at.
  get current() {
    return this.#rooms.current;
  }

  // By name.
  get list() {
    return this.#rooms.list;
  }

  get unread() {
    return this.#rooms.unread;
  }

  get mentions() {
    return this.#rooms.mentions;
  }

  get unsent() {
    return this.#outbox.unsent;
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

  // Nothing of the user stays here.
  end() {
    this.#session.stop();
    this.#outbox.clear();
  }

  // Ends the token, with `all` every token of the user.
  logOut({ all = false } = {}, done = () => {}) {
    this.#session.request("logout", { all }, done);
  }

  changePassword(old, next, done) {
    this.#session.request("password", { old, new: next }, (error, ok) => {
      if (ok) this.#session.adopt(ok.token);
      done(error);
    });
  }

  setPresence(state) {
    this.presence = state;
    this.#tellPresence();
    this.#changed("user");
  }

  // ---- rooms

  join(name, { create = false, isPrivate = false } = {}, done = () => {}) {
    const body = { room: name, key: this.#makeKey(), limit: PAGE, create, private: isPrivate };
    this.#enter("join", body, done);
  }

  // The private room with one other user.
  direct(user, done = () => {}) {
    this.#enter("dm", { user, key: this.#makeKey(), limit: PAGE }, done);
  }

  #enter(action, body, done) {
    this.#request(action, body, (error, ok) => {
      if (ok) this.#rooms.joined(ok);
      done(error, ok);
    });
  }

  // Also declines an invitation.
  leave(name, done = () => {}) {
    const body = { room: name, key: this.#makeKey() };
    this.#request("leave", body, (error, ok) => {
      if (!error) this.#rooms.left(name, ok.seq);
      done(error);
    });
  }

  // topic, invite, kick, ban or role in a room.
  moderate(action, room, body, done) {
    this.#request(action, { room, key: this.#makeKey(), ...body }, done);
  }

  // Who is invited to a room, or banned from it.
  listOf(list, room, after, done) {
    this.#session.request("members", { room, list, after }, done);
  }

  moreMembers(name) {
    const room = this.rooms.get(name);
    if (room) this.#rooms.describer.members(room, { anew: false });
  }

  // The list of who is in the room, from its beginning.
  reloadMembers(name) {
    const room = this.rooms.get(name);
    if (room) this.#rooms.describer.members(room);
  }

  // A page of public rooms.
  browse({ prefix, after }, done) {
    this.#session.request("rooms", { prefix: prefix || undefined, after }, done);
  }

  partner(name) {
    return this.#rooms.partner(name);
  }

  select(name) {
    this.#rooms.select(name);
  }

  older(name, done) {
    this.#rooms.older(name, done);
  }

  watch(watching) {
    this.#rooms.watch(watching);
  }

  // ---- messages

  // False when the outbox is full.
  send(name, text, { replyTo, mentions = [] } = {}) {
    this.#rooms.typing.sent();
    const room = this.rooms.get(name);
    if (room) room.mark = 0;
    return this.#put("send", name, { text, replyTo, mentions });
  }

  edit(name, ref, text) {
    return this.#put("edit", name, { ref, text });
  }

  delete(name, ref) {
    return this.#put("delete", name, { ref });
  }

  react(name, ref, emoji, on) {
    return this.#put("react", name, { ref, emoji, on });
  }

  #put(kind, room, what) {
    return this.#outbox.add({ kind, key: this.#makeKey(), room, ...what });
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

  typing(name) {
    if (this.#rooms.typing.tell()) this.#session.notify("typing", { room: name });
  }

  #submit({ kind, room, key, text, replyTo, mentions, ref, emoji, on }, done) {
    const body = { room, key, text, reply_to: replyTo, mentions, ref, emoji, on };
    this.#session.request(kind, body, (error, ok) => {
      done(error, ok);
      const { timeline, joined } = this.rooms.get(room) ?? {};
      if (!ok && !joined) this.#outbox.discard(key); // it would fail unseen
      else if (ok && joined && ok.seq > timeline.last) this.#rooms.expectEntry(this.rooms.get(room), ok.seq);
      else if (ok) this.#outbox.seen(key);
    });
  }

  // ---- session

  #state(state) {
    if (state.name === "online") {
      this.#outbox.resume(Math.min(this.limits.in_flight, LIMITS.inFlight));
    } else {
      this.#outbox.suspend();
    }
    this.#changed("state");
  }

  #signedIn(ok) {
    this.#rooms.signedIn(ok);
    if (this.presence !== "online") this.#tellPresence();
    this.#changed("user");
    this.#changed("rooms");
  }

  // The newest holds; a server that has none yet is told at the next hello.
  #tellPresence() {
    if (this.state.name === "idle" || this.state.name === "closed") return;
    this.#session.request("presence", { state: this.presence }, () => {});
  }

}
