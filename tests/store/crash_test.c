/*
 * Kills a process that writes, at moments it cannot know, and looks at what it
 * left: every acknowledged entry is there once, and the log has no hole.
 */
#include "tests/store/author.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS      8
#define ACKS_MAX    400
#define CRASH_ROOMS 3

/* What the child tells its parent for each append that was OK. */
struct ack {
    int room;
    uint64_t head;
};

static const char *const rooms[CRASH_ROOMS] = {"a", "b", "c"};

struct writer {
    struct asked_append batch;
    uint64_t head;
    int room;
};

static void start_next(struct harness *harness, struct writer *writer)
{
    size_t count = 1 + writer->head % 5;
    batch_fill(&writer->batch, rooms[writer->room], writer->head, count, 1);
    if (writer->head == 0)
        writer->batch.request.create_epoch = EPOCH;
    batch_start(harness, &writer->batch);
}

/* The child: appends to all rooms without end. */
static _Noreturn void write_until_killed(struct harness *harness, int pipe_end)
{
    static struct writer writers[CRASH_ROOMS];
    if (!harness_open(harness))
        _exit(1);
    for (int i = 0; i < CRASH_ROOMS; i++) {
        writers[i].room = i;
        writers[i].head = head_of(harness, rooms[i]);
        start_next(harness, &writers[i]);
    }
    for (;;) {
        harness_step(harness);
        for (int i = 0; i < CRASH_ROOMS; i++) {
            struct writer *writer = &writers[i];
            if (!writer->batch.done)
                continue;
            if (writer->batch.request.result != CHAT__STORE_OK)
                _exit(2);
            writer->head += writer->batch.request.count;
            struct ack ack = {i, writer->head};
            if (write(pipe_end, &ack, sizeof ack) != sizeof ack)
                _exit(3);
            start_next(harness, writer);
        }
    }
}

/* Reads acknowledgements; kills the child after `count` of them. */
static void kill_after(pid_t child, int pipe_end, int count,
                       uint64_t heads[CRASH_ROOMS])
{
    struct ack ack;
    for (int i = 0; read(pipe_end, &ack, sizeof ack) == sizeof ack; i++) {
        heads[ack.room] = ack.head;
        if (i == count)
            kill(child, SIGKILL);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
}

/* The log of a room, whole: seq 1 to its head, each with its own bytes. */
static uint64_t check_log(struct harness *harness, const char *room)
{
    uint64_t head = 0;
    struct chat__store_read_log read = {.room = room,
                                        .from = 1,
                                        .to = UINT64_MAX,
                                        .limit = SIZE_MAX,
                                        .bytes_max = SIZE_MAX};
    enum chat__store_result result = ask_read_log(harness, &read);
    assert_true(result == CHAT__STORE_OK || result == CHAT__STORE_NOT_FOUND);
    for (; head < read.count; head++) {
        char bytes[64];
        snprintf(bytes, sizeof bytes, "{\"room\":\"%s\",\"seq\":%llu}", room,
                 (unsigned long long)head + 1);
        assert_int_equal(read.entries[head].seq, head + 1);
        assert_int_equal(read.entries[head].length, strlen(bytes));
        assert_memory_equal(read.entries[head].bytes, bytes, strlen(bytes));
    }
    chat__store_read_log_release(&read);
    assert_int_equal(head, head_of(harness, room));
    return head;
}

static void test_what_was_acknowledged_outlives_a_kill(void **state)
{
    struct harness *harness = *state;
    uint64_t heads[CRASH_ROOMS] = {0};
    srand(1);
    for (int round = 0; round < ROUNDS; round++) {
        int pipe_ends[2];
        assert_int_equal(pipe(pipe_ends), 0);
        harness_close(harness);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            close(pipe_ends[0]);
            write_until_killed(harness, pipe_ends[1]);
        }
        close(pipe_ends[1]);
        kill_after(child, pipe_ends[0], rand() % ACKS_MAX, heads);
        close(pipe_ends[0]);
        assert_true(harness_open(harness));
        for (int i = 0; i < CRASH_ROOMS; i++)
            assert_true(check_log(harness, rooms[i]) >= heads[i]);
    }
}

/* ---- effects */

/* Batches of five, each of which undoes and redoes what the last one did. */
static enum chat__store_result append_effects(struct author *author)
{
    char topic[24];
    uint64_t ref = author->head + 1;
    bool even = author->head / 5 % 2 == 0;
    snprintf(topic, sizeof topic, "%d", (int)author->head + 5);
    const uint64_t mentions[] = {2};
    struct chat__store_entry entries[] = {
        {.user = 1,
         .message = true,
         .text = "text",
         .standings = {{2, CHAT__ROLE_MEMBER},
                       {3, even ? CHAT__ROLE_INVITED : CHAT__ROLE_NONE}},
         .standing_count = 2},
        {.user = 1,
         .message = true,
         .text = "you",
         .mentions = mentions,
         .mention_count = 1},
        {.user = 1, .fold = CHAT__FOLD_EDIT, .ref = ref, .text = "edited"},
        {.user = 2, .fold = CHAT__FOLD_REACT_ON, .ref = ref, .emoji = "+"},
        {.user = 2,
         .fold = even ? CHAT__FOLD_DELETE : CHAT__FOLD_REACT_OFF,
         .ref = ref,
         .emoji = "+",
         .topic = topic},
    };
    return author_append(author, entries, 5);
}

static _Noreturn void change_until_killed(struct harness *harness,
                                          struct author author, int pipe_end)
{
    if (!harness_open(harness))
        _exit(1);
    while (append_effects(&author) == CHAT__STORE_OK)
        if (write(pipe_end, &author, sizeof author) != sizeof author)
            _exit(3);
    _exit(2);
}

/* What batch number `index` did to its message. */
static void check_change(const struct chat__store_read_log *read, size_t index)
{
    const struct chat__change *change = &read->changes[index];
    assert_int_equal(change->ref, 2 + 5 * index);
    assert_int_equal(change->deleted, index % 2 == 0);
    assert_int_equal(change->edit, index % 2 == 0 ? 0 : change->ref + 2);
    assert_int_equal(change->reaction_count, 0);
}

/* All that hangs off the log is what the log says. Gives the log's state. */
static void check_effects(struct harness *harness, struct author *author)
{
    char topic[24];
    struct chat__store_open_room room = {.room = "lobby"};
    struct chat__store_mark_read mark = {.room = "lobby", .user = 2};
    assert_int_equal(ask_open_room(harness, &room), CHAT__STORE_OK);
    size_t batches = (room.head - 1) / 5;
    assert_int_equal(room.head % 5, 1);
    assert_true(room.head >= author->head);
    author->head = room.head;
    author->n = room.n;
    struct chat__store_read_log read = author_read(author);
    assert_int_equal(read.change_count, batches);
    for (size_t i = 0; i < batches; i++)
        check_change(&read, i);
    if (batches > 0) {
        snprintf(topic, sizeof topic, "%d", (int)room.head);
        assert_string_equal(room.topic, topic);
        assert_int_equal(room.member_count, 2 + batches % 2);
        assert_int_equal(ask_mark_read(harness, &mark), CHAT__STORE_OK);
        assert_int_equal(mark.mentions, batches);
    }
    chat__store_read_log_release(&read);
    chat__store_open_room_release(&room);
}

static void test_effects_outlive_a_kill_with_their_entries(void **state)
{
    struct harness *harness = *state;
    struct author author;
    author_begin(&author, harness, "lobby", 1);
    srand(2);
    for (int round = 0; round < ROUNDS; round++) {
        int pipe_ends[2];
        assert_int_equal(pipe(pipe_ends), 0);
        harness_close(harness);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            change_until_killed(harness, author, pipe_ends[1]);
        close(pipe_ends[1]);
        for (int count = rand() % 40;
             read(pipe_ends[0], &author, sizeof author) == sizeof author;)
            if (count-- == 0)
                kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        close(pipe_ends[0]);
        assert_true(harness_open(harness));
        check_effects(harness, &author);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_what_was_acknowledged_outlives_a_kill, harness_setup,
            harness_teardown),
        cmocka_unit_test_setup_teardown(
            test_effects_outlive_a_kill_with_their_entries, harness_setup,
            harness_teardown),
    };
    return cmocka_run_group_tests_name("crash", tests, NULL, NULL);
}
