#include "protocol/event.h"
#include "protocol/limits.h"
#include "protocol/member.h"
#include "protocol/text.h"

#include <string.h>

#define CLOSE_CODE_MIN 1003
#define CLOSE_CODE_MAX 4999

static bool parse_person(struct chat__person *person, const cJSON *json,
                         const char *key, enum chat__json_presence presence,
                         struct chat__error *error)
{
    const cJSON *object = NULL;

    if (!chat__json_object(json, key, presence, &object, error))
        return false;
    if (object == NULL ||
        (chat__json_id(object, "id", CHAT__JSON_REQUIRED, &person->id, error) &&
         chat__member_person_name(object, &person->name, error)))
        return true;
    return chat__member_within(key, error);
}

static bool parse_count(const cJSON *json, const char *key, uint64_t *value,
                        struct chat__error *error)
{
    return chat__json_uint(json, key, CHAT__JSON_REQUIRED, CHAT__INTEGER_MAX,
                           value, error);
}

/* ---- entries ---- */

static bool parse_entry(struct chat__event *event, const cJSON *json,
                        struct chat__error *error)
{
    return chat__member_any_room(json, &event->room, error) &&
           chat__member_seq(json, "seq", &event->seq, error) &&
           chat__member_time(json, "ts", &event->ts, error) &&
           parse_person(&event->from, json, "from", CHAT__JSON_REQUIRED,
                        error) &&
           chat__member_key(json, &event->key, error);
}

/* The text of a message or an edit: there, unless it is deleted. */
static bool parse_text(struct chat__event *event, const cJSON *json,
                       struct chat__error *error)
{
    return chat__json_bool(json, "deleted", CHAT__JSON_OPTIONAL,
                           &event->deleted, error) &&
           chat__json_string(json, "text",
                             event->deleted ? CHAT__JSON_OPTIONAL
                                            : CHAT__JSON_REQUIRED,
                             &event->text, error);
}

static bool parse_message(struct chat__event *event, const cJSON *json,
                          struct chat__error *error)
{
    return parse_entry(event, json, error) &&
           chat__member_seq(json, "n", &event->n, error) &&
           chat__json_uint(json, "reply_to", CHAT__JSON_OPTIONAL,
                           CHAT__INTEGER_MAX, &event->reply_to, error) &&
           chat__member_mentions(json, event->mentions, &event->mention_count,
                                 error) &&
           parse_text(event, json, error);
}

static bool parse_edit(struct chat__event *event, const cJSON *json,
                       struct chat__error *error)
{
    return parse_entry(event, json, error) &&
           chat__member_seq(json, "ref", &event->ref, error) &&
           parse_text(event, json, error);
}

static bool parse_delete(struct chat__event *event, const cJSON *json,
                         struct chat__error *error)
{
    return parse_entry(event, json, error) &&
           chat__member_seq(json, "ref", &event->ref, error);
}

static bool parse_react(struct chat__event *event, const cJSON *json,
                        struct chat__error *error)
{
    return parse_entry(event, json, error) &&
           chat__member_seq(json, "ref", &event->ref, error) &&
           chat__member_emoji(json, &event->emoji, error) &&
           chat__json_bool(json, "on", CHAT__JSON_REQUIRED, &event->on, error);
}

static bool parse_join(struct chat__event *event, const cJSON *json,
                       struct chat__error *error)
{
    return parse_entry(event, json, error) &&
           parse_person(&event->with, json, "with", CHAT__JSON_OPTIONAL, error);
}

static bool parse_topic(struct chat__event *event, const cJSON *json,
                        struct chat__error *error)
{
    return parse_entry(event, json, error) &&
           chat__json_string(json, "topic", CHAT__JSON_REQUIRED, &event->topic,
                             error);
}

static bool parse_about_user(struct chat__event *event, const cJSON *json,
                             struct chat__error *error)
{
    return parse_entry(event, json, error) &&
           parse_person(&event->user, json, "user", CHAT__JSON_REQUIRED, error);
}

static bool parse_kick(struct chat__event *event, const cJSON *json,
                       struct chat__error *error)
{
    return parse_about_user(event, json, error) &&
           chat__json_string(json, "reason", CHAT__JSON_OPTIONAL,
                             &event->reason, error);
}

static bool parse_ban(struct chat__event *event, const cJSON *json,
                      struct chat__error *error)
{
    return parse_kick(event, json, error) &&
           chat__json_bool(json, "on", CHAT__JSON_REQUIRED, &event->on, error);
}

/* A role of a newer server makes the entry one that only moves the log. */
static bool parse_role(struct chat__event *event, const cJSON *json,
                       struct chat__error *error)
{
    const char *name = NULL;

    if (!parse_about_user(event, json, error) ||
        !chat__json_string(json, "role", CHAT__JSON_REQUIRED, &name, error))
        return false;
    if (!chat__role_from_name(name, &event->role))
        event->kind = CHAT__EVENT_UNKNOWN;
    return true;
}

/* ---- without seq ---- */

static bool parse_typing(struct chat__event *event, const cJSON *json,
                         struct chat__error *error)
{
    return chat__member_any_room(json, &event->room, error) &&
           parse_person(&event->from, json, "from", CHAT__JSON_REQUIRED, error);
}

static bool parse_user_presence(struct chat__user_presence *user,
                                const cJSON *json, struct chat__error *error)
{
    memset(user, 0, sizeof(*user));
    return chat__member_element(json, error) &&
           chat__json_id(json, "id", CHAT__JSON_REQUIRED, &user->id, error) &&
           chat__member_presence(json, "presence", &user->presence, error);
}

static bool parse_presence(struct chat__event *event, const cJSON *json,
                           struct chat__error *error)
{
    const cJSON *element;

    if (!chat__member_any_room(json, &event->room, error) ||
        !chat__json_array(json, "users", CHAT__JSON_REQUIRED,
                          &event->presences_json, error))
        return false;
    cJSON_ArrayForEach(element, event->presences_json)
    {
        struct chat__user_presence user;

        if (!parse_user_presence(&user, element, error))
            return chat__member_within("users", error);
        event->presence_count++;
    }
    return true;
}

const cJSON *chat__event_next_presence(const struct chat__event *event,
                                       const cJSON *json,
                                       struct chat__user_presence *presence)
{
    const cJSON *next =
        json != NULL ? json->next : event->presences_json->child;
    struct chat__error error;

    if (next != NULL && !parse_user_presence(presence, next, &error))
        return NULL;
    return next;
}

static bool parse_marker(struct chat__event *event, const cJSON *json,
                         enum chat__json_presence presence,
                         struct chat__error *error)
{
    return chat__json_uint(json, "read", presence, CHAT__INTEGER_MAX,
                           &event->read, error) &&
           chat__json_uint(json, "unread", presence, CHAT__INTEGER_MAX,
                           &event->unread, error) &&
           chat__json_uint(json, "mentions", presence, CHAT__INTEGER_MAX,
                           &event->mentions_unread, error);
}

static bool parse_read(struct chat__event *event, const cJSON *json,
                       struct chat__error *error)
{
    return chat__member_any_room(json, &event->room, error) &&
           parse_marker(event, json, CHAT__JSON_REQUIRED, error);
}

/* A state of a newer server makes the event an unknown one: it is passed by. */
static bool parse_state(struct chat__event *event, const cJSON *json,
                        struct chat__error *error)
{
    const char *name = NULL;
    int state = CHAT__MEMBERSHIP_JOINED;

    if (!chat__json_string(json, "state", CHAT__JSON_REQUIRED, &name, error))
        return false;
    while (state <= CHAT__MEMBERSHIP_REMOVED &&
           strcmp(chat__membership_name((enum chat__membership_state)state),
                  name) != 0)
        state++;
    if (state <= CHAT__MEMBERSHIP_REMOVED)
        event->state = (enum chat__membership_state)state;
    else
        event->kind = CHAT__EVENT_UNKNOWN;
    return true;
}

static bool parse_membership(struct chat__event *event, const cJSON *json,
                             struct chat__error *error)
{
    return chat__member_any_room(json, &event->room, error) &&
           chat__member_checked(json, "epoch", CHAT__JSON_REQUIRED,
                                chat__text_check_epoch, &event->epoch, error) &&
           parse_count(json, "head", &event->head, error) &&
           parse_state(event, json, error) &&
           parse_person(&event->by, json, "by", CHAT__JSON_OPTIONAL, error) &&
           parse_marker(event, json, CHAT__JSON_OPTIONAL, error);
}

static bool parse_drain(struct chat__event *event, const cJSON *json,
                        struct chat__error *error)
{
    return chat__json_string(json, "reason", CHAT__JSON_REQUIRED,
                             &event->reason, error) &&
           parse_count(json, "reconnect_in_ms", &event->reconnect_in_ms,
                       error) &&
           parse_count(json, "spread_ms", &event->spread_ms, error) &&
           chat__json_string(json, "url", CHAT__JSON_OPTIONAL, &event->url,
                             error);
}

static bool parse_close(struct chat__event *event, const cJSON *json,
                        struct chat__error *error)
{
    if (!chat__json_uint(json, "code", CHAT__JSON_REQUIRED, CLOSE_CODE_MAX,
                         &event->code, error) ||
        !chat__json_string(json, "message", CHAT__JSON_REQUIRED,
                           &event->message, error) ||
        !chat__json_uint(json, "retry_ms", CHAT__JSON_OPTIONAL,
                         CHAT__INTEGER_MAX, &event->retry_ms, error))
        return false;
    event->has_retry = chat__member_is_there(json, "retry_ms");
    if (event->code < CLOSE_CODE_MIN)
        chat__error_set(error, CHAT__ERROR_BAD_REQUEST,
                        "code: %d to %d expected", CLOSE_CODE_MIN,
                        CLOSE_CODE_MAX);
    return event->code >= CLOSE_CODE_MIN;
}

/*
 * With seq it is an entry: it moves the log whatever else a later version puts
 * into it or leaves out, so only room and seq are asked for.
 */
static bool parse_unknown(struct chat__event *event, const cJSON *json,
                          struct chat__error *error)
{
    struct chat__event whole = *event;
    struct chat__error ignored;

    if (!chat__member_is_there(json, "seq"))
        return true;
    if (parse_entry(&whole, json, &ignored)) {
        *event = whole;
        return true;
    }
    return chat__member_any_room(json, &event->room, error) &&
           chat__member_seq(json, "seq", &event->seq, error);
}

typedef bool event_parser(struct chat__event *event, const cJSON *json,
                          struct chat__error *error);

static event_parser *const parsers[CHAT__EVENT_COUNT] = {
    [CHAT__EVENT_MESSAGE] = parse_message,
    [CHAT__EVENT_JOIN] = parse_join,
    [CHAT__EVENT_LEAVE] = parse_entry,
    [CHAT__EVENT_EDIT] = parse_edit,
    [CHAT__EVENT_DELETE] = parse_delete,
    [CHAT__EVENT_REACT] = parse_react,
    [CHAT__EVENT_TOPIC] = parse_topic,
    [CHAT__EVENT_INVITE] = parse_about_user,
    [CHAT__EVENT_KICK] = parse_kick,
    [CHAT__EVENT_BAN] = parse_ban,
    [CHAT__EVENT_ROLE] = parse_role,
    [CHAT__EVENT_TYPING] = parse_typing,
    [CHAT__EVENT_PRESENCE] = parse_presence,
    [CHAT__EVENT_READ] = parse_read,
    [CHAT__EVENT_MEMBERSHIP] = parse_membership,
    [CHAT__EVENT_DRAIN] = parse_drain,
    [CHAT__EVENT_CLOSE] = parse_close,
    [CHAT__EVENT_UNKNOWN] = parse_unknown,
};

bool chat__event_parse(struct chat__event *event, const cJSON *json,
                       struct chat__error *error)
{
    const char *name = NULL;

    memset(event, 0, sizeof(*event));
    event->kind = CHAT__EVENT_UNKNOWN;
    if (!chat__json_string(json, "event", CHAT__JSON_REQUIRED, &name, error))
        return false;
    event->kind = chat__event_kind_from_name(name);
    return parsers[event->kind](event, json, error);
}
