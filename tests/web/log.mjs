// What a server does with a room's log, in the plainest words: the model that
// the client's own folding is held against.

// A delete takes the texts of its message and of that message's edits.
export function erase(log, ref) {
  log.forEach((entry, index) => {
    if (entry.seq !== ref && (entry.event !== "edit" || entry.ref !== ref)) return;
    const { text, mentions, ...rest } = entry;
    log[index] = { ...rest, deleted: true };
  });
}

// How the log left the message `ref`; null: as it was sent.
export function changeOf(log, ref) {
  const about = log.filter((entry) => entry.ref === ref);
  if (about.length === 0) return null;
  const upto = log.length;
  if (about.some(({ event }) => event === "delete")) return { ref, upto, deleted: true };
  const edit = about.findLast(({ event }) => event === "edit");
  const on = new Map();
  for (const { event, from, emoji, on: isOn } of about) {
    if (event !== "react") continue;
    const users = (on.get(emoji) ?? []).filter((id) => id !== from.id || isOn);
    if (isOn && !users.includes(from.id)) users.push(from.id);
    if (users.length > 0) on.set(emoji, users);
    else on.delete(emoji);
  }
  const reactions = [...on].map(([emoji, users]) => ({ emoji, users }));
  return {
    ref,
    upto,
    ...(edit ? { edit: edit.seq, text: edit.text } : {}),
    ...(reactions.length > 0 ? { reactions } : {}),
  };
}
