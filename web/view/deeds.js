// What the user does in the current room and to its messages, with the
// questions before it.

import { checkTopic } from "../names.js";
import { confirm } from "./confirm.js";
import { problemOf } from "./problems.js";
import { prompt } from "./prompt.js";
import { titleOf } from "./title.js";

export class Deeds {
  #client;
  #storage;
  #open; // open(room) shows it
  #tell; // tell(problem) says what went wrong

  constructor({ client, storage, open, tell }) {
    this.#client = client;
    this.#storage = storage;
    this.#open = open;
    this.#tell = tell;
  }

  get #room() {
    return this.#client.rooms.get(this.#client.current);
  }

  // ---- rooms

  async leave() {
    const name = this.#client.current;
    const closed = this.#client.rooms.get(name)?.listed === false;
    const agreed = await confirm({
      heading: `Leave ${titleOf(this.#client, name)}?`,
      text: closed
        ? "This room is private: to come back you have to be invited, or written to."
        : "You can join again at any time, and read what was written meanwhile.",
      yes: "Leave",
    });
    if (agreed) this.#client.leave(name, (error) => error && this.#tell(problemOf(error)));
  }

  // An invitation; done(error).
  accept(name, done) {
    this.#client.join(name, {}, (error) => {
      done(error);
      if (!error) this.#open(name);
    });
  }

  direct(user) {
    this.#client.direct(user, (error, ok) => {
      if (error) this.#tell(problemOf(error, { not_found: "They are not there any more." }));
      else this.#open(ok.room);
    });
  }

  editTopic() {
    const { name, topic: value } = this.#room;
    prompt({
      heading: `Topic of #${name}`,
      label: "Topic",
      value,
      yes: "Save",
      check: checkTopic,
      send: (topic, done) =>
        this.#client.moderate("topic", name, { topic }, (error) => done(error && problemOf(error))),
    });
  }

  // Whom a text can address: the members as far as they are known.
  get people() {
    const people = [...(this.#room?.people.list.values() ?? [])];
    return people.filter(({ id }) => id !== this.#client.user?.id);
  }

  // ---- messages

  // {seq, name, text} of a message that is here.
  message(seq) {
    const { timeline } = this.#room;
    const { from, text } = timeline.at(seq);
    return { seq, name: from.name, text: timeline.text(seq) ?? text ?? "" };
  }

  react(seq, emoji, on) {
    this.#client.react(this.#client.current, seq, emoji, on);
    if (on) this.#storage.used(emoji);
  }

  async remove(seq) {
    const room = this.#client.current;
    const agreed = await confirm({
      heading: "Delete this message?",
      text: "Its text is erased for everybody, for ever.",
      yes: "Delete",
    });
    if (agreed) this.#client.delete(room, seq);
  }

  // The newest message of one's own that is here, as message() has it.
  get lastOwn() {
    const { timeline } = this.#room;
    const ownId = this.#client.user.id;
    const own = timeline.entries.findLast(
      ({ event, seq, from }) =>
        event === "message" && from.id === ownId && timeline.text(seq) !== null,
    );
    return own && this.message(own.seq);
  }
}
