// Tells the server how far the user has read: one request at a time for a
// room, the latest place winning.

export class Markers {
  #request; // (body, done) asks until it is answered
  #wanted = new Map(); // room name -> seq

  constructor(request) {
    this.#request = request;
  }

  move(room, seq) {
    const asked = this.#wanted.has(room);
    this.#wanted.set(room, seq);
    if (!asked) this.#ask(room);
  }

  #ask(room) {
    const seq = this.#wanted.get(room);
    this.#request({ room, seq }, (error) => {
      const again = !error && this.#wanted.get(room) > seq;
      if (again) this.#ask(room);
      else this.#wanted.delete(room);
    });
  }
}
