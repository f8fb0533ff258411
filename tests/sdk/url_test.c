#include "sdk/url.h"
#include "tests/sdk/session_harness.h"

#include <stdio.h>
#include <string.h>

static void check(const char *text, bool tls, const char *host, uint16_t port,
                  const char *authority, const char *path)
{
    struct chat__url url;

    assert_true(chat__url_parse(&url, text));
    assert_int_equal(url.tls, tls);
    assert_string_equal(url.host, host);
    assert_int_equal(url.port, port);
    assert_string_equal(url.authority, authority);
    assert_string_equal(url.path, path);
}

static void test_parts_and_defaults(void **state)
{
    (void)state;
    check("ws://localhost", false, "localhost", 80, "localhost", "/");
    check("wss://chat.example", true, "chat.example", 443, "chat.example", "/");
    check("ws://127.0.0.1:7100/ws", false, "127.0.0.1", 7100, "127.0.0.1:7100",
          "/ws");
    check("WSS://h:443/a/b?c=d", true, "h", 443, "h", "/a/b?c=d");
    check("ws://h?x", false, "h", 80, "h", "/?x");
}

static void test_ipv6_literals_keep_their_brackets_in_the_header(void **state)
{
    struct chat__url url;

    (void)state;
    check("ws://[::1]:7100/ws", false, "::1", 7100, "[::1]:7100", "/ws");
    check("wss://[2001:db8::1]/", true, "2001:db8::1", 443, "[2001:db8::1]",
          "/");
    assert_true(chat__url_parse(&url, "ws://[::1]"));
    assert_true(url.ipv6_literal);
}

static void test_refuses_what_is_not_such_an_address(void **state)
{
    static const char *const bad[] = {
        "",
        "http://h/",
        "ws:/h",
        "ws://",
        "ws:///path",
        "ws://h:0/",
        "ws://h:65536/",
        "ws://h:1234567/",
        "ws://h:/",
        "ws://h:12x/",
        "ws://user@h/",
        "ws://h/a b",
        "ws://h/a\r\nX: y",
        "ws://h/#top",
        "ws://h/\xc3\xa9",
        "ws://[::1",
        "ws://[localhost]/",
        "ws://[::1]x/",
        "ws://h\\x/",
    };
    struct chat__url url;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (chat__url_parse(&url, bad[i]))
            fail_msg("accepted \"%s\"", bad[i]);
    }
}

static void test_lengths_are_bounded(void **state)
{
    char text[2048] = "ws://";
    struct chat__url url;

    (void)state;
    memset(text + 5, 'a', CHAT__URL_HOST_BYTES_MAX);
    assert_true(chat__url_parse(&url, text));
    text[5 + CHAT__URL_HOST_BYTES_MAX] = 'a';
    assert_false(chat__url_parse(&url, text));

    snprintf(text, sizeof(text), "ws://h/");
    memset(text + 7, 'p', CHAT__URL_PATH_BYTES_MAX - 1);
    text[7 + CHAT__URL_PATH_BYTES_MAX - 1] = '\0';
    assert_true(chat__url_parse(&url, text));
    text[7 + CHAT__URL_PATH_BYTES_MAX - 1] = 'p';
    text[7 + CHAT__URL_PATH_BYTES_MAX] = '\0';
    assert_false(chat__url_parse(&url, text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_and_defaults),
        cmocka_unit_test(test_ipv6_literals_keep_their_brackets_in_the_header),
        cmocka_unit_test(test_refuses_what_is_not_such_an_address),
        cmocka_unit_test(test_lengths_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
