/*
 * The headers of http.c's requests, and those that a signed one has besides.
 * The list is the caller's, who frees it whatever happened.
 *
 * Any thread; a key belongs to one at a time.
 */
#ifndef CHAT_SERVER_AWS_HTTP_SIGNING_H
#define CHAT_SERVER_AWS_HTTP_SIGNING_H

#include "server/aws/http.h"
#include "server/aws/sign.h"

#include <curl/curl.h>
#include <stdbool.h>

/* False when memory is short. */
bool chat__http_add_header(struct curl_slist **headers, const char *header);

/*
 * Adds the host, the date, the token and the signature of all that is in the
 * list, by the key of sign.h. False when the URL is none, something is too
 * long, or memory is short.
 */
bool chat__http_sign(struct curl_slist **headers, struct chat__sign_key *key,
                     const struct chat__http_request *request);

#endif
