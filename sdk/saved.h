/*
 * The content of an outbox file: who the handle is, and the messages that
 * wait. NDJSON; the first line names the format and the server, each further
 * line is a message in order, as a request of the wire without id. A password
 * is never in it.
 *
 *   {"chatclient":1,"url":"ws://…","name":"ann","guest_key":"…","token":"…"}
 *   {"action":"send","room":"lobby","key":"01J…","text":"hi","reply_to":41}
 *
 * Pure.
 */
#ifndef CHAT_SDK_SAVED_H
#define CHAT_SDK_SAVED_H

#include "protocol/buffer.h"
#include "sdk/session.h"

#include <stddef.h>

#define CHAT__SAVED_FORMAT    1
#define CHAT__SAVED_BYTES_MAX ((size_t)64 * 1024 * 1024)

/* Appends the content. `extra`, if not NULL, is a message behind the others. */
void chat__saved_encode(struct chat__buffer *buffer, const char *url,
                        const struct chat__credentials *credentials,
                        const struct chat__outbox *outbox,
                        const struct chat__item *extra);

/*
 * Reads a content: fills in `credentials`, and adds the messages to `outbox`
 * as ones that may have been sent already. CHAT_OK, CHAT_ERROR_MEMORY, or
 * CHAT_ERROR_PROTOCOL (not such a content, or one for another server); then
 * nothing is changed.
 */
int chat__saved_decode(const char *bytes, size_t length, const char *url,
                       struct chat__credentials *credentials,
                       struct chat__outbox *outbox);

#endif
