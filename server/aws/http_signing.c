#include "server/aws/http_signing.h"

#include <stdio.h>
#include <string.h>

/* A session token has some hundred bytes, but no limit is promised. */
#define MADE_HEADER_BYTES (32 + CHAT__CREDENTIAL_BYTES_MAX)

bool chat__http_add_header(struct curl_slist **headers, const char *header)
{
    struct curl_slist *longer = curl_slist_append(*headers, header);

    if (longer == NULL)
        return false;
    *headers = longer;
    return true;
}

/* What libcurl makes of a URL: its parts as they go on the wire. */
struct parts {
    char *host;
    char *port; /* NULL: that of the scheme */
    char *path;
    char *query; /* NULL: none */
};

static void release_parts(struct parts *parts)
{
    curl_free(parts->host);
    curl_free(parts->port);
    curl_free(parts->path);
    curl_free(parts->query);
}

static bool read_parts(struct parts *parts, const char *address)
{
    CURLU *url = curl_url();
    bool read = url != NULL &&
                curl_url_set(url, CURLUPART_URL, address, 0) == CURLUE_OK;

    *parts = (struct parts){0};
    read = read &&
           curl_url_get(url, CURLUPART_HOST, &parts->host, 0) == CURLUE_OK &&
           curl_url_get(url, CURLUPART_PATH, &parts->path, 0) == CURLUE_OK;
    if (read) {
        /* Neither must be there. */
        curl_url_get(url, CURLUPART_PORT, &parts->port, CURLU_NO_DEFAULT_PORT);
        curl_url_get(url, CURLUPART_QUERY, &parts->query, 0);
    } else {
        release_parts(parts);
    }
    curl_url_cleanup(url);
    return read;
}

/* A header that is ours to make, of which nothing is cut. */
static bool add_made(struct curl_slist **headers, const char *name,
                     const char *value, const char *more)
{
    char header[MADE_HEADER_BYTES];
    int length = snprintf(header, sizeof header, "%s: %s%s%s", name, value,
                          more != NULL ? ":" : "", more != NULL ? more : "");

    return length > 0 && (size_t)length < sizeof header &&
           chat__http_add_header(headers, header);
}

/* So that it is the one that is signed, libcurl is told the host as well. */
static bool add_signed_headers(struct curl_slist **headers,
                               const struct parts *parts, const char *date,
                               const struct chat__credentials *credentials)
{
    return add_made(headers, "Host", parts->host, parts->port) &&
           chat__http_add_header(headers, date) &&
           (credentials->token[0] == '\0' ||
            add_made(headers, "X-Amz-Security-Token", credentials->token,
                     NULL));
}

/* All headers that are there, and their signature behind them. */
static bool add_signature(struct curl_slist **headers,
                          struct chat__sign_key *key,
                          struct chat__sign_request *sign)
{
    const char *lines[CHAT__SIGN_HEADERS_MAX + 1];
    char authorization[CHAT__SIGN_AUTHORIZATION_BYTES];
    size_t count = 0;

    for (const struct curl_slist *each = *headers; each != NULL;
         each = each->next) {
        if (count == CHAT__SIGN_HEADERS_MAX)
            return false;
        lines[count++] = each->data;
    }
    lines[count] = NULL;
    sign->headers = lines;
    return chat__sign(key, sign, authorization) &&
           chat__http_add_header(headers, authorization);
}

bool chat__http_sign(struct curl_slist **headers, struct chat__sign_key *key,
                     const struct chat__http_request *request)
{
    const struct chat__http_signing *signing = request->signing;
    bool post = strcmp(request->method, "POST") == 0;
    char date[CHAT__SIGN_DATE_BYTES];
    struct parts parts;
    uv_timeval64_t now;
    bool whole = uv_gettimeofday(&now) == 0 &&
                 chat__sign_date(date, now.tv_sec) &&
                 read_parts(&parts, request->url);

    if (!whole)
        return false;
    whole = add_signed_headers(headers, &parts, date, signing->credentials) &&
            add_signature(headers, key,
                          &(struct chat__sign_request){
                              .method = request->method,
                              .path = parts.path,
                              .query = parts.query != NULL ? parts.query : "",
                              .body = post ? request->body : "",
                              .body_length = post ? request->body_length : 0,
                              .service = signing->service,
                              .region = signing->region,
                              .credentials = signing->credentials,
                              .date = date,
                          });
    release_parts(&parts);
    return whole;
}
