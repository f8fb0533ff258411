#include "server/front/front.h"

#include "server/front/session.h"
#include "server/front/tls.h"
#include "server/ops/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One for all clients: headers are read into it, and sent from it. */
#define SERVICE_BYTES (32 * 1024)

#define KEEP_ALIVE_S 15

/* Each tick of the sweep sees one of its slices of all clients. */
#define SWEEP_INTERVAL_MS 1000
#define SWEEP_SLICES      5

static const char config_json[] = "{\"url\":\"/ws\",\"subprotocol\":true}\n";

static struct chat__front *front_of(struct lws *wsi)
{
    return lws_context_user(lws_get_context(wsi));
}

static int set_up_tls(struct chat__front *front, SSL_CTX *tls)
{
    front->tls = tls;
    chat__tls_set_up(tls, &front->credentials);
    return 0;
}

/* `user` is what the library keeps for a connection, zeroed at first. */
static struct chat__session *session_of(struct lws *wsi, void *user)
{
    struct chat__session *session = user;

    session->front = front_of(wsi);
    session->wsi = wsi;
    return session;
}

/* What a proxy passes on comes from anywhere. */
static enum chat__asker who_asks(struct lws *wsi)
{
    const struct chat__front *front = front_of(wsi);

    if (chat__listener_is_ops(front, wsi))
        return CHAT__ASKER_OPERATOR;
    return front->options.ops_shared && !chat__http_is_forwarded(wsi)
               ? CHAT__ASKER_EITHER
               : CHAT__ASKER_CLIENT;
}

/* The operator's own address has no WebSocket. */
static int check_upgrade(struct lws *wsi)
{
    struct chat__front *front = front_of(wsi);

    if (chat__listener_is_ops(front, wsi))
        return chat__http_refuse(wsi, HTTP_STATUS_NOT_FOUND, "not found");
    return chat__upgrade_check(front, wsi);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason,
                    void *user, void *in, size_t length)
{
    switch (reason) {
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
        return set_up_tls(front_of(wsi), user);
    case LWS_CALLBACK_WSI_CREATE:
        front_of(wsi)->adopting = NULL;
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        chat__listener_socket_gone(front_of(wsi), wsi);
        return 0;

    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return check_upgrade(wsi);
    case LWS_CALLBACK_ADD_HEADERS:
        return chat__upgrade_answer(session_of(wsi, user), in);
    case LWS_CALLBACK_HTTP:
        return chat__http_request(session_of(wsi, user), wsi, who_asks(wsi), in,
                                  length);
    case LWS_CALLBACK_HTTP_BODY:
        return chat__gateway_body(user, in, length);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return chat__gateway_body_end(user, wsi);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return chat__http_writable(session_of(wsi, user), wsi);
    case LWS_CALLBACK_CLOSED_HTTP:
        if (user != NULL)
            chat__http_release(user);
        return 0;
    case LWS_CALLBACK_RAW_ADOPT: /* after the method CONNECT */
    case LWS_CALLBACK_RAW_RX:
        return -1;

    case LWS_CALLBACK_ESTABLISHED:
        return chat__websocket_open(session_of(wsi, user));
    case LWS_CALLBACK_RECEIVE:
        return chat__websocket_receive(user, in, length);
    case LWS_CALLBACK_RECEIVE_PONG:
        chat__websocket_heard(user);
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return chat__websocket_writable(user);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        return chat__websocket_close_heard(user, in, length);
    case LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL:
        chat__websocket_leave(user);
        return 0;
    case LWS_CALLBACK_CLOSED:
        chat__websocket_release(user);
        return 0;
    default:
        return 0;
    }
}

/*
 * One protocol: the first is also what a client gets that asked for none, and
 * what HTTP is served by.
 */
static const struct lws_protocols protocols[] = {
    {.name = CHAT__SUBPROTOCOL,
     .callback = on_event,
     .per_session_data_size = sizeof(struct chat__session),
     .rx_buffer_size = CHAT__RECEIVE_BYTES,
     .tx_packet_size = CHAT__OUTPUT_WRITE_BYTES},
    {0},
};

/*
 * The library's log is the process's, as is this level: while it starts its
 * words are for the operator, later they are about what strangers send.
 */
static enum chat__log_level library_level = CHAT__LOG_WARNING;

static void on_library_log(int level, const char *line)
{
    char text[512];

    (void)level;
    snprintf(text, sizeof text, "%.*s", (int)strcspn(line, "\n"), line);
    chat__log_write(library_level, "libwebsockets", text);
}

static bool start_library(struct chat__front *front)
{
    /* No timer for each client: the sweep does it. */
    static const lws_retry_bo_t no_validity_check = {0};
    void *loops[] = {front->options.loop};
    const bool tls = front->options.settings.tls_certificate != NULL;
    const struct lws_context_creation_info info = {
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_VALIDATE_UTF8 |
                   LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   (tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
                              LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX
                        : 0),
        .foreign_loops = loops,
        .pcontext = &front->context,
        .user = front,
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .vhost_name = "chatd",
        .server_string = "chatd",
        .protocols = protocols,
        .headers = tls ? chat__http_headers_tls : chat__http_headers,
        .alpn = "http/1.1",
        .gid = -1,
        .uid = -1,
        .pt_serv_buf_size = SERVICE_BYTES,
        .max_http_header_pool2 =
            front->options.settings.handshakes_max + CHAT__OPS_SOCKETS_MAX,
        .timeout_secs = CHAT__HANDSHAKE_TIMEOUT_S,
        .timeout_secs_ah_idle = CHAT__HANDSHAKE_TIMEOUT_S,
        .keepalive_timeout = KEEP_ALIVE_S,
        .retry_and_idle_policy = &no_validity_check,
    };

    library_level = CHAT__LOG_WARNING;
    lws_set_log_level(LLL_ERR | LLL_WARN, on_library_log);
    front->context = lws_create_context(&info);
    if (front->context != NULL)
        front->vhost = lws_create_vhost(front->context, &info);
    library_level = CHAT__LOG_DEBUG;
    return front->vhost != NULL;
}

static void on_sweep(uv_timer_t *timer)
{
    struct chat__front *front = timer->data;
    int64_t now = (int64_t)uv_now(front->options.loop);
    size_t count = (front->session_count + SWEEP_SLICES - 1) / SWEEP_SLICES;

    for (; count > 0; count--) {
        if (front->sweep_place >= front->session_count)
            front->sweep_place = 0;
        chat__websocket_sweep(front->sessions[front->sweep_place++], now);
    }
    chat__listener_start(&front->clients);
    chat__listener_start(&front->ops);
    /* The library looks at its time-outs only when it is woken. */
    lws_cancel_service(front->context);
}

static bool load_pages(struct chat__front *front, char *message,
                       size_t message_size)
{
    const char *web = front->options.web;

    if (web != NULL &&
        !chat__assets_load(&front->assets, web, message, message_size))
        return false;
    return chat__assets_add(&front->assets, "/config.json", "application/json",
                            config_json, sizeof config_json - 1);
}

static bool listen_at(struct chat__listener *listener, int inherited,
                      const char *address, uint16_t port, char *message,
                      size_t message_size)
{
    if (inherited > 0)
        return chat__listener_inherit(listener, inherited, message,
                                      message_size);
    return address == NULL ||
           chat__listener_open(listener, address, port, message, message_size);
}

static bool listen_anywhere(struct chat__front *front, char *message,
                            size_t message_size)
{
    const struct chat__front_options *options = &front->options;

    return listen_at(&front->clients, options->clients_socket, options->address,
                     options->port, message, message_size) &&
           listen_at(&front->ops, options->ops_socket, options->ops_address,
                     options->ops_port, message, message_size);
}

/* All that can fail by what the operator said, before anything runs. */
static bool prepare(struct chat__front *front, char *message,
                    size_t message_size)
{
    return chat__settings_init(front, message, message_size) &&
           load_pages(front, message, message_size) &&
           listen_anywhere(front, message, message_size);
}

static bool start(struct chat__front *front)
{
    uv_loop_t *loop = front->options.loop;

    if (!start_library(front) || !chat__listener_watch(&front->clients) ||
        !chat__listener_watch(&front->ops))
        return false;
    uv_timer_init(loop, &front->sweep);
    front->sweep.data = front;
    uv_timer_start(&front->sweep, on_sweep, SWEEP_INTERVAL_MS,
                   SWEEP_INTERVAL_MS);
    chat__listener_start(&front->clients);
    chat__listener_start(&front->ops);
    return true;
}

/* The caller's loop goes on: two passes close what was opened in it. */
static void abandon(struct chat__front *front)
{
    chat__front_close(front);
    uv_run(front->options.loop, UV_RUN_NOWAIT);
    uv_run(front->options.loop, UV_RUN_NOWAIT);
    chat__front_free(front);
}

struct chat__front *chat__front_new(const struct chat__front_options *options,
                                    char *message, size_t message_size)
{
    struct chat__front *front = calloc(1, sizeof *front);

    snprintf(message, message_size, "the network library cannot start");
    if (front == NULL)
        return NULL;
    front->options = *options;
    chat__listener_init(&front->clients, front);
    chat__listener_init(&front->ops, front);
    front->pool.write = chat__websocket_write;
    front->pool.metrics = options->metrics;
    front->pool.one_by_one = !options->raw_writes;
    front->busy_end = &front->busy;
    chat__addresses_init(&front->addresses, options->seed);
    front->ping = chat__frame_new_ping();
    if (!options->raw_writes)
        front->framing = malloc(LWS_PRE + CHAT__FRAME_BYTES_MAX);
    if ((options->raw_writes || front->framing != NULL) &&
        front->ping != NULL && prepare(front, message, message_size) &&
        start(front))
        return front;
    abandon(front);
    return NULL;
}

uint16_t chat__front_port(const struct chat__front *front)
{
    return front->clients.port;
}

uint16_t chat__front_ops_port(const struct chat__front *front)
{
    return front->options.ops_shared ? front->clients.port : front->ops.port;
}

void chat__front_flush(struct chat__front *front)
{
    while (front->dirty != NULL)
        chat__websocket_flush(front->dirty);
}

size_t chat__front_sockets(const struct chat__front *front,
                           int sockets[CHAT__FRONT_SOCKETS_MAX])
{
    size_t count = 0;

    sockets[count++] = front->clients.socket;
    if (front->ops.socket >= 0)
        sockets[count++] = front->ops.socket;
    return count;
}

void chat__front_leave_queue(struct chat__front *front, bool ops)
{
    chat__listener_stop(&front->clients);
    if (ops)
        chat__listener_stop(&front->ops);
    front->left_queue = true;
    /* Has the loop look again when they have had their time. */
    uv_timer_start(&front->sweep, on_sweep, CHAT__FIRST_REQUEST_MS,
                   SWEEP_INTERVAL_MS);
}

void chat__front_drain(struct chat__front *front)
{
    front->draining = true;
}

bool chat__front_is_empty(const struct chat__front *front)
{
    bool others = front->clients.sockets > front->session_count;

    if (front->left_queue && others &&
        chat__front_now_ms(front) - front->accepted_ms < CHAT__FIRST_REQUEST_MS)
        return false;
    return front->session_count == 0;
}

bool chat__front_is_told(const struct chat__front *front)
{
    for (size_t i = 0; i < front->session_count; i++)
        if (front->sessions[i]->state == CHAT__SESSION_OPEN ||
            front->sessions[i]->state == CHAT__SESSION_CLOSING)
            return false;
    return true;
}

bool chat__front_is_full(const struct chat__front *front)
{
    return front->session_count >= front->options.settings.connections_max;
}

struct chat__front_counts chat__front_counts(const struct chat__front *front)
{
    return (struct chat__front_counts){
        .sockets = front->clients.sockets + front->ops.sockets,
        .output_bytes = front->pool.charge,
    };
}

void chat__front_disconnect(struct chat__front *front)
{
    uv_handle_t *sweep = (uv_handle_t *)&front->sweep;

    chat__listener_stop(&front->clients);
    chat__listener_stop(&front->ops);
    if (sweep->data != NULL && !uv_is_closing(sweep))
        uv_close(sweep, NULL);
    front->draining = true;
    for (size_t i = 0; i < front->session_count; i++)
        chat__websocket_leave(front->sessions[i]);
}

void chat__front_close(struct chat__front *front)
{
    chat__front_disconnect(front);
    if (front->context != NULL)
        lws_context_destroy(front->context);
    chat__listener_close(&front->clients);
    chat__listener_close(&front->ops);
}

void chat__front_free(struct chat__front *front)
{
    if (front == NULL)
        return;
    /* The second call ends what the loop has closed since the first. */
    if (front->context != NULL)
        lws_context_destroy(front->context);
    chat__frame_release(front->ping);
    free(front->framing);
    chat__assets_release(&front->assets);
    chat__origins_release(&front->origins);
    chat__credentials_free(front->credentials);
    free(front->sessions);
    free(front);
}
