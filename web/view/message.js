// Rows of the timeline (rows.js) to elements.

import { summarize } from "../rows.js";
import { isFewEmoji, parseText, safeLine } from "../text.js";
import { avatar, element, hueClass, icon } from "./dom.js";
import { formatClock, formatDay, formatFull, formatShortClock } from "./format.js";

const REFUSALS = {
  forbidden: "You are not in this room any more.",
  not_found: "This room is gone.",
  too_large: "The message is too long.",
  key_conflict: "Something else was sent under this key.",
};

function partNode({ kind, text, href }) {
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
  if (kind === "control") return element("span", { class: "control" }, text);
  return document.createTextNode(text);
}

// Every line is isolated, so that bidi controls do not reach out of it.
export function textNodes(text) {
  const lines = parseText(text);
  return lines.map((parts) => {
    const line = element("span", { class: "line", dir: "auto" });
    if (parts.length === 0) line.append(element("br"));
    line.append(...parts.map(partNode));
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
  const [name, label] = states[row.state] ?? [];
  if (!name) return null;
  const attributes = { class: `state ${row.state}`, role: "img", "aria-label": label, title: label };
  return element("span", attributes, icon(name));
}

function failureNode(row, actions) {
  if (row.state !== "failed") return null;
  const key = row.key.slice("own:".length);
  const reason = REFUSALS[row.error?.code] ?? "The message was not sent.";
  return element(
    "div",
    { class: "failure", role: "alert" },
    icon("alert"),
    element("span", {}, reason),
    element("button", { type: "button", onclick: () => actions.retry(key) }, "Retry"),
    element("button", { type: "button", onclick: () => actions.discard(key) }, "Discard"),
  );
}

function quoteNode(row, actions) {
  if (!row.replyTo) return null;
  const target = actions.entry(row.replyTo);
  const known = target?.event === "message" && target.text !== undefined;
  const label = known
    ? [element("b", {}, nameNode(target.from.name)), " ", safeLine(target.text).slice(0, 200)]
    : ["An earlier message"];
  const attributes = { class: "quote", type: "button", onclick: () => actions.goTo(row.replyTo) };
  return element("button", attributes, icon("reply"), element("span", {}, ...label));
}

function toolsNode(row, actions) {
  if (row.seq === null || row.text === null) return null;
  const attributes = {
    class: "quiet icon-only",
    type: "button",
    tabindex: "-1",
    "aria-label": "Reply",
    title: "Reply (R)",
    onclick: () => actions.reply(row.seq),
  };
  return element("div", { class: "tools" }, element("button", attributes, icon("reply")));
}

function messageNode(row, actions) {
  const deleted = row.text === null;
  const body = element("div", { class: deleted ? "text deleted" : "text" });
  if (deleted) body.append("This message was deleted.");
  else body.append(...textNodes(row.text));
  if (!deleted && isFewEmoji(row.text)) body.classList.add("emoji");
  const sender = element(
    "header",
    { class: row.head ? "sender" : "visually-hidden" },
    element("span", { class: `name ${hueClass(row.from.id)}` }, nameNode(row.from.name)),
    row.head ? timeNode(row.ts, formatClock) : null,
  );
  return element(
    "article",
    {
      class: `message ${row.head ? "head" : "more"} ${row.own ? "own" : ""} ${row.state ?? ""}`,
      tabindex: "-1",
      "data-seq": row.seq,
    },
    row.head ? avatar(row.from) : gutterNode(row),
    element(
      "div",
      { class: "content" },
      sender,
      quoteNode(row, actions),
      element("div", { class: "line-up" }, body, stateNode(row)),
      failureNode(row, actions),
    ),
    toolsNode(row, actions),
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
  summarize(row.changes).forEach(({ names, verb }, index) => {
    node.append(index > 0 ? "; " : "", ...joinNames(names), ` ${verb}`);
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
      return [
        row.seq,
        row.head,
        row.state,
        row.text === null,
        row.error?.code,
        row.replyTo ? Boolean(actions.entry(row.replyTo)) : "",
      ].join();
    case "notice":
      return row.changes.length;
    case "day":
      return formatDay(row.ts);
    default:
      return "";
  }
}
