#include "client/model/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A line as "name argument", by what the parser makes of it. */
static void assert_parsed(const char *line, enum chat__command_result result,
                          const char *expected)
{
    struct chat__command_line parsed;
    char copy[128], found[128] = "";

    snprintf(copy, sizeof(copy), "%s", line);
    assert_int_equal(chat__command_parse(copy, &parsed), result);
    if (parsed.command != NULL) {
        snprintf(found, sizeof(found), "%s%s%s", parsed.command->name,
                 parsed.argument == NULL ? "" : "|",
                 parsed.argument == NULL ? "" : parsed.argument);
    }
    assert_string_equal(found, expected);
}

static void test_lines_are_taken_apart(void **state)
{
    (void)state;
    assert_parsed("/join dev", CHAT__COMMAND_FOUND, "join|dev");
    assert_parsed("/join   #dev  ", CHAT__COMMAND_FOUND, "join|dev");
    assert_parsed("/leave", CHAT__COMMAND_FOUND, "leave");
    assert_parsed("/accept #dev", CHAT__COMMAND_FOUND, "accept|dev");
    assert_parsed("/kick #17 go away", CHAT__COMMAND_FOUND, "kick|#17 go away");
    assert_parsed("/reply one\n two ", CHAT__COMMAND_FOUND, "reply|one\n two");
    assert_parsed("/reply\none", CHAT__COMMAND_FOUND, "reply|one");
    assert_parsed("/react", CHAT__COMMAND_FOUND, "react");
}

static void test_wrong_lines_are_told(void **state)
{
    (void)state;
    assert_parsed("/join", CHAT__COMMAND_USAGE, "join");
    assert_parsed("/join #", CHAT__COMMAND_USAGE, "join");
    assert_parsed("/quit now", CHAT__COMMAND_USAGE, "quit|now");
    assert_parsed("/nonsense", CHAT__COMMAND_UNKNOWN, "");
    assert_parsed("/", CHAT__COMMAND_UNKNOWN, "");
    assert_parsed("/joinjoinjoinjoinjoinjoinjoinjoinjoinjoinjoin x",
                  CHAT__COMMAND_UNKNOWN, "");
}

static void test_messages_are_no_commands(void **state)
{
    (void)state;
    assert_parsed("hello", CHAT__COMMAND_NONE, "");
    assert_parsed("//join", CHAT__COMMAND_NONE, "");
    assert_parsed("", CHAT__COMMAND_NONE, "");
    assert_string_equal(chat__command_message("hello"), "hello");
    assert_string_equal(chat__command_message("//join"), "/join");
}

static void test_the_table_is_whole(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < CHAT__COMMAND_COUNT; i++) {
        const struct chat__command *command = chat__command_at(i);
        bool needs = command->argument == CHAT__ARGUMENT_REQUIRED;
        bool takes = command->argument != CHAT__ARGUMENT_NONE;
        assert_ptr_equal(chat__command_find(command->name), command);
        assert_int_equal(command->id, i);
        assert_true(strlen(command->help) > 10);
        assert_int_equal(command->usage[0] != '\0', takes);
        assert_int_equal(takes && command->usage[0] != '[', needs);
        if (i > 0) {
            assert_true(strcmp(chat__command_at(i - 1)->name, command->name) <
                        0);
        }
    }
    assert_ptr_equal(chat__command_find("/join"), chat__command_find("join"));
    assert_null(chat__command_find("nonsense"));
}

static char *read_page(void)
{
    FILE *file = fopen(MANUAL_PAGE, "r");
    char *page = calloc(1, 65536);

    assert_non_null(file);
    assert_non_null(page);
    assert_true(fread(page, 1, 65535, file) > 0);
    fclose(file);
    return page;
}

/* "USER [REASON]" as the page has it: " _USER_ [_REASON_]". */
static void write_usage(FILE *stream, const char *usage)
{
    while (*usage != '\0') {
        size_t length = strcspn(usage, " ");
        bool optional = *usage == '[';
        fprintf(stream, optional ? " [_%.*s_]" : " _%.*s_",
                (int)(length - (optional ? 2 : 0)), usage + optional);
        usage += length + strspn(usage + length, " ");
    }
}

static void heading(const struct chat__command *command, char *line,
                    size_t size)
{
    FILE *stream = fmemopen(line, size, "w");

    assert_non_null(stream);
    fprintf(stream, "\n*/%s*", command->name);
    write_usage(stream, command->usage);
    fputc('\n', stream);
    fclose(stream);
}

static void test_the_manual_has_every_command(void **state)
{
    char *page = read_page();
    const char *found = page;
    size_t headings = 0, i;

    (void)state;
    for (i = 0; i < CHAT__COMMAND_COUNT; i++) {
        char line[96];
        heading(chat__command_at(i), line, sizeof(line));
        if (strstr(page, line) == NULL) {
            fail_msg("the manual lacks %s", line);
        }
    }
    while ((found = strstr(found, "\n*/")) != NULL) {
        headings++;
        found++;
    }
    assert_int_equal(headings, CHAT__COMMAND_COUNT);
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_are_taken_apart),
        cmocka_unit_test(test_wrong_lines_are_told),
        cmocka_unit_test(test_messages_are_no_commands),
        cmocka_unit_test(test_the_table_is_whole),
        cmocka_unit_test(test_the_manual_has_every_command),
    };

    return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
