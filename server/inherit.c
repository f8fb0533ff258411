#include "server/inherit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* systemd's SD_LISTEN_FDS_START. */
#define FIRST_DESCRIPTOR 3

#define OPS_NAME "ops"

void chat__inherited_init(struct chat__inherited *inherited)
{
    *inherited =
        (struct chat__inherited){.clients = -1, .ops = -1, .predecessor = -1};
}

static void let_go(int *socket)
{
    if (*socket >= 0)
        close(*socket);
    *socket = -1;
}

void chat__inherited_release(struct chat__inherited *inherited)
{
    let_go(&inherited->clients);
    let_go(&inherited->ops);
    let_go(&inherited->predecessor);
}

static bool is_listening(int socket)
{
    int listens = 0;
    socklen_t length = sizeof listens;

    return getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) ==
               0 &&
           listens != 0;
}

bool chat__socket_place(int socket, char address[INET6_ADDRSTRLEN],
                        uint16_t *port)
{
    struct sockaddr_storage storage = {0};
    const struct sockaddr_in *four = (void *)&storage;
    const struct sockaddr_in6 *six = (void *)&storage;
    socklen_t length = sizeof storage;
    const void *host = &four->sin_addr;

    if (!is_listening(socket) ||
        getsockname(socket, (struct sockaddr *)&storage, &length) != 0 ||
        (storage.ss_family != AF_INET && storage.ss_family != AF_INET6))
        return false;
    if (storage.ss_family == AF_INET6)
        host = &six->sin6_addr;
    /* The port is at the same place in both families' structs. */
    *port = ntohs(four->sin_port);
    return inet_ntop(storage.ss_family, host, address, INET6_ADDRSTRLEN) !=
           NULL;
}

/* ---- from the service manager ---- */

/* How many there are for this process; 0: none. */
static int count_activated(void)
{
    const char *process = getenv("LISTEN_PID");
    const char *count = getenv("LISTEN_FDS");

    if (process == NULL || count == NULL ||
        strtol(process, NULL, 10) != (long)getpid())
        return 0;
    return (int)strtol(count, NULL, 10);
}

/* The name of the socket at `index`, of a list with colons between. */
static bool is_named_ops(const char *names, int index)
{
    size_t length;

    if (names == NULL)
        return index == 1;
    for (; index > 0 && names != NULL; index--) {
        names = strchr(names, ':');
        names = names == NULL ? NULL : names + 1;
    }
    if (names == NULL)
        return false;
    length = strcspn(names, ":");
    return length == strlen(OPS_NAME) && memcmp(names, OPS_NAME, length) == 0;
}

static bool keep(int *place, int socket, char *message, size_t message_size)
{
    char address[INET6_ADDRSTRLEN];
    uint16_t port;

    if (*place >= 0) {
        snprintf(message, message_size,
                 "two sockets for the same: name the operator's " OPS_NAME
                 ", by FileDescriptorName=");
        return false;
    }
    if (!chat__socket_place(socket, address, &port)) {
        snprintf(message, message_size,
                 "descriptor %d is no listening TCP socket", socket);
        return false;
    }
    fcntl(socket, F_SETFD, FD_CLOEXEC);
    fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
    *place = socket;
    return true;
}

bool chat__inherit_activated(struct chat__inherited *inherited, char *message,
                             size_t message_size)
{
    const char *names = getenv("LISTEN_FDNAMES");
    int count = count_activated();
    bool fine = true;

    for (int i = 0; fine && i < count; i++)
        fine =
            keep(is_named_ops(names, i) ? &inherited->ops : &inherited->clients,
                 FIRST_DESCRIPTOR + i, message, message_size);
    inherited->activated = count > 0;
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return fine;
}

/* ---- what the options say ---- */

static bool is_at(int socket, const struct chat__listen *at)
{
    char address[INET6_ADDRSTRLEN];
    unsigned char wanted[sizeof(struct in6_addr)] = {0};
    unsigned char found[sizeof(struct in6_addr)] = {0};
    uint16_t port;
    int family;

    if (at->address == NULL || !chat__socket_place(socket, address, &port))
        return false;
    family = strchr(address, ':') == NULL ? AF_INET : AF_INET6;
    return inet_pton(family, address, found) == 1 &&
           inet_pton(family, at->address, wanted) == 1 &&
           memcmp(wanted, found, sizeof found) == 0 &&
           (at->port == 0 || at->port == port);
}

void chat__inherited_fit(struct chat__inherited *inherited,
                         const struct chat__options *options)
{
    if (!is_at(inherited->clients, &options->listen))
        let_go(&inherited->clients);
    if (!is_at(inherited->ops, &options->ops_listen.at))
        let_go(&inherited->ops);
}
