#include "server/aws/sign.h"

#include "protocol/buffer.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define DIGEST_BYTES CHAT__SIGN_KEY_BYTES
#define HEX_SIZE     (2 * DIGEST_BYTES + 1)
#define DAY_BYTES    8
#define ALGORITHM    "AWS4-HMAC-SHA256"

/* Paths, queries and headers of a request, a token's among them. */
#define CANONICAL_BYTES_MAX (64 * 1024)
#define SCOPE_SIZE          CHAT__SIGN_SCOPE_BYTES
#define NAMES_SIZE          512

/* Where the date itself begins. */
#define DATE_OFFSET (sizeof "X-Amz-Date: " - 1)

/* A header, or a parameter of the query: borrowed. */
struct pair {
    const char *name;
    size_t name_length;
    const char *value;
    size_t value_length;
};

static void to_hex(char hex[HEX_SIZE], const unsigned char *digest)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[2 * DIGEST_BYTES] = '\0';
}

static bool hash(char hex[HEX_SIZE], const void *bytes, size_t length)
{
    unsigned char digest[DIGEST_BYTES];

    if (EVP_Digest(bytes, length, digest, NULL, EVP_sha256(), NULL) != 1)
        return false;
    to_hex(hex, digest);
    return true;
}

static bool authenticate(unsigned char digest[DIGEST_BYTES], const void *key,
                         size_t key_length, const char *text)
{
    return HMAC(EVP_sha256(), key, (int)key_length, (const unsigned char *)text,
                strlen(text), digest, NULL) != NULL;
}

static void append_text(struct chat__buffer *to, const char *text)
{
    chat__buffer_append(to, text, strlen(text));
}

/* ---- the path and the query ---- */

static bool is_unreserved(char c)
{
    return isalnum((unsigned char)c) || strchr("-._~", c) != NULL;
}

static void append_path(struct chat__buffer *to, const char *path)
{
    char encoded[4];

    for (; *path != '\0'; path++) {
        if (is_unreserved(*path) || *path == '/') {
            chat__buffer_append(to, path, 1);
            continue;
        }
        snprintf(encoded, sizeof encoded, "%%%02X", (unsigned char)*path);
        append_text(to, encoded);
    }
}

static int compare_bytes(const char *a, size_t a_length, const char *b,
                         size_t b_length)
{
    int order = memcmp(a, b, a_length < b_length ? a_length : b_length);

    if (order != 0)
        return order;
    return (a_length > b_length) - (a_length < b_length);
}

static int compare_parameters(const void *left, const void *right)
{
    const struct pair *a = left;
    const struct pair *b = right;
    int order = compare_bytes(a->name, a->name_length, b->name, b->name_length);

    return order != 0 ? order
                      : compare_bytes(a->value, a->value_length, b->value,
                                      b->value_length);
}

static struct pair read_parameter(const char *text, size_t length)
{
    const char *equals = memchr(text, '=', length);
    size_t name_length = equals != NULL ? (size_t)(equals - text) : length;

    return (struct pair){
        .name = text,
        .name_length = name_length,
        .value = equals != NULL ? equals + 1 : "",
        .value_length = equals != NULL ? length - name_length - 1 : 0,
    };
}

static bool append_query(struct chat__buffer *to, const char *query)
{
    struct pair pairs[CHAT__SIGN_PARAMETERS_MAX];
    size_t count = 0;

    while (*query != '\0') {
        size_t length = strcspn(query, "&");

        if (count == CHAT__SIGN_PARAMETERS_MAX)
            return false;
        pairs[count++] = read_parameter(query, length);
        query += length + (query[length] == '&');
    }
    qsort(pairs, count, sizeof pairs[0], compare_parameters);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            append_text(to, "&");
        chat__buffer_append(to, pairs[i].name, pairs[i].name_length);
        append_text(to, "=");
        chat__buffer_append(to, pairs[i].value, pairs[i].value_length);
    }
    return true;
}

/* ---- the headers ---- */

static int compare_headers(const void *left, const void *right)
{
    const struct pair *a = left;
    const struct pair *b = right;
    size_t shorter =
        a->name_length < b->name_length ? a->name_length : b->name_length;
    int order = strncasecmp(a->name, b->name, shorter);

    if (order != 0)
        return order;
    return (a->name_length > b->name_length) -
           (a->name_length < b->name_length);
}

/* Without the blanks around its value. */
static bool read_header(struct pair *pair, const char *line)
{
    const char *colon = strchr(line, ':');
    const char *value;
    size_t length;

    if (colon == NULL)
        return false;
    value = colon + 1 + strspn(colon + 1, " \t");
    length = strlen(value);
    while (length > 0 && strchr(" \t", value[length - 1]) != NULL)
        length--;
    *pair = (struct pair){line, (size_t)(colon - line), value, length};
    return true;
}

static bool read_headers(struct pair pairs[CHAT__SIGN_HEADERS_MAX],
                         size_t *count, const char *const *lines)
{
    *count = 0;
    for (; *lines != NULL; lines++)
        if (*count == CHAT__SIGN_HEADERS_MAX ||
            !read_header(&pairs[(*count)++], *lines))
            return false;
    qsort(pairs, *count, sizeof pairs[0], compare_headers);
    return true;
}

/* Blanks in a row count as one. */
static void append_value(struct chat__buffer *to, const struct pair *pair)
{
    for (size_t i = 0; i < pair->value_length; i++)
        if (i == 0 || pair->value[i] != ' ' || pair->value[i - 1] != ' ')
            chat__buffer_append(to, pair->value + i, 1);
}

static bool append_name(char names[NAMES_SIZE], const struct pair *pair)
{
    size_t length = strlen(names);

    if (length + pair->name_length + 2 > NAMES_SIZE)
        return false;
    if (length > 0)
        names[length++] = ';';
    for (size_t i = 0; i < pair->name_length; i++)
        names[length++] = (char)tolower((unsigned char)pair->name[i]);
    names[length] = '\0';
    return true;
}

/* The lines of all headers, and their names. */
static bool append_headers(struct chat__buffer *to, char names[NAMES_SIZE],
                           const char *const *lines)
{
    struct pair pairs[CHAT__SIGN_HEADERS_MAX];
    size_t count;

    names[0] = '\0';
    if (!read_headers(pairs, &count, lines))
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t before = strlen(names);

        if (!append_name(names, &pairs[i]))
            return false;
        append_text(to, names + before + (before > 0));
        append_text(to, ":");
        append_value(to, &pairs[i]);
        append_text(to, "\n");
    }
    return true;
}

/* ---- the signature ---- */

/* The hash of what AWS calls the canonical request. */
static bool hash_request(const struct chat__sign_request *request,
                         char names[NAMES_SIZE], char hex[HEX_SIZE])
{
    struct chat__buffer text;
    char body[HEX_SIZE];
    bool whole;

    chat__buffer_init(&text, CANONICAL_BYTES_MAX);
    append_text(&text, request->method);
    append_text(&text, "\n");
    append_path(&text, request->path);
    append_text(&text, "\n");
    whole = append_query(&text, request->query);
    append_text(&text, "\n");
    whole = whole && append_headers(&text, names, request->headers) &&
            hash(body, request->body, request->body_length);
    append_text(&text, "\n");
    append_text(&text, names);
    append_text(&text, "\n");
    append_text(&text, body);
    whole = whole && !text.failed && hash(hex, text.data, text.length);
    chat__buffer_release(&text);
    return whole;
}

static bool derive_key(unsigned char key[DIGEST_BYTES],
                       const struct chat__sign_request *request)
{
    const char *secret = request->credentials->secret_access_key;
    char first[sizeof request->credentials->secret_access_key + 4];
    char day[DAY_BYTES + 1];
    int length = snprintf(first, sizeof first, "AWS4%s", secret);
    bool derived;

    snprintf(day, sizeof day, "%s", request->date + DATE_OFFSET);
    derived = authenticate(key, first, (size_t)length, day) &&
              authenticate(key, key, DIGEST_BYTES, request->region) &&
              authenticate(key, key, DIGEST_BYTES, request->service) &&
              authenticate(key, key, DIGEST_BYTES, "aws4_request");
    OPENSSL_cleanse(first, sizeof first);
    return derived;
}

/* It changes with the day, and when the container gives other credentials. */
static bool find_key(struct chat__sign_key *key,
                     const struct chat__sign_request *request,
                     const char *scope)
{
    const char *secret = request->credentials->secret_access_key;

    if (strcmp(key->scope, scope) == 0 && strcmp(key->secret, secret) == 0)
        return true;
    chat__sign_key_forget(key);
    if (!derive_key(key->bytes, request))
        return false;
    snprintf(key->scope, sizeof key->scope, "%s", scope);
    snprintf(key->secret, sizeof key->secret, "%s", secret);
    return true;
}

static bool sign_hash(struct chat__sign_key *key,
                      const struct chat__sign_request *request,
                      const char *scope, const char *hex,
                      char signature[HEX_SIZE])
{
    const char *date = request->date + DATE_OFFSET;
    char text[sizeof ALGORITHM + CHAT__SIGN_DATE_BYTES + SCOPE_SIZE + HEX_SIZE];
    unsigned char digest[DIGEST_BYTES];

    snprintf(text, sizeof text, ALGORITHM "\n%s\n%s\n%s", date, scope, hex);
    if (!find_key(key, request, scope) ||
        !authenticate(digest, key->bytes, DIGEST_BYTES, text))
        return false;
    to_hex(signature, digest);
    return true;
}

void chat__sign_key_forget(struct chat__sign_key *key)
{
    OPENSSL_cleanse(key, sizeof *key);
}

bool chat__sign_date(char header[CHAT__SIGN_DATE_BYTES], int64_t now_s)
{
    time_t seconds = (time_t)now_s;
    struct tm utc;

    return gmtime_r(&seconds, &utc) != NULL &&
           strftime(header, CHAT__SIGN_DATE_BYTES, "X-Amz-Date: %Y%m%dT%H%M%SZ",
                    &utc) == CHAT__SIGN_DATE_BYTES - 1;
}

bool chat__sign(struct chat__sign_key *key,
                const struct chat__sign_request *request,
                char header[CHAT__SIGN_AUTHORIZATION_BYTES])
{
    char names[NAMES_SIZE];
    char hex[HEX_SIZE];
    char signature[HEX_SIZE];
    char scope[SCOPE_SIZE];
    int length = snprintf(scope, sizeof scope, "%.*s/%s/%s/aws4_request",
                          DAY_BYTES, request->date + DATE_OFFSET,
                          request->region, request->service);

    if ((size_t)length >= sizeof scope || !hash_request(request, names, hex) ||
        !sign_hash(key, request, scope, hex, signature))
        return false;
    length =
        snprintf(header, CHAT__SIGN_AUTHORIZATION_BYTES,
                 "Authorization: " ALGORITHM " Credential=%s/%s, "
                 "SignedHeaders=%s, Signature=%s",
                 request->credentials->access_key_id, scope, names, signature);
    return (size_t)length < CHAT__SIGN_AUTHORIZATION_BYTES;
}
