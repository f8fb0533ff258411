/*
 * The TLS settings of a handle. Certificates are always verified: against the
 * system's store, or against one PEM file instead of it.
 */
#ifndef CHAT_SDK_TLS_H
#define CHAT_SDK_TLS_H

#include <openssl/ssl.h>

/*
 * `ca_file` NULL: the system's store. `address`, when not NULL, is an IPv6
 * address that the certificate must name; names and IPv4 addresses are
 * checked by libwebsockets, which cannot tell these from a port.
 * NULL: no memory, or the file holds no certificate. Freed by SSL_CTX_free.
 */
SSL_CTX *chat__tls_new(const char *ca_file, const char *address);

#endif
