#include "server/ops/trace_headers.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

/* The rest of what is read, and the place that is left. */
struct reader {
    const char *at;
    const char *end; /* of this member */
    char *to;
    char *limit;
};

static bool put(struct reader *reader, char byte)
{
    if (reader->to == reader->limit)
        return false;
    *reader->to++ = byte;
    return true;
}

static void skip_blanks(struct reader *reader)
{
    while (reader->at < reader->end &&
           (*reader->at == ' ' || *reader->at == '\t'))
        reader->at++;
    while (reader->end > reader->at &&
           (reader->end[-1] == ' ' || reader->end[-1] == '\t'))
        reader->end--;
}

/* A token of RFC 9110, up to the '='. */
static bool copy_name(struct reader *reader)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz"
                                  "0123456789!#$%&'*+-.^_`|~";
    size_t length = strspn(reader->at, letters);

    for (size_t i = 0; i < length; i++)
        if (!put(reader, *reader->at++))
            return false;
    skip_blanks(reader);
    return length > 0 && *reader->at++ == '=' && put(reader, ':') &&
           put(reader, ' ');
}

static int digit_of(char c)
{
    if (!isxdigit((unsigned char)c))
        return -1;
    return isdigit((unsigned char)c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* The byte at reader->at, which is taken; -1: it cannot stand in a header. */
static int take_byte(struct reader *reader)
{
    int byte = (unsigned char)*reader->at++;

    if (byte == '%') {
        int high = reader->end - reader->at < 2 ? -1 : digit_of(reader->at[0]);
        int low = high < 0 ? -1 : digit_of(reader->at[1]);

        if (low < 0)
            return -1;
        byte = high << 4 | low;
        reader->at += 2;
    }
    return byte < ' ' || byte > '~' ? -1 : byte;
}

/* libcurl would take a header without a value out. */
static bool copy_value(struct reader *reader)
{
    const char *began;

    skip_blanks(reader);
    began = reader->at;
    while (reader->at < reader->end) {
        int byte = take_byte(reader);

        if (byte < 0 || !put(reader, (char)byte))
            return false;
    }
    return reader->at > began && put(reader, '\0');
}

bool chat__trace_headers_read(struct chat__trace_headers *headers,
                              const char *text)
{
    struct reader reader = {
        .at = text,
        .to = headers->bytes,
        .limit = headers->bytes + sizeof headers->bytes,
    };
    size_t count = 0;

    memset(headers->lines, 0, sizeof headers->lines);
    headers->lines[count++] = "Content-Type: application/json";
    while (reader.at != NULL) {
        const char *comma = strchr(reader.at, ',');
        char *line = reader.to;

        reader.end = comma != NULL ? comma : reader.at + strlen(reader.at);
        skip_blanks(&reader);
        if (count == CHAT__HTTP_HEADERS_MAX || !copy_name(&reader) ||
            !copy_value(&reader))
            return false;
        headers->lines[count++] = line;
        reader.at = comma == NULL ? NULL : comma + 1;
    }
    return true;
}
