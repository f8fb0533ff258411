#include "server/notify.h"
#include "server/server_private.h"

#include "server/server_dynamodb.h"

#include <stdlib.h>

/* The core says when it wants its tick; it is not left alone for longer. */
#define TICK_INTERVAL_MAX_MS 1000

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
    chat__server_flush_traces(server);
    chat__server_flush_redis(server);
    chat__server_end_drain(server);
}

/* What timers and closed sockets caused must not wait for the next event. */
static void on_prepare(uv_prepare_t *handle)
{
    flush(handle->data);
    chat__server_meter_pass(handle->data);
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
    chat__server_health_tick(server);
    uv_timer_start(timer, on_tick, (uint64_t)next, 0);
}

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
    chat__server_meter_init(server);
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

static void start_handles(struct chat__server *server)
{
    uv_prepare_start(&server->prepare, on_prepare);
    uv_check_start(&server->check, on_check);
    on_tick(&server->tick);
    chat__server_meter_start(server);
    chat__server_watch_signals(server);
}

struct chat__server *chat__server_new(struct chat__options *options)
{
    struct chat__server *server = calloc(1, sizeof *server);

    if (server == NULL) {
        chat__server_log_failure("start_failed", "out of memory");
        return NULL;
    }
    server->options = options;
    chat__inherited_init(&server->inherited);
    if (!init_handles(server)) {
        chat__server_log_failure("start_failed", "the event loop cannot start");
        goto fail;
    }
    if (!chat__server_open(server))
        goto fail;
    start_handles(server);
    server->started_ms = uv_now(&server->loop);
    chat__server_log_listening(server);
    chat__notify("READY=1");
    return server;
fail:
    chat__server_free(server);
    return NULL;
}

bool chat__server_run(struct chat__server *server)
{
    uv_run(&server->loop, UV_RUN_DEFAULT);
    chat__server_meter_end(server);
    chat__log_write(CHAT__LOG_INFO, "stopped", NULL);
    return !server->cut_short;
}

/* ---- end ---- */

/* What the core has given to the store is finished, then both end. */
static void end_core(struct chat__server *server)
{
    const struct chat__gateway *gateway =
        chat__server_gateway_front(server->gateway);

    if (server->core != NULL) {
        chat__core_drain(server->core);
        while (!chat__core_idle(server->core) ||
               chat__gateway_is_asking(gateway)) {
            uv_run(&server->loop, UV_RUN_ONCE);
            chat__core_flush(server->core);
        }
        uv_timer_stop(&server->tick);
    }
    chat__server_finish_redis(server);
    if (server->core != NULL)
        chat__core_free(server->core);
    chat__passwords_free(server->passwords);
    chat__skeletons_free(server->skeletons);
    /* A probe may be on its way still. */
    chat__server_dynamodb_cut_off(server->dynamodb);
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
    if (server->control != NULL)
        chat__control_close(server->control);
    if (server->front != NULL)
        chat__front_disconnect(server->front);
    chat__gateway_detach(chat__server_gateway_front(server->gateway));
    end_core(server);
    chat__server_finish_traces(server);
    chat__server_gateway_close(server->gateway);
    chat__server_dynamodb_close(server->dynamodb);
    if (server->front != NULL)
        chat__front_close(server->front);
    if (server->loop_is_open) {
        uv_walk(&server->loop, close_handle, server);
        uv_run(&server->loop, UV_RUN_DEFAULT);
    }
    chat__server_close_traces(server);
    chat__server_free_redis(server);
    chat__control_free(server->control);
    chat__front_free(server->front);
    if (server->loop_is_open)
        uv_loop_close(&server->loop);
    if (server->completions_are_open)
        chat__completion_queue_release(&server->completions);
    chat__inherited_release(&server->inherited);
    chat__server_gateway_free(server->gateway);
    chat__server_dynamodb_free(server->dynamodb);
    free(server->store_path);
    chat__deadline_cancel(&server->deadline);
    free(server);
}
