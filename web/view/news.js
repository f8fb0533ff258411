// One line of news above the messages, until it is closed or another comes.

import { find, icon } from "./dom.js";

export class NewsView {
  #box = find("news");

  constructor() {
    find("news-close").append(icon("close"));
    find("news-close").addEventListener("click", () => (this.#box.hidden = true));
  }

  tell(...content) {
    find("news-text").replaceChildren(...content);
    this.#box.hidden = false;
  }
}
