#include "protocol/writer.h"
#include "protocol/plain.h"

#define DIGITS_MAX         20 /* of UINT64_MAX */
#define SHORT_ESCAPE_BYTES 2

void chat__writer_init(struct chat__writer *writer, struct chat__buffer *buffer)
{
    writer->buffer = buffer;
    writer->comma = false;
}

/* The letter of an escape of two bytes, 0 for what takes six. */
static char short_form(unsigned char byte)
{
    static const char forms[][2] = {{'"', '"'},  {'\\', '\\'}, {'\b', 'b'},
                                    {'\f', 'f'}, {'\n', 'n'},  {'\r', 'r'},
                                    {'\t', 't'}};

    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
        if (byte == (unsigned char)forms[i][0])
            return forms[i][1];
    return 0;
}

static void append_escape(struct chat__buffer *buffer, unsigned char byte)
{
    static const char hex[] = "0123456789abcdef";
    char escape[CHAT__WRITER_ESCAPE_BYTES] = {
        '\\', short_form(byte), '0', '0', hex[byte >> 4], hex[byte & 15]};

    if (escape[1] != 0) {
        chat__buffer_append(buffer, escape, SHORT_ESCAPE_BYTES);
        return;
    }
    escape[1] = 'u';
    chat__buffer_append(buffer, escape, sizeof(escape));
}

static size_t escape_bytes(unsigned char byte)
{
    if (chat__is_plain(byte))
        return 1;
    return short_form(byte) != 0 ? SHORT_ESCAPE_BYTES
                                 : CHAT__WRITER_ESCAPE_BYTES;
}

size_t chat__writer_string_bytes(const char *value)
{
    size_t bytes = 0;

    for (; *value != '\0'; value++)
        bytes += escape_bytes((unsigned char)*value);
    return bytes;
}

static void append_escaped(struct chat__buffer *buffer, const char *string,
                           size_t length)
{
    const char *end = string + length;

    while (string < end) {
        size_t run = chat__plain_run(string, (size_t)(end - string));

        chat__buffer_append(buffer, string, run);
        string += run;
        if (string < end)
            append_escape(buffer, (unsigned char)*string++);
    }
}

/* Nearly all strings are plain to their end: one reserve, one copy. */
static void append_quoted(struct chat__buffer *buffer, const char *string)
{
    size_t length = strlen(string);
    char *to;

    if (chat__plain_run(string, length) == length) {
        to = chat__buffer_extend(buffer, length + 2);
        if (to == NULL)
            return;
        to[0] = '"';
        memcpy(to + 1, string, length);
        to[length + 1] = '"';
        return;
    }
    chat__buffer_append_byte(buffer, '"');
    append_escaped(buffer, string, length);
    chat__buffer_append_byte(buffer, '"');
}

/* Keys are short and plain: one loop looks and copies. */
static void append_key(struct chat__buffer *buffer, const char *key)
{
    size_t start = buffer->length;
    size_t length = strlen(key);
    char *to = chat__buffer_extend(buffer, length + 3);

    if (to == NULL)
        return;
    *to++ = '"';
    for (size_t i = 0; i < length; i++) {
        if (!chat__is_plain(key[i])) {
            chat__buffer_truncate(buffer, start);
            append_quoted(buffer, key);
            chat__buffer_append_byte(buffer, ':');
            return;
        }
        *to++ = key[i];
    }
    *to++ = '"';
    *to = ':';
}

/* The comma and the key that a value needs before it. */
static void begin_value(struct chat__writer *writer, const char *key)
{
    if (writer->comma)
        chat__buffer_append_byte(writer->buffer, ',');
    writer->comma = true;
    if (key != NULL)
        append_key(writer->buffer, key);
}

static void open_nested(struct chat__writer *writer, const char *key,
                        char bracket)
{
    begin_value(writer, key);
    chat__buffer_append_byte(writer->buffer, bracket);
    writer->comma = false;
}

static void close_nested(struct chat__writer *writer, char bracket)
{
    chat__buffer_append_byte(writer->buffer, bracket);
    writer->comma = true;
}

void chat__write_object(struct chat__writer *writer, const char *key)
{
    open_nested(writer, key, '{');
}

void chat__write_object_end(struct chat__writer *writer)
{
    close_nested(writer, '}');
}

void chat__write_array(struct chat__writer *writer, const char *key)
{
    open_nested(writer, key, '[');
}

void chat__write_array_end(struct chat__writer *writer)
{
    close_nested(writer, ']');
}

void chat__write_string(struct chat__writer *writer, const char *key,
                        const char *value)
{
    if (value == NULL)
        return;
    begin_value(writer, key);
    append_quoted(writer->buffer, value);
}

static void append_digits(struct chat__buffer *buffer, uint64_t value)
{
    char digits[DIGITS_MAX];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    chat__buffer_append(buffer, digits + at, sizeof(digits) - at);
}

void chat__write_uint(struct chat__writer *writer, const char *key,
                      uint64_t value)
{
    begin_value(writer, key);
    append_digits(writer->buffer, value);
}

void chat__write_int(struct chat__writer *writer, const char *key,
                     int64_t value)
{
    begin_value(writer, key);
    if (value < 0)
        chat__buffer_append_byte(writer->buffer, '-');
    append_digits(writer->buffer,
                  value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void chat__write_bool(struct chat__writer *writer, const char *key, bool value)
{
    begin_value(writer, key);
    chat__buffer_append_string(writer->buffer, value ? "true" : "false");
}

void chat__write_id(struct chat__writer *writer, const char *key, uint64_t id)
{
    begin_value(writer, key);
    chat__buffer_append_byte(writer->buffer, '"');
    append_digits(writer->buffer, id);
    chat__buffer_append_byte(writer->buffer, '"');
}

void chat__write_raw(struct chat__writer *writer, const char *key,
                     const char *json, size_t length)
{
    begin_value(writer, key);
    chat__buffer_append(writer->buffer, json, length);
}
