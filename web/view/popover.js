// What opens at a button and goes with Escape or a click elsewhere: a menu, or
// anything else. The focus goes back to the button.

import { element } from "./dom.js";

const MARGIN = 8; // pixels from the edges of the window

function place(popover, anchor) {
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const below = box.bottom + height + MARGIN < innerHeight;
  const left = Math.min(Math.max(MARGIN, box.right - width), innerWidth - width - MARGIN);
  popover.style.left = `${Math.max(MARGIN, left)}px`;
  popover.style.top = `${below ? box.bottom + 4 : Math.max(MARGIN, box.top - height - 4)}px`;
}

// `focusBack()` says what gets the focus when the button has gone meanwhile.
export function openPopover(anchor, content, { label, role = "dialog", focusBack }) {
  const popover = element("div", { class: "popover", popover: "auto", role, "aria-label": label }, ...content);
  // In a dialog, what is outside of it cannot be clicked.
  (anchor.closest("dialog") ?? document.body).append(popover);
  popover.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    const inside = popover.contains(document.activeElement) || document.activeElement === document.body;
    popover.remove();
    if (!inside) return;
    if (anchor.isConnected) anchor.focus();
    else focusBack?.()?.focus();
  });
  popover.showPopover();
  place(popover, anchor);
  popover.querySelector("button, input")?.focus();
  return { close: () => popover.isConnected && popover.hidePopover() };
}

// Arrow keys move among the buttons, `columns` of them in a row.
export function moveByArrows(container, columns = 1) {
  const steps = { ArrowDown: columns, ArrowUp: -columns };
  if (columns > 1) Object.assign(steps, { ArrowRight: 1, ArrowLeft: -1 });
  container.addEventListener("keydown", (event) => {
    const buttons = [...container.querySelectorAll("button")];
    const index = buttons.indexOf(document.activeElement);
    if (!(event.key in steps) || index === -1) return;
    event.preventDefault();
    buttons[(index + steps[event.key] + buttons.length) % buttons.length].focus();
  });
}

// items: [{label, act, danger?}]
export function openMenu(anchor, items, { label, focusBack }) {
  let popover = null;
  const buttons = items.map(({ label: text, act, danger }) =>
    element("button", {
      type: "button",
      role: "menuitem",
      class: danger ? "danger" : null,
      onclick: () => {
        popover.close();
        act();
      },
    }, text),
  );
  const list = element("div", { class: "menu-items" }, ...buttons);
  moveByArrows(list);
  popover = openPopover(anchor, [list], { label, role: "menu", focusBack });
}
