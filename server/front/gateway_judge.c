#include "server/front/gateway_queue.h"

#include "protocol/event.h"
#include "server/ops/log.h"

/* Of docs/protocol.md. */
#define CLOSE_TOO_SLOW 4008

/* The latest answers, as many as LATEST, make up most of the share. */
#define THROTTLED_ALL     1024
#define THROTTLED_ACCOUNT (THROTTLED_ALL / 4)
#define THROTTLED_LATEST  64

static int64_t now_ms(const struct chat__outbox *outbox)
{
    return (int64_t)uv_now(outbox->options.loop);
}

/* Full jitter: half the clients of a throttled account come half as soon. */
static uint64_t retry_wait(const struct chat__post_queue *queue)
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

void chat__post_queue_close(struct chat__post_queue *queue, unsigned int code,
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

void chat__post_queue_cut_off(struct chat__post_queue *queue)
{
    chat__metrics_count(queue->outbox->options.metrics,
                        CHAT__METRIC_SLOW_READER_CLOSES);
    queue->outbox->bytes -= queue->waiting.length;
    chat__buffer_release(&queue->waiting);
    chat__post_queue_close(queue, CLOSE_TOO_SLOW, "reads too slowly");
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

static void on_retry(uv_timer_t *timer)
{
    struct chat__post_queue *queue = timer->data;

    queue->retrying = false;
    chat__post_queue_send_next(queue);
}

void chat__post_queue_retry(struct chat__post_queue *queue, bool throttled)
{
    struct chat__outbox *outbox = queue->outbox;

    if (queue->failures == 0) {
        queue->failing_since_ms = now_ms(outbox);
        note_share(outbox, throttled);
    }
    if (now_ms(outbox) - queue->failing_since_ms > CHAT__OUTBOX_PATIENCE_MS) {
        if (!throttled || queue->closing || is_account_throttled(outbox)) {
            chat__post_queue_drop(queue);
            return;
        }
        outbox->bytes -= queue->flying.length;
        chat__buffer_release(&queue->flying);
        chat__post_queue_cut_off(queue);
        queue->failures = 0;
    }
    queue->retrying = true;
    uv_timer_start(&queue->timer, on_retry, retry_wait(queue), 0);
    queue->failures++;
}

/* Back before what waits; from now on fewer go together. */
static void split(struct chat__post_queue *queue)
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
            chat__post_queue_close(queue, CLOSE_TOO_SLOW, "too large");
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

static void forget_flying(struct chat__post_queue *queue)
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

static void gone(struct chat__post_queue *queue)
{
    struct chat__outbox *outbox = queue->outbox;

    count(outbox, CHAT__GATEWAY_POST_GONE);
    outbox->options.gone(outbox->options.context, queue->id, queue->topic);
    chat__post_queue_drop(queue);
}

/* True when the queue goes on. */
bool chat__post_queue_judge(struct chat__post_queue *queue, unsigned int status)
{
    struct chat__outbox *outbox = queue->outbox;

    if (status == CHAT__POST_GONE) {
        gone(queue);
        return false;
    }
    if (status >= 200 && status < 300) {
        count(outbox, CHAT__GATEWAY_POST_SENT);
        if (queue->failures == 0)
            note_share(outbox, false);
        forget_flying(queue);
        queue->pack_max = CHAT__OUTBOX_PACK_BYTES_MAX;
    } else if (status == CHAT__POST_TOO_LARGE) {
        count(outbox, CHAT__GATEWAY_POST_TOO_LARGE);
        split(queue);
    } else if (status == CHAT__POST_THROTTLED || status == 0 || status >= 500) {
        count(outbox, status == CHAT__POST_THROTTLED
                          ? CHAT__GATEWAY_POST_THROTTLED
                          : CHAT__GATEWAY_POST_FAILED);
        chat__post_queue_retry(queue, status == CHAT__POST_THROTTLED);
        return false;
    } else {
        count(outbox, CHAT__GATEWAY_POST_REFUSED);
        complain(outbox, status);
        forget_flying(queue);
    }
    return true;
}
