/* The clients of the control socket: lines in, answers out. */
#include "server/control/private.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- the end ---- */

static void on_closed(uv_handle_t *handle)
{
    struct chat__control_client *client = handle->data;

    if (--client->handles == 0)
        free(client);
}

void chat__control_client_close(struct chat__control_client *client)
{
    struct chat__control *control = client->control;

    if (uv_is_closing((uv_handle_t *)&client->pipe))
        return;
    if (client->previous == NULL)
        control->clients = client->next;
    else
        client->previous->next = client->next;
    if (client->next != NULL)
        client->next->previous = client->previous;
    control->client_count--;
    /* What is being written is the call's until the write has been told off. */
    if (client->call != NULL && !client->writing)
        chat__control_call_leave(client->call);
    uv_close((uv_handle_t *)&client->pipe, on_closed);
    uv_close((uv_handle_t *)&client->timer, on_closed);
}

static void on_timeout(uv_timer_t *timer)
{
    chat__control_client_close(timer->data);
}

/* ---- lines in ---- */

static void run_line(struct chat__control_client *client);

/* For what a client that does not even keep to lines is told. */
static void refuse_bytes(uv_pipe_t *pipe, const char *code, const char *message)
{
    char line[CHAT__CONTROL_MESSAGE_BYTES];
    uv_buf_t buffer;
    int length = snprintf(line, sizeof line,
                          "{\"error\":{\"code\":\"%s\",\"message\":\"%s\"}}\n",
                          code, message);

    buffer = uv_buf_init(line, (unsigned int)length);
    (void)uv_try_write((uv_stream_t *)pipe, &buffer, 1);
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct chat__control_client *client = handle->data;

    (void)suggested;
    *buffer = uv_buf_init(client->line + client->length,
                          (unsigned int)(sizeof client->line - client->length));
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct chat__control_client *client = stream->data;

    (void)buffer;
    if (count < 0) {
        chat__control_client_close(client);
        return;
    }
    client->length += (size_t)count;
    run_line(client);
}

/* Reads on until there is a line. */
static void await_line(struct chat__control_client *client)
{
    if (client->length == sizeof client->line) {
        refuse_bytes(&client->pipe, "too_large",
                     "a command is one line of at most 16 KiB");
        chat__control_client_close(client);
        return;
    }
    uv_read_start((uv_stream_t *)&client->pipe, give_room, on_read);
}

/* Lines behind the one that is run wait in the client's buffer. */
static void run_line(struct chat__control_client *client)
{
    char *end = memchr(client->line, '\n', client->length);
    size_t length;

    if (end == NULL) {
        await_line(client);
        return;
    }
    uv_read_stop((uv_stream_t *)&client->pipe);
    uv_timer_stop(&client->timer);
    length = (size_t)(end - client->line);
    chat__control_call_run(client, client->line, length);
    client->length -= length + 1;
    memmove(client->line, end + 1, client->length);
}

/* ---- answers out ---- */

static void end_call(struct chat__control_client *client)
{
    chat__control_call_free(client->call);
    client->call = NULL;
    uv_timer_start(&client->timer, on_timeout, CHAT__CONTROL_COMMAND_TIMEOUT_MS,
                   0);
    run_line(client);
}

static void on_written(uv_write_t *write, int status)
{
    struct chat__control_client *client = write->data;

    client->writing = false;
    if (uv_is_closing((uv_handle_t *)&client->pipe)) {
        chat__control_call_leave(client->call);
        return;
    }
    if (status != 0) {
        chat__control_client_close(client);
        return;
    }
    uv_timer_stop(&client->timer);
    chat__buffer_clear(&client->call->output);
    if (client->call->ended)
        end_call(client);
    else
        chat__control_call_step(client->call);
}

void chat__control_client_send(struct chat__control_client *client)
{
    const struct chat__buffer *output = &client->call->output;
    uv_buf_t buffer = uv_buf_init(output->data, (unsigned int)output->length);

    client->write.data = client;
    if (output->failed || uv_write(&client->write, (uv_stream_t *)&client->pipe,
                                   &buffer, 1, on_written) != 0) {
        chat__control_client_close(client);
        return;
    }
    client->writing = true;
    uv_timer_start(&client->timer, on_timeout, CHAT__CONTROL_WRITE_TIMEOUT_MS,
                   0);
}

/* ---- the beginning ---- */

static void on_refused_closed(uv_handle_t *handle)
{
    free(handle->data);
}

/* The kernel knows who connected. */
static bool is_trusted(struct chat__control_client *client)
{
    struct ucred peer;
    socklen_t length = sizeof peer;
    uv_os_fd_t descriptor;

    if (uv_fileno((uv_handle_t *)&client->pipe, &descriptor) != 0 ||
        getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
        return false;
    client->uid = peer.uid;
    client->pid = peer.pid;
    return peer.uid == 0 || peer.uid == geteuid();
}

static void begin(struct chat__control *control,
                  struct chat__control_client *client)
{
    uv_timer_init(control->loop, &client->timer);
    client->timer.data = client;
    client->handles = 2;
    client->control = control;
    client->next = control->clients;
    if (client->next != NULL)
        client->next->previous = client;
    control->clients = client;
    control->client_count++;
    uv_timer_start(&client->timer, on_timeout, CHAT__CONTROL_COMMAND_TIMEOUT_MS,
                   0);
    await_line(client);
}

/* Nobody reads from who waits for an answer, so libuv does not tell. */
static bool has_given_up(const struct chat__control_client *client)
{
    struct pollfd peer = {.events = 0};

    return client->call != NULL &&
           uv_fileno((const uv_handle_t *)&client->pipe, &peer.fd) == 0 &&
           poll(&peer, 1, 0) > 0 && (peer.revents & POLLHUP) != 0;
}

/* A store that hangs would have all places taken, and no operator get in. */
static void make_room(struct chat__control *control)
{
    struct chat__control_client *client = control->clients;

    while (client != NULL) {
        struct chat__control_client *next = client->next;

        if (has_given_up(client))
            chat__control_client_close(client);
        client = next;
    }
}

void chat__control_accept(struct chat__control *control)
{
    struct chat__control_client *client = calloc(1, sizeof *client);

    /* Without memory libuv keeps it, and accepts nobody else behind it. */
    if (client == NULL)
        return;
    uv_pipe_init(control->loop, &client->pipe, 0);
    client->pipe.data = client;
    if (uv_accept((uv_stream_t *)&control->listener,
                  (uv_stream_t *)&client->pipe) == 0) {
        if (control->client_count == CHAT__CONTROL_CLIENTS_MAX)
            make_room(control);
        if (control->client_count == CHAT__CONTROL_CLIENTS_MAX) {
            refuse_bytes(&client->pipe, "busy",
                         "too many use the control socket; try again");
        } else if (!is_trusted(client)) {
            refuse_bytes(&client->pipe, "forbidden",
                         "only root and the user of chatd may use this");
        } else {
            begin(control, client);
            return;
        }
    }
    uv_close((uv_handle_t *)&client->pipe, on_refused_closed);
}
