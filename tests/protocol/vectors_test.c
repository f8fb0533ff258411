/* The cases of tests/vectors/ through the public edge of protocol/. */
#include "protocol/event.h"
#include "protocol/frame.h"
#include "protocol/json.h"
#include "protocol/limits.h"
#include "protocol/reply.h"
#include "protocol/request.h"
#include "protocol/text.h"
#include "tests/protocol/fields.h"
#include "tests/protocol/refill.h"
#include "tests/protocol/vector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CASE_BYTES_MAX  (2 * 1024 * 1024)
#define LENGTH_OF(list) (sizeof(list) / sizeof(*(list)))

/* A case, the bytes in it, and room for what is encoded. */
struct fixture {
    const cJSON *item;
    struct chat__buffer wire;
    struct chat__buffer encoded;
    struct chat__error error;
};

static void begin(struct fixture *fixture, void **state, const char *member)
{
    memset(fixture, 0, sizeof(*fixture));
    fixture->item = *state;
    chat__buffer_init(&fixture->wire, CASE_BYTES_MAX);
    chat__buffer_init(&fixture->encoded, CASE_BYTES_MAX);
    vector_bytes(cJSON_GetObjectItemCaseSensitive(*state, member),
                 &fixture->wire);
}

static void end(struct fixture *fixture)
{
    chat__buffer_release(&fixture->wire);
    chat__buffer_release(&fixture->encoded);
}

static const cJSON *member(const struct fixture *fixture, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(fixture->item, name);
}

/* What a parser must yield: `fields`, or the object on the wire. */
static cJSON *expected_fields(const struct fixture *fixture)
{
    const cJSON *fields = member(fixture, "fields");
    cJSON *expected = fields ? cJSON_Duplicate(fields, true)
                             : cJSON_ParseWithLength(fixture->wire.data,
                                                     fixture->wire.length);

    assert_non_null(expected);
    return expected;
}

static bool is_encoded(const struct fixture *fixture)
{
    return !cJSON_IsNull(member(fixture, "encoded")) &&
           !cJSON_IsTrue(member(fixture, "unknown"));
}

static void expect_encoded(const struct fixture *fixture)
{
    const char *bytes = vector_string(fixture->item, "encoded");
    size_t length = bytes ? strlen(bytes) : fixture->wire.length;

    if (bytes == NULL)
        bytes = fixture->wire.data;
    assert_false(fixture->encoded.failed);
    assert_int_equal(fixture->encoded.length, length);
    assert_memory_equal(fixture->encoded.data, bytes, length);
}

static void expect_refused(const struct fixture *fixture)
{
    const char *name = vector_string(fixture->item, "member");

    assert_string_equal(chat__error_name(fixture->error.code),
                        vector_string(fixture->item, "error"));
    assert_false(fixture->error.temporary);
    if (name != NULL) {
        assert_memory_equal(fixture->error.message, name, strlen(name));
        assert_non_null(strchr(":., ", fixture->error.message[strlen(name)]));
    }
}

static void expect_refused_id(const struct fixture *fixture,
                              const struct chat__request *request)
{
    const cJSON *id = member(fixture, "id");

    assert_int_equal(request->has_id, id != NULL);
    if (id != NULL)
        assert_int_equal(request->id, (uint32_t)id->valuedouble);
}

static void request_case(void **state)
{
    struct fixture fixture;
    struct chat__request request;
    bool refused;

    begin(&fixture, state, "wire");
    refused = member(&fixture, "error") != NULL;
    assert_int_equal(chat__request_parse(&request, fixture.wire.data,
                                         fixture.wire.length, &fixture.error),
                     !refused);
    if (refused) {
        expect_refused(&fixture);
        expect_refused_id(&fixture, &request);
    } else {
        cJSON *expected = expected_fields(&fixture);

        fields_expect_request(&request, expected);
        cJSON_Delete(expected);
        chat__request_encode(&request, &fixture.encoded);
        expect_encoded(&fixture);
    }
    chat__request_release(&request);
    end(&fixture);
}

static void event_case(void **state)
{
    struct fixture fixture;
    struct chat__user_presence presences[REFILL_PRESENCES_MAX];
    struct chat__event event;
    cJSON *json;
    bool refused;

    begin(&fixture, state, "wire");
    refused = member(&fixture, "error") != NULL;
    json = chat__json_parse(fixture.wire.data, fixture.wire.length,
                            &fixture.error);
    assert_non_null(json);
    assert_int_equal(chat__event_parse(&event, json, &fixture.error), !refused);
    if (refused) {
        expect_refused(&fixture);
    } else {
        cJSON *expected = expected_fields(&fixture);

        assert_int_equal(event.kind == CHAT__EVENT_UNKNOWN,
                         cJSON_IsTrue(member(&fixture, "unknown")));
        fields_expect_event(&event, expected);
        cJSON_Delete(expected);
        refill_presences(&event, presences);
        chat__event_encode(&event, &fixture.encoded);
        if (is_encoded(&fixture))
            expect_encoded(&fixture);
        else
            assert_true(fixture.encoded.failed);
    }
    chat__json_free(json);
    end(&fixture);
}

static enum chat__action action_of(const struct fixture *fixture)
{
    int action = 0;

    while (strcmp(chat__action_name((enum chat__action)action),
                  vector_string(fixture->item, "action")) != 0)
        assert_true(++action < CHAT__ACTION_COUNT);
    return (enum chat__action)action;
}

static size_t list_length(const struct chat__reply *reply)
{
    if (!reply->ok)
        return 0;
    switch (reply->action) {
    case CHAT__ACTION_HELLO:
        return reply->body.hello.room_count;
    case CHAT__ACTION_ROOMS:
        return reply->body.rooms.room_count;
    case CHAT__ACTION_JOIN:
    case CHAT__ACTION_DM:
        return reply->body.join.page.entry_count;
    case CHAT__ACTION_HISTORY:
        return reply->body.history.page.entry_count;
    case CHAT__ACTION_MEMBERS:
        return reply->body.members.member_count;
    case CHAT__ACTION_PING:
        return reply->body.ping.head_count;
    default:
        return 0;
    }
}

static void expect_reply_encoded(struct fixture *fixture,
                                 struct chat__reply *reply)
{
    struct chat__entry_bytes entries[REFILL_ENTRIES_MAX];

    chat__buffer_append_byte(&fixture->wire, '\0');
    chat__buffer_truncate(&fixture->wire, fixture->wire.length - 1);
    if (reply->ok && (reply->action == CHAT__ACTION_JOIN ||
                      reply->action == CHAT__ACTION_DM))
        refill_entries(&reply->body.join.page, entries, fixture->wire.data);
    if (reply->ok && reply->action == CHAT__ACTION_HISTORY)
        refill_entries(&reply->body.history.page, entries, fixture->wire.data);
    assert_int_equal(chat__reply_encode(reply, false, &fixture->encoded),
                     list_length(reply));
    expect_encoded(fixture);
}

static void reply_case(void **state)
{
    struct fixture fixture;
    struct chat__reply reply = {0};
    cJSON *json;
    bool refused;

    begin(&fixture, state, "wire");
    refused = member(&fixture, "error") != NULL;
    json = chat__json_parse(fixture.wire.data, fixture.wire.length,
                            &fixture.error);
    assert_non_null(json);
    reply.action = action_of(&fixture);
    assert_int_equal(chat__reply_parse(&reply, json, &fixture.error), !refused);
    if (refused) {
        expect_refused(&fixture);
    } else {
        cJSON *expected = expected_fields(&fixture);

        fields_expect_reply(&reply, expected);
        cJSON_Delete(expected);
        if (is_encoded(&fixture))
            expect_reply_encoded(&fixture, &reply);
    }
    chat__reply_release(&reply);
    chat__json_free(json);
    end(&fixture);
}

static void malformed_case(void **state)
{
    struct fixture fixture;
    cJSON *json;

    begin(&fixture, state, "wire");
    json = chat__json_parse(fixture.wire.data, fixture.wire.length,
                            &fixture.error);
    assert_int_equal(json == NULL, member(&fixture, "error") != NULL);
    if (json == NULL)
        expect_refused(&fixture);
    chat__json_free(json);
    end(&fixture);
}

static void expect_objects(const struct fixture *fixture, const cJSON *objects)
{
    const char *frame = fixture->wire.data;
    size_t length = fixture->wire.length;
    const char *object;
    size_t object_length;
    const cJSON *expected;

    cJSON_ArrayForEach(expected, objects)
    {
        assert_true(chat__frame_next(&frame, &length, &object, &object_length));
        assert_int_equal(object_length, strlen(expected->valuestring));
        assert_memory_equal(object, expected->valuestring, object_length);
    }
    assert_false(chat__frame_next(&frame, &length, &object, &object_length));
    assert_int_equal(length, 0);
}

static void frame_case(void **state)
{
    struct fixture fixture;
    const cJSON *cut;

    begin(&fixture, state, "frame");
    cut = member(&fixture, "cut");
    if (cut != NULL)
        assert_int_equal(
            chat__frame_cut(fixture.wire.data, fixture.wire.length),
            (size_t)cut->valuedouble);
    else
        expect_objects(&fixture, member(&fixture, "objects"));
    end(&fixture);
}

static const struct rule {
    const char *name;
    const char *(*check)(const char *);
} rules[] = {
    {"room", chat__text_check_room_name},
    {"user_name", chat__text_check_user_name},
    {"key", chat__text_check_key},
    {"epoch", chat__text_check_epoch},
    {"token", chat__text_check_token},
    {"text", chat__text_check_message},
    {"topic", chat__text_check_topic},
    {"reason", chat__text_check_reason},
    {"emoji", chat__text_check_emoji},
    {"password", chat__text_check_password},
    {"agent", chat__text_check_agent},
    {"prefix", chat__text_check_prefix},
};

static void name_case(void **state)
{
    struct fixture fixture;
    size_t rule = 0;
    const char *problem;

    begin(&fixture, state, "value");
    chat__buffer_append_byte(&fixture.wire, '\0');
    while (strcmp(rules[rule].name, vector_string(*state, "rule")) != 0)
        assert_true(++rule < LENGTH_OF(rules));
    problem = rules[rule].check(fixture.wire.data);
    if (cJSON_IsTrue(member(&fixture, "valid")))
        assert_null(problem);
    else
        assert_non_null(problem);
    end(&fixture);
}

int main(void)
{
    int failed = 0;

    failed += vector_run("requests.json", request_case);
    failed += vector_run("events.json", event_case);
    failed += vector_run("replies.json", reply_case);
    failed += vector_run("malformed.json", malformed_case);
    failed += vector_run("frames.json", frame_case);
    failed += vector_run("names.json", name_case);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
