#include "sdk/item.h"

#include <stdlib.h>
#include <string.h>

#define STRINGS_MAX 3

/* The string members of a request, so that one loop copies them. */
static size_t strings_of(struct chat__request *request,
                         const char **strings[STRINGS_MAX])
{
    switch (request->action) {
    case CHAT__ACTION_ROOMS:
        strings[0] = &request->body.rooms.prefix;
        strings[1] = &request->body.rooms.after;
        return 2;
    case CHAT__ACTION_JOIN:
        strings[0] = &request->body.join.room;
        strings[1] = &request->body.join.key;
        strings[2] = &request->body.join.since_epoch;
        return 3;
    case CHAT__ACTION_LEAVE:
        strings[0] = &request->body.leave.room;
        strings[1] = &request->body.leave.key;
        return 2;
    case CHAT__ACTION_SEND:
        strings[0] = &request->body.send.room;
        strings[1] = &request->body.send.key;
        strings[2] = &request->body.send.text;
        return 3;
    case CHAT__ACTION_HISTORY:
        strings[0] = &request->body.history.room;
        strings[1] = &request->body.history.epoch;
        return 2;
    case CHAT__ACTION_READ:
        strings[0] = &request->body.read.room;
        return 1;
    default:
        return 0;
    }
}

struct chat__item *chat__item_new(const struct chat__request *request,
                                  uint64_t number)
{
    struct chat__request copy = *request;
    const char **strings[STRINGS_MAX];
    size_t count = strings_of(&copy, strings);
    size_t bytes = 0;
    struct chat__item *item;
    char *storage;

    for (size_t i = 0; i < count; i++)
        bytes += *strings[i] != NULL ? strlen(*strings[i]) + 1 : 0;
    item = calloc(1, sizeof(*item) + bytes);
    if (item == NULL)
        return NULL;
    storage = (char *)(item + 1);
    for (size_t i = 0; i < count; i++) {
        size_t length;

        if (*strings[i] == NULL)
            continue;
        length = strlen(*strings[i]) + 1;
        *strings[i] = memcpy(storage, *strings[i], length);
        storage += length;
    }
    item->request = copy;
    item->request.has_id = true;
    item->request.json = NULL;
    item->number = number;
    item->bytes = bytes;
    return item;
}

void chat__item_free(struct chat__item *item)
{
    free(item);
}

const char *chat__item_room(const struct chat__item *item)
{
    const struct chat__request *request = &item->request;

    switch (request->action) {
    case CHAT__ACTION_JOIN:
        return request->body.join.room;
    case CHAT__ACTION_LEAVE:
        return request->body.leave.room;
    case CHAT__ACTION_SEND:
        return request->body.send.room;
    case CHAT__ACTION_HISTORY:
        return request->body.history.room;
    case CHAT__ACTION_READ:
        return request->body.read.room;
    default:
        return NULL;
    }
}

bool chat__item_is_keyed(const struct chat__item *item)
{
    return chat__item_key(item) != NULL;
}

const char *chat__item_key(const struct chat__item *item)
{
    const struct chat__request *request = &item->request;

    switch (request->action) {
    case CHAT__ACTION_JOIN:
        return request->body.join.key;
    case CHAT__ACTION_LEAVE:
        return request->body.leave.key;
    case CHAT__ACTION_SEND:
        return request->body.send.key;
    default:
        return NULL;
    }
}
