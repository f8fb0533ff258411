/*
 * Kills a process that writes, at moments it cannot know, and looks at what it
 * left: every acknowledged entry is there once, and the log has no hole.
 */
#include "tests/store/harness.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_what_was_acknowledged_outlives_a_kill, harness_setup,
            harness_teardown),
    };
    return cmocka_run_group_tests_name("crash", tests, NULL, NULL);
}
