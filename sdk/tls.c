#include "sdk/tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdbool.h>

static bool trust(SSL_CTX *context, const char *ca_file)
{
    if (ca_file == NULL)
        return SSL_CTX_set_default_verify_paths(context) == 1;
    return SSL_CTX_load_verify_file(context, ca_file) == 1;
}

static bool expect(SSL_CTX *context, const char *address)
{
    X509_VERIFY_PARAM *parameters = SSL_CTX_get0_param(context);

    return address == NULL ||
           X509_VERIFY_PARAM_set1_ip_asc(parameters, address) == 1;
}

SSL_CTX *chat__tls_new(const char *ca_file, const char *address)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    bool ready = context != NULL &&
                 SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
                 trust(context, ca_file) && expect(context, address);

    ERR_clear_error();
    if (!ready) {
        SSL_CTX_free(context);
        return NULL;
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_mode(context, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    return context;
}
