/*
 * Who is there at other tasks, as far as they say so: soft, for
 * CHAT__ELSEWHERE_MS behind the last time that it was said. Of at most
 * CHAT__ELSEWHERE_MAX users; of more nobody hears.
 *
 * And the other way: each task repeats of those who are there, each
 * CHAT__ELSEWHERE_REPEAT_MS, a part at each tick.
 */
#ifndef CHAT_SERVER_CORE_ELSEWHERE_H
#define CHAT_SERVER_CORE_ELSEWHERE_H

#include "protocol/event.h"
#include "server/core/state.h"

#define CHAT__ELSEWHERE_MS        30000
#define CHAT__ELSEWHERE_REPEAT_MS 10000
#define CHAT__ELSEWHERE_MAX       65536

/* A task says so; `state` is what the bus brought. */
void chat__elsewhere_hear(struct chat__core *core, uint64_t user,
                          unsigned int state);

/* OFFLINE for one of whom nobody says more. */
enum chat__presence chat__elsewhere_presence(const struct chat__core *core,
                                             uint64_t user);

/* Rooms hear of what has changed; the others, of those who are there. */
void chat__elsewhere_tick(struct chat__core *core, int64_t now_ms);

void chat__elsewhere_release(struct chat__core *core);

#endif
