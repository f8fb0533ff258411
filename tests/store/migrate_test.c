/* Files of older versions open, and are brought to the version of today. */
#include "tests/store/author.h"

#include <stdlib.h>
#include <string.h>

/* Version 1 as it was; no later change of the program may change it. */
static const char version_1[] =
    "CREATE TABLE rooms ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE,"
    " epoch TEXT NOT NULL,"
    " private INTEGER NOT NULL,"
    " topic TEXT,"
    " first INTEGER NOT NULL DEFAULT 1,"
    " head INTEGER NOT NULL DEFAULT 0,"
    " n INTEGER NOT NULL DEFAULT 0,"
    " last_ts INTEGER NOT NULL DEFAULT 0,"
    " members INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"
    "CREATE INDEX rooms_public ON rooms (name) WHERE private = 0;"

    "CREATE TABLE entries ("
    " id INTEGER PRIMARY KEY,"
    " room INTEGER NOT NULL,"
    " seq INTEGER NOT NULL,"
    " user INTEGER NOT NULL,"
    " n INTEGER NOT NULL,"
    " ts INTEGER NOT NULL,"
    " key TEXT NOT NULL,"
    " digest BLOB NOT NULL,"
    " bytes BLOB NOT NULL"
    ") STRICT;"
    "CREATE UNIQUE INDEX entries_log ON entries (room, seq);"
    "CREATE UNIQUE INDEX entries_key ON entries (room, user, key);"

    "CREATE TABLE members ("
    " room INTEGER NOT NULL,"
    " user INTEGER NOT NULL,"
    " role INTEGER NOT NULL,"
    " read INTEGER NOT NULL DEFAULT 0,"
    " read_n INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY (room, user)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX members_user ON members (user);"

    "CREATE TABLE users ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL,"
    " guest_key TEXT UNIQUE,"
    " rooms_rev INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"

    "CREATE TABLE tokens ("
    " hash BLOB PRIMARY KEY,"
    " user INTEGER NOT NULL,"
    " expires INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX tokens_expires ON tokens (expires);"
    "PRAGMA application_id = 1128808788;"
    "PRAGMA user_version = 1;";

/* Two users, of whom Bob has left; two rooms; a message in one of them. */
static const char content_1[] =
    "INSERT INTO users (name, guest_key, rooms_rev)"
    " VALUES ('Ann', 'ann', 2), ('Bob', 'bob', 2);"
    "INSERT INTO rooms (name, epoch, private, topic, head, n, last_ts, members)"
    " VALUES ('lobby', 'epoch-1', 0, 'old', 2, 1, 1002, 1),"
    " ('den', 'epoch-2', 1, NULL, 0, 0, 0, 1);"
    "INSERT INTO members VALUES (1, 1, 3, 1, 0), (2, 1, 1, 0, 0);"
    "INSERT INTO entries (room, seq, user, n, ts, key, digest, bytes) VALUES"
    " (1, 1, 1, 0, 1001, 'k1', zeroblob(16), CAST('{\"event\":\"join\","
    "\"room\":\"lobby\",\"seq\":1,\"ts\":1001,\"from\":{\"id\":\"1\","
    "\"name\":\"Ann\"},\"key\":\"k1\"}' AS BLOB)),"
    " (1, 2, 2, 1, 1002, 'k2', zeroblob(16), CAST('{\"event\":\"message\","
    "\"room\":\"lobby\",\"seq\":2,\"n\":1,\"ts\":1002,\"from\":"
    "{\"id\":\"2\",\"name\":\"Bob\"},\"key\":\"k2\",\"text\":\"#\"}'"
    " AS BLOB));"
    "INSERT INTO tokens VALUES (x'01010101010101010101010101010101"
    "01010101010101010101010101010101', 1, 1797955200000);";

static int setup(void **state)
{
    harness_setup(state);
    struct harness *harness = *state;
    sqlite3 *database = NULL;
    harness_close(harness);
    harness_name(harness, "old.db");
    assert_int_equal(sqlite3_open(harness->path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, version_1, NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, content_1, NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(database);
    if (!harness_open(harness))
        fail_msg("%s", harness->message);
    return 0;
}

static void test_what_was_there_is_there(void **state)
{
    struct harness *harness = *state;
    struct chat__store_sign_in request = sign_in_by(1, NOW_MS);
    assert_int_equal(ask_sign_in(harness, &request), CHAT__STORE_OK);
    assert_string_equal(request.name, "Ann");
    assert_true(request.guest);
    assert_int_equal(request.rooms_rev, 2);
    assert_int_equal(request.membership_count, 2);
    assert_string_equal(request.memberships[1].room, "lobby");
    assert_int_equal(request.memberships[1].role, CHAT__ROLE_OWNER);
    assert_int_equal(request.memberships[1].read, 1);
    assert_int_equal(request.memberships[1].mentions, 0);
    assert_int_equal(request.invite_count, 0);
    chat__store_sign_in_release(&request);
    struct chat__store_open_room room = {.room = "lobby"};
    assert_int_equal(ask_open_room(harness, &room), CHAT__STORE_OK);
    assert_string_equal(room.topic, "old");
    assert_int_equal(room.head, 2);
    assert_int_equal(room.n, 1);
    chat__store_open_room_release(&room);
}

/* They were not seen before the version that notes it, so they are new to it.
 */
static void test_guests_of_then_count_as_seen(void **state)
{
    struct chat__store_idle_guests request = {.before_ms = 1, .limit = 9};
    assert_int_equal(ask_idle_guests(*state, &request), CHAT__STORE_OK);
    assert_int_equal(request.count, 0);
    chat__store_idle_guests_release(&request);
    request =
        (struct chat__store_idle_guests){.before_ms = INT64_MAX, .limit = 9};
    assert_int_equal(ask_idle_guests(*state, &request), CHAT__STORE_OK);
    assert_int_equal(request.count, 2);
    assert_string_equal(request.memberships[0].name, "Ann");
    chat__store_idle_guests_release(&request);
}

static void test_messages_of_then_can_be_changed(void **state)
{
    struct author author = {*state, "lobby", 2, 1};
    struct chat__store_find_message find = {.room = "lobby", .ref = 2};
    assert_int_equal(ask_find_message(*state, &find), CHAT__STORE_OK);
    assert_int_equal(find.user, 2);
    author_edit(&author, 2, 2, "edited");
    struct chat__store_read_log read = author_read(&author);
    assert_string_equal(read.changes[0].text, "edited");
    chat__store_read_log_release(&read);
    author_delete(&author, 2, 2);
    read = author_read(&author);
    assert_true(read.changes[0].deleted);
    assert_null(memmem(read.entries[1].bytes, read.entries[1].length, "#", 1));
    chat__store_read_log_release(&read);
}

/* Also by the user and in the room that they are of, and by no others. */
static void test_keys_of_then_are_known(void **state)
{
    struct asked_append batch;
    batch_fill(&batch, "lobby", 2, 1, 2);
    batch_key(&batch, 0, "k2");
    assert_int_equal(batch_append(*state, &batch), CHAT__STORE_DUPLICATE);
    assert_int_equal(batch.request.duplicate_count, 1);
    assert_int_equal(batch.request.duplicates[0].entry.seq, 2);
    chat__store_append_release(&batch.request);
    batch_fill(&batch, "lobby", 2, 1, 1);
    batch_key(&batch, 0, "k2");
    assert_int_equal(batch_append(*state, &batch), CHAT__STORE_OK);
    batch_fill(&batch, "den", 0, 1, 2);
    batch_key(&batch, 0, "k2");
    assert_int_equal(batch_append(*state, &batch), CHAT__STORE_OK);
}

static void test_nobody_of_then_is_banned(void **state)
{
    struct chat__store_list_users list = {.limit = 9};
    assert_int_equal(ask_list_users(*state, &list), CHAT__STORE_OK);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.rows[0].banned_ms, 0);
    chat__store_list_users_release(&list);
    struct chat__store_set_banned ban = {.user = 1, .banned_ms = NOW_MS};
    assert_int_equal(ask_set_banned(*state, &ban), CHAT__STORE_OK);
    struct chat__store_sign_in request = sign_in_by(1, NOW_MS);
    assert_int_equal(ask_sign_in(*state, &request), CHAT__STORE_BANNED);
    chat__store_sign_in_release(&request);
}

static void test_it_opens_again(void **state)
{
    harness_close(*state);
    assert_true(harness_open(*state));
    assert_int_equal(head_of(*state, "lobby"), 2);
}

int main(void)
{
#define TEST(name_)                                                            \
    cmocka_unit_test_setup_teardown(name_, setup, harness_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_what_was_there_is_there),
        TEST(test_guests_of_then_count_as_seen),
        TEST(test_messages_of_then_can_be_changed),
        TEST(test_keys_of_then_are_known),
        TEST(test_nobody_of_then_is_banned),
        TEST(test_it_opens_again),
    };
    return cmocka_run_group_tests_name("migrate", tests, NULL, NULL);
}
