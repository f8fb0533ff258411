/*
 * A stand-in of libwebsockets for one request: its headers are strings of a
 * test, and what is answered is kept. Has exactly what server/front calls
 * while it decides about a handshake or answers a request.
 */
#ifndef CHAT_TESTS_FUZZ_FAKE_LIBRARY_H
#define CHAT_TESTS_FUZZ_FAKE_LIBRARY_H

#include <libwebsockets.h>
#include <stdbool.h>
#include <stddef.h>

#define FAKE_ANSWER_BYTES 4096

struct lws {
    const char *headers[WSI_TOKEN_COUNT]; /* NULL: absent; borrowed */
    void *opaque;
    int socket;
    unsigned int status; /* of the answer; 0: none yet */
    size_t answers;
    size_t body_bytes; /* after the answer's own */
    char answer[FAKE_ANSWER_BYTES];
    size_t answer_length;
};

#endif
