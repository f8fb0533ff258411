#include "protocol/event.h"
#include "protocol/limits.h"
#include "server/front/session.h"

#include <stdlib.h>
#include <string.h>

#define CLOSE_EVENT_BYTES_MAX 512

#define CLOSE_CODES_END 5000 /* no code is so large */

/* Of docs/protocol.md. */
enum { CLOSE_TOO_SLOW = 4008, CLOSE_SILENT = 4012 };

/* The slow way: a copy of the one frame there is, which the library frames. */
static bool write_framed(struct chat__session *session,
                         const unsigned char *bytes, size_t length)
{
    unsigned char *payload = session->front->framing + LWS_PRE;
    struct chat__frame_part part;

    (void)length;
    chat__frame_read(bytes, &part);
    memcpy(payload, part.payload, part.length);
    return lws_write(session->wsi, payload, part.length,
                     part.ping ? LWS_WRITE_PING : LWS_WRITE_TEXT) >= 0;
}

/* RAW leaves the bytes as they are; the library only lacks the const. */
static bool write_raw(struct chat__session *session, const unsigned char *bytes,
                      size_t length)
{
    return lws_write(session->wsi, (unsigned char *)(uintptr_t)bytes, length,
                     LWS_WRITE_RAW) >= 0;
}

enum chat__output_written
chat__websocket_write(void *handle, const unsigned char *bytes, size_t length)
{
    struct chat__session *session = handle;
    bool raw = session->front->framing == NULL;

    if (!(raw ? write_raw : write_framed)(session, bytes, length))
        return CHAT__OUTPUT_LOST;
    return lws_partial_buffered(session->wsi) ? CHAT__OUTPUT_KEPT
                                              : CHAT__OUTPUT_WRITTEN;
}

static void mark_dirty(struct chat__session *session)
{
    struct chat__front *front = session->front;

    if (session->link != NULL)
        return;
    session->next = front->dirty;
    session->link = &front->dirty;
    if (session->next != NULL)
        session->next->link = &session->next;
    front->dirty = session;
}

static void unmark_dirty(struct chat__session *session)
{
    if (session->link == NULL)
        return;
    *session->link = session->next;
    if (session->next != NULL)
        session->next->link = session->link;
    session->link = NULL;
}

static void begin_close(struct chat__session *session, unsigned int code,
                        const char *reason)
{
    session->state = CHAT__SESSION_CLOSING;
    session->close_code = code;
    session->close_reason = strndup(reason, CHAT__CLOSE_REASON_BYTES - 1);
    session->close_by_ms =
        chat__front_now_ms(session->front) + CHAT__CLOSE_TIMEOUT_MS;
    mark_dirty(session);
}

/* Nothing can be sent any more: the library is asked to drop the peer. */
static void give_up(struct chat__session *session)
{
    chat__output_discard(&session->output);
    session->state = CHAT__SESSION_BROKEN;
    lws_callback_on_writable(session->wsi);
}

void chat__websocket_close(struct chat__session *session, unsigned int code,
                           const char *reason)
{
    const struct chat__event event = {
        .kind = CHAT__EVENT_CLOSE, .code = code, .message = reason};
    struct chat__buffer buffer;

    chat__buffer_init(&buffer, CLOSE_EVENT_BYTES_MAX);
    chat__event_encode(&event, &buffer);
    chat__buffer_append_byte(&buffer, '\n');
    if (!buffer.failed)
        chat__output_send(&session->output, buffer.data, buffer.length, false);
    chat__buffer_release(&buffer);
    begin_close(session, code, reason);
}

static void check(struct chat__session *session,
                  enum chat__output_result result)
{
    switch (result) {
    case CHAT__OUTPUT_OK:
        break;
    case CHAT__OUTPUT_OVERFLOW:
        chat__output_discard(&session->output);
        if (session->state != CHAT__SESSION_OPEN)
            break;
        chat__metrics_count(session->front->options.metrics,
                            CHAT__METRIC_SLOW_READER_CLOSES);
        chat__websocket_close(session, CLOSE_TOO_SLOW, "reads too slowly");
        break;
    case CHAT__OUTPUT_BROKEN:
        give_up(session);
        break;
    }
}

static void front_send(void *handle, const char *objects, size_t length,
                       enum chat__delivery delivery)
{
    struct chat__session *session = handle;

    if (session->state != CHAT__SESSION_OPEN)
        return;
    mark_dirty(session);
    check(session, chat__output_send(&session->output, objects, length,
                                     delivery == CHAT__DELIVERY_DROPPABLE));
}

static struct chat__frame *front_frame(const char *objects, size_t length,
                                       enum chat__delivery delivery)
{
    return chat__frame_new(objects, length,
                           delivery == CHAT__DELIVERY_DROPPABLE);
}

static void front_deliver(void *handle, struct chat__frame *frame)
{
    struct chat__session *session = handle;

    if (session->state == CHAT__SESSION_OPEN)
        check(session, chat__output_deliver(&session->output, frame));
}

static void front_close(void *handle, unsigned int code, const char *reason)
{
    struct chat__session *session = handle;

    if (session->state == CHAT__SESSION_OPEN)
        begin_close(session, code, reason);
}

/* Of the address that the client counts for. */
static const unsigned char *client_key(const struct chat__session *session)
{
    const struct chat__address *peer = lws_get_opaque_user_data(session->wsi);

    return session->client != NULL ? session->client->key : peer->key;
}

static void count_handshake(const struct chat__front *front,
                            enum chat__handshake result)
{
    chat__metrics_count_as(front->options.metrics, CHAT__METRIC_HANDSHAKES,
                           (int)result);
}

static void front_look(const void *handle, struct chat__front_look *seen)
{
    const struct chat__session *session = handle;

    seen->address = client_key(session);
    seen->queue_bytes = chat__output_bytes(&session->output);
    seen->idle_ms = chat__front_now_ms(session->front) - session->heard_ms;
}

static const struct chat__front_operations operations = {
    .send = front_send,
    .frame = front_frame,
    .deliver = front_deliver,
    .frame_release = chat__frame_release,
    .look = front_look,
    .close = front_close,
};

/* When memory is short, the session counts as the proxy's own. */
static void count_client(struct chat__session *session,
                         struct chat__address *peer)
{
    struct chat__front *front = session->front;
    struct in6_addr host;

    peer->clients++;
    session->client = NULL;
    if (chat__upgrade_client(front, session->wsi, &host))
        session->client = chat__addresses_add(&front->addresses, &host);
    if (session->client == NULL)
        return;
    peer->proxied++;
    session->client->clients++;
}

static void uncount_client(struct chat__session *session,
                           struct chat__address *peer)
{
    peer->clients--;
    if (session->client == NULL)
        return;
    peer->proxied--;
    session->client->clients--;
    chat__addresses_remove(&session->front->addresses, session->client);
    session->client = NULL;
}

static void enlist(struct chat__session *session)
{
    struct chat__front *front = session->front;

    session->place = front->session_count;
    front->sessions[front->session_count++] = session;
    count_client(session, lws_get_opaque_user_data(session->wsi));
}

static void delist(struct chat__session *session)
{
    struct chat__front *front = session->front;
    struct chat__session *last = front->sessions[--front->session_count];

    front->sessions[session->place] = last;
    last->place = session->place;
    uncount_client(session, lws_get_opaque_user_data(session->wsi));
}

int chat__websocket_open(struct chat__session *session)
{
    struct chat__front *front = session->front;
    struct chat__remote_context remote = {0};
    struct chat__peer peer = {.id = session->id};

    /* Upgrades that were checked in the same pass may have filled the place. */
    if (front->session_count >= front->options.settings.connections_max) {
        count_handshake(front, CHAT__HANDSHAKE_REFUSED_FULL);
        return -1;
    }
    enlist(session);
    peer.address = client_key(session);
    if (chat__upgrade_remote(front, session->wsi, &remote))
        peer.remote = &remote;
    session->connection =
        chat__core_connect(front->options.core, &operations, session, &peer);
    if (session->connection == NULL) {
        delist(session);
        count_handshake(front, CHAT__HANDSHAKE_REFUSED_FULL);
        return -1;
    }
    count_handshake(front, CHAT__HANDSHAKE_ACCEPTED);
    session->state = CHAT__SESSION_OPEN;
    session->heard_ms = session->pinged_ms = chat__front_now_ms(front);
    chat__output_init(&session->output, &front->pool, session);
    return 0;
}

/*
 * The library refuses wrong codes below 3000 by itself, but would echo one of
 * 5000 and more, and half a code (RFC 6455, 7.4).
 */
int chat__websocket_close_heard(struct chat__session *session,
                                const unsigned char *payload, size_t length)
{
    session->close_heard = true;
    chat__websocket_leave(session);
    if (length == 0 ||
        (length > 1 && (payload[0] << 8 | payload[1]) < CLOSE_CODES_END))
        return 0;
    lws_close_reason(session->wsi, LWS_CLOSE_STATUS_PROTOCOL_ERR, NULL, 0);
    return -1;
}

/* Everything has left: the close frame is next. */
static bool is_ready_to_leave(const struct chat__session *session)
{
    return session->state == CHAT__SESSION_CLOSING &&
           chat__output_is_empty(&session->output);
}

/*
 * The library's own way to close, from outside its callbacks: when a writable
 * callback asks for it, 4.1.6 as Debian builds it closes twice over and the
 * close frame is lost. The session may be released in here.
 */
static void leave_with_code(struct chat__session *session)
{
    session->state = CHAT__SESSION_LEAVING;
    lws_close_reason(
        session->wsi, (enum lws_close_status)session->close_code,
        (unsigned char *)session->close_reason,
        session->close_reason == NULL ? 0 : strlen(session->close_reason));
    lws_set_timeout(session->wsi, PENDING_TIMEOUT_USER_REASON_BASE,
                    LWS_TO_KILL_SYNC);
}

int chat__websocket_writable(struct chat__session *session)
{
    if (chat__output_is_waiting(&session->output))
        check(session, chat__output_writable(&session->output));
    if (is_ready_to_leave(session))
        mark_dirty(session);
    return session->state == CHAT__SESSION_BROKEN ? -1 : 0;
}

void chat__websocket_flush(struct chat__session *session)
{
    unmark_dirty(session);
    check(session, chat__output_flush(&session->output));
    if (is_ready_to_leave(session))
        leave_with_code(session);
}

void chat__websocket_sweep(struct chat__session *session, int64_t now)
{
    if (session->state == CHAT__SESSION_CLOSING && now > session->close_by_ms) {
        give_up(session);
        lws_set_timeout(session->wsi, PENDING_TIMEOUT_USER_REASON_BASE,
                        LWS_TO_KILL_ASYNC);
    }
    if (session->state != CHAT__SESSION_OPEN)
        return;
    if (now - session->heard_ms > CHAT__PEER_SILENCE_MAX_MS) {
        chat__websocket_close(session, CLOSE_SILENT,
                              "nothing heard for too long");
    } else if (now - session->heard_ms >= CHAT__PING_INTERVAL_MS &&
               now - session->pinged_ms >= CHAT__PING_INTERVAL_MS) {
        session->pinged_ms = now;
        check(session,
              chat__output_deliver(&session->output, session->front->ping));
    }
}

void chat__websocket_leave(struct chat__session *session)
{
    if (session->connection == NULL)
        return;
    session->state = CHAT__SESSION_LEAVING;
    chat__output_discard(&session->output);
    chat__core_disconnect(session->connection, session->close_code,
                          session->close_reason);
    session->connection = NULL;
}

static enum chat__close_reason close_reason(const struct chat__session *session)
{
    static const unsigned int codes[] = {
#define X(id, word, code) code,
        CHAT__CLOSES(X)
#undef X
    };

    if (session->close_code == 0)
        return session->close_heard ? CHAT__CLOSED_CLIENT : CHAT__CLOSED_LOST;
    for (int i = 0; i < CHAT__CLOSED_COUNT; i++)
        if (codes[i] == session->close_code)
            return (enum chat__close_reason)i;
    return CHAT__CLOSED_OTHER;
}

void chat__websocket_release(struct chat__session *session)
{
    if (session->state == CHAT__SESSION_HTTP)
        return;
    chat__metrics_count_as(session->front->options.metrics, CHAT__METRIC_CLOSES,
                           (int)close_reason(session));
    chat__websocket_leave(session);
    unmark_dirty(session);
    chat__websocket_forget(session);
    delist(session);
    chat__output_release(&session->output);
    free(session->close_reason);
    session->state = CHAT__SESSION_HTTP;
}
