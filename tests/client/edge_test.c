/* The small parts of the edge: lines, JSON, state files, the command line. */
#include "client/json_lines.h"
#include "client/line_reader.h"
#include "client/options.h"
#include "client/outstanding.h"
#include "client/password.h"
#include "client/state_file.h"

#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- lines ---- */

struct pipe {
    struct chat__line_reader reader;
    int ends[2];
};

static int open_pipe(void **state)
{
    static struct pipe pipes;

    memset(&pipes, 0, sizeof(pipes));
    *state = &pipes;
    return pipe(pipes.ends);
}

static int close_pipe(void **state)
{
    struct pipe *pipes = *state;

    close(pipes->ends[0]);
    if (pipes->ends[1] >= 0) {
        close(pipes->ends[1]);
    }
    return 0;
}

static void feed(struct pipe *pipes, const char *bytes, size_t length)
{
    assert_int_equal(write(pipes->ends[1], bytes, length), length);
    assert_true(chat__line_reader_fill(&pipes->reader, pipes->ends[0]));
}

static void feed_end(struct pipe *pipes)
{
    close(pipes->ends[1]);
    pipes->ends[1] = -1;
    assert_true(chat__line_reader_fill(&pipes->reader, pipes->ends[0]));
}

static void assert_line(struct pipe *pipes, uint64_t number, const char *text)
{
    struct chat__input_text line;

    assert_true(chat__line_reader_next(&pipes->reader, &line));
    assert_int_equal(line.number, number);
    assert_string_equal(line.text, text);
    assert_int_equal(line.length, strlen(text));
    assert_false(line.too_long);
}

static void assert_no_line(struct pipe *pipes)
{
    struct chat__input_text line;

    assert_false(chat__line_reader_next(&pipes->reader, &line));
}

static void test_lines_come_whole(void **state)
{
    struct pipe *pipes = *state;

    feed(pipes, "one\ntw", 6);
    assert_line(pipes, 1, "one");
    assert_no_line(pipes);
    feed(pipes, "o\n\nlast", 7);
    assert_line(pipes, 2, "two");
    assert_line(pipes, 3, "");
    assert_no_line(pipes);
    feed_end(pipes);
    assert_line(pipes, 4, "last");
    assert_no_line(pipes);
    assert_true(pipes->reader.ended);
}

static void test_long_lines_are_passed_over(void **state)
{
    struct pipe *pipes = *state;
    struct chat__input_text line;
    char part[4096];
    int i;

    memset(part, 'x', sizeof(part));
    for (i = 0; i < 3; i++) {
        feed(pipes, part, sizeof(part));
    }
    assert_true(chat__line_reader_next(&pipes->reader, &line));
    assert_true(line.too_long);
    assert_int_equal(line.number, 1);
    assert_no_line(pipes);
    for (i = 0; i < 5; i++) {
        feed(pipes, part, sizeof(part));
        assert_no_line(pipes);
    }
    feed(pipes, "end\nshort\n", 10);
    assert_line(pipes, 2, "short");
}

static void test_a_line_of_the_limit_is_no_long_one(void **state)
{
    struct pipe *pipes = *state;
    struct chat__input_text line;
    char part[CHAT__LINE_BYTES_MAX + 1];

    memset(part, 'x', sizeof(part));
    part[CHAT__LINE_BYTES_MAX] = '\n';
    feed(pipes, part, sizeof(part));
    assert_true(chat__line_reader_next(&pipes->reader, &line));
    assert_false(line.too_long);
    assert_int_equal(line.length, CHAT__LINE_BYTES_MAX);
}

static void test_a_nul_in_a_line_is_seen(void **state)
{
    struct pipe *pipes = *state;
    struct chat__input_text line;

    feed(pipes, "a\0b\n", 4);
    assert_true(chat__line_reader_next(&pipes->reader, &line));
    assert_int_equal(line.length, 3);
    assert_int_equal(strlen(line.text), 1);
}

/* ---- JSON ---- */

static char printed[512];

static FILE *open_print(void)
{
    memset(printed, 0, sizeof(printed));
    return fmemopen(printed, sizeof(printed), "w");
}

static void assert_printed(FILE *stream, bool result, const char *expected)
{
    assert_true(result);
    fclose(stream);
    assert_string_equal(printed, expected);
}

static void test_entries_are_printed_as_they_are(void **state)
{
    const char *json = "{\"text\":\"Zo\xc3\xab \\u001b[2J\"}";
    FILE *stream = open_print();

    (void)state;
    assert_printed(stream, chat__json_lines_entry(stream, json, strlen(json)),
                   "{\"text\":\"Zo\xc3\xab \\u001b[2J\"}\n");
}

static void test_controls_that_json_allows_are_escaped(void **state)
{
    const char *json = "\"\x7f \xc2\x9b \xc2\xa0\"";
    FILE *stream = open_print();

    (void)state;
    assert_printed(stream, chat__json_lines_entry(stream, json, strlen(json)),
                   "\"\\u007f \\u009b \xc2\xa0\"\n");
}

static void test_outcomes_are_printed(void **state)
{
    FILE *stream = open_print();

    (void)state;
    assert_printed(
        stream,
        chat__json_lines_sent(stream, 1, "k", UINT64_C(9007199254740991)),
        "{\"sent\":{\"line\":1,\"key\":\"k\","
        "\"seq\":9007199254740991}}\n");
    stream = open_print();
    assert_printed(
        stream,
        chat__json_lines_failed(stream, 2, CHAT_ERROR_TOO_LARGE, "a\x1b\"b"),
        "{\"failed\":{\"line\":2,\"code\":\"too_large\","
        "\"message\":\"a\\u001b\\\"b\"}}\n");
}

static void test_every_error_has_a_code(void **state)
{
    int error;

    (void)state;
    for (error = CHAT_ERROR_SERVER; error < 0; error++) {
        FILE *stream = open_print();
        assert_true(chat__json_lines_failed(stream, 1, error, ""));
        fclose(stream);
        if ((error > CHAT_ERROR_SERVER && error <= CHAT_ERROR_BAD_REQUEST) ||
            error >= CHAT_ERROR_CANCELLED) {
            assert_null(strstr(printed, "\"server\""));
        }
    }
}

/* ---- lines that wait for their acknowledgement ---- */

static void test_acknowledged_lines_are_taken_out(void **state)
{
    struct chat__outstanding outstanding = {.lines = NULL};
    uint64_t i;

    (void)state;
    for (i = 1; i <= 200; i++) {
        char key[CHAT_KEY_SIZE];
        snprintf(key, sizeof(key), "k%llu", (unsigned long long)i);
        assert_true(chat__outstanding_reserve(&outstanding));
        chat__outstanding_add(&outstanding, key, i);
    }
    assert_int_equal(chat__outstanding_take(&outstanding, "k100"), 100);
    assert_int_equal(chat__outstanding_take(&outstanding, "k100"), 0);
    assert_int_equal(chat__outstanding_take(&outstanding, "k1"), 1);
    assert_int_equal(chat__outstanding_take(&outstanding, "k200"), 200);
    assert_int_equal(outstanding.count, 197);
    chat__outstanding_release(&outstanding);
}

/* ---- state files ---- */

static char folder[] = "/tmp/chat-tui-test-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
    return mkdtemp(folder) == NULL || setenv("XDG_STATE_HOME", folder, 1) != 0;
}

static int drop_folder(void **state)
{
    char path[128];

    (void)state;
    snprintf(path, sizeof(path), "%s/chat-tui", folder);
    rmdir(path);
    return rmdir(folder);
}

static void drop_state(struct chat__state_file *state)
{
    size_t length = strlen(state->path);

    chat__state_release(state);
    snprintf(state->path + length - strlen("outbox"), sizeof("lock"), "lock");
    assert_int_equal(unlink(state->path), 0);
}

static void test_a_name_is_one_file_and_one_program(void **state)
{
    struct chat__state_file ann, again, bob;

    (void)state;
    assert_int_equal(chat__state_open(&ann, "ws://x/", "ann"),
                     CHAT__STATE_LOCKED);
    assert_int_equal(chat__state_open(&again, "ws://x/", "ann"),
                     CHAT__STATE_BUSY);
    assert_int_equal(chat__state_open(&bob, "ws://x/", "../../bob"),
                     CHAT__STATE_LOCKED);
    assert_string_equal(ann.path, again.path);
    assert_string_not_equal(ann.path, bob.path);
    assert_null(strstr(bob.path, "bob"));
    chat__state_release(&ann);
    assert_int_equal(chat__state_open(&again, "ws://x/", "ann"),
                     CHAT__STATE_LOCKED);
    drop_state(&again);
    drop_state(&bob);
}

static void test_state_is_for_its_user_alone(void **state)
{
    struct chat__state_file file;
    struct stat status;
    char path[128];

    (void)state;
    assert_int_equal(chat__state_open(&file, "ws://x/", NULL),
                     CHAT__STATE_LOCKED);
    snprintf(path, sizeof(path), "%s/chat-tui", folder);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    drop_state(&file);
}

static void test_no_folder_is_no_end(void **state)
{
    struct chat__state_file file;

    (void)state;
    assert_int_equal(setenv("XDG_STATE_HOME", "/dev/null/x", 1), 0);
    assert_int_equal(chat__state_open(&file, "ws://x/", "ann"),
                     CHAT__STATE_FAILED);
    chat__state_release(&file);
}

/* ---- the command line ---- */

/* `line` is split at spaces; what `options` borrows lives until next time. No
 * file is read: tests of it are in test_config_file.py. */
static enum chat__options_result parse(struct chat__options *options,
                                       const char *line)
{
    static char words[256];
    char *argv[16], *rest = words, *word;
    int argc = 0;

    snprintf(words, sizeof(words), "%s", line);
    while ((word = strsep(&rest, " ")) != NULL) {
        argv[argc++] = word;
    }
    argv[argc] = NULL;
    optind = 0; /* begin anew */
    assert_int_equal(setenv("XDG_CONFIG_HOME", "/dev/null", 1), 0);
    return chat__options_parse(options, argc, argv);
}

static void test_defaults(void **state)
{
    struct chat__options options;

    (void)state;
    assert_int_equal(parse(&options, "chat-tui"), CHAT__OPTIONS_RUN);
    assert_string_equal(options.url, "ws://127.0.0.1:7100/ws");
    assert_string_equal(options.room, "lobby");
    assert_null(options.name);
    assert_int_equal(options.timeout, 30);
    assert_int_equal(options.history, 0);
    assert_false(options.headless);
}

static void test_options_are_taken(void **state)
{
    struct chat__options options;

    (void)state;
    assert_int_equal(parse(&options,
                           "chat-tui wss://h/ws --room #dev --name=ann "
                           "--headless --history 20 --timeout 5 --follow"),
                     CHAT__OPTIONS_RUN);
    assert_string_equal(options.url, "wss://h/ws");
    assert_string_equal(options.room, "dev");
    assert_string_equal(options.name, "ann");
    assert_true(options.headless && options.follow);
    assert_int_equal(options.history, 20);
    assert_int_equal(options.timeout, 5);
}

static void test_an_account_is_named(void **state)
{
    struct chat__options options;

    (void)state;
    assert_int_equal(parse(&options, "chat-tui --user ann --register "
                                     "--away-after 5 --no-bell --no-mouse"),
                     CHAT__OPTIONS_RUN);
    assert_string_equal(options.user, "ann");
    assert_true(options.registers && options.no_bell && options.no_mouse);
    assert_int_equal(options.away_after, 5);
    assert_int_equal(parse(&options, "chat-tui --user ann --name bob"),
                     CHAT__OPTIONS_WRONG);
    assert_int_equal(parse(&options, "chat-tui --register"),
                     CHAT__OPTIONS_WRONG);
    assert_int_equal(parse(&options, "chat-tui --headless --user ann"),
                     CHAT__OPTIONS_WRONG);
    assert_int_equal(parse(&options, "chat-tui --away-after 9999"),
                     CHAT__OPTIONS_WRONG);
}

static void test_a_command_prints_the_password(void **state)
{
    char password[12];

    (void)state;
    assert_true(chat__password_from_command("printf 'a b\\r\\nmore\\n'",
                                            password, sizeof(password)));
    assert_string_equal(password, "a b");
    assert_true(chat__password_from_command("printf 12345678901", password,
                                            sizeof(password)));
    assert_false(chat__password_from_command("printf 123456789012", password,
                                             sizeof(password)));
    assert_false(
        chat__password_from_command("true", password, sizeof(password)));
    assert_false(chat__password_from_command("echo x; false", password,
                                             sizeof(password)));
}

static void test_wrong_options_are_refused(void **state)
{
    static const char *const lines[] = {
        "chat-tui --nonsense",   "chat-tui --timeout x",
        "chat-tui --timeout -1", "chat-tui --history 201",
        "chat-tui --room",       "chat-tui ws://a/ ws://b/",
    };
    struct chat__options options;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_int_equal(parse(&options, lines[i]), CHAT__OPTIONS_WRONG);
    }
}

#define LINES(name) cmocka_unit_test_setup_teardown(name, open_pipe, close_pipe)
#define STATE(name)                                                            \
    cmocka_unit_test_setup_teardown(name, make_folder, drop_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINES(test_lines_come_whole),
        LINES(test_long_lines_are_passed_over),
        LINES(test_a_line_of_the_limit_is_no_long_one),
        LINES(test_a_nul_in_a_line_is_seen),
        cmocka_unit_test(test_entries_are_printed_as_they_are),
        cmocka_unit_test(test_controls_that_json_allows_are_escaped),
        cmocka_unit_test(test_outcomes_are_printed),
        cmocka_unit_test(test_every_error_has_a_code),
        cmocka_unit_test(test_acknowledged_lines_are_taken_out),
        STATE(test_a_name_is_one_file_and_one_program),
        STATE(test_state_is_for_its_user_alone),
        STATE(test_no_folder_is_no_end),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_options_are_taken),
        cmocka_unit_test(test_an_account_is_named),
        cmocka_unit_test(test_a_command_prints_the_password),
        cmocka_unit_test(test_wrong_options_are_refused),
    };

    return cmocka_run_group_tests_name("edge", tests, NULL, NULL);
}
