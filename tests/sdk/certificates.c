#include "tests/sdk/certificates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#define DAY (24L * 60 * 60)

static void add_extension(X509 *certificate, X509 *issuer, int nid,
                          const char *value)
{
    X509_EXTENSION *extension;
    X509V3_CTX context;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static X509 *new_certificate(EVP_PKEY *key, const char *name, long serial)
{
    X509 *certificate = X509_new();
    X509_NAME *subject;

    assert_non_null(certificate);
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -2 * DAY);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 2 * DAY);
    X509_set_pubkey(certificate, key);
    subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               (const unsigned char *)name, -1, -1, 0);
    return certificate;
}

void authority_make(struct authority *authority, const char *name)
{
    X509 *certificate;

    authority->key = EVP_EC_gen("P-256");
    assert_non_null(authority->key);
    certificate = new_certificate(authority->key, name, 1);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    add_extension(certificate, certificate, NID_basic_constraints,
                  "critical,CA:TRUE");
    add_extension(certificate, certificate, NID_key_usage,
                  "critical,keyCertSign");
    assert_true(X509_sign(certificate, authority->key, EVP_sha256()) > 0);
    authority->certificate = certificate;
}

void authority_release(struct authority *authority)
{
    X509_free(authority->certificate);
    EVP_PKEY_free(authority->key);
}

void authority_write(const struct authority *authority, const char *path)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, authority->certificate), 1);
    assert_int_equal(fclose(file), 0);
}

SSL_CTX *authority_serve(const struct authority *authority, const char *names,
                         int days)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = new_certificate(key, "server", 2);

    X509_gmtime_adj(X509_getm_notAfter(certificate), days * DAY);
    X509_set_issuer_name(certificate,
                         X509_get_subject_name(authority->certificate));
    add_extension(certificate, authority->certificate, NID_subject_alt_name,
                  names);
    assert_true(X509_sign(certificate, authority->key, EVP_sha256()) > 0);
    assert_int_equal(SSL_CTX_use_certificate(context, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return context;
}
