#include "protocol/limits.h"
#include "protocol/reply_codec.h"

/*
 * What may follow a list in its object: closing brackets, `more`, `after` and
 * up to three integers, with their keys. The longest tail, ping's, has 119.
 */
#define TAIL_BYTES_MAX 128

bool chat__cut_keep(struct chat__cut *cut, size_t start)
{
    if (cut->writer.buffer->length <= cut->end)
        return true;
    chat__buffer_truncate(cut->writer.buffer, start);
    return false;
}

/* ---- hello ---- */

static void write_user(struct chat__writer *writer,
                       const struct chat__hello_ok *hello)
{
    chat__write_object(writer, "user");
    chat__write_id(writer, "id", hello->user_id);
    chat__write_string(writer, "name", hello->user_name);
    if (hello->guest)
        chat__write_bool(writer, "guest", true);
    chat__write_object_end(writer);
}

static void write_limits(struct chat__writer *writer,
                         const struct chat__limits *limits)
{
    chat__write_object(writer, "limits");
    chat__write_uint(writer, "frame_bytes", limits->frame_bytes);
    chat__write_uint(writer, "text_characters", limits->text_characters);
    chat__write_uint(writer, "text_bytes", limits->text_bytes);
    chat__write_uint(writer, "page_entries", limits->page_entries);
    chat__write_uint(writer, "rooms", limits->rooms);
    chat__write_uint(writer, "in_flight", limits->in_flight);
    chat__write_uint(writer, "connection_ms", limits->connection_ms);
    chat__write_object_end(writer);
}

static void write_server(struct chat__writer *writer,
                         const struct chat__hello_ok *hello)
{
    chat__write_object(writer, "server");
    chat__write_string(writer, "version", hello->server_version);
    chat__write_string(writer, "color", hello->server_color);
    chat__write_string(writer, "task", hello->server_task);
    chat__write_object_end(writer);
}

static bool write_hello_room(struct chat__cut *cut,
                             const struct chat__hello_room *room)
{
    struct chat__writer *writer = &cut->writer;
    size_t start = writer->buffer->length;

    chat__write_object(writer, NULL);
    chat__write_string(writer, "room", room->room);
    chat__write_string(writer, "epoch", room->epoch);
    chat__write_uint(writer, "head", room->head);
    chat__write_uint(writer, "read", room->read);
    chat__write_uint(writer, "unread", room->unread);
    chat__write_uint(writer, "mentions", room->mentions);
    chat__write_bool(writer, "resumed", room->resumed);
    chat__write_object_end(writer);
    return chat__cut_keep(cut, start);
}

static bool write_invite(struct chat__cut *cut,
                         const struct chat__invite *invite)
{
    struct chat__writer *writer = &cut->writer;
    size_t start = writer->buffer->length;

    chat__write_object(writer, NULL);
    chat__write_string(writer, "room", invite->room);
    chat__write_object(writer, "by");
    chat__write_id(writer, "id", invite->by.id);
    chat__write_string(writer, "name", invite->by.name);
    chat__write_object_end(writer);
    chat__write_object_end(writer);
    return chat__cut_keep(cut, start);
}

/* Before the rooms, which can follow by themselves when there is no place. */
static void write_invites(struct chat__cut *cut,
                          const struct chat__hello_ok *hello)
{
    struct chat__writer *writer = &cut->writer;
    size_t end = cut->end;
    size_t count = 0;

    chat__write_array(writer, "invites");
    cut->end = writer->buffer->length + CHAT__INVITES_BYTES_MAX;
    while (count < hello->invite_count && count < CHAT__INVITES_MAX &&
           write_invite(cut, &hello->invites[count]))
        count++;
    cut->end = end;
    chat__write_array_end(writer);
}

static size_t write_hello(struct chat__cut *cut,
                          const struct chat__hello_ok *hello)
{
    struct chat__writer *writer = &cut->writer;
    size_t count = 0;

    write_user(writer, hello);
    chat__write_string(writer, "token", hello->token);
    chat__write_string(writer, "session", hello->session);
    chat__write_uint(writer, "ping_ms", hello->ping_ms);
    write_limits(writer, &hello->limits);
    write_server(writer, hello);
    write_invites(cut, hello);
    chat__write_array(writer, "rooms");
    while (count < hello->room_count &&
           write_hello_room(cut, &hello->rooms[count]))
        count++;
    chat__write_array_end(writer);
    chat__write_more(writer, hello->more || count < hello->room_count);
    chat__write_uint(writer, "rooms_rev", hello->rooms_rev);
    chat__write_int(writer, "now", hello->now);
    return count;
}

/* ---- rooms ---- */

static bool write_room_summary(struct chat__cut *cut,
                               const struct chat__room_summary *room)
{
    struct chat__writer *writer = &cut->writer;
    size_t start = writer->buffer->length;

    chat__write_object(writer, NULL);
    chat__write_string(writer, "room", room->room);
    chat__write_string(writer, "topic", room->topic);
    chat__write_uint(writer, "members", room->members);
    chat__write_object_end(writer);
    return chat__cut_keep(cut, start);
}

static size_t write_rooms(struct chat__cut *cut,
                          const struct chat__rooms_ok *rooms)
{
    struct chat__writer *writer = &cut->writer;
    size_t count = 0;

    chat__write_array(writer, "rooms");
    while (count < rooms->room_count &&
           write_room_summary(cut, &rooms->rooms[count]))
        count++;
    chat__write_array_end(writer);
    chat__write_more(writer, rooms->more || count < rooms->room_count);
    return count;
}

/* ---- pages ---- */

static size_t write_history(struct chat__cut *cut,
                            const struct chat__history_ok *history,
                            bool from_end)
{
    struct chat__page_cut page =
        chat__page_cut(cut, &history->page, from_end, 0);

    chat__page_write(&cut->writer, &history->page, &page);
    return page.count;
}

static size_t write_join(struct chat__cut *cut,
                         const struct chat__join_ok *join, bool from_end)
{
    struct chat__writer *writer = &cut->writer;
    struct chat__page_cut page;

    chat__write_string(writer, "room", join->room);
    chat__write_string(writer, "epoch", join->epoch);
    chat__write_string(writer, "topic", join->topic);
    chat__write_uint(writer, "members", join->members);
    chat__write_string(writer, "role", chat__role_name(join->role));
    page = chat__page_cut(cut, &join->page, from_end,
                          sizeof(",\"recovered\":false"));
    chat__write_bool(writer, "recovered",
                     join->recovered && page.count == join->page.entry_count);
    chat__page_write(writer, &join->page, &page);
    return page.count;
}

/* ---- the others ---- */

static void write_send(struct chat__writer *writer,
                       const struct chat__send_ok *send)
{
    chat__write_uint(writer, "seq", send->seq);
    chat__write_int(writer, "ts", send->ts);
    if (send->dup)
        chat__write_bool(writer, "dup", true);
}

static bool write_head(struct chat__cut *cut, const struct chat__head *head)
{
    struct chat__writer *writer = &cut->writer;
    size_t start = writer->buffer->length;

    chat__write_object(writer, head->room);
    chat__write_string(writer, "epoch", head->epoch);
    chat__write_uint(writer, "head", head->head);
    chat__write_object_end(writer);
    return chat__cut_keep(cut, start);
}

static size_t write_ping(struct chat__cut *cut,
                         const struct chat__ping_ok *ping)
{
    struct chat__writer *writer = &cut->writer;
    size_t count = 0;

    chat__write_int(writer, "now", ping->now);
    chat__write_object(writer, "heads");
    while (count < ping->head_count && write_head(cut, &ping->heads[count]))
        count++;
    chat__write_object_end(writer);
    if (count < ping->head_count) {
        chat__write_more(writer, true);
        if (count > 0)
            chat__write_string(writer, "after", ping->heads[count - 1].room);
    } else if (ping->more) {
        chat__write_more(writer, true);
        chat__write_string(writer, "after", ping->after);
    }
    chat__write_uint(writer, "rooms_rev", ping->rooms_rev);
    return count;
}

static bool write_member_row(struct chat__cut *cut,
                             const struct chat__member_row *row)
{
    struct chat__writer *writer = &cut->writer;
    size_t start = writer->buffer->length;

    chat__write_object(writer, NULL);
    chat__write_id(writer, "id", row->id);
    chat__write_string(writer, "name", row->name);
    chat__write_string(writer, "role", chat__role_name(row->role));
    if (row->presence != CHAT__PRESENCE_OFFLINE)
        chat__write_string(writer, "presence",
                           chat__presence_name(row->presence));
    chat__write_object_end(writer);
    return chat__cut_keep(cut, start);
}

static size_t write_members(struct chat__cut *cut,
                            const struct chat__members_ok *members)
{
    struct chat__writer *writer = &cut->writer;
    size_t count = 0;

    chat__write_array(writer, "members");
    while (count < members->member_count &&
           write_member_row(cut, &members->members[count]))
        count++;
    chat__write_array_end(writer);
    chat__write_more(writer, members->more || count < members->member_count);
    return count;
}

static void write_read(struct chat__writer *writer,
                       const struct chat__read_ok *read)
{
    chat__write_uint(writer, "seq", read->seq);
    chat__write_uint(writer, "unread", read->unread);
    chat__write_uint(writer, "mentions", read->mentions);
}

/* The bodies that are no lists; an empty one for what is only done. */
static void write_plain(struct chat__writer *writer,
                        const struct chat__reply *reply)
{
    switch (reply->action) {
    case CHAT__ACTION_PASSWORD:
        chat__write_string(writer, "token", reply->body.password.token);
        break;
    case CHAT__ACTION_READ:
        write_read(writer, &reply->body.read);
        break;
    default:
        if (chat__action_makes_entry(reply->action))
            write_send(writer, &reply->body.entry);
        break;
    }
}

static size_t write_ok(struct chat__cut *cut, const struct chat__reply *reply,
                       bool from_end)
{
    switch (reply->action) {
    case CHAT__ACTION_HELLO:
        return write_hello(cut, &reply->body.hello);
    case CHAT__ACTION_ROOMS:
        return write_rooms(cut, &reply->body.rooms);
    case CHAT__ACTION_JOIN:
    case CHAT__ACTION_DM:
        return write_join(cut, &reply->body.join, from_end);
    case CHAT__ACTION_HISTORY:
        return write_history(cut, &reply->body.history, from_end);
    case CHAT__ACTION_MEMBERS:
        return write_members(cut, &reply->body.members);
    case CHAT__ACTION_PING:
        return write_ping(cut, &reply->body.ping);
    default:
        write_plain(&cut->writer, reply);
        return 0;
    }
}

static void write_error(struct chat__writer *writer,
                        const struct chat__error *error)
{
    chat__write_string(writer, "code", chat__error_name(error->code));
    chat__write_string(writer, "message", error->message);
    if (error->temporary)
        chat__write_uint(writer, "retry_ms", error->retry_ms);
}

size_t chat__reply_encode(const struct chat__reply *reply, bool from_end,
                          struct chat__buffer *buffer)
{
    struct chat__cut cut = {
        .end = buffer->length + CHAT__OBJECT_BYTES_MAX - TAIL_BYTES_MAX,
    };
    struct chat__writer *writer = &cut.writer;
    size_t count = 0;

    chat__writer_init(writer, buffer);
    chat__write_object(writer, NULL);
    chat__write_uint(writer, "reply", reply->id);
    chat__write_object(writer, reply->ok ? "ok" : "error");
    if (reply->ok)
        count = write_ok(&cut, reply, from_end);
    else
        write_error(writer, &reply->error);
    chat__write_object_end(writer);
    chat__write_object_end(writer);
    return count;
}
