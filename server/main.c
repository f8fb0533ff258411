#include "server/healthcheck.h"
#include "server/options/check.h"
#include "server/options/options.h"
#include "server/server.h"
#include "server/server_dynamodb.h"
#include "server/standard_streams.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void log_problems(const struct chat__problems *problems,
                         enum chat__log_level level, const char *event)
{
    for (size_t i = 0; i < chat__problems_kept(problems); i++)
        chat__log_write(level, event, chat__problems_line(problems, i));
}

/*
 * An error only when chatd was asked to look: others set such variables too,
 * as Kubernetes does for a service of the name chatd.
 */
static void warn_of_stray_variables(void)
{
    struct chat__problems stray;

    chat__options_stray_variables(&stray);
    log_problems(&stray, CHAT__LOG_WARNING, "unknown_variable");
    chat__problems_release(&stray);
}

static bool is_fine(const struct chat__options *options)
{
    struct chat__problems problems = {0};
    bool fine;

    chat__options_check(options, &problems);
    fine = problems.count == 0;
    log_problems(&problems, CHAT__LOG_ERROR, "start_failed");
    chat__problems_release(&problems);
    return fine;
}

static int serve(struct chat__options *options)
{
    struct chat__server *server;
    bool drained;

    /* A peer that has gone is an error of write, not the end. */
    signal(SIGPIPE, SIG_IGN);
    umask(S_IRWXG | S_IRWXO);
    chat__log_set_level(options->log_level);
    warn_of_stray_variables();
    server = is_fine(options) ? chat__server_new(options) : NULL;
    if (server == NULL)
        return EXIT_FAILURE;
    /* What could not start has said so itself by now. */
    if (!chat__log_start())
        chat__log_write(CHAT__LOG_WARNING, "log_thread_failed",
                        strerror(errno));
    drained = chat__server_run(server);
    chat__server_free(server);
    chat__log_stop();
    return drained ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void print_problems(const struct chat__problems *problems,
                           const char *prefix)
{
    for (size_t i = 0; i < chat__problems_kept(problems); i++)
        fprintf(stderr, "%s%s\n", prefix, chat__problems_line(problems, i));
    if (problems->count > chat__problems_kept(problems))
        fprintf(stderr, "%sand %zu more\n", prefix,
                problems->count - chat__problems_kept(problems));
}

static int refuse(const struct chat__problems *problems)
{
    print_problems(problems, "chatd: ");
    fputs("chatd --help lists the options.\n", stderr);
    return EXIT_FAILURE;
}

static int check_config(const struct chat__options *options,
                        struct chat__problems *problems)
{
    const char *file = chat__options_file(options);
    struct chat__problems stray;

    chat__options_check(options, problems);
    print_problems(problems, "");
    chat__options_stray_variables(&stray);
    print_problems(&stray, "warning: ");
    chat__problems_release(&stray);
    if (problems->count > 0)
        return EXIT_FAILURE;
    printf("%s: ok\n", file != NULL ? file : "chatd");
    return EXIT_SUCCESS;
}

static int run(struct chat__options *options, bool loaded,
               struct chat__problems *problems)
{
    switch (options->command) {
    case CHAT__COMMAND_HELP:
        chat__options_print_help(stdout);
        return EXIT_SUCCESS;
    case CHAT__COMMAND_VERSION:
        puts("chatd " CHAT_VERSION);
        return EXIT_SUCCESS;
    case CHAT__COMMAND_CHECK_CONFIG:
        return check_config(options, problems);
    case CHAT__COMMAND_HEALTHCHECK:
    case CHAT__COMMAND_TAKE_OVER:
    case CHAT__COMMAND_CREATE_TABLES:
    case CHAT__COMMAND_SERVE:
        break;
    }
    if (!loaded)
        return refuse(problems);
    if (options->command == CHAT__COMMAND_HEALTHCHECK)
        return chat__healthcheck(options) ? EXIT_SUCCESS : EXIT_FAILURE;
    if (options->command == CHAT__COMMAND_CREATE_TABLES)
        return chat__server_create_tables(options) ? EXIT_SUCCESS
                                                   : EXIT_FAILURE;
    return serve(options);
}

int main(int argc, char **argv)
{
    struct chat__options options;
    struct chat__problems problems;
    bool loaded;
    int status;

    if (!chat__standard_streams_open())
        return EXIT_FAILURE;
    loaded = chat__options_load(&options, argc, (const char *const *)argv,
                                &problems);
    status = run(&options, loaded, &problems);
    chat__problems_release(&problems);
    chat__options_release(&options);
    return status;
}
