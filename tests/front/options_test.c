/* Options: a table, three sources, one order, errors that help. */
#include "server/options/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct chat__options options;
static struct chat__problems problems;
static char path[32]; /* of the last file */

static int set_up(void **state)
{
    (void)state;
    clearenv();
    setenv("HOME", "/nowhere", 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    chat__options_release(&options);
    chat__problems_release(&problems);
    return 0;
}

/* Arguments up to a NULL. */
static bool load(const char *first, ...)
{
    const char *argv[16] = {"chatd"};
    int argc = 1;
    va_list rest;

    va_start(rest, first);
    for (const char *at = first; at != NULL; at = va_arg(rest, const char *))
        argv[argc++] = at;
    va_end(rest);
    chat__options_release(&options);
    chat__problems_release(&problems);
    return chat__options_load(&options, argc, argv, &problems);
}

static bool load_bytes(const char *content, size_t length)
{
    int file;
    bool loaded;

    snprintf(path, sizeof path, "/tmp/chat-options-XXXXXX");
    file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, content, length), length);
    close(file);
    loaded = load("--config", path, NULL);
    unlink(path);
    return loaded;
}

static bool load_file(const char *content)
{
    return load_bytes(content, strlen(content));
}

static void assert_in(const char *part, const char *text)
{
    if (strstr(text, part) == NULL)
        fail_msg("'%s' is not in: %s", part, text);
}

/* The one thing that is wrong says so. */
static void assert_error(bool loaded, const char *part)
{
    assert_false(loaded);
    assert_int_equal(problems.count, 1);
    assert_in(part, chat__problems_line(&problems, 0));
}

/* Line `index` is that of the file, up to its last byte. */
static void assert_line(size_t index, const char *rest)
{
    char expected[300];

    snprintf(expected, sizeof expected, "%s%s", path, rest);
    assert_true(index < problems.count);
    assert_string_equal(chat__problems_line(&problems, index), expected);
}

static void nothing_said_is_safe(void **state)
{
    (void)state;
    assert_true(load(NULL));
    assert_string_equal(options.listen.address, "127.0.0.1");
    assert_int_equal(options.listen.port, 7100);
    assert_string_equal(options.data, "/nowhere/.local/state/chatd");
    assert_null(options.web);
    assert_null(options.tls_certificate);
    assert_null(options.allowed_origins);
    assert_null(options.trusted_proxies);
    assert_int_equal(options.connections_max, 10000);
    assert_int_equal(options.connections_per_address_max, 0);
    assert_true(options.rate_limits);
    assert_int_equal(options.log_level, CHAT__LOG_INFO);
}

static void every_option_is_heard(void **state)
{
    (void)state;
    assert_true(load("--listen", "[::1]:0", "--data=/d", "--web", "/w",
                     "--max-connections", "5", "--rate-limits=off",
                     "--log-level", "debug", NULL));
    assert_string_equal(options.listen.address, "::1");
    assert_int_equal(options.listen.port, 0);
    assert_string_equal(options.data, "/d");
    assert_string_equal(options.web, "/w");
    assert_int_equal(options.connections_max, 5);
    assert_false(options.rate_limits);
    assert_int_equal(options.log_level, CHAT__LOG_DEBUG);
}

static void the_command_line_wins_over_the_environment(void **state)
{
    (void)state;
    setenv("CHATD_MAX_CONNECTIONS", "7", 1);
    setenv("CHATD_LISTEN", "0.0.0.0:1", 1);
    setenv("CHATD_RATE_LIMITS", "", 1);
    assert_true(load("--max-connections", "8", NULL));
    assert_int_equal(options.connections_max, 8);
    assert_string_equal(options.listen.address, "0.0.0.0");
    assert_true(options.rate_limits);
}

static void the_environment_wins_over_the_file(void **state)
{
    (void)state;
    setenv("CHATD_MAX_CONNECTIONS", "7", 1);
    assert_true(load_file("; a comment\n"
                          "max-connections = 6\n"
                          "# another\n"
                          "rate-limits = off\n"
                          "allowed-origins = https://a.example\n"
                          "  https://b.example\n"
                          "trusted-proxies = 127.0.0.1\n"
                          "  10.0.0.0/8\n"));
    assert_int_equal(options.connections_max, 7);
    assert_false(options.rate_limits);
    assert_string_equal(options.allowed_origins,
                        "https://a.example,https://b.example");
    assert_string_equal(options.trusted_proxies, "127.0.0.1,10.0.0.0/8");
}

static void a_file_with_a_mistake_says_where(void **state)
{
    (void)state;
    assert_error(load_file("\nmax-conections = 6\n"), ":2: unknown option");
    assert_error(load_file("config = x\n"), "unknown option 'config'");
    assert_error(load_file("help = x\n"), "unknown option 'help'");
    assert_error(load_file("[server]\nweb = /w\n"), ":1: sections");
    assert_error(load_file("web = /w\nweb = /x\n"),
                 ":2: web: stands there twice, first in line 1");
    assert_error(load_file("nonsense\n"), ":1: this is no");
    assert_error(load_file("\xEF\xBB\xBF"
                           "nonsense"),
                 ":1: this is no");
    assert_error(load_file("\n\nmax-connections = many\n"),
                 ":3: max-connections: 'many' must be a whole number from 1 ");
    assert_error(load_file("\nweb =\n"), ":2: web: '' must not be empty");
    assert_error(load("--config", "/nowhere/at/all", NULL), "/nowhere/at/all");
    assert_error(load("--config", "/tmp", NULL), "/tmp: cannot be read");
}

static void every_mistake_of_a_file_is_told(void **state)
{
    (void)state;
    assert_false(load_file("# all of it\n"
                           "  log-levl = info\n"
                           "rate-limits = maybe\n"
                           "nonsense\n"
                           "[limits]\n"
                           "guest-idle = 1\n"
                           "guest-idle = 2\n"
                           "zzz = 1\n"
                           "more nonsense"));
    assert_int_equal(problems.count, 7);
    assert_line(0, ":2: unknown option 'log-levl'; did you mean 'log-level'?");
    assert_line(1, ":4: this is no `name = value`");
    assert_line(2, ":5: sections such as [this] have no meaning");
    assert_line(3, ":7: guest-idle: stands there twice, first in line 6");
    assert_line(4, ":8: unknown option 'zzz'");
    assert_line(5, ":9: this is no `name = value`");
    assert_line(6, ":3: rate-limits: 'maybe' must be on or off");
}

static void a_long_line_is_no_end(void **state)
{
    char content[600] = "web = ";

    (void)state;
    memset(content + 6, 'x', 400);
    snprintf(content + 406, sizeof content - 406, "\nguest-idel = 3\n");
    assert_false(load_file(content));
    assert_int_equal(problems.count, 2);
    assert_line(0, ":1: the line is longer than 198 bytes");
    assert_line(1,
                ":2: unknown option 'guest-idel'; did you mean 'guest-idle'?");
    assert_null(options.web);
}

static void no_byte_of_a_file_reaches_a_terminal(void **state)
{
    static const char nul[] = "web = /w\0/x\n";

    (void)state;
    assert_error(load_file("web\x1b[31m\x9b = 1\n"),
                 "unknown option 'web\\x1b[31m\\x9b'");
    assert_error(load_bytes(nul, sizeof nul - 1), ":1: ");
}

static void problems_beyond_what_is_kept_are_counted(void **state)
{
    char content[2 * (CHAT__PROBLEMS_MAX + 5) + 1];

    (void)state;
    for (size_t i = 0; i + 1 < sizeof content; i += 2)
        memcpy(content + i, "?\n", 2);
    content[sizeof content - 1] = '\0';
    assert_false(load_file(content));
    assert_int_equal(problems.count, CHAT__PROBLEMS_MAX + 5);
    assert_int_equal(chat__problems_kept(&problems), CHAT__PROBLEMS_MAX);
}

static void a_wrong_value_is_explained(void **state)
{
    (void)state;
    assert_error(load("--listen", "localhost:7100", NULL), "numeric");
    assert_error(load("--listen", "127.0.0.1", NULL), "--listen");
    assert_error(load("--listen", "127.0.0.1:65536", NULL), "--listen");
    assert_error(load("--listen", "::1:7100", NULL), "--listen");
    assert_error(load("--listen", "[127.0.0.1]:7100", NULL), "--listen");
    assert_error(load("--listen", "[]:7100", NULL), "--listen");
    assert_error(load("--listen", "", NULL), "--listen");
    assert_error(load("--max-connections", "0", NULL), "--max-connections");
    assert_error(load("--max-connections", "-1", NULL), "--max-connections");
    assert_error(load("--max-connections", "1e9", NULL), "--max-connections");
    assert_error(load("--rate-limits", "yes", NULL), "on or off");
    assert_error(load("--log-level", "loud", NULL), "debug");
    assert_error(load("--data", "", NULL), "empty");
    setenv("CHATD_LOG_LEVEL", "loud", 1);
    assert_error(load(NULL), "CHATD_LOG_LEVEL");
}

static void a_wrong_argument_is_named(void **state)
{
    (void)state;
    assert_error(load("--nonsense", NULL), "unknown option '--nonsense'");
    assert_error(load("--lisen", "x", "--data", "/d", NULL),
                 "unknown option '--lisen'; did you mean '--listen'?");
    assert_error(load("--lisen=x", NULL), "'--lisen'; did");
    assert_error(load("serve", NULL), "serve");
    assert_error(load("--", NULL), "'--'");
    assert_error(load("-l", NULL), "-l");
    assert_error(load("--listen", NULL), "--listen: needs a value");
    assert_error(load("--check-config=yes", NULL), "takes no value");
}

static const char *nearest(const char *name)
{
    const struct chat__option *option =
        chat__option_nearest(name, strlen(name));

    return option == NULL ? "" : option->name;
}

static void the_nearest_name_is_the_one_that_was_meant(void **state)
{
    char longest[300];

    (void)state;
    assert_string_equal(nearest("max-conections"), "max-connections");
    assert_string_equal(nearest("max-connections-per-adress"),
                        "max-connections-per-address");
    assert_string_equal(nearest("wbe"), "web");
    assert_string_equal(nearest("date"), "data");
    assert_string_equal(nearest("max_connections"), "max-connections");
    assert_string_equal(nearest("tls-crt"), "tls-cert");
    assert_string_equal(nearest(""), "");
    assert_string_equal(nearest("x"), "");
    assert_string_equal(nearest("port"), "");
    assert_string_equal(nearest("completely-else"), "");
    memset(longest, 'a', sizeof longest);
    assert_null(chat__option_nearest(longest, sizeof longest));
}

static void a_stray_variable_is_told(void **state)
{
    (void)state;
    setenv("CHATD_MAX_CONECTIONS", "5", 1);
    setenv("CHATD_LISTEN", "127.0.0.1:0", 1);
    setenv("CHATD_HELP", "1", 1);
    setenv("CHAT_MAX", "1", 1);
    assert_true(load(NULL));
    chat__options_stray_variables(&problems);
    assert_int_equal(problems.count, 2);
    assert_string_equal(chat__problems_line(&problems, 0),
                        "CHATD_MAX_CONECTIONS: no option reads it; did you "
                        "mean 'CHATD_MAX_CONNECTIONS'?");
    assert_string_equal(chat__problems_line(&problems, 1),
                        "CHATD_HELP: no option reads it");
}

static void certificate_and_key_need_each_other(void **state)
{
    (void)state;
    assert_error(load("--tls-cert", "c", NULL),
                 "--tls-cert: needs --tls-key as well");
    assert_error(load_file("\ntls-key = k\n"), ":2: tls-key: needs --tls-cert");
    assert_true(load("--tls-key", "k", "--tls-cert", "c", NULL));
}

static void the_data_folder_follows_its_environment(void **state)
{
    (void)state;
    setenv("XDG_STATE_HOME", "/xdg", 1);
    load(NULL);
    assert_string_equal(options.data, "/xdg/chatd");
    setenv("STATE_DIRECTORY", "/var/lib/chatd:/other", 1);
    load(NULL);
    assert_string_equal(options.data, "/var/lib/chatd");
    clearenv();
    assert_error(load(NULL), "--data");
}

static void commands_are_heard(void **state)
{
    (void)state;
    assert_true(load("--help", "--nonsense", NULL));
    assert_int_equal(options.command, CHAT__COMMAND_HELP);
    assert_true(load("-h", NULL));
    assert_int_equal(options.command, CHAT__COMMAND_HELP);
    assert_true(load("--version", NULL));
    assert_int_equal(options.command, CHAT__COMMAND_VERSION);
    assert_true(load("--check-config", "--data", "/d", NULL));
    assert_int_equal(options.command, CHAT__COMMAND_CHECK_CONFIG);
    assert_string_equal(options.data, "/d");
}

static void help_has_every_option(void **state)
{
    char *text, *variable;
    size_t length;
    FILE *stream = open_memstream(&text, &length);

    (void)state;
    chat__options_print_help(stream);
    fclose(stream);
    for (size_t i = 0; i < chat__option_count; i++) {
        assert_true(asprintf(&variable, "  --%s", chat__option_table[i].name) >
                    0);
        assert_in(variable, text);
        free(variable);
    }
    assert_in("--listen ADDR:PORT    (CHATD_LISTEN)", text);
    assert_in("CHATD_MAX_CONNECTIONS_PER_ADDRESS", text);
    free(text);
}

/* What the readers of the table take for granted. */
static void every_row_is_sound(void **state)
{
    _Alignas(max_align_t) char member[sizeof options];
    char wrong[CHAT__VALUE_WRONG_BYTES];

    (void)state;
    for (size_t i = 0; i < chat__option_count; i++) {
        const struct chat__option *row = &chat__option_table[i];
        const char *value =
            row->standard != NULL ? row->standard : row->example;

        assert_ptr_equal(chat__option_find(row->name, strlen(row->name)), row);
        assert_true(i == 0 || row->group >= row[-1].group);
        assert_true(row->help[strlen(row->help) - 1] != '.');
        if (!chat__option_in_file(row))
            continue;
        assert_non_null(row->placeholder);
        memset(member, 0, sizeof member);
        if (!chat__value_read(row, member, value, wrong))
            fail_msg("%s: %s %s", row->name, value, wrong);
        chat__value_release(row, member);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_said_is_safe),
        TEST(every_option_is_heard),
        TEST(the_command_line_wins_over_the_environment),
        TEST(the_environment_wins_over_the_file),
        TEST(a_file_with_a_mistake_says_where),
        TEST(every_mistake_of_a_file_is_told),
        TEST(a_long_line_is_no_end),
        TEST(no_byte_of_a_file_reaches_a_terminal),
        TEST(problems_beyond_what_is_kept_are_counted),
        TEST(a_wrong_value_is_explained),
        TEST(a_wrong_argument_is_named),
        TEST(the_nearest_name_is_the_one_that_was_meant),
        TEST(a_stray_variable_is_told),
        TEST(certificate_and_key_need_each_other),
        TEST(the_data_folder_follows_its_environment),
        TEST(commands_are_heard),
        TEST(help_has_every_option),
        TEST(every_row_is_sound),
    };

    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
