// What hello does not tell of a room: its topic, how many members, who they
// are, and one's own role.

import { isDirect } from "./room.js";

// The id before this one: a page behind it begins with this one.
function idBefore(id) {
  const before = BigInt(id) - 1n;
  return before > 0n ? String(before) : undefined;
}

export class Describer {
  #request; // (action, body, done)
  #makeKey;
  #learn; // ({id, name}) => {}
  #changed; // () => {}

  constructor({ request, makeKey, learn, changed }) {
    this.#learn = learn;
    this.#request = request;
    this.#makeKey = makeKey;
    this.#changed = changed;
  }

  // Once for a room, or anew after `described` was taken back.
  describe(room, ownId) {
    if (room.described) return;
    room.described = true;
    if (isDirect(room.name)) this.#joinAgain(room);
    else this.#look(room);
    if (room.role === null) this.#learnRole(room, ownId);
    this.members(room);
  }

  // The list knows public rooms.
  #look(room) {
    this.#request("rooms", { prefix: room.name }, (error, ok) => {
      if (error) {
        room.described = false;
        return;
      }
      const found = ok.rooms.find((summary) => summary.room === room.name);
      room.listed = Boolean(found);
      if (!found) this.#joinAgain(room);
      else this.#take(room, found);
    });
  }

  // Joining twice makes no entry. A private room, which one cannot come into
  // by mistake, is described by the reply.
  #joinAgain(room) {
    room.listed = false;
    const body = { room: room.name, key: this.#makeKey(), limit: 0 };
    this.#request("join", body, (error, ok) => {
      if (ok) this.#take(room, ok);
    });
  }

  #take(room, { topic = "", members, role }) {
    if (!room.joined) return;
    room.topic = topic;
    room.members = members;
    if (role) room.role = role;
    this.#changed();
  }

  #learnRole(room, ownId) {
    const body = { room: room.name };
    const after = idBefore(ownId);
    if (after) body.after = after;
    this.#request("members", body, (error, ok) => {
      const own = ok?.members.find(({ id }) => id === ownId);
      if (!own || !room.joined) return;
      room.role = own.role;
      this.#changed();
    });
  }

  // The next page of the list; the first one, with `anew`.
  members(room, { anew = true } = {}) {
    const { people } = room;
    if (people.loading) return;
    people.loading = true;
    const after = anew ? undefined : people.last;
    this.#request("members", { room: room.name, after }, (error, ok) => {
      if (error) people.failed();
      else people.take(ok, anew);
      for (const member of ok?.members ?? []) this.#learn(member);
      this.#changed();
    });
  }
}
