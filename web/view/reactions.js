// The reactions below a message, and the buttons beside it.

import { plural } from "./format.js";
import { element, icon } from "./dom.js";
import { emojiName } from "./emoji.js";
import { safeLine } from "../text.js";

const NAMED = 20; // in a title

function namesOf(users, context) {
  const own = users.includes(context.user.id);
  const others = users
    .filter((id) => id !== context.user.id)
    .map((id) => safeLine(context.names.of(id) ?? "somebody"));
  const all = own ? ["you", ...others] : others;
  const shown = all.slice(0, NAMED);
  if (all.length > NAMED) shown.push(plural(all.length - NAMED, "other", "others"));
  return shown.join(", ");
}

function chipNode(row, { emoji, users, mine }, actions) {
  const who = namesOf(users, actions.context());
  const attributes = {
    type: "button",
    class: "chip",
    "aria-pressed": String(mine),
    "aria-label": `${emojiName(emoji)}, ${users.length}: ${who}`,
    title: who,
    "data-emoji": emoji,
    onclick: () => actions.react(row.seq, emoji, !mine),
  };
  return element("button", attributes, element("span", {}, emoji), element("b", {}, String(users.length)));
}

export function reactionsNode(row, actions) {
  if (row.reactions.length === 0 || row.text === null) return null;
  const label = { class: "chips", role: "group", "aria-label": "Reactions" };
  return element("div", label, ...row.reactions.map((reaction) => chipNode(row, reaction, actions)));
}

function toolNode(name, label, key, onclick) {
  const title = key ? `${label} (${key})` : label;
  const attributes = { class: "quiet icon-only", type: "button", "aria-label": label, title };
  const node = element("button", attributes, icon(name));
  node.addEventListener("click", () => onclick(node));
  return node;
}

export function toolsNode(row, actions) {
  if (row.seq === null || row.text === null) return null;
  const { user, mayDelete } = actions.context();
  const own = row.from.id === user.id;
  const tools = [
    toolNode("smile", "React", "A", (button) => actions.pick(row.seq, button)),
    toolNode("reply", "Reply", "R", () => actions.reply(row.seq)),
  ];
  if (own) tools.push(toolNode("edit", "Edit", "E", () => actions.edit(row.seq)));
  if (own || mayDelete) tools.push(toolNode("trash", "Delete", "Del", () => actions.remove(row.seq)));
  return element("div", { class: "tools", role: "toolbar", "aria-label": "Message" }, ...tools);
}
