#include "protocol/limits.h"
#include "protocol/reply.h"
#include "protocol/writer.h"

/*
 * What may follow a list in its object: closing brackets, `more`, `after` and
 * up to three integers, with their keys. The longest tail, ping's, has 119.
 */
#define TAIL_BYTES_MAX 128

/* An object under way, and how far it may go before its tail. */
struct cut {
    struct chat__writer writer;
    size_t end;
};

/*
 * Ends an element of a list, which began at `start`: says whether it fits,
 * and takes it back when not. The list ends there, so no comma is due.
 */
static bool keep_element(struct cut *cut, size_t start)
{
    if (cut->writer.buffer->length <= cut->end)
        return true;
    chat__buffer_truncate(cut->writer.buffer, start);
    return false;
}

static void write_more(struct chat__writer *writer, bool more)
{
    if (more)
        chat__write_bool(writer, "more", true);
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

static bool write_hello_room(struct cut *cut,
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
    chat__write_bool(writer, "resumed", room->resumed);
    chat__write_object_end(writer);
    return keep_element(cut, start);
}

static size_t write_hello(struct cut *cut, const struct chat__hello_ok *hello)
{
    struct chat__writer *writer = &cut->writer;
    size_t count = 0;

    write_user(writer, hello);
    chat__write_string(writer, "token", hello->token);
    chat__write_string(writer, "session", hello->session);
    chat__write_uint(writer, "ping_ms", hello->ping_ms);
    write_limits(writer, &hello->limits);
    write_server(writer, hello);
    chat__write_array(writer, "rooms");
    while (count < hello->room_count &&
           write_hello_room(cut, &hello->rooms[count]))
        count++;
    chat__write_array_end(writer);
    write_more(writer, hello->more || count < hello->room_count);
    chat__write_uint(writer, "rooms_rev", hello->rooms_rev);
    chat__write_int(writer, "now", hello->now);
    return count;
}

/* ---- rooms ---- */

static bool write_room_summary(struct cut *cut,
                               const struct chat__room_summary *room)
{
    struct chat__writer *writer = &cut->writer;
    size_t start = writer->buffer->length;

    chat__write_object(writer, NULL);
    chat__write_string(writer, "room", room->room);
    chat__write_string(writer, "topic", room->topic);
    chat__write_uint(writer, "members", room->members);
    chat__write_object_end(writer);
    return keep_element(cut, start);
}

static size_t write_rooms(struct cut *cut, const struct chat__rooms_ok *rooms)
{
    struct chat__writer *writer = &cut->writer;
    size_t count = 0;

    chat__write_array(writer, "rooms");
    while (count < rooms->room_count &&
           write_room_summary(cut, &rooms->rooms[count]))
        count++;
    chat__write_array_end(writer);
    write_more(writer, rooms->more || count < rooms->room_count);
    return count;
}

/* ---- pages ---- */

/* How many entries, from the end or the beginning, fit `room` bytes. */
static size_t count_fitting(const struct chat__page *page, bool from_end,
                            size_t room)
{
    size_t count = 0;

    while (count < page->entry_count) {
        size_t index = from_end ? page->entry_count - 1 - count : count;
        size_t needed = page->entries[index].length + 1; /* its comma */

        if (needed > room)
            break;
        room -= needed;
        count++;
    }
    return count;
}

static void write_page(struct chat__writer *writer,
                       const struct chat__page *page, bool from_end,
                       size_t count)
{
    const struct chat__entry_bytes *entries = page->entries;

    if (from_end && count > 0)
        entries += page->entry_count - count;
    chat__write_array(writer, "entries");
    for (size_t i = 0; i < count; i++)
        chat__write_raw(writer, NULL, entries[i].data, entries[i].length);
    chat__write_array_end(writer);
    chat__write_uint(writer, "first", page->first);
    chat__write_uint(writer, "head", page->head);
    write_more(writer, page->more || count < page->entry_count);
}

/* The bytes that a list may still take, with `before` in front of it. */
static size_t room_left(const struct cut *cut, size_t before)
{
    size_t used = cut->writer.buffer->length + before;

    return used < cut->end ? cut->end - used : 0;
}

static size_t write_history(struct cut *cut,
                            const struct chat__history_ok *history,
                            bool from_end)
{
    size_t before = sizeof("\"entries\":[");
    size_t count =
        count_fitting(&history->page, from_end, room_left(cut, before));

    write_page(&cut->writer, &history->page, from_end, count);
    return count;
}

static size_t write_join(struct cut *cut, const struct chat__join_ok *join,
                         bool from_end)
{
    struct chat__writer *writer = &cut->writer;
    size_t before = sizeof(",\"recovered\":false,\"entries\":[");
    size_t count;

    chat__write_string(writer, "room", join->room);
    chat__write_string(writer, "epoch", join->epoch);
    chat__write_string(writer, "topic", join->topic);
    chat__write_uint(writer, "members", join->members);
    count = count_fitting(&join->page, from_end, room_left(cut, before));
    chat__write_bool(writer, "recovered",
                     join->recovered && count == join->page.entry_count);
    write_page(writer, &join->page, from_end, count);
    return count;
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

static bool write_head(struct cut *cut, const struct chat__head *head)
{
    struct chat__writer *writer = &cut->writer;
    size_t start = writer->buffer->length;

    chat__write_object(writer, head->room);
    chat__write_string(writer, "epoch", head->epoch);
    chat__write_uint(writer, "head", head->head);
    chat__write_object_end(writer);
    return keep_element(cut, start);
}

static size_t write_ping(struct cut *cut, const struct chat__ping_ok *ping)
{
    struct chat__writer *writer = &cut->writer;
    size_t count = 0;

    chat__write_int(writer, "now", ping->now);
    chat__write_object(writer, "heads");
    while (count < ping->head_count && write_head(cut, &ping->heads[count]))
        count++;
    chat__write_object_end(writer);
    if (count < ping->head_count) {
        write_more(writer, true);
        if (count > 0)
            chat__write_string(writer, "after", ping->heads[count - 1].room);
    } else if (ping->more) {
        write_more(writer, true);
        chat__write_string(writer, "after", ping->after);
    }
    chat__write_uint(writer, "rooms_rev", ping->rooms_rev);
    return count;
}

static size_t write_ok(struct cut *cut, const struct chat__reply *reply,
                       bool from_end)
{
    switch (reply->action) {
    case CHAT__ACTION_HELLO:
        return write_hello(cut, &reply->body.hello);
    case CHAT__ACTION_ROOMS:
        return write_rooms(cut, &reply->body.rooms);
    case CHAT__ACTION_JOIN:
        return write_join(cut, &reply->body.join, from_end);
    case CHAT__ACTION_HISTORY:
        return write_history(cut, &reply->body.history, from_end);
    case CHAT__ACTION_PING:
        return write_ping(cut, &reply->body.ping);
    case CHAT__ACTION_LEAVE:
        write_send(&cut->writer, &reply->body.leave);
        return 0;
    case CHAT__ACTION_SEND:
        write_send(&cut->writer, &reply->body.send);
        return 0;
    case CHAT__ACTION_READ:
        chat__write_uint(&cut->writer, "seq", reply->body.read.seq);
        chat__write_uint(&cut->writer, "unread", reply->body.read.unread);
        return 0;
    case CHAT__ACTION_TYPING:
    case CHAT__ACTION_COUNT:
        return 0;
    }
    return 0;
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
    struct cut cut = {
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
