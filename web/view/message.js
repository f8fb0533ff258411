// Rows of the timeline (rows.js) to elements.

import { summarize } from "../rows.js";
import { isFewEmoji, parseText, safeLine } from "../text.js";
import { avatar, element, hueClass, icon } from "./dom.js";
import { formatClock, formatDay, formatFull, formatShortClock } from "./format.js";
import { reactionsNode, toolsNode } from "./reactions.js";

const REFUSALS = {
  forbidden: "You are not in this room any more.",
  not_found: "It is not there any more.",
  too_large: "The message is too long.",
  key_conflict: "Something else was sent under this key.",
};

const FAILED = {
  edit: "The edit was not saved.",
  delete: "The message was not deleted.",
  react: "The reaction was not saved.",
};

function partNode({ kind, text, href, ids }, ownId) {
  if (kind === "link") {
    const attributes = {
      href,
      title: href,
      target: "_blank",
      rel: "noopener noreferrer",
      dir: "ltr",
    };
    return element("a", attributes, text);
  }
  if (kind === "mention") {
    const mine = ids.includes(ownId);
    return element("bdi", { class: mine ? "mention mine" : "mention" }, text);
  }
  if (kind === "control") return element("span", { class: "control" }, text);
  return document.createTextNode(text);
}

// Every line is isolated, so that bidi controls do not reach out of it.
function textNodes(text, people, ownId) {
  const lines = parseText(text, people);
  return lines.map((parts) => {
    const line = element("span", { class: "line", dir: "auto" });
    if (parts.length === 0) line.append(element("br"));
    line.append(...parts.map((part) => partNode(part, ownId)));
    return line;
  });
}

export const nameNode = (name) => element("bdi", {}, safeLine(name));

function timeNode(ts, format) {
  const attributes = {
    class: "time",
    datetime: new Date(ts).toISOString(),
    title: formatFull(ts),
  };
  return element("time", attributes, format(ts));
}

const gutterNode = (row) =>
  element("span", { class: "gutter" }, timeNode(row.ts, formatShortClock));

function stateNode(row) {
  const states = { sending: ["clock", "Sending"], sent: ["check", "Sent"] };
  const [name, label] = states[shownState(row)] ?? [];
  if (!name) return null;
  const attributes = { class: `state ${shownState(row)}`, role: "img", "aria-label": label, title: label };
  return element("span", attributes, icon(name));
}

function failureOf(reason, key, actions) {
  return element(
    "div",
    { class: "failure", role: "alert" },
    icon("alert"),
    element("span", {}, reason),
    element("button", { type: "button", onclick: () => actions.retry(key) }, "Retry"),
    element("button", { type: "button", onclick: () => actions.discard(key) }, "Discard"),
  );
}

// Of the message itself, and of what was to be done about it.
function failureNodes(row, actions) {
  const nodes = row.failed.map(({ kind, key, error }) =>
    failureOf(`${FAILED[kind]} ${REFUSALS[error?.code] ?? ""}`.trim(), key, actions),
  );
  if (row.state === "failed") {
    const key = row.key.slice("own:".length);
    nodes.push(failureOf(REFUSALS[row.error?.code] ?? "The message was not sent.", key, actions));
  }
  return nodes;
}

function quoteNode(row, actions) {
  if (!row.replyTo) return null;
  const target = actions.entry(row.replyTo);
  const text = target?.event === "message" ? actions.text(row.replyTo) : undefined;
  let label = ["An earlier message"];
  if (text === null) label = ["A message that was deleted"];
  else if (text !== undefined) {
    label = [element("b", {}, nameNode(target.from.name)), " ", safeLine(text).slice(0, 200)];
  }
  const attributes = { class: "quote", type: "button", onclick: () => actions.goTo(row.replyTo) };
  return element("button", attributes, icon("reply"), element("span", {}, ...label));
}

function bodyNode(row, { user, names }) {
  const deleted = row.text === null;
  const body = element("div", { class: deleted ? "text deleted" : "text" });
  if (deleted) {
    body.append("This message was deleted.");
    return body;
  }
  const people = row.mentions.map((id) => ({ id, name: names.of(id) })).filter(({ name }) => name);
  body.append(...textNodes(row.text, people, user.id));
  if (isFewEmoji(row.text)) body.classList.add("emoji");
  if (row.edited) body.append(element("small", { class: "edited" }, "(edited)"));
  return body;
}

// Waits for the server: the message, or what is to change it.
const shownState = (row) => (row.waits ? "sending" : row.state);

const mentionsMe = (row, { user }) => row.text !== null && row.mentions.includes(user.id);

function messageNode(row, actions) {
  const context = actions.context();
  const sender = element(
    "header",
    { class: row.head ? "sender" : "visually-hidden" },
    element("span", { class: `name ${hueClass(row.from.id)}` }, nameNode(row.from.name)),
    row.head ? timeNode(row.ts, formatClock) : null,
  );
  const classes = ["message", row.head ? "head" : "more", row.own ? "own" : "", row.state ?? ""];
  if (row.waits) classes.push(`waits-${row.waits}`);
  if (mentionsMe(row, context)) classes.push("addressed");
  const tools = row.waits === "delete" ? null : toolsNode(row, actions);
  return element(
    "article",
    { class: classes.filter(Boolean).join(" "), tabindex: "-1", "data-seq": row.seq },
    row.head ? avatar(row.from) : gutterNode(row),
    element(
      "div",
      { class: "content" },
      sender,
      quoteNode(row, actions),
      element("div", { class: "line-up" }, bodyNode(row, context), stateNode(row)),
      reactionsNode(row, actions),
      ...failureNodes(row, actions),
    ),
    tools,
  );
}

function joinNames(names) {
  const nodes = [];
  names.forEach((name, index) => {
    if (index > 0) nodes.push(index === names.length - 1 ? " and " : ", ");
    nodes.push(nameNode(name));
  });
  return nodes;
}

function noticeNode(row) {
  const node = element("p", { class: "notice" });
  summarize(row.changes).forEach(({ names, verb, whom, words, why }, index) => {
    node.append(index > 0 ? "; " : "", ...joinNames(names), ` ${verb}`);
    if (whom) node.append(" ", nameNode(whom));
    if (words) node.append(" ", element("bdi", {}, safeLine(words)));
    if (why) node.append(": ", element("bdi", {}, safeLine(why)));
  });
  return node;
}

function dayNode(row) {
  return element("div", { class: "day" }, element("span", {}, formatDay(row.ts)));
}

function markNode() {
  const attributes = { class: "mark", role: "separator", "aria-label": "New messages" };
  return element("div", attributes, element("span", {}, "New"));
}

export function rowNode(row, actions) {
  switch (row.type) {
    case "message":
      return messageNode(row, actions);
    case "notice":
      return noticeNode(row);
    case "day":
      return dayNode(row);
    default:
      return markNode();
  }
}

// Two rows with the same signature look the same.
export function signature(row, actions) {
  switch (row.type) {
    case "message":
      return JSON.stringify([
        [row.seq, row.head, row.state, row.error?.code],
        [row.text, row.edited, row.waits, row.reactions],
        row.failed.map(({ key }) => key),
        row.replyTo ? (actions.text(row.replyTo) ?? "") : "",
        row.reactions.flatMap(({ users }) => users.map((id) => actions.context().names.of(id))),
        row.mentions.map((id) => actions.context().names.of(id)),
        actions.context().mayDelete,
      ]);
    case "notice":
      return row.changes.length;
    case "day":
      return formatDay(row.ts);
    default:
      return "";
  }
}
