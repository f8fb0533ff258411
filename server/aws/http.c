#include "server/aws/http.h"

#include "protocol/buffer.h"
#include "server/aws/http_signing.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

struct chat__http {
    struct chat__http_options options;
    CURLM *multi;
    uv_timer_t timer;
    struct chat__http_call *calls;
    size_t call_count;
    struct chat__sign_key sign_key;
};

struct chat__http_call {
    struct chat__http *http;
    struct chat__http_call *previous;
    struct chat__http_call *next;
    CURL *easy;
    struct curl_slist *headers;
    struct chat__buffer body;
    const char *wanted_header;
    void (*done)(void *context, const struct chat__http_response *response);
    void *context;
    char error[CURL_ERROR_SIZE];
};

/* ---- calls ---- */

static void link_call(struct chat__http_call *call)
{
    struct chat__http *http = call->http;

    call->next = http->calls;
    if (call->next != NULL)
        call->next->previous = call;
    http->calls = call;
    http->call_count++;
}

static void unlink_call(struct chat__http_call *call)
{
    struct chat__http *http = call->http;

    if (call->previous != NULL)
        call->previous->next = call->next;
    else
        http->calls = call->next;
    if (call->next != NULL)
        call->next->previous = call->previous;
    http->call_count--;
}

static void free_call(struct chat__http_call *call)
{
    curl_easy_cleanup(call->easy);
    curl_slist_free_all(call->headers);
    chat__buffer_release(&call->body);
    free(call);
}

void chat__http_cancel(struct chat__http_call *call)
{
    curl_multi_remove_handle(call->http->multi, call->easy);
    unlink_call(call);
    free_call(call);
}

/* The library's: what is not taken ends the transfer. */
static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct chat__http_call *call = context;

    chat__buffer_append(&call->body, bytes, size * count);
    return call->body.failed ? 0 : size * count;
}

static enum chat__http_result result_of(const struct chat__http_call *call,
                                        CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return CHAT__HTTP_ANSWERED;
    case CURLE_OPERATION_TIMEDOUT:
        return CHAT__HTTP_TIMED_OUT;
    default:
        return call->body.failed ? CHAT__HTTP_TOO_LARGE : CHAT__HTTP_FAILED;
    }
}

/* NULL when it is not there. */
static const char *header_of(const struct chat__http_call *call)
{
    struct curl_header *header;

    if (call->wanted_header == NULL ||
        curl_easy_header(call->easy, call->wanted_header, 0, CURLH_HEADER, -1,
                         &header) != CURLHE_OK)
        return NULL;
    return header->value;
}

static void finish(struct chat__http_call *call, CURLcode code)
{
    struct chat__http_response response = {
        .result = result_of(call, code),
        .body = call->body.data,
        .length = call->body.length,
        .message =
            call->error[0] != '\0' ? call->error : curl_easy_strerror(code),
    };
    curl_off_t retry_after_s = 0;
    long status = 0;

    if (response.result == CHAT__HTTP_TOO_LARGE)
        response.message = "the answer is too large";
    if (response.result == CHAT__HTTP_ANSWERED) {
        curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(call->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
        response.header = header_of(call);
    }
    response.status = (unsigned int)status;
    if (retry_after_s > 0 && retry_after_s <= INT32_MAX)
        response.retry_after_ms = retry_after_s * 1000;
    curl_multi_remove_handle(call->http->multi, call->easy);
    unlink_call(call);
    call->done(call->context, &response);
    free_call(call);
}

static void finish_done(struct chat__http *http)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
        struct chat__http_call *call;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
        finish(call, message->data.result);
    }
}

/* ---- the loop ---- */

/* One socket of the library's that it wants to be told of. */
struct watch {
    uv_poll_t poll;
    struct chat__http *http;
    curl_socket_t socket;
};

static void on_socket(uv_poll_t *poll, int status, int events)
{
    const struct watch *watch = poll->data;
    struct chat__http *http = watch->http;
    int flags = status < 0 ? CURL_CSELECT_ERR : 0;
    int running;

    if ((events & UV_READABLE) != 0)
        flags |= CURL_CSELECT_IN;
    if ((events & UV_WRITABLE) != 0)
        flags |= CURL_CSELECT_OUT;
    curl_multi_socket_action(http->multi, watch->socket, flags, &running);
    finish_done(http);
}

static void on_timeout(uv_timer_t *timer)
{
    struct chat__http *http = timer->data;
    int running;

    curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    finish_done(http);
}

static int set_timer(CURLM *multi, long timeout_ms, void *context)
{
    struct chat__http *http = context;

    (void)multi;
    if (timeout_ms < 0)
        uv_timer_stop(&http->timer);
    else
        uv_timer_start(&http->timer, on_timeout, (uint64_t)timeout_ms, 0);
    return 0;
}

static void free_watch(uv_handle_t *handle)
{
    free(handle->data);
}

static struct watch *watch_new(struct chat__http *http, curl_socket_t socket)
{
    struct watch *watch = calloc(1, sizeof *watch);

    if (watch == NULL)
        return NULL;
    watch->http = http;
    watch->socket = socket;
    if (uv_poll_init_socket(http->options.loop, &watch->poll, socket) != 0) {
        free(watch);
        return NULL;
    }
    watch->poll.data = watch;
    curl_multi_assign(http->multi, socket, watch);
    return watch;
}

/* An error ends the transfers, and with them `done` is called. */
static int set_socket(CURL *easy, curl_socket_t socket, int what, void *context,
                      void *socket_context)
{
    struct watch *watch = socket_context;
    int events = 0;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (watch != NULL)
            uv_close((uv_handle_t *)&watch->poll, free_watch);
        return 0;
    }
    if (watch == NULL)
        watch = watch_new(context, socket);
    if (watch == NULL)
        return -1;
    if ((what & CURL_POLL_IN) != 0)
        events |= UV_READABLE;
    if ((what & CURL_POLL_OUT) != 0)
        events |= UV_WRITABLE;
    return uv_poll_start(&watch->poll, events, on_socket) == 0 ? 0 : -1;
}

/* ---- the client ---- */

struct chat__http *chat__http_new(const struct chat__http_options *options)
{
    struct chat__http *http;

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return NULL;
    http = calloc(1, sizeof *http);
    if (http == NULL)
        return NULL;
    http->options = *options;
    http->multi = curl_multi_init();
    if (http->multi == NULL) {
        free(http);
        return NULL;
    }
    uv_timer_init(options->loop, &http->timer);
    http->timer.data = http;
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                      (long)options->connections_max);
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS,
                      (long)options->connections_max);
    return http;
}

static void free_http(uv_handle_t *timer)
{
    free(timer->data);
}

void chat__http_close(struct chat__http *http)
{
    if (http == NULL)
        return;
    while (http->calls != NULL)
        chat__http_cancel(http->calls);
    curl_multi_cleanup(http->multi);
    chat__sign_key_forget(&http->sign_key);
    uv_close((uv_handle_t *)&http->timer, free_http);
}

/* ---- a request ---- */

static bool set_headers(struct chat__http_call *call,
                        const struct chat__http_request *request)
{
    const char *const *header = request->headers;

    for (size_t i = 0; header != NULL && header[i] != NULL; i++)
        if (i == CHAT__HTTP_HEADERS_MAX ||
            !chat__http_add_header(&call->headers, header[i]))
            return false;
    return request->signing == NULL ||
           chat__http_sign(&call->headers, &call->http->sign_key, request);
}

static bool set_method(CURL *easy, const struct chat__http_request *request)
{
    if (strcmp(request->method, "DELETE") == 0)
        return curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "DELETE") ==
               CURLE_OK;
    if (strcmp(request->method, "POST") != 0)
        return true;
    return curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                            (curl_off_t)request->body_length) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body) ==
               CURLE_OK;
}

/*
 * QUICK_EXIT has a request that ends while its name is looked up leave the
 * thread that does it alone; the library would wait for it.
 */
static bool set_bounds(CURL *easy, const struct chat__http *http,
                       const struct chat__http_request *request)
{
    const char *ca_file = http->options.ca_file;

    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)CHAT__HTTP_CONNECT_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") ==
               CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_USERAGENT,
                            http->options.user_agent) == CURLE_OK &&
           (ca_file == NULL ||
            curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file) == CURLE_OK);
}

static bool set_request(struct chat__http_call *call,
                        const struct chat__http_request *request)
{
    CURL *easy = call->easy;

    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    return curl_easy_setopt(easy, CURLOPT_URL, request->url) == CURLE_OK &&
           set_bounds(easy, call->http, request) && set_method(easy, request) &&
           set_headers(call, request) &&
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers) ==
               CURLE_OK;
}

struct chat__http_call *
chat__http_start(struct chat__http *http,
                 const struct chat__http_request *request)
{
    struct chat__http_call *call;

    if (http->call_count == http->options.calls_max)
        return NULL;
    call = calloc(1, sizeof *call);
    if (call == NULL)
        return NULL;
    call->http = http;
    call->done = request->done;
    call->context = request->context;
    call->wanted_header = request->wanted_header;
    chat__buffer_init(&call->body, request->response_bytes_max);
    call->easy = curl_easy_init();
    if (call->easy == NULL || !set_request(call, request) ||
        curl_multi_add_handle(http->multi, call->easy) != CURLM_OK) {
        free_call(call);
        return NULL;
    }
    link_call(call);
    return call;
}
