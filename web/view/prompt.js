// Asks for one line. send(text, done) tries what it is for, done(problem) says
// what is wrong or closes the dialog.

import { find } from "./dom.js";

export function prompt({ heading, label, value = "", yes, check, send }) {
  const dialog = find("prompt-dialog");
  const form = find("prompt-form");
  const input = find("prompt-text");
  const tell = (problem) => (find("prompt-problem").textContent = problem);
  find("prompt-heading").replaceChildren(heading);
  find("prompt-label").textContent = label;
  find("prompt-yes").textContent = yes;
  input.value = value;
  tell("");
  const finished = new AbortController();
  const { signal } = finished;
  form.addEventListener(
    "submit",
    (event) => {
      event.preventDefault();
      const problem = check(input.value);
      tell(problem ?? "");
      if (problem) return;
      send(input.value, (refusal) => {
        if (signal.aborted) return;
        if (refusal) tell(refusal);
        else dialog.close();
      });
    },
    { signal },
  );
  find("prompt-cancel").addEventListener("click", () => dialog.close(), { signal });
  dialog.addEventListener("close", () => finished.abort(), { signal });
  dialog.showModal();
  input.select();
}
