/*
 * Random names, and what is hashed: tokens (the store knows only their
 * SHA-256) and the bodies of keyed requests (a repeated key must bring the
 * same body).
 */
#ifndef CHAT_SERVER_CORE_SECRET_H
#define CHAT_SERVER_CORE_SECRET_H

#include "protocol/request.h"
#include "server/core/state.h"

#include <stdbool.h>

#define CHAT__TOKEN_RANDOM_BYTES 32
#define CHAT__EPOCH_RANDOM_BYTES 12
#define CHAT__SESSION_BYTES      16

/* Bytes of base64url without padding, with the NUL and some to spare. */
#define CHAT__BASE64URL_SIZE(length) (((length) + 2) / 3 * 4 + 1)

/* `text` gets CHAT__BASE64URL_SIZE(length) bytes; length is at most 32. */
void chat__base64url(char *text, const unsigned char *bytes, size_t length);

/* A random epoch or token in base64url; false when chance is out of order. */
bool chat__random_name(struct chat__core *core, char *text, size_t length);

/* Overwrites a password; NULL is fine. */
void chat__wipe(const char *secret);

/* 64 bits of the SHA-256 of a name, the same at all tasks. */
bool chat__name_id(struct chat__core *core, const void *name, size_t length,
                   uint64_t *id);

bool chat__token_hash(struct chat__core *core, const char *token,
                      unsigned char hash[CHAT__TOKEN_HASH_BYTES]);

/*
 * Over the action and what the entry is made from, not the id, the key, or
 * how much of a page the answer shall bring.
 */
bool chat__body_digest(struct chat__core *core,
                       const struct chat__request *request,
                       unsigned char digest[CHAT__BODY_DIGEST_BYTES]);

#endif
