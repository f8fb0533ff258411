/* Addresses of a Redis, and what it may say. */
#include "server/bus/redis_reply.h"
#include "server/bus/redis_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- addresses ---- */

static void addresses_are_read(void **state)
{
    struct chat__redis_url url;

    (void)state;
    assert_null(chat__redis_url_parse(&url, "redis://cache"));
    assert_false(url.tls);
    assert_string_equal(url.host, "cache");
    assert_int_equal(url.port, 6379);
    assert_string_equal(url.user, "");
    assert_string_equal(url.password, "");
    assert_null(chat__redis_url_parse(
        &url, "rediss://chatd:p%40s/s:w@a.b-c.example:6380/12"));
    assert_true(url.tls);
    assert_string_equal(url.user, "chatd");
    assert_string_equal(url.password, "p@s/s:w");
    assert_string_equal(url.host, "a.b-c.example");
    assert_int_equal(url.port, 6380);
    assert_int_equal(url.database, 12);
    assert_null(chat__redis_url_parse(&url, "redis://:alone@[::1]:7/"));
    assert_string_equal(url.user, "");
    assert_string_equal(url.password, "alone");
    assert_string_equal(url.host, "::1");
    assert_int_equal(url.port, 7);
}

static void what_is_none_is_refused_without_a_trace(void **state)
{
    static const char *const wrong[] = {
        "",
        "cache:6379",
        "http://cache",
        "redis://",
        "redis://:6379",
        "redis://user@cache",
        "redis://user:@cache",
        "redis://secret:%4@cache",
        "redis://secret:%zz@cache",
        "redis://secret:%00@cache",
        "redis://secret:pass@cache:0",
        "redis://secret:pass@cache:65536",
        "redis://secret:pass@cache:12x",
        "redis://secret:pass@ca che",
        "redis://secret:pass@ca%63he",
        "redis://secret:pass@[::1",
        "redis://secret:pass@[::1]7",
        "redis://secret:pass@cache/x",
        "redis://secret:pass@cache/10000",
    };
    const struct chat__redis_url empty = {0};
    struct chat__redis_url url;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *why = chat__redis_url_parse(&url, wrong[i]);

        assert_non_null(why);
        assert_null(strstr(why, "secret"));
        assert_memory_equal(&url, &empty, sizeof url);
    }
}

static void what_is_too_long_is_refused(void **state)
{
    char text[CHAT__REDIS_PASSWORD_BYTES + 64];
    struct chat__redis_url url;

    (void)state;
    snprintf(text, sizeof text, "redis://:%0*d@cache",
             CHAT__REDIS_PASSWORD_BYTES - 1, 1);
    assert_null(chat__redis_url_parse(&url, text));
    snprintf(text, sizeof text, "redis://:%0*d@cache",
             CHAT__REDIS_PASSWORD_BYTES, 1);
    assert_non_null(chat__redis_url_parse(&url, text));
    snprintf(text, sizeof text, "redis://%0*d", CHAT__REDIS_HOST_BYTES, 1);
    assert_non_null(chat__redis_url_parse(&url, text));
}

/* ---- replies ---- */

static const struct chat__redis_limits limits = {.bytes_max = 64,
                                                 .elements_max = 8};

struct said {
    struct chat__redis_reader *reader;
    struct chat__redis_reply *reply;
    bool fine;
};

/* Byte by byte, as a slow network would. */
static struct said hear(const char *bytes, size_t length)
{
    struct said said = {.reader = chat__redis_reader_new(&limits),
                        .fine = true};

    assert_non_null(said.reader);
    for (size_t i = 0; said.fine && said.reply == NULL && i < length; i++)
        said.fine = chat__redis_reader_feed(said.reader, bytes + i, 1) &&
                    chat__redis_reader_next(said.reader, &said.reply);
    return said;
}

static void forget(struct said *said)
{
    chat__redis_reply_free(said->reply);
    chat__redis_reader_free(said->reader);
}

#define HEAR(text) hear(text, sizeof(text) - 1)

static void replies_are_read(void **state)
{
    struct said said = HEAR("*4\r\n$2\r\nhi\r\n:7\r\n$-1\r\n*1\r\n+OK\r\n");

    (void)state;
    assert_true(said.fine);
    assert_int_equal(said.reply->kind, CHAT__REDIS_ARRAY);
    assert_int_equal(said.reply->count, 4);
    assert_true(chat__redis_reply_is(said.reply->elements[0], "hi"));
    assert_int_equal(said.reply->elements[1]->integer, 7);
    assert_int_equal(said.reply->elements[2]->kind, CHAT__REDIS_NIL);
    assert_true(
        chat__redis_reply_is(said.reply->elements[3]->elements[0], "OK"));
    forget(&said);
    said = HEAR("-NOPERM for you\r\n");
    assert_int_equal(said.reply->kind, CHAT__REDIS_ERROR);
    forget(&said);
}

static void refuse(const char *bytes, size_t length, bool overflowed)
{
    struct said said = hear(bytes, length);

    assert_false(said.fine);
    assert_null(said.reply);
    assert_int_equal(chat__redis_reader_overflowed(said.reader), overflowed);
    forget(&said);
}

#define REFUSE(text, overflowed) refuse(text, sizeof(text) - 1, overflowed)

static void too_much_is_refused_before_it_is_there(void **state)
{
    (void)state;
    REFUSE("*9\r\n", true);
    REFUSE("*2000000000\r\n", true);
    REFUSE("*1\r\n*2000000000\r\n", true);
    REFUSE("*4\r\n*2\r\n:1\r\n:2\r\n*7\r\n", true);
    REFUSE("*3\r\n$30\r\n123456789012345678901234567890\r\n"
           "$30\r\n123456789012345678901234567890\r\n"
           "$30\r\n123456789012345678901234567890\r\n",
           true);
    REFUSE("$2000000000\r\n"
           "12345678901234567890123456789012345678901234567890123456789012345",
           true);
}

static void what_no_redis_says_is_refused(void **state)
{
    (void)state;
    REFUSE("HTTP/1.1 400\r\n", false);
    REFUSE("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
           false);
    REFUSE("*-2\r\n", false);
    REFUSE("$x\r\n", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read),
        cmocka_unit_test(what_is_none_is_refused_without_a_trace),
        cmocka_unit_test(what_is_too_long_is_refused),
        cmocka_unit_test(replies_are_read),
        cmocka_unit_test(too_much_is_refused_before_it_is_there),
        cmocka_unit_test(what_no_redis_says_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
