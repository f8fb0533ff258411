import assert from "node:assert/strict";
import { test } from "node:test";

import { complete, findNames, mentionsOf, nameAt } from "../../web/mentions.js";

const PEOPLE = [
  { id: "1", name: "Ann" },
  { id: "2", name: "Ann B" },
  { id: "3", name: "bob" },
  { id: "4", name: "Bob" },
  { id: "5", name: "日本 🦆" },
];

test("names behind @ are mentions, the longest first", () => {
  assert.deepEqual(mentionsOf("@Ann B and @日本 🦆!", PEOPLE), ["2", "5"]);
  assert.deepEqual(mentionsOf("(@ann)", PEOPLE), ["1"]);
});

test("addresses and longer words are none", () => {
  assert.deepEqual(mentionsOf("mail me@ann.example or @Annette", PEOPLE), []);
  assert.deepEqual(mentionsOf("@ Ann @", PEOPLE), []);
});

test("of several with one name who was picked is meant, else all", () => {
  assert.deepEqual(mentionsOf("@bob", PEOPLE), ["3", "4"]);
  assert.deepEqual(mentionsOf("@bob", PEOPLE, new Set(["4"])), ["4"]);
});

test("nobody is mentioned twice, and at most twenty are", () => {
  const many = Array.from({ length: 30 }, (_, index) => ({ id: `${index + 1}`, name: `u${index}` }));
  const text = many.map(({ name }) => `@${name} @${name}`).join(" ");
  assert.equal(mentionsOf(text, many).length, 20);
});

test("knows where the names stand", () => {
  assert.deepEqual(
    findNames("hi @Ann!", PEOPLE).map(({ start, end }) => [start, end]),
    [[3, 7]],
  );
});

test("completes the name at the cursor", () => {
  assert.deepEqual(nameAt("hi @an", 6), { start: 3, prefix: "an" });
  assert.deepEqual(nameAt("hi @an", 3), null);
  assert.equal(nameAt("me@an", 5), null);
  assert.equal(nameAt("@a\nb", 4), null);
  assert.deepEqual(complete("b", PEOPLE).map(({ id }) => id), ["3", "4", "2"]);
  assert.deepEqual(complete("zz", PEOPLE), []);
});
