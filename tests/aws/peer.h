/*
 * An HTTP server of the loopback, on a thread of its own, that answers by the
 * path: /ok, /later (503, Retry-After), /large, /half (cut off), /silent, and
 * /v2/credentials/... as the agent of a container does.
 */
#ifndef CHAT_TESTS_AWS_PEER_H
#define CHAT_TESTS_AWS_PEER_H

#include <pthread.h>
#include <stdint.h>

#define PEER_REQUEST_BYTES 16384

struct peer {
    int listener;
    uint16_t port;
    pthread_t thread;
    unsigned int connections;         /* read after stop */
    unsigned int requests;            /* the same */
    char request[PEER_REQUEST_BYTES]; /* the last one; the same */
};

void peer_start(struct peer *peer);
void peer_stop(struct peer *peer);

#endif
