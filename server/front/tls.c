#include "server/front/tls.h"

#include <openssl/err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool fail(const char *what, const char *path, char *message,
                 size_t message_size)
{
    /* The first has the cause; later ones say who was asking. */
    unsigned long error = ERR_peek_error();
    const char *reason = ERR_SYSTEM_ERROR(error)
                             ? strerror(ERR_GET_REASON(error))
                             : ERR_reason_error_string(error);

    snprintf(message, message_size, "%s %s: %s", what, path,
             reason != NULL ? reason : "unusable");
    ERR_clear_error();
    return false;
}

/* A key that is locked is refused; a server has nobody to ask. */
static int no_password(char *buffer, int size, int writing, void *context)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)context;
    return 0;
}

/* Loaded into a context that never serves, which knows how to read files. */
struct chat__credentials {
    SSL_CTX *context;
};

static bool load(SSL_CTX *context, const char *certificate, const char *key,
                 char *message, size_t message_size)
{
    SSL_CTX_set_default_passwd_cb(context, no_password);
    if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
        return fail("certificate", certificate, message, message_size);
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1)
        return fail("private key", key, message, message_size);
    return true;
}

struct chat__credentials *chat__credentials_load(const char *certificate,
                                                 const char *key, char *message,
                                                 size_t message_size)
{
    struct chat__credentials *credentials = calloc(1, sizeof *credentials);

    ERR_clear_error();
    snprintf(message, message_size, "out of memory");
    if (credentials == NULL)
        return NULL;
    credentials->context = SSL_CTX_new(TLS_server_method());
    if (credentials->context != NULL &&
        load(credentials->context, certificate, key, message, message_size))
        return credentials;
    chat__credentials_free(credentials);
    return NULL;
}

void chat__credentials_free(struct chat__credentials *credentials)
{
    if (credentials == NULL)
        return;
    SSL_CTX_free(credentials->context);
    free(credentials);
}

/*
 * For OpenSSL, at the begin of a handshake. A context keeps a certificate for
 * each kind of key, so that one of another kind would stand beside the old one;
 * a handshake gets one alone.
 */
static int choose(SSL *ssl, void *context)
{
    struct chat__credentials *const *current = context;
    SSL_CTX *loaded = (*current)->context;
    STACK_OF(X509) *chain = NULL;

    SSL_certs_clear(ssl);
    SSL_CTX_get0_chain_certs(loaded, &chain);
    return SSL_use_cert_and_key(ssl, SSL_CTX_get0_certificate(loaded),
                                SSL_CTX_get0_privatekey(loaded), chain, 1);
}

void chat__tls_set_up(SSL_CTX *context,
                      struct chat__credentials *const *current)
{
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_cert_cb(context, choose, (void *)current);
}
