#include "tests/protocol/fields_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct field event_fields[] = {
    FIELD(STRING, "room", chat__event, room),
    FIELD(INTEGER, "seq", chat__event, seq),
    FIELD(INTEGER, "n", chat__event, n),
    FIELD(INTEGER, "ts", chat__event, ts),
    FIELD(ID, "from.id", chat__event, from.id),
    FIELD(STRING, "from.name", chat__event, from.name),
    FIELD(STRING, "key", chat__event, key),
    FIELD(STRING, "text", chat__event, text),
    FIELD(INTEGER, "reply_to", chat__event, reply_to),
    FIELD(BOOL, "deleted", chat__event, deleted),
    FIELD(INTEGER, "ref", chat__event, ref),
    FIELD(STRING, "emoji", chat__event, emoji),
    FIELD(BOOL, "on", chat__event, on),
    FIELD(ID, "with.id", chat__event, with.id),
    FIELD(STRING, "with.name", chat__event, with.name),
    FIELD(ID, "user.id", chat__event, user.id),
    FIELD(STRING, "user.name", chat__event, user.name),
    FIELD(STRING, "reason", chat__event, reason),
    FIELD(STRING, "topic", chat__event, topic),
    FIELD(ROLE, "role", chat__event, role),
    FIELD(ID, "by.id", chat__event, by.id),
    FIELD(STRING, "by.name", chat__event, by.name),
    FIELD(INTEGER, "reconnect_in_ms", chat__event, reconnect_in_ms),
    FIELD(INTEGER, "spread_ms", chat__event, spread_ms),
    FIELD(STRING, "url", chat__event, url),
    FIELD(STRING, "epoch", chat__event, epoch),
    FIELD(INTEGER, "head", chat__event, head),
    FIELD(INTEGER, "read", chat__event, read),
    FIELD(INTEGER, "unread", chat__event, unread),
    FIELD(INTEGER, "code", chat__event, code),
    FIELD(STRING, "message", chat__event, message),
    FIELD(INTEGER, "retry_ms", chat__event, retry_ms),
    {0},
};

/* Of an unknown event only what moves the log is promised. */
static const struct field unknown_entry_fields[] = {
    FIELD(STRING, "room", chat__event, room),
    FIELD(INTEGER, "seq", chat__event, seq),
    FIELD(INTEGER, "ts", chat__event, ts),
    FIELD(ID, "from.id", chat__event, from.id),
    FIELD(STRING, "key", chat__event, key),
    {0},
};

static void expect_count(uint64_t value, const cJSON *expected)
{
    assert_int_equal(value, expected ? (uint64_t)expected->valuedouble : 0);
}

static const struct field user_presence_fields[] = {
    FIELD(ID, "id", chat__user_presence, id),
    FIELD(PRESENCE, "presence", chat__user_presence, presence),
    {0},
};

static void expect_presences(const struct chat__event *event,
                             const cJSON *expected)
{
    struct chat__user_presence user;
    const cJSON *at = NULL;
    const cJSON *item;

    assert_int_equal(event->presence_count, cJSON_GetArraySize(expected));
    cJSON_ArrayForEach(item, expected)
    {
        at = chat__event_next_presence(event, at, &user);
        assert_non_null(at);
        fields_expect(user_presence_fields, &user, item);
    }
}

static void expect_known_event(const struct chat__event *event,
                               const cJSON *expected)
{
    const char *state = cJSON_GetStringValue(fields_find(expected, "state"));

    assert_string_equal(chat__event_name(event->kind),
                        cJSON_GetStringValue(fields_find(expected, "event")));
    fields_expect(event_fields, event, expected);
    assert_int_equal(event->has_retry,
                     fields_find(expected, "retry_ms") != NULL);
    if (state != NULL)
        assert_string_equal(chat__membership_name(event->state), state);
    if (event->kind == CHAT__EVENT_MESSAGE)
        fields_expect_ids(event->mentions, event->mention_count,
                          fields_find(expected, "mentions"));
    else
        expect_count(event->mentions_unread, fields_find(expected, "mentions"));
    expect_presences(event, fields_find(expected, "users"));
}

void fields_expect_event(const struct chat__event *event, const cJSON *expected)
{
    bool entry = fields_find(expected, "seq") != NULL;

    assert_int_equal(chat__event_is_entry(event), entry);
    if (event->kind != CHAT__EVENT_UNKNOWN)
        expect_known_event(event, expected);
    else if (entry)
        fields_expect(unknown_entry_fields, event, expected);
}
