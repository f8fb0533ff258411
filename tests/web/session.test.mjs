import assert from "node:assert/strict";
import { test } from "node:test";

import { Session, backoff, mayReturn } from "../../web/session.js";
import { Clock, Network, helloOk, message } from "./fakes.mjs";

const GUEST = { guest: "ann", key: "guest-key" };

function setUp({ random = () => 0.5, positions = [], subprotocol = false } = {}) {
  const clock = new Clock();
  const network = new Network();
  const log = [];
  const handler = {
    resume: () => positions,
    signedIn: () => log.push("signed in"),
    event: (event) => log.push(event),
    heads: (ok) => log.push(ok.heads),
    state: ({ name }) => log.push(name),
    token: (token) => log.push(`token ${token}`),
  };
  const { connect } = network;
  const url = "wss://chat.example/ws";
  const session = new Session({ connect, clock, random, handler, url, subprotocol, agent: "test" });
  const greet = (overrides) => {
    network.open();
    network.answer("hello", { ok: helloOk(overrides) });
  };
  const online = (credential = GUEST) => {
    session.start(credential);
    greet();
    log.length = 0;
  };
  return { clock, network, log, session, greet, online };
}

// Replies of requests, as text.
function collect(replies, name) {
  return (error, ok) => replies.push(`${name} ${error ? error.code : JSON.stringify(ok)}`);
}

test("says hello as a guest and keeps the token", () => {
  const { network, log, session, greet } = setUp();
  session.start(GUEST);
  greet();
  const { id, ...hello } = network.request("hello");
  assert.deepEqual(hello, {
    action: "hello",
    version: 1,
    guest: "ann",
    key: "guest-key",
    agent: "test",
  });
  assert.deepEqual(log, ["connecting", "token token-1", "signed in", "online"]);
});

test("says hello with the token from then on, and resumes", () => {
  const positions = [{ room: "lobby", epoch: "e1", seq: 41 }];
  const { network, clock, online } = setUp({ positions });
  online();
  network.socket.onclose(1006);
  clock.advance(30000);
  network.open();
  assert.equal(network.request("hello").token, "token-1");
  assert.equal(network.request("hello").guest, undefined);
  assert.deepEqual(network.request("hello").resume, positions);
});

test("hello stays below the limit of a frame", () => {
  const positions = Array.from({ length: 500 }, (_, index) => ({
    room: `room-${index}`.padEnd(64, "x"),
    epoch: "e".repeat(32),
    seq: 1,
  }));
  const { network, session } = setUp({ positions });
  session.start(GUEST);
  network.open();
  const { length } = JSON.stringify(network.request("hello"));
  assert.ok(length > 25000 && length <= 30720, String(length));
});

test("a refused token gives way to the guest's key", () => {
  const { network, clock, log, session } = setUp();
  session.start({ ...GUEST, token: "old" });
  network.open();
  network.answer("hello", { error: { code: "unauthorized", message: "no" } });
  clock.advance(30000);
  network.open();
  assert.equal(network.request("hello").guest, "ann");
  assert.ok(log.includes("token null"));
});

test("a refused guest ends the session", () => {
  const { network, session } = setUp();
  session.start(GUEST);
  network.open();
  network.answer("hello", { error: { code: "unauthorized", message: "no" } });
  assert.equal(session.state.name, "closed");
  assert.equal(session.state.reason.code, "unauthorized");
});

test("holds events that overtake hello's reply", () => {
  const { network, log, session } = setUp();
  session.start(GUEST);
  network.open();
  network.deliver(message(5));
  assert.equal(log.includes("signed in"), false);
  network.answer("hello", { ok: helloOk() });
  assert.deepEqual(log.slice(-3, -1), ["signed in", message(5)]);
});

test("replies and events of one frame are taken in order", () => {
  const { network, log, session, online } = setUp();
  online();
  session.request("typing", { room: "lobby" }, () => log.push("reply"));
  network.deliver(message(1), { reply: network.request("typing").id, ok: {} }, message(2));
  assert.deepEqual(log, [message(1), "reply", message(2)]);
});

test("kept requests wait for the connection and are repeated after it broke", () => {
  const { network, clock, session, greet } = setUp();
  const replies = [];
  const keep = { keep: true };
  session.start(GUEST);
  session.request("read", { room: "lobby", seq: 1 }, collect(replies, "a"), keep);
  greet();
  session.request("read", { room: "lobby", seq: 2 }, collect(replies, "b"), keep);
  network.socket.onclose(1006);
  clock.advance(30000);
  greet();
  const repeated = network.socket.sent.filter(({ action }) => action === "read");
  assert.deepEqual(repeated.map(({ seq }) => seq), [1, 2]);
  network.deliver({ reply: repeated[0].id, ok: { seq: 1, unread: 0, mentions: 0 } });
  assert.deepEqual(replies, ['a {"seq":1,"unread":0,"mentions":0}']);
});

test("other requests end unsure when the connection breaks", () => {
  const { network, session, online } = setUp();
  online();
  let error = null;
  session.request("send", { room: "lobby", key: "k", text: "x" }, (result) => (error = result));
  network.socket.onclose(1006);
  assert.equal(error.unsure, true);
});

test("a temporary refusal of a kept request is repeated after its time", () => {
  const { network, clock, session, online } = setUp();
  online();
  const replies = [];
  session.request("read", { room: "lobby", seq: 1 }, collect(replies, "a"), { keep: true });
  network.answer("read", { error: { code: "busy", message: "", retry_ms: 700 } });
  const reads = () => network.socket.sent.filter(({ action }) => action === "read").length;
  clock.advance(699);
  assert.equal(reads(), 1);
  clock.advance(1);
  assert.equal(reads(), 2);
  network.answer("read", { error: { code: "forbidden", message: "no" } });
  assert.deepEqual(replies, ["a forbidden"]);
});

test("a foreign object makes every request in flight unsure", () => {
  const { network, clock, session, online } = setUp();
  online();
  const replies = [];
  session.request("read", { room: "lobby", seq: 1 }, collect(replies, "kept"), { keep: true });
  session.request("send", { room: "lobby", key: "k", text: "x" }, collect(replies, "send"));
  network.deliver({ message: "Internal server error", connectionId: "x" });
  clock.advance(1000);
  assert.deepEqual(replies, ["send network"]);
  const reads = network.socket.sent.filter(({ action }) => action === "read");
  assert.equal(reads.length, 2);
  assert.deepEqual(reads[0], reads[1]);
});

const FOREIGN = { message: "Internal server error", connectionId: "x", requestId: "y" };

test("a foreign object before hello's reply has hello said again on the same line", () => {
  const { network, clock, log, session } = setUp();
  session.start(GUEST);
  network.open();
  network.deliver(FOREIGN);
  assert.equal(network.socket.sent.length, 1, "not at once");
  clock.advance(1000);
  assert.deepEqual(network.socket.sent[0], network.socket.sent[1]);
  network.answer("hello", { ok: helloOk() });
  network.answer("hello", { ok: helloOk() });
  assert.equal(network.sockets.length, 1);
  assert.deepEqual(log, ["connecting", "token token-1", "signed in", "online"]);
});

test("a foreign object while hello is said again costs neither line nor requests", () => {
  const { network, clock, log, session, online } = setUp();
  online();
  const replies = [];
  const read = (seq) => session.request("read", { room: "lobby", seq }, collect(replies, seq), { keep: true });
  read(1);
  read(2);
  const [first] = network.socket.sent.filter(({ action }) => action === "read");
  network.deliver({ reply: first.id, error: { code: "hello_required", message: "" } });
  network.deliver(FOREIGN);
  clock.advance(1000);
  network.answer("hello", { ok: helloOk({ token: undefined }) });
  const reads = network.socket.sent.filter(({ action }) => action === "read");
  assert.deepEqual(reads.map(({ seq }) => seq), [1, 2, 1, 2]);
  assert.equal(network.sockets.length, 1);
  assert.deepEqual(log, ["signed in", "online"]);
});

test("errors now and then do not add up", () => {
  const { network, clock, session, online } = setUp();
  online();
  for (let round = 0; round < 20; round += 1) {
    session.request("read", { room: "lobby", seq: round }, () => {}, { keep: true });
    network.deliver(FOREIGN);
    const before = network.socket.sent.length;
    clock.advance(500);
    assert.equal(network.socket.sent.length, before + 1, `round ${round}`);
    network.answer("read", { ok: { seq: round, unread: 0, mentions: 0 } });
  }
});

test("35 seconds without a reply make requests unsure, without a frame end the connection", () => {
  const { network, clock, session, online } = setUp();
  online();
  const replies = [];
  session.request("send", { room: "lobby", key: "k", text: "x" }, collect(replies, "send"));
  clock.advance(20000);
  network.deliver(message(1));
  clock.advance(15000);
  assert.deepEqual(replies, ["send network"]);
  assert.equal(session.state.name, "online");
  session.request("send", { room: "lobby", key: "k", text: "x" }, collect(replies, "again"));
  clock.advance(35000);
  assert.deepEqual(replies.slice(1), ["again network"]);
  assert.equal(network.socket.closed || network.sockets.length > 1, true);
});

test("hello_required is answered by hello on the same connection", () => {
  const { network, session, online } = setUp();
  online();
  const replies = [];
  session.request("read", { room: "lobby", seq: 1 }, collect(replies, "a"), { keep: true });
  network.answer("read", { error: { code: "hello_required", message: "" } });
  network.answer("hello", { ok: helloOk() });
  network.answer("read", { ok: { seq: 1, unread: 0, mentions: 0 } });
  assert.equal(network.sockets.length, 1);
  assert.deepEqual(replies, ['a {"seq":1,"unread":0,"mentions":0}']);
});

test("pings as often as hello said, and asks on for the heads", () => {
  const { network, clock, log, online } = setUp();
  online();
  clock.advance(25000);
  const ping = network.request("ping");
  assert.equal(ping.since, 1_800_000_000_000);
  const heads = { lobby: { epoch: "e1", head: 3 } };
  const ok = { now: 5, heads, rooms_rev: 1 };
  network.answer("ping", { ok: { ...ok, more: true, after: "lobby" } });
  assert.equal(network.request("ping").after, "lobby");
  assert.equal(network.request("ping").since, ping.since);
  network.answer("ping", { ok });
  assert.deepEqual(log, [heads, heads]);
  clock.advance(25000);
  assert.equal(network.request("ping").since, 5);
});

test("every fourth ping asks for all heads", () => {
  const { network, clock, online } = setUp();
  online();
  const since = [];
  for (let i = 0; i < 6; i++) {
    clock.advance(25000);
    since.push(network.request("ping").since);
    network.answer("ping", { ok: { now: 5, heads: {}, rooms_rev: 1 } });
  }
  assert.deepEqual(since, [1_800_000_000_000, 5, 5, 5, undefined, 5]);
});

test("back-off is full jitter with a ceiling of 30 seconds", () => {
  const ceiling = (attempt) => backoff(attempt, () => 1);
  assert.deepEqual([0, 1, 2, 5, 6, 50].map(ceiling), [500, 1000, 2000, 16000, 30000, 30000]);
  assert.equal(backoff(3, () => 0), 0);
  assert.equal(backoff(3, () => 0.25), 1000);
});

test("waits longer from attempt to attempt, and starts anew after a good connection", () => {
  const { network, clock, session, greet, online } = setUp();
  online();
  clock.advance(10000);
  const waits = [];
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    network.socket.onclose(1006);
    waits.push(session.state.retryAt - clock.now());
    clock.advance(waits.at(-1));
  }
  assert.deepEqual(waits, [500, 1000, 2000]);
  greet();
  clock.advance(10000);
  network.socket.onclose(1006);
  assert.equal(session.state.retryAt - clock.now(), 500);
});

test("a server that closes right after hello is not hammered", () => {
  const { network, clock, session, greet } = setUp();
  session.start(GUEST);
  const waits = [];
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    greet();
    network.socket.onclose(1006);
    waits.push(session.state.retryAt - clock.now());
    clock.advance(waits.at(-1));
  }
  assert.deepEqual(waits, [500, 1000, 2000]);
});

test("4000 to 4499 and what is no code of the protocol come back, 4500 to 4999 do not", () => {
  assert.deepEqual([1006, 1000, 4001, 4499].map(mayReturn), [true, true, true, true]);
  assert.deepEqual([4500, 4505, 4999].map(mayReturn), [false, false, false]);
  assert.equal(mayReturn(4502), true, "hello was lost");
  const { network, session, online } = setUp();
  online();
  network.socket.onclose(4501);
  assert.equal(session.state.name, "closed");
});

test("a drain reconnects at once", () => {
  const { network, clock, session, online } = setUp();
  online();
  clock.advance(10000);
  network.deliver({ event: "close", code: 4001, message: "the server drains" });
  assert.equal(session.state.retryAt, clock.now());
  clock.advance(0);
  assert.equal(network.sockets.length, 2);
});

test("the close event counts when the close code is lost", () => {
  const { network, session, online } = setUp();
  online();
  network.deliver({ event: "close", code: 4505, message: "too old" });
  assert.equal(session.state.name, "closed");
  assert.equal(session.state.reason.message, "too old");
});

test("a close event's time is kept to", () => {
  const { network, clock, session, online } = setUp();
  online();
  network.deliver({ event: "close", code: 4008, message: "slow", retry_ms: 9000 });
  assert.equal(session.state.retryAt - clock.now(), 9000);
});

test("the network's return or a look at the page ends the waiting", () => {
  const { network, session, online } = setUp();
  online();
  network.socket.onclose(1006);
  session.nudge();
  assert.equal(session.state.name, "connecting");
  assert.equal(network.sockets.length, 2);
});

test("a connection that is dead after waking up is found within 5 seconds", () => {
  const { network, clock, session, online } = setUp();
  online();
  clock.advance(1000);
  session.nudge();
  clock.advance(5000);
  assert.equal(network.sockets.length, 2);
});

test("a connection that lives is kept", () => {
  const { network, clock, session, online } = setUp();
  online();
  clock.advance(1000);
  session.nudge();
  network.answer("ping", { ok: { now: 1, heads: {}, rooms_rev: 1 } });
  clock.advance(5000);
  assert.equal(network.sockets.length, 1);
});

test("a server that never answers hello is left", () => {
  const { network, clock, session } = setUp();
  session.start(GUEST);
  network.open();
  clock.advance(15000);
  assert.equal(session.state.name, "waiting");
  assert.equal(network.socket.closed, true);
});

test("asks for the subprotocol, and once without it when that fails", () => {
  const { network, clock, session } = setUp({ subprotocol: true });
  session.start(GUEST);
  assert.deepEqual(network.socket.protocols, ["chat.v1"]);
  network.socket.onclose(1006);
  assert.deepEqual(network.socket.protocols, []);
  network.socket.onclose(1006);
  clock.advance(30000);
  assert.deepEqual(network.socket.protocols, ["chat.v1"]);
});

test("what is not the protocol ends the connection, not the page", () => {
  const { network, session, online } = setUp();
  online();
  network.socket.onmessage('{"event":"message","event":"message"}');
  assert.equal(session.state.name, "waiting");
  assert.equal(session.state.reason.code, "protocol");
});

test("what an old socket still says is not heard", () => {
  const { network, clock, log, online } = setUp();
  online();
  const old = network.socket;
  old.onclose(1006);
  clock.advance(30000);
  log.length = 0;
  old.onmessage(JSON.stringify(message(1)));
  old.onclose(4500);
  assert.deepEqual(log, []);
});

test("goes in the last tenth of a connection's age, and opens another before", () => {
  const { network, clock, session, greet } = setUp();
  session.start(GUEST);
  greet({ limits: { ...helloOk().limits, connection_ms: 60000 }, ping_ms: 1000000 });
  clock.advance(53999);
  assert.equal(network.sockets.length, 1);
  clock.advance(6000);
  assert.equal(network.sockets.length, 2);
  assert.equal(network.sockets[0].closed, false);
  greet();
  assert.equal(network.sockets[0].closed, true);
  assert.equal(session.state.name, "online");
});

const DRAIN = { event: "drain", reason: "deploy", reconnect_in_ms: 1000, spread_ms: 2000 };

test("a drain opens another connection at its time before it closes this one", () => {
  const positions = [{ room: "lobby", epoch: "e1", seq: 4 }];
  const { network, clock, log, session, online, greet } = setUp({ positions });
  online();
  network.deliver({ ...DRAIN, url: "wss://green.example/ws" });
  clock.advance(1999);
  assert.equal(network.sockets.length, 1);
  clock.advance(1);
  const [old] = network.sockets;
  assert.equal(network.socket.url, "wss://green.example/ws");
  network.open();
  assert.deepEqual(network.request("hello").resume, positions);
  assert.equal(network.request("hello").token, "token-1");
  log.length = 0;
  old.onmessage(JSON.stringify(message(5)));
  assert.deepEqual(log, [message(5)], "the old one is still heard");
  assert.equal(old.closed, false);
  network.answer("hello", { ok: helloOk({ token: undefined }) });
  assert.equal(old.closed, true);
  assert.deepEqual(log.slice(1), ["signed in", "online"], "nobody saw it");
  session.request("read", { room: "lobby", seq: 5 }, () => {});
  assert.ok(network.request("read"));
});

test("what the draining server was asked it answers; the rest waits for that", () => {
  const { network, clock, session, online, greet } = setUp();
  online();
  const replies = [];
  session.request("read", { room: "lobby", seq: 1 }, collect(replies, "a"), { keep: true });
  network.deliver(DRAIN);
  clock.advance(3000);
  const [old] = network.sockets;
  greet();
  session.request("read", { room: "lobby", seq: 2 }, collect(replies, "b"), { keep: true });
  assert.equal(old.closed, false);
  assert.equal(network.request("read"), undefined);
  const { id } = old.sent.findLast(({ action }) => action === "read");
  old.onmessage(JSON.stringify({ reply: id, ok: { seq: 1, unread: 0, mentions: 0 } }));
  assert.equal(old.closed, true);
  assert.equal(network.request("read").seq, 2);
  assert.equal(replies.length, 1);
});

test("a draining server that answers no more is left, and asked anew", () => {
  const { network, clock, session, online, greet } = setUp();
  online();
  const replies = [];
  session.request("read", { room: "lobby", seq: 1 }, collect(replies, "a"), { keep: true });
  network.deliver(DRAIN);
  clock.advance(3000);
  greet();
  clock.advance(5000);
  assert.equal(network.sockets[0].closed, true);
  assert.equal(network.request("read").seq, 1);
});

test("a foreign object from the server one comes from has all repeated at once", () => {
  const { network, clock, session, online, greet } = setUp();
  online();
  session.request("read", { room: "lobby", seq: 1 }, () => {}, { keep: true });
  network.deliver(DRAIN);
  clock.advance(3000);
  greet();
  const [old] = network.sockets;
  old.onmessage(JSON.stringify(FOREIGN));
  assert.equal(old.closed, true);
  assert.equal(network.request("read").seq, 1);
});

test("a foreign object for hello on the other connection has another one opened", () => {
  const { network, clock, session, online, greet } = setUp();
  online();
  network.deliver(DRAIN);
  clock.advance(3000);
  network.open();
  network.deliver(FOREIGN);
  clock.advance(5000);
  assert.equal(network.sockets.length, 3);
  assert.deepEqual(network.sockets.map(({ closed }) => closed), [false, true, false]);
  greet();
  assert.equal(session.state.name, "online");
});

test("where the other connection cannot be opened, this one is kept", () => {
  const { network, clock, session, online, greet } = setUp();
  online();
  network.deliver(DRAIN);
  clock.advance(3000);
  network.socket.onclose(1006);
  assert.equal(session.state.name, "online");
  clock.advance(30000);
  assert.ok(network.sockets.length > 2, "it is tried again");
  const [old] = network.sockets;
  old.onmessage(JSON.stringify({ event: "close", code: 4001, message: "" }));
  assert.equal(session.state.name, "connecting", "on what is being opened");
  greet();
  assert.equal(session.state.name, "online");
});

test("drains that come one after the other are followed ever slower", () => {
  const { network, clock, online, greet } = setUp();
  online();
  const drain = { event: "drain", reason: "loop", reconnect_in_ms: 0, spread_ms: 0 };
  const waits = [];
  for (let round = 0; round < 4; round += 1) {
    network.deliver(drain);
    const sockets = network.sockets.length;
    const began = clock.now();
    while (network.sockets.length === sockets) clock.advance(50);
    waits.push(clock.now() - began);
    greet();
  }
  assert.deepEqual(waits, [50, 1000, 2000, 4000]);
});

test("a token that has ended asks who one is again", () => {
  const { network, log, session, online } = setUp();
  online();
  network.deliver({ event: "close", code: 4500, message: "the token has ended" });
  assert.equal(session.state.reason.code, "unauthorized");
  assert.deepEqual(log, ["token null", "closed"]);
});

const LOGIN = { user: "ann", password: "correct horse" };

test("an account signs in with its password, then with the token alone", () => {
  const { network, clock, session, greet } = setUp();
  session.start({ login: LOGIN });
  greet();
  assert.deepEqual(network.request("hello").login, LOGIN);
  network.socket.onclose(1006);
  clock.advance(30000);
  network.open();
  assert.equal(network.request("hello").token, "token-1");
  assert.equal(network.request("hello").login, undefined);
  network.answer("hello", { error: { code: "unauthorized", message: "no" } });
  assert.equal(session.state.name, "closed", "there is no password to come back with");
});

test("registering is repeated with its key until it is answered", () => {
  const { network, clock, session, greet } = setUp();
  session.start({ register: LOGIN, key: "r-1" });
  network.open();
  network.socket.onclose(1006);
  clock.advance(30000);
  network.open();
  const { register, key } = network.request("hello");
  assert.deepEqual([register, key], [LOGIN, "r-1"]);
});

test("who typed a password hears what is wrong at once", () => {
  for (const error of [
    { code: "unauthorized", message: "no" },
    { code: "name_taken", message: "no" },
    { code: "rate_limited", message: "slow down", retry_ms: 60000 },
  ]) {
    const { network, session } = setUp();
    session.start({ login: LOGIN });
    network.open();
    network.answer("hello", { error });
    const { name, reason } = session.state;
    assert.deepEqual([name, reason.code, reason.retryMs], ["closed", error.code, error.retry_ms]);
  }
});

test("another token is used from then on", () => {
  const { network, clock, log, session, online } = setUp();
  online();
  session.adopt("token-2");
  assert.deepEqual(log, ["token token-2"]);
  network.socket.onclose(1006);
  clock.advance(30000);
  network.open();
  assert.equal(network.request("hello").token, "token-2");
});

test("ends for good", () => {
  const { network, clock, session, online } = setUp();
  online();
  const replies = [];
  session.request("read", { room: "lobby", seq: 1 }, collect(replies, "a"), { keep: true });
  session.stop();
  assert.deepEqual(replies, ["a stopped"]);
  assert.equal(network.socket.closed, true);
  clock.advance(100000);
  assert.equal(network.sockets.length, 1);
});
