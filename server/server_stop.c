/* What signals ask for; how a server drains and ends. */
#include "server/notify.h"
#include "server/server_private.h"

#include <signal.h>
#include <string.h>

static uint64_t timeout_ms(const struct chat__server *server)
{
    return (uint64_t)server->options->drain_timeout_s * 1000;
}

/* Who does not read their last words, or is owed an answer, waits in vain. */
static void on_patience_ended(uv_timer_t *timer)
{
    struct chat__server *server = timer->data;

    chat__log_write(CHAT__LOG_WARNING, "drain_timed_out", NULL);
    uv_stop(&server->loop);
}

static void drain(struct chat__server *server)
{
    chat__core_drain(server->core);
    uv_timer_start(&server->patience, on_patience_ended, timeout_ms(server), 0);
}

static void on_spread_ended(uv_timer_t *timer)
{
    drain(timer->data);
}

/* Clients move while they are served; who is still here then is closed. */
static void announce_drain(struct chat__server *server, uint64_t spread_ms)
{
    chat__deadline_set(&server->deadline, spread_ms + CHAT__DRAIN_GRACE_MS +
                                              timeout_ms(server) +
                                              CHAT__STOP_TIMEOUT_MS);
    chat__core_announce_drain(server->core, "shutdown", spread_ms);
    uv_timer_start(&server->patience, on_spread_ended,
                   spread_ms + CHAT__DRAIN_GRACE_MS, 0);
}

/* It is reached only once this server has gone: nobody can move before. */
static bool has_successor(const struct chat__server *server)
{
    return server->handed_over || server->inherited.activated;
}

void chat__server_drain(struct chat__server *server, const char *why,
                        uint32_t spread_s)
{
    if (server->draining)
        return;
    chat__log_write(CHAT__LOG_INFO, "draining", why);
    server->draining = true;
    chat__notify("STOPPING=1");
    chat__deadline_set(&server->deadline,
                       timeout_ms(server) + CHAT__STOP_TIMEOUT_MS);
    chat__front_drain(server->front);
    if (server->inherited.activated)
        chat__front_leave_queue(server->front, false);
    if (spread_s == 0 || has_successor(server))
        drain(server);
    else
        announce_drain(server, (uint64_t)spread_s * 1000);
}

static void on_goodbye(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

/*
 * Otherwise the peers' own ends are waited for, so that no last words are lost
 * by a reset; they are resumed all the same where those are.
 */
void chat__server_end_drain(struct chat__server *server)
{
    const struct chat__gateway *gateway =
        chat__server_gateway_front(server->gateway);

    if (!server->draining || !chat__core_idle(server->core))
        return;
    if (chat__front_is_empty(server->front) &&
        (gateway == NULL || chat__gateway_is_idle(gateway)))
        uv_stop(&server->loop);
    else if (!server->all_told && has_successor(server) &&
             chat__front_is_told(server->front)) {
        server->all_told = true;
        uv_timer_start(&server->patience, on_goodbye, CHAT__GOODBYE_MS, 0);
    }
}

void chat__server_hand_over(struct chat__server *server)
{
    server->handed_over = true;
    chat__front_leave_queue(server->front, true);
    chat__server_drain(server, "a new chatd takes over", 0);
}

/* The first signal drains, the second one ends. */
static void on_stop_signal(uv_signal_t *handle, int number)
{
    struct chat__server *server = handle->data;

    if (!server->draining) {
        chat__server_drain(server, strsignal(number),
                           server->options->drain_spread_s);
        return;
    }
    server->cut_short = true;
    chat__deadline_set(&server->deadline, CHAT__STOP_TIMEOUT_MS);
    uv_stop(&server->loop);
}

static void on_hang_up(uv_signal_t *handle, int number)
{
    char message[CHAT__SERVER_MESSAGE_BYTES];

    (void)number;
    chat__server_reload(handle->data, message, sizeof message);
}

void chat__server_watch_signals(struct chat__server *server)
{
    uv_signal_start(&server->terminate, on_stop_signal, SIGTERM);
    uv_signal_start(&server->interrupt, on_stop_signal, SIGINT);
    uv_signal_start(&server->hang_up, on_hang_up, SIGHUP);
}
