#include "server/ops/log.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Kept free while values are written, so that a cut line still ends well. */
#define TAIL_BYTES  32
#define REPLACEMENT 0xFFFD

static const char *const level_names[] = {
    [CHAT__LOG_ERROR] = "error",
    [CHAT__LOG_WARNING] = "warning",
    [CHAT__LOG_INFO] = "info",
    [CHAT__LOG_DEBUG] = "debug",
};

static _Atomic(enum chat__log_level) threshold = CHAT__LOG_INFO;

bool chat__log_level_from_name(const char *name, enum chat__log_level *level)
{
    for (size_t i = 0; i < sizeof level_names / sizeof *level_names; i++) {
        if (strcmp(name, level_names[i]) == 0) {
            *level = (enum chat__log_level)i;
            return true;
        }
    }
    return false;
}

void chat__log_set_level(enum chat__log_level level)
{
    atomic_store_explicit(&threshold, level, memory_order_relaxed);
}

bool chat__log_wants(enum chat__log_level level)
{
    return level <= atomic_load_explicit(&threshold, memory_order_relaxed);
}

enum chat__log_level chat__log_level(void)
{
    return (enum chat__log_level)atomic_load_explicit(&threshold,
                                                      memory_order_relaxed);
}

const char *chat__log_level_name(enum chat__log_level level)
{
    return level_names[level];
}

/* All of `bytes` or nothing of them, so that no escape is cut in two. */
static bool append(struct chat__log_line *line, const char *bytes,
                   size_t length)
{
    if (line->cut || length > sizeof line->bytes - TAIL_BYTES - line->length) {
        line->cut = true;
        return false;
    }
    memcpy(line->bytes + line->length, bytes, length);
    line->length += length;
    return true;
}

/* Into the space that append leaves free. */
static void append_tail(struct chat__log_line *line, const char *string)
{
    size_t length = strlen(string);

    memcpy(line->bytes + line->length, string, length);
    line->length += length;
}

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

/*
 * The code point at `text`, and how many bytes it takes. One byte that is no
 * UTF-8 is one replacement character.
 */
static uint32_t decode(const unsigned char *text, size_t *taken)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t count = text[0] >= 0xF0 ? 4 : text[0] >= 0xE0 ? 3 : 2;
    uint32_t point = text[0] & (0xFFU >> (count + 1));

    *taken = 1;
    if (text[0] < 0xC0 || text[0] >= 0xF8)
        return REPLACEMENT;
    for (size_t i = 1; i < count; i++) {
        if (!is_continuation(text[i]))
            return REPLACEMENT;
        point = point << 6 | (text[i] & 0x3F);
    }
    if (point < smallest[count] || point > 0x10FFFF ||
        (point >= 0xD800 && point <= 0xDFFF))
        return REPLACEMENT;
    *taken = count;
    return point;
}

static bool append_escape(struct chat__log_line *line, uint32_t point)
{
    char escape[16];
    int length;

    if (point < 0x10000)
        length = snprintf(escape, sizeof escape, "\\u%04" PRIx32, point);
    else
        length =
            snprintf(escape, sizeof escape, "\\u%04" PRIx32 "\\u%04" PRIx32,
                     0xD800 + ((point - 0x10000) >> 10),
                     0xDC00 + ((point - 0x10000) & 0x3FF));
    return append(line, escape, (size_t)length);
}

static void append_text(struct chat__log_line *line, const char *value)
{
    const unsigned char *text = (const unsigned char *)value;
    size_t taken;

    for (; *text != '\0'; text += taken) {
        taken = 1;
        if (*text == '"' || *text == '\\') {
            const char escape[2] = {'\\', (char)*text};

            if (!append(line, escape, sizeof escape))
                return;
        } else if (*text >= 0x20 && *text < 0x7F) {
            if (!append(line, (const char *)text, 1))
                return;
        } else {
            uint32_t point = *text < 0x80 ? *text : decode(text, &taken);

            if (!append_escape(line, point))
                return;
        }
    }
}

/* `,"key":`, or nothing at all. */
static bool append_key(struct chat__log_line *line, const char *key)
{
    char start[64];
    int length = snprintf(start, sizeof start, ",\"%s\":", key);

    return length > 0 && (size_t)length < sizeof start &&
           append(line, start, (size_t)length);
}

static void append_time(struct chat__log_line *line)
{
    struct timespec now;
    struct tm utc;
    char text[48];
    size_t length;

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    length = strftime(text, sizeof text, "{\"time\":\"%Y-%m-%dT%H:%M:%S", &utc);
    length += (size_t)snprintf(text + length, sizeof text - length, ".%03ldZ\"",
                               now.tv_nsec / 1000000);
    append(line, text, length);
}

static void begin(struct chat__log_line *line, enum chat__log_level level,
                  const char *event)
{
    line->cut = false;
    line->length = 0;
    if (!line->wanted)
        return;
    append_time(line);
    chat__log_string(line, "level", level_names[level]);
    chat__log_string(line, "event", event);
}

void chat__log_begin(struct chat__log_line *line, enum chat__log_level level,
                     const char *event)
{
    line->wanted = chat__log_wants(level);
    line->always = false;
    begin(line, level, event);
}

void chat__log_begin_always(struct chat__log_line *line,
                            enum chat__log_level level, const char *event)
{
    line->wanted = line->always = true;
    begin(line, level, event);
}

void chat__log_string(struct chat__log_line *line, const char *key,
                      const char *value)
{
    size_t start = line->length;

    if (!line->wanted)
        return;
    if (!append_key(line, key) || !append(line, "\"", 1)) {
        line->length = start;
        return;
    }
    append_text(line, value);
    append_tail(line, "\"");
}

/* A member whose value is JSON already. */
static void add_plain(struct chat__log_line *line, const char *key,
                      const char *value)
{
    size_t start = line->length;

    if (!line->wanted)
        return;
    if (!append_key(line, key) || !append(line, value, strlen(value)))
        line->length = start;
}

void chat__log_int(struct chat__log_line *line, const char *key, int64_t value)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%" PRId64, value);
    add_plain(line, key, digits);
}

void chat__log_microseconds(struct chat__log_line *line, const char *key,
                            int64_t microseconds)
{
    char digits[32];

    snprintf(digits, sizeof digits, "%" PRId64 ".%03" PRId64,
             microseconds / 1000, microseconds % 1000);
    add_plain(line, key, digits);
}

void chat__log_bool(struct chat__log_line *line, const char *key, bool value)
{
    add_plain(line, key, value ? "true" : "false");
}

void chat__log_address(struct chat__log_line *line, const char *key,
                       const unsigned char *address)
{
    static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    bool four = memcmp(address, mapped, sizeof mapped) == 0;
    char text[INET6_ADDRSTRLEN];

    if (line->wanted && inet_ntop(four ? AF_INET : AF_INET6,
                                  four ? address + sizeof mapped : address,
                                  text, sizeof text) != NULL)
        chat__log_string(line, key, text);
}

bool chat__log_close(struct chat__log_line *line)
{
    if (line->wanted)
        append_tail(line, line->cut ? ",\"cut\":true}\n" : "}\n");
    return line->wanted;
}

void chat__log_end(struct chat__log_line *line)
{
    if (chat__log_close(line))
        chat__log_emit(CHAT__LOG_STREAM_LOG, line->bytes, line->length,
                       line->always);
}

void chat__log_write(enum chat__log_level level, const char *event,
                     const char *detail)
{
    struct chat__log_line line;

    chat__log_begin(&line, level, event);
    if (detail != NULL)
        chat__log_string(&line, "detail", detail);
    chat__log_end(&line);
}
