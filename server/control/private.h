/*
 * What the files of the control socket share: control.c listens,
 * client.c reads lines and writes answers, call.c runs a
 * command.
 *
 * A client owns its call; a call whose client has gone (NULL) owns itself and
 * frees itself at its end. Loop thread only.
 */
#ifndef CHAT_SERVER_CONTROL_PRIVATE_H
#define CHAT_SERVER_CONTROL_PRIVATE_H

#include "protocol/buffer.h"
#include "server/control/call.h"
#include "server/control/control.h"

#include <cjson/cJSON.h>
#include <sys/types.h>

#define CHAT__CONTROL_MESSAGE_BYTES 256

struct chat__control_client {
    uv_pipe_t pipe;
    uv_timer_t timer; /* of the command that comes, or the piece that goes */
    struct chat__control *control;
    struct chat__control_client *previous;
    struct chat__control_client *next;
    struct chat__control_call *call; /* the one under way, or NULL */
    uv_write_t write;
    bool writing;
    unsigned int handles; /* that are not closed */
    uid_t uid;            /* of the process at the other end ... */
    pid_t pid;            /* ... when it connected */
    size_t length;
    char line[CHAT__CONTROL_LINE_BYTES_MAX];
};

struct chat__control_call {
    struct chat__server *server;
    struct chat__control_client *client; /* NULL: it has gone */
    const struct chat__control_row *row; /* NULL: no such command */
    cJSON *arguments;
    uid_t uid;
    pid_t pid;
    uint64_t about; /* a user, 0: nobody */
    struct chat__buffer output;
    struct chat__writer writer;
    chat__control_step *step; /* NULL: no list */
    void *state;
    void (*free_state)(void *state);
    bool later; /* the step has asked somebody */
    bool ended;
};

struct chat__control {
    struct chat__server *server;
    uv_loop_t *loop;
    uv_pipe_t listener;
    char *path;
    dev_t device; /* of the socket's file, to know it again */
    ino_t inode;
    struct chat__control_client *clients;
    size_t client_count;
};

/* client.c: a client waits to be accepted. */
void chat__control_accept(struct chat__control *control);
/* Lets it go; its call goes on. */
void chat__control_client_close(struct chat__control_client *client);
/* Its call has something to send, or has ended. */
void chat__control_client_send(struct chat__control_client *client);

/* call.c: runs a line of the client's, whose call it becomes. */
void chat__control_call_run(struct chat__control_client *client,
                            const char *line, size_t length);
/* The next piece of a list. */
void chat__control_call_step(struct chat__control_call *call);
/* The client has gone. */
void chat__control_call_leave(struct chat__control_call *call);
void chat__control_call_free(struct chat__control_call *call);

#endif
