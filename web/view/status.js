// How the connection is: a banner once trouble lasts, with the time until the
// next attempt. Short interruptions do not show.

import { find } from "./dom.js";

const PATIENCE = 1200; // milliseconds

const TEXTS = {
  connecting: "Connecting…",
  waiting: "Connection lost. Your messages are kept and will be sent.",
  offline: "You are offline. Your messages are kept and will be sent.",
};
const REASONS = {
  "closed 4501": "The server could not understand this page. Reload it.",
  "closed 4505": "This page is too old for the server. Reload it.",
  version: "This page is too old for the server. Reload it.",
};

export class StatusView {
  #client;
  #banner = find("banner");
  #text = find("banner-text");
  #count = find("banner-count");
  #action = find("banner-action");
  #timer = null;
  #ticker = null;

  constructor(client, actions) {
    this.#client = client;
    this.#action.addEventListener("click", () => actions.reconnect());
  }

  render() {
    const { name } = this.#client.state;
    if (name === "online" || name === "idle") {
      clearTimeout(this.#timer);
      this.#timer = null;
      this.#hide();
    } else if (name === "closed" || !this.#banner.hidden) {
      this.#show();
    } else {
      this.#timer ??= setTimeout(() => this.#show(), PATIENCE);
    }
  }

  #hide() {
    if (!this.#banner.hidden) find("status").textContent = "Connected again.";
    this.#banner.hidden = true;
    clearInterval(this.#ticker);
    this.#ticker = null;
  }

  #show() {
    const { name, reason } = this.#client.state;
    this.#banner.hidden = false;
    this.#banner.dataset.state = name;
    this.#say(name === "closed" ? this.#closed(reason) : this.#trouble());
    this.#action.textContent = name === "closed" ? "Connect again" : "Retry now";
    this.#action.disabled = name === "connecting";
    this.#ticker ??= setInterval(() => this.#tick(), 250);
    this.#tick();
  }

  #trouble() {
    return navigator.onLine === false ? TEXTS.offline : TEXTS.waiting;
  }

  #closed(reason) {
    return REASONS[reason?.code] ?? (reason?.message || "The server has ended the session.");
  }

  // Screen readers hear it once, and not how the seconds go.
  #say(text) {
    if (this.#text.textContent === text && find("status").textContent === text) return;
    this.#text.textContent = text;
    find("status").textContent = text;
  }

  #tick() {
    const { name, retryAt } = this.#client.state;
    let text = name === "connecting" ? TEXTS.connecting : "";
    if (name === "waiting") {
      const seconds = Math.ceil(Math.max(0, retryAt - Date.now()) / 1000);
      text = `Next try in ${seconds} s`;
    }
    if (this.#count.textContent !== text) this.#count.textContent = text;
  }
}
