// What strangers wrote, made safe to show. The result is plain data; the view
// puts it into text nodes and never into markup.
//
// - Control characters become visible. Bidi overrides do too: they have no
//   honest use in a chat. Other bidi controls end with their line, each of
//   which the view isolates.
// - At most MARKS combining marks stay on a character.
// - Links are http and https only, without user or password in them.

import { findNames } from "./mentions.js";

const MARKS = 8;
const BREAK = /\r\n|[\n\r\u2028\u2029]/;
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202d\u202e]/gu;
const PILE = new RegExp(`(\\p{M}{${MARKS}})\\p{M}+`, "gu");
const LINK = /\bhttps?:\/\/[^\s<>"`\p{Cc}\p{Cf}]+/giu;
const CLOSING = { ")": "(", "]": "[", "}": "{" };

const ABBREVIATIONS = (
  "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI " +
  "DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US"
).split(" ");

// What stands for a control character. Fonts lack the pictures of U+2400.
function visible(character) {
  const code = character.codePointAt(0);
  if (code === 0x7f) return "DEL";
  return ABBREVIATIONS[code] ?? `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

// A name or a topic, in one line.
export function safeLine(string) {
  return string
    .replace(/[\n\r\t\u2028\u2029]/g, " ")
    .replace(CONTROL, visible)
    .replace(/[\u202a-\u202c\u2066-\u2069]/g, "")
    .replace(PILE, "$1");
}

function countOf(string, character) {
  return string.split(character).length - 1;
}

// Punctuation behind a link belongs to the sentence.
function trimLink(link) {
  for (;;) {
    const end = link.at(-1);
    const opening = CLOSING[end];
    const unbalanced = opening && countOf(link, end) > countOf(link, opening);
    if (!unbalanced && !/[.,;:!?'*_~…’”»]/u.test(end)) return link;
    link = link.slice(0, -1);
  }
}

// The address to open, or null when the text is not to become a link.
export function linkTarget(text) {
  let url;
  try {
    url = new URL(text);
  } catch {
    return null;
  }
  const web = url.protocol === "http:" || url.protocol === "https:";
  return web && !url.username && !url.password ? url.href : null;
}

// Text without links to parts: names that are addressed, and the rest.
function* plain(text, people) {
  let end = 0;
  for (const { start, end: behind, people: same } of findNames(text, people)) {
    yield* literal(text.slice(end, start));
    yield { kind: "mention", text: safeLine(text.slice(start, behind)), ids: same.map(({ id }) => id) };
    end = behind;
  }
  yield* literal(text.slice(end));
}

// What stands there, and control characters.
function* literal(text) {
  let end = 0;
  for (const match of text.matchAll(CONTROL)) {
    if (match.index > end) yield { kind: "text", text: text.slice(end, match.index) };
    yield { kind: "control", text: visible(match[0]) };
    end = match.index + match[0].length;
  }
  if (end < text.length) yield { kind: "text", text: text.slice(end) };
}

function parseLine(line, people) {
  const parts = [];
  let end = 0;
  for (const match of line.matchAll(LINK)) {
    const text = trimLink(match[0]);
    const href = linkTarget(text);
    if (href === null) continue;
    parts.push(...plain(line.slice(end, match.index), people));
    parts.push({ kind: "link", text, href });
    end = match.index + text.length;
  }
  parts.push(...plain(line.slice(end), people));
  return parts;
}

// A text to lines, each a list of {kind: "text" | "link" | "control" |
// "mention", text, href?, ids?}. `people` are whom it addresses.
export function parseText(text, people = []) {
  return text.replace(PILE, "$1").split(BREAK).map((line) => parseLine(line, people));
}

const FEW_EMOJI =
  /^(?:(?:\p{Extended_Pictographic}|\p{Regional_Indicator}|[\u{1f3fb}-\u{1f3ff}\u{e0020}-\u{e007f}\u200d\ufe0f ])+)$/u;

// One to three emoji and nothing else are shown larger.
export function isFewEmoji(text) {
  if (text.length > 40 || !FEW_EMOJI.test(text)) return false;
  if (!/\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(text)) return false;
  const clusters = [...new Intl.Segmenter().segment(text.replace(/ /g, ""))];
  return clusters.length <= 3;
}
