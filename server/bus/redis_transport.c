#include "server/bus/redis_transport.h"

#include "server/bus/redis_resolver.h"

#include <stdlib.h>
#include <string.h>

#define INPUT_BYTES (64 * 1024)

/* Seconds of silence after which the kernel asks whether it is still there. */
#define KEEPALIVE_S 30

/* Encrypted bytes are some more: a record of 16 KiB has some 30. */
#define WIRE_BYTES_MAX (2 * CHAT__REDIS_QUEUE_BYTES_MAX)

/* A socket for one address; frees itself. */
struct socket {
    uv_tcp_t tcp;
    uv_connect_t connect;
    uv_write_t write;
    struct chat__redis_transport *transport; /* NULL: given up */
    struct chat__buffer writing;             /* what `write` is at */
    bool busy;                               /* and that it is */
};

struct chat__redis_transport {
    struct chat__redis_transport_options options;
    uv_async_t resolved;
    uv_timer_t timer; /* of what is waited for, or of a problem to tell */
    unsigned int handles;
    struct chat__redis_lookup *lookup;
    struct addrinfo *found;
    const struct addrinfo *next;
    struct socket *socket;
    struct chat__redis_tls *tls;
    struct chat__buffer waiting; /* to be sent */
    const char *problem;         /* to be told */
    bool open;
    bool ended;
    char input[INPUT_BYTES];
};

/* ---- its end ---- */

static void on_socket_closed(uv_handle_t *handle)
{
    struct socket *socket = handle->data;

    chat__buffer_release(&socket->writing);
    free(socket);
}

static void drop_socket(struct chat__redis_transport *transport)
{
    if (transport->socket == NULL)
        return;
    transport->socket->transport = NULL;
    uv_close((uv_handle_t *)&transport->socket->tcp, on_socket_closed);
    transport->socket = NULL;
    chat__redis_tls_free(transport->tls);
    transport->tls = NULL;
}

static void end(struct chat__redis_transport *transport, const char *why)
{
    if (transport->ended)
        return;
    transport->ended = true;
    uv_timer_stop(&transport->timer);
    drop_socket(transport);
    transport->options.events->ended(transport->options.context, why);
}

static void on_problem(uv_timer_t *timer)
{
    struct chat__redis_transport *transport = timer->data;

    end(transport, transport->problem);
}

/* Of what the owner has called and is still in. */
static void end_later(struct chat__redis_transport *transport, const char *why)
{
    transport->problem = why;
    uv_timer_start(&transport->timer, on_problem, 0, 0);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct chat__redis_transport *transport = handle->data;

    if (--transport->handles > 0)
        return;
    chat__buffer_release(&transport->waiting);
    free(transport);
}

void chat__redis_transport_close(struct chat__redis_transport *transport)
{
    if (transport == NULL)
        return;
    transport->ended = true;
    drop_socket(transport);
    chat__redis_lookup_abandon(transport->lookup);
    if (transport->found != NULL)
        freeaddrinfo(transport->found);
    uv_close((uv_handle_t *)&transport->resolved, on_handle_closed);
    uv_close((uv_handle_t *)&transport->timer, on_handle_closed);
}

/* ---- to send ---- */

static void send_waiting(struct chat__redis_transport *transport);

static void on_written(uv_write_t *write, int status)
{
    struct socket *socket = write->data;
    struct chat__redis_transport *transport = socket->transport;

    socket->busy = false;
    chat__buffer_clear(&socket->writing);
    if (transport == NULL)
        return;
    if (status < 0)
        end(transport, uv_strerror(status));
    else
        send_waiting(transport);
}

/* What waits becomes bytes of the wire; false when it cannot. */
static bool encode(struct chat__redis_transport *transport)
{
    struct chat__buffer *waiting = &transport->waiting;
    struct chat__buffer *wire = &transport->socket->writing;

    if (transport->tls == NULL)
        chat__buffer_append(wire, waiting->data, waiting->length);
    else if (transport->open && waiting->length > 0 &&
             !chat__redis_tls_write(transport->tls, waiting->data,
                                    waiting->length))
        return false;
    if (transport->tls != NULL)
        chat__redis_tls_take(transport->tls, wire);
    if (transport->open)
        chat__buffer_clear(waiting);
    return !wire->failed;
}

static void send_waiting(struct chat__redis_transport *transport)
{
    struct socket *socket = transport->socket;
    uv_buf_t bytes;
    int status;

    if (socket == NULL || socket->busy)
        return;
    if (!encode(transport)) {
        end_later(transport, "what was to be sent could not be encrypted");
        return;
    }
    if (socket->writing.length == 0)
        return;
    bytes =
        uv_buf_init(socket->writing.data, (unsigned int)socket->writing.length);
    socket->write.data = socket;
    socket->busy = true;
    status = uv_write(&socket->write, (uv_stream_t *)&socket->tcp, &bytes, 1,
                      on_written);
    if (status < 0) {
        socket->busy = false;
        end_later(transport, uv_strerror(status));
    }
}

bool chat__redis_transport_write(struct chat__redis_transport *transport,
                                 const char *bytes, size_t length)
{
    struct chat__buffer *waiting = &transport->waiting;

    if (!transport->open || transport->ended ||
        length > waiting->limit - waiting->length ||
        !chat__buffer_reserve(waiting, length))
        return false;
    chat__buffer_append(waiting, bytes, length);
    send_waiting(transport);
    return true;
}

/* ---- to receive ---- */

static void on_opened(struct chat__redis_transport *transport)
{
    uv_timer_stop(&transport->timer);
    transport->open = true;
    transport->options.events->opened(transport->options.context);
}

static void read_clear(struct chat__redis_transport *transport)
{
    enum chat__redis_tls_result result = CHAT__REDIS_TLS_DONE;

    while (result == CHAT__REDIS_TLS_DONE && !transport->ended) {
        char clear[16 * 1024];
        size_t length = 0;

        result =
            chat__redis_tls_read(transport->tls, clear, sizeof clear, &length);
        if (result == CHAT__REDIS_TLS_DONE)
            transport->options.events->received(transport->options.context,
                                                clear, length);
    }
    if (result == CHAT__REDIS_TLS_FAILED)
        end(transport, chat__redis_tls_problem(transport->tls));
}

static void shake(struct chat__redis_transport *transport)
{
    enum chat__redis_tls_result result = chat__redis_tls_shake(transport->tls);

    send_waiting(transport); /* also what says why it failed */
    if (result == CHAT__REDIS_TLS_FAILED)
        end(transport, chat__redis_tls_problem(transport->tls));
    else if (result == CHAT__REDIS_TLS_DONE)
        on_opened(transport);
}

static void receive_encrypted(struct chat__redis_transport *transport,
                              size_t length)
{
    if (!chat__redis_tls_receive(transport->tls, transport->input, length)) {
        end(transport, "out of memory");
        return;
    }
    if (!transport->open)
        shake(transport);
    if (!transport->open || transport->ended)
        return;
    read_clear(transport);
    if (!transport->ended)
        send_waiting(transport); /* TLS itself may have something to say */
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *bytes)
{
    struct socket *socket = stream->data;
    struct chat__redis_transport *transport = socket->transport;

    (void)bytes;
    if (transport == NULL || length == 0)
        return;
    if (length == UV_EOF)
        end(transport, "it has closed the connection");
    else if (length < 0)
        end(transport, uv_strerror((int)length));
    else if (transport->tls != NULL)
        receive_encrypted(transport, (size_t)length);
    else
        transport->options.events->received(transport->options.context,
                                            transport->input, (size_t)length);
}

static void on_allocate(uv_handle_t *handle, size_t wanted, uv_buf_t *bytes)
{
    struct socket *socket = handle->data;

    (void)wanted;
    *bytes = socket->transport == NULL
                 ? uv_buf_init(NULL, 0)
                 : uv_buf_init(socket->transport->input, INPUT_BYTES);
}

/* ---- to connect ---- */

static void connect_next(struct chat__redis_transport *transport,
                         const char *why);

static void on_connect_timeout(uv_timer_t *timer)
{
    connect_next(timer->data, "no connection in time");
}

static void begin_bytes(struct chat__redis_transport *transport)
{
    struct socket *socket = transport->socket;

    uv_tcp_nodelay(&socket->tcp, 1);
    uv_tcp_keepalive(&socket->tcp, 1, KEEPALIVE_S);
    if (transport->options.tls != NULL) {
        transport->tls = chat__redis_tls_new(transport->options.tls,
                                             transport->options.host);
        if (transport->tls == NULL) {
            end(transport, "out of memory");
            return;
        }
    }
    uv_read_start((uv_stream_t *)&socket->tcp, on_allocate, on_read);
    if (transport->tls != NULL)
        shake(transport);
    else
        on_opened(transport);
}

static void on_connected(uv_connect_t *connect, int status)
{
    struct socket *socket = connect->data;

    if (socket->transport == NULL)
        return;
    if (status < 0)
        connect_next(socket->transport, uv_strerror(status));
    else
        begin_bytes(socket->transport);
}

/* 0, or an error of libuv's; then no socket is left. */
static int start_connect(struct chat__redis_transport *transport,
                         const struct addrinfo *address)
{
    struct socket *socket = calloc(1, sizeof *socket);
    int status;

    if (socket == NULL)
        return UV_ENOMEM;
    status = uv_tcp_init(transport->options.loop, &socket->tcp);
    if (status < 0) {
        free(socket);
        return status;
    }
    chat__buffer_init(&socket->writing, WIRE_BYTES_MAX);
    socket->transport = transport;
    socket->tcp.data = socket->connect.data = socket;
    transport->socket = socket;
    status = uv_tcp_connect(&socket->connect, &socket->tcp, address->ai_addr,
                            on_connected);
    if (status < 0)
        drop_socket(transport);
    return status;
}

/* `why` the one before was none. */
static void connect_next(struct chat__redis_transport *transport,
                         const char *why)
{
    drop_socket(transport);
    while (transport->next != NULL) {
        const struct addrinfo *address = transport->next;
        int status = start_connect(transport, address);

        transport->next = address->ai_next;
        if (status == 0) {
            uv_timer_start(&transport->timer, on_connect_timeout,
                           CHAT__REDIS_CONNECT_TIMEOUT_MS, 0);
            return;
        }
        why = uv_strerror(status);
    }
    end(transport, why);
}

/* ---- its name ---- */

/* Any thread. */
static void wake(void *context)
{
    struct chat__redis_transport *transport = context;

    uv_async_send(&transport->resolved);
}

static void on_resolved(uv_async_t *handle)
{
    struct chat__redis_transport *transport = handle->data;
    int error;

    if (transport->lookup == NULL || transport->ended ||
        !chat__redis_lookup_take(transport->lookup, &transport->found, &error))
        return;
    transport->lookup = NULL;
    transport->next = transport->found;
    connect_next(transport,
                 error == 0 ? "its name has no address" : gai_strerror(error));
}

static void on_name_timeout(uv_timer_t *timer)
{
    end(timer->data, "its name is not answered for");
}

struct chat__redis_transport *
chat__redis_transport_open(const struct chat__redis_transport_options *options)
{
    struct chat__redis_transport *transport = calloc(1, sizeof *transport);

    if (transport == NULL)
        return NULL;
    transport->options = *options;
    chat__buffer_init(&transport->waiting, CHAT__REDIS_QUEUE_BYTES_MAX);
    if (uv_async_init(options->loop, &transport->resolved, on_resolved) != 0) {
        free(transport);
        return NULL;
    }
    uv_timer_init(options->loop, &transport->timer);
    transport->resolved.data = transport->timer.data = transport;
    transport->handles = 2;
    transport->lookup =
        chat__redis_lookup_start(options->host, options->port, wake, transport);
    if (transport->lookup == NULL)
        end_later(transport, "no thread to ask for its name");
    else
        uv_timer_start(&transport->timer, on_name_timeout,
                       CHAT__REDIS_CONNECT_TIMEOUT_MS, 0);
    return transport;
}
