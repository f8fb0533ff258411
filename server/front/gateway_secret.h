/*
 * The secrets with which API Gateway's requests come: two while they change.
 * Only their hashes are kept, and compared in a time that tells nothing.
 */
#ifndef CHAT_SERVER_FRONT_GATEWAY_SECRET_H
#define CHAT_SERVER_FRONT_GATEWAY_SECRET_H

#include <openssl/sha.h>
#include <stdbool.h>
#include <stddef.h>

#define CHAT__GATEWAY_SECRETS_MAX 2
#define CHAT__GATEWAY_SECRET_SIZE 257

/* Zeroed it has none. */
struct chat__gateway_secrets {
    unsigned char digests[CHAT__GATEWAY_SECRETS_MAX][SHA256_DIGEST_LENGTH];
    size_t count;
};

/* From one, or two with a comma between; false: they are not that. */
bool chat__gateway_secrets_read(struct chat__gateway_secrets *secrets,
                                const char *list);
bool chat__gateway_secrets_have(const struct chat__gateway_secrets *secrets,
                                const char *secret);

#endif
