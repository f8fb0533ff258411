// The list of the user's rooms and invitations, and the header of the current
// room.

import { permits } from "../people.js";
import { isDirect } from "../room.js";
import { safeLine } from "../text.js";
import { avatar, element, find, icon } from "./dom.js";
import { formatCount, plural } from "./format.js";
import { nameNode } from "./message.js";
import { PRESENCES, PeopleView } from "./people.js";
import { problemOf } from "./problems.js";
import { labelOf } from "./title.js";

export class RoomsView {
  #client;
  #actions;
  #list = find("rooms");
  #invites = find("invites");
  #signs = {}; // of what is drawn, by part
  #problems = new Map(); // room of an invitation -> what went wrong

  constructor(client, actions) {
    this.#client = client;
    this.#actions = actions;
    find("browse").append(icon("plus"));
    find("menu").append(icon("menu"));
    find("leave").append(icon("leave"));
    find("edit-topic").append(icon("edit"));
    find("leave").addEventListener("click", () => actions.leave());
    find("edit-topic").addEventListener("click", () => actions.topic());
  }

  render() {
    this.#renderList();
    this.#renderInvites();
    this.#header();
    this.#menu();
  }

  // What did not change stays, so that no click on it is lost.
  #isDrawn(part, shown) {
    const sign = JSON.stringify(shown);
    if (this.#signs[part] === sign) return true;
    this.#signs[part] = sign;
    return false;
  }

  #renderList() {
    const { current, list } = this.#client;
    const shown = list.map(({ name, unread, mentions, listed }) => [
      [name, unread, mentions, listed],
      labelOf(this.#client, name),
    ]);
    if (this.#isDrawn("rooms", [current, shown])) return;
    const focused = document.activeElement?.dataset?.room;
    this.#list.replaceChildren(...list.map((room) => this.#item(room, current)));
    if (focused) this.#list.querySelector(`[data-room="${focused}"]`)?.focus();
  }

  #item(room, current) {
    const selected = room.name === current;
    const unread = room.unread > 0;
    const label = labelOf(this.#client, room.name);
    const news = [plural(room.unread, "new message", "new messages")];
    if (room.mentions > 0) news.push(plural(room.mentions, "mention of you", "mentions of you"));
    const badge = room.mentions > 0 ? `@${formatCount(room.mentions)}` : formatCount(room.unread);
    const button = element(
      "button",
      {
        type: "button",
        class: unread ? "entry unread" : "entry",
        "aria-label": unread ? `${label}, ${news.join(", ")}` : null,
        "data-room": room.name,
        "aria-current": selected ? "page" : null,
        onclick: () => this.#actions.open(room.name),
      },
      icon(isDirect(room.name) ? "person" : room.listed === false ? "lock" : "hash"),
      element("bdi", { class: "entry-name" }, label),
      unread ? element("span", { class: room.mentions > 0 ? "badge" : "badge plain" }, badge) : null,
    );
    return element("li", {}, button);
  }

  // ---- invitations

  #renderInvites() {
    const { invites } = this.#client;
    for (const room of this.#problems.keys()) {
      if (!invites.has(room)) this.#problems.delete(room);
    }
    if (this.#isDrawn("invites", [[...invites], [...this.#problems]])) return;
    this.#invites.hidden = invites.size === 0;
    this.#invites.replaceChildren(...[...invites].map(([room, by]) => this.#invite(room, by)));
  }

  #invite(room, by) {
    const problem = this.#problems.get(room);
    const button = (label, act) =>
      element("button", { type: "button", "aria-label": `${label} ${room}`, onclick: act }, label);
    const failed = (error) => {
      if (error) this.#problems.set(room, problemOf(error));
      this.#renderInvites();
    };
    return element(
      "li",
      { class: "invite" },
      element("p", {}, element("b", {}, `#${room}`), element("small", {}, "Invited by ", nameNode(by.name))),
      problem ? element("p", { class: "problem", role: "alert" }, problem) : null,
      button("Join", () => this.#actions.accept(room, failed)),
      button("Decline", () => this.#client.leave(room, failed)),
    );
  }

  // ---- the header

  #header() {
    const room = this.#client.rooms.get(this.#client.current);
    const direct = room && isDirect(room.name);
    find("room-name").textContent = room ? labelOf(this.#client, room.name) : "";
    find("room-name").classList.toggle("direct", Boolean(direct));
    const parts = [];
    if (room?.members && !direct) parts.push(plural(room.members, "member", "members"));
    if (room?.topic) parts.push(safeLine(room.topic));
    const topic = find("room-topic");
    topic.textContent = direct ? "Between the two of you" : parts.join(" · ");
    topic.title = room?.topic ? safeLine(room.topic) : "";
    find("leave").hidden = !room;
    find("show-people").hidden = !room;
    find("show-people").title = PeopleView.label(room);
    find("edit-topic").hidden = !room || direct || !permits(room.role, "topic");
    find("empty").hidden = Boolean(room);
    find("stage").hidden = !room;
    find("composer").hidden = !room;
  }

  // On a phone: how much waits in the other rooms.
  #menu() {
    const { current, unread, invites } = this.#client;
    const elsewhere = unread - (this.#client.rooms.get(current)?.unread ?? 0) + invites.size;
    const menu = find("menu");
    menu.dataset.count = elsewhere > 0 ? formatCount(elsewhere) : "";
    const news = elsewhere > 0 ? `, ${formatCount(elsewhere)} new` : "";
    menu.setAttribute("aria-label", `Rooms${news}`);
  }

  // Who one is.
  me() {
    const { user, presence } = this.#client;
    const signOut = {
      class: "quiet icon-only",
      type: "button",
      id: "sign-out",
      "aria-label": "Log out",
      title: "Log out",
      onclick: () => this.#actions.signOut(),
    };
    const account = {
      class: "quiet me-button",
      type: "button",
      id: "account",
      "aria-haspopup": "dialog",
      title: "You: presence, password",
      onclick: () => this.#actions.account(),
    };
    const name = element(
      "span",
      { class: "person" },
      nameNode(user.name),
      element("small", {}, user.guest ? `Guest · ${PRESENCES[presence]}` : PRESENCES[presence]),
    );
    const picture = element("span", { class: `picture ${presence}` }, avatar(user));
    find("me").replaceChildren(
      element("button", account, picture, name),
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
