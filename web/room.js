// One room of the user's, as data.

import { People } from "./people.js";
import { Timeline } from "./timeline.js";

const DIRECT = /^dm\.([1-9][0-9]*)\.([1-9][0-9]*)$/;

export function makeRoom(name) {
  return {
    name,
    joined: false,
    named: 0, // the newest head at which the server named it as the user's
    topic: "",
    members: null, // how many
    role: null, // one's own; null: not known
    listed: null, // is it a public room? null: not known
    described: false, // topic, members, role were asked for
    people: new People(),
    timeline: new Timeline(),
    read: 0,
    unread: 0,
    mentions: 0, // among the unread
    mark: 0, // the line "new" stands behind this seq; 0: none
    typing: new Map(), // user id -> {name, timer}
    loading: false, // older entries are on their way
  };
}

export const isDirect = (name) => DIRECT.test(name);

// Whom one talks to in a direct room: a user id, null in other rooms.
export function otherOf(name, ownId) {
  const [, lower, higher] = DIRECT.exec(name) ?? [];
  if (!lower) return null;
  return lower === ownId ? higher : lower;
}
