// Checks of parsed JSON against shapes. A shape maps a member's name to its
// check, "?" behind the name marking a member that may be absent. A check is
// called with the value and the path to it and says whether the value is
// right; a check of something nested throws with a longer path.

// What a peer sent is not chat.v1. The message begins with the member.
export class ProtocolError extends Error {
  constructor(message) {
    super(message);
    this.name = "ProtocolError";
  }
}

export const isString = (value) => typeof value === "string";
export const isBoolean = (value) => typeof value === "boolean";
export const isInteger = (value) =>
  Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);
export const isPositive = (value) => isInteger(value) && value > 0;
export const isUint32 = (value) => isInteger(value) && value <= 0xffffffff;
export const isObject = (value) =>
  value !== null && typeof value === "object" && !Array.isArray(value);
export const isBetween = (minimum, maximum) => (value) =>
  isInteger(value) && value >= minimum && value <= maximum;

// Throws ProtocolError at the first member that is missing or wrong.
export function checkShape(object, shape, prefix = "") {
  for (const [name, check] of Object.entries(shape)) {
    const optional = name.endsWith("?");
    const member = optional ? name.slice(0, -1) : name;
    const path = prefix + member;
    if (!Object.hasOwn(object, member)) {
      if (optional) continue;
      throw new ProtocolError(`${path}: is missing`);
    }
    if (!check(object[member], path)) throw new ProtocolError(`${path}: is wrong`);
  }
}

export const hasShape = (shape) => (value, path) => {
  if (!isObject(value)) return false;
  checkShape(value, shape, `${path}.`);
  return true;
};

export const listOf =
  (check, most = Infinity) =>
  (value, path) =>
    Array.isArray(value) &&
    value.length <= most &&
    value.every((item) => check(item, path));

// An object that is a map from rooms.
export const mapOfRooms = (isRoom, check) => (value, path) => {
  if (!isObject(value)) return false;
  return Object.entries(value).every(([room, item]) => {
    if (!isRoom(room)) throw new ProtocolError(`${path}.room: is wrong`);
    return check(item, path);
  });
};
