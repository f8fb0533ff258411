#include "server/front/tls.h"

#include <openssl/err.h>
#include <stdio.h>
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

bool chat__tls_apply(SSL_CTX *context, const char *certificate, const char *key,
                     char *message, size_t message_size)
{
    ERR_clear_error();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_default_passwd_cb(context, no_password);
    if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
        return fail("certificate", certificate, message, message_size);
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1)
        return fail("private key", key, message, message_size);
    return true;
}

bool chat__tls_check(const char *certificate, const char *key, char *message,
                     size_t message_size)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    bool fine;

    if (context == NULL)
        return fail("certificate", certificate, message, message_size);
    fine = chat__tls_apply(context, certificate, key, message, message_size);
    SSL_CTX_free(context);
    return fine;
}
