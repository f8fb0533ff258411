/*
 * A certificate authority of the test's own, and certificates by it.
 */
#ifndef CHAT_TESTS_SDK_CERTIFICATES_H
#define CHAT_TESTS_SDK_CERTIFICATES_H

#include <openssl/ssl.h>

struct authority {
    EVP_PKEY *key;
    X509 *certificate;
};

void authority_make(struct authority *authority, const char *name);
void authority_release(struct authority *authority);

/* Writes its certificate, so that a client can trust it. */
void authority_write(const struct authority *authority, const char *path);

/*
 * A server with a certificate for `names`, such as "DNS:localhost" or
 * "IP:127.0.0.1", valid from now on for so many days (below 0: it is over).
 */
SSL_CTX *authority_serve(const struct authority *authority, const char *names,
                         int days);

#endif
