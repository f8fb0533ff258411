#include "tests/store/harness.h"

#include <stdlib.h>
#include <string.h>

#define MANY_ROOMS 100

static const char *room_name(size_t index)
{
    static char names[MANY_ROOMS][16];
    snprintf(names[index], sizeof names[index], "room-%zu", index);
    return names[index];
}

static void test_entries_come_back_byte_for_byte(void **state)
{
    struct harness *harness = *state;
    static const char odd[] = "{\"text\":\"\xf0\x9f\x90\x88 '; --\"}\0tail";
    make_room(harness, "lobby", 1);
    struct asked_append batch;
    batch_fill(&batch, "lobby", 1, 3, 1);
    batch.entries[1].bytes = odd;
    batch.entries[1].length = sizeof odd - 1;
    assert_int_equal(batch_append(harness, &batch), CHAT__STORE_OK);

    harness_close(harness);
    assert_true(harness_open(harness));
    struct chat__store_read_log read = {
        .room = "lobby", .from = 2, .to = 4, .limit = 10, .bytes_max = 4096};
    assert_int_equal(ask_read_log(harness, &read), CHAT__STORE_OK);
    assert_int_equal(read.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(read.entries[i].seq, 2 + i);
        assert_int_equal(read.entries[i].length, batch.entries[i].length);
        assert_memory_equal(read.entries[i].bytes, batch.entries[i].bytes,
                            batch.entries[i].length);
    }
    chat__store_read_log_release(&read);
}

static void test_a_room_has_what_it_was_made_with(void **state)
{
    struct harness *harness = *state;
    struct asked_append batch;
    batch_fill(&batch, "den", 0, 1, 7);
    batch.request.create_epoch = "Ab_-9";
    batch.request.create_private = true;
    batch.entries[0].n = 0;
    batch.entries[0].message = false;
    batch_standing(&batch, 0, 7, CHAT__ROLE_OWNER);
    assert_int_equal(batch_append(harness, &batch), CHAT__STORE_OK);

    struct chat__store_open_room room = {.room = "den"};
    assert_int_equal(ask_open_room(harness, &room), CHAT__STORE_OK);
    assert_string_equal(room.epoch, "Ab_-9");
    assert_true(room.private_room);
    assert_null(room.topic);
    assert_int_equal(room.head, 1);
    assert_int_equal(room.n, 0);
    assert_int_equal(room.first, 1);
    assert_true(room.last_ts == batch.entries[0].ts);
    assert_int_equal(room.member_count, 1);
    assert_int_equal(room.members[0].user, 7);
    assert_int_equal(room.members[0].role, CHAT__ROLE_OWNER);
    chat__store_open_room_release(&room);
}

static void test_a_room_can_be_made_without_entries(void **state)
{
    struct harness *harness = *state;
    struct chat__store_open_room room = {.room = "empty"};
    assert_int_equal(ask_open_room(harness, &room), CHAT__STORE_NOT_FOUND);
    struct asked_append batch;
    batch_fill(&batch, "empty", 0, 0, 1);
    batch.request.create_epoch = EPOCH;
    assert_int_equal(batch_append(harness, &batch), CHAT__STORE_OK);
    assert_int_equal(ask_open_room(harness, &room), CHAT__STORE_OK);
    assert_int_equal(room.head, 0);
    assert_int_equal(room.member_count, 0);
    chat__store_open_room_release(&room);
    append_messages(harness, "empty", 0, 2);
    assert_int_equal(head_of(harness, "empty"), 2);
}

static void test_a_room_is_made_once(void **state)
{
    struct harness *harness = *state;
    make_room(harness, "lobby", 1);
    struct asked_append batch;
    batch_fill(&batch, "lobby", 0, 1, 2);
    batch.request.create_epoch = "another";
    assert_int_equal(batch_append(harness, &batch), CHAT__STORE_CONFLICT);
    struct chat__store_open_room room = {.room = "lobby"};
    assert_int_equal(ask_open_room(harness, &room), CHAT__STORE_OK);
    assert_string_equal(room.epoch, EPOCH);
    assert_int_equal(room.head, 1);
    chat__store_open_room_release(&room);
}

static void test_an_append_that_does_not_follow_the_head_conflicts(void **state)
{
    struct harness *harness = *state;
    make_room(harness, "lobby", 1);
    append_messages(harness, "lobby", 1, 4);
    struct asked_append batch;
    const uint64_t heads[] = {0, 4, 6};
    for (size_t i = 0; i < 3; i++) {
        batch_fill(&batch, "lobby", heads[i], 2, 9);
        assert_int_equal(batch_append(harness, &batch), CHAT__STORE_CONFLICT);
    }
    batch_fill(&batch, "lobby", 5, 2, 9);
    batch.entries[1].seq = 8; /* a hole inside the batch */
    assert_int_equal(batch_append(harness, &batch), CHAT__STORE_CONFLICT);
    batch_fill(&batch, "nowhere", 0, 1, 9);
    assert_int_equal(batch_append(harness, &batch), CHAT__STORE_CONFLICT);
    assert_int_equal(head_of(harness, "lobby"), 5);
}

static void test_a_repeated_key_is_named_and_nothing_written(void **state)
{
    struct harness *harness = *state;
    make_room(harness, "lobby", 1);
    append_messages(harness, "lobby", 1, 3); /* k2, k3, k4 of user 1 */
    struct asked_append batch;
    batch_fill(&batch, "lobby", 4, 4, 1);
    batch_key(&batch, 1, "k3");
    batch_key(&batch, 3, "k2");
    assert_int_equal(batch_append(harness, &batch), CHAT__STORE_DUPLICATE);
    assert_int_equal(batch.request.duplicate_count, 2);
    const struct chat__store_duplicate *found = batch.request.duplicates;
    assert_int_equal(found[0].index, 1);
    assert_int_equal(found[0].entry.seq, 3);
    assert_true(found[0].entry.ts == NOW_MS + 3);
    unsigned char digest[CHAT__BODY_DIGEST_BYTES];
    memset(digest, 3, sizeof digest);
    assert_memory_equal(found[0].entry.digest, digest, sizeof digest);
    assert_int_equal(found[1].index, 3);
    assert_int_equal(found[1].entry.seq, 2);
    chat__store_append_release(&batch.request);
    assert_int_equal(head_of(harness, "lobby"), 4);
}

static void test_a_key_belongs_to_its_user_and_room(void **state)
{
    struct harness *harness = *state;
    make_room(harness, "lobby", 1);
    make_room(harness, "other", 1);
    struct asked_append batch;
    batch_fill(&batch, "lobby", 1, 2, 1);
    batch_key(&batch, 0, "same");
    batch_key(&batch, 1, "same");
    batch.entries[1].user = 2;
    assert_int_equal(batch_append(harness, &batch), CHAT__STORE_OK);
    batch_fill(&batch, "other", 1, 1, 1);
    batch_key(&batch, 0, "same");
    assert_int_equal(batch_append(harness, &batch), CHAT__STORE_OK);
}

static void test_a_batch_with_one_key_twice_fails_alone(void **state)
{
    struct harness *harness = *state;
    make_room(harness, "lobby", 1);
    struct asked_append batch;
    batch_fill(&batch, "lobby", 1, 3, 1);
    batch_key(&batch, 2, "k2");
    assert_int_equal(batch_append(harness, &batch), CHAT__STORE_FAILED);
    chat__store_append_release(&batch.request);
    assert_true(harness_reported(harness, "one key twice"));
    append_messages(harness, "lobby", 1, 1);
}

static void test_effects_come_with_their_entries(void **state)
{
    struct harness *harness = *state;
    make_room(harness, "lobby", 1);
    append_standing(harness, "lobby", 1, 2, 2, CHAT__ROLE_MEMBER);
    append_standing(harness, "lobby", 2, 3, 3, CHAT__ROLE_MEMBER);
    append_standing(harness, "lobby", 3, 2, 2,
                    CHAT__ROLE_MODERATOR); /* a role, no second member */
    append_standing(harness, "lobby", 4, 3, 3, CHAT__ROLE_NONE);
    append_standing(harness, "lobby", 5, 3, 3,
                    CHAT__ROLE_NONE); /* again: nobody is left to drop */

    /* A batch that is refused takes its effects with it. */
    struct asked_append batch;
    batch_fill(&batch, "lobby", 6, 2, 4);
    batch_standing(&batch, 0, 4, CHAT__ROLE_MEMBER);
    batch.entries[1].user = 1;
    batch_key(&batch, 1, "k1");
    assert_int_equal(batch_append(harness, &batch), CHAT__STORE_DUPLICATE);
    chat__store_append_release(&batch.request);

    struct chat__store_open_room room = {.room = "lobby"};
    assert_int_equal(ask_open_room(harness, &room), CHAT__STORE_OK);
    assert_int_equal(room.head, 6);
    assert_int_equal(room.member_count, 2);
    assert_int_equal(room.members[0].user, 1);
    assert_int_equal(room.members[1].user, 2);
    assert_int_equal(room.members[1].role, CHAT__ROLE_MODERATOR);
    chat__store_open_room_release(&room);
    struct chat__store_list_rooms list = {.limit = 10};
    assert_int_equal(ask_list_rooms(harness, &list), CHAT__STORE_OK);
    assert_int_equal(list.rows[0].members, 2);
    chat__store_list_rooms_release(&list);
}

/* ---- many at once */

static uint64_t commits(struct harness *harness)
{
    return chat__sqlite_statistics(harness->store).commits;
}

static void test_what_waits_is_one_commit(void **state)
{
    struct harness *harness = *state;
    struct asked_append *batches = calloc(MANY_ROOMS, sizeof *batches);
    assert_non_null(batches);
    uint64_t before = commits(harness);
    sqlite3 *holder = harness_hold_writer(harness);
    for (size_t i = 0; i < MANY_ROOMS; i++) {
        batch_fill(&batches[i], room_name(i), 0, 2, 1);
        batches[i].request.create_epoch = EPOCH;
        batch_start(harness, &batches[i]);
    }
    harness_let_go(holder);
    for (size_t i = 0; i < MANY_ROOMS; i++) {
        harness_wait(harness, &batches[i].done);
        assert_int_equal(batches[i].request.result, CHAT__STORE_OK);
    }
    /* The first group was what the writer found when it was woken. */
    assert_in_range(commits(harness) - before, 1, 2);
    for (size_t i = 0; i < MANY_ROOMS; i++)
        assert_int_equal(head_of(harness, room_name(i)), 2);
    free(batches);
}

static void test_one_of_a_group_does_not_hurt_the_others(void **state)
{
    struct harness *harness = *state;
    make_room(harness, "a", 1);
    make_room(harness, "b", 1);
    make_room(harness, "c", 1);
    struct asked_append batches[5];
    batch_fill(&batches[0], "a", 1, 2, 1);
    batch_fill(&batches[1], "b", 7, 1, 1); /* conflict */
    batch_fill(&batches[2], "c", 1, 2, 1);
    batch_key(&batches[2], 1, "k1");       /* duplicate of the room's first */
    batch_fill(&batches[3], "a", 3, 2, 1); /* behind the first of the group */
    batch_fill(&batches[4], "a", 5, 1, 1);
    batch_key(&batches[4], 0, "k3"); /* duplicate of one in the group */
    sqlite3 *holder = harness_hold_writer(harness);
    for (size_t i = 0; i < 5; i++)
        batch_start(harness, &batches[i]);
    harness_let_go(holder);
    const enum chat__store_result expected[] = {
        CHAT__STORE_OK, CHAT__STORE_CONFLICT, CHAT__STORE_DUPLICATE,
        CHAT__STORE_OK, CHAT__STORE_DUPLICATE};
    for (size_t i = 0; i < 5; i++) {
        harness_wait(harness, &batches[i].done);
        assert_int_equal(batches[i].request.result, expected[i]);
    }
    assert_int_equal(batches[4].request.duplicates[0].entry.seq, 3);
    chat__store_append_release(&batches[2].request);
    chat__store_append_release(&batches[4].request);
    assert_int_equal(head_of(harness, "a"), 5);
    assert_int_equal(head_of(harness, "b"), 1);
    assert_int_equal(head_of(harness, "c"), 1);
}

/* Spoils the key "k1" of each room but the one given. */
static void spoil_keys(struct harness *harness, const char *but)
{
    sqlite3 *database = NULL;
    char *sql =
        sqlite3_mprintf("UPDATE entries SET digest = x'00' WHERE seq = 1 AND"
                        " room <> (SELECT id FROM rooms WHERE name = %Q)",
                        but);
    assert_int_equal(sqlite3_open(harness->path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
    sqlite3_free(sql);
}

static void test_one_that_fails_does_not_hurt_the_others(void **state)
{
    struct harness *harness = *state;
    static const char *const rooms[] = {"a", "b", "c", "d", "a", "c"};
    const enum chat__store_result expected[] = {
        CHAT__STORE_OK,        CHAT__STORE_OK, CHAT__STORE_FAILED,
        CHAT__STORE_DUPLICATE, CHAT__STORE_OK, CHAT__STORE_OK};
    struct asked_append batches[6];
    for (size_t i = 0; i < 4; i++)
        make_room(harness, rooms[i], 1);
    for (size_t i = 0; i < 6; i++)
        batch_fill(&batches[i], rooms[i], i == 4 ? 2 : 1, 1, 1);
    batch_key(&batches[2], 0, "k1"); /* one that cannot be read */
    batch_key(&batches[3], 0, "k1");
    spoil_keys(harness, "d");
    sqlite3 *holder = harness_hold_writer(harness);
    for (size_t i = 0; i < 6; i++)
        batch_start(harness, &batches[i]);
    harness_let_go(holder);
    for (size_t i = 0; i < 6; i++) {
        harness_wait(harness, &batches[i].done);
        assert_int_equal(batches[i].request.result, expected[i]);
        chat__store_append_release(&batches[i].request);
    }
    assert_int_equal(head_of(harness, "a"), 3);
    assert_int_equal(head_of(harness, "b"), 2);
    assert_int_equal(head_of(harness, "c"), 2);
    assert_int_equal(head_of(harness, "d"), 1);
}

struct asked_mark {
    struct chat__store_mark_read request;
    size_t *answers;
};

static void mark_done(struct chat__completion *completion)
{
    (*((struct asked_mark *)completion)->answers)++;
}

static void test_beyond_the_bound_it_is_busy_at_once(void **state)
{
    struct harness *harness = *state;
    make_room(harness, "lobby", 1);
    /* More than the queue and the group that the writer has taken. */
    const size_t count = CHAT__SQLITE_QUEUE_MAX + 8192;
    struct asked_mark *marks = calloc(count, sizeof *marks);
    assert_non_null(marks);
    size_t answers = 0;
    sqlite3 *holder = harness_hold_writer(harness);
    for (size_t i = 0; i < count; i++) {
        marks[i].answers = &answers;
        marks[i].request.completion.run = mark_done;
        marks[i].request.room = "lobby";
        marks[i].request.user = 1;
        marks[i].request.seq = 1;
        harness->store->operations->mark_read(harness->store,
                                              &marks[i].request);
    }
    chat__completion_queue_run(&harness->queue);
    size_t busy = answers;
    assert_in_range(busy, 8192 - 4096, 8192);
    harness_let_go(holder);
    while (answers < count)
        harness_step(harness);
    for (size_t i = 0; i < count; i++)
        busy -= marks[i].request.result == CHAT__STORE_BUSY;
    assert_int_equal(busy, 0);
    append_messages(harness, "lobby", 1, 1);
    free(marks);
}

static void test_close_answers_what_is_queued(void **state)
{
    struct harness *harness = *state;
    make_room(harness, "lobby", 1);
    static struct asked_append batches[20];
    for (size_t i = 0; i < 20; i++) {
        batch_fill(&batches[i], "lobby", 1 + i, 1, 1);
        batch_start(harness, &batches[i]);
    }
    harness_close(harness);
    for (size_t i = 0; i < 20; i++) {
        assert_true(batches[i].done);
        assert_int_equal(batches[i].request.result, CHAT__STORE_OK);
    }
    assert_true(harness_open(harness));
    assert_int_equal(head_of(harness, "lobby"), 21);
}

/* ---- the write-ahead log stays bounded */

static void test_the_wal_does_not_grow_without_end(void **state)
{
    struct harness *harness = *state;
    make_room(harness, "lobby", 1);
    static char large[24 * 1024];
    memset(large, 'x', sizeof large);
    uint64_t head = 1;
    /* 200 MB and more: several times the bound of the WAL. */
    for (int i = 0; i < 140; i++) {
        struct asked_append batch;
        batch_fill(&batch, "lobby", head, ENTRY_MAX, 1);
        for (size_t j = 0; j < ENTRY_MAX; j++) {
            batch.entries[j].bytes = large;
            batch.entries[j].length = sizeof large;
        }
        assert_int_equal(batch_append(harness, &batch), CHAT__STORE_OK);
        head += ENTRY_MAX;
    }
    struct chat__sqlite_statistics statistics =
        chat__sqlite_statistics(harness->store);
    assert_true(statistics.checkpoints > 0);
    assert_true(statistics.wal_pages * 4096 < 100 * 1024 * 1024);
}

int main(void)
{
#define TEST(name_)                                                            \
    cmocka_unit_test_setup_teardown(name_, harness_setup, harness_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_entries_come_back_byte_for_byte),
        TEST(test_a_room_has_what_it_was_made_with),
        TEST(test_a_room_can_be_made_without_entries),
        TEST(test_a_room_is_made_once),
        TEST(test_an_append_that_does_not_follow_the_head_conflicts),
        TEST(test_a_repeated_key_is_named_and_nothing_written),
        TEST(test_a_key_belongs_to_its_user_and_room),
        TEST(test_a_batch_with_one_key_twice_fails_alone),
        TEST(test_effects_come_with_their_entries),
        TEST(test_what_waits_is_one_commit),
        TEST(test_one_of_a_group_does_not_hurt_the_others),
        TEST(test_one_that_fails_does_not_hurt_the_others),
        TEST(test_beyond_the_bound_it_is_busy_at_once),
        TEST(test_close_answers_what_is_queued),
        TEST(test_the_wal_does_not_grow_without_end),
    };
    return cmocka_run_group_tests_name("append", tests, NULL, NULL);
}
