/* Who may connect: origins, and how addresses are counted. */
#include "server/front/address.h"
#include "server/front/origin.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static bool allows(const char *list, const char *origin, const char *host,
                   bool tls)
{
    struct chat__origins origins;
    char message[256];
    bool allowed;

    assert_true(chat__origins_init(&origins, list, message, sizeof message));
    allowed = chat__origins_allow(&origins, origin, host, tls);
    chat__origins_release(&origins);
    return allowed;
}

static void without_a_list_the_host_decides(void **state)
{
    (void)state;
    assert_true(allows(NULL, "http://chat.example", "chat.example", false));
    assert_true(allows(NULL, "https://chat.example", "chat.example", false));
    assert_true(allows(NULL, "http://chat:7100", "CHAT:7100", false));
    assert_true(allows(NULL, "http://[::1]:7100", "[::1]:7100", false));
    assert_false(allows(NULL, "http://chat.example", "chat.example:1", false));
    assert_false(
        allows(NULL, "http://chat.example.evil", "chat.example", false));
    assert_false(allows(NULL, "http://evil", "chat.example", false));
    assert_false(allows(NULL, "null", "null", false));
    assert_false(allows(NULL, "", "", false));
    assert_false(allows(NULL, "http://chat.example", NULL, false));
    assert_false(allows(NULL, "ftp://chat.example", "chat.example", false));
}

static void with_tls_a_page_without_it_is_another_origin(void **state)
{
    (void)state;
    assert_true(allows(NULL, "https://chat.example", "chat.example", true));
    assert_false(allows(NULL, "http://chat.example", "chat.example", true));
}

static void a_list_is_exact(void **state)
{
    const char *list = "https://a.example, http://b.example:81";

    (void)state;
    assert_true(allows(list, "https://a.example", "x", false));
    assert_true(allows(list, "http://b.example:81", "x", false));
    assert_false(allows(list, "http://a.example", "a.example", false));
    assert_false(allows(list, "https://a.example:443", "x", false));
    assert_false(allows(list, "https://a.example,", "x", false));
    assert_false(allows(list, "https://a.exampl", "x", false));
    assert_false(allows(list, "http://x", "x", false));
    assert_false(allows(list, "", "x", false));
}

static void no_origin_is_no_browser(void **state)
{
    (void)state;
    assert_true(allows(NULL, NULL, "chat.example", false));
    assert_true(allows("https://a.example", NULL, NULL, true));
}

static void a_list_must_have_origins(void **state)
{
    static const char *const wrong[] = {
        "a.example",
        "https://",
        "https://a.example/",
        "https://A.example",
        "*",
        "https://*.example",
        "https://a,,http://b",
        "https://a b",
        "wss://a.example",
        "",
    };
    struct chat__origins origins;
    char message[256];

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong - 1; i++) {
        message[0] = '\0';
        assert_false(
            chat__origins_init(&origins, wrong[i], message, sizeof message));
        assert_true(strlen(message) > 0);
    }
}

static struct chat__address *add(struct chat__addresses *addresses,
                                 const char *text)
{
    struct sockaddr_storage storage = {0};
    struct sockaddr_in *four = (void *)&storage;
    struct sockaddr_in6 *six = (void *)&storage;
    struct chat__address *address;
    struct in6_addr host;

    if (inet_pton(AF_INET, text, &four->sin_addr) == 1)
        storage.ss_family = AF_INET;
    else if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1)
        storage.ss_family = AF_INET6;
    host = chat__address_of((struct sockaddr *)&storage);
    address = chat__addresses_add(addresses, &host);
    assert_non_null(address);
    assert_ptr_equal(chat__addresses_find(addresses, &host), address);
    return address;
}

static void addresses_are_counted_by_owner(void **state)
{
    struct chat__addresses addresses;
    struct chat__address *one, *net, *other;

    (void)state;
    chat__addresses_init(&addresses, 7);
    one = add(&addresses, "192.0.2.1");
    assert_ptr_equal(add(&addresses, "::ffff:192.0.2.1"), one);
    assert_int_equal(one->sockets, 2);
    assert_ptr_not_equal(add(&addresses, "192.0.2.2"), one);
    net = add(&addresses, "2001:db8:0:1::1");
    assert_ptr_equal(add(&addresses, "2001:db8:0:1:ffff::"), net);
    other = add(&addresses, "2001:db8:0:2::1");
    assert_ptr_not_equal(other, net);

    chat__addresses_remove(&addresses, one);
    chat__addresses_remove(&addresses, one);
    chat__addresses_remove(&addresses, net);
    chat__addresses_remove(&addresses, net);
    chat__addresses_remove(&addresses, other);
    one = add(&addresses, "192.0.2.2");
    assert_int_equal(one->sockets, 2);
    chat__addresses_remove(&addresses, one);
    chat__addresses_remove(&addresses, one);
    for (size_t i = 0; i < CHAT__ADDRESS_BUCKETS; i++)
        assert_null(addresses.buckets[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_list_the_host_decides),
        cmocka_unit_test(with_tls_a_page_without_it_is_another_origin),
        cmocka_unit_test(a_list_is_exact),
        cmocka_unit_test(no_origin_is_no_browser),
        cmocka_unit_test(a_list_must_have_origins),
        cmocka_unit_test(addresses_are_counted_by_owner),
    };

    return cmocka_run_group_tests_name("origin", tests, NULL, NULL);
}
