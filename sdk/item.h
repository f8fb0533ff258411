/*
 * One request of the program, from the call to its answer: what to ask, under
 * which number the program knows it, and how far it has come.
 *
 * The request's strings are copies that live and die with the item. Made by
 * chat__item_new, owned by the outbox once added, freed by chat__item_free.
 */
#ifndef CHAT_SDK_ITEM_H
#define CHAT_SDK_ITEM_H

#include "protocol/request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chat__lane; /* the outbox's: requests about one room */

struct chat__item {
    struct chat__item *next;
    struct chat__item *previous;
    struct chat__lane *lane; /* NULL: not about a room */
    struct chat__request request;
    const char *room; /* of the request, NULL: not about one that has a name */
    const char *key;  /* of the request, NULL: not keyed */
    uint64_t number;  /* the program's, 0: none */
    size_t bytes;     /* that count against the outbox's limit */
    bool handed;      /* was given to a connection once */
    bool in_flight;
    uint64_t sent;       /* when it was handed over last */
    uint64_t not_before; /* when it may be handed over again */
};

/*
 * A copy of `request`, which may be any but hello, typing and ping. NULL when
 * there is no memory.
 */
struct chat__item *chat__item_new(const struct chat__request *request,
                                  uint64_t number);

/* Wipes it too, since it may hold a password. */
void chat__item_free(struct chat__item *item);

/*
 * A message, or what somebody does to one: send, edit, delete, react. They
 * live in the outbox file until they are answered.
 */
bool chat__item_is_message(const struct chat__item *item);

#endif
