// What a server may tell of itself: events, and among them the entries of a
// room's log. Their shapes are those of docs/protocol.md, section "Events".

import { LIMITS, byteLength, isEmoji, isEpoch, isKey, isRoom } from "./names.js";
import {
  ProtocolError,
  checkShape,
  hasShape,
  isBetween,
  isBoolean,
  isInteger,
  isPositive,
  isString,
  listOf,
} from "./shapes.js";

const LARGEST_ID = 2n ** 64n - 1n;
export const isUserId = (value) =>
  isString(value) && /^[1-9][0-9]{0,19}$/.test(value) && BigInt(value) <= LARGEST_ID;
export const isPersonName = (value) =>
  isString(value) && value !== "" && byteLength(value) <= LIMITS.userNameBytes;
export const isPerson = hasShape({ id: isUserId, name: isPersonName });
export const isMentions = (value, path) =>
  listOf(isUserId, LIMITS.mentions)(value, path) && new Set(value).size === value.length;

export const ROLES = Object.freeze(["member", "moderator", "owner"]);
export const PRESENCES = Object.freeze(["online", "away", "dnd"]);
export const knownRole = (role) => (ROLES.includes(role) ? role : "member");
export const knownPresence = (presence) =>
  PRESENCES.includes(presence) || presence === "offline" ? presence : "online";
const MEMBERSHIPS = ["joined", "invited", "left", "removed"];

const ENTRY = { room: isRoom, seq: isPositive, ts: isInteger, from: isPerson, key: isKey };
const ABOUT_MESSAGE = { ...ENTRY, ref: isPositive };
const ABOUT_USER = { ...ENTRY, user: isPerson };

const EVENTS = {
  message: {
    ...ENTRY,
    n: isPositive,
    "text?": isString,
    "reply_to?": isPositive,
    "mentions?": isMentions,
    "deleted?": isBoolean,
  },
  edit: { ...ABOUT_MESSAGE, "text?": isString, "deleted?": isBoolean },
  delete: ABOUT_MESSAGE,
  react: { ...ABOUT_MESSAGE, emoji: isEmoji, on: isBoolean },
  join: { ...ENTRY, "with?": isPerson },
  leave: ENTRY,
  topic: { ...ENTRY, topic: isString },
  invite: ABOUT_USER,
  kick: { ...ABOUT_USER, "reason?": isString },
  ban: { ...ABOUT_USER, on: isBoolean, "reason?": isString },
  role: { ...ABOUT_USER, role: isString },
  typing: { room: isRoom, from: isPerson },
  presence: { room: isRoom, users: listOf(hasShape({ id: isUserId, presence: isString })) },
  read: { room: isRoom, read: isInteger, unread: isInteger, mentions: isInteger },
  membership: {
    room: isRoom,
    epoch: isEpoch,
    head: isInteger,
    state: isString,
    "by?": isPerson,
    "read?": isInteger,
    "unread?": isInteger,
    "mentions?": isInteger,
  },
  drain: {
    reason: isString,
    reconnect_in_ms: isInteger,
    spread_ms: isInteger,
    "url?": isString,
  },
  close: { code: isBetween(1003, 4999), message: isString, "retry_ms?": isInteger },
};

// Of a kind, in a state and with a role that this version knows?
export function isKnownEvent({ event, state, role }) {
  if (!Object.hasOwn(EVENTS, event)) return false;
  if (event === "role") return ROLES.includes(role);
  return event !== "membership" || MEMBERSHIPS.includes(state);
}

// `deleted` stands in the place of a text; one of them is there.
function checkText(event, prefix) {
  if (event.event !== "message" && event.event !== "edit") return;
  if (!event.deleted && event.text === undefined) {
    throw new ProtocolError(`${prefix}text: is missing`);
  }
}

function checkMembership(event, prefix) {
  const needsBy = event.state === "invited" || event.state === "removed";
  if (event.event === "membership" && needsBy && event.by === undefined) {
    throw new ProtocolError(`${prefix}by: is missing`);
  }
}

function plainPresence(event) {
  const users = event.users.map((user) => ({
    ...user,
    presence: knownPresence(user.presence),
  }));
  return { ...event, users };
}

export function checkEvent(event, prefix = "") {
  if (!isString(event.event)) throw new ProtocolError(`${prefix}event: is no string`);
  if (Object.hasOwn(EVENTS, event.event)) {
    checkShape(event, EVENTS[event.event], prefix);
    checkText(event, prefix);
    checkMembership(event, prefix);
  } else if (Object.hasOwn(event, "seq")) {
    checkShape(event, { room: isRoom, seq: isPositive }, prefix);
  }
  return event.event === "presence" ? plainPresence(event) : event;
}
