/*
 * Folding: entries that follow each other and only say who came and went are
 * shown as one, at the place of the first. A day or the line of the new ends
 * such a run, and it is a small part of what a log may hold; every other item
 * is a run of itself.
 *
 * For one thread. What is returned is valid until the log changes.
 */
#ifndef CHAT_CLIENT_MODEL_FOLD_H
#define CHAT_CLIENT_MODEL_FOLD_H

#include "client/model/room_log.h"

/* Whether a new day, or what is new, begins with an item. */
bool chat__begins_day(struct chat__room_log *log, size_t index);
bool chat__begins_new(struct chat__room_log *log, size_t index);

/* The seq of the nearest entry before an index; 0: none is held. */
uint64_t chat__seq_before(struct chat__room_log *log, size_t index);

/* The first item of the run that an item is in, and the one behind it. */
size_t chat__fold_start(struct chat__room_log *log, size_t index);
size_t chat__fold_end(struct chat__room_log *log, size_t index);

/* Brings the fold of the first item of a run up to date. */
void chat__fold(struct chat__room_log *log, size_t start);

/* What such an item shows. */
const struct chat__safe_text *chat__fold_text(const struct chat__item *start);

#endif
