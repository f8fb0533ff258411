#include "client/model/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What ran last, as "operation argument". */
static char ran[128];

static void record(const char *operation, const char *argument)
{
    snprintf(ran, sizeof(ran), "%s%s%s", operation, argument == NULL ? "" : " ",
             argument == NULL ? "" : argument);
}

static void join(void *target, const char *room)
{
    (void)target;
    record("join", room);
}

static void leave(void *target, const char *room)
{
    (void)target;
    record("leave", room);
}

static void list_rooms(void *target, const char *prefix)
{
    (void)target;
    record("rooms", prefix);
}

static void switch_room(void *target, const char *room)
{
    (void)target;
    record("switch", room);
}

static void next_unread(void *target)
{
    (void)target;
    record("next", NULL);
}

static void retry(void *target)
{
    (void)target;
    record("retry", NULL);
}

static void cancel(void *target)
{
    (void)target;
    record("cancel", NULL);
}

static void help(void *target, const char *command)
{
    (void)target;
    record("help", command);
}

static void quit(void *target)
{
    (void)target;
    record("quit", NULL);
}

static const struct chat__command_operations operations = {
    .join = join,
    .leave = leave,
    .list_rooms = list_rooms,
    .switch_room = switch_room,
    .next_unread = next_unread,
    .retry = retry,
    .cancel = cancel,
    .help = help,
    .quit = quit,
};

static void assert_runs(const char *line, enum chat__command_result result,
                        const char *expected)
{
    ran[0] = '\0';
    assert_int_equal(chat__command_run(line, &operations, NULL, NULL), result);
    assert_string_equal(ran, expected);
}

static void test_commands_run_with_their_arguments(void **state)
{
    (void)state;
    assert_runs("/join dev", CHAT__COMMAND_DONE, "join dev");
    assert_runs("/join   #dev  ", CHAT__COMMAND_DONE, "join dev");
    assert_runs("/leave", CHAT__COMMAND_DONE, "leave");
    assert_runs("/leave dev", CHAT__COMMAND_DONE, "leave dev");
    assert_runs("/rooms", CHAT__COMMAND_DONE, "rooms");
    assert_runs("/rooms d", CHAT__COMMAND_DONE, "rooms d");
    assert_runs("/switch dev", CHAT__COMMAND_DONE, "switch dev");
    assert_runs("/next", CHAT__COMMAND_DONE, "next");
    assert_runs("/retry", CHAT__COMMAND_DONE, "retry");
    assert_runs("/cancel", CHAT__COMMAND_DONE, "cancel");
    assert_runs("/help join", CHAT__COMMAND_DONE, "help join");
    assert_runs("/quit", CHAT__COMMAND_DONE, "quit");
}

static void test_wrong_lines_run_nothing(void **state)
{
    (void)state;
    assert_runs("/join", CHAT__COMMAND_USAGE, "");
    assert_runs("/quit now", CHAT__COMMAND_USAGE, "");
    assert_runs("/nonsense", CHAT__COMMAND_UNKNOWN, "");
    assert_runs("/", CHAT__COMMAND_UNKNOWN, "");
    assert_runs("/joinjoinjoinjoinjoinjoinjoinjoinjoinjoinjoin x",
                CHAT__COMMAND_UNKNOWN, "");
}

static void test_messages_are_no_commands(void **state)
{
    (void)state;
    assert_runs("hello", CHAT__COMMAND_NONE, "");
    assert_runs("//join", CHAT__COMMAND_NONE, "");
    assert_runs("", CHAT__COMMAND_NONE, "");
    assert_string_equal(chat__command_message("hello"), "hello");
    assert_string_equal(chat__command_message("//join"), "/join");
}

static void test_the_table_is_whole(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < chat__command_count(); i++) {
        const struct chat__command *command = chat__command_at(i);
        bool needs = command->argument == CHAT__ARGUMENT_REQUIRED;
        bool takes = command->argument != CHAT__ARGUMENT_NONE;
        assert_ptr_equal(chat__command_find(command->name), command);
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

/* A row as the page has it, such as "*" "/join* _ROOM_". */
static void heading(const struct chat__command *command, char *line,
                    size_t size)
{
    char name[32] = "";
    const char *usage = command->usage;

    if (*usage != '\0') {
        bool optional = *usage == '[';
        snprintf(name, sizeof(name), optional ? " [_%.*s_]" : " _%.*s_",
                 (int)strlen(usage) - (optional ? 2 : 0),
                 usage + (optional ? 1 : 0));
    }
    snprintf(line, size, "\n*/%s*%s\n", command->name, name);
}

static void test_the_manual_has_every_command(void **state)
{
    char *page = read_page();
    const char *found = page;
    size_t headings = 0, i;

    (void)state;
    for (i = 0; i < chat__command_count(); i++) {
        char line[64];
        heading(chat__command_at(i), line, sizeof(line));
        if (strstr(page, line) == NULL) {
            fail_msg("the manual lacks %s", line);
        }
    }
    while ((found = strstr(found, "\n*/")) != NULL) {
        headings++;
        found++;
    }
    assert_int_equal(headings, chat__command_count());
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands_run_with_their_arguments),
        cmocka_unit_test(test_wrong_lines_run_nothing),
        cmocka_unit_test(test_messages_are_no_commands),
        cmocka_unit_test(test_the_table_is_whole),
        cmocka_unit_test(test_the_manual_has_every_command),
    };

    return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
