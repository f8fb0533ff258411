/*
 * Structures of the protocol against JSON: a table names the members of a
 * structure and where they stand on the wire. It is written down a second
 * time, beside the parsers, so that a parser and an encoder which agree on the
 * same mistake are found out.
 */
#ifndef CHAT_TESTS_PROTOCOL_FIELDS_H
#define CHAT_TESTS_PROTOCOL_FIELDS_H

#include "protocol/event.h"
#include "protocol/reply.h"
#include "protocol/request.h"

#include <cjson/cJSON.h>

/* Each fails the running cmocka test at the first difference. */
void fields_expect_request(const struct chat__request *request,
                           const cJSON *expected);
void fields_expect_event(const struct chat__event *event,
                         const cJSON *expected);
void fields_expect_reply(const struct chat__reply *reply,
                         const cJSON *expected);

#endif
