// Where messages are written. Enter sends, Shift+Enter begins a new line; the
// box grows with its text. What was written stays with its room.

import { LIMITS, byteLength, characterCount, checkText } from "../names.js";
import { safeLine } from "../text.js";
import { element, find, icon } from "./dom.js";
import { nameNode } from "./message.js";
import { formatNumber } from "./format.js";

const NEAR_LIMIT = 500; // characters left at which the count shows

export class ComposerView {
  #client;
  #actions;
  #text = find("composer-text");
  #send = find("send");
  #count = find("composer-count");
  #replying = find("replying");
  #room = null;
  #replyTo = null; // an entry
  #drafts = new Map(); // room -> {text, replyTo}

  constructor(client, actions) {
    this.#client = client;
    this.#actions = actions;
    this.#send.append(icon("send"));
    find("composer-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#text.addEventListener("input", () => this.#typed());
    this.#text.addEventListener("keydown", (event) => this.#key(event));
  }

  open(room) {
    if (this.#room === room) return;
    if (this.#room) {
      this.#drafts.set(this.#room, { text: this.#text.value, replyTo: this.#replyTo });
    }
    const draft = this.#drafts.get(room);
    this.#room = room;
    this.#text.value = draft?.text ?? "";
    this.#text.placeholder = `Message #${room}`;
    find("composer-label").textContent = `Message #${room}`;
    this.reply(draft?.replyTo ?? null);
    this.#measure();
  }

  focus() {
    this.#text.focus();
  }

  // Answer this entry; null: none.
  reply(entry) {
    this.#replyTo = entry;
    this.#replying.hidden = entry === null;
    if (entry === null) {
      this.#replying.replaceChildren();
      return;
    }
    const label = element("span", {}, "Reply to ", element("b", {}, nameNode(entry.from.name)));
    const quote = element("span", { class: "excerpt" }, safeLine(entry.text).slice(0, 200));
    const attributes = {
      class: "quiet icon-only",
      type: "button",
      "aria-label": "Do not reply",
      title: "Do not reply (Esc)",
      onclick: () => {
        this.reply(null);
        this.focus();
      },
    };
    this.#replying.replaceChildren(label, quote, element("button", attributes, icon("close")));
    this.focus();
  }

  // Gives up what Escape gives up first; false when there is nothing.
  escape() {
    if (this.#replyTo === null) return false;
    this.reply(null);
    return true;
  }

  #typed() {
    this.#measure();
    if (this.#text.value.trim() !== "") this.#client.typing(this.#room);
  }

  #key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "ArrowUp" && !event.altKey && this.#text.value === "") {
      if (this.#actions.focusLast()) event.preventDefault();
    }
  }

  #submit() {
    const text = this.#text.value.trim() === "" ? "" : this.#text.value.replace(/\s+$/, "");
    if (text === "" || checkText(text) !== null) {
      this.#measure();
      return;
    }
    if (!this.#client.send(this.#room, text, this.#replyTo?.seq)) {
      this.#tell("Too many messages wait to be sent.");
      return;
    }
    this.#text.value = "";
    this.reply(null);
    this.#measure();
    this.#actions.sent();
  }

  #tell(problem) {
    this.#count.textContent = problem;
    this.#count.classList.add("over");
  }

  #measure() {
    const text = this.#text;
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight}px`;
    const left = Math.min(
      LIMITS.textCharacters - characterCount(text.value),
      LIMITS.textBytes - byteLength(text.value),
    );
    this.#send.disabled = text.value.trim() === "" || left < 0;
    this.#count.classList.toggle("over", left < 0);
    if (left < 0) this.#count.textContent = `${formatNumber(-left)} too many`;
    else this.#count.textContent = left <= NEAR_LIMIT ? `${formatNumber(left)} left` : "";
    this.#text.setAttribute("aria-invalid", String(left < 0));
  }
}
