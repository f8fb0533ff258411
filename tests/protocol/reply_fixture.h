/* A reply on its way through the encoder and the parser. */
#ifndef TESTS_PROTOCOL_REPLY_FIXTURE_H
#define TESTS_PROTOCOL_REPLY_FIXTURE_H

#include "protocol/reply.h"

struct reply_fixture {
    struct chat__buffer buffer;
    struct chat__reply parsed; /* the last one, until the next */
    cJSON *json;
};

int reply_set_up(void **state);
int reply_tear_down(void **state);

/*
 * Encodes behind what the buffer holds, and parses what came out, which is
 * never larger than an object may be. Returns what the encoder does.
 */
size_t reply_round_trip(struct reply_fixture *fixture,
                        const struct chat__reply *reply, bool from_end);

#endif
