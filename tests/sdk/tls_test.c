#include "chat/client.h"
#include "tests/sdk/certificates.h"
#include "tests/sdk/events.h"
#include "tests/sdk/peer.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/chat-tls-XXXXXX";
static char trusted_file[64];
static char other_file[64];
static char broken_file[64];
static struct authority trusted;
static struct authority other;

static int make_authorities(void **state)
{
    FILE *file;

    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(trusted_file, sizeof(trusted_file), "%s/trusted.pem", folder);
    snprintf(other_file, sizeof(other_file), "%s/other.pem", folder);
    snprintf(broken_file, sizeof(broken_file), "%s/broken.pem", folder);
    authority_make(&trusted, "trusted");
    authority_make(&other, "other");
    authority_write(&trusted, trusted_file);
    authority_write(&other, other_file);
    file = fopen(broken_file, "w");
    return file != NULL && fputs("no certificate", file) >= 0 &&
                   fclose(file) == 0
               ? 0
               : -1;
}

static int remove_authorities(void **state)
{
    (void)state;
    authority_release(&trusted);
    authority_release(&other);
    unlink(trusted_file);
    unlink(other_file);
    unlink(broken_file);
    return rmdir(folder);
}

/* A server for these names, and a handle that connects under `host`. */
struct meeting {
    struct peer peer;
    SSL_CTX *tls;
    struct events events;
};

static void meet(struct meeting *meeting, const char *address,
                 const char *names, int days, const char *host,
                 const char *ca_file)
{
    chat_client *client;
    char url[64];

    meeting->tls = authority_serve(&trusted, names, days);
    assert_true(peer_listen(&meeting->peer, address, 0, meeting->tls));
    snprintf(url, sizeof(url), "wss://%s:%u/ws", host, meeting->peer.port);
    assert_int_equal(chat_client_new(&client, url), CHAT_OK);
    events_watch(&meeting->events, client);
    if (ca_file != NULL)
        assert_int_equal(chat_client_set_ca_file(client, ca_file), CHAT_OK);
    assert_int_equal(chat_client_connect(client), CHAT_OK);
}

static void part(struct meeting *meeting)
{
    chat_client_free(meeting->events.client);
    events_forget(&meeting->events);
    peer_close(&meeting->peer);
    SSL_CTX_free(meeting->tls);
}

static void check_trusted(const char *address, const char *names,
                          const char *host)
{
    struct meeting meeting;
    struct peer_connection *connection;

    meet(&meeting, address, names, 1, host, trusted_file);
    connection = peer_accept(&meeting.peer);
    peer_expect(connection, "hello");
    part(&meeting);
    peer_hang_up(connection, 0);
}

/* The handshake fails on both sides. */
static void check_refused(const char *names, int days, const char *ca_file,
                          const char *why)
{
    struct meeting meeting;

    meet(&meeting, "127.0.0.1", names, days, "127.0.0.1", ca_file);
    assert_null(peer_accept_request(&meeting.peer));
    events_until(&meeting.events, why);
    part(&meeting);
}

static void test_a_name_by_a_trusted_authority(void **state)
{
    (void)state;
    check_trusted("127.0.0.1", "DNS:localhost", "localhost");
}

static void test_an_ipv4_address(void **state)
{
    (void)state;
    check_trusted("127.0.0.1", "IP:127.0.0.1", "127.0.0.1");
}

static void test_an_ipv6_address(void **state)
{
    struct peer probe;

    (void)state;
    if (!peer_listen(&probe, "::1", 0, NULL))
        skip();
    peer_close(&probe);
    check_trusted("::1", "IP:::1", "[::1]");
}

static void test_another_ipv6_address_is_refused(void **state)
{
    struct meeting meeting;
    struct peer probe;

    (void)state;
    if (!peer_listen(&probe, "::1", 0, NULL))
        skip();
    peer_close(&probe);
    meet(&meeting, "::1", "IP:::2", 1, "[::1]", trusted_file);
    assert_null(peer_accept_request(&meeting.peer));
    events_until(&meeting.events, "waiting -6");
    part(&meeting);
}

static void test_another_name_is_refused(void **state)
{
    (void)state;
    check_refused("IP:127.0.0.2", 1, trusted_file,
                  "waiting -6 IP address mismatch");
}

static void test_another_authority_is_refused(void **state)
{
    (void)state;
    check_refused("IP:127.0.0.1", 1, other_file, "waiting -6");
}

static void test_the_system_does_not_trust_the_test(void **state)
{
    (void)state;
    check_refused("IP:127.0.0.1", 1, NULL, "waiting -6");
}

static void test_an_old_certificate_is_refused(void **state)
{
    (void)state;
    check_refused("IP:127.0.0.1", -1, trusted_file,
                  "waiting -6 certificate has expired");
}

static void test_files_without_certificate_are_told_at_once(void **state)
{
    chat_client *client;

    (void)state;
    assert_int_equal(chat_client_new(&client, "wss://localhost/"), CHAT_OK);
    assert_int_equal(chat_client_set_ca_file(client, broken_file),
                     CHAT_ERROR_TLS);
    assert_int_equal(chat_client_set_ca_file(client, "/nowhere"),
                     CHAT_ERROR_TLS);
    chat_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_name_by_a_trusted_authority),
        cmocka_unit_test(test_an_ipv4_address),
        cmocka_unit_test(test_an_ipv6_address),
        cmocka_unit_test(test_another_ipv6_address_is_refused),
        cmocka_unit_test(test_another_name_is_refused),
        cmocka_unit_test(test_another_authority_is_refused),
        cmocka_unit_test(test_the_system_does_not_trust_the_test),
        cmocka_unit_test(test_an_old_certificate_is_refused),
        cmocka_unit_test(test_files_without_certificate_are_told_at_once),
    };

    return cmocka_run_group_tests(tests, make_authorities, remove_authorities);
}
