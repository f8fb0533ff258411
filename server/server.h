/*
 * A running chatd: the loop, and what it ties together: store, core, front.
 *
 * new opens everything and logs "listening"; run serves until a signal has
 * drained it; free closes the rest. One loop and one thread, on which all of
 * this is called.
 */
#ifndef CHAT_SERVER_SERVER_H
#define CHAT_SERVER_SERVER_H

#include "server/options/options.h"

#include <stdbool.h>

/* What a client that moves at the last moment needs for it. */
#define CHAT__DRAIN_GRACE_MS 2000

/*
 * Where another chatd waits to begin, clients that were told have so long to
 * say that they go: each waits for the slowest.
 */
#define CHAT__GOODBYE_MS 250

/*
 * What is left after a drain, or a second signal: appends that are under way,
 * the end of the database. Who takes longer is ended by force.
 */
#define CHAT__STOP_TIMEOUT_MS 5000

struct chat__server;

/*
 * NULL when it cannot serve; the log says why. A reload changes the options,
 * which must outlive the server.
 */
struct chat__server *chat__server_new(struct chat__options *options);

/*
 * True when it ended by a drain, false when a second signal cut that short.
 * From the first signal on, until the server is freed, the process has a time
 * limit, whatever hangs: --drain-spread, --drain-timeout and the two above.
 */
bool chat__server_run(struct chat__server *server);

void chat__server_free(struct chat__server *server);

#endif
