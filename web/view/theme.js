// Light, dark, or as the system has it; the choice is remembered.

import { find, icon } from "./dom.js";

const THEMES = ["system", "light", "dark"];
const KEY = "chat.theme";

function apply(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function remember(theme) {
  try {
    if (theme === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Not remembered, then.
  }
}

export function setUpTheme() {
  const button = find("theme");
  let theme = document.documentElement.dataset.theme ?? "system";
  const show = () => {
    const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    const label = `Theme: ${theme}. Change to ${next}`;
    button.replaceChildren(icon(theme));
    button.setAttribute("aria-label", label);
    button.title = label;
  };
  button.addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    apply(theme);
    remember(theme);
    show();
  });
  show();
}
