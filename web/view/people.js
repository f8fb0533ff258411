// The panel of who is in the room, and for moderators who is invited or banned,
// with what one may do about each.

import { checkTopic } from "../names.js";
import { permits } from "../people.js";
import { isDirect } from "../room.js";
import { safeLine } from "../text.js";
import { confirm } from "./confirm.js";
import { avatar, element, find, icon } from "./dom.js";
import { plural } from "./format.js";
import { nameNode } from "./message.js";
import { openMenu } from "./popover.js";
import { problemOf } from "./problems.js";
import { prompt } from "./prompt.js";

export const PRESENCES = { online: "Online", away: "Away", dnd: "Do not disturb" };
const ROLES = { member: "Member", moderator: "Moderator", owner: "Owner" };
const LISTS = { members: "Members", invited: "Invited", banned: "Banned" };

const ROLE_PROBLEMS = {
  bad_request: "Make somebody else an owner first.",
  not_found: "They are not in the room any more.",
};

export class PeopleView {
  #client;
  #actions; // message(id), invite()
  #panel = find("people");
  #lists = find("people-lists");
  #list = "members";
  #others = []; // of the invited or banned
  #more = false;
  #asked = 0;
  #sign = null; // of what is drawn

  constructor(client, actions) {
    this.#client = client;
    this.#actions = actions;
    find("show-people").append(icon("people"));
    find("people-close").append(icon("close"));
  }

  get isOpen() {
    return !this.#panel.hidden;
  }

  // Does it lie over the messages, for want of room?
  get covers() {
    return this.isOpen && matchMedia("(max-width: 64rem)").matches;
  }

  toggle(open = !this.isOpen) {
    this.#panel.hidden = !open;
    document.body.classList.toggle("people-open", open);
    find("show-people").setAttribute("aria-expanded", String(open));
    if (open) this.open();
    if (this.covers) find("people-close").focus();
  }

  // Another room, or the panel has opened.
  open() {
    this.#list = "members";
    this.#tell("");
    if (!this.isOpen) return;
    this.#client.reloadMembers(this.#client.current);
    this.render();
  }

  get #room() {
    return this.#client.rooms.get(this.#client.current);
  }

  #tell(problem) {
    find("people-problem").textContent = problem;
  }

  render() {
    const room = this.#room;
    if (!this.isOpen) return;
    if (!room) {
      this.#lists.replaceChildren();
      this.#sign = null;
      return;
    }
    const people = this.#list === "members" ? room.people.sorted : this.#others;
    // What did not change stays, so that no click on it is lost.
    const sign = JSON.stringify([room.name, room.role, room.listed, room.people.complete, this.#list, this.#more, people]);
    if (sign === this.#sign) return;
    this.#sign = sign;
    const focused = document.activeElement?.dataset?.user;
    const items = people.map((person) => this.#item(room, person));
    const list = element("ul", { class: "people-list", "aria-label": LISTS[this.#list] }, ...items);
    this.#lists.replaceChildren(...this.#heads(room), list, ...this.#tail(room, people));
    if (focused) this.#lists.querySelector(`[data-user="${focused}"]`)?.focus();
  }

  // Inviting, and for moderators the choice of a list.
  #heads(room) {
    const nodes = [];
    const mayInvite = !isDirect(room.name) && (room.listed || permits(room.role, "invite"));
    if (mayInvite) {
      const attributes = { type: "button", class: "wide", onclick: () => this.#actions.invite() };
      nodes.push(element("button", attributes, icon("plus"), "Invite people"));
    }
    if (isDirect(room.name) || !permits(room.role, "lists")) return nodes;
    const tabs = Object.entries(LISTS).map(([list, label]) =>
      element("button", {
        type: "button",
        "aria-pressed": String(list === this.#list),
        onclick: () => this.#choose(list),
      }, label),
    );
    nodes.push(element("div", { class: "tabs", role: "group", "aria-label": "Lists" }, ...tabs));
    return nodes;
  }

  #tail(room, people) {
    const more = this.#list === "members" ? !room.people.complete && people.length > 0 : this.#more;
    if (more) {
      const onclick = () => (this.#list === "members" ? this.#client.moreMembers(room.name) : this.#load(people.at(-1).id));
      return [element("button", { type: "button", class: "wide", onclick }, "More people")];
    }
    return people.length === 0 && this.#list !== "members" ? [element("p", { class: "nobody" }, "Nobody")] : [];
  }

  #choose(list) {
    this.#list = list;
    this.#others = [];
    this.#more = false;
    this.#tell("");
    if (list === "members") this.#client.reloadMembers(this.#room.name);
    else this.#load();
    this.render();
    this.#lists.querySelector('[aria-pressed="true"]')?.focus();
  }

  #load(after) {
    const asked = (this.#asked += 1);
    this.#client.listOf(this.#list, this.#room.name, after, (error, ok) => {
      if (asked !== this.#asked || this.#list === "members") return;
      if (error) this.#tell(problemOf(error));
      else {
        this.#others = after ? this.#others.concat(ok.members) : ok.members;
        this.#more = Boolean(ok.more);
      }
      this.render();
    });
  }

  // The entry that changed who is invited or banned has come.
  changed() {
    if (this.isOpen && this.#list !== "members" && this.#room) this.#load();
  }

  #item(room, person) {
    const own = person.id === this.#client.user.id;
    const details = [];
    if (this.#list === "members") {
      details.push(PRESENCES[person.presence] ?? "Offline");
      if (person.role !== "member") details.push(ROLES[person.role]);
    }
    if (own) details.push("you");
    const label = element(
      "span",
      { class: "person" },
      nameNode(person.name),
      details.length > 0 ? element("small", {}, details.join(" · ")) : null,
    );
    const picture = element("span", { class: `picture ${person.presence ?? "offline"}` }, avatar(person));
    const item = element("li", {}, picture, label);
    const items = this.#menu(room, person, own);
    if (items.length > 0) item.append(this.#menuButton(person, items));
    return item;
  }

  #menuButton({ id, name }, items) {
    const label = `Actions for ${safeLine(name)}`;
    const attributes = {
      class: "quiet icon-only",
      type: "button",
      "aria-label": label,
      "aria-haspopup": "menu",
      title: label,
      "data-user": id,
      onclick: (event) =>
        openMenu(event.currentTarget, items, {
          label,
          focusBack: () => this.#lists.querySelector(`[data-user="${id}"]`) ?? find("people-close"),
        }),
    };
    return element("button", attributes, icon("more"));
  }

  // ---- what one may do about somebody

  #menu(room, person, own) {
    const { role } = room;
    const direct = isDirect(room.name);
    const items = [];
    if (!own && !direct) items.push({ label: "Message", act: () => this.#actions.message(person.id) });
    if (direct || own) return items.concat(own && !direct ? this.#roles(room, person, own) : []);
    if (this.#list === "banned") {
      items.push({ label: "Lift the ban", act: () => this.#do("ban", { user: person.id, on: false }) });
    } else if (this.#list === "invited") {
      items.push({ label: "Take back the invitation", act: () => this.#do("kick", { user: person.id }) });
      items.push(this.#banItem(person));
    } else {
      items.push(...this.#roles(room, person, own));
      if (permits(role, "kick", person.role)) items.push(this.#kickItem(person));
      if (permits(role, "ban", person.role)) items.push(this.#banItem(person));
    }
    return items;
  }

  // An owner gives roles, and may give up the own one.
  #roles(room, person, own) {
    if (!permits(room.role, "role")) return [];
    const make = (role) => ({
      label: own ? `Become a ${role}` : `Make ${role === "owner" ? "an" : "a"} ${role}`,
      act: () => this.#setRole(person, role, own),
    });
    return Object.keys(ROLES).filter((role) => role !== person.role).map(make);
  }

  async #setRole(person, role, own) {
    const agreed =
      (role !== "owner" && !own) ||
      (await confirm({
        heading: own ? "Give up being an owner?" : `Make ${safeLine(person.name)} an owner?`,
        text: own ? "Only another owner can give it back." : "Owners can do everything here. Only they can give that up.",
        yes: own ? "Give up" : "Make an owner",
      }));
    if (agreed) this.#do("role", { user: person.id, role });
  }

  #kickItem(person) {
    return { label: "Remove from the room…", danger: true, act: () => this.#askWhy("kick", person) };
  }

  #banItem(person) {
    return { label: "Ban…", danger: true, act: () => this.#askWhy("ban", person) };
  }

  #askWhy(action, { id, name }) {
    const room = this.#room.name;
    const ban = action === "ban";
    prompt({
      heading: element("span", {}, ban ? "Ban " : "Remove ", nameNode(name), ban ? "?" : " from the room?"),
      label: "Reason (everybody sees it; may be empty)",
      yes: ban ? "Ban" : "Remove",
      check: checkTopic,
      send: (reason, done) => {
        const body = { user: id, reason, ...(ban ? { on: true } : {}) };
        this.#client.moderate(action, room, body, (error) => {
          done(error ? problemOf(error) : null);
          if (!error) this.changed();
        });
      },
    });
  }

  #do(action, body) {
    this.#tell("");
    this.#client.moderate(action, this.#room.name, body, (error) => {
      if (error) this.#tell(problemOf(error, ROLE_PROBLEMS));
      else this.changed();
    });
  }

  // What the header's button says.
  static label(room) {
    return room?.members ? plural(room.members, "person", "people") : "People";
  }
}
