#include "protocol/limits.h"
#include "protocol/member.h"
#include "protocol/reply_codec.h"
#include "protocol/text.h"

#include <stdlib.h>
#include <string.h>

bool chat__reply_count(const cJSON *json, const char *key, uint64_t *value,
                       struct chat__error *error)
{
    return chat__json_uint(json, key, CHAT__JSON_REQUIRED, CHAT__INTEGER_MAX,
                           value, error);
}

static bool parse_epoch(const cJSON *json, const char **epoch,
                        struct chat__error *error)
{
    return chat__member_checked(json, "epoch", CHAT__JSON_REQUIRED,
                                chat__text_check_epoch, epoch, error);
}

bool chat__reply_more(const cJSON *json, bool *more, struct chat__error *error)
{
    return chat__json_bool(json, "more", CHAT__JSON_OPTIONAL, more, error);
}

void *chat__reply_allocate(const cJSON *list, size_t size,
                           struct chat__error *error)
{
    size_t count = (size_t)cJSON_GetArraySize(list);
    void *elements = calloc(count > 0 ? count : 1, size);

    if (elements == NULL)
        chat__error_set_memory(error);
    return elements;
}

/* ---- hello ---- */

static bool parse_user(struct chat__hello_ok *hello, const cJSON *json,
                       struct chat__error *error)
{
    const cJSON *user = NULL;

    if (!chat__json_object(json, "user", CHAT__JSON_REQUIRED, &user, error))
        return false;
    if (chat__json_id(user, "id", CHAT__JSON_REQUIRED, &hello->user_id,
                      error) &&
        chat__member_person_name(user, &hello->user_name, error) &&
        chat__json_bool(user, "guest", CHAT__JSON_OPTIONAL, &hello->guest,
                        error))
        return true;
    return chat__member_within("user", error);
}

static bool parse_limits(struct chat__limits *limits, const cJSON *json,
                         struct chat__error *error)
{
    const cJSON *object = NULL;

    if (!chat__json_object(json, "limits", CHAT__JSON_REQUIRED, &object, error))
        return false;
    if (chat__reply_count(object, "frame_bytes", &limits->frame_bytes, error) &&
        chat__reply_count(object, "text_characters", &limits->text_characters,
                          error) &&
        chat__reply_count(object, "text_bytes", &limits->text_bytes, error) &&
        chat__reply_count(object, "page_entries", &limits->page_entries,
                          error) &&
        chat__reply_count(object, "rooms", &limits->rooms, error) &&
        chat__reply_count(object, "in_flight", &limits->in_flight, error) &&
        chat__reply_count(object, "connection_ms", &limits->connection_ms,
                          error))
        return true;
    return chat__member_within("limits", error);
}

static bool parse_server(struct chat__hello_ok *hello, const cJSON *json,
                         struct chat__error *error)
{
    const cJSON *server = NULL;

    if (!chat__json_object(json, "server", CHAT__JSON_REQUIRED, &server, error))
        return false;
    if (chat__json_string(server, "version", CHAT__JSON_REQUIRED,
                          &hello->server_version, error) &&
        chat__json_string(server, "color", CHAT__JSON_OPTIONAL,
                          &hello->server_color, error) &&
        chat__json_string(server, "task", CHAT__JSON_REQUIRED,
                          &hello->server_task, error))
        return true;
    return chat__member_within("server", error);
}

static bool parse_hello_room(struct chat__hello_room *room, const cJSON *json,
                             struct chat__error *error)
{
    return chat__member_element(json, error) &&
           chat__member_any_room(json, &room->room, error) &&
           parse_epoch(json, &room->epoch, error) &&
           chat__reply_count(json, "head", &room->head, error) &&
           chat__reply_count(json, "read", &room->read, error) &&
           chat__reply_count(json, "unread", &room->unread, error) &&
           chat__reply_count(json, "mentions", &room->mentions, error) &&
           chat__json_bool(json, "resumed", CHAT__JSON_REQUIRED, &room->resumed,
                           error);
}

static bool parse_hello_rooms(struct chat__hello_ok *hello, const cJSON *json,
                              struct chat__error *error)
{
    const cJSON *list = NULL;
    const cJSON *element;

    if (!chat__json_array(json, "rooms", CHAT__JSON_REQUIRED, &list, error))
        return false;
    hello->rooms = chat__reply_allocate(list, sizeof(*hello->rooms), error);
    if (hello->rooms == NULL)
        return false;
    cJSON_ArrayForEach(element, list)
    {
        if (!parse_hello_room(&hello->rooms[hello->room_count], element, error))
            return chat__member_within("rooms", error);
        hello->room_count++;
    }
    return true;
}

static bool parse_invite(struct chat__invite *invite, const cJSON *json,
                         struct chat__error *error)
{
    const cJSON *by = NULL;

    if (!chat__member_element(json, error) ||
        !chat__member_any_room(json, &invite->room, error) ||
        !chat__json_object(json, "by", CHAT__JSON_REQUIRED, &by, error))
        return false;
    if (chat__json_id(by, "id", CHAT__JSON_REQUIRED, &invite->by.id, error) &&
        chat__member_person_name(by, &invite->by.name, error))
        return true;
    return chat__member_within("by", error);
}

static bool parse_invites(struct chat__hello_ok *hello, const cJSON *json,
                          struct chat__error *error)
{
    const cJSON *list = NULL;
    const cJSON *element;

    if (!chat__json_array(json, "invites", CHAT__JSON_REQUIRED, &list, error))
        return false;
    hello->invites = chat__reply_allocate(list, sizeof(*hello->invites), error);
    if (hello->invites == NULL)
        return false;
    cJSON_ArrayForEach(element, list)
    {
        if (!parse_invite(&hello->invites[hello->invite_count], element, error))
            return chat__member_within("invites", error);
        hello->invite_count++;
    }
    return true;
}

static bool parse_hello(struct chat__hello_ok *hello, const cJSON *json,
                        struct chat__error *error)
{
    return parse_user(hello, json, error) &&
           chat__member_checked(json, "token", CHAT__JSON_OPTIONAL,
                                chat__text_check_token, &hello->token, error) &&
           chat__json_string(json, "session", CHAT__JSON_REQUIRED,
                             &hello->session, error) &&
           chat__reply_count(json, "ping_ms", &hello->ping_ms, error) &&
           parse_limits(&hello->limits, json, error) &&
           parse_server(hello, json, error) &&
           parse_invites(hello, json, error) &&
           parse_hello_rooms(hello, json, error) &&
           chat__reply_more(json, &hello->more, error) &&
           chat__reply_count(json, "rooms_rev", &hello->rooms_rev, error) &&
           chat__member_time(json, "now", &hello->now, error);
}

/* ---- rooms ---- */

static bool parse_room_summary(struct chat__room_summary *room,
                               const cJSON *json, struct chat__error *error)
{
    return chat__member_element(json, error) &&
           chat__member_any_room(json, &room->room, error) &&
           chat__json_string(json, "topic", CHAT__JSON_OPTIONAL, &room->topic,
                             error) &&
           chat__reply_count(json, "members", &room->members, error);
}

static bool parse_rooms(struct chat__rooms_ok *rooms, const cJSON *json,
                        struct chat__error *error)
{
    const cJSON *list = NULL;
    const cJSON *element;

    if (!chat__json_array(json, "rooms", CHAT__JSON_REQUIRED, &list, error))
        return false;
    rooms->rooms = chat__reply_allocate(list, sizeof(*rooms->rooms), error);
    if (rooms->rooms == NULL)
        return false;
    cJSON_ArrayForEach(element, list)
    {
        if (!parse_room_summary(&rooms->rooms[rooms->room_count], element,
                                error))
            return chat__member_within("rooms", error);
        rooms->room_count++;
    }
    return chat__reply_more(json, &rooms->more, error);
}

/* ---- join, members ---- */

/* One of a newer server is at least a member. */
static bool parse_role(const cJSON *json, enum chat__json_presence presence,
                       enum chat__role *role, struct chat__error *error)
{
    const char *name = NULL;

    if (!chat__json_string(json, "role", presence, &name, error))
        return false;
    if (name != NULL && !chat__role_from_name(name, role))
        *role = CHAT__ROLE_MEMBER;
    return true;
}

static bool parse_join(struct chat__join_ok *join, const cJSON *json,
                       struct chat__error *error)
{
    return chat__member_any_room(json, &join->room, error) &&
           parse_epoch(json, &join->epoch, error) &&
           chat__json_string(json, "topic", CHAT__JSON_OPTIONAL, &join->topic,
                             error) &&
           chat__reply_count(json, "members", &join->members, error) &&
           parse_role(json, CHAT__JSON_REQUIRED, &join->role, error) &&
           chat__json_bool(json, "recovered", CHAT__JSON_REQUIRED,
                           &join->recovered, error) &&
           chat__page_parse(&join->page, json, error);
}

static bool parse_member_row(struct chat__member_row *row, const cJSON *json,
                             struct chat__error *error)
{
    return chat__member_element(json, error) &&
           chat__json_id(json, "id", CHAT__JSON_REQUIRED, &row->id, error) &&
           chat__member_person_name(json, &row->name, error) &&
           parse_role(json, CHAT__JSON_OPTIONAL, &row->role, error) &&
           chat__member_presence(json, "presence", &row->presence, error);
}

static bool parse_members(struct chat__members_ok *members, const cJSON *json,
                          struct chat__error *error)
{
    const cJSON *list = NULL;
    const cJSON *element;

    if (!chat__json_array(json, "members", CHAT__JSON_REQUIRED, &list, error))
        return false;
    members->members =
        chat__reply_allocate(list, sizeof(*members->members), error);
    if (members->members == NULL)
        return false;
    cJSON_ArrayForEach(element, list)
    {
        if (!parse_member_row(&members->members[members->member_count], element,
                              error))
            return chat__member_within("members", error);
        members->member_count++;
    }
    return chat__reply_more(json, &members->more, error);
}

/* ---- the others ---- */

static bool parse_password(struct chat__password_ok *password,
                           const cJSON *json, struct chat__error *error)
{
    return chat__member_checked(json, "token", CHAT__JSON_REQUIRED,
                                chat__text_check_token, &password->token,
                                error);
}

static bool parse_send(struct chat__send_ok *send, const cJSON *json,
                       struct chat__error *error)
{
    return chat__reply_count(json, "seq", &send->seq, error) &&
           chat__member_time(json, "ts", &send->ts, error) &&
           chat__json_bool(json, "dup", CHAT__JSON_OPTIONAL, &send->dup, error);
}

static bool parse_read(struct chat__read_ok *read, const cJSON *json,
                       struct chat__error *error)
{
    return chat__reply_count(json, "seq", &read->seq, error) &&
           chat__reply_count(json, "unread", &read->unread, error) &&
           chat__reply_count(json, "mentions", &read->mentions, error);
}

/* The room is the key of the member. */
static bool parse_head(struct chat__head *head, const cJSON *json,
                       struct chat__error *error)
{
    const char *problem = chat__text_check_any_room_name(json->string);

    if (problem != NULL) {
        chat__error_set(error, CHAT__ERROR_BAD_REQUEST, "room: %s", problem);
        return false;
    }
    head->room = json->string;
    return chat__member_element(json, error) &&
           parse_epoch(json, &head->epoch, error) &&
           chat__reply_count(json, "head", &head->head, error);
}

static bool parse_heads(struct chat__ping_ok *ping, const cJSON *json,
                        struct chat__error *error)
{
    const cJSON *heads = NULL;
    const cJSON *member;

    if (!chat__json_object(json, "heads", CHAT__JSON_REQUIRED, &heads, error))
        return false;
    ping->heads = chat__reply_allocate(heads, sizeof(*ping->heads), error);
    if (ping->heads == NULL)
        return false;
    cJSON_ArrayForEach(member, heads)
    {
        if (!parse_head(&ping->heads[ping->head_count], member, error))
            return chat__member_within("heads", error);
        ping->head_count++;
    }
    return true;
}

static bool parse_ping(struct chat__ping_ok *ping, const cJSON *json,
                       struct chat__error *error)
{
    if (!chat__member_time(json, "now", &ping->now, error) ||
        !parse_heads(ping, json, error) ||
        !chat__reply_more(json, &ping->more, error))
        return false;
    return chat__member_checked(
               json, "after",
               ping->more ? CHAT__JSON_REQUIRED : CHAT__JSON_OPTIONAL,
               chat__text_check_any_room_name, &ping->after, error) &&
           chat__reply_count(json, "rooms_rev", &ping->rooms_rev, error);
}

static bool parse_ok(struct chat__reply *reply, const cJSON *json,
                     struct chat__error *error)
{
    switch (reply->action) {
    case CHAT__ACTION_HELLO:
        return parse_hello(&reply->body.hello, json, error);
    case CHAT__ACTION_ROOMS:
        return parse_rooms(&reply->body.rooms, json, error);
    case CHAT__ACTION_PASSWORD:
        return parse_password(&reply->body.password, json, error);
    case CHAT__ACTION_JOIN:
    case CHAT__ACTION_DM:
        return parse_join(&reply->body.join, json, error);
    case CHAT__ACTION_HISTORY:
        return chat__page_parse(&reply->body.history.page, json, error);
    case CHAT__ACTION_MEMBERS:
        return parse_members(&reply->body.members, json, error);
    case CHAT__ACTION_READ:
        return parse_read(&reply->body.read, json, error);
    case CHAT__ACTION_PING:
        return parse_ping(&reply->body.ping, json, error);
    default:
        return !chat__action_makes_entry(reply->action) ||
               parse_send(&reply->body.entry, json, error);
    }
}

static bool parse_error(struct chat__error *refusal, const cJSON *json,
                        struct chat__error *error)
{
    const char *code = NULL;
    const char *message = NULL;
    uint64_t retry_ms = 0;

    if (!chat__json_string(json, "code", CHAT__JSON_REQUIRED, &code, error) ||
        !chat__json_string(json, "message", CHAT__JSON_REQUIRED, &message,
                           error) ||
        !chat__json_uint(json, "retry_ms", CHAT__JSON_OPTIONAL, UINT32_MAX,
                         &retry_ms, error))
        return chat__member_within("error", error);
    chat__error_set(refusal, chat__error_from_name(code), "%s", message);
    refusal->temporary = chat__json_member(json, "retry_ms") != NULL;
    refusal->retry_ms = (uint32_t)retry_ms;
    return true;
}

bool chat__reply_parse_id(const cJSON *json, uint32_t *id,
                          struct chat__error *error)
{
    uint64_t value = 0;

    if (!chat__json_uint(json, "reply", CHAT__JSON_REQUIRED, UINT32_MAX, &value,
                         error))
        return false;
    *id = (uint32_t)value;
    return true;
}

static bool parse_outcome(struct chat__reply *reply, const cJSON *json,
                          struct chat__error *error)
{
    const cJSON *ok = NULL;
    const cJSON *refusal = NULL;

    if (!chat__json_object(json, "ok", CHAT__JSON_OPTIONAL, &ok, error) ||
        !chat__json_object(json, "error", CHAT__JSON_OPTIONAL, &refusal, error))
        return false;
    if ((ok == NULL) == (refusal == NULL)) {
        chat__error_set(error, CHAT__ERROR_BAD_REQUEST,
                        "ok, error: one of them expected");
        return false;
    }
    reply->ok = ok != NULL;
    return reply->ok ? parse_ok(reply, ok, error)
                     : parse_error(&reply->error, refusal, error);
}

bool chat__reply_parse(struct chat__reply *reply, const cJSON *json,
                       struct chat__error *error)
{
    enum chat__action action = reply->action;

    memset(reply, 0, sizeof(*reply));
    reply->action = action;
    if (chat__reply_parse_id(json, &reply->id, error) &&
        parse_outcome(reply, json, error))
        return true;
    chat__reply_release(reply);
    return false;
}

static void release_body(struct chat__reply *reply)
{
    switch (reply->action) {
    case CHAT__ACTION_HELLO:
        free(reply->body.hello.invites);
        free(reply->body.hello.rooms);
        break;
    case CHAT__ACTION_ROOMS:
        free(reply->body.rooms.rooms);
        break;
    case CHAT__ACTION_JOIN:
    case CHAT__ACTION_DM:
        chat__page_release(&reply->body.join.page);
        break;
    case CHAT__ACTION_HISTORY:
        chat__page_release(&reply->body.history.page);
        break;
    case CHAT__ACTION_MEMBERS:
        free(reply->body.members.members);
        break;
    case CHAT__ACTION_PING:
        free(reply->body.ping.heads);
        break;
    default:
        break;
    }
}

void chat__reply_release(struct chat__reply *reply)
{
    if (reply->ok)
        release_body(reply);
    memset(reply, 0, sizeof(*reply));
}
