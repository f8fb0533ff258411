// The way in: a display name makes a guest.

import { checkUserName } from "../names.js";
import { find } from "./dom.js";

export class SignInView {
  #screen = find("sign-in");
  #input = find("display-name");
  #problem = find("sign-in-error");

  // enter(name) signs in.
  constructor(enter) {
    find("sign-in-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const name = this.#input.value.trim();
      const problem = checkUserName(name);
      this.#tell(problem ?? "");
      if (problem) this.#input.focus();
      else enter(name);
    });
    this.#input.addEventListener("input", () => this.#tell(""));
  }

  #tell(problem) {
    this.#problem.textContent = problem;
    this.#input.setAttribute("aria-invalid", String(problem !== ""));
  }

  // `farewell` of an earlier session: {problem, guest}.
  show(farewell) {
    this.#screen.hidden = false;
    this.#input.value = farewell?.guest ?? "";
    this.#tell(farewell?.problem ?? "");
    this.#input.focus();
  }

  hide() {
    this.#screen.hidden = true;
  }
}
