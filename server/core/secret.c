#include "server/core/secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#define RANDOM_BYTES_MAX 32

void chat__base64url(char *text, const unsigned char *bytes, size_t length)
{
    EVP_EncodeBlock((unsigned char *)text, bytes, (int)length);
    for (; *text != '\0' && *text != '='; text++) {
        if (*text == '+')
            *text = '-';
        else if (*text == '/')
            *text = '_';
    }
    *text = '\0';
}

bool chat__random_name(struct chat__core *core, char *text, size_t length)
{
    const struct chat__random *random = &core->options.random;
    unsigned char bytes[RANDOM_BYTES_MAX];

    if (!random->fill(random->context, bytes, length))
        return false;
    chat__base64url(text, bytes, length);
    OPENSSL_cleanse(bytes, sizeof(bytes));
    return true;
}

void chat__wipe(const char *secret)
{
    if (secret != NULL)
        OPENSSL_cleanse((void *)(uintptr_t)secret, strlen(secret));
}

static bool hash_bytes(struct chat__core *core, const void *bytes,
                       size_t length,
                       unsigned char hash[CHAT__TOKEN_HASH_BYTES])
{
    return EVP_DigestInit_ex(core->digest, core->sha256, NULL) == 1 &&
           EVP_DigestUpdate(core->digest, bytes, length) == 1 &&
           EVP_DigestFinal_ex(core->digest, hash, NULL) == 1;
}

bool chat__token_hash(struct chat__core *core, const char *token,
                      unsigned char hash[CHAT__TOKEN_HASH_BYTES])
{
    return hash_bytes(core, token, strlen(token), hash);
}

bool chat__name_id(struct chat__core *core, const void *name, size_t length,
                   uint64_t *id)
{
    unsigned char hash[CHAT__TOKEN_HASH_BYTES];

    if (!hash_bytes(core, name, length, hash))
        return false;
    memcpy(id, hash, sizeof(*id));
    return true;
}

/* With its NUL, so that no two lists of fields read the same. */
static bool add_string(EVP_MD_CTX *digest, const char *string)
{
    return EVP_DigestUpdate(digest, string, strlen(string) + 1) == 1;
}

static bool add_number(EVP_MD_CTX *digest, uint64_t number)
{
    unsigned char bytes[8];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(number >> (8 * i));
    return EVP_DigestUpdate(digest, bytes, sizeof(bytes)) == 1;
}

static bool add_optional(EVP_MD_CTX *digest, const char *string)
{
    return add_number(digest, string != NULL) &&
           (string == NULL || add_string(digest, string));
}

static bool add_send(EVP_MD_CTX *digest, const struct chat__send *send)
{
    bool added =
        add_string(digest, send->text) && add_number(digest, send->reply_to);

    for (size_t i = 0; i < send->mention_count; i++)
        added = added && add_number(digest, send->mentions[i]);
    return added;
}

static bool add_body(EVP_MD_CTX *digest, const struct chat__request *request)
{
    switch (request->action) {
    case CHAT__ACTION_JOIN:
        return add_number(digest, request->body.join.create) &&
               add_number(digest, request->body.join.private_room);
    case CHAT__ACTION_SEND:
        return add_send(digest, &request->body.send);
    case CHAT__ACTION_EDIT:
        return add_number(digest, request->body.edit.ref) &&
               add_string(digest, request->body.edit.text);
    case CHAT__ACTION_DELETE:
        return add_number(digest, request->body.delete.ref);
    case CHAT__ACTION_REACT:
        return add_number(digest, request->body.react.ref) &&
               add_string(digest, request->body.react.emoji) &&
               add_number(digest, request->body.react.on);
    case CHAT__ACTION_TOPIC:
        return add_string(digest, request->body.topic.topic);
    case CHAT__ACTION_INVITE:
        return add_number(digest, request->body.invite.user);
    case CHAT__ACTION_KICK:
        return add_number(digest, request->body.kick.user) &&
               add_optional(digest, request->body.kick.reason);
    case CHAT__ACTION_BAN:
        return add_number(digest, request->body.ban.user) &&
               add_number(digest, request->body.ban.on) &&
               add_optional(digest, request->body.ban.reason);
    case CHAT__ACTION_ROLE:
        return add_number(digest, request->body.role.user) &&
               add_number(digest, request->body.role.role);
    default:
        return true;
    }
}

bool chat__body_digest(struct chat__core *core,
                       const struct chat__request *request,
                       unsigned char digest[CHAT__BODY_DIGEST_BYTES])
{
    unsigned char hash[EVP_MAX_MD_SIZE];

    if (EVP_DigestInit_ex(core->digest, core->sha256, NULL) != 1 ||
        !add_string(core->digest, chat__action_name(request->action)) ||
        !add_body(core->digest, request) ||
        EVP_DigestFinal_ex(core->digest, hash, NULL) != 1)
        return false;
    memcpy(digest, hash, CHAT__BODY_DIGEST_BYTES);
    return true;
}
