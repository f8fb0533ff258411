#include "sdk/link_callback.h"

#include "chat/client.h"
#include "sdk/link.h"

#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

/* The socket is on its way out; chat__link_step does the rest. */
static void broken(struct chat__link *link)
{
    link->wsi = NULL;
    link->state = CHAT__LINK_BROKEN;
    chat__network_step_soon(link->member);
}

/* Why the link ends, unless something earlier has said it better. */
static void explain(struct chat__link *link, int error, const char *detail)
{
    if (link->error != CHAT_OK && link->error != CHAT_ERROR_NETWORK)
        return;
    link->error = error;
    snprintf(link->detail, sizeof(link->detail), "%s", detail);
}

/*
 * Ends the connection with this code; the callback returns the result. The
 * link does not wait for the server to agree.
 */
static int give_up(struct chat__link *link, enum lws_close_status code,
                   int error, const char *detail)
{
    struct lws *wsi = link->wsi;

    explain(link, error, detail);
    lws_close_reason(wsi, code, NULL, 0);
    lws_set_opaque_user_data(wsi, NULL);
    broken(link);
    return -1;
}

/* ---- connecting ---- */

static void on_certificate(struct chat__link *link, X509_STORE_CTX *store,
                           int verified)
{
    int error = X509_STORE_CTX_get_error(store);

    if (!verified)
        explain(link, CHAT_ERROR_TLS, X509_verify_cert_error_string(error));
}

/* A status by which servers refuse a subprotocol, not the client. */
static bool may_be_subprotocol(int status)
{
    return status >= 400 && status < 500 && status != 401 && status != 429;
}

static void on_connection_error(struct chat__link *link, struct lws *wsi,
                                const char *reason, size_t length)
{
    int status = (int)lws_http_client_http_response(wsi);
    const char *address = link->addresses.list[link->address];
    char detail[sizeof(link->detail)];

    link->subprotocol_refused = may_be_subprotocol(status);
    if (status != 0 && status != 101)
        snprintf(detail, sizeof(detail), "the server answered HTTP %d", status);
    else if (reason != NULL && length > 0)
        snprintf(detail, sizeof(detail), "%s: %.*s", address,
                 (int)(length < 100 ? length : 100), reason);
    else
        snprintf(detail, sizeof(detail), "cannot connect to %s", address);
    explain(link, CHAT_ERROR_NETWORK, detail);
    broken(link);
}

static void on_established(struct chat__link *link, struct lws *wsi)
{
    link->wsi = wsi;
    link->state = CHAT__LINK_OPEN;
    link->established = true;
    snprintf(link->detail, sizeof(link->detail), "the connection broke");
    if (!link->reading)
        lws_rx_flow_control(wsi, 0);
    link->handler.opened(link->handler.context);
    chat__network_step_soon(link->member);
}

/* ---- frames ---- */

static int on_received(struct chat__link *link, const char *bytes,
                       size_t length)
{
    struct lws *wsi = link->wsi;
    bool whole =
        lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0;

    if (lws_frame_is_binary(wsi))
        return give_up(link, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE,
                       CHAT_ERROR_PROTOCOL, "the server sent binary data");
    if (length > CHAT__LINK_FRAME_BYTES_MAX - link->in.length)
        return give_up(link, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE,
                       CHAT_ERROR_PROTOCOL, "a frame is too large");
    if (!whole || link->in.length > 0) {
        chat__buffer_append(&link->in, bytes, length);
        bytes = link->in.data;
        length = link->in.length;
    }
    if (link->in.failed)
        return give_up(link, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION,
                       CHAT_ERROR_MEMORY, "no memory for a frame");
    if (!whole)
        return 0;
    link->handler.received(link->handler.context, bytes, length);
    chat__buffer_clear(&link->in);
    chat__network_step_soon(link->member);
    return 0;
}

/* Takes one frame from the handler and writes it. False: none, or broken. */
static bool write_frame(struct chat__link *link, struct lws *wsi, int *result)
{
    static const unsigned char before[LWS_PRE];
    struct chat__buffer *out = &link->out;
    size_t length;
    int written;

    chat__buffer_clear(out);
    chat__buffer_append(out, before, sizeof(before));
    if (out->failed || !link->handler.next_frame(link->handler.context, out))
        return false;
    length = out->length - LWS_PRE;
    written = lws_write(wsi, (unsigned char *)out->data + LWS_PRE, length,
                        LWS_WRITE_TEXT);
    explicit_bzero(out->data, out->length); /* it may hold a password */
    if (written < (int)length) {
        *result = -1;
        return false;
    }
    return true;
}

static int on_writable(struct chat__link *link, struct lws *wsi)
{
    int result = 0;

    for (int n = 0; n < CHAT__FRAMES_AT_ONCE; n++) {
        if (lws_partial_buffered(wsi))
            break;
        if (!write_frame(link, wsi, &result)) {
            /* A step asks to write: one for nothing written would never end. */
            if (n > 0)
                chat__network_step_soon(link->member);
            return result;
        }
    }
    lws_callback_on_writable(wsi);
    return 0;
}

static void on_peer_close(struct chat__link *link, const unsigned char *bytes,
                          size_t length)
{
    char reason[124];
    size_t used = 0;

    if (length < 2)
        return;
    link->close_code = (unsigned)bytes[0] << 8 | bytes[1];
    for (size_t i = 2; i < length && used < sizeof(reason) - 1; i++)
        reason[used++] =
            bytes[i] < ' ' || bytes[i] > '~' ? '?' : (char)bytes[i];
    reason[used] = '\0';
    snprintf(link->detail, sizeof(link->detail),
             used > 0 ? "the server closed (%u): %s" : "the server closed (%u)",
             link->close_code, reason);
}

/* ---- the callback ---- */

static int callback(struct lws *wsi, enum lws_callback_reasons reason,
                    void *user, void *in, size_t length)
{
    struct chat__link *link;

    (void)user;
    switch (reason) {
    case LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION:
        link = lws_get_opaque_user_data(wsi);
        /* The arguments are the store, the connection, and the verdict. */
        if (link != NULL)
            on_certificate(link, user, (int)length);
        return 0;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        link = lws_get_opaque_user_data(wsi);
        if (link != NULL)
            on_connection_error(link, wsi, in, length);
        return 0;
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        link = lws_get_opaque_user_data(wsi);
        if (link == NULL)
            return -1;
        on_established(link, wsi);
        return 0;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        link = lws_get_opaque_user_data(wsi);
        return link != NULL ? on_received(link, in, length) : 0;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        link = lws_get_opaque_user_data(wsi);
        return link != NULL ? on_writable(link, wsi) : 0;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        link = lws_get_opaque_user_data(wsi);
        if (link != NULL)
            on_peer_close(link, in, length);
        return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
        link = lws_get_opaque_user_data(wsi);
        if (link != NULL)
            broken(link);
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        /* Some ends of a handshake are told by no other callback. */
        link = lws_get_opaque_user_data(wsi);
        if (link != NULL && link->wsi == wsi)
            broken(link);
        return 0;
    default:
        return 0;
    }
}

const struct lws_protocols chat__link_protocols[] = {
    {.name = CHAT__SUBPROTOCOL, .callback = callback},
    {.name = NULL},
};
