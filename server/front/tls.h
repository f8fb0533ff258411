/*
 * The server's certificate: TLS 1.2 or later, buffers given back when idle.
 * What was loaded is whole and stays as it is; a handshake takes what is
 * current when it begins, and nothing of what was before. Connections that are
 * open keep what they began with.
 */
#ifndef CHAT_SERVER_FRONT_TLS_H
#define CHAT_SERVER_FRONT_TLS_H

#include <openssl/ssl.h>
#include <stddef.h>

struct chat__credentials;

/*
 * A certificate with its chain and its key. NULL, with a sentence in `message`,
 * when a file cannot be read or they do not belong together. To be freed.
 */
struct chat__credentials *chat__credentials_load(const char *certificate,
                                                 const char *key, char *message,
                                                 size_t message_size);

/* NULL is fine. */
void chat__credentials_free(struct chat__credentials *credentials);

/* Sets a context up. `*current` is looked at by each handshake. */
void chat__tls_set_up(SSL_CTX *context,
                      struct chat__credentials *const *current);

#endif
