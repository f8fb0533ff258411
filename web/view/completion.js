// The list of people that opens at "@" in the message box.

import { complete, mentionsOf, nameAt } from "../mentions.js";
import { avatar, element, find } from "./dom.js";
import { nameNode } from "./message.js";

export class CompletionView {
  #text = find("composer-text");
  #list = find("completion");
  #people; // () => who is there
  #found = [];
  #index = 0;
  #at = null; // {start, prefix} of what is completed
  #chosen = new Set(); // ids that were picked

  constructor(people) {
    this.#people = people;
    this.#text.addEventListener("input", () => this.#look());
    this.#text.addEventListener("blur", () => this.close());
  }

  get isOpen() {
    return !this.#list.hidden;
  }

  close() {
    this.#list.hidden = true;
    this.#list.replaceChildren();
    this.#text.removeAttribute("aria-activedescendant");
  }

  // The ids of those whom the text addresses.
  mentions(text) {
    return mentionsOf(text, this.#people(), this.#chosen);
  }

  // The text has been sent.
  reset() {
    this.#chosen.clear();
    this.close();
  }

  // True: the key was for this list.
  key(event) {
    if (!this.isOpen) return false;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) this.#select(this.#index + steps[event.key]);
    else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") this.#pick(this.#found[this.#index]);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  #look() {
    this.#at = nameAt(this.#text.value, this.#text.selectionStart);
    this.#found = this.#at ? complete(this.#at.prefix, this.#people()) : [];
    // What is written out needs no help.
    const done = this.#found.length === 1 && this.#found[0].name === this.#at.prefix;
    if (this.#found.length === 0 || done) this.close();
    else this.#show();
  }

  #show() {
    const items = this.#found.map((person, index) =>
      element(
        "li",
        {
          role: "option",
          id: `completion-${index}`,
          onmousedown: (event) => {
            event.preventDefault(); // the box keeps the focus
            this.#pick(person);
          },
        },
        avatar(person),
        nameNode(person.name),
      ),
    );
    this.#list.replaceChildren(...items);
    this.#list.hidden = false;
    this.#select(0);
  }

  #select(index) {
    const items = [...this.#list.children];
    this.#index = (index + items.length) % items.length;
    items.forEach((item, at) => item.setAttribute("aria-selected", String(at === this.#index)));
    this.#text.setAttribute("aria-activedescendant", `completion-${this.#index}`);
  }

  #pick(person) {
    const { start, prefix } = this.#at;
    const end = start + 1 + prefix.length;
    this.#text.setRangeText(`@${person.name} `, start, end, "end");
    this.#chosen.add(person.id);
    this.close();
    this.#text.dispatchEvent(new Event("input"));
  }
}
