/*
 * chatctl's end of the control socket: where it is, a line out, lines in.
 *
 * Nothing waits longer than the time given for the next byte. Every failure has
 * been said on standard error when a function returns false or NULL.
 */
#ifndef CHAT_SERVER_CHATCTL_SOCKET_H
#define CHAT_SERVER_CHATCTL_SOCKET_H

#include "protocol/buffer.h"
#include "server/chatctl/chatctl.h"

#include <stdbool.h>
#include <stddef.h>

struct chatctl_socket {
    int descriptor; /* -1: none */
    char *path;
    unsigned int timeout_s;
    struct chat__buffer input;
    size_t taken; /* of the input, by lines that were handed out */
};

/*
 * Connects to the socket that the context names, else to that of the
 * environment, of the usual data folder, of the packaged service. Release it in
 * any case.
 */
bool chatctl_socket_open(struct chatctl_socket *socket,
                         const struct chatctl_context *context);
void chatctl_socket_release(struct chatctl_socket *socket);

bool chatctl_socket_send(struct chatctl_socket *socket, const char *bytes,
                         size_t length);

/* The next line without its end, valid until the next call. */
const char *chatctl_socket_line(struct chatctl_socket *socket, size_t *length);

#endif
