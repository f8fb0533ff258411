/*
 * Which requests may become WebSockets. Everything is checked before the
 * library begins the upgrade, while an HTTP answer can still say why not.
 */
#include "protocol/limits.h"
#include "server/front/session.h"
#include "server/ops/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HEADER_BYTES_MAX 512
#define KEY_BYTES        24 /* 16 bytes in base 64 */

/* As the library wants names: lower case, with the colon. */
#define REQUEST_ID_HEADER  "x-request-id:"
#define TRACEPARENT_HEADER "traceparent:"
#define TRACESTATE_HEADER  "tracestate:"
#define AMAZON_HEADER      "x-amzn-trace-id:"

/*
 * The header's value as a string. An absent one gives NULL; one that does not
 * fit gives "", which is never right.
 */
static const char *header(struct lws *wsi, enum lws_token_indexes token,
                          char buffer[HEADER_BYTES_MAX])
{
    int length = lws_hdr_copy(wsi, buffer, HEADER_BYTES_MAX, token);

    if (length < 0)
        return "";
    return length == 0 ? NULL : buffer;
}

/*
 * libwebsockets 4.1.6 goes on after it has refused an unknown token, with the
 * headers already freed (CVE-2025-11677), and would also switch to HTTP/2 in
 * clear text, whose parser has holes of its own. So what the callback is
 * handed is never looked at; the header is read anew, which finds nothing
 * when it has been freed, and only `websocket` goes on.
 */
static bool is_websocket(struct lws *wsi)
{
    char buffer[HEADER_BYTES_MAX];
    const char *value = header(wsi, WSI_TOKEN_UPGRADE, buffer);

    return value != NULL && strcasecmp(value, "websocket") == 0;
}

static bool is_place(struct lws *wsi)
{
    char buffer[HEADER_BYTES_MAX];
    const char *path = header(wsi, WSI_TOKEN_GET_URI, buffer);

    return path != NULL && strcmp(path, "/ws") == 0;
}

static bool is_version(struct lws *wsi)
{
    char buffer[HEADER_BYTES_MAX];
    const char *version = header(wsi, WSI_TOKEN_VERSION, buffer);

    return version != NULL && strcmp(version, "13") == 0;
}

static bool has_key_and_host(struct lws *wsi)
{
    return lws_hdr_total_length(wsi, WSI_TOKEN_KEY) == KEY_BYTES &&
           lws_hdr_total_length(wsi, WSI_TOKEN_HOST) > 0;
}

static bool is_origin_allowed(const struct chat__front *front, struct lws *wsi)
{
    char origin[HEADER_BYTES_MAX], host[HEADER_BYTES_MAX];

    return chat__origins_allow(
        &front->origins, header(wsi, WSI_TOKEN_ORIGIN, origin),
        header(wsi, WSI_TOKEN_HOST, host), front->tls != NULL);
}

/* Asked for no subprotocol, or for ours among others. */
static bool is_protocol_spoken(struct lws *wsi)
{
    char buffer[HEADER_BYTES_MAX];
    const char *list = header(wsi, WSI_TOKEN_PROTOCOL, buffer);
    size_t length;

    if (list == NULL)
        return true;
    for (; *list != '\0'; list += length) {
        list += strspn(list, ", \t");
        length = strcspn(list, ", \t");
        if (length == sizeof CHAT__SUBPROTOCOL - 1 &&
            memcmp(list, CHAT__SUBPROTOCOL, length) == 0)
            return true;
    }
    return false;
}

/* False when nobody is trusted, or it has gone. */
static bool find_peer(const struct chat__front *front, struct lws *wsi,
                      struct in6_addr *peer)
{
    struct sockaddr_storage storage;
    struct sockaddr *socket = (struct sockaddr *)&storage;
    socklen_t length = sizeof storage;

    if (front->proxies.count == 0 ||
        getpeername(lws_get_socket_fd(wsi), socket, &length) != 0)
        return false;
    *peer = chat__address_of(socket);
    return true;
}

bool chat__upgrade_client(const struct chat__front *front, struct lws *wsi,
                          struct in6_addr *client)
{
    char forwarded[HEADER_BYTES_MAX];
    struct in6_addr peer;

    return find_peer(front, wsi, &peer) &&
           chat__proxies_client(
               &front->proxies, &peer,
               header(wsi, WSI_TOKEN_X_FORWARDED_FOR, forwarded), client);
}

/* Letters, digits and some marks, none of which means anything to a shell, a
 * terminal or JSON. */
static bool is_request_id(const char *id, int length)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz"
                                  "0123456789-.:_";

    return length > 0 && strspn(id, allowed) == (size_t)length;
}

static bool is_peer_trusted(const struct chat__front *front, struct lws *wsi)
{
    struct in6_addr peer;

    return find_peer(front, wsi, &peer) &&
           chat__proxies_trust(&front->proxies, &peer);
}

static void read_request_id(struct lws *wsi,
                            struct chat__remote_context *remote)
{
    int length =
        lws_hdr_custom_copy(wsi, remote->request_id, sizeof remote->request_id,
                            REQUEST_ID_HEADER, sizeof REQUEST_ID_HEADER - 1);

    if (!is_request_id(remote->request_id, length))
        remote->request_id[0] = '\0';
}

/* NULL when it is absent or does not fit. */
static const char *custom_header(struct lws *wsi, const char *name,
                                 char value[CHAT__TRACE_STATE_BYTES_MAX + 1])
{
    int length = lws_hdr_custom_copy(
        wsi, value, CHAT__TRACE_STATE_BYTES_MAX + 1, name, (int)strlen(name));

    return length > 0 ? value : NULL;
}

static void read_trace(struct lws *wsi, struct chat__remote_context *remote)
{
    char parent[CHAT__TRACE_STATE_BYTES_MAX + 1];
    char state[CHAT__TRACE_STATE_BYTES_MAX + 1];
    char amazon[CHAT__TRACE_STATE_BYTES_MAX + 1];

    (void)chat__trace_context_read(
        &remote->trace, custom_header(wsi, TRACEPARENT_HEADER, parent),
        custom_header(wsi, TRACESTATE_HEADER, state),
        custom_header(wsi, AMAZON_HEADER, amazon));
}

bool chat__upgrade_remote(const struct chat__front *front, struct lws *wsi,
                          struct chat__remote_context *remote)
{
    bool trusted = is_peer_trusted(front, wsi);

    if (trusted)
        read_request_id(wsi, remote);
    if (front->options.traces)
        read_trace(wsi, remote);
    /* A stranger could have everything written down, and much with it. */
    if (!trusted) {
        remote->trace.wish = CHAT__TRACE_NO_WISH;
        remote->trace.state[0] = '\0';
    }
    return remote->request_id[0] != '\0' || remote->trace.there;
}

int chat__upgrade_answer(struct chat__session *session,
                         struct lws_process_html_args *headers)
{
    const struct chat__front *front = session->front;
    const struct chat__random *random = &front->options.random;
    struct chat__remote_context remote = {0};
    unsigned char *at = (unsigned char *)headers->p;

    if (!random->fill(random->context, &session->id, sizeof session->id))
        return 1;
    if (is_peer_trusted(front, session->wsi))
        read_request_id(session->wsi, &remote);
    if (remote.request_id[0] == '\0')
        snprintf(remote.request_id, sizeof remote.request_id, "%016" PRIx64,
                 session->id);
    if (lws_add_http_header_by_name(
            session->wsi, (const unsigned char *)REQUEST_ID_HEADER,
            (const unsigned char *)remote.request_id,
            (int)strlen(remote.request_id), &at, at + headers->max_len) != 0)
        return 1;
    headers->p = (char *)at;
    return 0;
}

/* Whose it was: the socket's peer, be it a proxy. */
static void log_refusal(struct lws *wsi, unsigned int status, const char *text)
{
    const struct chat__address *address = lws_get_opaque_user_data(wsi);
    struct chat__log_line line;

    if (!chat__log_wants(CHAT__LOG_DEBUG))
        return;
    chat__log_begin(&line, CHAT__LOG_DEBUG, "handshake_refused");
    if (address != NULL)
        chat__log_address(&line, "address", address->key);
    chat__log_int(&line, "status", status);
    chat__log_string(&line, "reason", text);
    chat__log_end(&line);
}

static int refuse(struct chat__front *front, struct lws *wsi,
                  enum chat__handshake result, unsigned int status,
                  const char *text)
{
    chat__metrics_count_as(front->options.metrics, CHAT__METRIC_HANDSHAKES,
                           (int)result);
    log_refusal(wsi, status, text);
    return chat__http_refuse(wsi, status, text);
}

static bool address_has_room(struct chat__front *front, struct lws *wsi)
{
    const struct chat__address *address = lws_get_opaque_user_data(wsi);
    uint32_t limit = front->options.settings.connections_per_address_max;
    struct in6_addr client;

    if (chat__upgrade_client(front, wsi, &client))
        address = chat__addresses_find(&front->addresses, &client);
    return limit == 0 || address == NULL ||
           address->clients - address->proxied < limit;
}

/* Right in itself, whoever asks for it. */
static int check_request(struct chat__front *front, struct lws *wsi)
{
    const enum chat__handshake bad = CHAT__HANDSHAKE_BAD_REQUEST;

    if (!is_place(wsi))
        return refuse(front, wsi, bad, HTTP_STATUS_NOT_FOUND, "not found");
    if (!is_version(wsi))
        return refuse(front, wsi, bad, CHAT__HTTP_UPGRADE_REQUIRED,
                      "WebSocket version 13 is spoken here");
    if (!has_key_and_host(wsi))
        return refuse(front, wsi, bad, HTTP_STATUS_BAD_REQUEST,
                      "bad WebSocket handshake");
    return 0;
}

static int check_room(struct chat__front *front, struct lws *wsi)
{
    static const char text[] = "no room for more connections";
    enum chat__handshake result = CHAT__HANDSHAKE_ACCEPTED;

    if (front->draining)
        result = CHAT__HANDSHAKE_REFUSED_DRAINING;
    else if (front->session_count >= front->options.settings.connections_max)
        result = CHAT__HANDSHAKE_REFUSED_FULL;
    else if (!address_has_room(front, wsi))
        result = CHAT__HANDSHAKE_REFUSED_ADDRESS;
    if (result != CHAT__HANDSHAKE_ACCEPTED)
        return refuse(front, wsi, result, HTTP_STATUS_SERVICE_UNAVAILABLE,
                      text);
    return 0;
}

int chat__upgrade_check(struct chat__front *front, struct lws *wsi)
{
    if (!is_websocket(wsi)) {
        chat__metrics_count_as(front->options.metrics, CHAT__METRIC_HANDSHAKES,
                               CHAT__HANDSHAKE_BAD_REQUEST);
        return -1;
    }
    if (check_request(front, wsi) != 0)
        return -1;
    if (!is_origin_allowed(front, wsi))
        return refuse(front, wsi, CHAT__HANDSHAKE_REFUSED_ORIGIN,
                      HTTP_STATUS_FORBIDDEN, "this origin is not allowed");
    if (!is_protocol_spoken(wsi))
        return refuse(front, wsi, CHAT__HANDSHAKE_BAD_REQUEST,
                      HTTP_STATUS_BAD_REQUEST,
                      "the subprotocol is " CHAT__SUBPROTOCOL);
    return check_room(front, wsi);
}
