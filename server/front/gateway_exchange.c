#include "server/front/gateway_exchange.h"

#include <stdlib.h>

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
