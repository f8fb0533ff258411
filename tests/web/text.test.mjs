import assert from "node:assert/strict";
import { test } from "node:test";

import { isFewEmoji, linkTarget, parseText, safeLine } from "../../web/text.js";

const links = (text) =>
  parseText(text)
    .flat()
    .filter(({ kind }) => kind === "link")
    .map(({ text: shown }) => shown);
const shown = (text) =>
  parseText(text)
    .map((line) => line.map((part) => part.text).join(""))
    .join("\n");

test("plain text stays as it is, line by line", () => {
  assert.deepEqual(parseText("one\ntwo"), [
    [{ kind: "text", text: "one" }],
    [{ kind: "text", text: "two" }],
  ]);
  assert.equal(shown("a\tb  c"), "a\tb  c");
});

test("every kind of line break is one", () => {
  assert.equal(parseText("1\r\n2\r3\n4\u20285\u20296").length, 6);
});

test("markup is text", () => {
  const hostile = '<img src=x onerror="alert(1)">';
  assert.deepEqual(parseText(hostile), [[{ kind: "text", text: hostile }]]);
});

test("terminal escapes and other controls become visible", () => {
  assert.equal(shown("\u001b]0;t\u0007"), "ESC]0;tBEL");
  assert.equal(shown("\u001b[2J\u007f"), "ESC[2JDEL");
  assert.equal(shown("\u009b31m"), "U+009B31m");
  assert.equal(shown("a\bb"), "aBSb");
  const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;
  for (let code = 0; code < 0xa0; code += 1) {
    assert.doesNotMatch(shown(`x${String.fromCharCode(code)}y`), controls);
  }
});

test("bidi overrides become visible, what else is bidi stays in its line", () => {
  assert.equal(shown("\u202eexe.txt"), "U+202Eexe.txt");
  assert.equal(shown("\u202dx"), "U+202Dx");
  assert.equal(parseText("\u2067a\nb").length, 2);
});

test("joiners that scripts and emoji need are kept", () => {
  assert.equal(shown("👩‍👩‍👧 می‌خواهم"), "👩‍👩‍👧 می‌خواهم");
});

test("combining marks do not pile up", () => {
  assert.equal(shown(`a${"\u0301".repeat(5000)}b`), `a${"\u0301".repeat(8)}b`);
});

test("finds links and leaves the sentence's punctuation out", () => {
  assert.deepEqual(links("see https://example.org/a?b=c#d."), ["https://example.org/a?b=c#d"]);
  assert.deepEqual(links("(http://example.org/x_(y))"), ["http://example.org/x_(y)"]);
  assert.deepEqual(links("https://a.example, https://b.example!"), [
    "https://a.example",
    "https://b.example",
  ]);
  assert.equal(shown("go to https://example.org now"), "go to https://example.org now");
});

test("other schemes are no links", () => {
  for (const text of [
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "ftp://example.org",
    "xhttps://example.org",
    "vbscript:https",
  ]) {
    assert.deepEqual(links(text), [], text);
  }
});

test("addresses with a user in them are no links", () => {
  assert.equal(linkTarget("https://bank.example@evil.example/"), null);
  assert.equal(linkTarget("https://user:word@evil.example/"), null);
  assert.deepEqual(links("https://bank.example@evil.example/"), []);
});

test("a link ends before what would disguise it", () => {
  assert.deepEqual(links("https://example.org/\u202egnp.exe"), ["https://example.org/"]);
  assert.deepEqual(links('https://example.org/"onclick=x'), ["https://example.org/"]);
});

test("the target of a link in look-alike letters tells what it is", () => {
  assert.match(linkTarget("https://ехample.org/"), /^https:\/\/xn--/);
});

test("names and topics are one line", () => {
  assert.equal(safeLine("a\nb\u202ec\u2066d\u001b"), "a bU+202EcdESC");
});

test("few emoji are seen as such", () => {
  for (const text of ["👍", "👍🎉", "👩‍👩‍👧 ☀️", "🇨🇭"]) assert.ok(isFewEmoji(text), text);
  for (const text of ["ok 👍", "👍👍👍👍", "12", "", "a"]) assert.ok(!isFewEmoji(text), text);
});

test("long hostile texts take no long time", () => {
  for (const text of [
    "https://".repeat(500),
    `https://example.org/${")".repeat(3900)}`,
    "\u0301".repeat(4000),
    `${"(".repeat(2000)}${")".repeat(2000)}`,
  ]) {
    assert.ok(Array.isArray(parseText(text)));
  }
});
