// How a message looks: what its log made of it, with what the user has asked
// for and the log does not show yet.

function toggle(reactions, { emoji, on }, ownId) {
  const users = (reactions.get(emoji) ?? []).filter((id) => id !== ownId);
  if (on) users.push(ownId);
  if (users.length > 0) reactions.set(emoji, users);
  else reactions.delete(emoji);
}

// {text (null: deleted), edited, reactions: [{emoji, users, mine}], waits:
// "edit" | "delete" | null, failed: [item]}. `items` are the outbox's about
// this message.
export function lookOf(timeline, entry, items, ownId) {
  const state = timeline.changes.of(entry.seq);
  const look = {
    text: timeline.text(entry.seq) === null ? null : (timeline.text(entry.seq) ?? entry.text),
    edited: Boolean(state?.edit),
    waits: null,
    failed: items.filter((item) => item.state === "failed"),
  };
  const reactions = new Map([...(state?.reactions ?? [])].map(([emoji, users]) => [emoji, [...users]]));
  for (const item of items) {
    if (item.state === "failed") continue;
    if (item.kind === "react") toggle(reactions, item, ownId);
    else look.waits = item.kind;
    if (item.kind === "edit") Object.assign(look, { text: item.text, edited: true });
  }
  look.reactions = [...reactions].map(([emoji, users]) => ({
    emoji,
    users,
    mine: users.includes(ownId),
  }));
  return look;
}
