/*
 * Requests as API Gateway's integrations send them: who may ask, what is
 * asked, the body in pieces, the answer once there is one.
 */
#include "server/front/gateway.h"
#include "server/front/session.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_BYTES_MAX 512

/* API Gateway's messages are no larger; what is over a frame is read past. */
#define BODY_BYTES_MAX (128 * 1024)

/* As the library wants names. */
#define SECRET_HEADER  "x-gateway-secret:"
#define ID_HEADER      "x-connection-id:"
#define ADDRESS_HEADER "x-source-ip:"
#define KEEP_HEADER    "x-keep-source-ip:"

#define PROTOCOL_HEADER "sec-websocket-protocol:"

/* A body has to come within this time. */
#define BODY_TIMEOUT_S 20

static const char *header(struct lws *wsi, const char *name,
                          char value[HEADER_BYTES_MAX])
{
    int length = lws_hdr_custom_copy(wsi, value, HEADER_BYTES_MAX, name,
                                     (int)strlen(name));

    if (length <= 0)
        return NULL;
    return value;
}

/* Base64url and its '='; it goes into URLs and rows. */
static bool is_id(const char *id)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz"
                                  "0123456789-_=";
    size_t length = id == NULL ? 0 : strlen(id);

    return length > 0 && length <= CHAT__GATEWAY_ID_BYTES_MAX &&
           strspn(id, allowed) == length;
}

/* As limits count it: an IPv6 host owns its /64. */
static void read_address(struct chat__exchange *exchange, const char *text)
{
    struct sockaddr_in six_or_four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    struct in6_addr host;

    if (text == NULL)
        return;
    if (inet_pton(AF_INET, text, &six_or_four.sin_addr) == 1)
        host = chat__address_of((const struct sockaddr *)&six_or_four);
    else if (inet_pton(AF_INET6, text, &six.sin6_addr) == 1)
        host = chat__address_of((const struct sockaddr *)&six);
    else
        return;
    chat__address_key(&host, exchange->address);
    exchange->has_address = true;
}

static int refuse(struct chat__session *session, struct lws *wsi,
                  unsigned int status, const char *text)
{
    if (session->front->options.gateway != NULL)
        chat__gateway_count(session->front->options.gateway,
                            CHAT__GATEWAY_REFUSED);
    return chat__http_refuse(wsi, status, text);
}

/* ---- exchanges ---- */

/* Outside of the library's callbacks: it is asked for one. */
static void on_ready(struct chat__exchange *exchange)
{
    const struct chat__session *session = exchange->session;

    lws_callback_on_writable(session->wsi);
}

static void drop_exchange(struct chat__session *session)
{
    struct chat__exchange *exchange = session->exchange;

    session->exchange = NULL;
    session->body_too_large = false;
    if (exchange == NULL)
        return;
    exchange->session = NULL;
    chat__exchange_release(exchange);
}

void chat__gateway_gone(struct chat__session *session)
{
    drop_exchange(session);
}

int chat__gateway_writable(struct chat__session *session, struct lws *wsi)
{
    struct chat__exchange *exchange = session->exchange;
    struct chat__buffer answer;
    const char *name;
    int result;

    if (!exchange->answered)
        return 0;
    answer = exchange->answer;
    name = exchange->speaks_ours ? PROTOCOL_HEADER : NULL;
    chat__buffer_init(&exchange->answer, 0);
    drop_exchange(session);
    result = chat__http_answer(session, wsi, name, CHAT__SUBPROTOCOL,
                               answer.data, answer.length);
    chat__buffer_release(&answer);
    return result;
}

/* NULL when memory is short. */
static struct chat__exchange *begin(struct chat__session *session,
                                    struct lws *wsi, const char *id)
{
    struct chat__exchange *exchange = chat__exchange_new();
    char address[HEADER_BYTES_MAX];

    if (exchange == NULL)
        return NULL;
    memcpy(exchange->id, id, strlen(id) + 1);
    read_address(exchange, header(wsi, ADDRESS_HEADER, address));
    exchange->has_remote =
        chat__upgrade_remote(session->front, wsi, &exchange->remote);
    exchange->session = session;
    exchange->ready = on_ready;
    session->exchange = exchange;
    return exchange;
}

/* ---- connect ---- */

/* Without a list every page may: the session is a token's, not a cookie's. */
static bool is_origin_welcome(const struct chat__front *front, struct lws *wsi)
{
    char origin[HEADER_BYTES_MAX];
    int length = lws_hdr_copy(wsi, origin, sizeof origin, WSI_TOKEN_ORIGIN);

    if (front->options.settings.allowed_origins == NULL || length == 0)
        return true;
    return length > 0 &&
           chat__origins_allow(&front->origins, origin, NULL, true);
}

static bool speaks_ours(struct lws *wsi)
{
    char protocols[HEADER_BYTES_MAX];

    return lws_hdr_copy(wsi, protocols, sizeof protocols, WSI_TOKEN_PROTOCOL) >
               0 &&
           strstr(protocols, CHAT__SUBPROTOCOL) != NULL;
}

/* Where messages come without an address, as behind CloudFront, whose own all
 * would have. */
static bool must_keep_address(struct lws *wsi)
{
    char value[HEADER_BYTES_MAX];
    const char *keep = header(wsi, KEEP_HEADER, value);

    return keep != NULL && strcmp(keep, "yes") == 0;
}

static int keep_address(struct chat__session *session, struct lws *wsi,
                        const char *id)
{
    struct chat__exchange *exchange = begin(session, wsi, id);

    if (exchange == NULL)
        return refuse(session, wsi, HTTP_STATUS_SERVICE_UNAVAILABLE,
                      "no memory for this");
    exchange->connects = true;
    exchange->speaks_ours = speaks_ours(wsi);
    lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
    if (exchange->has_address)
        chat__gateway_keep_address(session->front->options.gateway, exchange);
    else
        chat__exchange_answer(exchange);
    return 0;
}

static int answer_connect(struct chat__session *session, struct lws *wsi,
                          const char *id)
{
    const struct chat__front *front = session->front;

    if (!is_origin_welcome(front, wsi))
        return refuse(session, wsi, HTTP_STATUS_FORBIDDEN,
                      "this origin is not allowed");
    if (front->draining)
        return refuse(session, wsi, HTTP_STATUS_SERVICE_UNAVAILABLE,
                      "draining");
    chat__gateway_count(front->options.gateway, CHAT__GATEWAY_CONNECT);
    chat__gateway_connect(front->options.gateway, id);
    if (must_keep_address(wsi))
        return keep_address(session, wsi, id);
    return chat__http_answer(session, wsi,
                             speaks_ours(wsi) ? PROTOCOL_HEADER : NULL,
                             CHAT__SUBPROTOCOL, "", 0);
}

/* ---- message ---- */

/* All of the body is there. */
static int run(struct chat__session *session, struct lws *wsi)
{
    struct chat__exchange *exchange = session->exchange;
    struct chat__gateway *gateway = session->front->options.gateway;

    chat__gateway_count(gateway, CHAT__GATEWAY_MESSAGE);
    lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
    if (session->body_too_large || exchange->body.failed) {
        chat__gateway_refuse_size(gateway, exchange->id);
        drop_exchange(session);
        return chat__http_answer(session, wsi, NULL, NULL, "", 0);
    }
    chat__metrics_count(session->front->options.metrics,
                        CHAT__METRIC_FRAMES_RECEIVED);
    chat__metrics_add(session->front->options.metrics,
                      CHAT__METRIC_BYTES_RECEIVED, exchange->body.length);
    /* It may be answered at once; the answer leaves by a callback all the same.
     * Without the reference that could be the end of it. */
    exchange->references++;
    chat__gateway_message(gateway, exchange);
    chat__exchange_release(exchange);
    return 0;
}

/* Its length as the header says; 0: none. */
static size_t body_length(struct lws *wsi)
{
    char text[32];
    int length =
        lws_hdr_copy(wsi, text, sizeof text, WSI_TOKEN_HTTP_CONTENT_LENGTH);

    return length > 0 ? strtoul(text, NULL, 10) : 0;
}

static int begin_message(struct chat__session *session, struct lws *wsi,
                         const char *id)
{
    size_t length = body_length(wsi);

    if (length > BODY_BYTES_MAX || begin(session, wsi, id) == NULL)
        return refuse(session, wsi, HTTP_STATUS_SERVICE_UNAVAILABLE,
                      "no memory for this");
    session->body_too_large = length > CHAT__FRAME_BYTES_MAX;
    if (length == 0)
        return run(session, wsi);
    lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, BODY_TIMEOUT_S);
    return 0;
}

int chat__gateway_body(struct chat__session *session, const char *bytes,
                       size_t length)
{
    const struct chat__exchange *exchange = session->exchange;

    if (exchange != NULL && !exchange->connects && !session->body_too_large)
        chat__buffer_append(&session->exchange->body, bytes, length);
    return 0;
}

int chat__gateway_body_end(struct chat__session *session, struct lws *wsi)
{
    if (session->exchange == NULL || session->exchange->connects)
        return 0;
    return run(session, wsi);
}

/* ---- which of the three ---- */

static bool is_path(const char *path, size_t length, const char *name)
{
    return strlen(name) == length && memcmp(path, name, length) == 0;
}

int chat__gateway_request(struct chat__session *session, struct lws *wsi,
                          const char *path, size_t length)
{
    struct chat__gateway *gateway = session->front->options.gateway;
    char secret[HEADER_BYTES_MAX], id[HEADER_BYTES_MAX];

    if (gateway == NULL)
        return refuse(session, wsi, HTTP_STATUS_NOT_FOUND, "not found");
    if (header(wsi, SECRET_HEADER, secret) == NULL ||
        !chat__gateway_is_secret(gateway, secret))
        return refuse(session, wsi, HTTP_STATUS_FORBIDDEN, "forbidden");
    if (!is_id(header(wsi, ID_HEADER, id)))
        return refuse(session, wsi, HTTP_STATUS_BAD_REQUEST,
                      "X-Connection-Id is missing or wrong");
    if (is_path(path, length, "/gateway/connect"))
        return answer_connect(session, wsi, id);
    if (is_path(path, length, "/gateway/message"))
        return begin_message(session, wsi, id);
    if (!is_path(path, length, "/gateway/disconnect"))
        return refuse(session, wsi, HTTP_STATUS_NOT_FOUND, "not found");
    chat__gateway_count(gateway, CHAT__GATEWAY_DISCONNECT);
    chat__gateway_disconnect(gateway, id);
    return chat__http_answer(session, wsi, NULL, NULL, "", 0);
}
