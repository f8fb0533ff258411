#include "client/json_lines.h"

#include <chat/client.h>
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <string.h>

/* Names as in docs/protocol.md, and the library's own in the same style. */
static const struct {
    int error;
    const char *name;
} codes[] = {
    {CHAT_ERROR_MEMORY, "memory"},
    {CHAT_ERROR_ARGUMENT, "bad_request"},
    {CHAT_ERROR_STATE, "closed"},
    {CHAT_ERROR_FULL, "full"},
    {CHAT_ERROR_NETWORK, "network"},
    {CHAT_ERROR_TLS, "tls"},
    {CHAT_ERROR_TIMEOUT, "timeout"},
    {CHAT_ERROR_PROTOCOL, "protocol"},
    {CHAT_ERROR_SYSTEM, "system"},
    {CHAT_ERROR_CANCELLED, "cancelled"},
    {CHAT_ERROR_BAD_REQUEST, "bad_request"},
    {CHAT_ERROR_UNAUTHORIZED, "unauthorized"},
    {CHAT_ERROR_FORBIDDEN, "forbidden"},
    {CHAT_ERROR_NOT_FOUND, "not_found"},
    {CHAT_ERROR_NAME_TAKEN, "name_taken"},
    {CHAT_ERROR_KEY_CONFLICT, "key_conflict"},
    {CHAT_ERROR_EPOCH_CHANGED, "epoch_changed"},
    {CHAT_ERROR_TOO_LARGE, "too_large"},
    {CHAT_ERROR_RATE_LIMITED, "rate_limited"},
    {CHAT_ERROR_BUSY, "busy"},
    {CHAT_ERROR_STORAGE, "storage"},
    {CHAT_ERROR_VERSION, "version"},
};

static const char *code_of(int error)
{
    size_t i;

    for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (codes[i].error == error) {
            return codes[i].name;
        }
    }
    return "server";
}

static bool finish(FILE *stream)
{
    fputc('\n', stream);
    return fflush(stream) == 0 && !ferror(stream);
}

bool chat__json_lines_entry(FILE *stream, const char *json, size_t length)
{
    size_t i;

    for (i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)json[i];
        unsigned char next =
            i + 1 < length ? (unsigned char)json[i + 1] : (unsigned char)0;
        if (byte == 0x7F) {
            fputs("\\u007f", stream);
        } else if (byte == 0xC2 && next >= 0x80 && next <= 0x9F) {
            fprintf(stream, "\\u%04x", next);
            i++;
        } else {
            fputc(byte, stream);
        }
    }
    return finish(stream);
}

/* Prints {"name": body} and frees the body, which may be NULL. */
static bool print(FILE *stream, const char *name, cJSON *body)
{
    cJSON *object = cJSON_CreateObject();
    char *json = NULL;
    bool printed = false;

    if (body != NULL && cJSON_AddItemToObject(object, name, body)) {
        json = cJSON_PrintUnformatted(object);
    } else {
        cJSON_Delete(body);
    }
    if (json != NULL) {
        printed = chat__json_lines_entry(stream, json, strlen(json));
    }
    cJSON_free(json);
    cJSON_Delete(object);
    return printed;
}

/* As digits: cJSON's own numbers lose some above 10^15. */
static void add_number(cJSON *body, const char *name, uint64_t number)
{
    char digits[24];

    snprintf(digits, sizeof(digits), "%" PRIu64, number);
    cJSON_AddRawToObject(body, name, digits);
}

static cJSON *body_for(uint64_t line)
{
    cJSON *body = cJSON_CreateObject();

    add_number(body, "line", line);
    return body;
}

bool chat__json_lines_sent(FILE *stream, uint64_t line, const char *key,
                           uint64_t seq)
{
    cJSON *body = body_for(line);

    cJSON_AddStringToObject(body, "key", key);
    add_number(body, "seq", seq);
    return print(stream, "sent", body);
}

bool chat__json_lines_failed(FILE *stream, uint64_t line, int error,
                             const char *message)
{
    cJSON *body = body_for(line);

    cJSON_AddStringToObject(body, "code", code_of(error));
    cJSON_AddStringToObject(body, "message", message);
    return print(stream, "failed", body);
}
