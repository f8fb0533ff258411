/*
 * A new chatd of the same user asks for the listening sockets. From then on
 * they are its own: this one accepts nobody, closes its clients, who find the
 * new one behind the same address, and ends.
 */
#include "server/control/commands.h"

#include "server/control/private.h"
#include "server/server_private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define LINE_BYTES  128
#define SOCKETS_MAX 2

/* How long the new one may have to wait for the database. */
static uint64_t ends_within_ms(const struct chat__server *server)
{
    return (uint64_t)server->options->drain_timeout_s * 1000 +
           CHAT__STOP_TIMEOUT_MS;
}

/*
 * Past the loop's way of writing, which cannot pass descriptors: nothing is
 * written to this client before, and so few bytes fit.
 */
static bool send_sockets(int to, const int *sockets, size_t count,
                         const char *line, size_t length)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(SOCKETS_MAX * sizeof(int))];
    } control = {.bytes = {0}};
    struct iovec bytes = {.iov_base = (void *)(uintptr_t)line,
                          .iov_len = length};
    struct msghdr message = {
        .msg_iov = &bytes,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = CMSG_SPACE(count * sizeof *sockets),
    };

    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(count * sizeof *sockets);
    memcpy(CMSG_DATA(&control.header), sockets, count * sizeof *sockets);
    return sendmsg(to, &message, MSG_NOSIGNAL | MSG_DONTWAIT) ==
           (ssize_t)length;
}

static bool hand_over(struct chat__control_call *call)
{
    struct chat__server *server = chat__control_server(call);
    int sockets[SOCKETS_MAX];
    size_t count = chat__front_sockets(server->front, sockets);
    char line[LINE_BYTES];
    int length = snprintf(line, sizeof line, "{\"ends_within_ms\":%llu}\n",
                          (unsigned long long)ends_within_ms(server));
    uv_os_fd_t client;

    return call->client != NULL &&
           uv_fileno((uv_handle_t *)&call->client->pipe, &client) == 0 &&
           send_sockets(client, sockets, count, line, (size_t)length);
}

void chat__control_hand_over(struct chat__control_call *call)
{
    struct chat__server *server = chat__control_server(call);

    if (server->draining) {
        chat__control_refuse(call, "busy", "it stops already");
        return;
    }
    if (!hand_over(call)) {
        chat__control_refuse(call, "internal", strerror(errno));
        return;
    }
    chat__control_succeed(call);
    chat__server_hand_over(server);
}
