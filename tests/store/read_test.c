#include "tests/store/harness.h"

#include <stdlib.h>
#include <string.h>

/* Reads and compares the seqs that came with those from `first` to `last`. */
static void expect_page(struct harness *harness,
                        struct chat__store_read_log *read, uint64_t first,
                        uint64_t last)
{
    assert_int_equal(ask_read_log(harness, read), CHAT__STORE_OK);
    assert_int_equal(read->count, first == 0 ? 0 : last - first + 1);
    for (size_t i = 0; i < read->count; i++) {
        char bytes[64];
        unsigned long long seq = first + i;
        int length = snprintf(bytes, sizeof bytes,
                              "{\"room\":\"lobby\",\"seq\":%llu}", seq);
        assert_int_equal(read->entries[i].seq, seq);
        assert_int_equal(read->entries[i].length, length);
        assert_memory_equal(read->entries[i].bytes, bytes, (size_t)length);
    }
    chat__store_read_log_release(read);
}

/* The lobby with entries 1 to 100. */
static int setup_lobby(void **state)
{
    harness_setup(state);
    make_room(*state, "lobby", 1);
    append_messages(*state, "lobby", 1, 60);
    append_messages(*state, "lobby", 61, 39);
    return 0;
}

static struct chat__store_read_log page(uint64_t from, uint64_t to,
                                        bool backward, size_t limit)
{
    return (struct chat__store_read_log){
        .room = "lobby",
        .from = from,
        .to = to,
        .backward = backward,
        .limit = limit,
        .bytes_max = SIZE_MAX,
    };
}

static void test_pages_have_what_the_range_says(void **state)
{
    struct {
        struct chat__store_read_log read;
        uint64_t first;
        uint64_t last;
    } const cases[] = {
        {page(1, 100, false, 200), 1, 100},
        {page(0, UINT64_MAX, false, 200), 1, 100},
        {page(5, 5, false, 10), 5, 5},
        {page(11, 100, false, 10), 11, 20},
        {page(1, 50, true, 10), 41, 50},
        {page(1, UINT64_MAX, true, 3), 98, 100},
        {page(99, UINT64_MAX, true, 10), 99, 100},
        {page(101, UINT64_MAX, false, 10), 0, 0},
        {page(50, 40, false, 10), 0, 0},
        {page(1, 100, false, 0), 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct chat__store_read_log read = cases[i].read;
        expect_page(*state, &read, cases[i].first, cases[i].last);
    }
}

static void test_pages_are_cut_by_bytes_but_never_empty(void **state)
{
    const size_t one = sizeof "{\"room\":\"lobby\",\"seq\":10}" - 1;
    struct {
        size_t bytes_max;
        bool backward;
        uint64_t first;
        uint64_t last;
    } const cases[] = {
        {3 * one, false, 10, 12}, {3 * one - 1, false, 10, 11},
        {3 * one, true, 48, 50},  {3 * one - 1, true, 49, 50},
        {1, false, 10, 10},       {0, true, 50, 50},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct chat__store_read_log read = page(10, 50, cases[i].backward, 200);
        read.bytes_max = cases[i].bytes_max;
        expect_page(*state, &read, cases[i].first, cases[i].last);
    }
}

static void test_a_room_that_is_not_there_is_not_found(void **state)
{
    struct chat__store_read_log read = page(1, 10, false, 10);
    read.room = "nowhere";
    assert_int_equal(ask_read_log(*state, &read), CHAT__STORE_NOT_FOUND);
    chat__store_read_log_release(&read);
}

/* A read asked for from an append's completion sees that append. */
static void test_reads_see_what_was_acknowledged(void **state)
{
    struct harness *harness = *state;
    for (uint64_t head = 100; head < 150; head++) {
        append_messages(harness, "lobby", head, 1);
        assert_int_equal(head_of(harness, "lobby"), head + 1);
    }
}

/* ---- keys */

/* Looks for a key that batch_fill gave to an entry of the lobby; 0: none. */
static void expect_key(struct harness *harness, const char *room, uint64_t user,
                       const char *key, uint64_t seq)
{
    struct chat__store_find_key find = {.room = room, .user = user, .key = key};
    unsigned char digest[CHAT__BODY_DIGEST_BYTES];
    assert_int_equal(ask_find_key(harness, &find),
                     seq == 0 ? CHAT__STORE_NOT_FOUND : CHAT__STORE_OK);
    if (seq == 0)
        return;
    memset(digest, (int)seq, sizeof digest);
    assert_int_equal(find.entry.seq, seq);
    assert_true(find.entry.ts == NOW_MS + (int64_t)seq);
    assert_memory_equal(find.entry.digest, digest, sizeof digest);
}

static void test_a_key_finds_its_entry(void **state)
{
    expect_key(*state, "lobby", 1, "k1", 1);
    expect_key(*state, "lobby", 1, "k57", 57);
    expect_key(*state, "lobby", 1, "k100", 100);
    expect_key(*state, "lobby", 1, "k101", 0);
    expect_key(*state, "lobby", 1, "K57", 0);
    expect_key(*state, "lobby", 1, "", 0);
}

static void test_a_key_is_found_by_its_user_in_its_room_only(void **state)
{
    make_room(*state, "other", 1);
    expect_key(*state, "lobby", 2, "k57", 0);
    expect_key(*state, "other", 1, "k57", 0);
    expect_key(*state, "other", 1, "k1", 1);
    expect_key(*state, "nowhere", 1, "k57", 0);
}

static void test_a_key_is_found_after_a_restart(void **state)
{
    harness_close(*state);
    assert_true(harness_open(*state));
    expect_key(*state, "lobby", 1, "k57", 57);
}

/* A look asked for from an append's completion sees that append. */
static void test_a_key_is_found_once_it_was_acknowledged(void **state)
{
    struct harness *harness = *state;
    for (uint64_t head = 100; head < 150; head++) {
        char key[16];
        snprintf(key, sizeof key, "k%d", (int)head + 1);
        append_messages(harness, "lobby", head, 1);
        expect_key(harness, "lobby", 1, key, head + 1);
    }
}

/* ---- the list of rooms */

static int setup_rooms(void **state)
{
    static const char *const names[] = {"a",       "a%b", "a_b", "axb",
                                        "b.1",     "b.2", "b.3", "b.4",
                                        "b-other", "c",   "dev", "devel"};
    harness_setup(state);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        make_room(*state, names[i], 1);
    struct asked_append batch;
    batch_fill(&batch, "b.secret", 0, 0, 1);
    batch.request.create_epoch = EPOCH;
    batch.request.create_private = true;
    assert_int_equal(batch_append(*state, &batch), CHAT__STORE_OK);
    return 0;
}

/* The names that a list has, with "+" at the end when there are more. */
static void expect_rooms(struct harness *harness, const char *prefix,
                         const char *after, size_t limit, const char *expected)
{
    struct chat__store_list_rooms list = {
        .prefix = prefix, .after = after, .limit = limit};
    assert_int_equal(ask_list_rooms(harness, &list), CHAT__STORE_OK);
    char names[256] = "";
    size_t length = 0;
    for (size_t i = 0; i < list.count; i++)
        length += (size_t)snprintf(names + length, sizeof names - length, "%s ",
                                   list.rows[i].room);
    snprintf(names + length, sizeof names - length, "%s", list.more ? "+" : "");
    assert_string_equal(names, expected);
    chat__store_list_rooms_release(&list);
}

static void test_rooms_are_listed_in_pages_by_name(void **state)
{
    expect_rooms(*state, NULL, NULL, 4, "a a%b a_b axb +");
    expect_rooms(*state, NULL, "axb", 4, "b-other b.1 b.2 b.3 +");
    expect_rooms(*state, NULL, "b.3", 4, "b.4 c dev devel ");
    expect_rooms(*state, NULL, "devel", 4, "");
    expect_rooms(*state, NULL, NULL, 12,
                 "a a%b a_b axb b-other b.1 b.2 b.3 b.4 c dev devel ");
    expect_rooms(*state, NULL, NULL, 0, "+");
}

static void test_prefixes_are_taken_literally(void **state)
{
    expect_rooms(*state, "b.", NULL, 10, "b.1 b.2 b.3 b.4 ");
    expect_rooms(*state, "b.", NULL, 4, "b.1 b.2 b.3 b.4 ");
    expect_rooms(*state, "b.", "b.2", 1, "b.3 +");
    expect_rooms(*state, "b.", "a", 1, "b.1 +");
    expect_rooms(*state, "b.", "c", 10, "");
    expect_rooms(*state, "dev", NULL, 10, "dev devel ");
    expect_rooms(*state, "a%", NULL, 10, "a%b ");
    expect_rooms(*state, "a_", NULL, 10, "a_b ");
    expect_rooms(*state, "%", NULL, 10, "");
    expect_rooms(*state, "\xff", NULL, 10, "");
}

/* ---- heads */

static int setup_memberships(void **state)
{
    harness_setup(state);
    struct harness *harness = *state;
    assert_int_equal(sign_in_guest(harness, "ann", 1), 1);
    for (int i = 0; i < 6; i++) {
        char room[16];
        snprintf(room, sizeof room, "r%d", i);
        make_room(harness, room, i == 3 ? 9 : 1);
    }
    append_messages(harness, "r1", 1, 9);  /* its last is at NOW_MS + 10 */
    append_messages(harness, "r4", 1, 19); /* and this one's at + 20 */
    append_messages(harness, "r3", 1, 19); /* not Ann's */
    return 0;
}

/* "room:head" of each, with "+" at the end when there are more. */
static void expect_heads(struct harness *harness, int64_t since,
                         const char *after, size_t limit, const char *expected)
{
    struct chat__store_heads heads = {
        .user = 1, .since_ms = since, .after = after, .limit = limit};
    memset(heads.token_hash, 1, sizeof heads.token_hash);
    assert_int_equal(ask_heads(harness, &heads), CHAT__STORE_OK);
    char text[256] = "";
    size_t length = 0;
    for (size_t i = 0; i < heads.count; i++) {
        const struct chat__store_head *head = &heads.heads[i];
        length +=
            (size_t)snprintf(text + length, sizeof text - length, "%s:%llu ",
                             head->room, (unsigned long long)head->head);
        assert_string_equal(head->epoch, EPOCH);
        assert_true(head->last_ts == NOW_MS + (int64_t)head->head);
    }
    snprintf(text + length, sizeof text - length, "%s", heads.more ? "+" : "");
    assert_string_equal(text, expected);
    assert_int_equal(heads.rooms_rev, 5);
    chat__store_heads_release(&heads);
}

static void test_heads_are_the_users_rooms_that_moved(void **state)
{
    expect_heads(*state, 0, NULL, 10, "r0:1 r1:10 r2:1 r4:20 r5:1 ");
    expect_heads(*state, NOW_MS + 10, NULL, 10, "r1:10 r4:20 ");
    expect_heads(*state, NOW_MS + 11, NULL, 10, "r4:20 ");
    expect_heads(*state, NOW_MS + 21, NULL, 10, "");
}

static void test_heads_come_in_pages(void **state)
{
    expect_heads(*state, 0, NULL, 2, "r0:1 r1:10 +");
    expect_heads(*state, 0, "r1", 2, "r2:1 r4:20 +");
    expect_heads(*state, 0, "r4", 2, "r5:1 ");
    expect_heads(*state, 0, NULL, 5, "r0:1 r1:10 r2:1 r4:20 r5:1 ");
}

int main(void)
{
#define TEST(name_, setup_)                                                    \
    cmocka_unit_test_setup_teardown(name_, setup_, harness_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_pages_have_what_the_range_says, setup_lobby),
        TEST(test_pages_are_cut_by_bytes_but_never_empty, setup_lobby),
        TEST(test_a_room_that_is_not_there_is_not_found, setup_lobby),
        TEST(test_reads_see_what_was_acknowledged, setup_lobby),
        TEST(test_a_key_finds_its_entry, setup_lobby),
        TEST(test_a_key_is_found_by_its_user_in_its_room_only, setup_lobby),
        TEST(test_a_key_is_found_after_a_restart, setup_lobby),
        TEST(test_a_key_is_found_once_it_was_acknowledged, setup_lobby),
        TEST(test_rooms_are_listed_in_pages_by_name, setup_rooms),
        TEST(test_prefixes_are_taken_literally, setup_rooms),
        TEST(test_heads_are_the_users_rooms_that_moved, setup_memberships),
        TEST(test_heads_come_in_pages, setup_memberships),
    };
    return cmocka_run_group_tests_name("read", tests, NULL, NULL);
}
