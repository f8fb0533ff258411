#include "server/bus/redis_tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct chat__redis_tls_context {
    SSL_CTX *ssl;
};

struct chat__redis_tls {
    SSL *ssl;
    BIO *in; /* both are the SSL's */
    BIO *out;
    const char *problem;
};

/* ---- for all connections ---- */

static bool load(SSL_CTX *ssl, const char *ca_file, char *message, size_t size)
{
    const char *reason;

    if (ca_file == NULL)
        return SSL_CTX_set_default_verify_paths(ssl) == 1;
    ERR_clear_error();
    if (SSL_CTX_load_verify_file(ssl, ca_file) == 1)
        return true;
    reason = ERR_reason_error_string(ERR_peek_error());
    if (ERR_SYSTEM_ERROR(ERR_peek_error()))
        reason = strerror(ERR_GET_REASON(ERR_peek_error()));
    snprintf(message, size, "the authorities in %.300s: %s", ca_file,
             reason != NULL ? reason : "has no certificate");
    ERR_clear_error();
    return false;
}

struct chat__redis_tls_context *
chat__redis_tls_context_new(const char *ca_file, char *message, size_t size)
{
    struct chat__redis_tls_context *context = calloc(1, sizeof *context);

    snprintf(message, size, "out of memory");
    if (context == NULL)
        return NULL;
    context->ssl = SSL_CTX_new(TLS_client_method());
    if (context->ssl == NULL || !load(context->ssl, ca_file, message, size)) {
        chat__redis_tls_context_free(context);
        return NULL;
    }
    SSL_CTX_set_min_proto_version(context->ssl, TLS1_2_VERSION);
    SSL_CTX_set_options(context->ssl, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_verify(context->ssl, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_mode(context->ssl, SSL_MODE_RELEASE_BUFFERS);
    return context;
}

void chat__redis_tls_context_free(struct chat__redis_tls_context *context)
{
    if (context == NULL)
        return;
    SSL_CTX_free(context->ssl);
    free(context);
}

/* ---- one connection ---- */

/* An address is in a certificate as such, and no name for the handshake. */
static bool name_host(SSL *ssl, const char *host)
{
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1)
        return true;
    ERR_clear_error();
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, host) == 1 &&
           SSL_set_tlsext_host_name(ssl, host) == 1;
}

struct chat__redis_tls *
chat__redis_tls_new(const struct chat__redis_tls_context *context,
                    const char *host)
{
    struct chat__redis_tls *tls = calloc(1, sizeof *tls);

    if (tls == NULL)
        return NULL;
    tls->ssl = SSL_new(context->ssl);
    tls->in = BIO_new(BIO_s_mem());
    tls->out = BIO_new(BIO_s_mem());
    if (tls->ssl == NULL || tls->in == NULL || tls->out == NULL ||
        !name_host(tls->ssl, host)) {
        BIO_free(tls->in);
        BIO_free(tls->out);
        SSL_free(tls->ssl);
        free(tls);
        return NULL;
    }
    SSL_set_bio(tls->ssl, tls->in, tls->out);
    SSL_set_connect_state(tls->ssl);
    return tls;
}

void chat__redis_tls_free(struct chat__redis_tls *tls)
{
    if (tls == NULL)
        return;
    SSL_free(tls->ssl);
    free(tls);
}

bool chat__redis_tls_receive(struct chat__redis_tls *tls, const void *bytes,
                             size_t length)
{
    return length <= INT32_MAX &&
           BIO_write(tls->in, bytes, (int)length) == (int)length;
}

static enum chat__redis_tls_result fail(struct chat__redis_tls *tls, int result)
{
    long verified = SSL_get_verify_result(tls->ssl);
    const char *reason = ERR_reason_error_string(ERR_peek_error());

    if (verified != X509_V_OK)
        tls->problem = X509_verify_cert_error_string(verified);
    else if (result == SSL_ERROR_ZERO_RETURN)
        tls->problem = "it has closed the connection";
    else
        tls->problem = reason != NULL ? reason : "the handshake broke off";
    ERR_clear_error();
    return CHAT__REDIS_TLS_FAILED;
}

static enum chat__redis_tls_result judge(struct chat__redis_tls *tls,
                                         int returned)
{
    int result = SSL_get_error(tls->ssl, returned);

    if (result == SSL_ERROR_WANT_READ || result == SSL_ERROR_WANT_WRITE)
        return CHAT__REDIS_TLS_WAITS;
    return fail(tls, result);
}

enum chat__redis_tls_result chat__redis_tls_shake(struct chat__redis_tls *tls)
{
    int returned;

    ERR_clear_error();
    returned = SSL_do_handshake(tls->ssl);
    return returned == 1 ? CHAT__REDIS_TLS_DONE : judge(tls, returned);
}

enum chat__redis_tls_result chat__redis_tls_read(struct chat__redis_tls *tls,
                                                 char *bytes, size_t size,
                                                 size_t *got)
{
    ERR_clear_error();
    if (SSL_read_ex(tls->ssl, bytes, size, got) == 1)
        return CHAT__REDIS_TLS_DONE;
    return judge(tls, 0);
}

bool chat__redis_tls_write(struct chat__redis_tls *tls, const char *bytes,
                           size_t length)
{
    size_t written;

    /* The memory behind it takes all. */
    ERR_clear_error();
    if (SSL_write_ex(tls->ssl, bytes, length, &written) == 1 &&
        written == length)
        return true;
    tls->problem = "what was to be sent could not be encrypted";
    ERR_clear_error();
    return false;
}

void chat__redis_tls_take(struct chat__redis_tls *tls,
                          struct chat__buffer *buffer)
{
    char *bytes;
    long length = BIO_get_mem_data(tls->out, &bytes);

    if (length <= 0)
        return;
    chat__buffer_append(buffer, bytes, (size_t)length);
    (void)BIO_reset(tls->out);
}

const char *chat__redis_tls_problem(const struct chat__redis_tls *tls)
{
    return tls->problem != NULL ? tls->problem : "out of memory";
}
