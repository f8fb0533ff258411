#include "server/front/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_BYTES_MAX 2048
#define TEXT_BYTES_MAX   256
#define CHUNK_BYTES      (32 * 1024)

/* Posted to by API Gateway. */
#define GATEWAY_PATH "/gateway/"

/* A body must move on within this time. */
#define BODY_TIMEOUT_S 20

/*
 * On every answer. The page loads nothing from elsewhere, runs no inline
 * script and cannot be framed.
 */
static const struct lws_protocol_vhost_options headers[] = {
    {&headers[1], NULL, "content-security-policy:",
     "default-src 'none'; script-src 'self'; style-src 'self'; "
     "img-src 'self' data:; font-src 'self'; connect-src 'self'; "
     "manifest-src 'self'; base-uri 'none'; form-action 'none'; "
     "frame-ancestors 'none'"},
    {&headers[2], NULL, "x-content-type-options:", "nosniff"},
    {&headers[3], NULL, "referrer-policy:", "no-referrer"},
    {&headers[4], NULL, "cross-origin-opener-policy:", "same-origin"},
    {&headers[5], NULL, "cross-origin-resource-policy:", "same-origin"},
    {NULL, NULL, "permissions-policy:",
     "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
};

static const struct lws_protocol_vhost_options transport_security = {
    headers, NULL, "strict-transport-security:", "max-age=31536000"};

const struct lws_protocol_vhost_options *const chat__http_headers = headers;
const struct lws_protocol_vhost_options *const chat__http_headers_tls =
    &transport_security;

struct response {
    unsigned int status;
    const char *type;       /* NULL: no body */
    size_t length;          /* of the body */
    const char *etag;       /* NULL: may not be stored */
    const char *extra_name; /* one more header, NULL: none */
    const char *extra_value;
    bool close;
};

struct header_writer {
    struct lws *wsi;
    unsigned char *at;
    unsigned char *end;
    bool failed;
};

static void add_header(struct header_writer *writer, const char *name,
                       const char *value)
{
    if (!writer->failed && value != NULL)
        writer->failed = lws_add_http_header_by_name(
                             writer->wsi, (const unsigned char *)name,
                             (const unsigned char *)value, (int)strlen(value),
                             &writer->at, writer->end) != 0;
}

/*
 * The status line and all headers to `start`; their length, 0 on failure. The
 * library would answer a request that it has not read to its end as 1.0.
 */
static size_t put_headers(struct lws *wsi, const struct response *response,
                          unsigned char *start, size_t size)
{
    static const char version[] = "HTTP/1.1";
    struct header_writer writer = {wsi, start, start + size, false};

    if (lws_add_http_header_status(wsi, response->status, &writer.at,
                                   writer.end) != 0)
        return 0;
    memcpy(start, version, sizeof version - 1);
    add_header(&writer, "content-type:", response->type);
    add_header(&writer, "etag:", response->etag);
    add_header(&writer, "cache-control:",
               response->etag != NULL ? "no-cache" : "no-store");
    add_header(&writer, response->extra_name, response->extra_value);
    add_header(&writer, "connection:", response->close ? "close" : NULL);
    if (writer.failed ||
        (response->status != HTTP_STATUS_NOT_MODIFIED &&
         lws_add_http_header_content_length(wsi, response->length, &writer.at,
                                            writer.end) != 0) ||
        lws_finalize_http_header(wsi, &writer.at, writer.end) != 0)
        return 0;
    return (size_t)(writer.at - start);
}

static bool is_head(struct lws *wsi)
{
    return lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0;
}

/* -1 closes the connection, now or when its answer has left. */
static int finish(struct lws *wsi, bool close)
{
    return close || lws_http_transaction_completed(wsi) != 0 ? -1 : 0;
}

static bool send_headers(struct lws *wsi, const struct response *response)
{
    unsigned char buffer[LWS_PRE + HEADER_BYTES_MAX];
    unsigned char *start = buffer + LWS_PRE;
    size_t length = put_headers(wsi, response, start, HEADER_BYTES_MAX);

    return length > 0 &&
           lws_write(wsi, start, length, LWS_WRITE_HTTP_HEADERS) >= 0;
}

/* Headers and a short body in one write. */
static int respond(struct lws *wsi, const struct response *response,
                   const void *body)
{
    unsigned char buffer[LWS_PRE + HEADER_BYTES_MAX + TEXT_BYTES_MAX];
    unsigned char *start = buffer + LWS_PRE;
    size_t length = put_headers(wsi, response, start, HEADER_BYTES_MAX);

    if (length == 0)
        return -1;
    if (body != NULL && !is_head(wsi)) {
        memcpy(start + length, body, response->length);
        length += response->length;
    }
    if (lws_write(wsi, start, length, LWS_WRITE_HTTP) < 0)
        return -1;
    return finish(wsi, response->close);
}

static int respond_text(struct lws *wsi, unsigned int status, const char *text,
                        const char *extra_name, const char *extra_value)
{
    char body[TEXT_BYTES_MAX];
    const struct response response = {
        .status = status,
        .type = "text/plain; charset=utf-8",
        .length = (size_t)snprintf(body, sizeof body, "%s\n", text),
        .extra_name = extra_name,
        .extra_value = extra_value,
        .close = status >= HTTP_STATUS_BAD_REQUEST,
    };

    return respond(wsi, &response, body);
}

int chat__http_refuse(struct lws *wsi, unsigned int status, const char *text)
{
    const char *name = NULL, *value = NULL;

    if (status == HTTP_STATUS_SERVICE_UNAVAILABLE) {
        name = "retry-after:";
        value = "1";
    } else if (status == CHAT__HTTP_UPGRADE_REQUIRED) {
        name = "sec-websocket-version:";
        value = "13";
    }
    respond_text(wsi, status, text, name, value);
    return -1;
}

/* Does the client have these bytes already? `*` and lists are understood. */
static bool is_known(struct lws *wsi, const struct chat__asset *asset)
{
    char tags[512];
    int length =
        lws_hdr_copy(wsi, tags, sizeof tags, WSI_TOKEN_HTTP_IF_NONE_MATCH);

    return length > 0 &&
           (strcmp(tags, "*") == 0 || strstr(tags, asset->etag) != NULL);
}

/* The rest of an answer whose headers have left, a piece at a time. */
static int send_body(struct chat__session *session, struct lws *wsi,
                     const void *body, size_t length)
{
    session->body = body;
    session->body_left = length;
    lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, BODY_TIMEOUT_S);
    lws_callback_on_writable(wsi);
    return 0;
}

static int serve_asset(struct chat__session *session, struct lws *wsi,
                       const struct chat__asset *asset)
{
    bool known = is_known(wsi, asset);
    const struct response response = {
        .status = known ? HTTP_STATUS_NOT_MODIFIED : HTTP_STATUS_OK,
        .type = asset->type,
        .length = asset->length,
        .etag = asset->etag,
    };
    bool alone = known || is_head(wsi) || asset->length == 0;

    if (!send_headers(wsi, &response))
        return -1;
    return alone ? finish(wsi, false)
                 : send_body(session, wsi, asset->bytes, asset->length);
}

int chat__http_answer(struct chat__session *session, struct lws *wsi,
                      const char *name, const char *value, const char *body,
                      size_t length)
{
    const struct response response = {
        .status = HTTP_STATUS_OK,
        .type = length == 0 ? NULL : "application/x-ndjson",
        .length = length,
        .extra_name = name,
        .extra_value = name == NULL ? NULL : value,
    };

    if (length <= TEXT_BYTES_MAX)
        return respond(wsi, &response, body);
    session->page = malloc(length);
    if (session->page == NULL)
        return chat__http_refuse(wsi, HTTP_STATUS_SERVICE_UNAVAILABLE,
                                 "no memory for the answer");
    memcpy(session->page, body, length);
    if (!send_headers(wsi, &response))
        return -1;
    return send_body(session, wsi, session->page, length);
}

void chat__http_release(struct chat__session *session)
{
    chat__gateway_gone(session);
    free(session->page);
    session->page = NULL;
    session->body = NULL;
}

int chat__http_writable(struct chat__session *session, struct lws *wsi)
{
    size_t left = session->body_left;
    size_t chunk = left < CHUNK_BYTES ? left : CHUNK_BYTES;

    if (session->exchange != NULL)
        return chat__gateway_writable(session, wsi);
    if (session->body == NULL)
        return 0;
    if (lws_write(wsi, (unsigned char *)(uintptr_t)session->body, chunk,
                  LWS_WRITE_HTTP) < 0)
        return -1;
    if (chunk < left)
        return send_body(session, wsi, session->body + chunk, left - chunk);
    chat__http_release(session);
    return finish(wsi, false);
}

/*
 * A body that the session takes over is freed with it. An answer that is
 * complete may have freed the session.
 */
static int serve_page(struct chat__session *session, struct lws *wsi,
                      struct chat__ops_page *page)
{
    const struct response response = {
        .status = page->status,
        .type = page->type,
        .length = page->body.length,
    };

    if (page->body.failed)
        return chat__http_refuse(wsi, HTTP_STATUS_INTERNAL_SERVER_ERROR,
                                 "the page found no memory");
    if (!send_headers(wsi, &response))
        return -1;
    if (is_head(wsi) || page->body.length == 0)
        return finish(wsi, false);
    session->page = page->body.data;
    chat__buffer_init(&page->body, CHAT__PAGE_BYTES_MAX);
    return send_body(session, wsi, session->page, response.length);
}

/* True when the path is one of the operator's pages; its answer is given. */
static bool try_page(struct chat__session *session, struct lws *wsi,
                     const char *path, size_t length, int *result)
{
    const struct chat__front_options *options = &session->front->options;
    struct chat__ops_page page = {.status = HTTP_STATUS_OK};
    bool found;

    if (options->page == NULL)
        return false;
    chat__buffer_init(&page.body, CHAT__PAGE_BYTES_MAX);
    found = options->page(options->context, path, length, &page);
    if (found)
        *result = serve_page(session, wsi, &page);
    chat__buffer_release(&page.body);
    return found;
}

/* Strangers learn whether, not why. */
static int answer_ready(const struct chat__front *front, struct lws *wsi)
{
    const struct chat__front_options *options = &front->options;

    if (front->draining)
        return chat__http_refuse(wsi, HTTP_STATUS_SERVICE_UNAVAILABLE,
                                 "draining");
    if (options->is_ready != NULL && !options->is_ready(options->context))
        return chat__http_refuse(wsi, HTTP_STATUS_SERVICE_UNAVAILABLE,
                                 "not ready");
    return respond_text(wsi, HTTP_STATUS_OK, "ready", NULL, NULL);
}

bool chat__http_is_forwarded(struct lws *wsi)
{
    return lws_hdr_total_length(wsi, WSI_TOKEN_X_FORWARDED_FOR) > 0;
}

static bool is_path(const char *path, size_t length, const char *name)
{
    return strlen(name) == length && memcmp(path, name, length) == 0;
}

static int respond_not_found(struct lws *wsi)
{
    return respond_text(wsi, HTTP_STATUS_NOT_FOUND, "not found", NULL, NULL);
}

static int serve_client(struct chat__session *session, struct lws *wsi,
                        const char *path, size_t length)
{
    const struct chat__asset *asset;

    if (is_path(path, length, "/ws"))
        return chat__http_refuse(wsi, CHAT__HTTP_UPGRADE_REQUIRED,
                                 "this is a WebSocket");
    asset = chat__assets_find(&session->front->assets, path, length);
    return asset == NULL ? respond_not_found(wsi)
                         : serve_asset(session, wsi, asset);
}

int chat__http_request(struct chat__session *session, struct lws *wsi,
                       enum chat__asker asker, const char *path, size_t length)
{
    int result;

    if (asker != CHAT__ASKER_OPERATOR &&
        lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) > 0 &&
        length >= sizeof GATEWAY_PATH - 1 &&
        memcmp(path, GATEWAY_PATH, sizeof GATEWAY_PATH - 1) == 0)
        return chat__gateway_request(session, wsi, path, length);
    if (!is_head(wsi) && lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) == 0)
        return respond_text(wsi, HTTP_STATUS_METHOD_NOT_ALLOWED,
                            "method not allowed", "allow:", "GET, HEAD");
    if (asker != CHAT__ASKER_CLIENT &&
        try_page(session, wsi, path, length, &result))
        return result;
    if (is_path(path, length, "/healthz"))
        return respond_text(wsi, HTTP_STATUS_OK, "ok", NULL, NULL);
    if (is_path(path, length, "/readyz"))
        return answer_ready(session->front, wsi);
    return asker == CHAT__ASKER_OPERATOR
               ? respond_not_found(wsi)
               : serve_client(session, wsi, path, length);
}
