/*
 * Names with several addresses. The test answers getaddrinfo itself, so that
 * it needs no name server and no file of the system's.
 */
#include "chat/client.h"
#include "tests/sdk/events.h"
#include "tests/sdk/peer.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <netdb.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

static sem_t lookups_may_end;

typedef int lookup(const char *, const char *, const struct addrinfo *,
                   struct addrinfo **);

static int real_lookup(const char *name, const char *service,
                       const struct addrinfo *hints, struct addrinfo **found)
{
    lookup *real = NULL;
    void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");

    memcpy(&real, &symbol, sizeof(real));
    return real(name, service, hints, found);
}

/* Both addresses of "two.test": nobody listens on the first. */
static int look_up_two(const char *service, const struct addrinfo *hints,
                       struct addrinfo **found)
{
    int error = real_lookup("127.0.0.2", service, hints, found);

    return error != 0
               ? error
               : real_lookup("127.0.0.1", service, hints, &(*found)->ai_next);
}

int getaddrinfo(const char *name, const char *service,
                const struct addrinfo *hints, struct addrinfo **found)
{
    if (name != NULL && strcmp(name, "two.test") == 0)
        return look_up_two(service, hints, found);
    if (name != NULL && strcmp(name, "slow.test") == 0) {
        while (sem_wait(&lookups_may_end) != 0)
            continue;
        return EAI_AGAIN;
    }
    return real_lookup(name, service, hints, found);
}

static chat_client *new_client(struct events *events, const char *host,
                               unsigned port)
{
    chat_client *client = NULL;
    char url[64];

    snprintf(url, sizeof(url), "ws://%s:%u/ws", host, port);
    assert_int_equal(chat_client_new(&client, url), CHAT_OK);
    events_watch(events, client);
    assert_int_equal(chat_client_connect(client), CHAT_OK);
    return client;
}

static void test_addresses_are_tried_in_turn(void **state)
{
    struct peer_connection *connection;
    struct events events;
    struct peer peer;
    chat_client *client;

    (void)state;
    assert_true(peer_listen(&peer, "127.0.0.1", 0, NULL));
    client = new_client(&events, "two.test", peer.port);
    connection = peer_accept(&peer);
    assert_non_null(strstr(connection->request, "Host: two.test:"));
    peer_expect(connection, "hello");
    chat_client_free(client);
    events_forget(&events);
    peer_hang_up(connection, 0);
    peer_close(&peer);
}

static void test_the_last_failure_is_told(void **state)
{
    struct events events;
    struct peer peer;
    chat_client *client;

    (void)state;
    assert_true(peer_listen(&peer, "127.0.0.1", 0, NULL));
    peer_close(&peer);
    client = new_client(&events, "two.test", peer.port);
    assert_non_null(strstr(events_until(&events, "waiting -5"), "127.0.0.1"));
    chat_client_free(client);
    events_forget(&events);
}

static void test_a_slow_name_server_holds_nobody_up(void **state)
{
    struct peer_connection *connection;
    struct events slow;
    struct events quick;
    struct peer peer;

    (void)state;
    assert_true(peer_listen(&peer, "127.0.0.1", 0, NULL));
    new_client(&slow, "slow.test", peer.port);
    new_client(&quick, "127.0.0.1", peer.port);
    connection = peer_accept(&peer);
    peer_expect(connection, "hello");
    /* The lookup is still under way: freeing does not wait for it. */
    chat_client_free(slow.client);
    chat_client_free(quick.client);
    assert_int_equal(sem_post(&lookups_may_end), 0);
    events_forget(&slow);
    events_forget(&quick);
    peer_hang_up(connection, 0);
    peer_close(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses_are_tried_in_turn),
        cmocka_unit_test(test_the_last_failure_is_told),
        cmocka_unit_test(test_a_slow_name_server_holds_nobody_up),
    };

    if (sem_init(&lookups_may_end, 0, 0) != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
