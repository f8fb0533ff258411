/*
 * Listening sockets that another process has made: the service manager, or the
 * chatd before this one. They stay open while servers come and go, so that no
 * client is refused; who connects meanwhile waits in the kernel's queue.
 *
 * Plain storage; a socket is -1 when there is none. Whoever takes one out owns
 * it; release closes what is left. Before there are threads.
 */
#ifndef CHAT_SERVER_INHERIT_H
#define CHAT_SERVER_INHERIT_H

#include "server/options/options.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chat__inherited {
    int clients;
    int ops;
    bool activated;       /* the service manager keeps them as well */
    int predecessor;      /* the process that handed them over; -1: none */
    uint64_t patience_ms; /* how long that may take to end */
};

void chat__inherited_init(struct chat__inherited *inherited);
void chat__inherited_release(struct chat__inherited *inherited);

/*
 * Takes what the service manager passes by LISTEN_PID, LISTEN_FDS and
 * LISTEN_FDNAMES: the socket of the name `ops` is for the operator, another is
 * for clients; without names the first is for clients, the second is ops.
 * False, with a sentence, when what is there cannot be used.
 */
bool chat__inherit_activated(struct chat__inherited *inherited, char *message,
                             size_t message_size);

/*
 * Asks the chatd that listens at the control socket `path` to hand over its
 * sockets and to end. Where none runs nothing is inherited. False, with a
 * sentence, when it would not.
 */
bool chat__inherit_running(struct chat__inherited *inherited, const char *path,
                           char *message, size_t message_size);

/* Waits until the other has ended; the database is free then. */
bool chat__inherit_await(struct chat__inherited *inherited, char *message,
                         size_t message_size);

/* Lets go what the options want elsewhere. */
void chat__inherited_fit(struct chat__inherited *inherited,
                         const struct chat__options *options);

/* Where a listening socket is; false when it is no such one. */
bool chat__socket_place(int socket, char address[INET6_ADDRSTRLEN],
                        uint16_t *port);

#endif
