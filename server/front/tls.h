/*
 * The server's certificate: TLS 1.2 or later, buffers given back when idle.
 * A context of OpenSSL's is filled by apply, at start and again when the files
 * have changed; connections that are open keep what they began with.
 */
#ifndef CHAT_SERVER_FRONT_TLS_H
#define CHAT_SERVER_FRONT_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

/* Both files can be read and belong together? Else a sentence in `message`. */
bool chat__tls_check(const char *certificate, const char *key, char *message,
                     size_t message_size);

/* Loads checked files into a context that may be in use. */
bool chat__tls_apply(SSL_CTX *context, const char *certificate, const char *key,
                     char *message, size_t message_size);

#endif
