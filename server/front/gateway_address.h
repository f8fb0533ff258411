/*
 * A client's address, kept in the directory from its connect on: where an edge
 * such as CloudFront stands before API Gateway, messages have the edge's alone,
 * and limits by that would make strangers pay for each other.
 *
 * Loop thread only.
 */
#ifndef CHAT_SERVER_FRONT_GATEWAY_ADDRESS_H
#define CHAT_SERVER_FRONT_GATEWAY_ADDRESS_H

#include "server/front/gateway_exchange.h"
#include "server/store/directory.h"

/*
 * Writes the address of an exchange, and answers it when that is done, or could
 * not be: then there is none to count by. `outstanding` is what the directory
 * owes, one more until then; it and the directory are borrowed.
 */
void chat__gateway_address_keep(struct chat__directory *directory,
                                size_t *outstanding, int64_t wall_ms,
                                struct chat__exchange *exchange);

#endif
