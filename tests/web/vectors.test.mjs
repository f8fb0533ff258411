// The vectors of the protocol: the same cases that the C code runs.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { parseObject } from "../../web/json.js";
import {
  checkPassword,
  checkRoom,
  checkText,
  checkTopic,
  checkUserName,
  isAgent,
  isEmoji,
  isEpoch,
  isKey,
  isPrefix,
  isToken,
} from "../../web/names.js";
import { checkEvent, isKnownEvent } from "../../web/events.js";
import { encodeRequest, splitFrame } from "../../web/protocol.js";
import { checkOk, checkReply } from "../../web/replies.js";

function load(name) {
  const url = new URL(`../vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8"));
}

function partBytes(part) {
  if (typeof part === "string") return Buffer.from(part);
  if (part.hex !== undefined) return Buffer.from(part.hex.replaceAll(" ", ""), "hex");
  const number = (index) => (part.index ? part.repeat.replace("#", index) : part.repeat);
  return Buffer.from(Array.from({ length: part.times }, (_, index) => number(index)).join(""));
}

// As a WebSocket hands it over: bytes that are no UTF-8 never arrive.
function text(parts) {
  const bytes = Buffer.concat([parts].flat().map(partBytes));
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

function each(file, run) {
  for (const vector of load(file)) {
    test(`${file}: ${vector.name}`, () => run(vector));
  }
}

function refuses(vector, run) {
  assert.throws(run, (error) => {
    if (vector.member) assert.ok(error.message.startsWith(vector.member), error.message);
    return true;
  });
}

// Members that the protocol does not know are not compared.
function includes(actual, expected) {
  if (expected === null || typeof expected !== "object") {
    assert.equal(actual, expected);
    return;
  }
  for (const [name, value] of Object.entries(expected)) {
    if (actual[name] === undefined) assert.ok(!value || value.length === 0, name);
    else includes(actual[name], value);
  }
}

// A client only writes requests: what a server refuses is not written.
each("requests", (vector) => {
  const write = () => {
    const { action, id, ...body } = parseObject(text(vector.wire));
    return encodeRequest(action, id, body);
  };
  if (vector.error) refuses(vector, write);
  else assert.equal(write(), text(vector.encoded ?? vector.wire));
});

each("events", (vector) => {
  const read = () => checkEvent(parseObject(text(vector.wire)));
  if (vector.error) {
    refuses(vector, read);
    return;
  }
  const event = read();
  assert.equal(isKnownEvent(event), !vector.unknown);
  if (vector.fields) includes(event, vector.fields);
  else if (!vector.encoded) assert.deepEqual(event, JSON.parse(text(vector.wire)));
});

each("replies", (vector) => {
  const read = () => {
    const reply = checkReply(parseObject(text(vector.wire)));
    return reply.ok === undefined ? reply : { ...reply, ok: checkOk(vector.action, reply.ok) };
  };
  if (vector.error) refuses(vector, read);
  else includes(read(), vector.fields ?? JSON.parse(text(vector.wire)));
});

each("malformed", (vector) => {
  if (vector.plain) assert.doesNotThrow(() => JSON.parse(text(vector.wire)));
  if (vector.error) assert.throws(() => parseObject(text(vector.wire)));
  else assert.deepEqual(parseObject(text(vector.wire)), JSON.parse(text(vector.wire)));
});

// What goes into one frame is the server's to decide.
each("frames", (vector) => {
  if (vector.objects) assert.deepEqual(splitFrame(text(vector.frame)), vector.objects);
});

const RULES = {
  room: (value) => checkRoom(value) === null,
  user_name: (value) => checkUserName(value) === null,
  text: (value) => checkText(value) === null,
  topic: (value) => checkTopic(value) === null,
  reason: (value) => checkTopic(value) === null,
  password: (value) => checkPassword(value) === null,
  emoji: isEmoji,
  key: isKey,
  epoch: isEpoch,
  token: isToken,
  agent: isAgent,
  prefix: isPrefix,
};

each("names", ({ rule, value, valid }) => {
  assert.equal(RULES[rule](text(value)), valid);
});
