// chat.v1 on the wire: server frames to objects that keep to the protocol, and
// requests to frames. Objects keep the members that this version does not
// know.

import { PRESENCES, ROLES, checkEvent, isMentions, isUserId } from "./events.js";
import { parseObject } from "./json.js";
import {
  LIMITS,
  byteLength,
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
  isRoom,
  isToken,
} from "./names.js";
import { checkReply } from "./replies.js";
import {
  ProtocolError,
  checkShape,
  hasShape,
  isBetween,
  isBoolean,
  isInteger,
  isPositive,
  isString,
  isUint32,
  listOf,
} from "./shapes.js";

export const VERSION = 1;
export const SUBPROTOCOL = "chat.v1";

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

const passes = (check) => (value) => isString(value) && check(value) === null;
const isOneOf = (names) => (value) => names.includes(value);
const isGuestName = passes(checkUserName);
const isMessageText = passes(checkText);
const isPassword = passes(checkPassword);
const isTopic = passes(checkTopic);
const position = hasShape({ room: isRoom, epoch: isEpoch, seq: isInteger });
const account = hasShape({ user: isGuestName, password: isPassword });
const isLimit = (least) => isBetween(least, LIMITS.pageEntries);
const KEYED = { room: isRoom, key: isKey };

// In the order of the wire.
const REQUESTS = {
  hello: {
    version: (value) => value === VERSION,
    "token?": isToken,
    "guest?": isGuestName,
    "login?": account,
    "register?": account,
    "key?": isKey,
    "agent?": isAgent,
    "resume?": listOf(position, LIMITS.userRooms),
  },
  logout: { "all?": isBoolean },
  password: { old: isPassword, new: isPassword },
  rooms: { "prefix?": isPrefix, "after?": isRoom },
  join: {
    ...KEYED,
    "create?": isBoolean,
    "private?": isBoolean,
    "since?": hasShape({ epoch: isEpoch, seq: isInteger }),
    "limit?": isLimit(0),
  },
  dm: { user: isUserId, key: isKey, "limit?": isLimit(0) },
  leave: KEYED,
  send: { ...KEYED, text: isMessageText, "reply_to?": isPositive, "mentions?": isMentions },
  edit: { ...KEYED, ref: isPositive, text: isMessageText },
  delete: { ...KEYED, ref: isPositive },
  react: { ...KEYED, ref: isPositive, emoji: isEmoji, on: isBoolean },
  topic: { ...KEYED, topic: isTopic },
  invite: { ...KEYED, user: isUserId },
  kick: { ...KEYED, user: isUserId, "reason?": isTopic },
  ban: { ...KEYED, user: isUserId, on: isBoolean, "reason?": isTopic },
  role: { ...KEYED, user: isUserId, role: isOneOf(ROLES) },
  history: {
    room: isRoom,
    "epoch?": isEpoch,
    "before?": isInteger,
    "after?": isInteger,
    "around?": isInteger,
    "limit?": isLimit(1),
  },
  members: {
    room: isRoom,
    "after?": isUserId,
    "list?": isOneOf(["members", "invited", "banned"]),
  },
  read: { room: isRoom, seq: isInteger },
  typing: { room: isRoom },
  presence: { state: isOneOf(PRESENCES) },
  ping: { "since?": isInteger, "after?": isRoom },
};

function checkOneOf(body, members) {
  if (members.filter((member) => Object.hasOwn(body, member)).length !== 1) {
    throw new ProtocolError(`${members.join(", ")}: there is to be one of them`);
  }
}

const needsKey = ({ guest, register }) => guest !== undefined || register !== undefined;

function checkHello(body) {
  checkOneOf(body, ["token", "guest", "login", "register"]);
  if (needsKey(body) && body.key === undefined) throw new ProtocolError("key: is missing");
}

function checkJoin({ room, create, private: isPrivate }) {
  if (create && checkRoom(room) !== null) throw new ProtocolError("room: is reserved");
  if (isPrivate && !create) throw new ProtocolError("private: needs create");
}

// What the wire leaves out of optional members: what is the default anyway.
function isLeftOut(name, value) {
  if (value === undefined || value === false || value?.length === 0) return true;
  return name === "list?" && value === "members";
}

function canonical(action, id, body) {
  const members = { action, id };
  for (const name of Object.keys(REQUESTS[action])) {
    const member = name.replace("?", "");
    if (!name.endsWith("?") || !isLeftOut(name, body[member])) members[member] = body[member];
  }
  if ("limit?" in REQUESTS[action]) members.limit = body.limit ?? LIMITS.page;
  return members;
}

// What is undefined is absent, and a key beside a credential that needs none
// is ignored, whatever it is.
function present(action, body) {
  const members = Object.entries(body).filter(([, value]) => value !== undefined);
  const { key, ...rest } = Object.fromEntries(members);
  return key === undefined || (action === "hello" && !needsKey(rest)) ? rest : { ...rest, key };
}

// The frame of a request; without an id no reply comes. Throws ProtocolError
// for what no server would take: that is a mistake of the caller's.
export function encodeRequest(action, id, body) {
  if (!Object.hasOwn(REQUESTS, action)) throw new ProtocolError("action: is unknown");
  if (id !== undefined && !isUint32(id)) throw new ProtocolError("id: is wrong");
  const checked = present(action, body);
  checkShape(checked, REQUESTS[action]);
  if (action === "hello") checkHello(checked);
  if (action === "join") checkJoin(checked);
  if (action === "history") checkOneOf(checked, ["before", "after", "around"]);
  const text = JSON.stringify(canonical(action, id, checked));
  if (byteLength(text) > LIMITS.frameBytes) {
    throw new ProtocolError("the frame is too large");
  }
  return text;
}
