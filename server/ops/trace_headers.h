/*
 * Headers that a collector wants with every request, such as a vendor's key, as
 * OpenTelemetry's variables have them: `name=value` between commas, values with
 * %XX where a byte may not stand for itself. They are secrets: no log has them.
 *
 * Plain storage that owns what it points to, so it must stay where it is.
 */
#ifndef CHAT_SERVER_OPS_TRACE_HEADERS_H
#define CHAT_SERVER_OPS_TRACE_HEADERS_H

#include "server/aws/http.h"

#include <stdbool.h>

/* All of them together, as they are sent. */
#define CHAT__TRACE_HEADERS_BYTES 4096

struct chat__trace_headers {
    const char *lines[CHAT__HTTP_HEADERS_MAX + 1]; /* ended by NULL */
    char bytes[CHAT__TRACE_HEADERS_BYTES];
};

/*
 * The type of the body and those of `text`; NULL: none. False when one is
 * malformed or they are too many.
 */
bool chat__trace_headers_read(struct chat__trace_headers *headers,
                              const char *text);

#endif
