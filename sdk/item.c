#include "sdk/item.h"

#include <stdlib.h>
#include <string.h>

#define OTHERS_MAX 2

/* The string members of a request, so that one loop copies them. */
struct strings {
    const char **room;
    const char **key;
    const char **others[OTHERS_MAX];
};

/* What most keyed requests have in common. */
#define ROOM_AND_KEY(body)                                                     \
    .room = &request->body.room, .key = &request->body.key

static struct strings strings_of_message(struct chat__request *request)
{
    switch (request->action) {
    case CHAT__ACTION_EDIT:
        return (struct strings){ROOM_AND_KEY(body.edit),
                                .others = {&request->body.edit.text}};
    case CHAT__ACTION_DELETE:
        return (struct strings){ROOM_AND_KEY(body.delete)};
    case CHAT__ACTION_REACT:
        return (struct strings){ROOM_AND_KEY(body.react),
                                .others = {&request->body.react.emoji}};
    default:
        return (struct strings){ROOM_AND_KEY(body.send),
                                .others = {&request->body.send.text}};
    }
}

static struct strings strings_of_moderation(struct chat__request *request)
{
    switch (request->action) {
    case CHAT__ACTION_TOPIC:
        return (struct strings){ROOM_AND_KEY(body.topic),
                                .others = {&request->body.topic.topic}};
    case CHAT__ACTION_KICK:
        return (struct strings){ROOM_AND_KEY(body.kick),
                                .others = {&request->body.kick.reason}};
    case CHAT__ACTION_BAN:
        return (struct strings){ROOM_AND_KEY(body.ban),
                                .others = {&request->body.ban.reason}};
    case CHAT__ACTION_ROLE:
        return (struct strings){ROOM_AND_KEY(body.role)};
    default:
        return (struct strings){ROOM_AND_KEY(body.invite)};
    }
}

static struct strings strings_of_membership(struct chat__request *request)
{
    switch (request->action) {
    case CHAT__ACTION_DM:
        return (struct strings){.key = &request->body.dm.key};
    case CHAT__ACTION_LEAVE:
        return (struct strings){ROOM_AND_KEY(body.leave)};
    default:
        return (struct strings){ROOM_AND_KEY(body.join),
                                .others = {&request->body.join.since_epoch}};
    }
}

/* The requests that make no entry. */
static struct strings strings_of_question(struct chat__request *request)
{
    switch (request->action) {
    case CHAT__ACTION_PASSWORD:
        return (struct strings){.others = {&request->body.password.old,
                                           &request->body.password.new}};
    case CHAT__ACTION_ROOMS:
        return (struct strings){.others = {&request->body.rooms.prefix,
                                           &request->body.rooms.after}};
    case CHAT__ACTION_HISTORY:
        return (struct strings){.room = &request->body.history.room,
                                .others = {&request->body.history.epoch}};
    case CHAT__ACTION_MEMBERS:
        return (struct strings){.room = &request->body.members.room};
    case CHAT__ACTION_READ:
        return (struct strings){.room = &request->body.read.room};
    default:
        return (struct strings){0};
    }
}

static struct strings strings_of(struct chat__request *request)
{
    switch (request->action) {
    case CHAT__ACTION_SEND:
    case CHAT__ACTION_EDIT:
    case CHAT__ACTION_DELETE:
    case CHAT__ACTION_REACT:
        return strings_of_message(request);
    case CHAT__ACTION_TOPIC:
    case CHAT__ACTION_INVITE:
    case CHAT__ACTION_KICK:
    case CHAT__ACTION_BAN:
    case CHAT__ACTION_ROLE:
        return strings_of_moderation(request);
    case CHAT__ACTION_JOIN:
    case CHAT__ACTION_DM:
    case CHAT__ACTION_LEAVE:
        return strings_of_membership(request);
    default:
        return strings_of_question(request);
    }
}

static size_t size_of(const char **string)
{
    return string != NULL && *string != NULL ? strlen(*string) + 1 : 0;
}

/* Moves a string to `storage`, and what is left of that is returned. */
static char *move(const char **string, char *storage)
{
    size_t size = size_of(string);

    if (size > 0)
        *string = memcpy(storage, *string, size);
    return storage + size;
}

struct chat__item *chat__item_new(const struct chat__request *request,
                                  uint64_t number)
{
    struct chat__request copy = *request;
    struct strings strings = strings_of(&copy);
    size_t bytes = size_of(strings.room) + size_of(strings.key);
    struct chat__item *item;
    char *storage;

    for (size_t i = 0; i < OTHERS_MAX; i++)
        bytes += size_of(strings.others[i]);
    item = calloc(1, sizeof(*item) + bytes);
    if (item == NULL)
        return NULL;
    storage = move(strings.room, (char *)(item + 1));
    storage = move(strings.key, storage);
    for (size_t i = 0; i < OTHERS_MAX; i++)
        storage = move(strings.others[i], storage);
    item->request = copy;
    item->request.has_id = true;
    item->request.json = NULL;
    item->room = strings.room != NULL ? *strings.room : NULL;
    item->key = strings.key != NULL ? *strings.key : NULL;
    item->number = number;
    item->bytes = bytes;
    return item;
}

void chat__item_free(struct chat__item *item)
{
    if (item == NULL)
        return;
    explicit_bzero(item + 1, item->bytes);
    free(item);
}

bool chat__item_is_message(const struct chat__item *item)
{
    switch (item->request.action) {
    case CHAT__ACTION_SEND:
    case CHAT__ACTION_EDIT:
    case CHAT__ACTION_DELETE:
    case CHAT__ACTION_REACT:
        return true;
    default:
        return false;
    }
}
