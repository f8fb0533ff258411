#include "server/core/heard.h"

#include "protocol/event.h"
#include "protocol/json.h"
#include "server/core/sign_in.h"
#include "server/core/user.h"

#include <string.h>

/* Of all remote users of a room together: so many at once, then so many
 * milliseconds for each. */
#define TYPING_BURST 20
#define TYPING_MS    50

/* One object of a notice, with its '\n'. */
struct line {
    const char *bytes;
    size_t length;
};

/* The next line of what is left; false: there is none that is whole. */
static bool next_line(struct line *left, struct line *line)
{
    const char *end =
        left->length == 0 ? NULL : memchr(left->bytes, '\n', left->length);

    if (end == NULL)
        return false;
    line->bytes = left->bytes;
    line->length = (size_t)(end - left->bytes) + 1;
    left->bytes += line->length;
    left->length -= line->length;
    return true;
}

/* NULL when it is no event. What the event borrows is the tree's. */
static cJSON *parse(const struct line *line, struct chat__event *event)
{
    struct chat__error error = {0};
    cJSON *json = chat__json_parse(line->bytes, line->length - 1, &error);

    if (json != NULL && chat__json_member(json, "event") != NULL &&
        chat__event_parse(event, json, &error))
        return json;
    chat__json_free(json);
    return NULL;
}

/* ---- entries ---- */

static void mention(struct chat__room *room, const struct chat__event *event)
{
    for (size_t i = 0; i < event->mention_count; i++) {
        struct chat__user *user =
            chat__user_find(room->core, event->mentions[i]);

        if (user != NULL)
            chat__user_mentioned(user, room);
        else
            chat__sign_in_changed(room->core, event->mentions[i]);
    }
}

/* False when it does not follow, or changes more than is followed here. */
static bool apply(struct chat__room *room, const struct chat__event *event,
                  const struct line *line)
{
    if (event->seq != room->head + 1 || event->room == NULL ||
        strcmp(event->room, room->name) != 0)
        return false;
    switch (event->kind) {
    case CHAT__EVENT_MESSAGE:
        if (event->n != room->n + 1)
            return false;
        room->n = event->n;
        break;
    case CHAT__EVENT_DELETE:
        chat__deletions_add(&room->deletions, event->seq, event->ref);
        break;
    case CHAT__EVENT_EDIT:
    case CHAT__EVENT_REACT:
        break;
    default:
        return false;
    }
    room->head = event->seq;
    if (event->ts > room->last_ts)
        room->last_ts = event->ts;
    chat__room_push(room, event->seq, line->bytes, line->length);
    if (event->kind == CHAT__EVENT_MESSAGE)
        mention(room, event);
    return true;
}

/* The room as the log has it, and nothing under way that may change that. */
static bool is_at_rest(const struct chat__room *room)
{
    return room->state == CHAT__ROOM_READY && room->batch == NULL &&
           !room->behind;
}

bool chat__heard_entries(struct chat__room *room,
                         const struct chat__bus_notice *notice)
{
    struct line left = {notice->objects, notice->length};
    struct line line;
    bool followed = true;

    if (notice->objects == NULL || !is_at_rest(room) ||
        notice->first != room->head + 1)
        return false;
    /* A push that finds no memory closes connections, maybe all. */
    chat__room_hold(room);
    while (followed && room->head < notice->last && next_line(&left, &line)) {
        struct chat__event event = {0};
        cJSON *json = parse(&line, &event);

        followed = json != NULL && apply(room, &event, &line);
        chat__json_free(json);
    }
    followed = room->head >= notice->last;
    chat__room_release(room);
    return followed;
}

/* ---- typing ---- */

static bool take_typing(struct chat__room *room)
{
    int64_t now = chat__monotonic_ms(room->core);

    if (room->typing_ms < now)
        room->typing_ms = now;
    if (room->typing_ms > now + TYPING_BURST * TYPING_MS)
        return false;
    room->typing_ms += TYPING_MS;
    return true;
}

static void show_typing(struct chat__room *room,
                        const struct chat__event *heard)
{
    struct chat__buffer *scratch = &room->core->scratch;
    struct chat__event event = {
        .kind = CHAT__EVENT_TYPING, .room = room->name, .from = heard->from};

    chat__buffer_clear(scratch);
    chat__event_encode(&event, scratch);
    chat__buffer_append_byte(scratch, '\n');
    if (!scratch->failed)
        chat__room_broadcast(room, heard->from.id, scratch->data,
                             scratch->length);
}

void chat__heard_typing(struct chat__room *room,
                        const struct chat__bus_notice *notice)
{
    struct line left = {notice->objects, notice->length};
    struct chat__event event = {0};
    struct line line;
    cJSON *json;

    if (room->live_count == 0 || notice->objects == NULL ||
        !chat__role_is_member(chat__room_role(room, notice->user)) ||
        !next_line(&left, &line))
        return;
    json = parse(&line, &event);
    if (json != NULL && event.kind == CHAT__EVENT_TYPING &&
        event.from.id == notice->user && event.from.name != NULL &&
        take_typing(room))
        show_typing(room, &event);
    chat__json_free(json);
}
