#include "server/front/session.h"
#include "server/ops/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* At most so many in one pass, so that clients are served in between. */
#define ACCEPTS_A_PASS 64

static socklen_t fill_address(const char *address, uint16_t port,
                              struct sockaddr_storage *storage)
{
    struct sockaddr_in *four = (void *)storage;
    struct sockaddr_in6 *six = (void *)storage;

    memset(storage, 0, sizeof *storage);
    if (inet_pton(AF_INET, address, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(port);
        return sizeof *four;
    }
    if (inet_pton(AF_INET6, address, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(port);
        return sizeof *six;
    }
    return 0;
}

static bool bind_and_listen(struct chat__listener *listener, const char *host,
                            uint16_t port)
{
    struct sockaddr_storage address;
    socklen_t length = fill_address(host, port, &address);
    const int on = 1;
    int descriptor;

    if (length == 0) {
        errno = EINVAL;
        return false;
    }
    descriptor = socket(address.ss_family,
                        SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    listener->socket = descriptor;
    if (descriptor < 0 ||
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(descriptor, (struct sockaddr *)&address, length) != 0 ||
        listen(descriptor, SOMAXCONN) != 0 ||
        getsockname(descriptor, (struct sockaddr *)&address, &length) != 0)
        return false;
    /* The port is at the same place in both families' structs. */
    listener->port = ntohs(((struct sockaddr_in *)&address)->sin_port);
    return true;
}

void chat__listener_init(struct chat__listener *listener,
                         struct chat__front *front)
{
    listener->front = front;
    listener->socket = -1;
}

bool chat__listener_open(struct chat__listener *listener, const char *address,
                         uint16_t port, char *message, size_t message_size)
{
    if (bind_and_listen(listener, address, port))
        return true;
    snprintf(message, message_size, "cannot listen on %s port %u: %s", address,
             port, strerror(errno));
    return false;
}

bool chat__listener_inherit(struct chat__listener *listener, int descriptor,
                            char *message, size_t message_size)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;

    listener->socket = descriptor;
    if (getsockname(descriptor, (struct sockaddr *)&address, &length) == 0) {
        listener->port = ntohs(((struct sockaddr_in *)&address)->sin_port);
        return true;
    }
    snprintf(message, message_size, "cannot use the socket that is there: %s",
             strerror(errno));
    return false;
}

bool chat__listener_watch(struct chat__listener *listener)
{
    if (listener->socket < 0)
        return true;
    if (uv_poll_init(listener->front->options.loop, &listener->poll,
                     listener->socket) != 0)
        return false;
    listener->poll.data = listener;
    return true;
}

bool chat__listener_is_ops(const struct chat__front *front, struct lws *wsi)
{
    return lws_get_opaque_user_data(wsi) == &front->ops.everybody;
}

static bool is_full(const struct chat__listener *listener)
{
    const struct chat__front_settings *settings =
        &listener->front->options.settings;
    size_t most = (size_t)settings->connections_max + settings->handshakes_max;

    if (listener == &listener->front->ops)
        most = CHAT__OPS_SOCKETS_MAX;
    return listener->sockets >= most;
}

static void uncount(struct chat__listener *listener,
                    struct chat__address *address)
{
    if (address != &listener->everybody)
        chat__addresses_remove(&listener->front->addresses, address);
    listener->sockets--;
}

/*
 * The library closes the socket when it cannot have it. Once it has made a
 * connection of it, the end of that connection is what uncounts the address.
 */
static void adopt(struct chat__listener *listener, int descriptor,
                  struct chat__address *address)
{
    struct chat__front *front = listener->front;
    const lws_adopt_desc_t description = {
        .vh = front->vhost,
        .type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP |
                (listener == &front->ops ? 0 : LWS_ADOPT_ALLOW_SSL),
        .fd = {.sockfd = descriptor},
        .opaque = address,
    };

    listener->sockets++;
    front->adopting = address;
    lws_adopt_descriptor_vhost_via_info(&description);
    if (front->adopting != NULL)
        uncount(listener, address);
    front->adopting = NULL;
}

/* Not asked about a proxy, whose handshakes are those of many clients. */
static bool has_too_many(const struct chat__front *front,
                         const struct chat__address *address)
{
    size_t most = front->options.settings.handshakes_max / 2;

    if (most > CHAT__HANDSHAKES_PER_ADDRESS_MAX)
        most = CHAT__HANDSHAKES_PER_ADDRESS_MAX;
    return address->sockets - address->clients > most;
}

static void take_client(struct chat__front *front, int descriptor,
                        const struct sockaddr *peer)
{
    const struct in6_addr host = chat__address_of(peer);
    struct chat__address *address =
        chat__addresses_add(&front->addresses, &host);

    if (address == NULL) {
        close(descriptor);
        return;
    }
    if (has_too_many(front, address) &&
        !chat__proxies_trust(&front->proxies, &host)) {
        chat__metrics_count(front->options.metrics,
                            CHAT__METRIC_SOCKETS_REFUSED);
        chat__addresses_remove(&front->addresses, address);
        close(descriptor);
        return;
    }
    adopt(&front->clients, descriptor, address);
}

static void take(struct chat__listener *listener, int descriptor,
                 const struct sockaddr *peer)
{
    struct chat__front *front = listener->front;
    const int on = 1;

    front->accepted_ms = chat__front_now_ms(front);
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (listener == &front->ops)
        adopt(listener, descriptor, &listener->everybody);
    else
        take_client(front, descriptor, peer);
}

static void on_readable(uv_poll_t *handle, int status, int events)
{
    struct chat__listener *listener = handle->data;
    struct sockaddr_storage peer;

    (void)status;
    (void)events;
    for (int i = 0; i < ACCEPTS_A_PASS && !is_full(listener); i++) {
        socklen_t length = sizeof peer;
        int descriptor = accept4(listener->socket, (struct sockaddr *)&peer,
                                 &length, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (descriptor >= 0) {
            take(listener, descriptor, (struct sockaddr *)&peer);
            continue;
        }
        if (errno == EINTR || errno == ECONNABORTED)
            continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            return;
        /* Out of descriptors or memory: the sweep tries again. */
        chat__log_write(CHAT__LOG_WARNING, "accept_failed", strerror(errno));
        uv_poll_stop(handle);
        return;
    }
    if (is_full(listener))
        uv_poll_stop(handle);
}

static bool is_watched(const struct chat__listener *listener)
{
    return listener->poll.data != NULL &&
           !uv_is_closing((const uv_handle_t *)&listener->poll);
}

void chat__listener_start(struct chat__listener *listener)
{
    if (is_watched(listener) && !is_full(listener) &&
        !uv_is_active((uv_handle_t *)&listener->poll))
        uv_poll_start(&listener->poll, UV_READABLE, on_readable);
}

void chat__listener_stop(struct chat__listener *listener)
{
    if (is_watched(listener))
        uv_close((uv_handle_t *)&listener->poll, NULL);
}

void chat__listener_socket_gone(struct chat__front *front, struct lws *wsi)
{
    struct chat__address *address = lws_get_opaque_user_data(wsi);

    if (address == NULL)
        return;
    lws_set_opaque_user_data(wsi, NULL);
    uncount(address == &front->ops.everybody ? &front->ops : &front->clients,
            address);
}

void chat__listener_close(struct chat__listener *listener)
{
    if (listener->socket >= 0)
        close(listener->socket);
    listener->socket = -1;
}
