// What is unread, where the reader has come to, and what the server knows of
// it. `room` is of the client's (room.js).

import { Markers } from "./markers.js";

export class Reading {
  #markers;
  #changed; // (room) => {}
  #current = null; // the room that is looked at
  #watching = false; // its newest entry is in view

  // request(body, done) asks "read" until it is answered.
  constructor({ request, changed }) {
    this.#markers = new Markers(request);
    this.#changed = changed;
  }

  // Look at a room, or null; the mark shows where one had read to.
  look(room) {
    this.#current = room;
    this.#watching = false;
    if (room) room.mark = room.unread > 0 ? Math.max(room.read, room.mark) : 0;
  }

  // The view says whether the newest entry is seen.
  watch(watching) {
    this.#watching = watching;
    if (watching && this.#current) this.#read(this.#current);
  }

  // Entries became part of the room's log.
  grown(room) {
    if (this.#isWatched(room)) this.#read(room);
  }

  // A message of somebody else's.
  note(room, { seq, mentions = [] }, ownId) {
    if (seq <= room.read || this.#isWatched(room)) return;
    if (room.unread === 0) room.mark = seq - 1;
    room.unread += 1;
    if (mentions.includes(ownId)) room.mentions += 1;
    this.#changed(room);
  }

  // What the server says of the marker.
  told(room, { read, unread, mentions }) {
    if (read !== undefined) room.read = read;
    if (unread !== undefined) room.unread = unread;
    if (mentions !== undefined) room.mentions = mentions;
  }

  // Another connection of the user's has read.
  elsewhere(room, event) {
    if (event.read < room.read) return;
    this.told(room, event);
    this.#changed(room);
  }

  #isWatched(room) {
    return this.#watching && room === this.#current;
  }

  #read(room) {
    const seq = room.timeline.last;
    if (room.unread > 0) {
      room.unread = 0;
      room.mentions = 0;
      this.#changed(room);
    }
    if (seq === null || seq <= room.read) return;
    room.read = seq;
    this.#markers.move(room.name, seq);
  }
}
