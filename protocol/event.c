#include "protocol/event.h"
#include "protocol/json.h"

#include <string.h>

static const char *const names[CHAT__EVENT_COUNT] = {
    [CHAT__EVENT_MESSAGE] = "message",
    [CHAT__EVENT_JOIN] = "join",
    [CHAT__EVENT_LEAVE] = "leave",
    [CHAT__EVENT_EDIT] = "edit",
    [CHAT__EVENT_DELETE] = "delete",
    [CHAT__EVENT_REACT] = "react",
    [CHAT__EVENT_TOPIC] = "topic",
    [CHAT__EVENT_INVITE] = "invite",
    [CHAT__EVENT_KICK] = "kick",
    [CHAT__EVENT_BAN] = "ban",
    [CHAT__EVENT_ROLE] = "role",
    [CHAT__EVENT_TYPING] = "typing",
    [CHAT__EVENT_PRESENCE] = "presence",
    [CHAT__EVENT_READ] = "read",
    [CHAT__EVENT_MEMBERSHIP] = "membership",
    [CHAT__EVENT_DRAIN] = "drain",
    [CHAT__EVENT_CLOSE] = "close",
    [CHAT__EVENT_UNKNOWN] = "unknown",
};

const char *chat__event_name(enum chat__event_kind kind)
{
    return names[kind];
}

enum chat__event_kind chat__event_kind_from_name(const char *name)
{
    int kind = 0;

    while (kind < CHAT__EVENT_UNKNOWN && strcmp(names[kind], name) != 0)
        kind++;
    return (enum chat__event_kind)kind;
}

bool chat__event_is_entry(const struct chat__event *event)
{
    return event->seq != 0;
}

static bool erase(struct chat__event *event, struct chat__buffer *buffer)
{
    if (event->kind != CHAT__EVENT_MESSAGE && event->kind != CHAT__EVENT_EDIT)
        return false;
    event->text = NULL;
    event->mention_count = 0;
    event->deleted = true;
    chat__event_encode(event, buffer);
    return !buffer->failed;
}

bool chat__event_erase(const char *bytes, size_t length,
                       struct chat__buffer *buffer)
{
    struct chat__event event;
    struct chat__error error;
    cJSON *json = chat__json_parse(bytes, length, &error);
    bool erased;

    if (json == NULL)
        return false;
    erased = chat__event_parse(&event, json, &error) && erase(&event, buffer);
    chat__json_free(json);
    return erased;
}
