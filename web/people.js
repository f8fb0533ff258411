// Who is in a room, as far as it was asked for: a list by pages, kept right by
// the entries and presence events that come meanwhile. And the names of all
// whom one has heard of.

export const RANKS = Object.freeze({ member: 0, moderator: 1, owner: 2 });

// What somebody with the role `own` may do in a room; the server decides.
export function permits(own, action, other = "member") {
  const rank = RANKS[own] ?? 0;
  if (action === "topic" || action === "invite" || action === "delete") return rank >= RANKS.moderator;
  if (action === "role") return rank === RANKS.owner;
  if (action === "lists") return rank >= RANKS.moderator;
  const reach = rank === RANKS.owner ? RANKS.owner : RANKS.moderator;
  return rank >= RANKS.moderator && RANKS[other] < reach;
}

const NAMES = 5000;

// The latest name of each user.
export class Names {
  #names = new Map();

  learn({ id, name }) {
    this.#names.delete(id);
    this.#names.set(id, name);
    if (this.#names.size > NAMES) this.#names.delete(this.#names.keys().next().value);
  }

  of(id) {
    return this.#names.get(id);
  }

  // [{id, name}]
  get all() {
    return [...this.#names].map(([id, name]) => ({ id, name }));
  }
}

export class People {
  list = new Map(); // user id -> {id, name, role, presence?}
  complete = false; // everybody is in the list
  loading = false;
  #heard = new Map(); // what came while a page was on its way

  // A page of the list; the first one begins it anew.
  take({ members, more }, first) {
    if (first) this.list.clear();
    for (const member of members) {
      const heard = this.#heard.get(member.id);
      if (heard !== null) this.list.set(member.id, { role: "member", ...member, ...heard });
    }
    for (const [id, member] of this.#heard) {
      if (member === null) this.list.delete(id);
      else if (member.name && !this.list.has(id)) this.list.set(id, { role: "member", ...member });
    }
    this.complete = !more;
    this.loading = false;
    this.#heard.clear();
  }

  get last() {
    const ids = [...this.list.keys()].map(BigInt);
    return ids.length > 0 ? String(ids.reduce((a, b) => (a > b ? a : b))) : undefined;
  }

  failed() {
    this.loading = false;
    this.#heard.clear();
  }

  // An entry of the room's log. presenceOf(id) says what other rooms know: of
  // who joins a room that itself hears nothing. Who does so is there.
  apply({ event, from, user, on, role, with: other }, presenceOf = () => undefined) {
    if (event === "join") {
      const presence = presenceOf(from.id) ?? "online";
      this.#set(from.id, { id: from.id, name: from.name, presence });
      if (other) this.#set(other.id, { id: other.id, name: other.name, presence: presenceOf(other.id) });
    } else if (event === "leave") {
      this.#remove(from.id);
    } else if (event === "kick" || (event === "ban" && on)) {
      this.#remove(user.id);
    } else if (event === "role") {
      this.#set(user.id, { id: user.id, name: user.name, role });
    }
  }

  setPresence(id, presence) {
    const shown = presence === "offline" ? undefined : presence;
    if (this.loading && this.#heard.get(id) !== null) {
      this.#heard.set(id, { ...this.#heard.get(id), presence: shown });
    }
    const member = this.list.get(id);
    if (member) this.list.set(id, { ...member, presence: shown });
  }

  #set(id, news) {
    if (this.loading) this.#heard.set(id, { ...this.#heard.get(id), ...news });
    this.list.set(id, { role: "member", ...this.list.get(id), ...news });
  }

  #remove(id) {
    if (this.loading) this.#heard.set(id, null);
    this.list.delete(id);
  }

  // Owners first, then moderators, then by name.
  get sorted() {
    return [...this.list.values()].sort(
      (a, b) => RANKS[b.role] - RANKS[a.role] || a.name.localeCompare(b.name),
    );
  }
}
