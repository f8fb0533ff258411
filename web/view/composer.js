// Where messages are written. Enter sends, Shift+Enter begins a new line; the
// box grows with its text. What was written stays with its room. A message of
// one's own is edited here too.

import { LIMITS, byteLength, characterCount, checkText, escapedLength } from "../names.js";
import { safeLine } from "../text.js";
import { CompletionView } from "./completion.js";
import { element, find, icon } from "./dom.js";
import { formatNumber } from "./format.js";
import { nameNode } from "./message.js";
import { titleOf } from "./title.js";

const NEAR_LIMIT = 500; // characters left at which the count shows

export class ComposerView {
  #client;
  #actions;
  #text = find("composer-text");
  #send = find("send");
  #count = find("composer-count");
  #replying = find("replying");
  #room = null;
  #replyTo = null; // {seq, name, text}
  #editing = null; // {seq, text}
  #drafts = new Map(); // room -> {text, replyTo}
  #completion;

  constructor(client, actions) {
    this.#client = client;
    this.#actions = actions;
    this.#send.append(icon("send"));
    find("composer-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#text.addEventListener("input", () => this.#typed());
    this.#completion = new CompletionView(() => actions.people());
    this.#text.addEventListener("keydown", (event) => this.#key(event));
  }

  open(room) {
    this.title(room);
    if (this.#room === room) return;
    this.#stopEditing();
    if (this.#room) {
      this.#drafts.set(this.#room, { text: this.#text.value, replyTo: this.#replyTo });
    }
    const draft = this.#drafts.get(room);
    this.#room = room;
    this.#text.value = draft?.text ?? "";
    this.#completion.reset();
    this.#setReply(draft?.replyTo ?? null);
    this.#measure();
  }

  // Says whom one writes to, which may be learnt late.
  title(room) {
    const label = `Message ${titleOf(this.#client, room)}`;
    this.#text.placeholder = label;
    find("composer-label").textContent = label;
  }

  focus() {
    this.#text.focus();
  }

  // Answer this message; null: none. {seq, name, text}
  reply(message) {
    this.#stopEditing();
    this.#setReply(message);
    if (message) this.focus();
  }

  #setReply(message) {
    this.#replyTo = message;
    if (message === null) {
      this.#bar(null);
      return;
    }
    const label = element("span", {}, "Reply to ", element("b", {}, nameNode(message.name)));
    const quote = element("span", { class: "excerpt" }, safeLine(message.text).slice(0, 200));
    this.#bar([label, quote], "Do not reply");
  }

  // Write this message of one's own anew: {seq, text}.
  edit(message) {
    if (!this.#editing) {
      this.#drafts.set(this.#room, { text: this.#text.value, replyTo: this.#replyTo });
    }
    this.#editing = message;
    this.#replyTo = null;
    this.#bar([element("span", { class: "excerpt" }, "Editing your message")], "Do not edit");
    this.#text.value = message.text;
    this.focus();
    this.#text.setSelectionRange(message.text.length, message.text.length);
    this.#measure();
  }

  // Back to what was being written before.
  #stopEditing() {
    if (!this.#editing) return;
    const draft = this.#drafts.get(this.#room);
    this.#editing = null;
    this.#text.value = draft?.text ?? "";
    this.#setReply(draft?.replyTo ?? null);
    this.#measure();
  }

  // The bar above the box, with a button that gives up.
  #bar(content, label) {
    this.#replying.hidden = content === null;
    if (content === null) {
      this.#replying.replaceChildren();
      return;
    }
    const attributes = {
      class: "quiet icon-only",
      type: "button",
      "aria-label": label,
      title: `${label} (Esc)`,
      onclick: () => {
        this.escape();
        this.focus();
      },
    };
    this.#replying.replaceChildren(...content, element("button", attributes, icon("close")));
  }

  // Gives up what Escape gives up first; false when there is nothing.
  escape() {
    if (this.#editing) this.#stopEditing();
    else if (this.#replyTo) this.#setReply(null);
    else return false;
    return true;
  }

  #typed() {
    this.#measure();
    if (this.#text.value.trim() !== "" && !this.#editing) this.#client.typing(this.#room);
  }

  #key(event) {
    if (event.isComposing || this.#completion.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "ArrowUp" && !event.altKey && this.#text.value === "") {
      if (this.#actions.editLast()) event.preventDefault();
    }
  }

  #submit() {
    const text = this.#text.value.trim() === "" ? "" : this.#text.value.replace(/\s+$/, "");
    if (text === "" || checkText(text) !== null) {
      this.#measure();
      return;
    }
    if (!(this.#editing ? this.#saveEdit(text) : this.#sendNew(text))) {
      this.#tell("Too many messages wait to be sent.");
      return;
    }
    this.#completion.reset();
    this.#measure();
  }

  #sendNew(text) {
    const mentions = this.#completion.mentions(text);
    const replyTo = this.#replyTo?.seq;
    if (!this.#client.send(this.#room, text, { replyTo, mentions })) return false;
    this.#text.value = "";
    this.#setReply(null);
    this.#actions.sent();
    return true;
  }

  #saveEdit(text) {
    const { seq, text: before } = this.#editing;
    if (text !== before && !this.#client.edit(this.#room, seq, text)) return false;
    this.#stopEditing();
    return true;
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
      LIMITS.textEscapedBytes - escapedLength(text.value),
    );
    this.#send.disabled = text.value.trim() === "" || left < 0;
    this.#count.classList.toggle("over", left < 0);
    if (left < 0) this.#count.textContent = `${formatNumber(-left)} too many`;
    else this.#count.textContent = left <= NEAR_LIMIT ? `${formatNumber(left)} left` : "";
    this.#text.setAttribute("aria-invalid", String(left < 0));
  }
}
