#include "server/server.h"

#include "server/account/password.h"
#include "server/account/skeleton.h"
#include "server/completion_queue.h"
#include "server/core/core.h"
#include "server/environment.h"
#include "server/front/front.h"
#include "server/front/raw_write.h"
#include "server/store/sqlite.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uv.h>

#define DATABASE_NAME "chat.db"
#define MESSAGE_BYTES 512

/* The core says when it wants its tick; it is not left alone for longer. */
#define TICK_INTERVAL_MAX_MS 1000

struct chat__server {
    const struct chat__options *options;
    uv_loop_t loop;
    bool loop_is_open;
    struct chat__completion_queue completions;
    bool completions_are_open;
    struct chat__store *store;
    struct chat__skeletons *skeletons;
    struct chat__passwords *passwords;
    struct chat__accounts accounts; /* over the two */
    struct chat__core *core;
    struct chat__front *front;
    bool raw_writes; /* of the library hold */
    char task[17];

    uv_async_t wake;      /* completions wait */
    uv_prepare_t prepare; /* before the loop waits ... */
    uv_check_t check;     /* ... and after it has served */
    uv_timer_t tick;
    uv_timer_t gathered; /* ends the wait of requests for others */
    uv_timer_t patience; /* of a drain */
    uv_signal_t terminate, interrupt, hang_up;
    bool draining;
    bool cut_short;
};

static int64_t wall_ms(void *context)
{
    struct timespec now;

    (void)context;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t monotonic_ms(void *context)
{
    (void)context;
    return (int64_t)(uv_hrtime() / 1000000);
}

static void write_core_log(void *context, const char *event, const char *detail)
{
    (void)context;
    chat__log_write(CHAT__LOG_INFO, event, detail);
}

/* On threads of the store. */
static void write_store_log(void *context, const char *message)
{
    (void)context;
    chat__log_write(CHAT__LOG_WARNING, "store", message);
}

/* Always false. */
static bool log_failure(const char *event, const char *detail)
{
    chat__log_write(CHAT__LOG_ERROR, event, detail);
    return false;
}

static bool skeleton_of(void *context, const char *name,
                        char skeleton[CHAT__SKELETON_SIZE])
{
    const struct chat__server *server = context;

    return chat__skeleton(server->skeletons, name, skeleton);
}

static void submit_password(void *context, struct chat__password_job *job)
{
    const struct chat__server *server = context;

    chat__password_submit(server->passwords, job);
}

/* ---- the loop ---- */

/* Any thread. */
static void on_completion_posted(void *context)
{
    struct chat__server *server = context;

    uv_async_send(&server->wake);
}

static void on_wake(uv_async_t *handle)
{
    struct chat__server *server = handle->data;

    chat__completion_queue_run(&server->completions);
}

static void end_when_drained(struct chat__server *server)
{
    if (server->draining && chat__front_is_empty(server->front) &&
        chat__core_idle(server->core))
        uv_stop(&server->loop);
}

/* The flush is that of every pass. */
static void on_gathered(uv_timer_t *timer)
{
    (void)timer;
}

static void flush(struct chat__server *server)
{
    int64_t wait_ms;

    chat__front_read_on(server->front);
    wait_ms = chat__core_flush(server->core);
    if (wait_ms != INT64_MAX)
        uv_timer_start(&server->gathered, on_gathered, (uint64_t)wait_ms, 0);
    chat__front_flush(server->front);
    end_when_drained(server);
}

/* What timers and closed sockets caused must not wait for the next event. */
static void on_prepare(uv_prepare_t *handle)
{
    flush(handle->data);
}

static void on_check(uv_check_t *handle)
{
    flush(handle->data);
}

static void on_tick(uv_timer_t *timer)
{
    struct chat__server *server = timer->data;
    int64_t next = chat__core_tick(server->core);

    if (next < 1)
        next = 1;
    if (next > TICK_INTERVAL_MAX_MS)
        next = TICK_INTERVAL_MAX_MS;
    uv_timer_start(timer, on_tick, (uint64_t)next, 0);
}

static void on_patience_ended(uv_timer_t *timer)
{
    struct chat__server *server = timer->data;

    chat__log_write(CHAT__LOG_WARNING, "drain_timed_out", NULL);
    uv_stop(&server->loop);
}

static void drain(struct chat__server *server)
{
    chat__core_drain(server->core);
    uv_timer_start(&server->patience, on_patience_ended, CHAT__DRAIN_TIMEOUT_MS,
                   0);
}

static void on_spread_ended(uv_timer_t *timer)
{
    drain(timer->data);
}

/* Clients move while they are served; who is still here then is closed. */
static void announce_drain(struct chat__server *server)
{
    uint64_t spread_ms = (uint64_t)server->options->drain_spread_s * 1000;

    chat__core_announce_drain(server->core, "shutdown", spread_ms);
    uv_timer_start(&server->patience, on_spread_ended,
                   spread_ms + CHAT__DRAIN_GRACE_MS, 0);
}

/* The first signal drains, the second one ends. */
static void on_stop_signal(uv_signal_t *handle, int number)
{
    struct chat__server *server = handle->data;

    if (server->draining) {
        server->cut_short = true;
        uv_stop(&server->loop);
        return;
    }
    chat__log_write(CHAT__LOG_INFO, "draining", strsignal(number));
    server->draining = true;
    chat__front_drain(server->front);
    if (server->options->drain_spread_s == 0)
        drain(server);
    else
        announce_drain(server);
}

static void on_hang_up(uv_signal_t *handle, int number)
{
    struct chat__server *server = handle->data;
    char message[MESSAGE_BYTES];

    (void)number;
    if (chat__front_reload(server->front, message, sizeof message))
        chat__log_write(CHAT__LOG_INFO, "reloaded", NULL);
    else
        chat__log_write(CHAT__LOG_ERROR, "reload_failed", message);
}

/* ---- start ---- */

static bool init_handles(struct chat__server *server)
{
    uv_loop_t *loop = &server->loop;
    uv_handle_t *handles[] = {
        (uv_handle_t *)&server->wake,      (uv_handle_t *)&server->prepare,
        (uv_handle_t *)&server->check,     (uv_handle_t *)&server->tick,
        (uv_handle_t *)&server->gathered,  (uv_handle_t *)&server->patience,
        (uv_handle_t *)&server->terminate, (uv_handle_t *)&server->interrupt,
        (uv_handle_t *)&server->hang_up,
    };

    if (uv_loop_init(loop) != 0)
        return false;
    server->loop_is_open = true;
    if (uv_async_init(loop, &server->wake, on_wake) != 0)
        return false;
    uv_prepare_init(loop, &server->prepare);
    uv_check_init(loop, &server->check);
    uv_timer_init(loop, &server->tick);
    uv_timer_init(loop, &server->gathered);
    uv_timer_init(loop, &server->patience);
    uv_signal_init(loop, &server->terminate);
    uv_signal_init(loop, &server->interrupt);
    uv_signal_init(loop, &server->hang_up);
    for (size_t i = 0; i < sizeof handles / sizeof *handles; i++)
        handles[i]->data = server;
    server->completions_are_open = chat__completion_queue_init(
        &server->completions, on_completion_posted, server);
    return server->completions_are_open;
}

/* Before there are other threads. */
static void try_library(struct chat__server *server)
{
    server->raw_writes = chat__raw_write_holds();
    if (!server->raw_writes)
        chat__log_write(CHAT__LOG_WARNING, "library_frames",
                        "this libwebsockets changes what is framed already: "
                        "deliveries are slower");
}

static bool open_store(struct chat__server *server)
{
    const char *folder = server->options->data;
    char message[MESSAGE_BYTES];
    char *path;
    struct chat__sqlite_options options = {
        .sink = chat__completion_queue_sink(&server->completions),
        .report = write_store_log,
    };

    if (!chat__folder_make(folder)) {
        snprintf(message, sizeof message, "%.400s: %s", folder,
                 strerror(errno));
        return log_failure("data_failed", message);
    }
    if (asprintf(&path, "%s/" DATABASE_NAME, folder) < 0)
        return log_failure("data_failed", "out of memory");
    options.path = path;
    server->store = chat__sqlite_open(&options, message, sizeof message);
    free(path);
    return server->store != NULL || log_failure("data_failed", message);
}

static bool open_accounts(struct chat__server *server)
{
    struct chat__completion_sink sink =
        chat__completion_queue_sink(&server->completions);

    server->skeletons = chat__skeletons_new();
    server->passwords = chat__passwords_new(&sink);
    server->accounts = (struct chat__accounts){
        .skeleton = skeleton_of,
        .password = submit_password,
        .context = server,
    };
    return (server->skeletons != NULL && server->passwords != NULL) ||
           log_failure("start_failed",
                       "accounts need ICU's data, threads and memory");
}

static bool open_core(struct chat__server *server)
{
    const struct chat__core_options options = {
        .store = server->store,
        .clock = {.wall_ms = wall_ms, .monotonic_ms = monotonic_ms},
        .random = {.fill = chat__random_fill},
        .log = {.write = write_core_log},
        .server_version = CHAT_VERSION,
        .server_task = server->task,
        .accounts = &server->accounts,
        .rate_limits = server->options->rate_limits,
        .guest_idle_ms = (int64_t)server->options->guest_idle_s * 1000,
        .in_flight = CHAT__IN_FLIGHT_MAX,
        .gather_max_ms = server->options->gather_max_ms,
    };
    uint64_t task;

    if (!chat__random_fill(NULL, &task, sizeof task))
        return log_failure("start_failed", "no random bytes");
    snprintf(server->task, sizeof server->task, "%016" PRIx64, task);
    server->core = chat__core_new(&options);
    return server->core != NULL || log_failure("start_failed", "out of memory");
}

/* Fewer clients than asked for when there are not enough descriptors. */
static void share_descriptors(uint32_t wanted,
                              struct chat__front_options *front)
{
    struct chat__descriptors share =
        chat__descriptors_share(wanted, CHAT__HANDSHAKES_MAX);
    struct chat__log_line line;

    front->connections_max = share.clients;
    front->handshakes_max = share.handshakes;
    if (share.clients == wanted)
        return;
    chat__log_begin(&line, CHAT__LOG_WARNING, "descriptors_short");
    chat__log_int(&line, "descriptors", (int64_t)share.limit);
    chat__log_int(&line, "max_connections", share.clients);
    chat__log_end(&line);
}

static bool open_front(struct chat__server *server)
{
    const struct chat__options *options = server->options;
    char *found = options->web == NULL ? chat__web_find() : NULL;
    char message[MESSAGE_BYTES];
    struct chat__front_options front = {
        .loop = &server->loop,
        .core = server->core,
        .address = options->listen.address,
        .port = options->listen.port,
        .web = options->web != NULL ? options->web : found,
        .tls_certificate = options->tls_certificate,
        .tls_key = options->tls_key,
        .allowed_origins = options->allowed_origins,
        .trusted_proxies = options->trusted_proxies,
        .connections_per_address_max = options->connections_per_address_max,
        .raw_writes = server->raw_writes,
    };

    share_descriptors(options->connections_max, &front);
    if (front.web == NULL)
        chat__log_write(CHAT__LOG_WARNING, "no_web_client", NULL);
    if (chat__random_fill(NULL, &front.seed, sizeof front.seed))
        server->front = chat__front_new(&front, message, sizeof message);
    else
        snprintf(message, sizeof message, "no random bytes");
    free(found);
    return server->front != NULL || log_failure("start_failed", message);
}

static void log_listening(const struct chat__server *server)
{
    struct chat__log_line line;

    chat__log_begin(&line, CHAT__LOG_INFO, "listening");
    chat__log_string(&line, "address", server->options->listen.address);
    chat__log_int(&line, "port", chat__front_port(server->front));
    chat__log_string(&line, "version", CHAT_VERSION);
    chat__log_end(&line);
}

static void start_handles(struct chat__server *server)
{
    uv_prepare_start(&server->prepare, on_prepare);
    uv_check_start(&server->check, on_check);
    on_tick(&server->tick);
    uv_signal_start(&server->terminate, on_stop_signal, SIGTERM);
    uv_signal_start(&server->interrupt, on_stop_signal, SIGINT);
    uv_signal_start(&server->hang_up, on_hang_up, SIGHUP);
}

struct chat__server *chat__server_new(const struct chat__options *options)
{
    struct chat__server *server = calloc(1, sizeof *server);

    if (server == NULL) {
        log_failure("start_failed", "out of memory");
        return NULL;
    }
    server->options = options;
    if (!init_handles(server)) {
        log_failure("start_failed", "the event loop cannot start");
        goto fail;
    }
    try_library(server);
    if (!open_store(server) || !open_accounts(server) || !open_core(server) ||
        !open_front(server))
        goto fail;
    start_handles(server);
    log_listening(server);
    return server;
fail:
    chat__server_free(server);
    return NULL;
}

bool chat__server_run(struct chat__server *server)
{
    uv_run(&server->loop, UV_RUN_DEFAULT);
    chat__log_write(CHAT__LOG_INFO, "stopped", NULL);
    return !server->cut_short;
}

/* ---- end ---- */

/* What the core has given to the store is finished, then both end. */
static void end_core(struct chat__server *server)
{
    if (server->core != NULL) {
        chat__core_drain(server->core);
        while (!chat__core_idle(server->core)) {
            uv_run(&server->loop, UV_RUN_ONCE);
            chat__core_flush(server->core);
        }
        chat__core_free(server->core);
    }
    chat__passwords_free(server->passwords);
    chat__skeletons_free(server->skeletons);
    if (server->store != NULL)
        server->store->operations->close(server->store);
}

static void close_handle(uv_handle_t *handle, void *context)
{
    const struct chat__server *server = context;

    if (handle->data == server && !uv_is_closing(handle))
        uv_close(handle, NULL);
}

/* The handles may not have been made. */
static void stop_flushing(struct chat__server *server)
{
    if (server->prepare.data == NULL)
        return;
    uv_prepare_stop(&server->prepare);
    uv_check_stop(&server->check);
}

void chat__server_free(struct chat__server *server)
{
    if (server == NULL)
        return;
    stop_flushing(server);
    if (server->front != NULL)
        chat__front_disconnect(server->front);
    end_core(server);
    if (server->front != NULL)
        chat__front_close(server->front);
    if (server->loop_is_open) {
        uv_walk(&server->loop, close_handle, server);
        uv_run(&server->loop, UV_RUN_DEFAULT);
    }
    chat__front_free(server->front);
    if (server->loop_is_open)
        uv_loop_close(&server->loop);
    if (server->completions_are_open)
        chat__completion_queue_release(&server->completions);
    free(server);
}
