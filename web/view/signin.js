// The way in: as a guest by a display name, with an account, or with a new one.

import { checkPassword, checkUserName } from "../names.js";
import { find } from "./dom.js";
import { problemOf } from "./problems.js";

const MODES = {
  guest: {
    lead: "Pick the name that others will see. No account, no password.",
    label: "Display name",
    yes: "Start chatting",
  },
  login: { lead: "Good to have you back.", label: "Name", yes: "Log in" },
  register: {
    lead: "The name is yours alone. With the password you come back from anywhere.",
    label: "Name",
    yes: "Make the account",
  },
};
const PROBLEMS = {
  unauthorized: "The name or the password is wrong.",
  name_taken: "That name belongs to an account. Choose another, or log in.",
  rate_limited: "Too many tries. Wait a while before the next.",
};

export class SignInView {
  #screen = find("sign-in");
  #name = find("display-name");
  #password = find("password");
  #problem = find("sign-in-error");
  #submit = find("sign-in-submit");

  // enter({guest} or {login} or {register}) signs in.
  constructor(enter) {
    find("sign-in-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#tryIt(enter);
    });
    for (const input of [this.#name, this.#password]) {
      input.addEventListener("input", () => this.#tell(""));
    }
    for (const radio of this.#radios) radio.addEventListener("change", () => this.#choose(radio.value));
    this.#choose("guest");
  }

  get #radios() {
    return document.querySelectorAll('#sign-in-form [name="mode"]');
  }

  get #mode() {
    return document.querySelector('#sign-in-form [name="mode"]:checked').value;
  }

  #choose(mode) {
    const { lead, label, yes } = MODES[mode];
    for (const radio of this.#radios) radio.checked = radio.value === mode;
    find("sign-in-lead").textContent = lead;
    find("display-name-label").textContent = label;
    this.#submit.textContent = yes;
    find("password-field").hidden = mode === "guest";
    this.#password.autocomplete = mode === "register" ? "new-password" : "current-password";
    this.#tell("");
  }

  #tryIt(enter) {
    const name = this.#name.value.trim();
    const password = this.#password.value;
    const mode = this.#mode;
    const wrongName = checkUserName(name);
    const wrongPassword = mode === "guest" ? null : checkPassword(password);
    this.#tell(wrongName ?? wrongPassword ?? "");
    if (wrongName) this.#fail(this.#name);
    else if (wrongPassword) this.#fail(this.#password);
    else {
      this.#submit.disabled = true;
      enter(mode === "guest" ? { guest: name } : { [mode]: { user: name, password } });
    }
  }

  #fail(input) {
    input.setAttribute("aria-invalid", "true");
    input.focus();
  }

  #tell(problem) {
    this.#problem.textContent = problem;
    for (const input of [this.#name, this.#password]) input.removeAttribute("aria-invalid");
  }

  // The server said no.
  refused(reason) {
    this.#submit.disabled = false;
    this.#tell(problemOf(reason, PROBLEMS));
    (this.#mode === "guest" ? this.#name : this.#password).focus();
  }

  // `farewell` of an earlier session: {problem, name, mode}.
  show(farewell) {
    this.#screen.hidden = false;
    this.#submit.disabled = false;
    if (farewell?.mode) this.#choose(farewell.mode);
    this.#name.value = farewell?.name ?? "";
    this.#tell(farewell?.problem ?? "");
    this.#name.focus();
  }

  hide() {
    this.#screen.hidden = true;
    this.#password.value = "";
  }
}
