#include "server/front/gateway_exchange.h"

#include "protocol/reply.h"
#include "protocol/request.h"

#include <stdlib.h>

/* What is short now, seats or answers of the directory, is back soon. */
#define BUSY_RETRY_MS 1000

struct chat__exchange *chat__exchange_new(void)
{
    struct chat__exchange *exchange = calloc(1, sizeof *exchange);

    if (exchange == NULL)
        return NULL;
    exchange->references = 1;
    chat__buffer_init(&exchange->body, CHAT__FRAME_BYTES_MAX);
    chat__buffer_init(&exchange->answer, CHAT__GATEWAY_ANSWER_BYTES_MAX);
    return exchange;
}

void chat__exchange_release(struct chat__exchange *exchange)
{
    if (--exchange->references > 0)
        return;
    chat__buffer_release(&exchange->body);
    chat__buffer_release(&exchange->answer);
    free(exchange);
}

void chat__exchange_answer(struct chat__exchange *exchange)
{
    if (exchange->answered)
        return;
    exchange->answered = true;
    if (exchange->session != NULL)
        exchange->ready(exchange);
}

void chat__exchange_refuse(struct chat__exchange *exchange)
{
    struct chat__request request = {0};
    struct chat__reply reply = {.ok = false};
    struct chat__error error;

    if (chat__request_parse(&request, exchange->body.data,
                            exchange->body.length, &error) &&
        request.has_id) {
        reply.id = request.id;
        reply.action = request.action;
        chat__error_set_temporary(
            &reply.error, CHAT__ERROR_BUSY, BUSY_RETRY_MS,
            "too much is asked of this server; repeat it");
        chat__reply_encode(&reply, false, &exchange->answer);
        chat__buffer_append_byte(&exchange->answer, '\n');
    }
    chat__request_release(&request);
    chat__exchange_answer(exchange);
}

void chat__exchange_list(struct chat__exchange **at,
                         struct chat__exchange *exchange)
{
    while (*at != NULL)
        at = &(*at)->next;
    exchange->next = NULL;
    *at = exchange;
}

void chat__exchange_unlist(struct chat__exchange **at,
                           struct chat__exchange *exchange)
{
    while (*at != exchange)
        at = &(*at)->next;
    *at = exchange->next;
    chat__exchange_release(exchange);
}

void chat__exchange_answer_all(struct chat__exchange **first)
{
    while (*first != NULL) {
        struct chat__exchange *exchange = *first;

        *first = exchange->next;
        chat__exchange_answer(exchange);
        chat__exchange_release(exchange);
    }
}
