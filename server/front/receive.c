/*
 * What comes from a client: the library hands over its reads in pieces, the
 * core gets whole messages.
 */
#include "protocol/limits.h"
#include "server/front/session.h"

#include <stdlib.h>
#include <string.h>

/* A message in more pieces than this is an attack, however short they are. */
#define PIECES_MAX CHAT__FRAME_BYTES_MAX

/*
 * So much of one client in a pass: a whole window of requests, but not more,
 * for others want their turn. And so many reads beyond each client's first.
 */
#define BURST_BYTES_MAX (16 * 1024)
#define READS_A_PASS    1024

/* Two bytes, two more for a length over 125, and the mask (RFC 6455, 5.2). */
#define HEADER_BYTES 8

void chat__websocket_heard(struct chat__session *session)
{
    session->heard_ms = chat__front_now_ms(session->front);
}

static void mark_busy(struct chat__session *session)
{
    struct chat__front *front = session->front;

    if (session->busy)
        return;
    session->busy = true;
    session->next_busy = NULL;
    *front->busy_end = session;
    front->busy_end = &session->next_busy;
}

static void unmark_busy(struct chat__session *session)
{
    struct chat__front *front = session->front;
    struct chat__session **at = &front->busy;

    if (!session->busy)
        return;
    while (*at != session)
        at = &(*at)->next_busy;
    *at = session->next_busy;
    if (*at == NULL)
        front->busy_end = at;
    session->busy = false;
}

/*
 * With the longest header that a client's frame may have here, a read that has
 * filled the buffer counts as much as the buffer at least.
 */
static void count_burst(struct chat__session *session, size_t length)
{
    if (session->pass != session->front->pass)
        session->burst = session->taken = 0;
    session->pass = session->front->pass;
    session->burst += (uint32_t)(length + HEADER_BYTES);
    session->taken += (uint32_t)(length + HEADER_BYTES);
    if (session->burst >= CHAT__RECEIVE_BYTES &&
        session->taken < BURST_BYTES_MAX)
        mark_busy(session);
}

/*
 * The library reads once for each time that the loop finds a socket readable,
 * and no more than the receive buffer (with TLS, one record). A burst would
 * take as many passes, each with a commit and a delivery of its own. What is
 * left is found by the loop.
 */
void chat__front_read_on(struct chat__front *front)
{
    for (int i = 0; front->busy != NULL; i++) {
        struct chat__session *session = front->busy;
        struct lws_pollfd readable = {
            .fd = lws_get_socket_fd(session->wsi),
            .events = LWS_POLLIN,
            .revents = LWS_POLLIN,
        };

        unmark_busy(session);
        session->burst = 0;
        if (i < READS_A_PASS)
            lws_service_fd(front->context, &readable);
    }
    front->pass++;
}

static void drop_pieces(struct chat__session *session)
{
    free(session->pieces);
    session->pieces = NULL;
}

/*
 * Place for `more` bytes behind what has come: those of a piece and of the
 * rest of its frame, so that most messages take memory once.
 */
static bool reserve_piece(struct chat__session *session, size_t more)
{
    struct chat__pieces *pieces = session->pieces;
    size_t length = pieces == NULL ? 0 : pieces->length;
    size_t capacity = length + more;
    struct chat__pieces *larger;

    if (pieces != NULL && pieces->count == PIECES_MAX)
        return false;
    if (pieces != NULL && capacity <= pieces->capacity)
        return true;
    if (pieces != NULL && capacity < 2 * pieces->capacity)
        capacity = 2 * pieces->capacity;
    larger = realloc(pieces, sizeof *pieces + capacity);
    if (larger == NULL)
        return false;
    if (pieces == NULL)
        *larger = (struct chat__pieces){0};
    larger->capacity = capacity;
    session->pieces = larger;
    return true;
}

static void add_piece(struct chat__pieces *pieces, const char *bytes,
                      size_t length)
{
    if (length > 0)
        memcpy(pieces->bytes + pieces->length, bytes, length);
    pieces->length += length;
    pieces->count++;
}

static void hand_over(struct chat__session *session, const char *bytes,
                      size_t length)
{
    struct chat__metrics *metrics = session->front->options.metrics;

    chat__metrics_count(metrics, CHAT__METRIC_FRAMES_RECEIVED);
    chat__metrics_add(metrics, CHAT__METRIC_BYTES_RECEIVED, length);
    chat__core_receive(session->connection, bytes, length, NULL);
}

/* A piece of a message that is not there as a whole. */
static void gather_piece(struct chat__session *session, const char *bytes,
                         size_t length, size_t to_come, bool last)
{
    if (!reserve_piece(session, length + to_come)) {
        drop_pieces(session);
        chat__websocket_close(session, CHAT__CLOSE_TOO_LARGE,
                              "frame too large");
        return;
    }
    add_piece(session->pieces, bytes, length);
    if (!last)
        return;
    hand_over(session, session->pieces->bytes, session->pieces->length);
    drop_pieces(session);
}

int chat__websocket_receive(struct chat__session *session, const char *bytes,
                            size_t length)
{
    size_t to_come = lws_remaining_packet_payload(session->wsi);
    bool last = lws_is_final_fragment(session->wsi) != 0;
    size_t gathered = session->pieces == NULL ? 0 : session->pieces->length;

    if (session->state != CHAT__SESSION_OPEN)
        return 0;
    chat__websocket_heard(session);
    count_burst(session, length);
    if (lws_frame_is_binary(session->wsi))
        chat__websocket_close(session, CHAT__CLOSE_UNACCEPTABLE,
                              "send text frames");
    else if (gathered + length + to_come > CHAT__FRAME_BYTES_MAX)
        chat__websocket_close(session, CHAT__CLOSE_TOO_LARGE,
                              "frame too large");
    else if (last && session->pieces == NULL)
        hand_over(session, bytes, length);
    else
        gather_piece(session, bytes, length, to_come, last);
    return 0;
}

void chat__websocket_forget(struct chat__session *session)
{
    unmark_busy(session);
    drop_pieces(session);
}
