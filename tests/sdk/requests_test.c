/* Every request of client.h as a program makes it: arguments, and the wire. */
#include "chat/client.h"
#include "tests/sdk/events.h"
#include "tests/sdk/peer.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THUMB "\xf0\x9f\x91\x8d"
#define LONG_REASON                                                            \
    "0123456789012345678901234567890123456789012345678901234567890123456789"   \
    "0123456789012345678901234567890123456789012345678901234567890123456789"   \
    "0123456789012345678901234567890123456789012345678901234567890123456789"   \
    "01234567890123456789012345678901234567890"
#define HELLO_OK                                                               \
    "\"session\":\"s1\",\"ping_ms\":25000,"                                    \
    "\"limits\":{\"frame_bytes\":30720,\"text_characters\":4000,"              \
    "\"text_bytes\":8192,\"page_entries\":200,\"rooms\":500,"                  \
    "\"in_flight\":64,\"connection_ms\":0},"                                   \
    "\"server\":{\"version\":\"1\",\"task\":\"t\"},"                           \
    "\"invites\":[],\"rooms_rev\":1,\"now\":5000"

static struct peer peer;
static struct events events;
static chat_client *client;
static char url[64];

static int make_client(void **state)
{
    (void)state;
    if (!peer_listen(&peer, "127.0.0.1", 0, NULL))
        return -1;
    snprintf(url, sizeof(url), "ws://127.0.0.1:%u/ws", peer.port);
    if (chat_client_new(&client, url) != CHAT_OK)
        return -1;
    events_watch(&events, client);
    return 0;
}

static int free_client(void **state)
{
    (void)state;
    chat_client_free(client);
    events_forget(&events);
    peer_close(&peer);
    return 0;
}

/* Accepts, and answers hello with this token; what hello said is returned. */
static struct peer_connection *sign_in(char hello[512], const char *token)
{
    struct peer_connection *connection = peer_accept(&peer);
    uint32_t id = peer_expect(connection, "hello");

    snprintf(hello, 512, "%.511s", connection->frame);
    peer_send(
        connection,
        "{\"reply\":%u,\"ok\":{\"user\":{\"id\":\"17\",\"name\":\"ann\"},"
        "\"token\":\"%s\",\"rooms\":[{\"room\":\"lobby\",\"epoch\":\"e1\","
        "\"head\":5,\"read\":0,\"unread\":0,\"mentions\":0,"
        "\"resumed\":false}]," HELLO_OK "}}\n",
        id, token);
    return connection;
}

static struct peer_connection *go_online(void)
{
    struct peer_connection *connection;
    char hello[512];

    assert_int_equal(chat_client_connect(client), CHAT_OK);
    connection = sign_in(hello, "tok");
    events_until(&events, "joined lobby");
    return connection;
}

/* The next request is `start`, a key, and `end`; its id is returned. */
static uint32_t expect_request(struct peer_connection *connection,
                               const char *action, const char *key,
                               const char *members)
{
    char wanted[512];
    uint32_t id = peer_expect(connection, action);

    if (key != NULL)
        snprintf(wanted, sizeof(wanted), "\"key\":\"%s\"", key);
    else
        snprintf(wanted, sizeof(wanted), "%s", members);
    assert_non_null(strstr(connection->frame, wanted));
    assert_non_null(strstr(connection->frame, members));
    return id;
}

/* ---- arguments ---- */

#define REFUSED(call) assert_int_equal(call, CHAT_ERROR_ARGUMENT)

static void test_arguments_of_messages_are_checked(void **state)
{
    static const char *const bad_ids[] = {"3", "x"};
    static const char *const ids[21] = {"1", "2", "3", "4", "5", "6", "7",
                                        "8", "9", "1", "2", "3", "4", "5",
                                        "6", "7", "8", "9", "1", "2", "3"};

    (void)state;
    REFUSED(chat_send_mentioning(client, "lobby", "x", 0, bad_ids, 2, NULL));
    REFUSED(chat_send_mentioning(client, "lobby", "x", 0, ids, 21, NULL));
    REFUSED(chat_send_mentioning(client, "lobby", "x", 0, NULL, 1, NULL));
    REFUSED(chat_edit(NULL, "lobby", 1, "x", NULL));
    REFUSED(chat_edit(client, "lobby", 0, "x", NULL));
    REFUSED(chat_edit(client, "lobby", UINT64_MAX, "x", NULL));
    REFUSED(chat_edit(client, "lobby", 1, "", NULL));
    REFUSED(chat_edit(client, "LOBBY", 1, "x", NULL));
    REFUSED(chat_edit(client, "lobby", 1, "\xff", NULL));
    REFUSED(chat_delete(client, "lobby", 0, NULL));
    REFUSED(chat_delete(client, NULL, 1, NULL));
    REFUSED(chat_react(client, "lobby", 1, "", 1, NULL));
    REFUSED(chat_react(client, "lobby", 1, "two words", 1, NULL));
    REFUSED(chat_react(client, "lobby", 1, "\xf0\x9f", 1, NULL));
    REFUSED(chat_react(client, "lobby", 0, THUMB, 1, NULL));
}

static void test_arguments_about_users_are_checked(void **state)
{
    static const char *const bad[] = {
        "", "0", "01", "-1", "+1", " 1", "1 ", "1x", "18446744073709551616"};

    (void)state;
    REFUSED(chat_invite(client, "lobby", NULL, NULL));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        REFUSED(chat_invite(client, "lobby", bad[i], NULL));
        REFUSED(chat_dm(client, bad[i], 10, NULL));
        REFUSED(chat_members(client, "lobby", CHAT_MEMBERS, bad[i], NULL));
    }
    REFUSED(chat_dm(client, "3", 201, NULL));
    REFUSED(chat_kick(client, "lobby", "3", LONG_REASON, NULL));
    REFUSED(chat_ban(client, "lobby", "3", 1, "a\nb", NULL));
    REFUSED(chat_set_role(client, "lobby", "3", CHAT_ROLE_NONE, NULL));
    REFUSED(chat_set_role(client, "lobby", "3", (chat_role)4, NULL));
    REFUSED(chat_members(client, "lobby", (chat_member_list)3, NULL, NULL));
    REFUSED(chat_topic(client, "lobby", NULL, NULL));
    REFUSED(chat_topic(client, "lobby", LONG_REASON, NULL));
}

static void test_arguments_about_oneself_are_checked(void **state)
{
    (void)state;
    REFUSED(chat_presence(client, CHAT_PRESENCE_OFFLINE));
    REFUSED(chat_presence(client, (chat_presence_state)4));
    REFUSED(chat_logout(NULL, 0, NULL));
    REFUSED(chat_password(client, "short", "long enough", NULL));
    REFUSED(chat_password(client, "long enough", NULL, NULL));
    REFUSED(chat_client_set_login(client, "ann", "short"));
    REFUSED(chat_client_set_login(client, " ann", "long enough"));
    REFUSED(chat_client_set_login(client, NULL, "long enough"));
    REFUSED(chat_client_set_register(client, "ann", "short"));
    assert_int_equal(chat_client_set_login(client, "ann", "long enough"),
                     CHAT_OK);
    assert_int_equal(chat_client_connect(client), CHAT_OK);
    assert_int_equal(chat_client_set_login(client, "ann", "long enough"),
                     CHAT_ERROR_STATE);
    assert_int_equal(chat_client_set_register(client, "ann", "long enough"),
                     CHAT_ERROR_STATE);
}

/* ---- the wire ---- */

static void test_messages_and_what_is_done_to_them(void **state)
{
    static const char *const ids[] = {"3", "9", "3"};
    struct peer_connection *connection = go_online();
    char key[CHAT_KEY_SIZE];
    char line[128];
    uint32_t id;

    (void)state;
    assert_int_equal(
        chat_send_mentioning(client, "lobby", "hi", 4, ids, 3, key), CHAT_OK);
    expect_request(connection, "send", key,
                   "\"text\":\"hi\",\"reply_to\":4,\"mentions\":[\"3\",\"9\"]");
    assert_int_equal(chat_edit(client, "lobby", 5, "ho", key), CHAT_OK);
    expect_request(connection, "edit", key, "\"ref\":5,\"text\":\"ho\"");
    assert_int_equal(chat_delete(client, "lobby", 5, key), CHAT_OK);
    expect_request(connection, "delete", key, "\"ref\":5");
    assert_int_equal(chat_react(client, "lobby", 5, THUMB, 0, key), CHAT_OK);
    id = expect_request(connection, "react", key,
                        "\"ref\":5,\"emoji\":\"" THUMB "\",\"on\":false");
    peer_send(connection, "{\"reply\":%u,\"ok\":{\"seq\":9,\"ts\":1}}\n", id);
    snprintf(line, sizeof(line), "sent %s 9", key);
    events_until(&events, line);
    peer_hang_up(connection, 0);
}

static void test_moderation(void **state)
{
    struct peer_connection *connection = go_online();
    uint64_t numbers[6];
    uint32_t id;

    (void)state;
    assert_int_equal(chat_topic(client, "lobby", "", &numbers[0]), CHAT_OK);
    expect_request(connection, "topic", NULL, "\"topic\":\"\"");
    assert_int_equal(chat_invite(client, "lobby", "3", &numbers[1]), CHAT_OK);
    expect_request(connection, "invite", NULL, "\"user\":\"3\"");
    assert_int_equal(chat_kick(client, "lobby", "3", NULL, &numbers[2]),
                     CHAT_OK);
    expect_request(connection, "kick", NULL, "\"user\":\"3\"}");
    assert_int_equal(chat_ban(client, "lobby", "3", 1, "loud", &numbers[3]),
                     CHAT_OK);
    expect_request(connection, "ban", NULL,
                   "\"user\":\"3\",\"on\":true,\"reason\":\"loud\"");
    assert_int_equal(
        chat_set_role(client, "lobby", "3", CHAT_ROLE_OWNER, &numbers[4]),
        CHAT_OK);
    id = expect_request(connection, "role", NULL,
                        "\"user\":\"3\",\"role\":\"owner\"");
    for (int i = 0; i < 4; i++)
        assert_true(numbers[i] < numbers[i + 1]);
    peer_send(connection,
              "{\"reply\":%u,\"error\":{\"code\":\"forbidden\",\"message\":"
              "\"no\"}}\n",
              id);
    events_until(&events, "failed -22");
    peer_hang_up(connection, 0);
}

static void test_members_presence_and_direct_rooms(void **state)
{
    struct peer_connection *connection = go_online();
    uint32_t id;

    (void)state;
    assert_int_equal(
        chat_members(client, "lobby", CHAT_MEMBERS_INVITED, "3", NULL),
        CHAT_OK);
    id = expect_request(connection, "members", NULL,
                        "\"after\":\"3\",\"list\":\"invited\"");
    peer_send(connection,
              "{\"reply\":%u,\"ok\":{\"members\":[{\"id\":\"4\",\"name\":"
              "\"dan\"}]}}\n"
              "{\"event\":\"presence\",\"room\":\"lobby\",\"users\":["
              "{\"id\":\"3\",\"presence\":\"away\"}]}\n",
              id);
    events_until(&events, "members lobby 1");
    events_until(&events, "presence lobby 1");
    assert_int_equal(chat_presence(client, CHAT_PRESENCE_DND), CHAT_OK);
    expect_request(connection, "presence", NULL, "\"state\":\"dnd\"");
    assert_int_equal(chat_dm(client, "3", 0, NULL), CHAT_OK);
    id = expect_request(connection, "dm", NULL, "\"user\":\"3\"");
    peer_send(connection,
              "{\"reply\":%u,\"ok\":{\"room\":\"dm.3.17\",\"epoch\":\"d1\","
              "\"members\":2,\"role\":\"member\",\"recovered\":false,"
              "\"entries\":[],\"changes\":[],\"first\":1,\"head\":1}}\n",
              id);
    events_until(&events, "joined dm.3.17 1");
    events_until(&events, "history dm.3.17 0");
    peer_hang_up(connection, 0);
}

/* ---- accounts ---- */

/* The content of the outbox file, the caller's to free. */
static char *read_file(const char *path)
{
    char *content = calloc(1, 4096);
    FILE *file = fopen(path, "r");

    assert_non_null(content);
    assert_non_null(file);
    assert_true(fread(content, 1, 4095, file) > 0);
    fclose(file);
    return content;
}

static void check_file(const char *path, const char *with, const char *without)
{
    char *content = read_file(path);

    assert_non_null(strstr(content, with));
    assert_null(strstr(content, without));
    free(content);
}

/* Another handle in the place of the first one. */
static void next_process(const char *path)
{
    chat_client_free(client);
    events_forget(&events);
    assert_int_equal(chat_client_new(&client, url), CHAT_OK);
    events_watch(&events, client);
    assert_int_equal(chat_client_set_outbox_file(client, path), CHAT_OK);
    assert_int_equal(chat_client_connect(client), CHAT_OK);
}

static void live_with_an_account(const char *path)
{
    struct peer_connection *connection;
    char hello[512];
    char key[CHAT_KEY_SIZE];
    uint32_t id;

    assert_int_equal(chat_client_set_register(client, "Ann", "good secret"),
                     CHAT_OK);
    assert_int_equal(chat_client_set_outbox_file(client, path), CHAT_OK);
    assert_int_equal(chat_react(client, "lobby", 5, THUMB, 1, key), CHAT_OK);
    check_file(path, key, "good secret");
    assert_int_equal(chat_client_connect(client), CHAT_OK);
    connection = sign_in(hello, "tok1");
    assert_non_null(strstr(hello, "\"register\":{\"user\":\"Ann\","
                                  "\"password\":\"good secret\"},\"key\":\""));
    peer_expect(connection, "react");
    events_until(&events, "online");
    peer_hang_up(connection, 0);

    next_process(path);
    check_file(path, "\"account\":\"Ann\"", "good secret");
    connection = sign_in(hello, "tok2");
    assert_non_null(strstr(hello, "\"token\":\"tok1\""));
    expect_request(connection, "react", key, "\"emoji\":\"" THUMB "\"");
    /* It is nobody's guest, should its token end. */
    events_until(&events, "online");
    assert_int_equal(chat_delete(client, "lobby", 5, NULL), CHAT_OK);
    check_file(path, "tok2", "guest_key");
    peer_expect(connection, "delete");
    assert_int_equal(chat_logout(client, 0, NULL), CHAT_OK);
    id = peer_expect(connection, "logout");
    peer_send(connection, "{\"reply\":%u,\"ok\":{}}\n", id);
    events_until(&events, "done 1");
    events_until(&events, "closed 0");
    peer_hang_up(connection, 0);
    chat_client_free(client);
    client = NULL;
    check_file(path, key, "tok");
}

static void test_an_account_lives_in_its_file_without_password(void **state)
{
    char folder[] = "/tmp/chat-account-XXXXXX";
    char path[64];
    char lock[64];

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/outbox", folder);
    snprintf(lock, sizeof(lock), "%s/outbox.lock", folder);
    live_with_an_account(path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(unlink(lock), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void test_a_password_is_changed(void **state)
{
    struct peer_connection *connection;
    char hello[512];
    char token[65];
    uint32_t id;

    (void)state;
    assert_int_equal(chat_client_set_login(client, "Ann", "good secret"),
                     CHAT_OK);
    assert_int_equal(chat_client_connect(client), CHAT_OK);
    connection = sign_in(hello, "tok1");
    assert_non_null(strstr(
        hello, "\"login\":{\"user\":\"Ann\",\"password\":\"good secret\"}"));
    assert_int_equal(chat_password(client, "good secret", "new secret", NULL),
                     CHAT_OK);
    id = expect_request(connection, "password", NULL,
                        "\"old\":\"good secret\",\"new\":\"new secret\"");
    peer_send(connection, "{\"reply\":%u,\"ok\":{\"token\":\"tok2\"}}\n", id);
    events_until(&events, "done 1");
    assert_int_equal(chat_client_token(client, token, sizeof(token)), CHAT_OK);
    assert_string_equal(token, "tok2");
    peer_hang_up(connection, 0);
}

#define CLIENT_TEST(function)                                                  \
    cmocka_unit_test_setup_teardown(function, make_client, free_client)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLIENT_TEST(test_arguments_of_messages_are_checked),
        CLIENT_TEST(test_arguments_about_users_are_checked),
        CLIENT_TEST(test_arguments_about_oneself_are_checked),
        CLIENT_TEST(test_messages_and_what_is_done_to_them),
        CLIENT_TEST(test_moderation),
        CLIENT_TEST(test_members_presence_and_direct_rooms),
        CLIENT_TEST(test_an_account_lives_in_its_file_without_password),
        CLIENT_TEST(test_a_password_is_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
