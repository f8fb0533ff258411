/*
 * hello's reply, and what follows it: the rooms that the reply did not hold,
 * what was missed, then live entries.
 */
#include "server/core/actions/actions.h"

#include "server/core/answer.h"
#include "server/core/connection.h"
#include "server/core/presence.h"
#include "server/core/room.h"
#include "server/core/subscription.h"

#include <stdlib.h>

/* A room of the user, in the order of the reply. */
struct listed {
    const struct chat__membership *membership;
    const struct chat__resume *resume; /* NULL: not resumed */
};

static const struct chat__resume *
find_resume(const struct chat__hello_operation *hello,
            const struct chat__room *room)
{
    for (size_t i = 0; i < hello->resume_count; i++)
        if (hello->resumes[i].room == room)
            return &hello->resumes[i];
    return NULL;
}

/* Resumed rooms come first, so that the reply holds them if it can. */
static void list_rooms(const struct chat__hello_operation *hello,
                       struct listed *list)
{
    const struct chat__user *user = hello->operation.user;
    size_t count = 0;

    for (int resumed = 1; resumed >= 0; resumed--)
        for (uint32_t i = 0; i < user->membership_count; i++) {
            const struct chat__resume *resume =
                find_resume(hello, user->memberships[i].room);

            if ((resume != NULL) != (resumed == 1))
                continue;
            list[count].membership = &user->memberships[i];
            list[count++].resume = resume;
        }
}

static void fill_rooms(const struct listed *list, size_t count,
                       struct chat__hello_room *rooms)
{
    for (size_t i = 0; i < count; i++) {
        const struct chat__membership *membership = list[i].membership;

        rooms[i] = (struct chat__hello_room){
            .room = membership->room->name,
            .epoch = membership->room->epoch,
            .head = membership->room->head,
            .read = membership->read,
            .unread = chat__membership_unread(membership),
            .mentions = membership->mentions,
            .resumed = list[i].resume != NULL,
        };
    }
}

static void fill_invites(const struct chat__invitations *invitations,
                         struct chat__invite *invites,
                         struct chat__hello_ok *ok)
{
    for (size_t i = 0; i < invitations->count; i++) {
        const struct chat__invitation *row = invitations->rows[i];

        invites[i] = (struct chat__invite){
            .room = row->room, .by = {.id = row->by, .name = row->by_name}};
    }
    ok->invites = invites;
    ok->invite_count = invitations->count;
}

static void fill_reply(const struct chat__hello_operation *hello,
                       const char *session, struct chat__hello_ok *ok)
{
    const struct chat__core *core = hello->operation.core;
    const struct chat__user *user = hello->operation.user;
    const struct chat__front_operations *front =
        chat__connection_front(hello->operation.connection);

    ok->user_id = user->id;
    ok->user_name = user->name;
    ok->guest = user->guest;
    ok->token = hello->token[0] == '\0' ? NULL : hello->token;
    ok->session = session;
    ok->ping_ms = CHAT__PING_INTERVAL_MS;
    ok->limits = (struct chat__limits){
        .frame_bytes = CHAT__FRAME_BYTES_MAX,
        .text_characters = CHAT__TEXT_CHARACTERS_MAX,
        .text_bytes = CHAT__TEXT_BYTES_MAX,
        .page_entries = CHAT__PAGE_ENTRIES_MAX,
        .rooms = CHAT__USER_ROOMS_MAX,
        .in_flight =
            front->in_flight > 0 ? front->in_flight : core->options.in_flight,
        .connection_ms = front->connection_ms,
    };
    ok->server_version = core->options.server_version;
    ok->server_color = core->options.server_color;
    ok->server_task = core->options.server_task;
    ok->rooms_rev = hello->sign_in.rooms_rev;
    ok->now = chat__wall_ms(core);
}

/* Returns how many of the rooms the reply holds. */
static size_t answer(struct chat__hello_operation *hello,
                     const struct listed *list, size_t count,
                     struct chat__hello_room *rooms)
{
    char session[CHAT__BASE64URL_SIZE(CHAT__SESSION_BYTES)];
    struct chat__invite invites[CHAT__INVITES_MAX];
    struct chat__reply reply = {.ok = true};

    chat__base64url(session, hello->operation.connection->session,
                    CHAT__SESSION_BYTES);
    fill_reply(hello, session, &reply.body.hello);
    fill_rooms(list, count, rooms);
    fill_invites(&hello->operation.user->invitations, invites,
                 &reply.body.hello);
    reply.body.hello.rooms = rooms;
    reply.body.hello.room_count = count;
    /* Who wants no reply is not told of rooms that it would have lacked. */
    if (!hello->operation.request.has_id)
        return count;
    return chat__answer(&hello->operation, &reply, false);
}

static void follow(struct chat__hello_operation *hello,
                   const struct listed *list, size_t count, size_t told)
{
    struct chat__connection *connection = hello->operation.connection;

    for (size_t i = told; i < count; i++)
        chat__membership_tell(connection, list[i].membership);
    for (size_t i = 0; i < told && list[i].resume != NULL; i++)
        if (list[i].resume->length > 0)
            chat__tell_bytes(connection,
                             hello->missed.data + list[i].resume->offset,
                             list[i].resume->length);
    for (size_t i = 0; i < count; i++) {
        struct chat__room *room = list[i].membership->room;
        bool resumed = i < told && list[i].resume != NULL;

        chat__subscribe(connection, room,
                        resumed ? list[i].resume->next : room->head + 1, false);
    }
}

/* Of the rooms that were to be resumed, and how it went. */
static void count_resumes(const struct chat__hello_operation *hello)
{
    struct chat__metrics *metrics = hello->operation.core->options.metrics;

    for (size_t i = 0; i < hello->resume_count; i++)
        if (hello->resumes[i].room == NULL)
            chat__metrics_count(metrics, CHAT__METRIC_RESUMES_REFUSED);
        else
            chat__metrics_observe(metrics, CHAT__METRIC_RESUME_ENTRIES,
                                  hello->resumes[i].missed);
}

static size_t count_resumed(const struct listed *list, size_t count)
{
    size_t resumed = 0;

    for (size_t i = 0; i < count; i++)
        resumed += list[i].resume != NULL;
    return resumed;
}

void chat__hello_finish(struct chat__hello_operation *hello)
{
    struct chat__connection *connection = hello->operation.connection;
    size_t count = hello->operation.user->membership_count;
    struct listed *list = calloc(count + 1, sizeof(*list));
    struct chat__hello_room *rooms = calloc(count + 1, sizeof(*rooms));

    if (list == NULL || rooms == NULL) {
        chat__hello_fail(hello, CHAT__STORE_BUSY);
    } else {
        list_rooms(hello, list);
        count_resumes(hello);
        chat__connection_set_ready(connection, true);
        connection->strikes = 0;
        chat__presence_arrive(hello->operation.user);
        if (!hello->adopted)
            chat__observe_sign_in(hello, count_resumed(list, count));
        follow(hello, list, count, answer(hello, list, count, rooms));
        chat__operation_end(&hello->operation);
    }
    free(list);
    free(rooms);
}
