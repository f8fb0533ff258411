// The dialog that joins and creates rooms: the public rooms whose names begin
// with what is typed, and the room of that name itself.

import { checkRoom } from "../names.js";
import { safeLine } from "../text.js";
import { element, find, icon } from "./dom.js";
import { plural } from "./format.js";

const PROBLEMS = {
  name_taken: "This room is private. Pick another name.",
  not_found: "There is no such room.",
  forbidden: "You are banned from this room.",
  too_large: "You are in as many rooms as one can be in.",
};

export class BrowseView {
  #client;
  #open; // open(room) shows it
  #dialog = find("browse-dialog");
  #input = find("browse-name");
  #private = find("browse-private");
  #list = find("browse-list");
  #asked = 0;
  #found = [];
  #more = false;

  constructor(client, open) {
    this.#client = client;
    this.#open = open;
    find("browse-close").append(icon("close"));
    find("browse-close").addEventListener("click", () => this.#dialog.close());
    find("browse-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#input.addEventListener("input", () => this.#search());
    this.#private.addEventListener("change", () => this.#render());
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
  }

  show() {
    this.#input.value = "";
    this.#private.checked = false;
    this.#tell("");
    this.#found = [];
    this.#list.replaceChildren();
    this.#dialog.showModal();
    this.#input.focus();
    this.#search();
  }

  get #name() {
    return this.#input.value.trim().replace(/^#/, "").toLowerCase().replace(/\s+/g, "-");
  }

  #tell(problem) {
    find("browse-problem").textContent = problem;
  }

  #search(after) {
    const name = this.#name;
    const asked = (this.#asked += 1);
    this.#tell("");
    if (name !== "" && checkRoom(name) !== null) {
      this.#found = [];
      this.#tell(checkRoom(name));
      this.#render();
      return;
    }
    this.#client.browse({ prefix: name, after }, (error, ok) => {
      if (asked !== this.#asked) return;
      if (error) this.#tell("The rooms could not be listed. Are you offline?");
      else {
        this.#found = after ? this.#found.concat(ok.rooms) : ok.rooms;
        this.#more = Boolean(ok.more);
      }
      this.#render();
    });
  }

  #render() {
    const name = this.#name;
    const items = this.#found.map((room) => this.#item(room));
    const exists = this.#found.some(({ room }) => room === name);
    if (name !== "" && !exists && checkRoom(name) === null) items.unshift(this.#newItem(name));
    if (this.#more) {
      const next = () => this.#search(this.#found.at(-1).room);
      items.push(element("li", {}, element("button", { type: "button", onclick: next }, "More rooms")));
    }
    this.#list.replaceChildren(...items);
  }

  #item({ room, topic, members }) {
    const joined = this.#client.rooms.get(room)?.joined;
    const details = [plural(members, "member", "members")];
    if (topic) details.push(safeLine(topic));
    return this.#button(room, details.join(" · "), joined ? "Open" : "Join", () =>
      joined ? this.#leaveTo(room) : this.#join(room, false),
    );
  }

  #newItem(name) {
    return this.#button(name, this.#private.checked ? "A new private room" : "A new public room", "Create", () => this.#join(name, true));
  }

  #button(name, details, verb, onclick) {
    const label = element(
      "span",
      { class: "found-label" },
      element("b", {}, name),
      element("small", {}, details),
    );
    const action = element("span", { class: "verb" }, verb);
    return element("li", {}, element("button", { type: "button", onclick }, icon("hash"), label, action));
  }

  // Enter: the room of that name, whether it exists or not.
  #submit() {
    const name = this.#name;
    const problem = checkRoom(name);
    if (problem) this.#tell(problem);
    else if (this.#client.rooms.get(name)?.joined) this.#leaveTo(name);
    else this.#join(name, true);
  }

  #join(name, create) {
    const isPrivate = create && this.#private.checked;
    this.#client.join(name, { create, isPrivate }, (error) => {
      if (error) this.#tell(PROBLEMS[error.code] ?? error.message);
      else this.#leaveTo(name);
    });
  }

  #leaveTo(name) {
    this.#dialog.close();
    this.#open(name);
  }
}
