// The dialog about oneself: presence, password, logging out.

import { checkPassword } from "../names.js";
import { find, icon } from "./dom.js";
import { nameNode } from "./message.js";
import { problemOf } from "./problems.js";

export class AccountView {
  #client;
  #dialog = find("account-dialog");
  #old = find("old-password");
  #new = find("new-password");

  // actions: signOutEverywhere(), presence(state)
  constructor(client, actions) {
    this.#client = client;
    find("account-close").append(icon("close"));
    find("account-close").addEventListener("click", () => this.#dialog.close());
    find("presence-choices").addEventListener("change", (event) => actions.presence(event.target.value));
    find("sign-out-everywhere").addEventListener("click", () => {
      this.#dialog.close();
      actions.signOutEverywhere();
    });
    find("password-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#changePassword();
    });
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
  }

  show() {
    const { user, presence } = this.#client;
    find("account-heading").replaceChildren(nameNode(user.name));
    find("password-form").hidden = Boolean(user.guest); // they have none
    find("password-user").value = user.name;
    const choice = `#presence-choices [value="${presence}"]`;
    document.querySelector(choice).checked = true;
    this.#old.value = this.#new.value = "";
    this.#tell("", "");
    this.#dialog.showModal();
  }

  #tell(problem, done) {
    find("password-problem").textContent = problem;
    find("password-done").textContent = done;
  }

  #changePassword() {
    const old = this.#old.value;
    const next = this.#new.value;
    const problem = checkPassword(next);
    this.#tell(problem ?? "", "");
    if (problem) this.#new.focus();
    else if (checkPassword(old) !== null) this.#refuse();
    else this.#client.changePassword(old, next, (error) => this.#answered(error));
  }

  #answered(error) {
    if (error?.code === "unauthorized") this.#refuse();
    else if (error) this.#tell(problemOf(error), "");
    else {
      this.#tell("", "The password is changed. Other devices have to log in again.");
      this.#old.value = this.#new.value = "";
    }
  }

  #refuse() {
    this.#tell("That is not the old password.", "");
    this.#old.focus();
  }
}
