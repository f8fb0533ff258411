#include "server/control/control.h"

#include "server/control/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET_MODE 0600

/* The socket is made beside its place and then moved there. */
#define SUFFIX ".new"

#define BACKLOG 16

bool chat__control_path_fits(const char *path)
{
    struct sockaddr_un address;

    return strlen(path) + sizeof SUFFIX <= sizeof address.sun_path;
}

static bool refuse(char *message, size_t size, const char *path,
                   const char *reason)
{
    snprintf(message, size, "the control socket %.200s: %s", path, reason);
    return false;
}

/* Whether somebody listens there. Never waits: a full backlog says yes. */
static bool is_answered(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int descriptor =
        socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool answered;

    if (descriptor < 0)
        return true;
    memcpy(address.sun_path, path, strlen(path) + 1);
    answered =
        connect(descriptor, (struct sockaddr *)&address, sizeof address) == 0 ||
        errno != ECONNREFUSED;
    close(descriptor);
    return answered;
}

/* Nothing is there, or a socket that a server has left. */
static bool may_take(const char *path, char *message, size_t size)
{
    struct stat status;

    if (lstat(path, &status) != 0)
        return errno == ENOENT || refuse(message, size, path, strerror(errno));
    if (!S_ISSOCK(status.st_mode))
        return refuse(message, size, path,
                      "there is something else: move it away, or name another "
                      "with --control-socket");
    if (status.st_uid != geteuid())
        return refuse(message, size, path,
                      "it is another user's: name another with "
                      "--control-socket");
    return !is_answered(path) ||
           refuse(message, size, path,
                  "another chatd answers there: stop it, or name another with "
                  "--control-socket");
}

static void on_connection(uv_stream_t *listener, int status)
{
    if (status == 0)
        chat__control_accept(listener->data);
}

/* Under another name, so that nobody can connect before the mode is right. */
static int bind_beside(struct sockaddr_un *address, struct stat *status)
{
    int descriptor =
        socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    /* What a crash has left; a file is somebody's, and bind says so. */
    if (lstat(address->sun_path, status) == 0 && S_ISSOCK(status->st_mode))
        unlink(address->sun_path);
    if (descriptor >= 0 &&
        (bind(descriptor, (struct sockaddr *)address, sizeof *address) != 0 ||
         chmod(address->sun_path, SOCKET_MODE) != 0 ||
         lstat(address->sun_path, status) != 0)) {
        int code = errno;

        close(descriptor);
        errno = code;
        return -1;
    }
    return descriptor;
}

/* A stale socket is replaced in one step. 0, or an error of libuv's. */
static int bind_and_listen(struct chat__control *control)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat status;
    int descriptor, code;

    snprintf(address.sun_path, sizeof address.sun_path, "%s" SUFFIX,
             control->path);
    descriptor = bind_beside(&address, &status);
    if (descriptor < 0)
        return uv_translate_sys_error(errno);
    code = uv_pipe_open(&control->listener, descriptor);
    if (code != 0) {
        close(descriptor);
        return code;
    }
    code = uv_listen((uv_stream_t *)&control->listener, BACKLOG, on_connection);
    if (code != 0)
        return code;
    if (rename(address.sun_path, control->path) != 0)
        return uv_translate_sys_error(errno);
    control->device = status.st_dev;
    control->inode = status.st_ino;
    return 0;
}

static bool listen_at(struct chat__control *control, char *message, size_t size)
{
    int code;

    if (!chat__control_path_fits(control->path))
        return refuse(message, size, control->path,
                      "the path is too long for a socket: name a shorter one "
                      "with --control-socket");
    if (!may_take(control->path, message, size))
        return false;
    code = bind_and_listen(control);
    return code == 0 || refuse(message, size, control->path, uv_strerror(code));
}

static void on_given_up(uv_handle_t *handle)
{
    chat__control_free(handle->data);
}

struct chat__control *chat__control_open(struct chat__server *server,
                                         uv_loop_t *loop, const char *path,
                                         char *message, size_t message_size)
{
    struct chat__control *control = calloc(1, sizeof *control);

    if (control != NULL)
        control->path = strdup(path);
    if (control == NULL || control->path == NULL) {
        free(control);
        refuse(message, message_size, path, "out of memory");
        return NULL;
    }
    control->server = server;
    control->loop = loop;
    uv_pipe_init(loop, &control->listener, 0);
    control->listener.data = control;
    if (listen_at(control, message, message_size))
        return control;
    uv_close((uv_handle_t *)&control->listener, on_given_up);
    return NULL;
}

const char *chat__control_path(const struct chat__control *control)
{
    return control->path;
}

/* A newer server may have its own there by now. */
static void take_away(const struct chat__control *control)
{
    struct stat status;

    if (lstat(control->path, &status) == 0 &&
        status.st_dev == control->device && status.st_ino == control->inode)
        unlink(control->path);
}

void chat__control_close(struct chat__control *control)
{
    struct chat__control_client *client = control->clients;

    take_away(control);
    uv_close((uv_handle_t *)&control->listener, NULL);
    while (client != NULL) {
        struct chat__control_client *next = client->next;

        chat__control_client_close(client);
        client = next;
    }
}

void chat__control_free(struct chat__control *control)
{
    if (control == NULL)
        return;
    free(control->path);
    free(control);
}
