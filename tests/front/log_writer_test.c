/* The thread that writes the log: order, drops, readers that do not read. */
#include "server/ops/log.h"
#include "server/ops/log_ring.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define WRITERS      4
#define LINES        4000
#define FILLER_BYTES 200

static int log_ends[2], metrics_ends[2];

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(pipe(log_ends), 0);
    assert_int_equal(pipe(metrics_ends), 0);
    chat__log_set_descriptor(CHAT__LOG_STREAM_LOG, log_ends[1]);
    chat__log_set_descriptor(CHAT__LOG_STREAM_METRICS, metrics_ends[1]);
    chat__log_set_level(CHAT__LOG_INFO);
    assert_true(chat__log_start());
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    chat__log_stop();
    close(log_ends[0]);
    close(log_ends[1]);
    close(metrics_ends[0]);
    close(metrics_ends[1]);
    return 0;
}

static FILE *reader(int ends[2])
{
    FILE *file = fdopen(dup(ends[0]), "r");

    assert_non_null(file);
    return file;
}

static cJSON *read_line(FILE *file)
{
    char text[2 * CHAT__LOG_LINE_BYTES];
    cJSON *line;

    assert_non_null(fgets(text, sizeof text, file));
    line = cJSON_Parse(text);
    assert_non_null(line);
    return line;
}

static int number(const cJSON *line, const char *key)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(line, key);

    return value == NULL ? -1 : value->valueint;
}

static bool is_event(const cJSON *line, const char *event)
{
    return strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(line, "event")),
                  event) == 0;
}

static void write_numbered(int writer, int count)
{
    char filler[FILLER_BYTES];
    struct chat__log_line line;

    memset(filler, 'a' + writer, sizeof filler - 1);
    filler[sizeof filler - 1] = '\0';
    for (int i = 0; i < count; i++) {
        chat__log_begin(&line, CHAT__LOG_INFO, "test");
        chat__log_int(&line, "writer", writer);
        chat__log_int(&line, "number", i);
        chat__log_string(&line, "filler", filler);
        chat__log_end(&line);
    }
}

static void *write_lines(void *context)
{
    write_numbered(*(int *)context, LINES);
    return NULL;
}

/*
 * Every line is whole; those of one writer are in order; what is missing is
 * what log_lines_dropped says, until `last` has come.
 */
struct seen {
    int next[WRITERS];
    int lines;
    int dropped;
    int reports;
};

static void see(struct seen *seen, FILE *file, int total)
{
    while (seen->lines + seen->dropped < total) {
        cJSON *line = read_line(file);

        if (is_event(line, "log_lines_dropped")) {
            seen->dropped += number(line, "count");
            seen->reports++;
        } else {
            int writer = number(line, "writer");

            assert_in_range(writer, 0, WRITERS - 1);
            assert_true(number(line, "number") >= seen->next[writer]);
            seen->next[writer] = number(line, "number") + 1;
            seen->lines++;
        }
        cJSON_Delete(line);
    }
    assert_int_equal(seen->lines + seen->dropped, total);
}

static void threads_do_not_mix_their_lines(void **state)
{
    pthread_t threads[WRITERS];
    int numbers[WRITERS];
    struct seen seen = {0};
    FILE *file = reader(log_ends);

    (void)state;
    for (int i = 0; i < WRITERS; i++) {
        numbers[i] = i;
        assert_int_equal(
            pthread_create(&threads[i], NULL, write_lines, &numbers[i]), 0);
    }
    see(&seen, file, WRITERS * LINES);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    fclose(file);
}

/* More than the pipe and the ring take, while nobody reads. */
static void who_logs_does_not_wait_for_the_reader(void **state)
{
    const int total = 3 * CHAT__LOG_RING_BYTES / FILLER_BYTES;
    uint64_t before = chat__log_dropped();
    struct seen seen = {0};
    FILE *file = reader(log_ends);

    (void)state;
    write_numbered(0, total);
    assert_true(chat__log_dropped() > before);
    see(&seen, file, total);
    assert_int_equal(seen.reports, 1);
    assert_int_equal(seen.dropped, chat__log_dropped() - before);
    fclose(file);
}

static void a_stuck_stream_does_not_hold_up_the_other(void **state)
{
    FILE *file = reader(metrics_ends);
    char text[16];

    (void)state;
    write_numbered(0, 3 * CHAT__LOG_RING_BYTES / FILLER_BYTES);
    for (int i = 0; i < 100; i++) {
        chat__log_emit(CHAT__LOG_STREAM_METRICS, "{\"a\":1}\n", 8, false);
        assert_non_null(fgets(text, sizeof text, file));
        assert_string_equal(text, "{\"a\":1}\n");
    }
    fclose(file);
    file = reader(log_ends);
    see(&(struct seen){0}, file, 3 * CHAT__LOG_RING_BYTES / FILLER_BYTES);
    fclose(file);
}

static void the_log_tells_of_dropped_metrics(void **state)
{
    FILE *file = reader(log_ends);
    FILE *metrics = reader(metrics_ends);
    uint64_t before = chat__log_dropped();
    char line[1024], text[sizeof line + 1];
    int total = 2 * CHAT__LOG_RING_BYTES / (int)sizeof line;
    int dropped;
    cJSON *report;

    (void)state;
    memset(line, 'm', sizeof line - 1);
    line[sizeof line - 1] = '\n';
    for (int i = 0; i < total; i++)
        chat__log_emit(CHAT__LOG_STREAM_METRICS, line, sizeof line, false);
    dropped = (int)(chat__log_dropped() - before);
    assert_true(dropped > 0);
    for (int i = 0; i < total - dropped; i++)
        assert_non_null(fgets(text, sizeof text, metrics));
    report = read_line(file);
    assert_true(is_event(report, "log_lines_dropped"));
    assert_string_equal(
        cJSON_GetStringValue(cJSON_GetObjectItem(report, "stream")), "metrics");
    assert_int_equal(number(report, "count"), dropped);
    cJSON_Delete(report);
    fclose(file);
    fclose(metrics);
}

static void long_lines_arrive_whole(void **state)
{
    const size_t length = 100000;
    char *sent = malloc(length + 1), *got = malloc(length + 1);
    FILE *file = reader(metrics_ends);

    (void)state;
    for (size_t i = 0; i < length; i++)
        sent[i] = (char)('a' + i % 26);
    sent[length - 1] = '\n';
    sent[length] = '\0';
    for (int i = 0; i < 20; i++) {
        chat__log_emit(CHAT__LOG_STREAM_METRICS, sent, length, false);
        assert_non_null(fgets(got, (int)length + 1, file));
        assert_string_equal(got, sent);
    }
    fclose(file);
    free(sent);
    free(got);
}

/* As a terminal may be that another program shares. */
static void a_descriptor_may_be_nonblocking(void **state)
{
    FILE *file = reader(log_ends);

    (void)state;
    fcntl(log_ends[1], F_SETFL, O_NONBLOCK);
    write_numbered(0, LINES);
    see(&(struct seen){0}, file, LINES);
    fclose(file);
}

/* What a reader misses who has gone is counted, and does not end the process.
 */
static void a_reader_may_go(void **state)
{
    uint64_t before = chat__log_dropped();
    FILE *file;
    cJSON *line;

    (void)state;
    signal(SIGPIPE, SIG_IGN);
    close(log_ends[0]);
    write_numbered(0, 100);
    assert_true(chat__log_stop());
    assert_int_equal(chat__log_dropped() - before, 100);
    assert_int_equal(pipe(log_ends), 0);
    chat__log_set_descriptor(CHAT__LOG_STREAM_LOG, log_ends[1]);
    assert_true(chat__log_start());
    chat__log_write(CHAT__LOG_INFO, "back", NULL);
    file = reader(log_ends);
    line = read_line(file);
    assert_true(is_event(line, "back"));
    cJSON_Delete(line);
    line = read_line(file);
    assert_true(is_event(line, "log_lines_dropped"));
    assert_int_equal(number(line, "count"), 100);
    cJSON_Delete(line);
    fclose(file);
}

static void the_end_writes_what_waits(void **state)
{
    struct seen seen = {0};
    FILE *file = reader(log_ends);
    cJSON *line;

    (void)state;
    write_numbered(0, 100);
    assert_true(chat__log_stop());
    chat__log_write(CHAT__LOG_INFO, "after", NULL);
    see(&seen, file, 100);
    line = read_line(file);
    assert_true(is_event(line, "after"));
    cJSON_Delete(line);
    fclose(file);
}

/* The child's log is this process's pipe. */
static void fail_by(int number)
{
    signal(number, SIG_DFL); /* not cmocka's */
    if (!chat__log_start())
        _exit(1);
    write_numbered(0, 1000);
    raise(number);
}

static void a_fault_does_not_lose_what_was_said(void **state)
{
    const int numbers[] = {SIGABRT, SIGSEGV};

    (void)state;
    chat__log_stop();
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct seen seen = {0};
        FILE *file = reader(log_ends);
        pid_t child = fork();
        int status;

        if (child == 0) {
            fail_by(numbers[i]);
            _exit(0);
        }
        see(&seen, file, 1000);
        assert_int_equal(seen.dropped, 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        fclose(file);
    }
}

static void a_stuck_reader_does_not_stop_the_end(void **state)
{
    pid_t child;
    int status;

    (void)state;
    chat__log_stop();
    child = fork();
    if (child == 0) {
        if (!chat__log_start())
            _exit(1);
        write_numbered(0, 3 * CHAT__LOG_RING_BYTES / FILLER_BYTES);
        if (chat__log_stop())
            _exit(2);
        write_numbered(0, LINES);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(threads_do_not_mix_their_lines),
        TEST(who_logs_does_not_wait_for_the_reader),
        TEST(a_stuck_stream_does_not_hold_up_the_other),
        TEST(the_log_tells_of_dropped_metrics),
        TEST(long_lines_arrive_whole),
        TEST(a_descriptor_may_be_nonblocking),
        TEST(a_reader_may_go),
        TEST(the_end_writes_what_waits),
        TEST(a_fault_does_not_lose_what_was_said),
        TEST(a_stuck_reader_does_not_stop_the_end),
    };

    return cmocka_run_group_tests_name("log writer", tests, NULL, NULL);
}
