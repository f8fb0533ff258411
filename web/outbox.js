// Messages, edits, deletes and reactions on their way to the server. One is
// "sending" until it is acknowledged, then "sent" until its entry is seen in
// the room's log, or "failed" until the user retries or discards it. Its key
// never changes, so that a repetition has its effect once. Rooms are
// independent; in a room all go out in order, at most `inFlight` unanswered.
//
// What is sent: {kind: "send", text, replyTo?, mentions?}, {kind: "edit", ref,
// text}, {kind: "delete", ref} or {kind: "react", ref, emoji, on}.
//
// The store keeps what is not acknowledged, so that it survives a reload:
//   load() -> items, put(item), remove(key)
// `submit(item, done)` sends one; done(error) with error.unsure, or
// error.temporary and error.retryMs, or a refusal; done(null, ok) else.

export const CAPACITY = Object.freeze({ messages: 200, characters: 262144 });

const BEGUN_ANEW = Object.freeze({
  code: "epoch_changed",
  message: "The server was restored to a time before this.",
});

// What of an item outlives the page.
const KEPT = "key room kind text replyTo mentions ref emoji on made error".split(" ");

export class Outbox {
  #items = []; // in the order of their making
  #paused = new Map(); // room -> the timer of its pause
  #inFlight = 0; // 0: offline
  #store;
  #clock;
  #submit;
  #changed;

  constructor({ store, clock, submit, changed }) {
    this.#store = store;
    this.#clock = clock;
    this.#submit = submit;
    this.#changed = changed;
    for (const item of store.load()) {
      const state = item.error ? "failed" : "sending";
      this.#items.push({ kind: "send", ...item, state, flying: false });
    }
    this.#items.sort((a, b) => a.made - b.made);
  }

  items(room) {
    return this.#items.filter((item) => item.room === room);
  }

  // How many are not acknowledged yet.
  get unsent() {
    return this.#items.filter((item) => item.state !== "sent").length;
  }

  // False when the outbox is full.
  add({ kind = "send", ...what }) {
    const { room, text = "" } = what;
    const characters = this.#items.reduce((sum, item) => sum + (item.text?.length ?? 0), 0);
    if (
      this.#items.length >= CAPACITY.messages ||
      characters + text.length > CAPACITY.characters
    ) {
      return false;
    }
    const newest = this.#items.at(-1)?.made ?? 0;
    const made = Math.max(this.#clock.now(), newest + 1);
    const item = { kind, ...what, made, state: "sending", error: null, flying: false };
    this.#items.push(item);
    this.#save(item);
    this.#changed(room);
    this.#pump(room);
    return true;
  }

  // The connection can take requests, `inFlight` for a room.
  resume(inFlight) {
    this.#inFlight = inFlight;
    for (const room of new Set(this.#items.map((item) => item.room))) {
      this.#pump(room);
    }
  }

  suspend() {
    this.#inFlight = 0;
    for (const timer of this.#paused.values()) this.#clock.clearTimeout(timer);
    this.#paused.clear();
  }

  retry(key) {
    const item = this.#find(key);
    if (item?.state !== "failed") return;
    if (item.error.code === BEGUN_ANEW.code) {
      this.#drop(item); // it means a message that is gone
      return;
    }
    item.state = "sending";
    item.error = null;
    this.#save(item);
    this.#changed(item.room);
    this.#pump(item.room);
  }

  discard(key) {
    const item = this.#find(key);
    if (item?.state === "failed") this.#drop(item);
  }

  // The room has another log: what was acknowledged was so in the one that is
  // gone, and where a change points to there is another message now.
  begunAnew(room) {
    for (const item of this.items(room)) {
      if (item.state === "sent") this.#drop(item);
      else if (item.ref !== undefined) this.#fail(item, BEGUN_ANEW);
    }
  }

  // The entry with this key is in the room's log.
  seen(key) {
    const item = this.#find(key);
    if (item) this.#drop(item);
  }

  // Forgets a room's messages, also in the store; without a name, all.
  clear(room) {
    const concerned = (item) => room === undefined || item.room === room;
    for (const item of this.#items.filter(concerned)) this.#store.remove(item.key);
    this.#items = this.#items.filter((item) => !concerned(item));
  }

  #find(key) {
    return this.#items.find((item) => item.key === key);
  }

  #save(item) {
    const kept = KEPT.filter((name) => item[name] !== undefined);
    this.#store.put(Object.fromEntries(kept.map((name) => [name, item[name]])));
  }

  #drop(item) {
    this.#items.splice(this.#items.indexOf(item), 1);
    this.#store.remove(item.key);
    this.#changed(item.room);
    this.#pump(item.room);
  }

  #pump(room) {
    if (this.#paused.has(room)) return;
    const open = this.items(room).filter((item) => item.state === "sending");
    let flying = open.filter((item) => item.flying).length;
    for (const item of open) {
      if (flying >= this.#inFlight) return;
      if (item.flying) continue;
      item.flying = true;
      flying += 1;
      this.#submit(item, (error, ok) => this.#done(item, error, ok));
    }
  }

  #done(item, error, ok) {
    item.flying = false;
    if (!this.#items.includes(item) || item.state === "failed") return;
    if (error === null) {
      item.state = "sent";
      item.seq = ok.seq;
      this.#store.remove(item.key);
    } else if (error.temporary && !error.unsure) {
      this.#pause(item.room, error.retryMs);
    } else if (!error.unsure) {
      this.#fail(item, error);
    }
    this.#changed(item.room);
    this.#pump(item.room);
  }

  #fail(item, { code, message }) {
    item.state = "failed";
    item.error = { code, message };
    this.#save(item);
    this.#changed(item.room);
  }

  #pause(room, retryMs) {
    if (this.#inFlight === 0 || this.#paused.has(room)) return;
    const timer = this.#clock.setTimeout(() => {
      this.#paused.delete(room);
      this.#pump(room);
    }, retryMs);
    this.#paused.set(room, timer);
  }
}
