#include "chat/client.h"
#include "sdk/client_private.h"
#include "tests/sdk/events.h"
#include "tests/sdk/peer.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define HELLO_OK                                                               \
    "\"user\":{\"id\":\"17\",\"name\":\"ann\",\"guest\":true},"                \
    "\"token\":\"tok\",\"session\":\"s1\",\"ping_ms\":25000,"                  \
    "\"limits\":{\"frame_bytes\":30720,\"text_characters\":4000,"              \
    "\"text_bytes\":8192,\"page_entries\":200,\"rooms\":500,"                  \
    "\"in_flight\":64,\"connection_ms\":0},"                                   \
    "\"server\":{\"version\":\"1\",\"task\":\"t\"},"                           \
    "\"invites\":[],\"rooms_rev\":1,\"now\":5000"

static struct peer peer;

static int listen_on_ipv4(void **state)
{
    (void)state;
    return peer_listen(&peer, "127.0.0.1", 0, NULL) ? 0 : -1;
}

static int stop_listening(void **state)
{
    (void)state;
    peer_close(&peer);
    return 0;
}

/* A handle for the peer, under this host name. */
static chat_client *new_client(struct events *events, const char *host)
{
    chat_client *client = NULL;
    char url[128];

    snprintf(url, sizeof(url), "ws://%s:%u/ws", host, peer.port);
    assert_int_equal(chat_client_new(&client, url), CHAT_OK);
    events_watch(events, client);
    return client;
}

static void free_client(struct events *events)
{
    chat_client_free(events->client);
    events_forget(events);
}

/* Answers hello: one room, "lobby", at `head`. Returns the request's text. */
static const char *sign_in(struct peer_connection *connection, unsigned head,
                           bool resumed)
{
    uint32_t id = peer_expect(connection, "hello");

    peer_send(connection,
              "{\"reply\":%u,\"ok\":{" HELLO_OK
              ",\"rooms\":[{\"room\":\"lobby\",\"epoch\":\"e1\",\"head\":%u,"
              "\"read\":0,\"unread\":0,\"mentions\":0,\"resumed\":%s}]}}\n",
              id, head, resumed ? "true" : "false");
    return connection->frame;
}

static void send_entry(struct peer_connection *connection, unsigned seq,
                       const char *text)
{
    peer_send(connection,
              "{\"event\":\"message\",\"room\":\"lobby\",\"seq\":%u,"
              "\"n\":%u,\"ts\":1,\"from\":{\"id\":\"3\",\"name\":\"bob\"},"
              "\"key\":\"k\",\"text\":\"%s\"}\n",
              seq, seq, text);
}

/* ---- a conversation ---- */

static void test_signs_in_sends_and_receives(void **state)
{
    struct events events;
    chat_client *client = new_client(&events, "127.0.0.1");
    struct peer_connection *connection;
    char key[CHAT_KEY_SIZE];
    char line[128];
    char token[65];
    uint32_t id;

    (void)state;
    assert_int_equal(chat_client_set_guest(client, "ann"), CHAT_OK);
    assert_int_equal(chat_client_connect(client), CHAT_OK);
    assert_int_equal(chat_client_set_guest(client, "ben"), CHAT_ERROR_STATE);
    connection = peer_accept(&peer);
    assert_non_null(strstr(connection->request, "GET /ws HTTP/1.1\r\n"));
    assert_non_null(
        strstr(connection->request, "Sec-WebSocket-Protocol: chat.v1\r\n"));
    assert_null(strstr(connection->request, "Origin:"));
    assert_null(strstr(connection->request, "Sec-WebSocket-Extensions:"));
    assert_non_null(strstr(sign_in(connection, 5, false), "\"guest\":\"ann\""));
    events_until(&events, "online 0");
    events_until(&events, "joined lobby 5");
    assert_int_equal(chat_client_token(client, token, sizeof(token)), CHAT_OK);
    assert_string_equal(token, "tok");

    send_entry(connection, 6, "hello");
    events_until(&events, "entry lobby 6 hello");
    assert_int_equal(chat_send(client, "lobby", "hi", 6, key), CHAT_OK);
    id = peer_expect(connection, "send");
    assert_non_null(strstr(connection->frame, key));
    peer_send(connection, "{\"reply\":%u,\"ok\":{\"seq\":7,\"ts\":1}}\n", id);
    snprintf(line, sizeof(line), "sent %s 7", key);
    events_until(&events, line);
    free_client(&events);
    peer_hang_up(connection, 0);
}

static void test_the_descriptor_is_readable_while_events_wait(void **state)
{
    struct events events;
    chat_client *client = new_client(&events, "127.0.0.1");
    struct pollfd poller = {.fd = chat_client_fd(client), .events = POLLIN};

    (void)state;
    assert_int_equal(poll(&poller, 1, 0), 0);
    assert_int_equal(chat_client_dispatch(client), 0);
    assert_int_equal(chat_client_connect(client), CHAT_OK);
    assert_int_equal(poll(&poller, 1, PEER_PATIENCE_S * 1000), 1);
    assert_true(chat_client_dispatch(client) >= 1);
    assert_int_equal(poll(&poller, 1, 0), 0);
    free_client(&events);
}

/* The server would end the connection, and a kept message end the next one. */
static void test_what_is_not_utf8_is_refused(void **state)
{
    struct events events;
    chat_client *client = new_client(&events, "127.0.0.1");

    (void)state;
    assert_int_equal(chat_client_set_guest(client, "a\xff"),
                     CHAT_ERROR_ARGUMENT);
    assert_int_equal(chat_client_set_agent(client, "\xc0\x80"),
                     CHAT_ERROR_ARGUMENT);
    assert_int_equal(chat_client_connect(client), CHAT_OK);
    assert_int_equal(chat_send(client, "lobby", "caf\xe9", 0, NULL),
                     CHAT_ERROR_ARGUMENT);
    assert_int_equal(chat_rooms(client, "\xed\xa0\x80", NULL, NULL),
                     CHAT_ERROR_ARGUMENT);
    free_client(&events);
}

/* A loop that never rests takes what it can get; one at rest, next to none. */
static void test_a_handle_at_rest_takes_no_time(void **state)
{
    struct events events;
    chat_client *client = new_client(&events, "127.0.0.1");
    struct pollfd descriptor = {.fd = chat_client_fd(client), .events = POLLIN};
    struct peer_connection *connection;
    clock_t before;

    (void)state;
    assert_int_equal(chat_client_connect(client), CHAT_OK);
    connection = peer_accept(&peer);
    sign_in(connection, 5, false);
    events_until(&events, "joined lobby 5");
    before = clock();
    assert_int_equal(poll(&descriptor, 1, 1000), 0);
    assert_true(clock() - before < CLOCKS_PER_SEC / 50);
    free_client(&events);
    peer_hang_up(connection, 0);
}

static void test_a_server_that_restarts_is_resumed(void **state)
{
    struct events events;
    chat_client *client = new_client(&events, "127.0.0.1");
    struct peer_connection *connection;
    uint16_t port = peer.port;

    (void)state;
    assert_int_equal(chat_client_connect(client), CHAT_OK);
    connection = peer_accept(&peer);
    sign_in(connection, 5, false);
    send_entry(connection, 6, "before");
    events_until(&events, "entry lobby 6 before");
    peer_close(&peer);
    peer_hang_up(connection, 0);
    events_until(&events, "waiting -5");
    assert_int_equal(chat_send(client, "lobby", "while away", 0, NULL),
                     CHAT_OK);

    assert_true(peer_listen(&peer, "127.0.0.1", port, NULL));
    connection = peer_accept(&peer);
    assert_non_null(strstr(sign_in(connection, 7, true),
                           "\"resume\":[{\"room\":\"lobby\",\"epoch\":\"e1\","
                           "\"seq\":6}]"));
    send_entry(connection, 7, "meanwhile");
    events_until(&events, "entry lobby 7 meanwhile");
    peer_expect(connection, "send");
    assert_non_null(strstr(connection->frame, "while away"));
    free_client(&events);
    peer_hang_up(connection, 0);
}

/* The state events from here on: none may come while a server drains. */
static size_t count_states(const struct events *events)
{
    size_t count = 0;

    for (size_t i = 0; i < events->count; i++)
        count += strncmp(events->lines[i], "online", 6) == 0 ||
                 strncmp(events->lines[i], "waiting", 7) == 0 ||
                 strncmp(events->lines[i], "connecting", 10) == 0;
    return count;
}

static void send_drain(struct peer_connection *connection, const char *url)
{
    peer_send(connection,
              "{\"event\":\"drain\",\"reason\":\"deploy\","
              "\"reconnect_in_ms\":0,\"spread_ms\":0%s%s%s}\n",
              url != NULL ? ",\"url\":\"" : "", url != NULL ? url : "",
              url != NULL ? "\"" : "");
}

/* The first connection's close is the client's: after the second's sign-in. */
static void check_handed_over(struct events *events,
                              struct peer_connection *first,
                              struct peer_connection *second, size_t states)
{
    send_entry(first, 6, "on the first");
    events_until(events, "entry lobby 6 on the first");
    assert_non_null(strstr(sign_in(second, 6, true), "\"resume\":[{"));
    assert_null(peer_receive(first));
    send_entry(second, 6, "on both");
    send_entry(second, 7, "on the second");
    events_until(events, "entry lobby 7 on the second");
    assert_int_equal(count_states(events), states);
}

static void test_a_server_that_drains_is_left_unseen(void **state)
{
    struct events events;
    chat_client *client = new_client(&events, "127.0.0.1");
    struct peer_connection *first;
    struct peer_connection *second;
    size_t states;

    (void)state;
    assert_int_equal(chat_client_connect(client), CHAT_OK);
    first = peer_accept(&peer);
    sign_in(first, 5, false);
    events_until(&events, "joined lobby 5");
    states = count_states(&events);
    send_drain(first, NULL);
    second = peer_accept(&peer);
    check_handed_over(&events, first, second, states);
    peer_hang_up(first, 0);
    /* And once more, over the link that was the first. */
    send_drain(second, NULL);
    first = peer_accept(&peer);
    sign_in(first, 7, true);
    assert_null(peer_receive(second));
    assert_int_equal(chat_send(client, "lobby", "x", 0, NULL), CHAT_OK);
    peer_expect(first, "send");
    free_client(&events);
    peer_hang_up(first, 0);
    peer_hang_up(second, 0);
}

static void test_a_server_that_drains_may_send_elsewhere(void **state)
{
    struct peer elsewhere;
    struct events events;
    chat_client *client = new_client(&events, "127.0.0.1");
    struct peer_connection *first;
    struct peer_connection *second;
    char url[64];

    (void)state;
    assert_true(peer_listen(&elsewhere, "127.0.0.1", 0, NULL));
    assert_int_equal(chat_client_connect(client), CHAT_OK);
    first = peer_accept(&peer);
    sign_in(first, 5, false);
    events_until(&events, "joined lobby 5");
    snprintf(url, sizeof(url), "ws://127.0.0.1:%u/other", elsewhere.port);
    send_drain(first, url);
    second = peer_accept(&elsewhere);
    assert_non_null(strstr(second->request, "GET /other HTTP/1.1\r\n"));
    check_handed_over(&events, first, second, count_states(&events));
    peer_hang_up(first, 0);
    peer_hang_up(second, 0);
    /* The address was the draining server's word for once. */
    first = peer_accept(&peer);
    assert_non_null(strstr(first->request, "GET /ws HTTP/1.1\r\n"));
    free_client(&events);
    peer_hang_up(first, 0);
    peer_close(&elsewhere);
}

static void test_a_close_code_for_good_closes(void **state)
{
    struct events events;
    chat_client *client = new_client(&events, "127.0.0.1");
    struct peer_connection *connection;

    (void)state;
    assert_int_equal(chat_client_connect(client), CHAT_OK);
    connection = peer_accept(&peer);
    sign_in(connection, 5, false);
    events_until(&events, "online");
    peer_hang_up(connection, 4501);
    events_until(&events, "closed -20");
    assert_int_equal(chat_client_state(client), CHAT_STATE_CLOSED);
    assert_int_equal(chat_send(client, "lobby", "x", 0, NULL),
                     CHAT_ERROR_STATE);
    free_client(&events);
}

static void test_disconnect_says_good_bye(void **state)
{
    struct events events;
    chat_client *client = new_client(&events, "127.0.0.1");
    struct peer_connection *connection;

    (void)state;
    assert_int_equal(chat_client_connect(client), CHAT_OK);
    connection = peer_accept(&peer);
    sign_in(connection, 5, false);
    events_until(&events, "online");
    assert_int_equal(chat_client_disconnect(client), CHAT_OK);
    events_until(&events, "closed 0");
    assert_null(peer_receive(connection));
    assert_int_equal((unsigned char)connection->frame[0] << 8 |
                         (unsigned char)connection->frame[1],
                     1000);
    free_client(&events);
    peer_hang_up(connection, 0);
}

/* ---- frames ---- */

static void test_fragments_and_many_objects_in_a_frame(void **state)
{
    static const char first[] =
        "{\"event\":\"join\",\"room\":\"lobby\",\"seq\":6,\"ts\":1,\"from\":{"
        "\"id\":\"3\",\"name\":\"bob\"},\"key\":\"a\"}\n{\"event\":\"lea";
    static const char second[] =
        "ve\",\"room\":\"lobby\",\"seq\":7,\"ts\":1,\"from\":{"
        "\"id\":\"3\",\"name\":\"bob\"},\"key\":\"b\"}";
    struct events events;
    chat_client *client = new_client(&events, "127.0.0.1");
    struct peer_connection *connection;

    (void)state;
    assert_int_equal(chat_client_connect(client), CHAT_OK);
    connection = peer_accept(&peer);
    sign_in(connection, 5, false);
    peer_send_frame(connection, 1, false, first, sizeof(first) - 1);
    peer_send_frame(connection, 0, true, second, sizeof(second) - 1);
    events_until(&events, "entry lobby 6 -");
    events_until(&events, "entry lobby 7 -");
    free_client(&events);
    peer_hang_up(connection, 0);
}

/* Sends a frame after sign-in that must end the connection. */
static void check_refused(int opcode, const char *bytes, size_t length)
{
    struct events events;
    chat_client *client = new_client(&events, "127.0.0.1");
    struct peer_connection *connection;

    assert_int_equal(chat_client_connect(client), CHAT_OK);
    connection = peer_accept(&peer);
    sign_in(connection, 5, false);
    events_until(&events, "online");
    peer_send_frame(connection, opcode, true, bytes, length);
    events_until(&events, "waiting -8");
    free_client(&events);
    peer_hang_up(connection, 0);
}

static void test_frames_beyond_the_limit_end_the_connection(void **state)
{
    static char spaces[CHAT__FRAME_BYTES_MAX + 2];

    (void)state;
    memset(spaces, ' ', sizeof(spaces));
    check_refused(1, spaces, sizeof(spaces));
}

static void test_binary_frames_end_the_connection(void **state)
{
    (void)state;
    check_refused(2, "{}", 2);
}

/* ---- finding the server ---- */

static void test_ipv6(void **state)
{
    struct events events;
    struct peer_connection *connection;
    chat_client *client;

    (void)state;
    peer_close(&peer);
    if (!peer_listen(&peer, "::1", 0, NULL)) {
        assert_true(peer_listen(&peer, "127.0.0.1", 0, NULL));
        skip();
    }
    client = new_client(&events, "[::1]");
    assert_int_equal(chat_client_connect(client), CHAT_OK);
    connection = peer_accept(&peer);
    assert_non_null(strstr(connection->request, "Host: [::1]:"));
    sign_in(connection, 5, false);
    events_until(&events, "online");
    free_client(&events);
    peer_hang_up(connection, 0);
}

static void test_a_name_is_looked_up(void **state)
{
    struct events events;
    chat_client *client = new_client(&events, "localhost");
    struct peer_connection *connection;

    (void)state;
    assert_int_equal(chat_client_connect(client), CHAT_OK);
    connection = peer_accept(&peer);
    assert_non_null(strstr(connection->request, "Host: localhost:"));
    sign_in(connection, 5, false);
    events_until(&events, "online");
    free_client(&events);
    peer_hang_up(connection, 0);
}

static void test_a_name_without_address_waits(void **state)
{
    struct events events;
    chat_client *client = new_client(&events, "no-such-name.invalid");

    (void)state;
    assert_int_equal(chat_client_connect(client), CHAT_OK);
    events_until(&events, "waiting -5");
    free_client(&events);
}

static void test_a_lookup_may_be_left_behind(void **state)
{
    struct events events;
    chat_client *client = new_client(&events, "no-such-name.invalid");

    (void)state;
    assert_int_equal(chat_client_connect(client), CHAT_OK);
    free_client(&events);
}

static void test_the_subprotocol_is_asked_for_once(void **state)
{
    static const char refusal[] =
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    struct events events;
    chat_client *client = new_client(&events, "127.0.0.1");
    struct peer_connection *connection;

    (void)state;
    assert_int_equal(chat_client_connect(client), CHAT_OK);
    connection = peer_accept_request(&peer);
    assert_non_null(connection);
    assert_non_null(strstr(connection->request, "chat.v1"));
    peer_send_raw(connection, refusal, sizeof(refusal) - 1);
    peer_hang_up(connection, 0);
    connection = peer_accept(&peer);
    assert_null(strstr(connection->request, "Sec-WebSocket-Protocol"));
    sign_in(connection, 5, false);
    events_until(&events, "online");
    free_client(&events);
    peer_hang_up(connection, 0);
}

static void test_a_full_server_is_told_and_tried_again(void **state)
{
    static const char refusal[] =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
    struct events events;
    chat_client *client = new_client(&events, "127.0.0.1");
    struct peer_connection *connection;

    (void)state;
    assert_int_equal(chat_client_connect(client), CHAT_OK);
    connection = peer_accept_request(&peer);
    assert_non_null(connection);
    peer_send_raw(connection, refusal, sizeof(refusal) - 1);
    peer_hang_up(connection, 0);
    events_until(&events, "waiting -5 the server answered HTTP 503");
    connection = peer_accept(&peer);
    sign_in(connection, 5, false);
    events_until(&events, "online");
    free_client(&events);
    peer_hang_up(connection, 0);
}

/* ---- threads and handlers ---- */

/* Is this thread of the process the library's network thread? */
static bool is_network_thread(const char *task)
{
    char path[300];
    char name[32] = "";
    FILE *file;

    snprintf(path, sizeof(path), "/proc/self/task/%s/comm", task);
    file = fopen(path, "r");
    if (file == NULL)
        return false;
    if (fgets(name, sizeof(name), file) == NULL)
        name[0] = '\0';
    fclose(file);
    return strcmp(name, "chat-network\n") == 0;
}

static size_t count_network_threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *entry;
    size_t count = 0;

    assert_non_null(tasks);
    while ((entry = readdir(tasks)) != NULL)
        count += is_network_thread(entry->d_name);
    closedir(tasks);
    return count;
}

static void test_two_handles_share_one_thread(void **state)
{
    struct events events[2];
    struct peer_connection *connections[2];

    (void)state;
    assert_int_equal(count_network_threads(), 0);
    for (int i = 0; i < 2; i++) {
        new_client(&events[i], "127.0.0.1");
        assert_int_equal(chat_client_connect(events[i].client), CHAT_OK);
        connections[i] = peer_accept(&peer);
        sign_in(connections[i], 5, false);
        events_until(&events[i], "online");
        assert_int_equal(count_network_threads(), 1);
    }
    free_client(&events[0]);
    send_entry(connections[1], 6, "still here");
    events_until(&events[1], "entry lobby 6 still here");
    free_client(&events[1]);
    assert_int_equal(count_network_threads(), 0);
    peer_hang_up(connections[0], 0);
    peer_hang_up(connections[1], 0);
}

static void free_at_once(chat_client *client, const chat_event *event,
                         void *user_data)
{
    int *calls = user_data;

    (void)event;
    (*calls)++;
    assert_int_equal(chat_client_dispatch(client), CHAT_ERROR_STATE);
    assert_int_equal(chat_client_wait(client, 0), CHAT_ERROR_STATE);
    chat_client_free(client);
}

static void test_a_handler_may_free_its_handle(void **state)
{
    chat_client *client = NULL;
    struct peer_connection *connection;
    char url[64];
    int calls = 0;

    (void)state;
    snprintf(url, sizeof(url), "ws://127.0.0.1:%u/", peer.port);
    assert_int_equal(chat_client_new(&client, url), CHAT_OK);
    assert_int_equal(chat_client_connect(client), CHAT_OK);
    connection = peer_accept(&peer);
    sign_in(connection, 5, false);
    /* Several events wait; the first one ends it. */
    while (chat__event_queue_count(&client->events) < 3)
        sched_yield();
    chat_client_set_handler(client, free_at_once, &calls);
    assert_int_equal(chat_client_dispatch(client), 1);
    assert_int_equal(calls, 1);
    peer_hang_up(connection, 0);
}

static void test_the_process_keeps_its_signals(void **state)
{
    struct sigaction mine = {.sa_handler = SIG_DFL};
    struct sigaction now;
    struct events events;
    chat_client *client = new_client(&events, "127.0.0.1");

    (void)state;
    assert_int_equal(sigaction(SIGPIPE, &mine, NULL), 0);
    assert_int_equal(chat_client_connect(client), CHAT_OK);
    assert_int_equal(sigaction(SIGPIPE, NULL, &now), 0);
    assert_true(now.sa_handler == SIG_DFL);
    free_client(&events);
    assert_int_equal(sigaction(SIGPIPE, NULL, &now), 0);
    assert_true(now.sa_handler == SIG_DFL);
}

/* ---- a program that does not take its events ---- */

#define FLOOD 3000

static void *flood(void *argument)
{
    static char text[8001];
    struct peer_connection *connection = argument;

    memset(text, 'x', sizeof(text) - 1);
    for (unsigned i = 0; i < FLOOD; i++)
        send_entry(connection, 6 + i, text);
    return NULL;
}

static void test_events_that_nobody_takes_are_bounded(void **state)
{
    struct events events;
    chat_client *client = new_client(&events, "127.0.0.1");
    struct peer_connection *connection;
    pthread_t thread;
    char last[64];

    (void)state;
    assert_int_equal(chat_client_connect(client), CHAT_OK);
    connection = peer_accept(&peer);
    sign_in(connection, 5, false);
    assert_int_equal(pthread_create(&thread, NULL, flood, connection), 0);
    while (!chat__event_queue_full(&client->events))
        sched_yield();
    snprintf(last, sizeof(last), "entry lobby %d x", 5 + FLOOD);
    while (events.count == 0 ||
           strncmp(events.lines[events.count - 1], last, strlen(last)) != 0) {
        size_t seen = events.count;

        pthread_mutex_lock(&client->events.mutex);
        assert_true(client->events.bytes <=
                    CHAT__QUEUE_BYTES_HIGH + 2 * CHAT__FRAME_BYTES_MAX);
        pthread_mutex_unlock(&client->events.mutex);
        assert_true(chat_client_wait(client, PEER_PATIENCE_S * 1000) > 0);
        assert_true(events.count > seen);
    }
    for (unsigned i = 0; i < FLOOD; i++) {
        char line[64];

        snprintf(line, sizeof(line), "entry lobby %u x", 6 + i);
        events_until(&events, line);
    }
    pthread_join(thread, NULL);
    free_client(&events);
    peer_hang_up(connection, 0);
}

#define EDGE_TEST(function)                                                    \
    cmocka_unit_test_setup_teardown(function, listen_on_ipv4, stop_listening)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EDGE_TEST(test_signs_in_sends_and_receives),
        EDGE_TEST(test_the_descriptor_is_readable_while_events_wait),
        EDGE_TEST(test_what_is_not_utf8_is_refused),
        EDGE_TEST(test_a_handle_at_rest_takes_no_time),
        EDGE_TEST(test_a_server_that_restarts_is_resumed),
        EDGE_TEST(test_a_server_that_drains_is_left_unseen),
        EDGE_TEST(test_a_server_that_drains_may_send_elsewhere),
        EDGE_TEST(test_a_close_code_for_good_closes),
        EDGE_TEST(test_disconnect_says_good_bye),
        EDGE_TEST(test_fragments_and_many_objects_in_a_frame),
        EDGE_TEST(test_frames_beyond_the_limit_end_the_connection),
        EDGE_TEST(test_binary_frames_end_the_connection),
        EDGE_TEST(test_ipv6),
        EDGE_TEST(test_a_name_is_looked_up),
        EDGE_TEST(test_a_name_without_address_waits),
        EDGE_TEST(test_a_lookup_may_be_left_behind),
        EDGE_TEST(test_the_subprotocol_is_asked_for_once),
        EDGE_TEST(test_a_full_server_is_told_and_tried_again),
        EDGE_TEST(test_two_handles_share_one_thread),
        EDGE_TEST(test_a_handler_may_free_its_handle),
        EDGE_TEST(test_the_process_keeps_its_signals),
        EDGE_TEST(test_events_that_nobody_takes_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
