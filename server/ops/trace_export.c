#include "server/ops/trace_export.h"

#include "server/ops/log.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Spans wait so long for others. */
#define GATHER_MS 2000

#define REQUEST_TIMEOUT_MS 10000
#define ATTEMPTS_MAX       5
#define RETRY_MS           1000
#define RETRY_MS_MAX       60000 /* also where the collector asks for more */

#define ANSWER_BYTES_MAX (64 * 1024)

#define LOG_INTERVAL_MS 60000

struct batch {
    struct chat__buffer body; /* empty, or begun */
    uint64_t spans;
};

struct chat__trace_export {
    struct chat__trace_export_options options;
    struct batch gathering;
    struct batch sending;         /* whole; empty: nothing is on its way */
    struct chat__http_call *call; /* NULL: `sending` waits for its turn */
    unsigned int attempts;
    uv_timer_t timer; /* to send, or to send again; at last to give up */
    bool finishing;
    struct chat__trace_counts counts;
    uint64_t logged_ms; /* when there was a line about it; 0: never */
};

static void send_batch(struct chat__trace_export *export);

/* ---- the log ---- */

static void log_export(struct chat__trace_export *export, const char *event,
                       const char *why)
{
    uint64_t now_ms = uv_now(export->options.loop) + 1;
    struct chat__log_line line;

    if (export->logged_ms != 0 && now_ms - export->logged_ms < LOG_INTERVAL_MS)
        return;
    export->logged_ms = now_ms;
    chat__log_begin(&line, CHAT__LOG_WARNING, event);
    chat__log_string(&line, "detail", why);
    chat__log_int(&line, "sent", (int64_t) export->counts.sent);
    chat__log_int(&line, "failed", (int64_t) export->counts.failed);
    chat__log_int(&line, "dropped", (int64_t) export->counts.dropped);
    chat__log_end(&line);
}

/* ---- what the collector says ---- */

static void on_timer(uv_timer_t *timer)
{
    send_batch(timer->data);
}

static void send_after(struct chat__trace_export *export, uint64_t wait_ms)
{
    if (!export->finishing)
        uv_timer_start(&export->timer, on_timer, wait_ms, 0);
    else if (wait_ms == 0)
        send_batch(export);
}

/* The batch is over, and the next one may go. */
static void end_batch(struct chat__trace_export *export)
{
    chat__buffer_clear(&export->sending.body);
    export->sending.spans = 0;
    export->attempts = 0;
    if (export->gathering.spans == 0)
        return;
    send_after(export, export->finishing || export->gathering.body.length >=
                                                CHAT__TRACE_BATCH_BYTES
                           ? 0
                           : GATHER_MS);
}

static void give_up(struct chat__trace_export *export, const char *why)
{
    export->counts.failed += export->sending.spans;
    log_export(export, "traces_failed", why);
    end_batch(export);
}

static void try_again(struct chat__trace_export *export, int64_t wait_ms,
                      const char *why)
{
    if (export->finishing || ++export->attempts == ATTEMPTS_MAX) {
        give_up(export, why);
        return;
    }
    if (wait_ms == 0)
        wait_ms = (int64_t)RETRY_MS << (export->attempts - 1);
    log_export(export, "traces_delayed", why);
    send_after(export,
               wait_ms < RETRY_MS_MAX ? (uint64_t)wait_ms : RETRY_MS_MAX);
}

/* How many spans the collector did not take though it says that all is well. */
static uint64_t read_rejected(struct chat__trace_export *export,
                              const struct chat__http_response *response)
{
    cJSON *answer = cJSON_ParseWithLength(response->body, response->length);
    const cJSON *partial =
        cJSON_GetObjectItemCaseSensitive(answer, "partialSuccess");
    const cJSON *count =
        cJSON_GetObjectItemCaseSensitive(partial, "rejectedSpans");
    const char *text = cJSON_GetStringValue(count);
    const char *why = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(partial, "errorMessage"));
    double number = cJSON_IsNumber(count) ? count->valuedouble : 0;
    uint64_t rejected = text != NULL ? strtoull(text, NULL, 10)
                        : number > 0 && number < UINT32_MAX ? (uint64_t)number
                                                            : 0;

    if (rejected > export->sending.spans)
        rejected = export->sending.spans;
    if (rejected > 0 || (why != NULL && *why != '\0'))
        log_export(export, "traces_rejected", why == NULL ? "" : why);
    cJSON_Delete(answer);
    return rejected;
}

static void on_answer(void *context, const struct chat__http_response *response)
{
    struct chat__trace_export *export = context;
    unsigned int status = response->status;
    char why[64];
    uint64_t rejected;

    export->call = NULL;
    snprintf(why, sizeof why, "the collector answers %u", status);
    if (response->result != CHAT__HTTP_ANSWERED) {
        try_again(export, 0, response->message);
    } else if (status >= 200 && status < 300) {
        rejected = read_rejected(export, response);
        export->counts.failed += rejected;
        export->counts.sent += export->sending.spans - rejected;
        end_batch(export);
    } else if (status == 429 || (status >= 502 && status <= 504)) {
        try_again(export, response->retry_after_ms, why);
    } else {
        give_up(export, why);
    }
}

/* ---- sending ---- */

static bool start_call(struct chat__trace_export *export)
{
    const struct chat__trace_export_options *options = &export->options;
    struct chat__http_signing signing = {.service = options->service,
                                         .region = options->region};
    struct chat__http_request request = {
        .method = "POST",
        .url = options->endpoint,
        .headers = options->headers,
        .body = export->sending.body.data,
        .body_length = export->sending.body.length,
        .response_bytes_max = ANSWER_BYTES_MAX,
        .timeout_ms = REQUEST_TIMEOUT_MS,
        .done = on_answer,
        .context = export,
    };

    if (options->credentials != NULL) {
        signing.credentials = chat__credentials_now(options->credentials);
        request.signing = &signing;
        if (signing.credentials == NULL)
            return false;
    }
    export->call = chat__http_start(options->http, &request);
    return export->call != NULL;
}

/* The buffers change places: one is sent, the other gathers. */
static void take_gathered(struct chat__trace_export *export)
{
    struct batch empty = export->sending;

    chat__otlp_end(&export->gathering.body);
    export->sending = export->gathering;
    export->gathering = empty;
}

static void send_batch(struct chat__trace_export *export)
{
    if (export->call != NULL)
        return;
    if (export->sending.spans == 0 && export->gathering.spans > 0)
        take_gathered(export);
    if (export->sending.spans > 0 && !start_call(export))
        try_again(export, 0, "there are no credentials or no memory");
}

/* ---- gathering ---- */

/* False, with the batch as it was, when there is no place. */
static bool add(struct chat__trace_export *export,
                const struct chat__span *span)
{
    struct batch *batch = &export->gathering;
    struct chat__buffer *body = &batch->body;
    size_t length;

    if (batch->spans == 0) {
        chat__buffer_clear(body);
        chat__otlp_begin(body, export->options.version, export->options.task);
    }
    length = body->length;
    chat__otlp_span(body, span, batch->spans == 0);
    /* Taken now, so that the end cannot fail. */
    if (chat__buffer_reserve(body, CHAT__OTLP_END_BYTES)) {
        batch->spans++;
        return true;
    }
    body->failed = false;
    chat__buffer_truncate(body, length);
    return false;
}

void chat__trace_export_add(struct chat__trace_export *export,
                            const struct chat__span *span)
{
    const struct batch *batch = &export->gathering;
    size_t before = batch->spans == 0 ? 0 : batch->body.length;

    if (!add(export, span)) {
        export->counts.dropped++;
        return;
    }
    if (export->sending.spans > 0)
        return;
    if (batch->spans == 1)
        send_after(export, GATHER_MS);
    if (before < CHAT__TRACE_BATCH_BYTES &&
        batch->body.length >= CHAT__TRACE_BATCH_BYTES)
        send_after(export, 0);
}

/* ---- life ---- */

struct chat__trace_export *
chat__trace_export_new(const struct chat__trace_export_options *options)
{
    struct chat__trace_export *export = calloc(1, sizeof *export);

    if (export == NULL)
        return NULL;
    export->options = *options;
    chat__buffer_init(&export->gathering.body, CHAT__TRACE_BATCH_BYTES_MAX);
    chat__buffer_init(&export->sending.body, CHAT__TRACE_BATCH_BYTES_MAX);
    uv_timer_init(options->loop, &export->timer);
    export->timer.data = export;
    return export;
}

struct chat__trace_counts
chat__trace_export_counts(const struct chat__trace_export *export)
{
    return export->counts;
}

static void on_finish_ended(uv_timer_t *timer)
{
    struct chat__trace_export *export = timer->data;

    if (export->call != NULL)
        chat__http_cancel(export->call);
    export->call = NULL;
    export->counts.failed += export->sending.spans + export->gathering.spans;
    export->sending.spans = export->gathering.spans = 0;
    log_export(export, "traces_failed", "the server ended first");
}

void chat__trace_export_finish(struct chat__trace_export *export)
{
    export->finishing = true;
    uv_timer_start(&export->timer, on_finish_ended, CHAT__TRACE_FINISH_MS, 0);
    send_batch(export);
}

bool chat__trace_export_is_finished(const struct chat__trace_export *export)
{
    return export->sending.spans == 0 && export->gathering.spans == 0;
}

static void on_closed(uv_handle_t *timer)
{
    struct chat__trace_export *export = timer->data;

    chat__buffer_release(&export->gathering.body);
    chat__buffer_release(&export->sending.body);
    free(export);
}

void chat__trace_export_close(struct chat__trace_export *export)
{
    if (export == NULL)
        return;
    if (export->call != NULL)
        chat__http_cancel(export->call);
    uv_close((uv_handle_t *)&export->timer, on_closed);
}
