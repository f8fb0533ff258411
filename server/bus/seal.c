#include "server/bus/seal.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DIGEST_BYTES 32

struct chat__sealer {
    EVP_MAC_CTX *keyed;
};

static EVP_MAC_CTX *make_keyed(const unsigned char *key)
{
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = mac == NULL ? NULL : EVP_MAC_CTX_new(mac);

    EVP_MAC_free(mac);
    if (context != NULL &&
        EVP_MAC_init(context, key, CHAT__SEAL_KEY_BYTES, parameters) == 1)
        return context;
    EVP_MAC_CTX_free(context);
    return NULL;
}

struct chat__sealer *
chat__sealer_new(const unsigned char key[CHAT__SEAL_KEY_BYTES])
{
    struct chat__sealer *sealer = calloc(1, sizeof *sealer);

    if (sealer == NULL)
        return NULL;
    sealer->keyed = make_keyed(key);
    if (sealer->keyed != NULL)
        return sealer;
    free(sealer);
    return NULL;
}

void chat__sealer_free(struct chat__sealer *sealer)
{
    if (sealer == NULL)
        return;
    EVP_MAC_CTX_free(sealer->keyed);
    free(sealer);
}

bool chat__seal_make(struct chat__sealer *sealer, enum chat__seal_use use,
                     const char *name, const void *bytes, size_t length,
                     unsigned char seal[CHAT__SEAL_BYTES])
{
    const unsigned char which = (unsigned char)use;
    unsigned char digest[DIGEST_BYTES];
    size_t size;

    /* The NUL ends the name, so no other name and bytes are the same. */
    if (EVP_MAC_init(sealer->keyed, NULL, 0, NULL) != 1 ||
        EVP_MAC_update(sealer->keyed, &which, sizeof which) != 1 ||
        EVP_MAC_update(sealer->keyed, (const unsigned char *)name,
                       strlen(name) + 1) != 1 ||
        EVP_MAC_update(sealer->keyed, bytes, length) != 1 ||
        EVP_MAC_final(sealer->keyed, digest, &size, sizeof digest) != 1)
        return false;
    memcpy(seal, digest, CHAT__SEAL_BYTES);
    return true;
}

bool chat__seal_holds(struct chat__sealer *sealer, enum chat__seal_use use,
                      const char *name, const void *bytes, size_t length,
                      const unsigned char seal[CHAT__SEAL_BYTES])
{
    unsigned char right[CHAT__SEAL_BYTES];

    return chat__seal_make(sealer, use, name, bytes, length, right) &&
           CRYPTO_memcmp(right, seal, CHAT__SEAL_BYTES) == 0;
}
