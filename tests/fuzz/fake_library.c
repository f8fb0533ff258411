#include "tests/fuzz/fake_library.h"

#include "tests/fuzz/fuzz.h"

#include <string.h>

int lws_hdr_total_length(struct lws *wsi, enum lws_token_indexes token)
{
    return wsi->headers[token] == NULL ? 0 : (int)strlen(wsi->headers[token]);
}

/* As 4.1.6: 0 for an absent one, -1 when it does not fit with its NUL. */
int lws_hdr_copy(struct lws *wsi, char *to, int size,
                 enum lws_token_indexes token)
{
    int length = lws_hdr_total_length(wsi, token);

    *to = '\0';
    if (length >= size)
        return -1;
    if (length > 0)
        memcpy(to, wsi->headers[token], (size_t)length + 1);
    return length;
}

void *lws_get_opaque_user_data(const struct lws *wsi)
{
    return wsi->opaque;
}

int lws_get_socket_fd(struct lws *wsi)
{
    return wsi->socket;
}

static int put(unsigned char **at, unsigned char *end, const char *text)
{
    size_t length = strlen(text);

    if ((size_t)(end - *at) < length)
        return 1;
    memcpy(*at, text, length);
    *at += length;
    return 0;
}

int lws_add_http_header_status(struct lws *wsi, unsigned int status,
                               unsigned char **at, unsigned char *end)
{
    char line[64];

    wsi->status = status;
    wsi->answers++;
    snprintf(line, sizeof line, "HTTP/1.0 %u ", status);
    return put(at, end, line);
}

int lws_add_http_header_by_name(struct lws *wsi, const unsigned char *name,
                                const unsigned char *value, int length,
                                unsigned char **at, unsigned char *end)
{
    (void)wsi;
    FUZZ_CHECK(strlen((const char *)value) == (size_t)length);
    FUZZ_CHECK(strpbrk((const char *)value, "\r\n") == NULL);
    return put(at, end, "\r\n") || put(at, end, (const char *)name) ||
           put(at, end, " ") || put(at, end, (const char *)value);
}

int lws_add_http_header_content_length(struct lws *wsi, lws_filepos_t length,
                                       unsigned char **at, unsigned char *end)
{
    char line[64];

    (void)wsi;
    snprintf(line, sizeof line, "\r\ncontent-length: %llu",
             (unsigned long long)length);
    return put(at, end, line);
}

int lws_finalize_http_header(struct lws *wsi, unsigned char **at,
                             unsigned char *end)
{
    (void)wsi;
    return put(at, end, "\r\n\r\n");
}

/* The first write is the answer, what follows a body that is on its way. */
int lws_write(struct lws *wsi, unsigned char *bytes, size_t length,
              enum lws_write_protocol protocol)
{
    (void)protocol;
    if (wsi->answer_length == 0) {
        FUZZ_CHECK(length <= sizeof wsi->answer);
        memcpy(wsi->answer, bytes, length);
        wsi->answer_length = length;
    } else {
        wsi->body_bytes += length;
    }
    return (int)length;
}

int lws_http_transaction_completed(struct lws *wsi)
{
    (void)wsi;
    return 0;
}

void lws_set_timeout(struct lws *wsi, enum pending_timeout reason, int seconds)
{
    (void)wsi;
    (void)reason;
    (void)seconds;
}

int lws_callback_on_writable(struct lws *wsi)
{
    (void)wsi;
    return 1;
}
