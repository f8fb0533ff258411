#include "protocol/event.h"
#include "protocol/writer.h"

static const char *const state_names[] = {
    [CHAT__MEMBERSHIP_JOINED] = "joined",
    [CHAT__MEMBERSHIP_INVITED] = "invited",
    [CHAT__MEMBERSHIP_LEFT] = "left",
    [CHAT__MEMBERSHIP_REMOVED] = "removed",
};

const char *chat__membership_name(enum chat__membership_state state)
{
    return state_names[state];
}

static void write_person(struct chat__writer *writer, const char *key,
                         const struct chat__person *person)
{
    if (person->id == 0)
        return;
    chat__write_object(writer, key);
    chat__write_id(writer, "id", person->id);
    chat__write_string(writer, "name", person->name);
    chat__write_object_end(writer);
}

static void write_deleted(struct chat__writer *writer,
                          const struct chat__event *event)
{
    if (event->deleted)
        chat__write_bool(writer, "deleted", true);
}

/* ---- entries ---- */

static void write_message(struct chat__writer *writer,
                          const struct chat__event *event)
{
    chat__write_string(writer, "text", event->text);
    if (event->reply_to != 0)
        chat__write_uint(writer, "reply_to", event->reply_to);
    if (event->mention_count > 0) {
        chat__write_array(writer, "mentions");
        for (size_t i = 0; i < event->mention_count; i++)
            chat__write_id(writer, NULL, event->mentions[i]);
        chat__write_array_end(writer);
    }
    write_deleted(writer, event);
}

static void write_about_message(struct chat__writer *writer,
                                const struct chat__event *event)
{
    chat__write_uint(writer, "ref", event->ref);
    if (event->kind == CHAT__EVENT_EDIT) {
        chat__write_string(writer, "text", event->text);
        write_deleted(writer, event);
    }
    if (event->kind == CHAT__EVENT_REACT) {
        chat__write_string(writer, "emoji", event->emoji);
        chat__write_bool(writer, "on", event->on);
    }
}

static void write_about_user(struct chat__writer *writer,
                             const struct chat__event *event)
{
    write_person(writer, "user", &event->user);
    if (event->kind == CHAT__EVENT_BAN)
        chat__write_bool(writer, "on", event->on);
    if (event->kind == CHAT__EVENT_BAN || event->kind == CHAT__EVENT_KICK)
        chat__write_string(writer, "reason", event->reason);
    if (event->kind == CHAT__EVENT_ROLE)
        chat__write_string(writer, "role", chat__role_name(event->role));
}

static void write_entry_body(struct chat__writer *writer,
                             const struct chat__event *event)
{
    switch (event->kind) {
    case CHAT__EVENT_MESSAGE:
        write_message(writer, event);
        break;
    case CHAT__EVENT_EDIT:
    case CHAT__EVENT_DELETE:
    case CHAT__EVENT_REACT:
        write_about_message(writer, event);
        break;
    case CHAT__EVENT_JOIN:
        write_person(writer, "with", &event->with);
        break;
    case CHAT__EVENT_TOPIC:
        chat__write_string(writer, "topic", event->topic);
        break;
    case CHAT__EVENT_INVITE:
    case CHAT__EVENT_KICK:
    case CHAT__EVENT_BAN:
    case CHAT__EVENT_ROLE:
        write_about_user(writer, event);
        break;
    default:
        break;
    }
}

static void write_entry(struct chat__writer *writer,
                        const struct chat__event *event)
{
    chat__write_string(writer, "room", event->room);
    chat__write_uint(writer, "seq", event->seq);
    if (event->kind == CHAT__EVENT_MESSAGE)
        chat__write_uint(writer, "n", event->n);
    chat__write_int(writer, "ts", event->ts);
    write_person(writer, "from", &event->from);
    chat__write_string(writer, "key", event->key);
    write_entry_body(writer, event);
}

/* ---- without seq ---- */

static void write_typing(struct chat__writer *writer,
                         const struct chat__event *event)
{
    chat__write_string(writer, "room", event->room);
    write_person(writer, "from", &event->from);
}

static void write_presence(struct chat__writer *writer,
                           const struct chat__event *event)
{
    chat__write_string(writer, "room", event->room);
    chat__write_array(writer, "users");
    for (size_t i = 0; i < event->presence_count; i++) {
        const struct chat__user_presence *user = &event->presences[i];

        chat__write_object(writer, NULL);
        chat__write_id(writer, "id", user->id);
        chat__write_string(writer, "presence",
                           chat__presence_name(user->presence));
        chat__write_object_end(writer);
    }
    chat__write_array_end(writer);
}

static void write_marker(struct chat__writer *writer,
                         const struct chat__event *event)
{
    chat__write_uint(writer, "read", event->read);
    chat__write_uint(writer, "unread", event->unread);
    chat__write_uint(writer, "mentions", event->mentions_unread);
}

static void write_read(struct chat__writer *writer,
                       const struct chat__event *event)
{
    chat__write_string(writer, "room", event->room);
    write_marker(writer, event);
}

static void write_membership(struct chat__writer *writer,
                             const struct chat__event *event)
{
    chat__write_string(writer, "room", event->room);
    chat__write_string(writer, "epoch", event->epoch);
    chat__write_uint(writer, "head", event->head);
    chat__write_string(writer, "state", chat__membership_name(event->state));
    write_person(writer, "by", &event->by);
    if (event->state == CHAT__MEMBERSHIP_JOINED)
        write_marker(writer, event);
}

static void write_drain(struct chat__writer *writer,
                        const struct chat__event *event)
{
    chat__write_string(writer, "reason", event->reason);
    chat__write_uint(writer, "reconnect_in_ms", event->reconnect_in_ms);
    chat__write_uint(writer, "spread_ms", event->spread_ms);
    chat__write_string(writer, "url", event->url);
}

static void write_close(struct chat__writer *writer,
                        const struct chat__event *event)
{
    chat__write_uint(writer, "code", event->code);
    chat__write_string(writer, "message", event->message);
    if (event->has_retry)
        chat__write_uint(writer, "retry_ms", event->retry_ms);
}

/* Unknown ones are only read, never made: they have no writer. */
typedef void event_writer(struct chat__writer *writer,
                          const struct chat__event *event);

static event_writer *const writers[CHAT__EVENT_COUNT] = {
    [CHAT__EVENT_MESSAGE] = write_entry,
    [CHAT__EVENT_JOIN] = write_entry,
    [CHAT__EVENT_LEAVE] = write_entry,
    [CHAT__EVENT_EDIT] = write_entry,
    [CHAT__EVENT_DELETE] = write_entry,
    [CHAT__EVENT_REACT] = write_entry,
    [CHAT__EVENT_TOPIC] = write_entry,
    [CHAT__EVENT_INVITE] = write_entry,
    [CHAT__EVENT_KICK] = write_entry,
    [CHAT__EVENT_BAN] = write_entry,
    [CHAT__EVENT_ROLE] = write_entry,
    [CHAT__EVENT_TYPING] = write_typing,
    [CHAT__EVENT_PRESENCE] = write_presence,
    [CHAT__EVENT_READ] = write_read,
    [CHAT__EVENT_MEMBERSHIP] = write_membership,
    [CHAT__EVENT_DRAIN] = write_drain,
    [CHAT__EVENT_CLOSE] = write_close,
};

void chat__event_encode(const struct chat__event *event,
                        struct chat__buffer *buffer)
{
    struct chat__writer writer;

    if (writers[event->kind] == NULL) {
        buffer->failed = true;
        return;
    }
    chat__writer_init(&writer, buffer);
    chat__write_object(&writer, NULL);
    chat__write_string(&writer, "event", chat__event_name(event->kind));
    writers[event->kind](&writer, event);
    chat__write_object_end(&writer);
}
