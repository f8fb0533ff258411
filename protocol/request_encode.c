#include "protocol/request_codec.h"

static void write_resume(struct chat__writer *writer,
                         const struct chat__hello *hello)
{
    if (hello->resume_count == 0)
        return;
    chat__write_array(writer, "resume");
    for (size_t i = 0; i < hello->resume_count; i++) {
        const struct chat__position *position = &hello->resume[i];

        chat__write_object(writer, NULL);
        chat__write_string(writer, "room", position->room);
        chat__write_string(writer, "epoch", position->epoch);
        chat__write_uint(writer, "seq", position->seq);
        chat__write_object_end(writer);
    }
    chat__write_array_end(writer);
}

void chat__request_encode_hello(const struct chat__request *request,
                                struct chat__writer *writer)
{
    const struct chat__hello *hello = &request->body.hello;

    chat__write_uint(writer, "version", hello->version);
    if (hello->credential == CHAT__CREDENTIAL_TOKEN) {
        chat__write_string(writer, "token", hello->token);
    } else {
        chat__write_string(writer, "guest", hello->guest);
        chat__write_string(writer, "key", hello->key);
    }
    chat__write_string(writer, "agent", hello->agent);
    write_resume(writer, hello);
}

void chat__request_encode_rooms(const struct chat__request *request,
                                struct chat__writer *writer)
{
    chat__write_string(writer, "prefix", request->body.rooms.prefix);
    chat__write_string(writer, "after", request->body.rooms.after);
}

void chat__request_encode_join(const struct chat__request *request,
                               struct chat__writer *writer)
{
    const struct chat__join *join = &request->body.join;

    chat__write_string(writer, "room", join->room);
    chat__write_string(writer, "key", join->key);
    if (join->create)
        chat__write_bool(writer, "create", true);
    if (join->private_room)
        chat__write_bool(writer, "private", true);
    if (join->since_epoch != NULL) {
        chat__write_object(writer, "since");
        chat__write_string(writer, "epoch", join->since_epoch);
        chat__write_uint(writer, "seq", join->since_seq);
        chat__write_object_end(writer);
    }
    chat__write_uint(writer, "limit", join->limit);
}

void chat__request_encode_leave(const struct chat__request *request,
                                struct chat__writer *writer)
{
    chat__write_string(writer, "room", request->body.leave.room);
    chat__write_string(writer, "key", request->body.leave.key);
}

void chat__request_encode_send(const struct chat__request *request,
                               struct chat__writer *writer)
{
    const struct chat__send *send = &request->body.send;

    chat__write_string(writer, "room", send->room);
    chat__write_string(writer, "key", send->key);
    chat__write_string(writer, "text", send->text);
    if (send->reply_to != 0)
        chat__write_uint(writer, "reply_to", send->reply_to);
}

void chat__request_encode_history(const struct chat__request *request,
                                  struct chat__writer *writer)
{
    const struct chat__history *history = &request->body.history;

    chat__write_string(writer, "room", history->room);
    chat__write_string(writer, "epoch", history->epoch);
    chat__write_uint(writer, chat__history_keys[history->direction],
                     history->seq);
    chat__write_uint(writer, "limit", history->limit);
}

void chat__request_encode_read(const struct chat__request *request,
                               struct chat__writer *writer)
{
    chat__write_string(writer, "room", request->body.read.room);
    chat__write_uint(writer, "seq", request->body.read.seq);
}

void chat__request_encode_typing(const struct chat__request *request,
                                 struct chat__writer *writer)
{
    chat__write_string(writer, "room", request->body.typing.room);
}

void chat__request_encode_ping(const struct chat__request *request,
                               struct chat__writer *writer)
{
    const struct chat__ping *ping = &request->body.ping;

    if (ping->has_since)
        chat__write_uint(writer, "since", ping->since);
    chat__write_string(writer, "after", ping->after);
}
