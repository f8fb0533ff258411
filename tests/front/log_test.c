/* Lines of the log: valid JSON, ASCII, one line, whatever is logged. */
#include "server/ops/log.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int ends[2];
static char text[2 * CHAT__LOG_LINE_BYTES];

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(pipe(ends), 0);
    chat__log_set_descriptor(CHAT__LOG_STREAM_LOG, ends[1]);
    chat__log_set_level(CHAT__LOG_INFO);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    close(ends[0]);
    close(ends[1]);
    return 0;
}

/* What was written, parsed; it must be one line of printable ASCII. */
static cJSON *read_line(void)
{
    ssize_t length = read(ends[0], text, sizeof text - 1);
    cJSON *line;

    assert_true(length > 0 && (size_t)length <= CHAT__LOG_LINE_BYTES);
    text[length] = '\0';
    assert_ptr_equal(strchr(text, '\n'), text + length - 1);
    for (const char *at = text; *at != '\n'; at++)
        assert_true(*at >= 0x20 && *at < 0x7F);
    line = cJSON_Parse(text);
    assert_non_null(line);
    return line;
}

static const char *member(const cJSON *line, const char *key)
{
    const char *value =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(line, key));

    assert_non_null(value);
    return value;
}

/* Logs a value and gives what a reader of the log sees, to be freed. */
static char *logged(const char *value)
{
    cJSON *line;
    char *seen;

    chat__log_write(CHAT__LOG_INFO, "test", value);
    line = read_line();
    seen = strdup(member(line, "detail"));
    cJSON_Delete(line);
    return seen;
}

static void assert_logged(const char *value, const char *expected)
{
    char *seen = logged(value);

    assert_string_equal(seen, expected);
    free(seen);
}

static void a_line_has_time_level_and_event(void **state)
{
    struct chat__log_line built;
    cJSON *line;

    (void)state;
    chat__log_begin(&built, CHAT__LOG_WARNING, "listening");
    chat__log_int(&built, "port", 7100);
    chat__log_end(&built);
    line = read_line();
    assert_string_equal(member(line, "event"), "listening");
    assert_string_equal(member(line, "level"), "warning");
    assert_int_equal(strlen(member(line, "time")), 24);
    assert_int_equal(cJSON_GetObjectItem(line, "port")->valueint, 7100);
    cJSON_Delete(line);
}

static void strange_bytes_stay_what_they_were(void **state)
{
    (void)state;
    assert_logged("plain", "plain");
    assert_logged("\"quoted\" \\", "\"quoted\" \\");
    assert_logged("\x1b[2J\x1b]0;title\a", "\x1b[2J\x1b]0;title\a");
    assert_logged("one\n{\"level\":\"error\"}\r",
                  "one\n{\"level\":\"error\"}\r");
    assert_logged("\x7f \xc2\x9b"
                  "31m",
                  "\x7f \xc2\x9b"
                  "31m");
    assert_logged("\xe2\x80\xae\xe2\x81\xa6", "\xe2\x80\xae\xe2\x81\xa6");
    assert_logged("\xc3\xa9 \xf0\x9f\x98\x80", "\xc3\xa9 \xf0\x9f\x98\x80");
}

static void what_is_no_utf8_is_replaced(void **state)
{
    (void)state;
    assert_logged("\xff", "\xef\xbf\xbd");
    assert_logged("a\xc3", "a\xef\xbf\xbd");
    assert_logged("\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd");
    assert_logged("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    assert_logged("\xf4\x90\x80\x80",
                  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

static void a_long_value_is_cut_and_says_so(void **state)
{
    char value[3 * CHAT__LOG_LINE_BYTES];
    cJSON *line;

    (void)state;
    memset(value, '\n', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    chat__log_write(CHAT__LOG_ERROR, "test", value);
    line = read_line();
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(line, "cut")));
    assert_true(strlen(member(line, "detail")) > 100);
    cJSON_Delete(line);
}

static void members_behind_a_cut_are_left_out(void **state)
{
    char value[CHAT__LOG_LINE_BYTES];
    struct chat__log_line built;
    cJSON *line;

    (void)state;
    memset(value, 'x', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    chat__log_begin(&built, CHAT__LOG_INFO, "test");
    chat__log_string(&built, "first", value);
    chat__log_string(&built, "second", "x");
    chat__log_int(&built, "third", 3);
    chat__log_end(&built);
    line = read_line();
    assert_null(cJSON_GetObjectItem(line, "second"));
    assert_null(cJSON_GetObjectItem(line, "third"));
    cJSON_Delete(line);
}

static void every_length_near_the_limit_is_valid(void **state)
{
    char value[CHAT__LOG_LINE_BYTES + 1];

    (void)state;
    for (size_t length = sizeof value - 200; length < sizeof value; length++) {
        memset(value, 'x', length);
        value[length - 1] = '\x01';
        value[length] = '\0';
        free(logged(value));
    }
}

static void lesser_levels_are_not_written(void **state)
{
    cJSON *line;

    (void)state;
    chat__log_write(CHAT__LOG_DEBUG, "hidden", "x");
    chat__log_set_level(CHAT__LOG_DEBUG);
    chat__log_write(CHAT__LOG_DEBUG, "shown", NULL);
    line = read_line();
    assert_string_equal(member(line, "event"), "shown");
    cJSON_Delete(line);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_line_has_time_level_and_event),
        TEST(strange_bytes_stay_what_they_were),
        TEST(what_is_no_utf8_is_replaced),
        TEST(a_long_value_is_cut_and_says_so),
        TEST(members_behind_a_cut_are_left_out),
        TEST(every_length_near_the_limit_is_valid),
        TEST(lesser_levels_are_not_written),
    };

    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
