// chat.v1 on the wire: server frames to objects that keep to the protocol, and
// requests to frames. Objects keep the members that this version does not
// know.

import { parseObject } from "./json.js";
import {
  LIMITS,
  byteLength,
  checkRoom,
  checkText,
  checkUserName,
  isAgent,
  isEpoch,
  isKey,
  isPrefix,
  isRoom,
  isToken,
} from "./names.js";
import {
  ProtocolError,
  checkShape,
  hasShape,
  isBetween,
  isBoolean,
  isInteger,
  isObject,
  isPositive,
  isString,
  isUint32,
  listOf,
  mapOfRooms,
} from "./shapes.js";

export const VERSION = 1;
export const SUBPROTOCOL = "chat.v1";

// ---- events

const LARGEST_ID = 2n ** 64n - 1n;
const isUserId = (value) =>
  isString(value) && /^[1-9][0-9]{0,19}$/.test(value) && BigInt(value) <= LARGEST_ID;
const isPersonName = (value) =>
  isString(value) && value !== "" && byteLength(value) <= LIMITS.userNameBytes;

const person = hasShape({ id: isUserId, name: isPersonName });
const ENTRY = { room: isRoom, seq: isPositive, ts: isInteger, from: person, key: isKey };

const EVENTS = {
  message: {
    ...ENTRY,
    n: isPositive,
    "text?": isString,
    "reply_to?": isPositive,
    "deleted?": isBoolean,
  },
  join: ENTRY,
  leave: ENTRY,
  typing: { room: isRoom, from: person },
  read: { room: isRoom, read: isInteger, unread: isInteger },
  membership: {
    room: isRoom,
    epoch: isEpoch,
    head: isInteger,
    state: isString,
    "read?": isInteger,
    "unread?": isInteger,
  },
  close: { code: isBetween(4000, 4999), message: isString, "retry_ms?": isInteger },
};

// Of a kind and in a state that this version knows?
export function isKnownEvent({ event, state }) {
  if (!Object.hasOwn(EVENTS, event)) return false;
  return event !== "membership" || state === "joined" || state === "left";
}

export function checkEvent(event, prefix = "") {
  if (!isString(event.event)) throw new ProtocolError(`${prefix}event: is no string`);
  if (Object.hasOwn(EVENTS, event.event)) {
    checkShape(event, EVENTS[event.event], prefix);
  } else if (Object.hasOwn(event, "seq")) {
    checkShape(event, { room: isRoom, seq: isPositive }, prefix);
  }
  if (event.event === "message" && !event.deleted && event.text === undefined) {
    throw new ProtocolError(`${prefix}text: is missing`);
  }
  return event;
}

// ---- replies

function isPageOfEntries(value, path) {
  if (!Array.isArray(value)) return false;
  return value.every((entry, index) => {
    if (!isObject(entry)) return false;
    checkShape(entry, { room: isRoom, seq: isPositive }, `${path}.`);
    checkEvent(entry, `${path}.`);
    return entry.seq === value[0].seq + index;
  });
}

const PAGE = {
  entries: isPageOfEntries,
  first: isInteger,
  head: isInteger,
  "more?": isBoolean,
};
const COMMITTED = { seq: isInteger, ts: isInteger, "dup?": isBoolean };
const HELLO_ROOM = {
  room: isRoom,
  epoch: isEpoch,
  head: isInteger,
  read: isInteger,
  unread: isInteger,
  resumed: isBoolean,
};
const HELLO_LIMITS = {
  frame_bytes: isPositive,
  text_characters: isPositive,
  text_bytes: isPositive,
  page_entries: isPositive,
  rooms: isPositive,
  in_flight: isPositive,
  connection_ms: isInteger,
};

const REPLIES = {
  hello: {
    user: hasShape({ id: isUserId, name: isPersonName, "guest?": isBoolean }),
    "token?": isToken,
    session: isString,
    ping_ms: isPositive,
    limits: hasShape(HELLO_LIMITS),
    server: hasShape({ version: isString, "color?": isString, task: isString }),
    rooms: listOf(hasShape(HELLO_ROOM)),
    "more?": isBoolean,
    rooms_rev: isInteger,
    now: isInteger,
  },
  rooms: {
    rooms: listOf(hasShape({ room: isRoom, "topic?": isString, members: isInteger })),
    "more?": isBoolean,
  },
  join: {
    ...PAGE,
    room: isRoom,
    epoch: isEpoch,
    "topic?": isString,
    members: isInteger,
    recovered: isBoolean,
  },
  leave: COMMITTED,
  send: COMMITTED,
  history: PAGE,
  read: { seq: isInteger, unread: isInteger },
  typing: {},
  ping: {
    now: isInteger,
    heads: mapOfRooms(isRoom, hasShape({ epoch: isEpoch, head: isInteger })),
    "more?": isBoolean,
    "after?": isRoom,
    rooms_rev: isInteger,
  },
};

// A reply's `ok`, once one knows what was asked.
export function checkOk(action, ok) {
  if (!isObject(ok)) throw new ProtocolError("ok: is no object");
  checkShape(ok, REPLIES[action]);
  if (action === "ping" && ok.more && ok.after === undefined) {
    throw new ProtocolError("after: is missing");
  }
  return ok;
}

const ERROR = hasShape({ code: isString, message: isString, "retry_ms?": isInteger });
const ERROR_CODES = new Set([
  "bad_request",
  "unauthorized",
  "hello_required",
  "forbidden",
  "not_found",
  "name_taken",
  "key_conflict",
  "epoch_changed",
  "too_large",
  "rate_limited",
  "busy",
  "storage",
  "version",
]);

// A reply but for its `ok`. The code of a newer server becomes "unknown".
export function checkReply(reply) {
  if (!isUint32(reply.reply)) throw new ProtocolError("reply: is wrong");
  const failed = Object.hasOwn(reply, "error");
  if (failed === Object.hasOwn(reply, "ok")) {
    throw new ProtocolError("ok, error: there is to be one of them");
  }
  if (!failed) return reply;
  if (!ERROR(reply.error, "error")) throw new ProtocolError("error: is no object");
  if (ERROR_CODES.has(reply.error.code)) return reply;
  return { ...reply, error: { ...reply.error, code: "unknown" } };
}

// ---- frames

function parseLine(line) {
  let object;
  try {
    object = parseObject(line);
  } catch (error) {
    throw new ProtocolError(error.message);
  }
  if (Object.hasOwn(object, "reply")) return { kind: "reply", object: checkReply(object) };
  if (Object.hasOwn(object, "event")) return { kind: "event", object: checkEvent(object) };
  return { kind: "foreign", object };
}

// The lines of a server frame that hold an object.
export function splitFrame(text) {
  return text.split("\n").filter((line) => /[^ \t\r]/.test(line));
}

// A server frame to a list of {kind: "reply" | "event" | "foreign", object}.
export function parseFrame(text) {
  if (byteLength(text) > LIMITS.frameBytes) {
    throw new ProtocolError("the frame is too large");
  }
  return splitFrame(text).map(parseLine);
}

// ---- requests

const isNewRoom = (value) => isString(value) && checkRoom(value) === null;
const isGuestName = (value) => isString(value) && checkUserName(value) === null;
const isMessageText = (value) => isString(value) && checkText(value) === null;
const position = hasShape({ room: isRoom, epoch: isEpoch, seq: isInteger });

// In the order of the wire.
const REQUESTS = {
  hello: {
    version: (value) => value === VERSION,
    "token?": isToken,
    "guest?": isGuestName,
    "key?": isKey,
    "agent?": isAgent,
    "resume?": listOf(position, LIMITS.userRooms),
  },
  rooms: { "prefix?": isPrefix, "after?": isRoom },
  join: {
    room: isNewRoom,
    key: isKey,
    "create?": isBoolean,
    "private?": isBoolean,
    "since?": hasShape({ epoch: isEpoch, seq: isInteger }),
    "limit?": isBetween(0, LIMITS.pageEntries),
  },
  leave: { room: isRoom, key: isKey },
  send: { room: isRoom, key: isKey, text: isMessageText, "reply_to?": isPositive },
  history: {
    room: isRoom,
    "epoch?": isEpoch,
    "before?": isInteger,
    "after?": isInteger,
    "around?": isInteger,
    "limit?": isBetween(1, LIMITS.pageEntries),
  },
  read: { room: isRoom, seq: isInteger },
  typing: { room: isRoom },
  ping: { "since?": isInteger, "after?": isRoom },
};

function checkOneOf(body, members) {
  if (members.filter((member) => Object.hasOwn(body, member)).length !== 1) {
    throw new ProtocolError(`${members.join(", ")}: there is to be one of them`);
  }
}

function checkHello(body) {
  checkOneOf(body, ["token", "guest"]);
  if (body.guest !== undefined && body.key === undefined) {
    throw new ProtocolError("key: is missing");
  }
}

// What the wire leaves out: what is absent, and what is the default anyway.
function isLeftOut(value) {
  return value === undefined || value === false || value?.length === 0;
}

function canonical(action, id, body) {
  const members = { action, id };
  for (const name of Object.keys(REQUESTS[action])) {
    const member = name.replace("?", "");
    if (!isLeftOut(body[member])) members[member] = body[member];
  }
  if ("limit?" in REQUESTS[action]) members.limit = body.limit ?? LIMITS.page;
  if (action === "hello" && members.token) delete members.key;
  return members;
}

// The frame of a request; without an id no reply comes. Throws ProtocolError
// for what no server would take: that is a mistake of the caller's.
export function encodeRequest(action, id, body) {
  if (!Object.hasOwn(REQUESTS, action)) throw new ProtocolError("action: is unknown");
  if (id !== undefined && !isUint32(id)) throw new ProtocolError("id: is wrong");
  const checked = body.token === undefined ? body : { ...body, key: undefined };
  if (checked.key === undefined) delete checked.key;
  checkShape(checked, REQUESTS[action]);
  if (action === "hello") checkHello(checked);
  if (action === "history") checkOneOf(body, ["before", "after", "around"]);
  const text = JSON.stringify(canonical(action, id, checked));
  if (byteLength(text) > LIMITS.frameBytes) {
    throw new ProtocolError("the frame is too large");
  }
  return text;
}
