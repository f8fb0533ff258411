/*
 * The control socket: how an operator on the same machine asks a running chatd.
 *
 * A unix stream socket, mode 0600, for processes of the same user or of root,
 * which the kernel vouches for. A client sends one JSON object a line,
 * {"command": NAME, ...arguments}, at most CHAT__CONTROL_LINE_BYTES_MAX long,
 * and gets lines back: any number of objects that are rows, then a last one,
 * {"ok":true} or {"error":{"code","message"}}. The next command is read after
 * that. docs/operate.md and chatctl(1) have the commands.
 *
 * Clients are few and each is bounded: in what it may send, in what waits for
 * it (a long list is made as it is read), in the time it may take.
 *
 * Life: open, then the loop runs, close, the loop runs until it has no handles
 * and until no command is under way, free. Loop thread only.
 */
#ifndef CHAT_SERVER_CONTROL_CONTROL_H
#define CHAT_SERVER_CONTROL_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#define CHAT__CONTROL_CLIENTS_MAX    16
#define CHAT__CONTROL_LINE_BYTES_MAX (16 * 1024)

/* What waits for a client; a list is made in pieces of a part of it. */
#define CHAT__CONTROL_OUTPUT_BYTES_MAX (256 * 1024)
#define CHAT__CONTROL_PIECE_BYTES      (32 * 1024)

/* For a command to come whole, and for a piece to be taken. */
#define CHAT__CONTROL_COMMAND_TIMEOUT_MS 10000
#define CHAT__CONTROL_WRITE_TIMEOUT_MS   30000

struct chat__control;
struct chat__server;

/*
 * Listens at `path`, in place of a socket that nobody listens at any more.
 * NULL, with a sentence in `message`, when it cannot. Commands are run on
 * `server`, which is borrowed.
 */
struct chat__control *chat__control_open(struct chat__server *server,
                                         uv_loop_t *loop, const char *path,
                                         char *message, size_t message_size);

const char *chat__control_path(const struct chat__control *control);

/*
 * Takes the socket away, unless another server has put its own there, and lets
 * its clients go. What they asked for and is under way is finished.
 */
void chat__control_close(struct chat__control *control);

/* NULL is fine. */
void chat__control_free(struct chat__control *control);

/* Whether a path can be a socket's. */
bool chat__control_path_fits(const char *path);

#endif
