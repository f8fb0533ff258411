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

static void write_account(struct chat__writer *writer, const char *key,
                          const struct chat__hello *hello)
{
    chat__write_object(writer, key);
    chat__write_string(writer, "user", hello->user);
    chat__write_string(writer, "password", hello->password);
    chat__write_object_end(writer);
}

static void write_credential(struct chat__writer *writer,
                             const struct chat__hello *hello)
{
    switch (hello->credential) {
    case CHAT__CREDENTIAL_TOKEN:
        chat__write_string(writer, "token", hello->token);
        break;
    case CHAT__CREDENTIAL_GUEST:
        chat__write_string(writer, "guest", hello->guest);
        chat__write_string(writer, "key", hello->key);
        break;
    case CHAT__CREDENTIAL_LOGIN:
        write_account(writer, "login", hello);
        break;
    case CHAT__CREDENTIAL_REGISTER:
        write_account(writer, "register", hello);
        chat__write_string(writer, "key", hello->key);
        break;
    }
}

void chat__request_encode_hello(const struct chat__request *request,
                                struct chat__writer *writer)
{
    const struct chat__hello *hello = &request->body.hello;

    chat__write_uint(writer, "version", hello->version);
    write_credential(writer, hello);
    chat__write_string(writer, "agent", hello->agent);
    write_resume(writer, hello);
}

void chat__request_encode_logout(const struct chat__request *request,
                                 struct chat__writer *writer)
{
    if (request->body.logout.all)
        chat__write_bool(writer, "all", true);
}

void chat__request_encode_password(const struct chat__request *request,
                                   struct chat__writer *writer)
{
    chat__write_string(writer, "old", request->body.password.old);
    chat__write_string(writer, "new", request->body.password.new);
}

void chat__request_encode_rooms(const struct chat__request *request,
                                struct chat__writer *writer)
{
    chat__write_string(writer, "prefix", request->body.rooms.prefix);
    chat__write_string(writer, "after", request->body.rooms.after);
}

static void write_target(struct chat__writer *writer, const char *room,
                         const char *key)
{
    chat__write_string(writer, "room", room);
    chat__write_string(writer, "key", key);
}

void chat__request_encode_join(const struct chat__request *request,
                               struct chat__writer *writer)
{
    const struct chat__join *join = &request->body.join;

    write_target(writer, join->room, join->key);
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

void chat__request_encode_dm(const struct chat__request *request,
                             struct chat__writer *writer)
{
    chat__write_id(writer, "user", request->body.dm.user);
    chat__write_string(writer, "key", request->body.dm.key);
    chat__write_uint(writer, "limit", request->body.dm.limit);
}

void chat__request_encode_leave(const struct chat__request *request,
                                struct chat__writer *writer)
{
    write_target(writer, request->body.leave.room, request->body.leave.key);
}

void chat__request_encode_send(const struct chat__request *request,
                               struct chat__writer *writer)
{
    const struct chat__send *send = &request->body.send;

    write_target(writer, send->room, send->key);
    chat__write_string(writer, "text", send->text);
    if (send->reply_to != 0)
        chat__write_uint(writer, "reply_to", send->reply_to);
    if (send->mention_count == 0)
        return;
    chat__write_array(writer, "mentions");
    for (size_t i = 0; i < send->mention_count; i++)
        chat__write_id(writer, NULL, send->mentions[i]);
    chat__write_array_end(writer);
}

void chat__request_encode_edit(const struct chat__request *request,
                               struct chat__writer *writer)
{
    const struct chat__edit *edit = &request->body.edit;

    write_target(writer, edit->room, edit->key);
    chat__write_uint(writer, "ref", edit->ref);
    chat__write_string(writer, "text", edit->text);
}

void chat__request_encode_delete(const struct chat__request *request,
                                 struct chat__writer *writer)
{
    const struct chat__delete *delete = &request->body.delete;

    write_target(writer, delete->room, delete->key);
    chat__write_uint(writer, "ref", delete->ref);
}

void chat__request_encode_react(const struct chat__request *request,
                                struct chat__writer *writer)
{
    const struct chat__react *react = &request->body.react;

    write_target(writer, react->room, react->key);
    chat__write_uint(writer, "ref", react->ref);
    chat__write_string(writer, "emoji", react->emoji);
    chat__write_bool(writer, "on", react->on);
}

void chat__request_encode_topic(const struct chat__request *request,
                                struct chat__writer *writer)
{
    const struct chat__topic *topic = &request->body.topic;

    write_target(writer, topic->room, topic->key);
    chat__write_string(writer, "topic", topic->topic);
}

static void write_moderate(struct chat__writer *writer,
                           const struct chat__moderate *moderate)
{
    write_target(writer, moderate->room, moderate->key);
    chat__write_id(writer, "user", moderate->user);
}

void chat__request_encode_invite(const struct chat__request *request,
                                 struct chat__writer *writer)
{
    write_moderate(writer, &request->body.invite);
}

void chat__request_encode_kick(const struct chat__request *request,
                               struct chat__writer *writer)
{
    write_moderate(writer, &request->body.kick);
    chat__write_string(writer, "reason", request->body.kick.reason);
}

void chat__request_encode_ban(const struct chat__request *request,
                              struct chat__writer *writer)
{
    write_moderate(writer, &request->body.ban);
    chat__write_bool(writer, "on", request->body.ban.on);
    chat__write_string(writer, "reason", request->body.ban.reason);
}

void chat__request_encode_role(const struct chat__request *request,
                               struct chat__writer *writer)
{
    write_moderate(writer, &request->body.role);
    chat__write_string(writer, "role",
                       chat__role_name(request->body.role.role));
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

void chat__request_encode_members(const struct chat__request *request,
                                  struct chat__writer *writer)
{
    const struct chat__members_request *members = &request->body.members;

    chat__write_string(writer, "room", members->room);
    if (members->after != 0)
        chat__write_id(writer, "after", members->after);
    if (members->list != CHAT__MEMBER_LIST_MEMBERS)
        chat__write_string(writer, "list",
                           chat__member_list_names[members->list]);
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

void chat__request_encode_presence(const struct chat__request *request,
                                   struct chat__writer *writer)
{
    chat__write_string(writer, "state",
                       chat__presence_name(request->body.presence.state));
}

void chat__request_encode_ping(const struct chat__request *request,
                               struct chat__writer *writer)
{
    const struct chat__ping *ping = &request->body.ping;

    if (ping->has_since)
        chat__write_uint(writer, "since", ping->since);
    chat__write_string(writer, "after", ping->after);
}
