#include "server/chatctl/socket.h"

#include "server/chatctl/text.h"
#include "server/options/data_folder.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* The server's lines are shorter than a frame of clients. */
#define LINE_BYTES_MAX (64 * 1024)
#define READ_BYTES     4096

/* ---- where ---- */

static const char *from_environment(const char *name)
{
    const char *value = getenv(name);

    return value == NULL || *value == '\0' ? NULL : value;
}

/* One that is there, though it may be another user's. */
static bool is_there(const char *path)
{
    return access(path, F_OK) == 0 || errno == EACCES;
}

/* That of a server which was told nothing, else of the service. */
static char *usual_path(void)
{
    char *service = chat__control_socket_in(CHAT__SERVICE_FOLDER);
    char *folder = NULL;
    char *own = NULL;

    if (chat__data_folder(&folder) && folder != NULL)
        own = chat__control_socket_in(folder);
    free(folder);
    if (own == NULL ||
        (service != NULL && !is_there(own) && is_there(service))) {
        free(own);
        return service;
    }
    free(service);
    return own;
}

static char *find_path(const struct chatctl_context *context)
{
    const char *named = context->socket;
    const char *data = context->data;

    if (named == NULL && data == NULL) {
        named = from_environment("CHATD_CONTROL_SOCKET");
        data = from_environment("CHATD_DATA");
    }
    if (named != NULL)
        return strdup(named);
    return data != NULL ? chat__control_socket_in(data) : usual_path();
}

/* ---- connecting ---- */

static bool explain(const struct chatctl_socket *socket, int error)
{
    if (error == ENOENT || error == ECONNREFUSED || error == ENOTDIR)
        chatctl_complain("no chatd answers at %s: is it running? --socket or "
                         "--data names another",
                         socket->path);
    else if (error == EACCES || error == EPERM)
        chatctl_complain("%s is not for you: run chatctl as root, or as the "
                         "user that chatd runs as",
                         socket->path);
    else if (error == EAGAIN)
        chatctl_complain("chatd at %s does not answer in time", socket->path);
    else
        chatctl_complain("cannot use %s: %s", socket->path, strerror(error));
    return false;
}

static bool connect_to(struct chatctl_socket *socket_)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval patience = {.tv_sec = socket_->timeout_s};

    if (strlen(socket_->path) >= sizeof address.sun_path) {
        chatctl_complain("%s is too long a path for a socket", socket_->path);
        return false;
    }
    memcpy(address.sun_path, socket_->path, strlen(socket_->path) + 1);
    socket_->descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket_->descriptor < 0)
        return explain(socket_, errno);
    /* A server that hangs takes connections until its backlog is full. */
    setsockopt(socket_->descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience,
               sizeof patience);
    return connect(socket_->descriptor, (struct sockaddr *)&address,
                   sizeof address) == 0 ||
           explain(socket_, errno);
}

bool chatctl_socket_open(struct chatctl_socket *socket,
                         const struct chatctl_context *context)
{
    *socket = (struct chatctl_socket){
        .descriptor = -1,
        .path = find_path(context),
        .timeout_s = context->timeout_s,
    };
    chat__buffer_init(&socket->input, LINE_BYTES_MAX);
    if (socket->path != NULL)
        return connect_to(socket);
    chatctl_complain("out of memory");
    return false;
}

void chatctl_socket_release(struct chatctl_socket *socket)
{
    if (socket->descriptor >= 0)
        close(socket->descriptor);
    free(socket->path);
    chat__buffer_release(&socket->input);
}

/* ---- lines ---- */

bool chatctl_socket_send(struct chatctl_socket *socket, const char *bytes,
                         size_t length)
{
    while (length > 0) {
        ssize_t sent = send(socket->descriptor, bytes, length, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        /* Who refuses a client says why before it hangs up. */
        if (sent < 0 && (errno == EPIPE || errno == ECONNRESET))
            return true;
        if (sent < 0)
            return explain(socket, errno);
        bytes += sent;
        length -= (size_t)sent;
    }
    return true;
}

static bool await(struct chatctl_socket *socket)
{
    struct pollfd descriptor = {.fd = socket->descriptor, .events = POLLIN};
    int count;

    do
        count = poll(&descriptor, 1, (int)socket->timeout_s * 1000);
    while (count < 0 && errno == EINTR);
    return count > 0 || explain(socket, count == 0 ? EAGAIN : errno);
}

static bool receive(struct chatctl_socket *socket)
{
    struct chat__buffer *input = &socket->input;
    size_t before = input->length;
    char *place = chat__buffer_extend(input, READ_BYTES);
    ssize_t count;

    if (place == NULL) {
        chatctl_complain("chatd at %s sends what this chatctl cannot read",
                         socket->path);
        return false;
    }
    if (!await(socket))
        return false;
    count = read(socket->descriptor, place, READ_BYTES);
    chat__buffer_truncate(input, before + (count > 0 ? (size_t)count : 0));
    if (count > 0)
        return true;
    chatctl_complain("chatd at %s hung up before it had answered",
                     socket->path);
    return false;
}

const char *chatctl_socket_line(struct chatctl_socket *socket, size_t *length)
{
    struct chat__buffer *input = &socket->input;
    const char *end;

    if (socket->taken > 0) {
        memmove(input->data, input->data + socket->taken,
                input->length - socket->taken);
        chat__buffer_truncate(input, input->length - socket->taken);
        socket->taken = 0;
    }
    while (input->length == 0 ||
           (end = memchr(input->data, '\n', input->length)) == NULL)
        if (!receive(socket))
            return NULL;
    *length = (size_t)(end - input->data);
    socket->taken = *length + 1;
    return input->data;
}
