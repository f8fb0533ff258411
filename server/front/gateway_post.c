#include "server/front/gateway_post.h"

#include "protocol/event.h"
#include "server/ops/log.h"
#include "server/store/directory.h"
#include "server/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of docs/protocol.md. */
#define CLOSE_TOO_SLOW 4008

/* The latest answers, as many as LATEST, make up most of the share. */
#define THROTTLED_ALL     1024
#define THROTTLED_ACCOUNT (THROTTLED_ALL / 4)
#define THROTTLED_LATEST  64

enum { STATUS_GONE = 410, STATUS_TOO_LARGE = 413, STATUS_THROTTLED = 429 };

struct queue {
    struct chat__table_link link; /* by its id */
    struct chat__outbox *outbox;
    struct chat__buffer waiting; /* NDJSON behind what is in flight */
    struct chat__buffer flying;
    void *call;           /* NULL: none is in flight */
    struct queue *before; /* in the line of those that wait for their turn */
    struct queue *after;
    bool in_line;
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
    struct queue *line_first;
    struct queue *line_last;
    size_t calls;
    size_t bytes;
    unsigned int throttled; /* the share of answers, of THROTTLED_ALL */
    int64_t complained_ms;
    bool stopped;
};

static void send_next(struct queue *queue);

/* ---- queues ---- */

static struct queue *queue_of(struct chat__table_link *link)
{
    return CHAT__CONTAINER(link, struct queue, link);
}

static struct queue *find(const struct chat__outbox *outbox, const char *id)
{
    struct chat__table_link *link =
        chat__table_find(&outbox->queues, chat__hash_string(0, id));

    while (link != NULL && strcmp(queue_of(link)->id, id) != 0)
        link = chat__table_next(link);
    return link != NULL ? queue_of(link) : NULL;
}

static void on_retry(uv_timer_t *timer);

/* NULL: there are too many, or memory is short. */
static struct queue *find_or_make(struct chat__outbox *outbox, const char *id)
{
    struct queue *queue = find(outbox, id);
    size_t size = strlen(id) + 1;

    if (queue != NULL || outbox->stopped ||
        outbox->queues.count == CHAT__OUTBOX_QUEUES_MAX)
        return queue;
    queue = calloc(1, sizeof *queue + size);
    if (queue == NULL)
        return NULL;
    if (!chat__table_insert(&outbox->queues, &queue->link,
                            chat__hash_string(0, id))) {
        free(queue);
        return NULL;
    }
    memcpy(queue->id, id, size);
    queue->outbox = outbox;
    queue->pack_max = CHAT__OUTBOX_PACK_BYTES_MAX;
    chat__buffer_init(&queue->waiting, CHAT__OUTBOX_BYTES_MAX);
    chat__buffer_init(&queue->flying, CHAT__OUTBOX_PACK_BYTES_MAX);
    uv_timer_init(outbox->options.loop, &queue->timer);
    queue->timer.data = queue;
    return queue;
}

static void count_bytes(struct chat__outbox *outbox)
{
    chat__metrics_set(outbox->options.metrics, CHAT__METRIC_GATEWAY_QUEUE_BYTES,
                      outbox->bytes);
}

static void drop_waiting(struct queue *queue)
{
    queue->outbox->bytes -= queue->waiting.length + queue->flying.length;
    chat__buffer_release(&queue->waiting);
    chat__buffer_release(&queue->flying);
    count_bytes(queue->outbox);
}

static void leave_line(struct queue *queue)
{
    struct chat__outbox *outbox = queue->outbox;

    if (!queue->in_line)
        return;
    if (queue->before != NULL)
        queue->before->after = queue->after;
    else
        outbox->line_first = queue->after;
    if (queue->after != NULL)
        queue->after->before = queue->before;
    else
        outbox->line_last = queue->before;
    queue->in_line = false;
}

static void free_queue(uv_handle_t *timer)
{
    free(timer->data);
}

static void drop_queue(struct queue *queue)
{
    struct chat__outbox *outbox = queue->outbox;

    chat__table_remove(&outbox->queues, &queue->link);
    leave_line(queue);
    if (queue->call != NULL) {
        outbox->options.client->cancel(outbox->options.client, queue->call);
        outbox->calls--;
    }
    drop_waiting(queue);
    uv_close((uv_handle_t *)&queue->timer, free_queue);
}

/* ---- answers ---- */

static int64_t now_ms(const struct chat__outbox *outbox)
{
    return (int64_t)uv_now(outbox->options.loop);
}

/* Full jitter: half the clients of a throttled account come half as soon. */
static uint64_t retry_wait(const struct queue *queue)
{
    const struct chat__random *random = &queue->outbox->options.random;
    uint64_t most = CHAT__OUTBOX_RETRY_CEILING_MS;
    uint64_t drawn = 0;

    if (queue->failures < 6)
        most = (uint64_t)CHAT__OUTBOX_RETRY_FIRST_MS << queue->failures;
    if (!random->fill(random->context, &drawn, sizeof drawn))
        return most;
    return drawn % (most + 1);
}

static void begin_close(struct queue *queue, unsigned int code,
                        const char *reason)
{
    const struct chat__event event = {
        .kind = CHAT__EVENT_CLOSE, .code = code, .message = reason};
    size_t before = queue->waiting.length;

    queue->closing = true;
    chat__event_encode(&event, &queue->waiting);
    chat__buffer_append_byte(&queue->waiting, '\n');
    if (queue->waiting.failed) {
        chat__buffer_truncate(&queue->waiting, before);
        queue->waiting.failed = false;
    }
    queue->outbox->bytes += queue->waiting.length - before;
}

static void cut_off_slow(struct queue *queue)
{
    chat__metrics_count(queue->outbox->options.metrics,
                        CHAT__METRIC_SLOW_READER_CLOSES);
    queue->outbox->bytes -= queue->waiting.length;
    chat__buffer_release(&queue->waiting);
    begin_close(queue, CLOSE_TOO_SLOW, "reads too slowly");
}

/*
 * API Gateway says 429 for a client that does not read, and for an account that
 * asks too much. The latter hits many: of each pack the first answer counts.
 */
static void note_share(struct chat__outbox *outbox, bool throttled)
{
    outbox->throttled -= outbox->throttled / THROTTLED_LATEST;
    if (throttled)
        outbox->throttled += THROTTLED_ALL / THROTTLED_LATEST;
}

static bool is_account_throttled(const struct chat__outbox *outbox)
{
    return outbox->throttled > THROTTLED_ACCOUNT;
}

static void retry(struct queue *queue, bool throttled)
{
    struct chat__outbox *outbox = queue->outbox;

    if (queue->failures == 0) {
        queue->failing_since_ms = now_ms(outbox);
        note_share(outbox, throttled);
    }
    if (now_ms(outbox) - queue->failing_since_ms > CHAT__OUTBOX_PATIENCE_MS) {
        if (!throttled || queue->closing || is_account_throttled(outbox)) {
            drop_queue(queue);
            return;
        }
        outbox->bytes -= queue->flying.length;
        chat__buffer_release(&queue->flying);
        cut_off_slow(queue);
        queue->failures = 0;
    }
    queue->retrying = true;
    uv_timer_start(&queue->timer, on_retry, retry_wait(queue), 0);
    queue->failures++;
}

/* Back before what waits; from now on fewer go together. */
static void split(struct queue *queue)
{
    struct chat__buffer all = queue->flying;
    size_t first = 0;

    while (first < all.length && all.data[first] != '\n')
        first++;
    if (first + 1 >= all.length) {
        chat__log_write(CHAT__LOG_WARNING, "gateway_too_large",
                        "an object is too large for API Gateway");
        queue->outbox->bytes -= all.length;
        chat__buffer_release(&queue->flying);
        if (!queue->closing)
            begin_close(queue, CLOSE_TOO_SLOW, "too large");
        return;
    }
    queue->pack_max = all.length / 2;
    all.limit = CHAT__OUTBOX_BYTES_MAX + CHAT__OUTBOX_PACK_BYTES_MAX;
    chat__buffer_append(&all, queue->waiting.data, queue->waiting.length);
    if (all.failed)
        return;
    chat__buffer_release(&queue->waiting);
    queue->waiting = all;
    chat__buffer_init(&queue->flying, CHAT__OUTBOX_PACK_BYTES_MAX);
}

/* Nothing that waiting helps: the deployment is wrong. */
static void complain(struct chat__outbox *outbox, unsigned int status)
{
    struct chat__log_line line;

    if (outbox->complained_ms != 0 &&
        now_ms(outbox) - outbox->complained_ms < CHAT__OUTBOX_PATIENCE_MS)
        return;
    outbox->complained_ms = now_ms(outbox);
    chat__log_begin(&line, CHAT__LOG_ERROR, "gateway_refused");
    chat__log_int(&line, "status", status);
    chat__log_string(&line, "reason",
                     status == 403 ? "@connections: no right, or a wrong URL"
                                   : "@connections refuses what it gets");
    chat__log_end(&line);
}

static void forget_flying(struct queue *queue)
{
    queue->outbox->bytes -= queue->flying.length;
    chat__buffer_clear(&queue->flying);
    queue->failures = 0;
}

static void count(struct chat__outbox *outbox, enum chat__gateway_post result)
{
    chat__metrics_count_as(outbox->options.metrics, CHAT__METRIC_GATEWAY_POSTS,
                           (int)result);
}

static void gone(struct queue *queue)
{
    struct chat__outbox *outbox = queue->outbox;

    count(outbox, CHAT__GATEWAY_POST_GONE);
    outbox->options.gone(outbox->options.context, queue->id, queue->topic);
    drop_queue(queue);
}

/* True when the queue goes on. */
static bool judge(struct queue *queue, unsigned int status)
{
    struct chat__outbox *outbox = queue->outbox;

    if (status == STATUS_GONE) {
        gone(queue);
        return false;
    }
    if (status >= 200 && status < 300) {
        count(outbox, CHAT__GATEWAY_POST_SENT);
        if (queue->failures == 0)
            note_share(outbox, false);
        forget_flying(queue);
        queue->pack_max = CHAT__OUTBOX_PACK_BYTES_MAX;
    } else if (status == STATUS_TOO_LARGE) {
        count(outbox, CHAT__GATEWAY_POST_TOO_LARGE);
        split(queue);
    } else if (status == STATUS_THROTTLED || status == 0 || status >= 500) {
        count(outbox, status == STATUS_THROTTLED ? CHAT__GATEWAY_POST_THROTTLED
                                                 : CHAT__GATEWAY_POST_FAILED);
        retry(queue, status == STATUS_THROTTLED);
        return false;
    } else {
        count(outbox, CHAT__GATEWAY_POST_REFUSED);
        complain(outbox, status);
        forget_flying(queue);
    }
    return true;
}

static void serve_line(struct chat__outbox *outbox)
{
    while (outbox->line_first != NULL &&
           outbox->calls < CHAT__OUTBOX_CALLS_MAX) {
        struct queue *queue = outbox->line_first;

        leave_line(queue);
        send_next(queue);
        if (queue->in_line)
            return;
    }
}

static void on_done(void *context, unsigned int status)
{
    struct queue *queue = context;
    struct chat__outbox *outbox = queue->outbox;
    bool deleted = queue->deleting && status >= 200 && status < 500 &&
                   status != STATUS_GONE && status != STATUS_THROTTLED;

    queue->call = NULL;
    outbox->calls--;
    chat__metrics_observe_us(outbox->options.metrics,
                             CHAT__METRIC_GATEWAY_POST_SECONDS,
                             (int64_t)(uv_hrtime() / 1000) - queue->began_us);
    if (deleted)
        drop_queue(queue);
    else if (judge(queue, status))
        send_next(queue);
    count_bytes(outbox);
    serve_line(outbox);
}

/* ---- requests ---- */

/* Whole objects, as many as one request may have; one at least. */
static void pack(struct queue *queue)
{
    const char *bytes = queue->waiting.data;
    size_t left = queue->waiting.length;
    size_t length = 0;
    size_t objects = 0;

    while (length < left) {
        const char *end = memchr(bytes + length, '\n', left - length);
        size_t next = end == NULL ? left : (size_t)(end - bytes) + 1;

        if (next > queue->pack_max && length > 0)
            break;
        length = next;
        objects++;
    }
    chat__buffer_clear(&queue->flying);
    queue->flying.limit = length > CHAT__OUTBOX_PACK_BYTES_MAX
                              ? length
                              : CHAT__OUTBOX_PACK_BYTES_MAX;
    if (!chat__buffer_reserve(&queue->flying, length))
        return;
    chat__buffer_append(&queue->flying, bytes, length);
    memmove(queue->waiting.data, bytes + length, left - length);
    queue->waiting.length = left - length;
    chat__metrics_add(queue->outbox->options.metrics,
                      CHAT__METRIC_GATEWAY_OBJECTS, objects);
}

static void stand_in_line(struct queue *queue)
{
    struct chat__outbox *outbox = queue->outbox;

    if (queue->in_line)
        return;
    queue->in_line = true;
    queue->before = outbox->line_last;
    queue->after = NULL;
    if (queue->before != NULL)
        queue->before->after = queue;
    else
        outbox->line_first = queue;
    outbox->line_last = queue;
}

static void call(struct queue *queue)
{
    struct chat__outbox *outbox = queue->outbox;
    const struct chat__gateway_call call = {
        .method = queue->deleting ? "DELETE" : "POST",
        .id = queue->id,
        .body = queue->flying.data,
        .length = queue->flying.length,
        .done = on_done,
        .context = queue,
    };

    queue->began_us = (int64_t)(uv_hrtime() / 1000);
    queue->call = outbox->options.client->call(outbox->options.client, &call);
    if (queue->call != NULL)
        outbox->calls++;
    else
        retry(queue, false);
}

/* The queue may be gone afterwards. */
static void send_next(struct queue *queue)
{
    struct chat__outbox *outbox = queue->outbox;

    if (queue->call != NULL || queue->retrying)
        return;
    if (outbox->calls >= CHAT__OUTBOX_CALLS_MAX) {
        stand_in_line(queue);
        return;
    }
    if (queue->flying.length == 0 && queue->waiting.length > 0)
        pack(queue);
    queue->deleting = queue->flying.length == 0 && queue->closing;
    if (queue->flying.length > 0 || queue->deleting)
        call(queue);
    else
        drop_queue(queue);
}

static void on_retry(uv_timer_t *timer)
{
    struct queue *queue = timer->data;

    queue->retrying = false;
    send_next(queue);
}

/* ---- what others say ---- */

struct chat__outbox *
chat__outbox_new(const struct chat__outbox_options *options)
{
    struct chat__outbox *outbox = calloc(1, sizeof *outbox);

    if (outbox != NULL)
        outbox->options = *options;
    return outbox;
}

static bool has_room(struct queue *queue, size_t length)
{
    return queue->outbox->bytes + length <= CHAT__OUTBOX_POOL_BYTES_MAX &&
           chat__buffer_reserve(&queue->waiting, length);
}

/* Who has little waiting is not slow: it loses this, and sees that by seq. */
static void overflow(struct queue *queue)
{
    queue->waiting.failed = false;
    if (queue->waiting.length > CHAT__OUTBOX_CROWDED_BYTES_MAX)
        cut_off_slow(queue);
    else
        chat__metrics_count(queue->outbox->options.metrics,
                            CHAT__METRIC_RELAY_LOST);
}

void chat__outbox_post(struct chat__outbox *outbox, const char *id,
                       const char *topic, const char *objects, size_t length,
                       bool droppable)
{
    struct queue *queue = find_or_make(outbox, id);

    if (queue == NULL) {
        chat__metrics_count(outbox->options.metrics, CHAT__METRIC_RELAY_LOST);
        return;
    }
    if (queue->closing)
        return;
    if (droppable && queue->waiting.length > CHAT__OUTBOX_CROWDED_BYTES_MAX) {
        chat__metrics_count(outbox->options.metrics, CHAT__METRIC_DROPPED);
        return;
    }
    if (topic != NULL)
        snprintf(queue->topic, sizeof queue->topic, "%s", topic);
    if (has_room(queue, length)) {
        chat__buffer_append(&queue->waiting, objects, length);
        outbox->bytes += length;
    } else {
        overflow(queue);
    }
    count_bytes(outbox);
    send_next(queue);
}

void chat__outbox_close(struct chat__outbox *outbox, const char *id,
                        unsigned int code, const char *reason)
{
    struct queue *queue = find_or_make(outbox, id);

    if (queue == NULL || queue->closing)
        return;
    begin_close(queue, code, reason);
    send_next(queue);
}

void chat__outbox_forget(struct chat__outbox *outbox, const char *id)
{
    struct queue *queue = find(outbox, id);

    if (queue != NULL)
        drop_queue(queue);
}

bool chat__outbox_is_idle(const struct chat__outbox *outbox)
{
    return outbox->queues.count == 0;
}

void chat__outbox_stop(struct chat__outbox *outbox)
{
    struct chat__table_link *first;
    uint64_t cursor = 0;

    if (outbox == NULL)
        return;
    outbox->stopped = true;
    do {
        cursor = chat__table_scan(&outbox->queues, cursor, &first);
        while (first != NULL) {
            struct queue *queue = queue_of(first);

            first = first->next;
            drop_queue(queue);
        }
    } while (cursor != 0);
}

void chat__outbox_free(struct chat__outbox *outbox)
{
    if (outbox != NULL)
        chat__table_release(&outbox->queues);
    free(outbox);
}
