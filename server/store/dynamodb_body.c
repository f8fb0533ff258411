#include "server/store/dynamodb_body.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An item has 400 KB; escaped and with types a chunk stays below this. */
#define BODY_BYTES_MAX (2 * 1024 * 1024)

#define NAME_BYTES 32

void chat__dynamodb_body_begin(struct chat__dynamodb_body *body,
                               const char *prefix, const char *table)
{
    char name[128];

    *body = (struct chat__dynamodb_body){.table = table};
    chat__buffer_init(&body->buffer, BODY_BYTES_MAX);
    chat__writer_init(&body->writer, &body->buffer);
    chat__write_object(&body->writer, NULL);
    snprintf(name, sizeof name, "%s%s", prefix, table);
    if (table[0] != '\0')
        chat__write_string(&body->writer, "TableName", name);
}

void chat__dynamodb_expression(struct chat__dynamodb_body *body,
                               const char *kind, const char *text)
{
    chat__write_string(&body->writer, kind, text);
    body->expressions[body->expression_count++] = text;
}

/* The next name behind a '#', or NULL at the end. */
static const char *next_name(const char *text, char *name)
{
    const char *at = strchr(text, '#');
    size_t length = 1;
    if (at == NULL)
        return NULL;
    while (length < NAME_BYTES - 1 &&
           (isalnum((unsigned char)at[length]) || at[length] == '_'))
        length++;
    memcpy(name, at, length);
    name[length] = '\0';
    return at + length;
}

static bool was_named(const struct chat__dynamodb_body *body, size_t index,
                      const char *end, const char *name)
{
    char other[NAME_BYTES];
    for (size_t i = 0; i <= index; i++) {
        const char *at = body->expressions[i];
        while ((at = next_name(at, other)) != NULL && (i < index || at < end))
            if (strcmp(other, name) == 0)
                return true;
    }
    return false;
}

static void write_names(struct chat__dynamodb_body *body)
{
    char name[NAME_BYTES];
    for (size_t i = 0; i < body->expression_count; i++) {
        const char *at = body->expressions[i];
        while ((at = next_name(at, name)) != NULL)
            if (!was_named(body, i, at, name))
                chat__write_string(&body->writer, name, name + 1);
    }
}

void chat__dynamodb_body_end(struct chat__dynamodb_body *body)
{
    bool named = false;
    for (size_t i = 0; i < body->expression_count; i++)
        named = named || strchr(body->expressions[i], '#') != NULL;
    if (named) {
        chat__write_object(&body->writer, "ExpressionAttributeNames");
        write_names(body);
        chat__write_object_end(&body->writer);
    }
    chat__write_object_end(&body->writer);
}

void chat__dynamodb_body_release(struct chat__dynamodb_body *body)
{
    chat__buffer_release(&body->buffer);
}

/* ---- attributes, to write ---- */

void chat__dynamodb_string(struct chat__writer *writer, const char *name,
                           const char *value)
{
    if (value == NULL)
        return;
    chat__write_object(writer, name);
    chat__write_string(writer, "S", value);
    chat__write_object_end(writer);
}

void chat__dynamodb_number(struct chat__writer *writer, const char *name,
                           uint64_t value)
{
    chat__write_object(writer, name);
    chat__write_id(writer, "N", value);
    chat__write_object_end(writer);
}

void chat__dynamodb_signed(struct chat__writer *writer, const char *name,
                           int64_t value)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRId64, value);
    chat__write_object(writer, name);
    chat__write_string(writer, "N", digits);
    chat__write_object_end(writer);
}

static bool is_repeated(const uint64_t *values, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (values[i] == values[index])
            return true;
    return false;
}

void chat__dynamodb_numbers(struct chat__writer *writer, const char *name,
                            const uint64_t *values, size_t count)
{
    chat__write_object(writer, name);
    chat__write_array(writer, "NS");
    for (size_t i = 0; i < count; i++)
        if (!is_repeated(values, i))
            chat__write_id(writer, NULL, values[i]);
    chat__write_array_end(writer);
    chat__write_object_end(writer);
}

/* ---- and to read ---- */

static const cJSON *typed(const cJSON *item, const char *name, const char *type)
{
    return cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(item, name), type);
}

const char *chat__dynamodb_get_string(const cJSON *item, const char *name)
{
    return cJSON_GetStringValue(typed(item, name, "S"));
}

uint64_t chat__dynamodb_get_number(const cJSON *item, const char *name)
{
    const char *digits = cJSON_GetStringValue(typed(item, name, "N"));
    return digits == NULL ? 0 : strtoull(digits, NULL, 10);
}

int64_t chat__dynamodb_get_signed(const cJSON *item, const char *name)
{
    const char *digits = cJSON_GetStringValue(typed(item, name, "N"));
    return digits == NULL ? 0 : strtoll(digits, NULL, 10);
}

const cJSON *chat__dynamodb_get_list(const cJSON *item, const char *name)
{
    const cJSON *list = typed(item, name, "L");
    return list != NULL ? list : typed(item, name, "NS");
}

const cJSON *chat__dynamodb_element_map(const cJSON *element)
{
    return cJSON_GetObjectItemCaseSensitive(element, "M");
}

uint64_t chat__dynamodb_element_number(const cJSON *element)
{
    const char *digits = cJSON_GetStringValue(element);
    return digits == NULL ? 0 : strtoull(digits, NULL, 10);
}

/* ---- bytes ---- */

void chat__dynamodb_copy(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from == NULL ? "" : from);
}

void chat__dynamodb_to_hex(char *text, const unsigned char *bytes,
                           size_t length)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * length] = '\0';
}

bool chat__dynamodb_from_hex(unsigned char *bytes, size_t length,
                             const char *text)
{
    if (text == NULL || strlen(text) != 2 * length)
        return false;
    for (size_t i = 0; i < length; i++) {
        char pair[3] = {text[2 * i], text[2 * i + 1], '\0'};
        char *end;
        bytes[i] = (unsigned char)strtoul(pair, &end, 16);
        if (*end != '\0')
            return false;
    }
    return true;
}
