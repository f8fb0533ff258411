#include "protocol/event.h"
#include "protocol/limits.h"
#include "protocol/member.h"
#include "protocol/text.h"
#include "protocol/writer.h"

#include <string.h>

#define CLOSE_CODE_MIN 4000
#define CLOSE_CODE_MAX 4999

static const char *const names[CHAT__EVENT_COUNT] = {
    [CHAT__EVENT_MESSAGE] = "message", [CHAT__EVENT_JOIN] = "join",
    [CHAT__EVENT_LEAVE] = "leave",     [CHAT__EVENT_TYPING] = "typing",
    [CHAT__EVENT_READ] = "read",       [CHAT__EVENT_MEMBERSHIP] = "membership",
    [CHAT__EVENT_CLOSE] = "close",     [CHAT__EVENT_UNKNOWN] = "unknown",
};

static const char *const state_names[] = {
    [CHAT__MEMBERSHIP_JOINED] = "joined",
    [CHAT__MEMBERSHIP_LEFT] = "left",
};

const char *chat__event_name(enum chat__event_kind kind)
{
    return names[kind];
}

bool chat__event_is_entry(const struct chat__event *event)
{
    return event->seq != 0;
}

/* ---- encoding ---- */

static void write_person(struct chat__writer *writer,
                         const struct chat__person *person)
{
    if (person->id == 0)
        return;
    chat__write_object(writer, "from");
    chat__write_id(writer, "id", person->id);
    chat__write_string(writer, "name", person->name);
    chat__write_object_end(writer);
}

static void write_entry(struct chat__writer *writer,
                        const struct chat__event *event)
{
    bool message = event->kind == CHAT__EVENT_MESSAGE;

    chat__write_string(writer, "room", event->room);
    chat__write_uint(writer, "seq", event->seq);
    if (message)
        chat__write_uint(writer, "n", event->n);
    chat__write_int(writer, "ts", event->ts);
    write_person(writer, &event->from);
    chat__write_string(writer, "key", event->key);
    if (!message)
        return;
    chat__write_string(writer, "text", event->text);
    if (event->reply_to != 0)
        chat__write_uint(writer, "reply_to", event->reply_to);
    if (event->deleted)
        chat__write_bool(writer, "deleted", true);
}

static void write_marker(struct chat__writer *writer,
                         const struct chat__event *event)
{
    chat__write_uint(writer, "read", event->read);
    chat__write_uint(writer, "unread", event->unread);
}

static void write_membership(struct chat__writer *writer,
                             const struct chat__event *event)
{
    chat__write_string(writer, "room", event->room);
    chat__write_string(writer, "epoch", event->epoch);
    chat__write_uint(writer, "head", event->head);
    chat__write_string(writer, "state", state_names[event->state]);
    if (event->state == CHAT__MEMBERSHIP_JOINED)
        write_marker(writer, event);
}

static void write_close(struct chat__writer *writer,
                        const struct chat__event *event)
{
    chat__write_uint(writer, "code", event->code);
    chat__write_string(writer, "message", event->message);
    if (event->has_retry)
        chat__write_uint(writer, "retry_ms", event->retry_ms);
}

static void write_members(struct chat__writer *writer,
                          const struct chat__event *event)
{
    switch (event->kind) {
    case CHAT__EVENT_MESSAGE:
    case CHAT__EVENT_JOIN:
    case CHAT__EVENT_LEAVE:
        write_entry(writer, event);
        break;
    case CHAT__EVENT_TYPING:
        chat__write_string(writer, "room", event->room);
        write_person(writer, &event->from);
        break;
    case CHAT__EVENT_READ:
        chat__write_string(writer, "room", event->room);
        write_marker(writer, event);
        break;
    case CHAT__EVENT_MEMBERSHIP:
        write_membership(writer, event);
        break;
    case CHAT__EVENT_CLOSE:
        write_close(writer, event);
        break;
    case CHAT__EVENT_UNKNOWN:
    case CHAT__EVENT_COUNT:
        /* Only read, never made. */
        writer->buffer->failed = true;
        break;
    }
}

void chat__event_encode(const struct chat__event *event,
                        struct chat__buffer *buffer)
{
    struct chat__writer writer;

    chat__writer_init(&writer, buffer);
    chat__write_object(&writer, NULL);
    chat__write_string(&writer, "event", chat__event_name(event->kind));
    write_members(&writer, event);
    chat__write_object_end(&writer);
}

/* ---- parsing ---- */

static bool parse_person(struct chat__person *person, const cJSON *json,
                         struct chat__error *error)
{
    const cJSON *from = NULL;

    if (!chat__json_object(json, "from", CHAT__JSON_REQUIRED, &from, error))
        return false;
    if (chat__json_id(from, "id", CHAT__JSON_REQUIRED, &person->id, error) &&
        chat__member_person_name(from, &person->name, error))
        return true;
    return chat__member_within("from", error);
}

static bool parse_entry(struct chat__event *event, const cJSON *json,
                        struct chat__error *error)
{
    return chat__member_any_room(json, &event->room, error) &&
           chat__member_seq(json, "seq", &event->seq, error) &&
           chat__member_time(json, "ts", &event->ts, error) &&
           parse_person(&event->from, json, error) &&
           chat__member_checked(json, "key", CHAT__JSON_REQUIRED,
                                chat__text_check_key, &event->key, error);
}

static bool parse_message(struct chat__event *event, const cJSON *json,
                          struct chat__error *error)
{
    if (!parse_entry(event, json, error) ||
        !chat__member_seq(json, "n", &event->n, error) ||
        !chat__json_bool(json, "deleted", CHAT__JSON_OPTIONAL, &event->deleted,
                         error) ||
        !chat__json_uint(json, "reply_to", CHAT__JSON_OPTIONAL,
                         CHAT__INTEGER_MAX, &event->reply_to, error))
        return false;
    return chat__json_string(json, "text",
                             event->deleted ? CHAT__JSON_OPTIONAL
                                            : CHAT__JSON_REQUIRED,
                             &event->text, error);
}

static bool parse_typing(struct chat__event *event, const cJSON *json,
                         struct chat__error *error)
{
    return chat__member_any_room(json, &event->room, error) &&
           parse_person(&event->from, json, error);
}

static bool parse_marker(struct chat__event *event, const cJSON *json,
                         enum chat__json_presence presence,
                         struct chat__error *error)
{
    return chat__json_uint(json, "read", presence, CHAT__INTEGER_MAX,
                           &event->read, error) &&
           chat__json_uint(json, "unread", presence, CHAT__INTEGER_MAX,
                           &event->unread, error);
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

    if (!chat__json_string(json, "state", CHAT__JSON_REQUIRED, &name, error))
        return false;
    if (strcmp(name, state_names[CHAT__MEMBERSHIP_JOINED]) == 0)
        event->state = CHAT__MEMBERSHIP_JOINED;
    else if (strcmp(name, state_names[CHAT__MEMBERSHIP_LEFT]) == 0)
        event->state = CHAT__MEMBERSHIP_LEFT;
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
           chat__json_uint(json, "head", CHAT__JSON_REQUIRED, CHAT__INTEGER_MAX,
                           &event->head, error) &&
           parse_state(event, json, error) &&
           parse_marker(event, json, CHAT__JSON_OPTIONAL, error);
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
    event->has_retry =
        cJSON_GetObjectItemCaseSensitive(json, "retry_ms") != NULL;
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

    if (cJSON_GetObjectItemCaseSensitive(json, "seq") == NULL)
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
    [CHAT__EVENT_JOIN] = parse_entry,
    [CHAT__EVENT_LEAVE] = parse_entry,
    [CHAT__EVENT_TYPING] = parse_typing,
    [CHAT__EVENT_READ] = parse_read,
    [CHAT__EVENT_MEMBERSHIP] = parse_membership,
    [CHAT__EVENT_CLOSE] = parse_close,
    [CHAT__EVENT_UNKNOWN] = parse_unknown,
};

static enum chat__event_kind kind_from_name(const char *name)
{
    int kind = 0;

    while (kind < CHAT__EVENT_UNKNOWN && strcmp(names[kind], name) != 0)
        kind++;
    return (enum chat__event_kind)kind;
}

bool chat__event_parse(struct chat__event *event, const cJSON *json,
                       struct chat__error *error)
{
    const char *name = NULL;

    memset(event, 0, sizeof(*event));
    event->kind = CHAT__EVENT_UNKNOWN;
    if (!chat__json_string(json, "event", CHAT__JSON_REQUIRED, &name, error))
        return false;
    event->kind = kind_from_name(name);
    return parsers[event->kind](event, json, error);
}
