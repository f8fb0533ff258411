/*
 * Replies and events to one connection. A connection of NULL, or one that is
 * being closed, gets nothing.
 */
#ifndef CHAT_SERVER_CORE_ANSWER_H
#define CHAT_SERVER_CORE_ANSWER_H

#include "protocol/event.h"
#include "protocol/reply.h"
#include "server/core/operation.h"

/*
 * Answers a request that wants it; `reply` needs only `ok` and its body or
 * error. Returns how many elements of a list went in.
 */
size_t chat__answer(struct chat__operation *operation,
                    struct chat__reply *reply, bool from_end);

/* Refuses a request that became no operation. */
void chat__answer_refusal(struct chat__connection *connection,
                          const struct chat__request *request,
                          const struct chat__error *error);

/* An error, with its retry_ms when its code is a temporary one. */
void chat__error_answer(struct chat__error *error, enum chat__error_code code,
                        const char *message);

void chat__tell(struct chat__connection *connection,
                const struct chat__event *event);

/* Bytes of NDJSON; nothing for a length of 0. */
void chat__tell_bytes(struct chat__connection *connection, const char *objects,
                      size_t length);

#endif
