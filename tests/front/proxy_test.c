/* Whom a proxy speaks for: the list of those trusted, and their header. */
#include "server/front/proxy.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct chat__proxies proxies;
static char message[256];

static void use(const char *list)
{
    assert_true(chat__proxies_init(&proxies, list, message, sizeof message));
}

/* IPv4 is told as IPv6 has it, which is how the front keeps it. */
static struct in6_addr host(const char *text)
{
    char mapped[64];
    struct in6_addr address;

    snprintf(mapped, sizeof mapped, "%s%s",
             strchr(text, ':') == NULL ? "::ffff:" : "", text);
    assert_int_equal(inet_pton(AF_INET6, mapped, &address), 1);
    return address;
}

static bool trusts(const char *text)
{
    const struct in6_addr address = host(text);

    return chat__proxies_trust(&proxies, &address);
}

static void assert_client(const char *peer, const char *forwarded,
                          const char *expected)
{
    const struct in6_addr from = host(peer), wanted = host(expected);
    struct in6_addr client;

    assert_true(chat__proxies_client(&proxies, &from, forwarded, &client));
    assert_memory_equal(&client, &wanted, sizeof client);
}

static void assert_peer(const char *peer, const char *forwarded)
{
    const struct in6_addr from = host(peer);
    struct in6_addr client;

    assert_false(chat__proxies_client(&proxies, &from, forwarded, &client));
}

static void without_a_list_nobody_is_trusted(void **state)
{
    (void)state;
    use(NULL);
    assert_false(trusts("127.0.0.1"));
    assert_false(trusts("::"));
    assert_peer("127.0.0.1", "192.0.2.1");
}

static void addresses_are_exact(void **state)
{
    (void)state;
    use("127.0.0.1, ::1\t,192.0.2.7/32,2001:db8::1/128");
    assert_true(trusts("127.0.0.1"));
    assert_true(trusts("::ffff:127.0.0.1"));
    assert_true(trusts("::1"));
    assert_true(trusts("192.0.2.7"));
    assert_true(trusts("2001:db8::1"));
    assert_false(trusts("127.0.0.2"));
    assert_false(trusts("::2"));
    assert_false(trusts("192.0.2.6"));
    assert_false(trusts("2001:db8::"));
}

static void blocks_end_at_their_bit(void **state)
{
    (void)state;
    use("10.0.0.0/8,192.0.2.129/25,2001:db8::/31,fd00::/8");
    assert_true(trusts("10.255.255.255"));
    assert_false(trusts("11.0.0.0"));
    assert_true(trusts("192.0.2.128"));
    assert_false(trusts("192.0.2.127"));
    assert_true(trusts("2001:db9:ffff::"));
    assert_false(trusts("2001:dba::"));
    assert_true(trusts("fdff::1"));
    assert_false(trusts("fc00::1"));
}

static void a_block_of_all_is_of_one_family(void **state)
{
    (void)state;
    use("0.0.0.0/0");
    assert_true(trusts("203.0.113.9"));
    assert_false(trusts("2001:db8::1"));
    use("::/0");
    assert_true(trusts("2001:db8::1"));
    assert_false(trusts("203.0.113.9"));
}

static void a_wrong_item_is_named(void **state)
{
    static const char *const wrong[] = {
        "localhost",   "10.0.0.0/33", "::/129", "10.0.0.0/",    "10.0.0.0/-1",
        "10.0.0.0/ 8", "10.0.0.0/8x", "/8",     "10.0.0",       "1.2.3.4:80",
        "[::1]",       "fe80::1%lo",  "*",      "10.0.0.0/0x8",
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char list[64], quoted[64];

        snprintf(list, sizeof list, "127.0.0.1, %s ,::1", wrong[i]);
        snprintf(quoted, sizeof quoted, "'%s'", wrong[i]);
        assert_false(
            chat__proxies_init(&proxies, list, message, sizeof message));
        if (strstr(message, quoted) == NULL)
            fail_msg("%s is not in: %s", quoted, message);
    }
}

static void an_empty_item_is_wrong(void **state)
{
    static const char *const wrong[] = {"", ",", "::1,", ",::1", "::1, ,::2"};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(
            chat__proxies_init(&proxies, wrong[i], message, sizeof message));
}

static void a_long_item_is_cut(void **state)
{
    char list[1000];

    (void)state;
    memset(list, '1', sizeof list - 1);
    list[sizeof list - 1] = '\0';
    assert_false(chat__proxies_init(&proxies, list, message, sizeof message));
    assert_non_null(strstr(message, "trusted prox"));
}

static void the_list_has_a_limit(void **state)
{
    char list[(CHAT__PROXIES_MAX + 1) * sizeof "10.0.0.1"] = "10.0.0.1";
    size_t length = strlen(list);

    (void)state;
    for (size_t i = 1; i < CHAT__PROXIES_MAX; i++)
        length +=
            (size_t)snprintf(list + length, sizeof list - length, ",10.0.0.1");
    use(list);
    assert_int_equal(proxies.count, CHAT__PROXIES_MAX);
    snprintf(list + length, sizeof list - length, ",10.0.0.9");
    assert_false(chat__proxies_init(&proxies, list, message, sizeof message));
    assert_non_null(strstr(message, "'10.0.0.9'"));
}

static void
the_rightmost_address_that_is_not_trusted_is_the_client(void **state)
{
    (void)state;
    use("127.0.0.1,10.0.0.0/8,::1");
    assert_client("127.0.0.1", "192.0.2.1", "192.0.2.1");
    assert_client("::1", "2001:db8::7", "2001:db8::7");
    assert_client("127.0.0.1", "192.0.2.1,192.0.2.2", "192.0.2.2");
    assert_client("127.0.0.1", "192.0.2.1, 192.0.2.2, 10.1.2.3", "192.0.2.2");
    assert_client("127.0.0.1", "192.0.2.1 ,\t::1 , 10.1.2.3 ", "192.0.2.1");
    assert_client("127.0.0.1", "::ffff:192.0.2.1", "192.0.2.1");
}

static void the_leftmost_is_the_client_when_all_are_trusted(void **state)
{
    (void)state;
    use("127.0.0.1,10.0.0.0/8");
    assert_client("127.0.0.1", "10.0.0.3,10.0.0.2,127.0.0.1", "10.0.0.3");
    assert_client("127.0.0.1", "127.0.0.1", "127.0.0.1");
}

static void what_a_client_says_of_itself_does_not_matter(void **state)
{
    (void)state;
    use("127.0.0.1");
    assert_client("127.0.0.1", "nonsense, 192.0.2.1", "192.0.2.1");
    assert_client("127.0.0.1", ",,192.0.2.1, 127.0.0.1", "192.0.2.1");
}

static void a_malformed_header_names_nobody(void **state)
{
    static const char *const wrong[] = {
        "",
        " ",
        ",",
        "unknown",
        "192.0.2.1,",
        "192.0.2.1, unknown",
        "192.0.2.1,,127.0.0.1",
        "192.0.2.1 192.0.2.2",
        "192.0.2.1:80",
        "[2001:db8::1]",
        "192.0.2.0/24",
        "2001:0db8:0000:0000:0000:0000:0000:0000:0000:0001",
    };

    (void)state;
    use("127.0.0.1");
    assert_peer("127.0.0.1", NULL);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_peer("127.0.0.1", wrong[i]);
}

static void who_is_not_trusted_speaks_for_himself(void **state)
{
    (void)state;
    use("127.0.0.1");
    assert_peer("127.0.0.2", "192.0.2.1");
    assert_peer("2001:db8::1", "192.0.2.1, 127.0.0.1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_list_nobody_is_trusted),
        cmocka_unit_test(addresses_are_exact),
        cmocka_unit_test(blocks_end_at_their_bit),
        cmocka_unit_test(a_block_of_all_is_of_one_family),
        cmocka_unit_test(a_wrong_item_is_named),
        cmocka_unit_test(an_empty_item_is_wrong),
        cmocka_unit_test(a_long_item_is_cut),
        cmocka_unit_test(the_list_has_a_limit),
        cmocka_unit_test(
            the_rightmost_address_that_is_not_trusted_is_the_client),
        cmocka_unit_test(the_leftmost_is_the_client_when_all_are_trusted),
        cmocka_unit_test(what_a_client_says_of_itself_does_not_matter),
        cmocka_unit_test(a_malformed_header_names_nobody),
        cmocka_unit_test(who_is_not_trusted_speaks_for_himself),
    };

    return cmocka_run_group_tests_name("proxy", tests, NULL, NULL);
}
