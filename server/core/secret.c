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

bool chat__token_hash(struct chat__core *core, const char *token,
                      unsigned char hash[CHAT__TOKEN_HASH_BYTES])
{
    return EVP_DigestInit_ex(core->digest, core->sha256, NULL) == 1 &&
           EVP_DigestUpdate(core->digest, token, strlen(token)) == 1 &&
           EVP_DigestFinal_ex(core->digest, hash, NULL) == 1;
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

static bool add_body(EVP_MD_CTX *digest, const struct chat__request *request)
{
    switch (request->action) {
    case CHAT__ACTION_JOIN:
        return add_number(digest, request->body.join.create) &&
               add_number(digest, request->body.join.private_room);
    case CHAT__ACTION_SEND:
        return add_string(digest, request->body.send.text) &&
               add_number(digest, request->body.send.reply_to);
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
