#include "sdk/link.h"

#include "protocol/limits.h"
#include "sdk/link_callback.h"

#include <arpa/inet.h>
#include <libwebsockets.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

void chat__link_init(struct chat__link *link, struct chat__member *member,
                     const struct chat__url *url, struct ssl_ctx_st *tls,
                     const struct chat__link_handler *handler)
{
    memset(link, 0, sizeof(*link));
    link->member = member;
    link->url = url;
    link->tls = tls;
    link->handler = *handler;
    link->reading = true;
    chat__buffer_init(&link->in, CHAT__LINK_FRAME_BYTES_MAX);
    chat__buffer_init(&link->out, LWS_PRE + CHAT__FRAME_BYTES_MAX);
}

void chat__link_release(struct chat__link *link)
{
    SSL_CTX_free(link->tls);
    chat__buffer_release(&link->in);
    chat__buffer_release(&link->out);
}

/* ---- the end ---- */

/* Lets go of the socket; it says good-bye by itself. */
static void drop_socket(struct chat__link *link)
{
    struct lws *wsi = link->wsi;

    if (wsi == NULL)
        return;
    link->wsi = NULL;
    lws_set_opaque_user_data(wsi, NULL);
    if (link->established)
        lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
    lws_set_timeout(wsi, PENDING_TIMEOUT_CLOSE_SEND, LWS_TO_KILL_SYNC);
}

void chat__link_close(struct chat__link *link)
{
    chat__lookup_abandon(link->lookup);
    link->lookup = NULL;
    drop_socket(link);
    link->state = CHAT__LINK_CLOSED;
    link->established = false;
    chat__buffer_clear(&link->in);
}

void chat__link_shutdown(struct chat__link *link)
{
    chat__link_close(link);
    if (link->vhost != NULL)
        lws_vhost_destroy(link->vhost);
    link->vhost = NULL;
}

static void report_end(struct chat__link *link)
{
    struct chat__disconnect why = {
        .error = link->error,
        .close_code = link->close_code,
        .detail = link->detail,
    };

    chat__link_close(link);
    link->handler.ended(link->handler.context, &why);
}

static void fail(struct chat__link *link, int error, const char *detail)
{
    link->error = error;
    snprintf(link->detail, sizeof(link->detail), "%s", detail);
    report_end(link);
}

/* ---- connecting ---- */

static bool make_vhost(struct chat__link *link)
{
    struct lws_context_creation_info info = {0};

    if (link->vhost != NULL)
        return true;
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.protocols = chat__link_protocols;
    /* An address without port: no proxy, whatever the environment says. */
    info.http_proxy_address = "";
    info.timeout_secs = CHAT__ADDRESS_TIMEOUT_MS / 1000;
    if (link->tls != NULL) {
        info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
        info.provided_client_ssl_ctx = link->tls;
    }
    link->vhost = lws_create_vhost(chat__network_context(link->member), &info);
    return link->vhost != NULL;
}

static int tls_flags(const struct chat__link *link)
{
    if (link->tls == NULL)
        return 0;
    /* The library takes IPv6's colons for a port; sdk/tls.c checks those. */
    return LCCSCF_USE_SSL |
           (link->url->ipv6_literal ? LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK
                                    : 0);
}

/* False: it failed at once. */
static bool connect_address(struct chat__link *link, uint64_t now)
{
    struct lws_client_connect_info info = {0};

    link->state = CHAT__LINK_CONNECTING;
    link->address_due = now + CHAT__ADDRESS_TIMEOUT_MS;
    link->error = CHAT_ERROR_NETWORK;
    link->close_code = 0;
    link->subprotocol_refused = false;
    snprintf(link->detail, sizeof(link->detail), "cannot connect to %s",
             link->addresses.list[link->address]);
    info.context = chat__network_context(link->member);
    info.vhost = link->vhost;
    info.address = link->addresses.list[link->address];
    info.port = link->url->port;
    info.path = link->url->path;
    info.host = link->url->authority;
    info.alpn = "http/1.1";
    info.protocol = link->without_subprotocol ? NULL : CHAT__SUBPROTOCOL;
    info.local_protocol_name = CHAT__SUBPROTOCOL;
    info.ssl_connection = tls_flags(link) | LCCSCF_HTTP_NO_FOLLOW_REDIRECT;
    info.opaque_user_data = link;
    info.pwsi = &link->wsi;
    if (lws_client_connect_via_info(&info) != NULL)
        return true;
    link->wsi = NULL;
    return false;
}

/* Tries from the present address on; the last failure is the link's. */
static void connect_on(struct chat__link *link, uint64_t now)
{
    for (; link->address < link->addresses.count; link->address++) {
        if (connect_address(link, now))
            return;
    }
    report_end(link);
}

static void wake(void *context)
{
    struct chat__link *link = context;

    chat__network_wake(link->member);
}

static bool is_numeric(const char *host)
{
    unsigned char address[16];

    return inet_pton(AF_INET, host, address) == 1 ||
           inet_pton(AF_INET6, host, address) == 1;
}

void chat__link_open(struct chat__link *link, uint64_t now)
{
    const char *host = link->url->host;

    link->without_subprotocol = false;
    link->address = 0;
    link->addresses.count = 0;
    link->close_code = 0;
    if (!make_vhost(link)) {
        fail(link, CHAT_ERROR_SYSTEM, "no memory for a connection");
    } else if (is_numeric(host)) {
        snprintf(link->addresses.list[0], sizeof(link->addresses.list[0]), "%s",
                 host);
        link->addresses.count = 1;
        connect_on(link, now);
    } else {
        link->state = CHAT__LINK_RESOLVING;
        link->lookup = chat__lookup_start(host, wake, link);
        if (link->lookup == NULL)
            fail(link, CHAT_ERROR_SYSTEM, "no thread to look the name up");
    }
}

/* ---- going on ---- */

static void step_lookup(struct chat__link *link, uint64_t now)
{
    const char *error;

    if (!chat__lookup_result(link->lookup, &link->addresses, &error))
        return;
    chat__lookup_abandon(link->lookup);
    link->lookup = NULL;
    if (link->addresses.count == 0)
        fail(link, CHAT_ERROR_NETWORK, error);
    else
        connect_on(link, now);
}

/* This address did not work: once without subprotocol, or the next one. */
static void try_again(struct chat__link *link, uint64_t now)
{
    drop_socket(link);
    if (link->subprotocol_refused && !link->without_subprotocol)
        link->without_subprotocol = true;
    else
        link->address++;
    connect_on(link, now);
}

static void give_up_address(struct chat__link *link, uint64_t now)
{
    link->error = CHAT_ERROR_TIMEOUT;
    snprintf(link->detail, sizeof(link->detail), "no answer from %s",
             link->addresses.list[link->address]);
    try_again(link, now);
}

void chat__link_step(struct chat__link *link, uint64_t now)
{
    if (link->state == CHAT__LINK_RESOLVING)
        step_lookup(link, now);
    else if (link->state == CHAT__LINK_CONNECTING && link->address_due <= now)
        give_up_address(link, now);
    else if (link->state == CHAT__LINK_BROKEN && link->established)
        report_end(link);
    else if (link->state == CHAT__LINK_BROKEN)
        try_again(link, now);
}

uint64_t chat__link_due(const struct chat__link *link)
{
    return link->state == CHAT__LINK_CONNECTING ? link->address_due
                                                : UINT64_MAX;
}

void chat__link_want_write(struct chat__link *link)
{
    if (link->state == CHAT__LINK_OPEN)
        lws_callback_on_writable(link->wsi);
}

void chat__link_set_reading(struct chat__link *link, bool reading)
{
    if (link->reading == reading)
        return;
    link->reading = reading;
    if (link->state == CHAT__LINK_OPEN)
        lws_rx_flow_control(link->wsi, reading);
}
