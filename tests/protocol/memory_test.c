/*
 * Every vector with its n-th allocation failing: parsing then says `busy` and
 * leaves nothing behind (the address sanitizer looks for leaks), encoding says
 * that it failed.
 *
 * The linker sends the allocations of protocol/ here (--wrap), cJSON's come
 * through its hooks.
 */
#include "protocol/event.h"
#include "protocol/json.h"
#include "protocol/reply.h"
#include "protocol/request.h"
#include "tests/protocol/vector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES_MAX (2 * 1024 * 1024)

/* Every allocation of small cases; of large ones, with thousands, some. */
#define STEP_DIVISOR 64

/* How many allocations succeed before one fails; -1: all do. */
static long allowance = -1;

static bool is_allowed(void)
{
    if (allowance < 0)
        return true;
    return allowance-- > 0;
}

void *__real_calloc(size_t count, size_t size);
void *__real_malloc(size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
    return is_allowed() ? __real_calloc(count, size) : NULL;
}

void *__wrap_malloc(size_t size)
{
    return is_allowed() ? __real_malloc(size) : NULL;
}

void *__wrap_realloc(void *memory, size_t size)
{
    return is_allowed() ? __real_realloc(memory, size) : NULL;
}

/* After the sweep's last, failing allocation the allowance is -1 again. */
static bool has_failed(void)
{
    bool failed = allowance < 0;

    allowance = -1;
    return failed;
}

/* Parses with `limit` allocations; true when that was enough. */
typedef bool attempt(const cJSON *item, const struct chat__buffer *wire,
                     long limit);

static bool request_attempt(const cJSON *item, const struct chat__buffer *wire,
                            long limit)
{
    struct chat__request request;
    struct chat__error error;
    bool parsed;

    (void)item;
    allowance = limit;
    parsed = chat__request_parse(&request, wire->data, wire->length, &error);
    if (has_failed()) {
        assert_false(parsed);
        assert_int_equal(error.code, CHAT__ERROR_BUSY);
        assert_true(error.temporary);
        return false;
    }
    chat__request_release(&request);
    return true;
}

static enum chat__action action_of(const cJSON *item)
{
    int action = 0;

    while (strcmp(chat__action_name((enum chat__action)action),
                  vector_string(item, "action")) != 0)
        action++;
    return (enum chat__action)action;
}

static bool reply_attempt(const cJSON *item, const struct chat__buffer *wire,
                          long limit)
{
    struct chat__reply reply = {.action = action_of(item)};
    struct chat__error error;
    cJSON *json;
    bool parsed = false;

    allowance = limit;
    json = chat__json_parse(wire->data, wire->length, &error);
    if (json != NULL)
        parsed = chat__reply_parse(&reply, json, &error);
    if (has_failed()) {
        assert_false(parsed);
        assert_int_equal(error.code, CHAT__ERROR_BUSY);
        chat__json_free(json);
        return false;
    }
    chat__reply_release(&reply);
    chat__json_free(json);
    return true;
}

/* All that can fail on the way of an event is its tree. */
static bool event_attempt(const cJSON *item, const struct chat__buffer *wire,
                          long limit)
{
    struct chat__event event;
    struct chat__error error;
    cJSON *json;

    (void)item;
    allowance = limit;
    json = chat__json_parse(wire->data, wire->length, &error);
    if (json != NULL)
        chat__event_parse(&event, json, &error);
    if (has_failed()) {
        assert_null(json);
        assert_int_equal(error.code, CHAT__ERROR_BUSY);
        return false;
    }
    chat__json_free(json);
    return true;
}

static void sweep(const char *file, attempt *attempt_with)
{
    cJSON *cases = vector_load(file);
    cJSON *item;

    cJSON_ArrayForEach(item, cases)
    {
        struct chat__buffer wire;
        long limit = 0;

        chat__buffer_init(&wire, BYTES_MAX);
        vector_bytes(cJSON_GetObjectItemCaseSensitive(item, "wire"), &wire);
        while (!attempt_with(item, &wire, limit))
            limit += 1 + limit / STEP_DIVISOR;
        chat__buffer_release(&wire);
    }
    cJSON_Delete(cases);
}

static void requests_survive_every_failed_allocation(void **state)
{
    (void)state;
    sweep("requests.json", request_attempt);
}

static void replies_survive_every_failed_allocation(void **state)
{
    (void)state;
    sweep("replies.json", reply_attempt);
}

static void events_survive_every_failed_allocation(void **state)
{
    (void)state;
    sweep("events.json", event_attempt);
}

static void malformed_input_survives_every_failed_allocation(void **state)
{
    (void)state;
    sweep("malformed.json", event_attempt);
}

/* One of each, with a list where there can be one. */
static const struct chat__request sample_request = {
    .action = CHAT__ACTION_HELLO,
    .has_id = true,
    .id = 7,
    .body.hello = {.version = 1,
                   .guest = "ann \x1b",
                   .credential = CHAT__CREDENTIAL_GUEST,
                   .key = "k",
                   .resume = &(struct chat__position){"lobby", "e1", 41},
                   .resume_count = 1},
};

static const struct chat__event sample_event = {
    .kind = CHAT__EVENT_MESSAGE,
    .room = "lobby",
    .seq = 42,
    .n = 31,
    .ts = 1795363200000,
    .from = {17, "ann"},
    .key = "k",
    .text = "hi \x1b",
};

static const struct chat__reply sample_reply = {
    .id = 7,
    .action = CHAT__ACTION_PING,
    .ok = true,
    .body.ping = {.now = 1795363200000,
                  .heads = &(struct chat__head){"lobby", "e1", 42},
                  .head_count = 1},
};

static const struct chat__reply sample_page = {
    .id = 7,
    .action = CHAT__ACTION_HISTORY,
    .ok = true,
    .body.history.page =
        {
            .entries = &(struct chat__entry_bytes){"{\"seq\":42}", 10, 42},
            .entry_count = 1,
            .changes =
                &(struct chat__change){
                    .ref = 42,
                    .upto = 44,
                    .edit = 43,
                    .text = "ho",
                    .reactions =
                        &(struct chat__reaction){
                            .emoji = "\xe2\x98\xba",
                            .users = (const uint64_t[]){3, 17},
                            .user_count = 2,
                        },
                    .reaction_count = 1,
                },
            .change_count = 1,
        },
};

static void encode_all(struct chat__buffer *buffer)
{
    chat__request_encode(&sample_request, buffer);
    chat__event_encode(&sample_event, buffer);
    chat__reply_encode(&sample_reply, false, buffer);
    chat__reply_encode(&sample_page, false, buffer);
}

/* Whatever the limit, what is there is the beginning of the whole. */
static void encoding_stops_at_every_limit(void **state)
{
    struct chat__buffer whole;

    (void)state;
    chat__buffer_init(&whole, BYTES_MAX);
    encode_all(&whole);
    assert_false(whole.failed);
    for (size_t limit = 0; limit < whole.length; limit++) {
        struct chat__buffer buffer;

        chat__buffer_init(&buffer, limit);
        encode_all(&buffer);
        assert_true(buffer.failed);
        assert_true(buffer.length <= limit);
        assert_memory_equal(buffer.length > 0 ? buffer.data : "", whole.data,
                            buffer.length);
        chat__buffer_release(&buffer);
    }
    chat__buffer_release(&whole);
}

static void encoding_survives_every_failed_allocation(void **state)
{
    long limit = 0;
    bool failed;

    (void)state;
    do {
        struct chat__buffer buffer;

        chat__buffer_init(&buffer, BYTES_MAX);
        allowance = limit++;
        encode_all(&buffer);
        failed = has_failed();
        assert_int_equal(buffer.failed, failed);
        chat__buffer_release(&buffer);
    } while (failed);
    assert_true(limit > 1);
}

/* One that could not be erased must not pass for one without a text. */
static void erasing_survives_every_failed_allocation(void **state)
{
    struct chat__buffer entry;
    long limit = 0;
    bool erased;

    (void)state;
    chat__buffer_init(&entry, BYTES_MAX);
    chat__event_encode(&sample_event, &entry);
    do {
        struct chat__buffer buffer;

        chat__buffer_init(&buffer, BYTES_MAX);
        allowance = limit++;
        erased = chat__event_erase(entry.data, entry.length, &buffer);
        assert_int_equal(erased, !has_failed());
        chat__buffer_release(&buffer);
    } while (!erased);
    assert_true(limit > 1);
    chat__buffer_release(&entry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_survive_every_failed_allocation),
        cmocka_unit_test(replies_survive_every_failed_allocation),
        cmocka_unit_test(events_survive_every_failed_allocation),
        cmocka_unit_test(malformed_input_survives_every_failed_allocation),
        cmocka_unit_test(encoding_stops_at_every_limit),
        cmocka_unit_test(encoding_survives_every_failed_allocation),
        cmocka_unit_test(erasing_survives_every_failed_allocation),
    };
    cJSON_Hooks hooks = {.malloc_fn = __wrap_malloc, .free_fn = free};

    cJSON_InitHooks(&hooks);
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
