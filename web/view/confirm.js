// Asks before something that cannot be undone. Resolves to true for yes.

import { find } from "./dom.js";

export function confirm({ heading, text, yes }) {
  const dialog = find("confirm-dialog");
  find("confirm-heading").textContent = heading;
  find("confirm-text").textContent = text;
  find("confirm-yes").textContent = yes;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
