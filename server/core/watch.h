/*
 * A server whose store others write, and which hears nothing of them, asks the
 * store for the heads of its rooms with listeners: each CHAT__WATCH_MS while no
 * bus listens, and once when one does again.
 */
#ifndef CHAT_SERVER_CORE_WATCH_H
#define CHAT_SERVER_CORE_WATCH_H

#include "server/core/state.h"

#define CHAT__WATCH_MS 1000

/* Asked for at once. */
#define CHAT__WATCH_ROOMS_MAX 100

/* Begins a round when it is time. Returns when the next is, INT64_MAX: it is
 * not known. */
int64_t chat__watch_tick(struct chat__core *core, int64_t now_ms);

/* Notices may have been lost: the next tick begins a round. */
void chat__watch_missed(struct chat__core *core);

#endif
