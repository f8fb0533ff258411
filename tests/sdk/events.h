/*
 * A handle whose events are kept as lines of text, for tests over real
 * sockets. Waiting is for events, with the patience of peer.h.
 */
#ifndef CHAT_TESTS_SDK_EVENTS_H
#define CHAT_TESTS_SDK_EVENTS_H

#include "chat/client.h"

#include <stdbool.h>
#include <stddef.h>

struct events {
    chat_client *client;
    char (*lines)[256];
    size_t count;
    size_t taken; /* how many were looked at */
};

/* Takes over the handle's events. */
void events_watch(struct events *events, chat_client *client);
void events_forget(struct events *events);

/* Dispatches until an event whose line begins with `start`; returns it. */
const char *events_until(struct events *events, const char *start);

#endif
