#include "chat/client.h"
#include "sdk/outbox_file.h"
#include "sdk/saved.h"
#include "tests/sdk/session_harness.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define URL    "ws://127.0.0.1:1/ws"
#define HEADER "{\"chatclient\":1,\"url\":\"" URL "\",\"name\":\"ann\"}\n"

static char folder[] = "/tmp/chat-outbox-XXXXXX";
static char path[64];
static char temporary[64];
static char lock[64];

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof(path), "%s/outbox", folder);
    snprintf(temporary, sizeof(temporary), "%s/outbox.tmp", folder);
    snprintf(lock, sizeof(lock), "%s/outbox.lock", folder);
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    unlink(path);
    unlink(temporary);
    unlink(lock);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static void save(const char *content)
{
    struct chat__outbox_file file;

    assert_int_equal(chat__outbox_file_open(&file, path), CHAT_OK);
    assert_int_equal(chat__outbox_file_save(&file, content, strlen(content)),
                     CHAT_OK);
    chat__outbox_file_close(&file);
}

static void check_content(const char *content)
{
    struct chat__outbox_file file;
    struct chat__buffer buffer;

    chat__buffer_init(&buffer, 4096);
    assert_int_equal(chat__outbox_file_open(&file, path), CHAT_OK);
    assert_int_equal(chat__outbox_file_load(&file, &buffer), CHAT_OK);
    assert_int_equal(buffer.length, strlen(content));
    if (buffer.length > 0)
        assert_memory_equal(buffer.data, content, buffer.length);
    chat__outbox_file_close(&file);
    chat__buffer_release(&buffer);
}

/* ---- the file ---- */

static void test_keeps_what_was_saved_last(void **state)
{
    (void)state;
    check_content("");
    save("one\n");
    save("two\n");
    check_content("two\n");
}

static void test_only_the_owner_may_read_it(void **state)
{
    struct stat status;
    mode_t before = umask(0);
    int fd = open(temporary, O_CREAT | O_WRONLY, 0666);

    (void)state;
    close(fd);
    save("secret\n");
    umask(before);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_not_equal(stat(temporary, &status), 0);
}

static void test_two_never_share_it(void **state)
{
    struct chat__outbox_file first;
    struct chat__outbox_file second;

    (void)state;
    assert_int_equal(chat__outbox_file_open(&first, path), CHAT_OK);
    assert_int_equal(chat__outbox_file_open(&second, path), CHAT_ERROR_STATE);
    chat__outbox_file_close(&first);
    assert_int_equal(chat__outbox_file_open(&second, path), CHAT_OK);
    chat__outbox_file_close(&second);
}

static void test_places_that_cannot_be_written(void **state)
{
    struct chat__outbox_file file;

    (void)state;
    assert_int_equal(chat__outbox_file_open(&file, "/nowhere/at/all"),
                     CHAT_ERROR_SYSTEM);
    assert_int_equal(chat__outbox_file_open(&file, path), CHAT_OK);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(chat__outbox_file_save(&file, "x", 1), CHAT_ERROR_SYSTEM);
    assert_int_equal(rmdir(path), 0);
    assert_int_not_equal(access(temporary, F_OK), 0);
    chat__outbox_file_close(&file);
}

static void test_reads_no_more_than_its_limit(void **state)
{
    struct chat__outbox_file file;
    struct chat__buffer buffer;

    (void)state;
    save("0123456789");
    chat__buffer_init(&buffer, 9);
    assert_int_equal(chat__outbox_file_open(&file, path), CHAT_OK);
    assert_int_equal(chat__outbox_file_load(&file, &buffer), CHAT_ERROR_MEMORY);
    chat__outbox_file_close(&file);
    chat__buffer_release(&buffer);
}

/* ---- its content ---- */

static void test_messages_and_credentials_come_back(void **state)
{
    struct harness *ann = harness_new();
    struct harness *again = harness_new();
    struct chat__outbox *outbox;
    struct chat__credentials *credentials =
        chat__session_credentials(again->session);
    struct chat__buffer buffer;

    (void)state;
    send_text(ann, "lobby", "k1", "one \"quoted\"\nline");
    join_room(ann, "other", "k2", 1);
    send_text(ann, "lobby", "k3", "three");
    snprintf(chat__session_credentials(ann->session)->token, 8, "tok");
    memset(credentials, 0, sizeof(*credentials));
    chat__buffer_init(&buffer, CHAT__SAVED_BYTES_MAX);
    chat__saved_encode(&buffer, URL, chat__session_credentials(ann->session),
                       chat__session_outbox(ann->session), NULL);
    assert_false(buffer.failed);

    outbox = chat__session_outbox(again->session);
    assert_int_equal(chat__saved_decode(buffer.data, buffer.length, URL,
                                        credentials, outbox),
                     CHAT_OK);
    assert_string_equal(credentials->name, "ann");
    assert_string_equal(credentials->guest_key, "gk");
    assert_string_equal(credentials->token, "tok");
    assert_int_equal(outbox->messages, 2);
    assert_string_equal(outbox->first->request.body.send.text,
                        "one \"quoted\"\nline");
    assert_string_equal(outbox->last->key, "k3");
    /* It may be in the log already: too late to take it back. */
    assert_int_equal(chat__session_cancel(again->session, "k3"),
                     CHAT_ERROR_STATE);
    chat__buffer_release(&buffer);
    harness_free(ann);
    harness_free(again);
}

static void test_what_is_done_to_messages_comes_back_in_order(void **state)
{
    struct harness *ann = harness_new();
    struct harness *again = harness_new();
    struct chat__request request = {.action = CHAT__ACTION_EDIT};
    struct chat__credentials *credentials =
        chat__session_credentials(ann->session);
    struct chat__buffer buffer;

    (void)state;
    request.body.edit = (struct chat__edit){
        .room = "lobby", .key = "k1", .ref = 3, .text = "better"};
    submit(ann, &request, 0);
    request = (struct chat__request){.action = CHAT__ACTION_REACT};
    request.body.react = (struct chat__react){
        .room = "lobby", .key = "k2", .ref = 4, .emoji = "👍", .on = true};
    submit(ann, &request, 0);
    request = (struct chat__request){.action = CHAT__ACTION_KICK};
    request.body.kick =
        (struct chat__moderate){.room = "lobby", .key = "k3", .user = 4};
    submit(ann, &request, 1);
    request = (struct chat__request){.action = CHAT__ACTION_DELETE};
    request.body.delete =
        (struct chat__delete){.room = "lobby", .key = "k4", .ref = 3};
    submit(ann, &request, 0);
    request = (struct chat__request){.action = CHAT__ACTION_SEND};
    request.body.send = (struct chat__send){.room = "lobby",
                                            .key = "k5",
                                            .text = "hi",
                                            .mentions = {7, 8},
                                            .mention_count = 2};
    submit(ann, &request, 0);
    snprintf(credentials->account, sizeof(credentials->account), "ann");
    snprintf(credentials->password, sizeof(credentials->password), "secret!!");
    chat__buffer_init(&buffer, CHAT__SAVED_BYTES_MAX);
    chat__saved_encode(&buffer, URL, credentials,
                       chat__session_outbox(ann->session), NULL);
    assert_null(memmem(buffer.data, buffer.length, "secret", 6));
    memset(chat__session_credentials(again->session), 0, sizeof(*credentials));
    assert_int_equal(
        chat__saved_decode(buffer.data, buffer.length, URL,
                           chat__session_credentials(again->session),
                           chat__session_outbox(again->session)),
        CHAT_OK);
    assert_string_equal(chat__session_credentials(again->session)->account,
                        "ann");
    go_online(again, 5);
    expect_frame(again, "{\"action\":\"edit\",\"id\":2,\"room\":\"lobby\","
                        "\"key\":\"k1\",\"ref\":3,\"text\":\"better\"}");
    expect_frame(again, "{\"action\":\"react\",\"id\":3,\"room\":\"lobby\","
                        "\"key\":\"k2\",\"ref\":4,\"emoji\":\"👍\","
                        "\"on\":true}");
    receive(again, "{\"reply\":2,\"ok\":{\"seq\":6,\"ts\":1}}\n"
                   "{\"reply\":3,\"ok\":{\"seq\":7,\"ts\":1}}");
    expect_frame(again, "{\"action\":\"delete\",\"id\":4,\"room\":\"lobby\","
                        "\"key\":\"k4\",\"ref\":3}");
    expect_frame(again, "{\"action\":\"send\",\"id\":5,\"room\":\"lobby\","
                        "\"key\":\"k5\",\"text\":\"hi\","
                        "\"mentions\":[\"7\",\"8\"]}");
    expect_no_frame(again);
    chat__buffer_release(&buffer);
    harness_free(ann);
    harness_free(again);
}

/* Six bytes in JSON for each of the characters: the server takes no such. */
static void test_a_message_that_no_frame_holds_is_refused(void **state)
{
    struct chat__credentials credentials = {0};
    struct chat__outbox outbox;
    struct chat__buffer buffer;

    (void)state;
    chat__outbox_init(&outbox);
    chat__buffer_init(&buffer, CHAT__SAVED_BYTES_MAX);
    chat__buffer_append_string(&buffer,
                               HEADER "{\"action\":\"send\",\"room\":"
                                      "\"lobby\",\"key\":\"k\",\"text\":\"");
    for (int i = 0; i < CHAT__TEXT_CHARACTERS_MAX; i++)
        chat__buffer_append_string(&buffer, "\\u0001");
    chat__buffer_append_string(&buffer, "\"}\n");
    assert_int_equal(chat__saved_decode(buffer.data, buffer.length, URL,
                                        &credentials, &outbox),
                     CHAT_ERROR_PROTOCOL);
    assert_null(outbox.first);
    chat__buffer_release(&buffer);
}

static void test_damaged_contents_are_refused(void **state)
{
    static const char *const bad[] = {
        "\n",
        "hello\n",
        "{}\n",
        "{\"chatclient\":1,\"url\":\"" URL "\"}",
        "{\"chatclient\":2,\"url\":\"" URL "\"}\n",
        "{\"chatclient\":0,\"url\":\"" URL "\"}\n",
        "{\"chatclient\":1,\"url\":\"ws://other/\"}\n",
        "{\"chatclient\":1,\"url\":\"" URL "\",\"token\":\"a b\"}\n",
        "{\"chatclient\":1,\"url\":\"" URL "\",\"name\":\" a\"}\n",
        HEADER "{\"action\":\"send\",\"room\":\"lobby\",\"key\":\"k\"}\n",
        HEADER "{\"action\":\"send\",\"room\":\"lobby\",\"key\":\"k\",\"text\":"
               "\"x\"}\n{}\n",
        HEADER "{\"room\":\"lobby\",\"key\":\"k\",\"text\":\"x\"}\n",
        HEADER "{\"action\":\"leave\",\"room\":\"lobby\",\"key\":\"k\"}\n",
        HEADER "{\"action\":\"send\",\"room\":\"LOBBY\",\"key\":\"k\",\"text\":"
               "\"x\"}\n",
        HEADER "{\"action\":\"send\",\"room\":\"lobby\",\"key\":\"\",\"text\":"
               "\"x\"}\n",
        HEADER "{\"action\":\"send\",\"room\":\"lobby\",\"key\":\"k\",\"text\":"
               "\"\"}\n",
        HEADER "{\"action\":\"send\",\"room\":\"lobby\",\"key\":\"k\",\"text\":"
               "\"x\"\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct chat__credentials credentials = {0};
        struct chat__outbox outbox;

        chat__outbox_init(&outbox);
        if (chat__saved_decode(bad[i], strlen(bad[i]), URL, &credentials,
                               &outbox) != CHAT_ERROR_PROTOCOL)
            fail_msg("accepted %s", bad[i]);
        assert_null(outbox.first);
        assert_string_equal(credentials.name, "");
        chat__outbox_release(&outbox);
    }
}

static void test_every_cut_of_a_content_is_refused(void **state)
{
    static const char whole[] =
        HEADER "{\"action\":\"send\",\"room\":\"lobby\",\"key\":\"k\",\"text\":"
               "\"x\"}\n";

    (void)state;
    for (size_t length = 1; length < sizeof(whole) - 1; length++) {
        struct chat__credentials credentials = {0};
        struct chat__outbox outbox;

        chat__outbox_init(&outbox);
        if (length != strlen(HEADER))
            assert_int_equal(
                chat__saved_decode(whole, length, URL, &credentials, &outbox),
                CHAT_ERROR_PROTOCOL);
        chat__outbox_release(&outbox);
    }
}

/* ---- handles ---- */

static void test_a_handle_keeps_its_messages_for_the_next(void **state)
{
    chat_client *client = NULL;
    chat_client *other = NULL;
    char key[CHAT_KEY_SIZE];
    struct chat__buffer buffer;
    struct chat__outbox_file file;

    (void)state;
    assert_int_equal(chat_client_new(&client, URL), CHAT_OK);
    assert_int_equal(chat_client_new(&other, URL), CHAT_OK);
    assert_int_equal(chat_client_set_outbox_file(client, path), CHAT_OK);
    assert_int_equal(chat_client_set_outbox_file(client, path),
                     CHAT_ERROR_STATE);
    assert_int_equal(chat_client_set_outbox_file(other, path),
                     CHAT_ERROR_STATE);
    assert_int_equal(chat_send(client, "lobby", "hi", 0, key), CHAT_OK);
    chat_client_free(client);

    chat__buffer_init(&buffer, 4096);
    assert_int_equal(chat__outbox_file_open(&file, path), CHAT_OK);
    assert_int_equal(chat__outbox_file_load(&file, &buffer), CHAT_OK);
    chat__outbox_file_close(&file);
    chat__buffer_append_byte(&buffer, '\0');
    assert_non_null(strstr(buffer.data, key));
    chat__buffer_release(&buffer);

    assert_int_equal(chat_client_set_outbox_limits(other, 1, 100), CHAT_OK);
    assert_int_equal(chat_client_set_outbox_file(other, path), CHAT_OK);
    assert_int_equal(chat_send(other, "lobby", "more", 0, NULL),
                     CHAT_ERROR_FULL);
    chat_client_free(other);
}

static void test_a_message_that_cannot_be_kept_is_not_taken(void **state)
{
    chat_client *client = NULL;

    (void)state;
    assert_int_equal(chat_client_new(&client, URL), CHAT_OK);
    assert_int_equal(chat_client_set_outbox_file(client, path), CHAT_OK);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(chat_send(client, "lobby", "hi", 0, NULL),
                     CHAT_ERROR_SYSTEM);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(chat_client_set_outbox_limits(client, 1, 100), CHAT_OK);
    assert_int_equal(chat_send(client, "lobby", "hi", 0, NULL), CHAT_OK);
    chat_client_free(client);
}

/* Waits until a save has given up its temporary file. */
static void await_failed_save(int watch)
{
    char bytes[4096]
        __attribute__((aligned(__alignof__(struct inotify_event))));
    bool failed = false;

    while (!failed) {
        struct pollfd poller = {.fd = watch, .events = POLLIN};
        ssize_t length;

        assert_int_equal(poll(&poller, 1, 20000), 1);
        length = read(watch, bytes, sizeof(bytes));
        assert_true(length > 0);
        for (char *at = bytes; at < bytes + length;) {
            const struct inotify_event *event = (struct inotify_event *)at;

            failed = failed || ((event->mask & IN_DELETE) != 0 &&
                                strcmp(event->name, "outbox.tmp") == 0);
            at += sizeof(*event) + event->len;
        }
    }
}

/* Nothing changes after it, so that no other save comes to its help. */
static void test_a_late_save_that_fails_is_made_good(void **state)
{
    chat_client *client = NULL;
    char key[CHAT_KEY_SIZE];
    int watch = inotify_init1(IN_CLOEXEC);

    (void)state;
    assert_true(watch >= 0);
    assert_int_equal(chat_client_new(&client, URL), CHAT_OK);
    assert_int_equal(chat_client_set_outbox_file(client, path), CHAT_OK);
    assert_int_equal(chat_send(client, "lobby", "one", 0, key), CHAT_OK);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_true(inotify_add_watch(watch, folder, IN_DELETE) >= 0);
    assert_int_equal(chat_send_cancel(client, key), CHAT_OK);
    await_failed_save(watch);
    assert_int_equal(rmdir(path), 0);
    chat_client_free(client);
    close(watch);
    check_content("{\"chatclient\":1,\"url\":\"" URL "\"}\n");
}

static void test_a_message_that_was_taken_back_is_not_kept(void **state)
{
    chat_client *client = NULL;
    char key[CHAT_KEY_SIZE];

    (void)state;
    assert_int_equal(chat_client_new(&client, URL), CHAT_OK);
    assert_int_equal(chat_client_set_outbox_file(client, path), CHAT_OK);
    assert_int_equal(chat_send(client, "lobby", "one", 0, key), CHAT_OK);
    assert_int_equal(chat_send_cancel(client, key), CHAT_OK);
    chat_client_free(client);
    check_content("{\"chatclient\":1,\"url\":\"" URL "\"}\n");
}

static void test_a_file_for_another_server_is_refused(void **state)
{
    chat_client *client = NULL;

    (void)state;
    save("{\"chatclient\":1,\"url\":\"wss://elsewhere/\",\"token\":\"t\"}\n");
    assert_int_equal(chat_client_new(&client, URL), CHAT_OK);
    assert_int_equal(chat_client_set_outbox_file(client, path),
                     CHAT_ERROR_PROTOCOL);
    chat_client_free(client);
}

#define FILE_TEST(function) cmocka_unit_test_teardown(function, remove_files)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILE_TEST(test_keeps_what_was_saved_last),
        FILE_TEST(test_only_the_owner_may_read_it),
        FILE_TEST(test_two_never_share_it),
        FILE_TEST(test_places_that_cannot_be_written),
        FILE_TEST(test_reads_no_more_than_its_limit),
        FILE_TEST(test_messages_and_credentials_come_back),
        FILE_TEST(test_what_is_done_to_messages_comes_back_in_order),
        FILE_TEST(test_a_message_that_no_frame_holds_is_refused),
        FILE_TEST(test_damaged_contents_are_refused),
        FILE_TEST(test_every_cut_of_a_content_is_refused),
        FILE_TEST(test_a_handle_keeps_its_messages_for_the_next),
        FILE_TEST(test_a_message_that_cannot_be_kept_is_not_taken),
        FILE_TEST(test_a_late_save_that_fails_is_made_good),
        FILE_TEST(test_a_message_that_was_taken_back_is_not_kept),
        FILE_TEST(test_a_file_for_another_server_is_refused),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
