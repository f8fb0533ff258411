// What a server may answer: docs/protocol.md, section "Requests".

import { checkEvent, isPerson, isPersonName, isUserId, knownPresence, knownRole } from "./events.js";
import { isEmoji, isEpoch, isRoom, isToken } from "./names.js";
import {
  ProtocolError,
  checkShape,
  hasShape,
  isBoolean,
  isInteger,
  isObject,
  isPositive,
  isString,
  isUint32,
  listOf,
  mapOfRooms,
} from "./shapes.js";

function isPageOfEntries(value, path) {
  if (!Array.isArray(value)) return false;
  return value.every((entry, index) => {
    if (!isObject(entry)) return false;
    checkShape(entry, { room: isRoom, seq: isPositive }, `${path}.`);
    return entry.seq === value[0].seq + index;
  });
}

const isChange = hasShape({
  ref: isPositive,
  upto: isPositive,
  "edit?": isPositive,
  "text?": isString,
  "deleted?": isBoolean,
  "reactions?": listOf(hasShape({ emoji: isEmoji, users: listOf(isUserId) })),
});

function isListOfChanges(value, path) {
  if (!listOf(isChange)(value, path)) return false;
  value.forEach((change, index) => {
    if (index > 0 && change.ref <= value[index - 1].ref) {
      throw new ProtocolError(`${path}.ref: is out of order`);
    }
  });
  return true;
}

const PAGE = {
  entries: isPageOfEntries,
  changes: isListOfChanges,
  first: isInteger,
  head: isInteger,
  "more?": isBoolean,
};
const COMMITTED = { seq: isInteger, ts: isInteger, "dup?": isBoolean };
const JOINED = {
  ...PAGE,
  room: isRoom,
  epoch: isEpoch,
  "topic?": isString,
  members: isInteger,
  role: isString,
  recovered: isBoolean,
};
const HELLO_ROOM = {
  room: isRoom,
  epoch: isEpoch,
  head: isInteger,
  read: isInteger,
  unread: isInteger,
  mentions: isInteger,
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
    invites: listOf(hasShape({ room: isRoom, by: isPerson })),
    rooms: listOf(hasShape(HELLO_ROOM)),
    "more?": isBoolean,
    rooms_rev: isInteger,
    now: isInteger,
  },
  logout: {},
  password: { token: isToken },
  rooms: {
    rooms: listOf(hasShape({ room: isRoom, "topic?": isString, members: isInteger })),
    "more?": isBoolean,
  },
  join: JOINED,
  dm: JOINED,
  leave: COMMITTED,
  send: COMMITTED,
  edit: COMMITTED,
  delete: COMMITTED,
  react: COMMITTED,
  topic: COMMITTED,
  invite: COMMITTED,
  kick: COMMITTED,
  ban: COMMITTED,
  role: COMMITTED,
  history: PAGE,
  members: {
    members: listOf(
      hasShape({ id: isUserId, name: isPersonName, "role?": isString, "presence?": isString }),
    ),
    "more?": isBoolean,
  },
  read: { seq: isInteger, unread: isInteger, mentions: isInteger },
  typing: {},
  presence: {},
  ping: {
    now: isInteger,
    heads: mapOfRooms(isRoom, hasShape({ epoch: isEpoch, head: isInteger })),
    "more?": isBoolean,
    "after?": isRoom,
    rooms_rev: isInteger,
  },
};

// Roles and presences of a later version become those of this one.
function plainMember({ role, presence, ...member }) {
  if (role !== undefined) member.role = knownRole(role);
  if (presence !== undefined) member.presence = knownPresence(presence);
  return member;
}

// A reply's `ok`, once one knows what was asked. Of the entries in it only
// that they are a stretch of a log: see checkEntries.
export function checkOk(action, ok) {
  if (!isObject(ok)) throw new ProtocolError("ok: is no object");
  checkShape(ok, REPLIES[action]);
  if (action === "ping" && ok.more && ok.after === undefined) {
    throw new ProtocolError("after: is missing");
  }
  if (action === "members") return { ...ok, members: ok.members.map(plainMember) };
  return ok.role === undefined ? ok : { ...ok, role: knownRole(ok.role) };
}

// The entries of a page, which checkOk takes as they are.
export function checkEntries({ entries = [] }) {
  for (const entry of entries) checkEvent(entry, "entries.");
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
