/*
 * A server that does what the test says: it accepts, shakes hands, and sends
 * and takes exact WebSocket frames over real sockets, with TLS or without.
 *
 * Everything blocks until it is done; a silent client fails the test after
 * PEER_PATIENCE_S. One thread at a time.
 */
#ifndef CHAT_TESTS_SDK_PEER_H
#define CHAT_TESTS_SDK_PEER_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEER_PATIENCE_S 20

struct peer {
    int fd;
    uint16_t port;
    SSL_CTX *tls; /* NULL: plain; the test's to free */
};

struct peer_connection {
    int fd;
    SSL *ssl;
    char request[4096]; /* the HTTP request */
    char frame[40 * 1024];
};

/* Listens on an address such as "127.0.0.1"; port 0 takes a free one. */
bool peer_listen(struct peer *peer, const char *address, uint16_t port,
                 SSL_CTX *tls);
void peer_close(struct peer *peer);

/* Accepts one client, up to its HTTP request; NULL: TLS failed. */
struct peer_connection *peer_accept_request(struct peer *peer);

/* ... and answers the handshake. */
struct peer_connection *peer_accept(struct peer *peer);

/* Sends bytes as they are. */
void peer_send_raw(struct peer_connection *connection, const void *bytes,
                   size_t length);

/* A frame: opcode 1 text, 2 binary, 8 close; `final` false for a fragment. */
void peer_send_frame(struct peer_connection *connection, int opcode, bool final,
                     const void *bytes, size_t length);

void peer_send(struct peer_connection *connection, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The next text frame of the client, or NULL once it has closed. */
const char *peer_receive(struct peer_connection *connection);

/* The next text frame holds this action; its id is returned. */
uint32_t peer_expect(struct peer_connection *connection, const char *action);

/* Closes with a code (0: drops the connection), and frees. */
void peer_hang_up(struct peer_connection *connection, unsigned code);

#endif
