#include "sdk/session_private.h"

#include <string.h>

#define RESUME_MAX CHAT__ROOMS_MAX

/* Ids are never 0, and not used twice until all were. */
static uint32_t new_id(struct chat__session *session)
{
    if (++session->last_id == 0)
        session->last_id = 1;
    return session->last_id;
}

/* ---- hello ---- */

/*
 * The positions of the rooms that the program knows, as many as a frame holds.
 * What is left out counts as not resumed.
 */
static size_t resume_list(const struct chat__session *session,
                          struct chat__position positions[RESUME_MAX])
{
    static const size_t budget = CHAT__FRAME_BYTES_MAX - 2048;
    static const size_t overhead = 64; /* member names, quotes, digits */
    size_t bytes = 0;
    size_t count = 0;

    for (size_t i = 0; i < session->rooms.count && count < RESUME_MAX; i++) {
        struct chat__room *room = session->rooms.list[i];

        room->resumed_from = room->timeline.last;
        if (!room->joined)
            continue;
        bytes += strlen(room->name) + strlen(room->timeline.epoch) + overhead;
        if (bytes > budget)
            continue;
        positions[count++] = (struct chat__position){
            .room = room->name,
            .epoch = room->timeline.epoch,
            .seq = room->timeline.last,
        };
    }
    return count;
}

uint32_t chat__session_encode_hello(struct chat__session *session,
                                    struct chat__buffer *buffer)
{
    struct chat__position positions[RESUME_MAX];
    struct chat__request request = {.action = CHAT__ACTION_HELLO};
    struct chat__hello *hello = &request.body.hello;

    hello->version = CHAT__PROTOCOL_VERSION;
    chat__session_credential(session, hello);
    hello->agent = session->agent[0] != '\0' ? session->agent : NULL;
    hello->resume = positions;
    hello->resume_count = resume_list(session, positions);
    request.has_id = true;
    request.id = new_id(session);
    chat__request_encode(&request, buffer);
    return request.id;
}

static bool next_hello(struct chat__session *session,
                       struct chat__buffer *buffer)
{
    if (session->hello_id != 0)
        return false;
    session->hello_id = chat__session_encode_hello(session, buffer);
    session->hello_sent = session->now;
    return true;
}

/* ---- what the library asks by itself ---- */

static void encode_ping(struct chat__session *session,
                        struct chat__buffer *buffer)
{
    struct chat__ping_round *ping = &session->ping;
    struct chat__request request = {.action = CHAT__ACTION_PING};

    request.has_id = true;
    request.id = new_id(session);
    request.body.ping.has_since = ping->has_since && !ping->full;
    request.body.ping.since = ping->since;
    request.body.ping.after = ping->after[0] != '\0' ? ping->after : NULL;
    ping->id = request.id;
    ping->sent = session->now;
    ping->wanted = false;
    chat__request_encode(&request, buffer);
}

static bool next_ping(struct chat__session *session,
                      struct chat__buffer *buffer)
{
    const struct chat__ping_round *ping = &session->ping;

    if (ping->id != 0 || (!ping->wanted && ping->due > session->now))
        return false;
    if (ping->rounds > 0 && ping->rounds % CHAT__PING_FULL_ROUNDS == 0)
        chat__session_ping_all(session);
    encode_ping(session, buffer);
    return true;
}

static void encode_page(struct chat__session *session, struct chat__room *room,
                        struct chat__buffer *buffer)
{
    struct chat__request request = {.action = CHAT__ACTION_HISTORY};

    request.has_id = true;
    request.id = new_id(session);
    request.body.history = (struct chat__history){
        .room = room->name,
        .epoch = room->timeline.epoch,
        .direction = CHAT__HISTORY_AFTER,
        .seq = room->timeline.last,
        .limit = session->page_entries,
    };
    chat__timeline_page_asked(&room->timeline, request.id, session->now);
    chat__request_encode(&request, buffer);
}

static bool next_page(struct chat__session *session,
                      struct chat__buffer *buffer)
{
    const struct chat__room_table *rooms = &session->rooms;
    size_t in_flight = 0;

    for (size_t i = 0; i < rooms->count; i++)
        in_flight += rooms->list[i]->timeline.page_id != 0;
    if (in_flight >= CHAT__PAGES_IN_FLIGHT_MAX)
        return false;
    for (size_t i = 0; i < rooms->count; i++) {
        struct chat__room *room = rooms->list[i];

        if (!chat__timeline_wants_page(&room->timeline, session->now))
            continue;
        encode_page(session, room, buffer);
        return true;
    }
    return false;
}

static bool next_typing(struct chat__session *session,
                        struct chat__buffer *buffer)
{
    struct chat__request request = {.action = CHAT__ACTION_TYPING};

    for (size_t i = 0; i < session->rooms.count; i++) {
        struct chat__room *room = session->rooms.list[i];

        if (!room->typing)
            continue;
        room->typing = false;
        request.body.typing.room = room->name;
        chat__request_encode(&request, buffer);
        return true;
    }
    return false;
}

/* ---- what the program asked ---- */

/*
 * The program's own history request goes by what it has been told: "the
 * newest" ends where live entries will go on, in the log that it knows.
 */
static void place_history(const struct chat__session *session,
                          struct chat__history *history)
{
    const struct chat__room *room =
        chat__room_table_find(&session->rooms, history->room);
    bool joined = room != NULL && room->joined;

    history->epoch = joined ? room->timeline.epoch : NULL;
    if (history->seq == 0)
        history->seq = joined ? room->timeline.last + 1 : CHAT__INTEGER_MAX;
}

static bool next_item(struct chat__session *session,
                      struct chat__buffer *buffer)
{
    struct chat__item *item = chat__outbox_next(&session->outbox, session->now);
    struct chat__request request;

    if (item == NULL)
        return false;
    chat__outbox_handed(&session->outbox, item, new_id(session), session->now);
    request = item->request;
    if (request.action == CHAT__ACTION_HISTORY)
        place_history(session, &request.body.history);
    chat__request_encode(&request, buffer);
    return true;
}

bool chat__session_next_frame(struct chat__session *session,
                              struct chat__buffer *buffer, uint64_t now)
{
    bool any = false;

    session->now = now;
    if (session->phase == CHAT__PHASE_SIGNING_IN)
        any = next_hello(session, buffer);
    else if (session->phase == CHAT__PHASE_ONLINE &&
             !chat__session_is_handing_over(session))
        any = next_ping(session, buffer) || next_page(session, buffer) ||
              next_item(session, buffer) || next_typing(session, buffer);
    if (any && buffer->failed) {
        chat__session_drop(session, CHAT_ERROR_MEMORY, "no memory");
        return false;
    }
    return any;
}
