// The signed-in page: one client, its views, and what happens between them.

import { Client } from "../client.js";
import { isRoom } from "../names.js";
import { showBadge } from "./badge.js";
import { BrowseView } from "./browse.js";
import { ComposerView } from "./composer.js";
import { confirm } from "./confirm.js";
import { element, find } from "./dom.js";
import { nameNode } from "./message.js";
import { RoomsView } from "./rooms.js";
import { StatusView } from "./status.js";
import { TimelineView } from "./timeline.js";

const DEFAULT_ROOM = "lobby";

// The room that the address names: #lobby
function roomOfAddress() {
  const name = location.hash.slice(1); // a room's name needs no escapes
  return isRoom(name) ? name : null;
}

export class App {
  #client;
  #storage;
  #leave;
  #views;
  #listeners = new AbortController();
  #entered = false; // a room was opened
  #scheduled = new Set();

  constructor({ services, storage, leave }) {
    this.#storage = storage;
    this.#leave = leave;
    this.#client = new Client({
      ...services,
      store: storage.outbox,
      changed: (what, room) => this.#changed(what, room),
      token: (token) => this.#keepToken(token),
    });
    this.#makeViews();
    this.#listen();
  }

  begin(identity) {
    this.key = identity.key; // who this page is
    find("app").hidden = false;
    this.#client.start(identity);
    showBadge(null, 0);
  }

  end() {
    this.#listeners.abort();
    this.#client.end();
  }

  #makeViews() {
    const client = this.#client;
    const timeline = new TimelineView(client, {
      retry: (key) => client.retry(key),
      discard: (key) => client.discard(key),
      reply: (seq) => this.#reply(seq),
      watched: () => this.#watch(),
      compose: () => this.#views.composer.focus(),
    });
    const composer = new ComposerView(client, {
      focusLast: () => timeline.focusLast(),
      sent: () => timeline.toBottom(),
    });
    const rooms = new RoomsView(client, {
      open: (room) => this.open(room),
      leave: () => this.#leaveRoom(),
      signOut: () => this.#signOut(),
    });
    const browse = new BrowseView(client, (room) => this.open(room));
    const status = new StatusView(client, { reconnect: () => this.#reconnect() });
    this.#views = { timeline, composer, rooms, browse, status };
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
    });
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

  #changed(what, room) {
    const mine = room === undefined || room === this.#client.current;
    if (what === "state") this.#stateChanged();
    else if (what === "user") this.#views.rooms.me();
    else if (what === "typing" && mine) this.#later("typing", () => this.#showTyping());
    else if (what === "reset" && mine) this.#views.timeline.open(room);
    else if (["entries", "history", "outbox"].includes(what) && mine) this.#views.timeline.schedule();
    if (["rooms", "unread", "entries"].includes(what)) this.#later("rooms", () => this.#showRooms());
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
    if (name === "closed" && reason.code === "unauthorized") {
      this.#leave("Your session has ended. Come in again.");
      return;
    }
    if (name === "closed" && reason.code === "bad_request") {
      this.#leave(reason.message);
      return;
    }
    this.#views.status.render();
    if (name === "online" && !this.#entered) this.#enter();
  }

  #showRooms() {
    const { current, rooms, unread } = this.#client;
    if (this.#entered && (!current || !rooms.has(current))) this.#openAny();
    this.#views.rooms.render();
    this.#views.timeline.schedule();
    showBadge(this.#client.current, unread);
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
    find("scroller").setAttribute("aria-label", `Messages in ${name}`);
    find("log").setAttribute("aria-label", `Messages in ${name}`);
    this.#views.rooms.render();
    this.#views.composer.open(name);
    this.#views.timeline.open(name);
    this.#showTyping();
    showBadge(name, this.#client.unread);
    const touch = matchMedia("(pointer: coarse)").matches;
    if (focus && !touch) this.#views.composer.focus();
  }

  async #leaveRoom() {
    const name = this.#client.current;
    const agreed = await confirm({
      heading: `Leave #${name}?`,
      text: "You can join again at any time, and read what was written meanwhile.",
      yes: "Leave",
    });
    if (agreed) this.#client.leave(name);
  }

  #reply(seq) {
    const entry = this.#client.rooms.get(this.#client.current)?.timeline.at(seq);
    if (entry) this.#views.composer.reply(entry);
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
    const { guest, key } = this.#storage.identity ?? {};
    if (key) this.#storage.identity = token ? { guest, key, token } : { guest, key };
  }

  #reconnect() {
    if (this.#client.state.name === "closed") this.#client.start(this.#storage.identity);
    else this.#client.nudge();
  }

  async #signOut() {
    const unsent = this.#client.unsent > 0 ? " Messages that were not sent are lost." : "";
    const agreed = await confirm({
      heading: "Log out?",
      text: `A guest who logs out cannot come back as the same user.${unsent}`,
      yes: "Log out",
    });
    if (agreed) this.#leave("");
  }

  // ---- keyboard

  #key(event) {
    if (document.querySelector("dialog[open]")) return;
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

  // One thing after the other: the list on a phone, a reply, the way back down.
  #escape() {
    if (document.body.classList.contains("rooms-open")) {
      this.#toggleRooms(false);
      find("menu").focus();
    } else if (!this.#views.composer.escape()) {
      this.#views.timeline.toBottom();
      this.#views.composer.focus();
    }
  }
}
