#include "tests/protocol/reply_fixture.h"

#include "protocol/json.h"
#include "protocol/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

int reply_set_up(void **state)
{
    static struct reply_fixture fixture;

    memset(&fixture, 0, sizeof(fixture));
    chat__buffer_init(&fixture.buffer, 1024 * 1024);
    *state = &fixture;
    return 0;
}

int reply_tear_down(void **state)
{
    struct reply_fixture *fixture = *state;

    chat__reply_release(&fixture->parsed);
    chat__json_free(fixture->json);
    chat__buffer_release(&fixture->buffer);
    return 0;
}

size_t reply_round_trip(struct reply_fixture *fixture,
                        const struct chat__reply *reply, bool from_end)
{
    struct chat__error error;
    size_t start = fixture->buffer.length;
    size_t count = chat__reply_encode(reply, from_end, &fixture->buffer);
    size_t length = fixture->buffer.length - start;

    chat__reply_release(&fixture->parsed);
    chat__json_free(fixture->json);
    assert_false(fixture->buffer.failed);
    assert_true(length <= CHAT__OBJECT_BYTES_MAX);
    fixture->json =
        chat__json_parse(fixture->buffer.data + start, length, &error);
    assert_non_null(fixture->json);
    fixture->parsed.action = reply->action;
    assert_true(chat__reply_parse(&fixture->parsed, fixture->json, &error));
    return count;
}
