/*
 * A program on libchatclient as a user would write it: one poll loop over
 * standard input and the handle's descriptor. Each line of its input is sent
 * to the room, or is a command when it begins with a slash. Its output is one
 * JSON object a line: entries as the wire has them, {"sent":{…}},
 * {"failed":{…}} and others (sdk_print.c).
 *
 * usage: sdk_program URL ROOM NAME
 */
#include "tests/e2e/sdk_program.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_BYTES_MAX 8192

struct program {
    chat_client *client;
    const char *room;
    char line[LINE_BYTES_MAX];
    size_t length;
    bool closed;
};

static void on_event(chat_client *client, const chat_event *event, void *data)
{
    struct program *program = data;

    (void)client;
    if (event->type == CHAT_EVENT_STATE)
        program->closed = event->u.state.state == CHAT_STATE_CLOSED;
    print_event(event);
}

static void obey(struct program *program, char *line)
{
    int error = line[0] == '/'
                    ? run_command(program->client, line)
                    : chat_send(program->client, program->room, line, 0, NULL);

    if (error != CHAT_OK)
        print_refused(error);
}

/* False at the end of the input. */
static bool read_input(struct program *program)
{
    char *end;
    size_t room = sizeof(program->line) - program->length;
    ssize_t got = read(STDIN_FILENO, program->line + program->length, room);

    if (got <= 0)
        return got < 0 && errno == EINTR;
    program->length += (size_t)got;
    while ((end = memchr(program->line, '\n', program->length))) {
        size_t used = (size_t)(end - program->line) + 1;

        *end = '\0';
        obey(program, program->line);
        program->length -= used;
        memmove(program->line, program->line + used, program->length);
    }
    return program->length < sizeof(program->line);
}

static int serve(struct program *program)
{
    while (!program->closed) {
        struct pollfd ready[] = {
            {.fd = STDIN_FILENO, .events = POLLIN},
            {.fd = chat_client_fd(program->client), .events = POLLIN},
        };

        if (poll(ready, 2, -1) < 0 && errno != EINTR)
            return EXIT_FAILURE;
        if (ready[1].revents)
            chat_client_dispatch(program->client);
        if (ready[0].revents && !read_input(program))
            return EXIT_SUCCESS;
    }
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    struct program program = {0};
    int status = EXIT_FAILURE;

    if (argc != 4 || chat_client_new(&program.client, argv[1]) != CHAT_OK)
        return EXIT_FAILURE;
    setvbuf(stdout, NULL, _IOLBF, 0);
    program.room = argv[2];
    chat_client_set_handler(program.client, on_event, &program);
    if (chat_client_set_guest(program.client, argv[3]) == CHAT_OK &&
        chat_client_connect(program.client) == CHAT_OK &&
        chat_join(program.client, program.room, CHAT_JOIN_CREATE, 50, NULL) ==
            CHAT_OK)
        status = serve(&program);
    chat_client_free(program.client);
    return status;
}
