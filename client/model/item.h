/*
 * One item of a room_log.h and a run of them. Memory only: which items are
 * held is room_log.c's.
 */
#ifndef CHAT_CLIENT_MODEL_ITEM_H
#define CHAT_CLIENT_MODEL_ITEM_H

#include "client/model/room_log.h"

/* From an entry or, with seq 0, for a notice. */
bool chat__item_init(struct chat__item *item, const struct chat__entry *entry);
void chat__item_release(struct chat__item *item);

/*
 * The text of a message as it is shown, and how much of it is the sender's.
 * `untrusted` NULL is "". False without memory.
 */
bool chat__item_text(const char *untrusted, bool edited,
                     struct chat__safe_text *text, size_t *body);

/* Takes over a text in the place of the item's. */
void chat__item_set_text(struct chat__item *item, struct chat__safe_text *text);

/* What an item counts towards the limit of its log. */
size_t chat__item_bytes(const struct chat__item *item);

/* Room for `more` items. */
bool chat__items_reserve(struct chat__items *items, size_t more);

/* Takes over `count` items; there must be room for them. */
void chat__items_insert(struct chat__items *items, size_t index,
                        const struct chat__item *added, size_t count);

/* Releases `count` items from `index` on. */
void chat__items_remove(struct chat__items *items, size_t index, size_t count);
void chat__items_release(struct chat__items *items);

#endif
