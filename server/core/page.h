/*
 * Pages of a log in replies: how a read is asked for so that its answer fits
 * one object, and how it becomes a chat__page.
 */
#ifndef CHAT_SERVER_CORE_PAGE_H
#define CHAT_SERVER_CORE_PAGE_H

#include "protocol/reply.h"
#include "server/core/operation.h"

/* What the members of a reply beside its entries take at most, the topic
 * included, so that the reply's encoder never cuts what the store gave. */
#define CHAT__PAGE_ENVELOPE_BYTES (4 * 1024)

/* Fills in the read of operation->room; `from` to `to`, both inclusive. */
void chat__page_ask(struct chat__operation *operation,
                    struct chat__store_read_log *read, uint64_t from,
                    uint64_t to, uint64_t limit,
                    void (*run)(struct chat__completion *completion));

/*
 * Points `page` at what was read, by way of `entries`, which has room for a
 * whole page. Sets neither first, head nor more.
 */
void chat__page_fill(struct chat__page *page, struct chat__entry_bytes *entries,
                     const struct chat__store_read_log *read);

#endif
