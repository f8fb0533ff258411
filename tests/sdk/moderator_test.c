/*
 * examples/moderator.c as the program of somebody else that it is: its own
 * process, built against the public header and the shared library alone.
 */
#include "tests/sdk/peer.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *program;

static pid_t start(const struct peer *peer)
{
    char url[64];
    pid_t child;

    snprintf(url, sizeof(url), "ws://127.0.0.1:%u/ws", peer->port);
    child = fork();
    assert_true(child >= 0);
    if (child > 0)
        return child;
    /* A test that fails leaves nobody behind. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setenv("CHAT_USER", "keeper", 1);
    setenv("CHAT_PASSWORD", "good secret", 1);
    execl(program, program, url, "lobby", "spam", (char *)NULL);
    _exit(127);
}

static struct peer_connection *sign_in(struct peer *peer)
{
    struct peer_connection *connection = peer_accept(peer);
    uint32_t id = peer_expect(connection, "hello");

    assert_non_null(
        strstr(connection->frame, "\"login\":{\"user\":\"keeper\""));
    peer_send(connection,
              "{\"reply\":%u,\"ok\":{\"user\":{\"id\":\"17\",\"name\":"
              "\"keeper\"},\"token\":\"tok\",\"session\":\"s1\",\"ping_ms\":"
              "25000,\"limits\":{\"frame_bytes\":30720,\"text_characters\":"
              "4000,\"text_bytes\":8192,\"page_entries\":200,\"rooms\":500,"
              "\"in_flight\":64,\"connection_ms\":0},\"server\":{\"version\":"
              "\"1\",\"task\":\"t\"},\"rooms\":[],\"invites\":[],"
              "\"rooms_rev\":1,\"now\":5000}}\n",
              id);
    id = peer_expect(connection, "join");
    peer_send(connection,
              "{\"reply\":%u,\"ok\":{\"room\":\"lobby\",\"epoch\":\"e1\","
              "\"members\":2,\"role\":\"moderator\",\"recovered\":false,"
              "\"entries\":[],\"changes\":[],\"first\":1,\"head\":5}}\n",
              id);
    return connection;
}

static void send_text(struct peer_connection *connection, unsigned seq,
                      const char *text)
{
    peer_send(connection,
              "{\"event\":\"message\",\"room\":\"lobby\",\"seq\":%u,"
              "\"n\":%u,\"ts\":1,\"from\":{\"id\":\"3\",\"name\":\"bob\"},"
              "\"key\":\"k\",\"text\":\"%s\"}\n",
              seq, seq, text);
}

static void test_a_program_of_somebody_else(void **state)
{
    struct peer peer;
    struct peer_connection *connection;
    int status = -1;
    pid_t child;

    (void)state;
    assert_true(peer_listen(&peer, "127.0.0.1", 0, NULL));
    child = start(&peer);
    connection = sign_in(&peer);
    send_text(connection, 6, "hello");
    send_text(connection, 7, "buy spam");
    peer_expect(connection, "delete");
    assert_non_null(strstr(connection->frame, "\"ref\":7"));
    peer_expect(connection, "kick");
    assert_non_null(strstr(connection->frame, "\"user\":\"3\""));
    peer_send(connection,
              "{\"event\":\"kick\",\"room\":\"lobby\",\"seq\":8,\"ts\":1,"
              "\"from\":{\"id\":\"4\",\"name\":\"dan\"},\"key\":\"k\","
              "\"user\":{\"id\":\"17\",\"name\":\"keeper\"}}\n");
    assert_null(peer_receive(connection));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    peer_hang_up(connection, 0);
    peer_close(&peer);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_program_of_somebody_else),
    };

    if (argc != 2)
        return 2;
    program = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
