/*
 * A store that counts what another is asked for and how it answers: calls and
 * answers by kind, how long they take, how many entries an append has.
 *
 * Lives in its owner's memory and takes none. A request's completion is marked
 * on its way in, and is as its caller made it when it runs. Used on the thread
 * on which completions run.
 */
#ifndef CHAT_SERVER_STORE_METERED_H
#define CHAT_SERVER_STORE_METERED_H

#include "server/ops/metrics.h"
#include "server/store/store.h"

struct chat__metered_store {
    struct chat__store store;  /* what the core is given */
    struct chat__store *inner; /* borrowed, as all below */
    struct chat__metrics *metrics;
    int64_t (*now_us)(void *context); /* monotonic */
    void *context;
    uint64_t waiting; /* calls that are not answered yet */
};

/* Sets `store`; all that is borrowed has been set. Closing `store` does
 * nothing. */
void chat__metered_store_init(struct chat__metered_store *metered);

#endif
