/* The new server's side of a hand-over; control/hand_over.c has the old one's.
 */
#include "server/inherit.h"

#include "protocol/json.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* A chatd that serves answers in milliseconds. */
#define ANSWER_TIMEOUT_S 10

/* The kernel's share of the end of a process. */
#define AWAIT_SLACK_MS 5000

#define LINE_BYTES      1024
#define PATIENCE_MS_MAX (2 * 3600 * 1000)
#define DESCRIPTORS_MAX 2

static const char request[] = "{\"command\":\"hand_over\"}\n";

static bool fail(char *message, size_t message_size, const char *what)
{
    snprintf(message, message_size, "the running chatd %s", what);
    return false;
}

/* -1: nobody listens there, or errno says why not. */
static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = ANSWER_TIMEOUT_S};
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int error;

    if (descriptor < 0 || strlen(path) >= sizeof address.sun_path) {
        errno = descriptor < 0 ? errno : ENAMETOOLONG;
    } else {
        memcpy(address.sun_path, path, strlen(path) + 1);
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience,
                   sizeof patience);
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience,
                   sizeof patience);
        if (connect(descriptor, (struct sockaddr *)&address, sizeof address) ==
            0)
            return descriptor;
    }
    error = errno;
    if (descriptor >= 0)
        close(descriptor);
    errno = error;
    return -1;
}

/* The sockets come with the first bytes. */
static void take_descriptors(struct chat__inherited *inherited,
                             struct msghdr *header)
{
    int sockets[DESCRIPTORS_MAX] = {-1, -1};

    for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part != NULL;
         part = CMSG_NXTHDR(header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
            continue;
        memcpy(sockets, CMSG_DATA(part), part->cmsg_len - CMSG_LEN(0));
        inherited->clients = sockets[0];
        inherited->ops = sockets[1];
    }
}

/* Reads up to the end of a line; false when none comes. */
static bool read_line(int descriptor, struct chat__inherited *inherited,
                      char line[LINE_BYTES], size_t *length)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
    } control;

    *length = 0;
    while (*length == 0 || line[*length - 1] != '\n') {
        struct iovec place = {.iov_base = line + *length, .iov_len = 1};
        struct msghdr header = {
            .msg_iov = &place,
            .msg_iovlen = 1,
            .msg_control = control.bytes,
            .msg_controllen = sizeof control.bytes,
        };

        if (*length == LINE_BYTES ||
            recvmsg(descriptor, &header, MSG_CMSG_CLOEXEC) <= 0)
            return false;
        take_descriptors(inherited, &header);
        (*length)++;
    }
    return true;
}

/* {"ends_within_ms":15000}, or {"error":{...}}. */
static bool understand(struct chat__inherited *inherited, const char *line,
                       size_t length, char *message, size_t message_size)
{
    struct chat__error error = {0};
    cJSON *answer = chat__json_parse(line, length, &error);
    const cJSON *refusal = chat__json_member(answer, "error");
    const char *why =
        cJSON_GetStringValue(chat__json_member(refusal, "message"));
    bool fine =
        answer != NULL && refusal == NULL && inherited->clients >= 0 &&
        chat__json_uint(answer, "ends_within_ms", CHAT__JSON_REQUIRED,
                        PATIENCE_MS_MAX, &inherited->patience_ms, &error);

    if (!fine && why != NULL)
        snprintf(message, message_size, "the running chatd refuses: %.200s",
                 why);
    else if (!fine)
        fail(message, message_size, "does not hand over what it should");
    chat__json_free(answer);
    return fine;
}

/*
 * A handle on the process at the other end, before it is asked: where there is
 * none, its end could not be seen, and nothing must begin.
 */
static bool find_process(struct chat__inherited *inherited, int descriptor)
{
    struct ucred peer;
    socklen_t length = sizeof peer;

    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0)
        inherited->predecessor = (int)syscall(SYS_pidfd_open, peer.pid, 0);
    return inherited->predecessor >= 0;
}

bool chat__inherit_await(struct chat__inherited *inherited, char *message,
                         size_t message_size)
{
    struct pollfd process = {.fd = inherited->predecessor, .events = POLLIN};
    int ended;

    if (process.fd < 0)
        return true;
    do
        ended = poll(&process, 1, (int)inherited->patience_ms + AWAIT_SLACK_MS);
    while (ended < 0 && errno == EINTR);
    return ended > 0 || fail(message, message_size, "does not end");
}

bool chat__inherit_running(struct chat__inherited *inherited, const char *path,
                           char *message, size_t message_size)
{
    int descriptor = connect_to(path);
    char line[LINE_BYTES];
    size_t length;
    bool fine;

    if (descriptor < 0 && (errno == ENOENT || errno == ECONNREFUSED))
        return true;
    if (descriptor < 0) {
        snprintf(message, message_size, "%.200s: %s", path, strerror(errno));
        return false;
    }
    if (!find_process(inherited, descriptor))
        fine = fail(message, message_size, "is not to be seen from here");
    else if (send(descriptor, request, sizeof request - 1, MSG_NOSIGNAL) < 0 ||
             !read_line(descriptor, inherited, line, &length))
        fine = fail(message, message_size, "does not answer");
    else
        fine = understand(inherited, line, length, message, message_size);
    close(descriptor);
    return fine;
}
