/*
 * Work that ended elsewhere and comes back to the core as an event.
 *
 * Whoever starts asynchronous work embeds a completion in it. Whoever does
 * the work posts the completion to the sink exactly once, from any thread.
 * The owner of the sink runs posted completions on the core's thread, in an
 * order of its choice: the server in order of arrival, the simulation in any
 * order that its seed draws.
 */
#ifndef CHAT_SERVER_COMPLETION_H
#define CHAT_SERVER_COMPLETION_H

#include <stdint.h>

struct chat__completion {
    struct chat__completion *next; /* the sink's */
    void (*run)(struct chat__completion *completion);

    /* Of who watches the work on its way: store/metered.h. */
    void *watcher;
    void (*then)(struct chat__completion *completion); /* run of its maker */
    int64_t asked_us;
    int call;
};

struct chat__completion_sink {
    void (*post)(void *context, struct chat__completion *completion);
    void *context;
};

#endif
