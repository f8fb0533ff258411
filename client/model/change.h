/*
 * How later entries change a message that is held: its text, whether it is
 * deleted, the emoji on it. Also those changes whose message is not held yet.
 *
 * An item's `upto` is the seq up to which entries about it are in it, so each
 * is applied once, whether it came live or folded with a page.
 */
#ifndef CHAT_CLIENT_MODEL_CHANGE_H
#define CHAT_CLIENT_MODEL_CHANGE_H

#include "client/model/room_log.h"

/*
 * Applies an EDIT, DELETE or REACT about the item, unless it is in it already.
 * `me` is the user's own number. False without memory; then nothing changed.
 */
bool chat__change_item(struct chat__item *item, const struct chat__entry *entry,
                       uint64_t me);

/* Puts the item in the state that a page told, unless a newer one is there. */
bool chat__change_fold(struct chat__item *item,
                       const struct chat__change *change, uint64_t me);

/* Whether an entry is no item, but changes one. */
bool chat__is_change(const struct chat__entry *entry);

/* Into the window what a page says of its messages. */
bool chat__room_log_change_page(struct chat__room_log *log,
                                const struct chat__page *page);

/* ---- changes that wait for their message ---- */

/* Beyond these the oldest are forgotten: a page tells them again. */
#define CHAT__KEPT_MAX       512
#define CHAT__KEPT_BYTES_MAX (256 * 1024)

/* Keeps one; false without memory. */
bool chat__kept_add(struct chat__kept *kept, const struct chat__entry *entry);

/*
 * The kept change at an index, in order of seq; valid until the next call of
 * chat__kept_add or chat__kept_remove.
 */
struct chat__entry chat__kept_at(const struct chat__kept *kept, size_t index);

void chat__kept_remove(struct chat__kept *kept, size_t index);
void chat__kept_release(struct chat__kept *kept);

#endif
