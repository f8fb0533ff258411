/* Commands that a running chatd carries out. */
#include "server/chatctl/chatctl.h"

#include "protocol/json.h"
#include "protocol/writer.h"
#include "server/chatctl/socket.h"
#include "server/chatctl/table.h"
#include "server/chatctl/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST_BYTES_MAX (16 * 1024)
#define LINE_BYTES_MAX    (512 * 1024) /* each byte may become an escape */

/* ---- the request ---- */

static bool write_number(struct chat__writer *writer, const char *name,
                         const char *value)
{
    char *end;
    unsigned long long number;

    errno = 0;
    number = strtoull(value, &end, 10);
    if (errno != 0 || *end != '\0' || *value < '0' || *value > '9') {
        chatctl_complain("%s is no number", value);
        return false;
    }
    chat__write_uint(writer, name, number);
    return true;
}

static bool write_argument(struct chat__writer *writer,
                           const struct chatctl_argument *argument,
                           const char *value)
{
    if (argument->kind == CHATCTL_NUMBER)
        return write_number(writer, argument->name, value);
    if (argument->kind == CHATCTL_FLAG)
        chat__write_bool(writer, argument->name, true);
    else
        chat__write_string(writer, argument->name, value);
    return true;
}

/* The next argument by its place, or the option of this name. */
static const struct chatctl_argument *
find_argument(const struct chatctl_row *command, const char *word,
              size_t *place)
{
    size_t skipped = 0;

    for (size_t i = 0; i < CHATCTL_ARGUMENTS_MAX; i++) {
        const struct chatctl_argument *argument = &command->arguments[i];

        if (argument->name == NULL)
            return NULL;
        if (argument->option != NULL) {
            if (strcmp(argument->option, word) == 0)
                return argument;
        } else if (strncmp(word, "--", 2) != 0 && skipped++ == *place) {
            (*place)++;
            return argument;
        }
    }
    return NULL;
}

static size_t places(const struct chatctl_row *command)
{
    size_t count = 0;

    for (size_t i = 0; i < CHATCTL_ARGUMENTS_MAX; i++)
        count += command->arguments[i].name != NULL &&
                 command->arguments[i].option == NULL;
    return count;
}

static bool write_arguments(struct chat__writer *writer,
                            const struct chatctl_row *command, int argc,
                            char **argv)
{
    size_t place = 0;

    for (int i = 0; i < argc; i++) {
        const struct chatctl_argument *argument =
            find_argument(command, argv[i], &place);

        if (argument != NULL && argument->option != NULL &&
            argument->kind != CHATCTL_FLAG)
            i++;
        if (argument == NULL || i == argc) {
            chatctl_misused(command);
            return false;
        }
        if (!write_argument(writer, argument, argv[i]))
            return false;
    }
    if (place == places(command))
        return true;
    chatctl_misused(command);
    return false;
}

static bool write_request(struct chat__buffer *request,
                          const struct chatctl_row *command, int argc,
                          char **argv)
{
    struct chat__writer writer;

    chat__writer_init(&writer, request);
    chat__write_object(&writer, NULL);
    chat__write_string(&writer, "command", command->remote);
    if (!write_arguments(&writer, command, argc, argv))
        return false;
    chat__write_object_end(&writer);
    chat__buffer_append_byte(request, '\n');
    if (!request->failed)
        return true;
    chatctl_complain("the arguments are too long");
    return false;
}

/* ---- the answer ---- */

struct answer {
    const struct chatctl_context *context;
    const struct chatctl_row *command;
    struct chatctl_table table;
    bool has_table;
    size_t rows;
};

static void print_json(const char *line, size_t length)
{
    struct chat__buffer shown;

    chat__buffer_init(&shown, LINE_BYTES_MAX);
    chatctl_text_json(&shown, line, length);
    printf("%.*s\n", (int)shown.length, shown.data);
    chat__buffer_release(&shown);
}

static void take_row(struct answer *answer, const cJSON *row, const char *line,
                     size_t length)
{
    const struct chatctl_row *command = answer->command;

    answer->rows++;
    if (answer->context->json)
        print_json(line, length);
    else if (command->fields != NULL)
        chatctl_fields_print(command->fields, row);
    else if (answer->has_table)
        chatctl_table_add(&answer->table, row);
    else if (command->say != NULL)
        command->say(row);
}

/* The last line: CHATCTL_OK, or why not. */
static int finish(struct answer *answer, const cJSON *last, const char *line,
                  size_t length)
{
    const cJSON *error = chat__json_member(last, "error");

    if (answer->has_table && !answer->context->json &&
        (error == NULL || answer->table.row_count > 0) &&
        !chatctl_table_print(&answer->table)) {
        chatctl_complain("out of memory");
        return CHATCTL_FAILED;
    }
    if (error != NULL) {
        if (answer->context->json)
            print_json(line, length);
        fflush(stdout);
        chatctl_complain("%s", chatctl_string(error, "message"));
        return CHATCTL_FINDINGS;
    }
    if (answer->rows == 0 && !answer->has_table && !answer->context->json)
        puts("done");
    if (fflush(stdout) == 0)
        return CHATCTL_OK;
    chatctl_complain("the answer cannot be written: %s", strerror(errno));
    return CHATCTL_FAILED;
}

/* True for the last line, with the status of the program in `status`. */
static bool take_line(struct answer *answer, const char *line, size_t length,
                      int *status)
{
    struct chat__error error;
    cJSON *row = chat__json_parse(line, length, &error);
    bool last = false;

    if (row == NULL) {
        chatctl_complain("chatd sends what this chatctl cannot read: %s",
                         error.message);
        *status = CHATCTL_FAILED;
        return true;
    }
    last = chat__json_member(row, "ok") != NULL ||
           chat__json_member(row, "error") != NULL;
    if (last)
        *status = finish(answer, row, line, length);
    else
        take_row(answer, row, line, length);
    chat__json_free(row);
    return last;
}

static int read_answer(struct answer *answer, struct chatctl_socket *socket)
{
    int status = CHATCTL_FAILED;
    const char *line;
    size_t length;

    do
        line = chatctl_socket_line(socket, &length);
    while (line != NULL && !take_line(answer, line, length, &status));
    return status;
}

/* ---- both ---- */

int chatctl_remote(const struct chatctl_context *context,
                   const struct chatctl_row *command, int argc, char **argv)
{
    struct answer answer = {.context = context, .command = command};
    struct chatctl_socket socket = {.descriptor = -1};
    struct chat__buffer request;
    int status = CHATCTL_FAILED;

    chat__buffer_init(&request, REQUEST_BYTES_MAX);
    answer.has_table = command->table != NULL;
    if (answer.has_table)
        chatctl_table_init(&answer.table, command->table);
    if (write_request(&request, command, argc, argv) &&
        chatctl_socket_open(&socket, context) &&
        chatctl_socket_send(&socket, request.data, request.length))
        status = read_answer(&answer, &socket);
    chatctl_socket_release(&socket);
    if (answer.has_table)
        chatctl_table_release(&answer.table);
    chat__buffer_release(&request);
    return status;
}
