/*
 * Deep copies of public events: one block of memory for an event with all its
 * strings and entries, so that it can wait for the program and is freed with
 * one free().
 */
#ifndef CHAT_SDK_EVENT_COPY_H
#define CHAT_SDK_EVENT_COPY_H

#include "chat/client.h"

#include <stddef.h>

struct chat__queued_event {
    struct chat__queued_event *next; /* the queue's */
    size_t bytes;                    /* of the whole block */
    chat_event event;
};

/* NULL: no memory. Freed with free(). */
struct chat__queued_event *chat__event_copy(const chat_event *event);

#endif
