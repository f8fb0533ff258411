/* What the log says of slow requests and closed connections, at which level. */
#include "server/ops/log.h"
#include "server/server_log.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int ends[2];

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

static cJSON *read_line(void)
{
    char text[CHAT__LOG_LINE_BYTES + 1];
    ssize_t length = read(ends[0], text, sizeof text - 1);
    cJSON *line;

    assert_true(length > 0);
    text[length] = '\0';
    assert_ptr_equal(strchr(text, '\n'), text + length - 1);
    line = cJSON_Parse(text);
    assert_non_null(line);
    return line;
}

static void assert_member(const cJSON *line, const char *key, const char *value)
{
    const char *is = cJSON_GetStringValue(cJSON_GetObjectItem(line, key));

    assert_non_null(is);
    assert_string_equal(is, value);
}

static void a_slow_request_is_said_at_any_level_above(void **state)
{
    struct chat__request_record record = {
        .caller = {.connection = 10, .user = 7},
        .has_id = true,
        .number = 3,
        .has_action = true,
        .action = CHAT__ACTION_SEND,
        .room = "den",
        .answered = true,
        .began_us = 1000,
        .ended_us = 1000 + CHAT__SLOW_REQUEST_MS * 1000,
        .store_began_us = 1000,
        .store_us = 1250,
    };
    cJSON *line;

    (void)state;
    chat__log_observer.request_done(NULL, &record);
    record.ended_us++;
    chat__log_observer.request_done(NULL, &record);
    line = read_line();
    assert_member(line, "event", "slow_request");
    assert_member(line, "level", "warning");
    assert_member(line, "request", "000000000000000a-3");
    assert_member(line, "user", "7");
    assert_member(line, "room", "den");
    assert_member(line, "result", "ok");
    assert_true(cJSON_GetObjectItem(line, "ms")->valuedouble > 1000);
    assert_true(cJSON_GetObjectItem(line, "store_ms")->valuedouble == 1.25);
    cJSON_Delete(line);
}

static void a_drain_is_no_news_for_each_client(void **state)
{
    struct chat__connection_record record = {
        .caller = {.connection = 10}, .code = 4001, .reason = "drains"};
    cJSON *line;

    (void)state;
    chat__log_observer.connection_closed(NULL, &record);
    record.code = 4008;
    record.reason = "reads too slowly";
    chat__log_observer.connection_closed(NULL, &record);
    line = read_line();
    assert_member(line, "event", "closed");
    assert_member(line, "level", "info");
    assert_member(line, "reason", "reads too slowly");
    assert_int_equal(cJSON_GetObjectItem(line, "code")->valueint, 4008);
    cJSON_Delete(line);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_slow_request_is_said_at_any_level_above),
        TEST(a_drain_is_no_news_for_each_client),
    };

    return cmocka_run_group_tests_name("log requests", tests, NULL, NULL);
}
