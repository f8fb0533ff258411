#include "server/ops/trace_context.h"

#include <string.h>

/* `00-<32 hex>-<16 hex>-<2 hex>`; later versions may go on behind a '-'. */
#define TRACEPARENT_BYTES 55
#define TRACE_AT          3
#define PARENT_AT         36
#define FLAGS_AT          53
#define FLAG_SAMPLED      0x01
#define VERSION_FORBIDDEN 0xFF

/* `1-<8 hex>-<24 hex>` */
#define ROOT_BYTES   35
#define ROOT_TIME_AT 2
#define ROOT_REST_AT 11
#define TIME_BYTES   4

#define STATE_MEMBERS_MAX 32

/* Upper case is malformed in a traceparent, and X-Ray writes none. */
static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(const char *text, unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int high = digit_of(text[2 * i]);
        int low = high < 0 ? -1 : digit_of(text[2 * i + 1]);

        if (low < 0)
            return false;
        bytes[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

static bool is_zero(const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

static bool read_parent(struct chat__trace_context *context, const char *text)
{
    context->has_parent = true;
    return read_hex(text, context->parent, CHAT__SPAN_ID_BYTES) &&
           !is_zero(context->parent, CHAT__SPAN_ID_BYTES);
}

/* ---- W3C ---- */

static bool read_traceparent(struct chat__trace_context *context,
                             const char *value)
{
    size_t length = strlen(value);
    unsigned char version, flags;

    if (length < TRACEPARENT_BYTES || value[TRACE_AT - 1] != '-' ||
        value[PARENT_AT - 1] != '-' || value[FLAGS_AT - 1] != '-' ||
        !read_hex(value, &version, 1) || version == VERSION_FORBIDDEN ||
        !read_hex(value + FLAGS_AT, &flags, 1))
        return false;
    if (length > TRACEPARENT_BYTES &&
        (version == 0 || value[TRACEPARENT_BYTES] != '-'))
        return false;
    context->wish = (flags & FLAG_SAMPLED) != 0 ? CHAT__TRACE_SAMPLED
                                                : CHAT__TRACE_NOT_SAMPLED;
    return read_hex(value + TRACE_AT, context->trace, CHAT__TRACE_ID_BYTES) &&
           !is_zero(context->trace, CHAT__TRACE_ID_BYTES) &&
           read_parent(context, value + PARENT_AT);
}

/* `key=value` members between commas, all of it printable. */
static bool is_state(const char *value)
{
    size_t members = 1;
    bool has_value = false;

    for (const char *at = value; *at != '\0'; at++) {
        if ((*at < ' ' && *at != '\t') || *at > '~')
            return false;
        if (*at == '=')
            has_value = true;
        if (*at != ',')
            continue;
        if (!has_value || ++members > STATE_MEMBERS_MAX)
            return false;
        has_value = false;
    }
    return has_value;
}

static void read_state(struct chat__trace_context *context, const char *value)
{
    if (value != NULL && strlen(value) <= CHAT__TRACE_STATE_BYTES_MAX &&
        is_state(value))
        memcpy(context->state, value, strlen(value) + 1);
}

/* ---- X-Ray ---- */

/* X-Ray's trace id is that of OpenTelemetry with the time set off by '-'. */
static bool read_root(struct chat__trace_context *context, const char *value,
                      size_t length)
{
    return !context->there && length == ROOT_BYTES && value[0] == '1' &&
           value[ROOT_TIME_AT - 1] == '-' && value[ROOT_REST_AT - 1] == '-' &&
           read_hex(value + ROOT_TIME_AT, context->trace, TIME_BYTES) &&
           read_hex(value + ROOT_REST_AT, context->trace + TIME_BYTES,
                    CHAT__TRACE_ID_BYTES - TIME_BYTES) &&
           !is_zero(context->trace, CHAT__TRACE_ID_BYTES);
}

static bool read_sampled(struct chat__trace_context *context, const char *value,
                         size_t length)
{
    if (context->wish != CHAT__TRACE_NO_WISH || length != 1 ||
        strchr("01?", *value) == NULL)
        return false;
    if (*value != '?')
        context->wish =
            *value == '1' ? CHAT__TRACE_SAMPLED : CHAT__TRACE_NOT_SAMPLED;
    return true;
}

/* One `name=value`; names that are not known, such as Self, may stand there. */
static bool read_field(struct chat__trace_context *context, const char *field,
                       size_t length)
{
    const char *equals = memchr(field, '=', length);
    const char *value = equals == NULL ? NULL : equals + 1;
    size_t name_length = equals == NULL ? 0 : (size_t)(equals - field);
    size_t rest = equals == NULL ? 0 : length - name_length - 1;

    if (name_length == 4 && memcmp(field, "Root", 4) == 0) {
        context->there = read_root(context, value, rest);
        return context->there;
    }
    if (name_length == 6 && memcmp(field, "Parent", 6) == 0)
        return !context->has_parent && rest == 2 * CHAT__SPAN_ID_BYTES &&
               read_parent(context, value);
    if (name_length == 7 && memcmp(field, "Sampled", 7) == 0)
        return read_sampled(context, value, rest);
    return name_length > 0;
}

static bool read_amazon(struct chat__trace_context *context, const char *value)
{
    for (;;) {
        size_t length;

        value += strspn(value, " ");
        length = strcspn(value, ";");
        if (!read_field(context, value, length))
            return false;
        value += length;
        if (*value == '\0')
            return context->there;
        value++;
    }
}

bool chat__trace_context_read(struct chat__trace_context *context,
                              const char *traceparent, const char *tracestate,
                              const char *amazon)
{
    *context = (struct chat__trace_context){0};
    if (traceparent != NULL && read_traceparent(context, traceparent)) {
        context->there = true;
        read_state(context, tracestate);
        return true;
    }
    *context = (struct chat__trace_context){0};
    if (amazon != NULL && read_amazon(context, amazon))
        return true;
    *context = (struct chat__trace_context){0};
    return false;
}
