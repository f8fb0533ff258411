// The signed-in page: one client, its views, and what happens between them.

import { Client } from "../client.js";
import { isRoom } from "../names.js";
import { AccountView } from "./account.js";
import { showBadge } from "./badge.js";
import { BrowseView } from "./browse.js";
import { ComposerView } from "./composer.js";
import { confirm } from "./confirm.js";
import { Deeds } from "./deeds.js";
import { element, find } from "./dom.js";
import { InviteView } from "./invite.js";
import { nameNode } from "./message.js";
import { NewsView } from "./news.js";
import { PeopleView } from "./people.js";
import { RoomsView } from "./rooms.js";
import { StatusView } from "./status.js";
import { TimelineView } from "./timeline.js";
import { titleOf } from "./title.js";

const DEFAULT_ROOM = "lobby";

// The room that the address names: #lobby
function roomOfAddress() {
  const name = location.hash.slice(1); // a room's name needs no escapes
  return isRoom(name) ? name : null;
}

export class App {
  #client;
  #storage;
  #tell; // {welcomed(), refused(reason), leave(problem, identity)}
  #views;
  #listeners = new AbortController();
  #identity = null; // what storage keeps of who this is
  #entered = false; // a room was opened
  #shown = false;
  #scheduled = new Set();

  constructor({ services, storage, ...tell }) {
    this.#storage = storage;
    this.#tell = tell;
    this.#client = new Client({
      ...services,
      store: storage.outbox,
      changed: (what, room, by) => this.#changed(what, room, by),
      token: (token) => this.#keepToken(token),
    });
    this.#makeViews();
    this.#listen();
  }

  // Who this page is; undefined: nobody.
  get key() {
    return this.#shown ? this.#identity.key : undefined;
  }

  // Sign in with what was typed.
  begin(credential, identity) {
    this.#identity = identity;
    this.#client.start(credential);
  }

  // Be who one was.
  resume(identity) {
    this.#identity = identity;
    this.#client.presence = this.#storage.presence;
    this.#show();
    this.#client.start(identity);
  }

  #show() {
    this.#shown = true;
    find("app").hidden = false;
    showBadge(null, 0, 0);
    this.#tell.welcomed();
  }

  end() {
    this.#listeners.abort();
    this.#client.end();
  }

  #makeViews() {
    const client = this.#client;
    const news = new NewsView();
    const deeds = new Deeds({
      client,
      storage: this.#storage,
      open: (room) => this.open(room),
      tell: (problem) => news.tell(problem),
    });
    const timeline = new TimelineView(client, {
      retry: (key) => client.retry(key),
      discard: (key) => client.discard(key),
      reply: (seq) => this.#views.composer.reply(deeds.message(seq)),
      edit: (seq) => this.#views.composer.edit(deeds.message(seq)),
      remove: (seq) => deeds.remove(seq),
      react: (seq, emoji, on) => deeds.react(seq, emoji, on),
      recentEmoji: () => this.#storage.emoji,
      watched: () => this.#watch(),
      compose: () => this.#views.composer.focus(),
    });
    const composer = new ComposerView(client, {
      editLast: () => {
        const own = deeds.lastOwn;
        if (own) composer.edit(own);
        return Boolean(own);
      },
      people: () => deeds.people,
      sent: () => timeline.toBottom(),
    });
    const rooms = new RoomsView(client, {
      open: (room) => this.open(room),
      leave: () => deeds.leave(),
      topic: () => deeds.editTopic(),
      accept: (room, done) => deeds.accept(room, done),
      account: () => this.#views.account.show(),
      signOut: () => this.#signOut({ all: false }),
    });
    const invite = new InviteView(client);
    const people = new PeopleView(client, {
      message: (id) => deeds.direct(id),
      invite: () => invite.show(),
    });
    const account = new AccountView(client, {
      presence: (state) => this.#setPresence(state),
      signOutEverywhere: () => this.#signOut({ all: true }),
    });
    const browse = new BrowseView(client, (room) => this.open(room));
    const status = new StatusView(client, { reconnect: () => this.#reconnect() });
    this.#views = { timeline, composer, rooms, browse, status, people, account, news };
  }

  #on(target, type, listener) {
    target.addEventListener(type, listener, { signal: this.#listeners.signal });
  }

  #listen() {
    const browse = () => this.#views.browse.show();
    this.#on(find("browse"), "click", browse);
    this.#on(find("empty-browse"), "click", browse);
    this.#on(find("skip"), "click", (event) => {
      event.preventDefault(); // an address with # names a room
      this.#views.composer.focus();
    });
    this.#on(find("menu"), "click", () => this.#toggleRooms());
    this.#on(find("room"), "click", (event) => {
      if (!event.target.closest("#menu")) this.#toggleRooms(false);
      const { people } = this.#views;
      if (people.covers && !event.target.closest("#show-people")) people.toggle(false);
    });
    this.#on(find("show-people"), "click", () => this.#views.people.toggle());
    this.#on(find("people-close"), "click", () => this.#closePeople());
    this.#on(window, "online", () => this.#client.nudge());
    this.#on(window, "offline", () => this.#client.probe());
    this.#on(window, "focus", () => this.#watch());
    this.#on(window, "blur", () => this.#watch());
    this.#on(document, "visibilitychange", () => {
      if (document.visibilityState === "visible") this.#client.nudge();
      this.#watch();
    });
    this.#on(window, "hashchange", () => this.#goTo(roomOfAddress()));
    this.#on(window, "beforeunload", (event) => {
      if (this.#client.unsent > 0) event.preventDefault();
    });
    this.#on(document, "keydown", (event) => this.#key(event));
  }

  // ---- what the client tells

  #changed(what, room, by) {
    const mine = room === undefined || room === this.#client.current;
    if (what === "state") this.#stateChanged();
    else if (what === "user") this.#views.rooms.me();
    else if (what === "removed") this.#removed(room, by);
    else if (what === "typing" && mine) this.#later("typing", () => this.#showTyping());
    else if (what === "reset" && mine) this.#views.timeline.open(room);
    else if (["entries", "history", "outbox"].includes(what) && mine) this.#views.timeline.schedule();
    if (["rooms", "unread", "entries"].includes(what)) this.#later("rooms", () => this.#showRooms());
  }

  #removed(room, by) {
    this.#views.news.tell(nameNode(by.name), ` removed you from #${room}.`);
  }

  // Once, however many changes a frame of the server's brings.
  #later(name, f) {
    if (this.#scheduled.has(name)) return;
    this.#scheduled.add(name);
    queueMicrotask(() => {
      this.#scheduled.delete(name);
      if (!this.#listeners.signal.aborted) f();
    });
  }

  #stateChanged() {
    const { name, reason } = this.#client.state;
    if (name === "online" && !this.#shown) this.#show();
    if (name === "closed" && !this.#shown) {
      this.#tell.refused(reason);
      return;
    }
    if (name === "closed" && ["unauthorized", "bad_request", "name_taken"].includes(reason.code)) {
      this.#ended(reason);
      return;
    }
    this.#views.status.render();
    if (name === "online" && !this.#entered) this.#enter();
  }

  // The token is no good any more, unless another page has a newer one.
  #ended({ code, message }) {
    const stored = this.#storage.identity;
    if (stored?.key === this.#identity.key && stored.token !== this.#identity.token && stored.token) {
      this.resume(stored);
      return;
    }
    const problem = code === "unauthorized" ? "Your session has ended. Come in again." : message;
    this.#tell.leave(problem, this.#identity);
  }

  #showRooms() {
    const { current, rooms } = this.#client;
    if (this.#entered && (!current || !rooms.has(current))) this.#openAny();
    this.#views.rooms.render();
    this.#views.people.render();
    this.#views.timeline.schedule();
    if (this.#client.current) this.#views.composer.title(this.#client.current);
    this.#showBadge();
  }

  #showBadge() {
    const { current, unread, mentions } = this.#client;
    showBadge(current && titleOf(this.#client, current), unread, mentions);
  }

  #showTyping() {
    const room = this.#client.rooms.get(this.#client.current);
    const names = [...(room?.typing.values() ?? [])].map(({ name }) => name);
    const line = find("typing");
    line.replaceChildren();
    if (names.length === 0) return;
    const dots = element("span", { class: "dots", "aria-hidden": "true" }, element("i"), element("i"), element("i"));
    line.append(dots);
    if (names.length > 3) line.append("Several people are typing");
    else {
      names.forEach((name, index) => {
        if (index > 0) line.append(index === names.length - 1 ? " and " : ", ");
        line.append(element("b", {}, nameNode(name)));
      });
      line.append(names.length === 1 ? " is typing" : " are typing");
    }
  }

  // ---- rooms

  // After the first sign-in: the room of the address, the last one, any, or
  // the room where everybody begins.
  #enter() {
    this.#entered = true;
    const wanted = roomOfAddress() ?? this.#storage.room;
    if (wanted) this.#goTo(wanted);
    else this.#openAny();
    if (this.#client.list.length === 0 && !wanted) this.#goTo(DEFAULT_ROOM);
  }

  // Opens a room, joining it if need be.
  #goTo(name) {
    if (!name || name === this.#client.current) return;
    if (this.#client.rooms.get(name)?.joined) {
      this.open(name);
      return;
    }
    this.#client.join(name, {}, (error) => {
      if (!error) this.open(name);
      else this.#openAny();
    });
  }

  #openAny() {
    const name = this.#client.list[0]?.name;
    if (name) this.open(name, { focus: false });
    else this.#views.rooms.render();
  }

  open(name, { focus = true } = {}) {
    this.#client.select(name);
    this.#storage.room = name;
    this.#toggleRooms(false);
    history.replaceState(null, "", `#${name}`);
    const label = `Messages in ${titleOf(this.#client, name)}`;
    find("scroller").setAttribute("aria-label", label);
    find("log").setAttribute("aria-label", label);
    this.#views.rooms.render();
    const { people } = this.#views;
    if (people.covers) people.toggle(false);
    else people.open();
    this.#views.composer.open(name);
    this.#views.timeline.open(name);
    this.#showTyping();
    this.#showBadge();
    const touch = matchMedia("(pointer: coarse)").matches;
    if (focus && !touch) this.#views.composer.focus();
  }

  // Does the user see the newest message?
  #watch() {
    const looking = document.visibilityState === "visible" && document.hasFocus();
    this.#client.watch(looking && this.#views.timeline.atBottom);
  }

  #toggleRooms(open = !document.body.classList.contains("rooms-open")) {
    document.body.classList.toggle("rooms-open", open);
    find("menu").setAttribute("aria-expanded", String(open));
    if (open) find("rooms").querySelector("button")?.focus();
  }

  // ---- the session

  #keepToken(token) {
    const { token: before, ...identity } = this.#identity;
    if (token) {
      this.#identity = { ...identity, token };
      this.#storage.identity = this.#identity;
      return;
    }
    // A guest is still known by the key; an account has to log in.
    const stored = this.#storage.identity;
    if (!identity.guest || stored?.key !== identity.key || stored.token !== before) return;
    this.#identity = identity;
    this.#storage.identity = identity;
  }

  #setPresence(state) {
    this.#storage.presence = state;
    this.#client.setPresence(state);
  }

  #reconnect() {
    if (this.#client.state.name === "closed") this.#client.start(this.#identity);
    else this.#client.nudge();
  }

  async #signOut({ all }) {
    const unsent = this.#client.unsent > 0 ? " Messages that were not sent are lost." : "";
    const { guest } = this.#client.user ?? {};
    const loss = guest ? "A guest who logs out cannot come back as the same user." : "";
    const others = all ? "You are logged out on every device." : "";
    const agreed = await confirm({
      heading: all ? "Log out everywhere?" : "Log out?",
      text: `${others} ${loss}${unsent}`.trim() || "You can come back with your password.",
      yes: "Log out",
    });
    // Offline the token lives on, but this browser forgets it.
    if (agreed) this.#client.logOut({ all }, () => this.#tell.leave("", this.#identity));
  }

  // ---- keyboard

  #key(event) {
    if (event.defaultPrevented || document.querySelector("dialog[open], :popover-open")) return;
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      const name = this.#views.rooms.neighbour(event.key === "ArrowUp" ? -1 : 1);
      if (name) this.open(name);
    } else if ((event.ctrlKey || event.metaKey) && event.key === "k") {
      event.preventDefault();
      this.#views.browse.show();
    } else if (event.key === "Escape") {
      this.#escape();
    }
  }

  #closePeople() {
    this.#views.people.toggle(false);
    find("show-people").focus();
  }

  // One thing after the other: what covers a phone, a reply, the way back down.
  #escape() {
    const { people } = this.#views;
    if (people.covers || find("people").contains(document.activeElement)) {
      this.#closePeople();
    } else if (document.body.classList.contains("rooms-open")) {
      this.#toggleRooms(false);
      find("menu").focus();
    } else if (!this.#views.composer.escape()) {
      this.#views.timeline.toBottom();
      this.#views.composer.focus();
    }
  }
}
