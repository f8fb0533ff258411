/* The table of options: three sources, one order, errors that help. */
#include "server/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct chat__options options;
static char message[CHAT__OPTIONS_MESSAGE_BYTES];

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
    return 0;
}

/* Arguments up to a NULL. */
static enum chat__options_outcome load(const char *first, ...)
{
    const char *argv[16] = {"chatd"};
    int argc = 1;
    va_list rest;

    va_start(rest, first);
    for (const char *at = first; at != NULL; at = va_arg(rest, const char *))
        argv[argc++] = at;
    va_end(rest);
    chat__options_release(&options);
    return chat__options_load(&options, argc, argv, message);
}

static enum chat__options_outcome load_file(const char *content)
{
    char path[] = "/tmp/chat-options-XXXXXX";
    int file = mkstemp(path);
    enum chat__options_outcome outcome;

    assert_true(file >= 0);
    assert_int_equal(write(file, content, strlen(content)), strlen(content));
    close(file);
    outcome = load("--config", path, NULL);
    unlink(path);
    return outcome;
}

static void assert_error(enum chat__options_outcome outcome, const char *part)
{
    assert_int_equal(outcome, CHAT__OPTIONS_ERROR);
    if (strstr(message, part) == NULL)
        fail_msg("'%s' is not in: %s", part, message);
}

static void nothing_said_is_safe(void **state)
{
    (void)state;
    assert_int_equal(load(NULL), CHAT__OPTIONS_RUN);
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
    assert_int_equal(load("--listen", "[::1]:0", "--data=/d", "--web", "/w",
                          "--max-connections", "5", "--rate-limits=off",
                          "--log-level", "debug", NULL),
                     CHAT__OPTIONS_RUN);
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
    assert_int_equal(load("--max-connections", "8", NULL), CHAT__OPTIONS_RUN);
    assert_int_equal(options.connections_max, 8);
    assert_string_equal(options.listen.address, "0.0.0.0");
    assert_true(options.rate_limits);
}

static void the_environment_wins_over_the_file(void **state)
{
    (void)state;
    setenv("CHATD_MAX_CONNECTIONS", "7", 1);
    assert_int_equal(load_file("; a comment\n"
                               "max-connections = 6\n"
                               "# another\n"
                               "rate-limits = off\n"
                               "allowed-origins = https://a.example\n"
                               "  https://b.example\n"
                               "trusted-proxies = 127.0.0.1\n"
                               "  10.0.0.0/8\n"),
                     CHAT__OPTIONS_RUN);
    assert_int_equal(options.connections_max, 7);
    assert_false(options.rate_limits);
    assert_string_equal(options.allowed_origins,
                        "https://a.example,https://b.example");
    assert_string_equal(options.trusted_proxies, "127.0.0.1,10.0.0.0/8");
}

static void a_file_with_a_mistake_says_where(void **state)
{
    char line[300];

    (void)state;
    assert_error(load_file("\nmax-conections = 6\n"), ":2: unknown option");
    assert_error(load_file("config = x\n"), "unknown option 'config'");
    assert_error(load_file("[server]\nweb = /w\n"), "sections");
    assert_error(load_file("web = /w\nweb = /x\n"), "twice");
    assert_error(load_file("nonsense\n"), ":1:");
    assert_error(load_file("max-connections = many\n"), "max-connections");
    memset(line, 'x', sizeof line);
    memcpy(line, "web = ", 6);
    line[sizeof line - 1] = '\0';
    assert_error(load_file(line), "longer");
    assert_error(load("--config", "/nowhere/at/all", NULL), "/nowhere/at/all");
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
    assert_error(load("--nonsense", NULL), "--nonsense");
    assert_error(load("serve", NULL), "serve");
    assert_error(load("--", NULL), "'--'");
    assert_error(load("-l", "x", NULL), "-l");
    assert_error(load("--listen", NULL), "--listen needs a value");
}

static void certificate_and_key_need_each_other(void **state)
{
    (void)state;
    assert_error(load("--tls-cert", "c", NULL), "--tls-key");
    assert_error(load("--tls-key", "k", NULL), "--tls-cert");
    assert_int_equal(load("--tls-key", "k", "--tls-cert", "c", NULL),
                     CHAT__OPTIONS_RUN);
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

static void help_and_version_come_first(void **state)
{
    (void)state;
    assert_int_equal(load("--help", NULL), CHAT__OPTIONS_HELP);
    assert_int_equal(load("--version", NULL), CHAT__OPTIONS_VERSION);
}

static void help_has_every_option(void **state)
{
    static const char *const names[] = {
        "--config FILE",
        "CHATD_CONFIG",
        "--listen ADDR:PORT",
        "--data DIR",
        "--web DIR",
        "CHATD_MAX_CONNECTIONS_PER_ADDRESS",
        "--tls-cert FILE",
        "--tls-key FILE",
        "--allowed-origins LIST",
        "--trusted-proxies LIST",
        "CHATD_TRUSTED_PROXIES",
    };
    char *text;
    size_t length;
    FILE *stream = open_memstream(&text, &length);

    (void)state;
    chat__options_print_help(stream);
    fclose(stream);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_non_null(strstr(text, names[i]));
    free(text);
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
        TEST(a_wrong_value_is_explained),
        TEST(a_wrong_argument_is_named),
        TEST(certificate_and_key_need_each_other),
        TEST(the_data_folder_follows_its_environment),
        TEST(help_and_version_come_first),
        TEST(help_has_every_option),
    };

    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
