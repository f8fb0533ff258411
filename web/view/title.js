// What a room is called: "#name", or whom a direct one is with.

import { isDirect } from "../room.js";
import { safeLine } from "../text.js";
import { element } from "./dom.js";

// In plain text.
export function titleOf(client, name) {
  if (!isDirect(name)) return `#${name}`;
  return safeLine(client.partner(name)?.name ?? "Direct message");
}

// The same without the sign, isolated.
export function labelOf(client, name) {
  return isDirect(name) ? titleOf(client, name) : name;
}

export const titleNode = (client, name) => element("bdi", {}, titleOf(client, name));
