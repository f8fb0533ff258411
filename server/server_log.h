/*
 * The log as an observer of the core: what it says of requests, connections
 * and sign-ins. man/chatd.8.scd, "LOG", is the list.
 *
 * A line for each request is for the level debug; at the others only the slow
 * ones are said. A busy server has no line for each connection either, but one
 * for each that the server itself closed, with the reason.
 */
#ifndef CHAT_SERVER_SERVER_LOG_H
#define CHAT_SERVER_SERVER_LOG_H

#include "server/core/observer.h"

/* What takes longer than this is said at the level warning. */
#define CHAT__SLOW_REQUEST_MS 1000

extern const struct chat__observer chat__log_observer;

#endif
