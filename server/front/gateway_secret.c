#include "server/front/gateway_secret.h"

#include <openssl/crypto.h>
#include <string.h>

static void hash(const char *text, size_t length,
                 unsigned char digest[SHA256_DIGEST_LENGTH])
{
    SHA256((const unsigned char *)text, length, digest);
}

bool chat__gateway_secrets_read(struct chat__gateway_secrets *secrets,
                                const char *list)
{
    while (*list != '\0') {
        size_t length = strcspn(list, ",");

        if (length == 0 || length >= CHAT__GATEWAY_SECRET_SIZE ||
            secrets->count == CHAT__GATEWAY_SECRETS_MAX)
            return false;
        hash(list, length, secrets->digests[secrets->count++]);
        list += length;
        if (*list == ',' && *++list == '\0')
            return false;
    }
    return secrets->count > 0;
}

bool chat__gateway_secrets_have(const struct chat__gateway_secrets *secrets,
                                const char *secret)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    int wrong = 1;

    hash(secret, strlen(secret), digest);
    for (size_t i = 0; i < secrets->count; i++)
        wrong &= CRYPTO_memcmp(digest, secrets->digests[i], sizeof digest) != 0;
    return wrong == 0;
}
