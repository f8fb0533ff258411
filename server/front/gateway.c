#include "server/front/gateway_private.h"

#include "server/front/gateway_address.h"

#include <stdio.h>
#include <stdlib.h>

#define SWEEP_INTERVAL_MS 1000

/* Close codes of docs/protocol.md and of RFC 6455 that are decided here. */
enum { CLOSE_NO_HELLO = 4502, CLOSE_TOO_LARGE = 1009 };

int64_t chat__gateway_now_ms(const struct chat__gateway *gateway)
{
    return (int64_t)uv_now(gateway->options.loop);
}

/* ---- connections come and go ---- */

void chat__gateway_keep_address(struct chat__gateway *gateway,
                                struct chat__exchange *exchange)
{
    if (gateway->core == NULL)
        chat__exchange_answer(exchange);
    else
        chat__gateway_address_keep(gateway->options.directory,
                                   &gateway->outstanding,
                                   chat__core_wall_ms(gateway->core), exchange);
}

void chat__gateway_disconnect(struct chat__gateway *gateway, const char *id)
{
    struct chat__seat *seat = chat__seat_find(gateway, id);

    if (seat != NULL)
        chat__seat_drop(seat);
    chat__greetings_forget(&gateway->greetings, id);
    chat__outbox_forget(gateway->outbox, id);
    chat__gateway_remove_rows(gateway, id, NULL);
}

void chat__gateway_connect(struct chat__gateway *gateway, const char *id)
{
    if (gateway->core != NULL)
        chat__greetings_add(&gateway->greetings, id,
                            chat__gateway_now_ms(gateway));
}

static void on_silent(void *context, const char *id)
{
    struct chat__gateway *gateway = context;

    chat__outbox_close(gateway->outbox, id, CLOSE_NO_HELLO,
                       "no hello within 10 seconds");
}

static void on_gone(void *context, const char *id, const char *topic)
{
    struct chat__gateway *gateway = context;
    struct chat__seat *seat = chat__seat_find(gateway, id);

    if (seat != NULL && !seat->closing)
        chat__seat_close(seat);
    chat__gateway_remove_rows(gateway, id, topic);
}

void chat__gateway_refuse_size(struct chat__gateway *gateway, const char *id)
{
    chat__outbox_close(gateway->outbox, id, CLOSE_TOO_LARGE,
                       "a message is too large");
    chat__gateway_remove_rows(gateway, id, NULL);
}

/* ---- the relay ---- */

static void relay_post(void *context, const char *id, const char *topic,
                       const char *objects, size_t length,
                       enum chat__delivery delivery)
{
    const struct chat__gateway *gateway = context;

    chat__outbox_post(gateway->outbox, id, topic, objects, length,
                      delivery == CHAT__DELIVERY_DROPPABLE);
}

static void relay_close(void *context, const char *id, unsigned int code,
                        const char *reason)
{
    struct chat__gateway *gateway = context;

    chat__outbox_close(gateway->outbox, id, code, reason);
    chat__gateway_remove_rows(gateway, id, NULL);
}

const struct chat__relay *chat__gateway_relay(struct chat__gateway *gateway)
{
    return &gateway->relay;
}

/* ---- time ---- */

static void on_sweep(uv_timer_t *timer)
{
    struct chat__gateway *gateway = timer->data;

    chat__seats_sweep(gateway);
    chat__greetings_expire(&gateway->greetings, chat__gateway_now_ms(gateway),
                           chat__core_wall_ms(gateway->core));
}

void chat__gateway_sweep_soon(struct chat__gateway *gateway)
{
    uv_timer_start(&gateway->sweep, on_sweep, 0, SWEEP_INTERVAL_MS);
}

/* ---- life ---- */

bool chat__gateway_is_secret(const struct chat__gateway *gateway,
                             const char *secret)
{
    return chat__gateway_secrets_have(&gateway->secrets, secret);
}

void chat__gateway_count(struct chat__gateway *gateway,
                         enum chat__gateway_request what)
{
    chat__metrics_count_as(gateway->options.metrics,
                           CHAT__METRIC_GATEWAY_REQUESTS, (int)what);
}

static bool open_outbox(struct chat__gateway *gateway)
{
    gateway->outbox = chat__outbox_new(&(struct chat__outbox_options){
        .loop = gateway->options.loop,
        .metrics = gateway->options.metrics,
        .client = gateway->options.client,
        .random = gateway->options.random,
        .gone = on_gone,
        .context = gateway,
    });
    return gateway->outbox != NULL;
}

struct chat__gateway *
chat__gateway_new(const struct chat__gateway_options *options, char *message,
                  size_t message_size)
{
    struct chat__gateway *gateway = calloc(1, sizeof *gateway);

    snprintf(message, message_size, "out of memory");
    if (gateway == NULL)
        return NULL;
    gateway->options = *options;
    gateway->relay = (struct chat__relay){
        .directory = options->directory,
        .post = relay_post,
        .close = relay_close,
        .context = gateway,
    };
    gateway->greetings.options = (struct chat__greetings_options){
        .directory = options->directory,
        .outstanding = &gateway->outstanding,
        .silent = on_silent,
        .context = gateway,
    };
    if (!chat__gateway_secrets_read(&gateway->secrets, options->secrets)) {
        snprintf(message, message_size,
                 "the gateway secret must be one or two, with a comma between, "
                 "of 1 to 256 characters each");
        free(gateway);
        return NULL;
    }
    gateway->options.secrets = NULL;
    if (!open_outbox(gateway)) {
        free(gateway);
        return NULL;
    }
    return gateway;
}

void chat__gateway_attach(struct chat__gateway *gateway,
                          struct chat__core *core)
{
    gateway->core = core;
    uv_timer_init(gateway->options.loop, &gateway->sweep);
    gateway->sweep.data = gateway;
    uv_timer_start(&gateway->sweep, on_sweep, SWEEP_INTERVAL_MS,
                   SWEEP_INTERVAL_MS);
}

bool chat__gateway_is_idle(const struct chat__gateway *gateway)
{
    return chat__outbox_is_idle(gateway->outbox) && gateway->outstanding == 0;
}

bool chat__gateway_is_asking(const struct chat__gateway *gateway)
{
    return gateway != NULL && gateway->outstanding > 0;
}

void chat__gateway_detach(struct chat__gateway *gateway)
{
    if (gateway == NULL)
        return;
    chat__seats_drop(gateway);
    chat__greetings_release(&gateway->greetings);
    if (gateway->core != NULL)
        uv_close((uv_handle_t *)&gateway->sweep, NULL);
    gateway->core = NULL;
}

void chat__gateway_stop(struct chat__gateway *gateway)
{
    if (gateway != NULL)
        chat__outbox_stop(gateway->outbox);
}

void chat__gateway_free(struct chat__gateway *gateway)
{
    if (gateway == NULL)
        return;
    chat__outbox_free(gateway->outbox);
    chat__table_release(&gateway->seats);
    free(gateway);
}
