import assert from "node:assert/strict";
import { test } from "node:test";

import { People, permits } from "../../web/people.js";

const member = (id, role = "member") => ({ id, name: `u${id}`, role });
const entry = (event, id, more = {}) => ({ event, from: { id, name: `u${id}` }, ...more });

test("who comes and goes while a page is on its way is not forgotten", () => {
  const people = new People();
  people.loading = true;
  people.apply(entry("leave", "1"));
  people.apply(entry("join", "3"));
  people.apply(entry("role", "9", { user: { id: "2", name: "u2" }, role: "owner" }));
  people.setPresence("1", "online");
  people.take({ members: [member("1"), member("2")] }, true);
  assert.deepEqual(people.sorted.map(({ id, role }) => [id, role]), [["2", "owner"], ["3", "member"]]);
  assert.equal(people.complete, true);
});

test("who joins is there, as other rooms know it", () => {
  const people = new People();
  people.apply(entry("join", "1"));
  people.apply(entry("join", "2"), (id) => (id === "2" ? "dnd" : undefined));
  assert.deepEqual(people.sorted.map(({ presence }) => presence), ["online", "dnd"]);
});

test("pages follow each other by the highest id", () => {
  const people = new People();
  people.take({ members: [member("9"), member("10")], more: true }, true);
  assert.equal(people.last, "10");
  people.take({ members: [member("11")] }, false);
  assert.equal(people.list.size, 3);
  assert.equal(people.complete, true);
});

test("what each role may do is what the protocol says", () => {
  const table = [
    ["member", "topic", "member", false],
    ["member", "kick", "member", false],
    ["member", "lists", "member", false],
    ["moderator", "topic", "member", true],
    ["moderator", "invite", "member", true],
    ["moderator", "kick", "member", true],
    ["moderator", "kick", "moderator", false],
    ["moderator", "ban", "owner", false],
    ["moderator", "role", "member", false],
    ["owner", "ban", "moderator", true],
    ["owner", "kick", "owner", false],
    ["owner", "role", "owner", true],
    [null, "delete", "member", false],
  ];
  for (const [own, action, other, allowed] of table) {
    assert.equal(permits(own, action, other), allowed, `${own} ${action} ${other}`);
  }
});
