/* The requests that make an entry. */
#include "protocol/member.h"
#include "protocol/request_codec.h"
#include "protocol/text.h"

static bool parse_target(const cJSON *json, const char **room, const char **key,
                         struct chat__error *error)
{
    return chat__member_any_room(json, room, error) &&
           chat__member_key(json, key, error);
}

/* ---- join, leave ---- */

/* A reserved room may be joined again, but not made. */
static bool check_new_room(const struct chat__join *join,
                           struct chat__error *error)
{
    const char *problem =
        join->create ? chat__text_check_room_name(join->room) : NULL;

    if (problem != NULL)
        chat__error_set(error, CHAT__ERROR_BAD_REQUEST, "room: %s", problem);
    return problem == NULL;
}

static bool parse_limit(const cJSON *json, uint64_t *limit,
                        struct chat__error *error)
{
    *limit = CHAT__PAGE_ENTRIES_DEFAULT;
    return chat__json_uint(json, "limit", CHAT__JSON_OPTIONAL,
                           CHAT__PAGE_ENTRIES_MAX, limit, error);
}

static bool parse_since_position(struct chat__join *join, const cJSON *json,
                                 struct chat__error *error)
{
    const cJSON *since = NULL;

    if (!chat__json_object(json, "since", CHAT__JSON_OPTIONAL, &since, error))
        return false;
    if (since == NULL)
        return true;
    if (chat__member_checked(since, "epoch", CHAT__JSON_REQUIRED,
                             chat__text_check_epoch, &join->since_epoch,
                             error) &&
        chat__json_uint(since, "seq", CHAT__JSON_REQUIRED, CHAT__INTEGER_MAX,
                        &join->since_seq, error))
        return true;
    return chat__member_within("since", error);
}

bool chat__request_parse_join(struct chat__request *request, const cJSON *json,
                              struct chat__error *error)
{
    struct chat__join *join = &request->body.join;

    return parse_target(json, &join->room, &join->key, error) &&
           chat__json_bool(json, "create", CHAT__JSON_OPTIONAL, &join->create,
                           error) &&
           chat__json_bool(json, "private", CHAT__JSON_OPTIONAL,
                           &join->private_room, error) &&
           check_new_room(join, error) &&
           parse_since_position(join, json, error) &&
           parse_limit(json, &join->limit, error);
}

bool chat__request_parse_dm(struct chat__request *request, const cJSON *json,
                            struct chat__error *error)
{
    struct chat__dm *dm = &request->body.dm;

    return chat__json_id(json, "user", CHAT__JSON_REQUIRED, &dm->user, error) &&
           chat__member_key(json, &dm->key, error) &&
           parse_limit(json, &dm->limit, error);
}

bool chat__request_parse_leave(struct chat__request *request, const cJSON *json,
                               struct chat__error *error)
{
    struct chat__leave *leave = &request->body.leave;

    return parse_target(json, &leave->room, &leave->key, error);
}

/* ---- messages ---- */

static bool parse_text(const cJSON *json, const char **text,
                       struct chat__error *error)
{
    const char *problem;

    if (!chat__json_string(json, "text", CHAT__JSON_REQUIRED, text, error))
        return false;
    problem = chat__text_check_message(*text);
    if (problem == NULL)
        return true;
    /* All that can be wrong with a text is its size. */
    chat__error_set(
        error, **text == '\0' ? CHAT__ERROR_BAD_REQUEST : CHAT__ERROR_TOO_LARGE,
        "text: %s", problem);
    return false;
}

bool chat__request_parse_send(struct chat__request *request, const cJSON *json,
                              struct chat__error *error)
{
    struct chat__send *send = &request->body.send;

    return parse_target(json, &send->room, &send->key, error) &&
           parse_text(json, &send->text, error) &&
           (!chat__member_is_there(json, "reply_to") ||
            chat__member_seq(json, "reply_to", &send->reply_to, error)) &&
           chat__member_mentions(json, send->mentions, &send->mention_count,
                                 error);
}

bool chat__request_parse_edit(struct chat__request *request, const cJSON *json,
                              struct chat__error *error)
{
    struct chat__edit *edit = &request->body.edit;

    return parse_target(json, &edit->room, &edit->key, error) &&
           chat__member_seq(json, "ref", &edit->ref, error) &&
           parse_text(json, &edit->text, error);
}

bool chat__request_parse_delete(struct chat__request *request,
                                const cJSON *json, struct chat__error *error)
{
    struct chat__delete *delete = &request->body.delete;

    return parse_target(json, &delete->room, &delete->key, error) &&
           chat__member_seq(json, "ref", &delete->ref, error);
}

bool chat__request_parse_react(struct chat__request *request, const cJSON *json,
                               struct chat__error *error)
{
    struct chat__react *react = &request->body.react;

    return parse_target(json, &react->room, &react->key, error) &&
           chat__member_seq(json, "ref", &react->ref, error) &&
           chat__member_checked(json, "emoji", CHAT__JSON_REQUIRED,
                                chat__text_check_emoji, &react->emoji, error) &&
           chat__json_bool(json, "on", CHAT__JSON_REQUIRED, &react->on, error);
}

/* ---- the room and its users ---- */

bool chat__request_parse_topic(struct chat__request *request, const cJSON *json,
                               struct chat__error *error)
{
    struct chat__topic *topic = &request->body.topic;

    return parse_target(json, &topic->room, &topic->key, error) &&
           chat__member_checked(json, "topic", CHAT__JSON_REQUIRED,
                                chat__text_check_topic, &topic->topic, error);
}

static bool parse_moderate(struct chat__moderate *moderate, const cJSON *json,
                           struct chat__error *error)
{
    return parse_target(json, &moderate->room, &moderate->key, error) &&
           chat__json_id(json, "user", CHAT__JSON_REQUIRED, &moderate->user,
                         error);
}

static bool parse_reason(struct chat__moderate *moderate, const cJSON *json,
                         struct chat__error *error)
{
    return chat__member_checked(json, "reason", CHAT__JSON_OPTIONAL,
                                chat__text_check_reason, &moderate->reason,
                                error);
}

bool chat__request_parse_invite(struct chat__request *request,
                                const cJSON *json, struct chat__error *error)
{
    return parse_moderate(&request->body.invite, json, error);
}

bool chat__request_parse_kick(struct chat__request *request, const cJSON *json,
                              struct chat__error *error)
{
    return parse_moderate(&request->body.kick, json, error) &&
           parse_reason(&request->body.kick, json, error);
}

bool chat__request_parse_ban(struct chat__request *request, const cJSON *json,
                             struct chat__error *error)
{
    struct chat__moderate *ban = &request->body.ban;

    return parse_moderate(ban, json, error) &&
           chat__json_bool(json, "on", CHAT__JSON_REQUIRED, &ban->on, error) &&
           parse_reason(ban, json, error);
}

bool chat__request_parse_role(struct chat__request *request, const cJSON *json,
                              struct chat__error *error)
{
    struct chat__moderate *role = &request->body.role;
    const char *name = NULL;

    if (!parse_moderate(role, json, error) ||
        !chat__json_string(json, "role", CHAT__JSON_REQUIRED, &name, error))
        return false;
    if (chat__role_from_name(name, &role->role))
        return true;
    chat__error_set(error, CHAT__ERROR_BAD_REQUEST,
                    "role: member, moderator or owner expected");
    return false;
}
