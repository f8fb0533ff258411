// Names in texts: "@name" addresses who has that name.

import { LIMITS } from "./names.js";

const WORD = /[\p{L}\p{N}_]/u;

const folded = (string) => string.toLocaleLowerCase();

// May a name begin at (end before) this place of the text?
const isEdge = (text, index) => !WORD.test(text[index] ?? "");

// The people, longest names first, so that "@Ann B" is not "@Ann".
function byLength(people) {
  return [...people].sort((a, b) => b.name.length - a.name.length);
}

// The places of names: [{start, end, people}], `people` all with that name.
export function findNames(text, people) {
  const sorted = byLength(people);
  const found = [];
  for (let at = text.indexOf("@"); at !== -1; at = text.indexOf("@", at + 1)) {
    if (!isEdge(text, at - 1)) continue;
    const name = sorted.find(({ name: candidate }) => {
      const end = at + 1 + candidate.length;
      return folded(text.slice(at + 1, end)) === folded(candidate) && isEdge(text, end);
    })?.name;
    if (name === undefined) continue;
    const same = sorted.filter((person) => folded(person.name) === folded(name));
    found.push({ start: at, end: at + 1 + name.length, people: same });
  }
  return found;
}

// The user ids to send with a text. `chosen` are ids that the writer picked
// from a list: of several with one name these are meant, else all.
export function mentionsOf(text, people, chosen = new Set()) {
  const ids = new Set();
  for (const { people: same } of findNames(text, people)) {
    const picked = same.filter(({ id }) => chosen.has(id));
    for (const { id } of picked.length > 0 ? picked : same) ids.add(id);
  }
  return [...ids].slice(0, LIMITS.mentions);
}

// What is being completed when the cursor is at `cursor`: {start, prefix}.
export function nameAt(text, cursor) {
  const start = text.lastIndexOf("@", cursor - 1);
  if (start === -1 || !isEdge(text, start - 1)) return null;
  const prefix = text.slice(start + 1, cursor);
  return prefix.includes("\n") || prefix.length > 32 ? null : { start, prefix };
}

// Who the prefix may mean, at most `most`: names that begin with it, then
// those with a word that does.
export function complete(prefix, people, most = 8) {
  const wanted = folded(prefix);
  const rank = ({ name }) => {
    if (folded(name).startsWith(wanted)) return 0;
    return folded(name).split(/[\s._-]+/u).some((word) => word.startsWith(wanted)) ? 1 : 2;
  };
  return people
    .map((person) => ({ person, rank: rank(person) }))
    .filter((candidate) => candidate.rank < 2)
    .sort((a, b) => a.rank - b.rank || a.person.name.localeCompare(b.person.name))
    .slice(0, most)
    .map(({ person }) => person);
}
