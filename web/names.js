// Names and limits of chat.v1: docs/protocol.md, section "Names and limits".

export const LIMITS = Object.freeze({
  frameBytes: 30 * 1024,
  userNameBytes: 128,
  userNameGraphemes: 32,
  textCharacters: 4000,
  textBytes: 8 * 1024,
  textEscapedBytes: 10 * 1024, // as JSON writes it
  topicCharacters: 250,
  topicBytes: 1000,
  passwordLeast: 8, // bytes
  passwordMost: 256,
  emojiBytes: 32,
  mentions: 20,
  page: 50, // entries, unless another number is asked for
  pageEntries: 200,
  heldEntries: 1000,
  inFlight: 64,
  userRooms: 500,
});

export const TIMES = Object.freeze({
  reply: 35000,
  gap: 300,
  ping: 25000,
  typingInterval: 3000,
  typingLifetime: 6000,
  backoffBase: 500,
  backoffMax: 30000,
});

const encoder = new TextEncoder();

export function byteLength(string) {
  return encoder.encode(string).length;
}

export function characterCount(string) {
  let count = 0;
  for (const _ of string) count += 1;
  return count;
}

// What JSON makes of a text, without the quotes around it.
export function escapedLength(string) {
  return byteLength(JSON.stringify(string)) - 2;
}

export function graphemeCount(string) {
  if (typeof Intl.Segmenter !== "function") return characterCount(string);
  let count = 0;
  for (const _ of new Intl.Segmenter().segment(string)) count += 1;
  return count;
}

const ROOM = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const WORD = /^[A-Za-z0-9_-]+$/;
const NOT_IN_A_NAME = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/u;
const OTHER_SPACE = /(?! )\p{Zs}/u;

const isString = (value) => typeof value === "string";
const isWord = (maximum) => (value) =>
  isString(value) && value.length <= maximum && WORD.test(value);
const isBytes = (maximum) => (value) =>
  isString(value) && byteLength(value) <= maximum;

export const isRoom = (value) => isString(value) && ROOM.test(value);
export const isKey = isWord(64);
export const isEpoch = isWord(32);
export const isToken = isWord(64);
export const isAgent = isBytes(64);
export const isPrefix = isBytes(64);

// Keycaps; and clusters that begin with a symbol or punctuation outside of
// ASCII, or with one that Unicode may make an emoji yet, and hold nothing
// invisible but joiners and the tags of flags.
const KEYCAP = /^[0-9#*]\ufe0f?\u20e3$/u;
const FIRST_OF_EMOJI = /^(?![\0-\x7f])[\p{S}\p{P}]|^(?=\p{Cn})[\u{1f000}-\u{1faff}]/u;
const NOT_IN_EMOJI = /(?![\u200d\u{e0020}-\u{e007f}])\p{Cf}/u;

export function isEmoji(value) {
  if (!isString(value) || byteLength(value) > LIMITS.emojiBytes) return false;
  if (KEYCAP.test(value)) return true;
  if (!FIRST_OF_EMOJI.test(value) || NOT_IN_EMOJI.test(value)) return false;
  return graphemeCount(value) === 1;
}

// Each returns what to change, or null when the string is fine.

export function checkRoom(room) {
  if (room === "") return "Give the room a name.";
  if (!ROOM.test(room)) {
    return room.length > 64
      ? "A room’s name has at most 64 characters."
      : "Use a–z, 0–9, “.”, “_” and “-”, beginning with a letter or digit.";
  }
  return room.startsWith("dm.") ? "Names with “dm.” are reserved." : null;
}

export function checkUserName(name) {
  if (name === "") return "Choose a name.";
  if (NOT_IN_A_NAME.test(name)) return "Leave out invisible characters.";
  if (name.trim() !== name || OTHER_SPACE.test(name) || name.includes("  ")) {
    return "Put single spaces between words only.";
  }
  if (
    graphemeCount(name) > LIMITS.userNameGraphemes ||
    byteLength(name) > LIMITS.userNameBytes
  ) {
    return "A name has at most 32 characters.";
  }
  return null;
}

export function checkText(text) {
  if (text === "") return "Write something.";
  if (text.includes("\0") || /\p{Surrogate}/u.test(text)) {
    return "The text holds characters that cannot be sent.";
  }
  if (
    characterCount(text) > LIMITS.textCharacters ||
    byteLength(text) > LIMITS.textBytes ||
    escapedLength(text) > LIMITS.textEscapedBytes
  ) {
    return "The text is too long.";
  }
  return null;
}

const NOT_IN_A_LINE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

// Also a reason's rule.
export function checkTopic(topic) {
  if (NOT_IN_A_LINE.test(topic)) return "Leave out line breaks and invisible characters.";
  const { topicCharacters, topicBytes } = LIMITS;
  const long = characterCount(topic) > topicCharacters || byteLength(topic) > topicBytes;
  return long ? "At most 250 characters." : null;
}

export function checkPassword(password) {
  const length = byteLength(password);
  if (length < LIMITS.passwordLeast) return "A password has at least 8 characters.";
  if (length > LIMITS.passwordMost) return "The password is too long.";
  if (password.includes("\0") || /\p{Surrogate}/u.test(password)) {
    return "The password holds characters that cannot be sent.";
  }
  return null;
}
