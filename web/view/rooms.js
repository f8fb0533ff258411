// The list of the user's rooms and the header of the current one.

import { safeLine } from "../text.js";
import { avatar, element, find, icon } from "./dom.js";
import { formatCount, plural } from "./format.js";
import { nameNode } from "./message.js";

export class RoomsView {
  #client;
  #actions;
  #list = find("rooms");

  constructor(client, actions) {
    this.#client = client;
    this.#actions = actions;
    find("browse").append(icon("plus"));
    find("menu").append(icon("menu"));
    find("leave").append(icon("leave"));
    find("leave").addEventListener("click", () => actions.leave());
  }

  render() {
    const { current } = this.#client;
    const focused = document.activeElement?.dataset?.room;
    this.#list.replaceChildren(...this.#client.list.map((room) => this.#item(room, current)));
    if (focused) this.#list.querySelector(`[data-room="${focused}"]`)?.focus();
    this.#header();
    this.#menu();
  }

  #item(room, current) {
    const selected = room.name === current;
    const unread = room.unread > 0;
    const news = plural(room.unread, "new message", "new messages");
    const button = element(
      "button",
      {
        type: "button",
        class: unread ? "entry unread" : "entry",
        "aria-label": unread ? `${room.name}, ${news}` : null,
        "data-room": room.name,
        "aria-current": selected ? "page" : null,
        onclick: () => this.#actions.open(room.name),
      },
      icon("hash"),
      element("span", { class: "entry-name" }, room.name),
      unread ? element("span", { class: "badge" }, formatCount(room.unread)) : null,
    );
    return element("li", {}, button);
  }

  #header() {
    const room = this.#client.rooms.get(this.#client.current);
    find("room-name").textContent = room ? room.name : "";
    const parts = [];
    if (room?.members) parts.push(plural(room.members, "member", "members"));
    if (room?.topic) parts.push(safeLine(room.topic));
    find("room-topic").textContent = parts.join(" · ");
    find("leave").hidden = !room;
    find("empty").hidden = Boolean(room);
    find("stage").hidden = !room;
    find("composer").hidden = !room;
  }

  // On a phone: how much waits in the other rooms.
  #menu() {
    const { current, unread } = this.#client;
    const elsewhere = unread - (this.#client.rooms.get(current)?.unread ?? 0);
    const menu = find("menu");
    menu.dataset.count = elsewhere > 0 ? formatCount(elsewhere) : "";
    const news = elsewhere > 0 ? `, ${plural(elsewhere, "new message", "new messages")}` : "";
    menu.setAttribute("aria-label", `Rooms${news}`);
  }

  // Who one is.
  me() {
    const { user } = this.#client;
    const signOut = {
      class: "quiet icon-only",
      type: "button",
      id: "sign-out",
      "aria-label": "Log out",
      title: "Log out",
      onclick: () => this.#actions.signOut(),
    };
    find("me").replaceChildren(
      avatar(user),
      element("span", { class: "me-name" }, nameNode(user.name)),
      element("button", signOut, icon("signout")),
    );
  }

  // The neighbour in the list: step -1 or 1.
  neighbour(step) {
    const names = this.#client.list.map((room) => room.name);
    if (names.length === 0) return null;
    const index = names.indexOf(this.#client.current);
    return names[(index + step + names.length) % names.length];
  }
}
