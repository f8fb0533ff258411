/*
 * AWS's signature version 4 of a request, pure: the headers that a request must
 * have besides its own. Held by tests to AWS's published vectors and to
 * botocore.
 *
 * The path is signed as AWS checks it: each segment as it stands on the wire is
 * encoded once more, so `/stage/@connections/a%3D` counts as
 * `/stage/%40connections/a%253D`. It must have no `.` and `..`, nor two '/' in
 * a row, which AWS would take out. The query's names and values must be encoded
 * already.
 *
 * Any thread; a key belongs to one at a time.
 */
#ifndef CHAT_SERVER_AWS_SIGN_H
#define CHAT_SERVER_AWS_SIGN_H

#include "server/aws/credentials.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "Name: value", with their ends. */
#define CHAT__SIGN_DATE_BYTES          (sizeof "X-Amz-Date: 20150830T123600Z")
#define CHAT__SIGN_AUTHORIZATION_BYTES 1024

/* Headers of a request that are signed, and parameters of its query. */
#define CHAT__SIGN_HEADERS_MAX    12
#define CHAT__SIGN_PARAMETERS_MAX 16

struct chat__sign_request {
    const char *method;
    const char *path;  /* on the wire, from its first '/' */
    const char *query; /* on the wire, without the '?'; "": none */
    /* "Name: value", all that are signed: Host among them, and the date and the
     * token, if there is one. Ended by NULL. */
    const char *const *headers;
    const char *body;
    size_t body_length;
    const char *service;
    const char *region;
    const struct chat__credentials *credentials;
    const char *date; /* what chat__sign_date wrote */
};

#define CHAT__SIGN_KEY_BYTES   32
#define CHAT__SIGN_SCOPE_BYTES 192

/*
 * The key of a day, a region and a service, which all their requests share:
 * deriving it costs more than signing. All zero at first; who has it forgets it
 * at the end.
 */
struct chat__sign_key {
    char scope[CHAT__SIGN_SCOPE_BYTES];
    char secret[sizeof((struct chat__credentials *)NULL)->secret_access_key];
    unsigned char bytes[CHAT__SIGN_KEY_BYTES];
};

void chat__sign_key_forget(struct chat__sign_key *key);

/* The header X-Amz-Date; seconds since the epoch. False: they are no date. */
bool chat__sign_date(char header[CHAT__SIGN_DATE_BYTES], int64_t now_s);

/*
 * The header Authorization, by the key, or by another that is kept in its place
 * then. False when something is too long, or too many.
 */
bool chat__sign(struct chat__sign_key *key,
                const struct chat__sign_request *request,
                char header[CHAT__SIGN_AUTHORIZATION_BYTES]);

#endif
