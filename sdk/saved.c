#include "sdk/saved.h"

#include "protocol/frame.h"
#include "protocol/json.h"
#include "protocol/text.h"
#include "protocol/writer.h"

#include <stdio.h>
#include <string.h>

static const char *or_absent(const char *string)
{
    return string[0] != '\0' ? string : NULL;
}

static void encode_message(struct chat__buffer *buffer,
                           const struct chat__item *item)
{
    struct chat__request request = item->request;

    request.has_id = false;
    chat__request_encode(&request, buffer);
    chat__buffer_append_byte(buffer, '\n');
}

void chat__saved_encode(struct chat__buffer *buffer, const char *url,
                        const struct chat__credentials *credentials,
                        const struct chat__outbox *outbox,
                        const struct chat__item *extra)
{
    const struct chat__item *item;
    struct chat__writer writer;

    chat__writer_init(&writer, buffer);
    chat__write_object(&writer, NULL);
    chat__write_uint(&writer, "chatclient", CHAT__SAVED_FORMAT);
    chat__write_string(&writer, "url", url);
    chat__write_string(&writer, "name", or_absent(credentials->name));
    chat__write_string(&writer, "guest_key", or_absent(credentials->guest_key));
    chat__write_string(&writer, "account", or_absent(credentials->account));
    chat__write_string(&writer, "token", or_absent(credentials->token));
    chat__write_object_end(&writer);
    chat__buffer_append_byte(buffer, '\n');
    for (item = outbox->first; item != NULL; item = item->next) {
        if (chat__item_is_message(item))
            encode_message(buffer, item);
    }
    if (extra != NULL)
        encode_message(buffer, extra);
}

/* Copies an optional string that passes `check`; false: it does not. */
static bool take_string(const cJSON *json, const char *key,
                        const char *(*check)(const char *), char *copy,
                        size_t size)
{
    const char *value = NULL;
    struct chat__error error;

    if (!chat__json_string(json, key, CHAT__JSON_OPTIONAL, &value, &error))
        return false;
    if (value == NULL)
        return true;
    if (check(value) != NULL)
        return false;
    return (size_t)snprintf(copy, size, "%s", value) < size;
}

static bool decode_header(const cJSON *json, const char *url,
                          struct chat__credentials *credentials)
{
    const char *server = NULL;
    struct chat__error error;
    uint64_t format = 0;

    return chat__json_uint(json, "chatclient", CHAT__JSON_REQUIRED,
                           CHAT__SAVED_FORMAT, &format, &error) &&
           format == CHAT__SAVED_FORMAT &&
           chat__json_string(json, "url", CHAT__JSON_REQUIRED, &server,
                             &error) &&
           strcmp(server, url) == 0 &&
           take_string(json, "name", chat__text_check_user_name,
                       credentials->name, sizeof(credentials->name)) &&
           take_string(json, "guest_key", chat__text_check_key,
                       credentials->guest_key,
                       sizeof(credentials->guest_key)) &&
           take_string(json, "account", chat__text_check_user_name,
                       credentials->account, sizeof(credentials->account)) &&
           take_string(json, "token", chat__text_check_token,
                       credentials->token, sizeof(credentials->token));
}

static int decode_message(const char *line, size_t length,
                          struct chat__outbox *outbox)
{
    struct chat__request request;
    struct chat__error error;
    struct chat__item *item;
    int result = CHAT_OK;

    if (!chat__request_parse(&request, line, length, &error))
        return error.code == CHAT__ERROR_BUSY ? CHAT_ERROR_MEMORY
                                              : CHAT_ERROR_PROTOCOL;
    item = chat__item_new(&request, 0);
    chat__request_release(&request);
    if (item == NULL)
        return CHAT_ERROR_MEMORY;
    item->handed = true;
    if (!chat__item_is_message(item))
        result = CHAT_ERROR_PROTOCOL;
    else if (!chat__outbox_add(outbox, item))
        result = CHAT_ERROR_MEMORY;
    if (result != CHAT_OK)
        chat__item_free(item);
    return result;
}

/* The first line. */
static int decode_first(const char *line, size_t length, const char *url,
                        struct chat__credentials *credentials)
{
    struct chat__error error;
    cJSON *json = chat__json_parse(line, length, &error);
    bool good;

    if (json == NULL)
        return error.code == CHAT__ERROR_BUSY ? CHAT_ERROR_MEMORY
                                              : CHAT_ERROR_PROTOCOL;
    good = decode_header(json, url, credentials);
    chat__json_free(json);
    return good ? CHAT_OK : CHAT_ERROR_PROTOCOL;
}

int chat__saved_decode(const char *bytes, size_t length, const char *url,
                       struct chat__credentials *credentials,
                       struct chat__outbox *outbox)
{
    struct chat__credentials read = {0};
    const struct chat__item *before = outbox->last;
    bool whole = length > 0 && bytes[length - 1] == '\n';
    int result = whole ? CHAT_OK : CHAT_ERROR_PROTOCOL;
    bool header = true;
    const char *line;
    size_t line_length;

    while (result == CHAT_OK &&
           chat__frame_next(&bytes, &length, &line, &line_length)) {
        result = header ? decode_first(line, line_length, url, &read)
                        : decode_message(line, line_length, outbox);
        header = false;
    }
    if (header)
        result = CHAT_ERROR_PROTOCOL;
    if (result == CHAT_OK)
        *credentials = read;
    while (result != CHAT_OK && outbox->last != before)
        chat__outbox_remove(outbox, outbox->last);
    explicit_bzero(&read, sizeof(read));
    return result;
}
