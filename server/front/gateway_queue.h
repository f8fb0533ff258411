/*
 * The queues of the outbox (gateway_post.h), one for each connection that
 * something waits for, and what becomes of one by an answer of @connections.
 * Of the outbox's own files.
 *
 * A queue belongs to its outbox from make to drop; it is freed by the loop, so
 * that it can be read until the caller returns there. Loop thread only.
 */
#ifndef CHAT_SERVER_FRONT_GATEWAY_QUEUE_H
#define CHAT_SERVER_FRONT_GATEWAY_QUEUE_H

#include "server/front/gateway_post.h"
#include "server/store/directory.h"
#include "server/table.h"

/* HTTP's, with what @connections means by them. */
enum chat__post_status {
    CHAT__POST_GONE = 410,
    CHAT__POST_TOO_LARGE = 413,
    CHAT__POST_THROTTLED = 429
};

struct chat__post_queue {
    struct chat__table_link link; /* by its id */
    struct chat__outbox *outbox;
    struct chat__buffer waiting; /* NDJSON behind what is in flight */
    struct chat__buffer flying;
    void *call;   /* NULL: none is in flight */
    bool in_line; /* of those that wait for their turn, with these around */
    struct chat__post_queue *before;
    struct chat__post_queue *after;
    bool retrying; /* the timer runs */
    bool closing;  /* nothing is taken any more: DELETE is the last */
    bool deleting; /* that is in flight */
    unsigned int failures;
    int64_t began_us; /* the request in flight */
    int64_t failing_since_ms;
    size_t pack_max; /* less than usual after a 413 */
    uv_timer_t timer;
    char topic[CHAT__TOPIC_SIZE]; /* of the newest; "": none */
    char id[];
};

struct chat__outbox {
    struct chat__outbox_options options;
    struct chat__table queues;
    struct chat__post_queue *line_first;
    struct chat__post_queue *line_last;
    size_t calls;
    size_t bytes;
    unsigned int throttled; /* the share of 429: gateway_judge.c */
    int64_t complained_ms;
    bool stopped;
};

/* ---- gateway_queue.c ---- */

struct chat__post_queue *chat__post_queue_of(struct chat__table_link *link);

/* NULL: there is none. */
struct chat__post_queue *
chat__post_queue_find(const struct chat__outbox *outbox, const char *id);
/* The one that there is, or another; NULL: too many, or memory is short. */
struct chat__post_queue *chat__post_queue_make(struct chat__outbox *outbox,
                                               const char *id);
void chat__post_queue_drop(struct chat__post_queue *queue);

/* The line of those for which no request may be made now. */
void chat__post_queue_stand_in_line(struct chat__post_queue *queue);
void chat__post_queue_leave_line(struct chat__post_queue *queue);

void chat__outbox_count_bytes(struct chat__outbox *outbox);

/* ---- gateway_judge.c ---- */

/* HTTP's status, 0: none. True: the next request may be made; false: the queue
 * waits, or is gone. */
bool chat__post_queue_judge(struct chat__post_queue *queue,
                            unsigned int status);

/* The request again, after a pause; or what waits is given up. */
void chat__post_queue_retry(struct chat__post_queue *queue, bool throttled);

/* Nothing is taken any more: behind what waits `close`, then DELETE. */
void chat__post_queue_close(struct chat__post_queue *queue, unsigned int code,
                            const char *reason);
/* The same at once: what waits is dropped. */
void chat__post_queue_cut_off(struct chat__post_queue *queue);

/* ---- gateway_post.c ---- */

/* If there is anything and it may; the queue may be gone afterwards. */
void chat__post_queue_send_next(struct chat__post_queue *queue);

#endif
