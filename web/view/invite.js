// The dialog that invites people one has heard of into the current room.

import { complete } from "../mentions.js";
import { avatar, element, find, icon } from "./dom.js";
import { nameNode } from "./message.js";
import { problemOf } from "./problems.js";
import { safeLine } from "../text.js";

const SHOWN = 50;
const PROBLEMS = {
  forbidden: "You may not invite them: they are banned, or you lack the role.",
  not_found: "There is nobody with that name any more.",
};

export class InviteView {
  #client;
  #dialog = find("invite-dialog");
  #input = find("invite-name");
  #list = find("invite-list");

  constructor(client) {
    this.#client = client;
    find("invite-close").append(icon("close"));
    find("invite-close").addEventListener("click", () => this.#dialog.close());
    this.#input.addEventListener("input", () => this.#render());
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
  }

  show() {
    this.#input.value = "";
    this.#tell("", "");
    this.#render();
    this.#dialog.showModal();
    this.#input.focus();
  }

  #tell(problem, done) {
    find("invite-problem").textContent = problem;
    find("invite-done").textContent = done;
  }

  // Those one has heard of who are not here.
  get #candidates() {
    const here = this.#client.rooms.get(this.#client.current)?.people.list;
    const own = this.#client.user.id;
    return this.#client.names.all.filter(({ id }) => id !== own && !here?.has(id));
  }

  #render() {
    const found = complete(this.#input.value.trim(), this.#candidates, SHOWN);
    const items = found.map((person) => this.#item(person));
    const nobody = element("li", { class: "nobody" }, "You have met nobody of that name outside of this room.");
    this.#list.replaceChildren(...(items.length > 0 ? items : [nobody]));
  }

  #item(person) {
    const attributes = { type: "button", onclick: () => this.#invite(person) };
    const label = element("span", { class: "found-label" }, element("b", {}, nameNode(person.name)));
    const verb = element("span", { class: "verb" }, "Invite");
    return element("li", {}, element("button", attributes, avatar(person), label, verb));
  }

  #invite({ id, name }) {
    this.#tell("", "");
    this.#client.moderate("invite", this.#client.current, { user: id }, (error, ok) => {
      const said = ok?.seq === 0 ? "is here or invited already" : "is invited";
      if (error) this.#tell(problemOf(error, PROBLEMS), "");
      else this.#tell("", `${safeLine(name)} ${said}.`);
    });
  }
}
