/*
 * What the server says about itself by numbers: what is not counted where it
 * happens is read here, when somebody asks, or on its way past.
 */
#include "server/server_private.h"

#include "server/ops/process.h"

#include <stddef.h>
#include <time.h>

/* Often enough for a percentile of a minute, and not felt. */
#define LAG_INTERVAL_MS 250

_Static_assert((int)CHAT__PASSWORD_COUNT == CHAT__PASSWORD_FAILED + 1,
               "each result has a word");

int64_t chat__server_now_us(void *context)
{
    (void)context;
    return (int64_t)(uv_hrtime() / 1000);
}

/* ---- what is there now ---- */

static void set(struct chat__server *server, enum chat__metric metric,
                uint64_t value)
{
    chat__metrics_set(&server->metrics, metric, value);
}

static void collect_process(struct chat__server *server)
{
    struct chat__process process;
    uint64_t descriptors;

    chat__process_read(&process);
    /* Else those that it began with, and what strangers can add to. */
    if (!chat__process_descriptors(&descriptors))
        descriptors = server->meter.descriptors +
                      chat__front_counts(server->front).sockets;
    set(server, CHAT__METRIC_PROCESS_CPU, process.cpu_us);
    set(server, CHAT__METRIC_PROCESS_MEMORY, process.resident_bytes);
    set(server, CHAT__METRIC_PROCESS_DESCRIPTORS, descriptors);
    set(server, CHAT__METRIC_PROCESS_DESCRIPTORS_MAX, process.descriptors_max);
}

static void collect(struct chat__server *server)
{
    struct chat__core_counts core = chat__core_counts(server->core);
    struct chat__front_counts front = chat__front_counts(server->front);

    set(server, CHAT__METRIC_CONNECTIONS, core.connections);
    set(server, CHAT__METRIC_SESSIONS, core.sessions);
    set(server, CHAT__METRIC_USERS, core.users);
    set(server, CHAT__METRIC_ROOMS, core.rooms);
    set(server, CHAT__METRIC_APPEND_WAITING, core.waiting_bytes);
    set(server, CHAT__METRIC_SOCKETS, front.sockets);
    set(server, CHAT__METRIC_OUTPUT_BYTES, front.output_bytes);
    set(server, CHAT__METRIC_STORE_WAITING, server->meter.store.waiting);
    set(server, CHAT__METRIC_PASSWORDS_WAITING,
        server->meter.passwords_waiting);
    set(server, CHAT__METRIC_LOG_DROPPED, chat__log_dropped());
    set(server, CHAT__METRIC_READY, chat__server_is_ready(server));
    set(server, CHAT__METRIC_DRAINING, server->draining);
    chat__server_collect_traces(server);
    chat__server_collect_redis(server);
    collect_process(server);
}

void chat__server_write_metrics(void *context, struct chat__buffer *body)
{
    struct chat__server *server = context;

    collect(server);
    chat__metrics_print(&server->metrics, body);
}

/* ---- for CloudWatch ---- */

static void write_emf(struct chat__server *server)
{
    struct chat__buffer line;

    chat__buffer_init(&line, CHAT__EMF_LINE_BYTES_MAX);
    collect(server);
    chat__metrics_emf_print(&server->meter.emf, &server->metrics,
                            chat__server_wall_ms(NULL), &line);
    if (!line.failed)
        chat__log_emit(CHAT__LOG_STREAM_METRICS, line.data, line.length, false);
    chat__buffer_release(&line);
}

static void on_emf(uv_timer_t *timer)
{
    write_emf(timer->data);
}

static void start_emf(struct chat__server *server)
{
    uint64_t interval_ms = (uint64_t)server->options->emf_interval_s * 1000;

    if (server->options->emf)
        uv_timer_start(&server->meter.emf_timer, on_emf, interval_ms,
                       interval_ms);
}

void chat__server_meter_end(struct chat__server *server)
{
    uv_timer_stop(&server->meter.emf_timer);
    if (server->options->emf)
        write_emf(server);
}

/* ---- passwords ---- */

static void password_done(struct chat__completion *completion)
{
    struct chat__server *server = completion->watcher;
    const struct chat__password_job *job =
        (const struct chat__password_job *)completion;

    chat__metrics_count_as(&server->metrics, CHAT__METRIC_PASSWORDS,
                           (int)job->result);
    server->meter.passwords_waiting--;
    completion->run = completion->then;
    completion->run(completion);
}

void chat__server_meter_password(struct chat__server *server,
                                 struct chat__password_job *job)
{
    _Static_assert(offsetof(struct chat__password_job, completion) == 0,
                   "a completion is its job");

    job->completion.watcher = server;
    job->completion.then = job->completion.run;
    job->completion.run = password_done;
    server->meter.passwords_waiting++;
}

/* ---- the loop ---- */

static void await_lag(struct chat__server *server);

static void on_lag(uv_timer_t *timer)
{
    struct chat__server *server = timer->data;

    chat__metrics_observe_us(&server->metrics, CHAT__METRIC_LOOP_LAG_SECONDS,
                             chat__server_now_us(NULL) -
                                 server->meter.lag_due_us);
    await_lag(server);
}

static void await_lag(struct chat__server *server)
{
    uv_timer_t *timer = &server->meter.lag;

    /* In the time by which the loop fires it. */
    server->meter.lag_due_us =
        (int64_t)(uv_now(&server->loop) + LAG_INTERVAL_MS) * 1000;
    uv_timer_start(timer, on_lag, LAG_INTERVAL_MS, 0);
}

/* Time that has gone, without the time in which it waited for events. */
static int64_t worked_us(const struct chat__server *server)
{
    return (int64_t)((uv_hrtime() -
                      uv_metrics_idle_time((uv_loop_t *)&server->loop)) /
                     1000);
}

void chat__server_meter_pass(struct chat__server *server)
{
    int64_t worked = worked_us(server);

    chat__metrics_observe_us(&server->metrics, CHAT__METRIC_LOOP_PASS_SECONDS,
                             worked - server->meter.worked_us);
    server->meter.worked_us = worked;
}

/* ---- its beginning ---- */

void chat__server_meter_init(struct chat__server *server)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    server->metrics.version = CHAT_VERSION;
    server->metrics.color = server->options->color;
    set(server, CHAT__METRIC_PROCESS_START,
        (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
    uv_timer_init(&server->loop, &server->meter.emf_timer);
    uv_timer_init(&server->loop, &server->meter.lag);
    server->meter.emf_timer.data = server->meter.lag.data = server;
    uv_loop_configure(&server->loop, UV_METRICS_IDLE_TIME);
}

void chat__server_meter_store(struct chat__server *server)
{
    server->meter.store = (struct chat__metered_store){
        .inner = server->store,
        .metrics = &server->metrics,
        .now_us = chat__server_now_us,
    };
    chat__metered_store_init(&server->meter.store);
}

void chat__server_meter_start(struct chat__server *server)
{
    server->meter.descriptors = chat__process_count_descriptors();
    server->meter.worked_us = worked_us(server);
    await_lag(server);
    start_emf(server);
}
