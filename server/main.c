#include "server/options.h"
#include "server/server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int serve(const struct chat__options *options)
{
    struct chat__server *server;
    bool drained;

    /* A peer that has gone is an error of write, not the end. */
    signal(SIGPIPE, SIG_IGN);
    umask(S_IRWXG | S_IRWXO);
    chat__log_set_level(options->log_level);
    server = chat__server_new(options);
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

int main(int argc, char **argv)
{
    struct chat__options options;
    char message[CHAT__OPTIONS_MESSAGE_BYTES];
    int status = EXIT_SUCCESS;

    switch (chat__options_load(&options, argc, (const char *const *)argv,
                               message)) {
    case CHAT__OPTIONS_RUN:
        status = serve(&options);
        break;
    case CHAT__OPTIONS_HELP:
        chat__options_print_help(stdout);
        break;
    case CHAT__OPTIONS_VERSION:
        puts("chatd " CHAT_VERSION);
        break;
    case CHAT__OPTIONS_ERROR:
        fprintf(stderr, "chatd: %s\nchatd --help lists the options.\n",
                message);
        status = EXIT_FAILURE;
        break;
    }
    chat__options_release(&options);
    return status;
}
