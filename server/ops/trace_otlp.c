#include "server/ops/trace_otlp.h"

#include "protocol/writer.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#define STATUS_ERROR 2

/* Bits of a span's `flags`: whether its parent is of another process. */
#define FLAG_SAMPLED       0x001
#define FLAG_HAS_IS_REMOTE 0x100
#define FLAG_IS_REMOTE     0x200

static const char body_end[] = "]}]}]}";

static_assert(sizeof body_end <= CHAT__OTLP_END_BYTES, "the end is reserved");

/* A text that nobody has is not written. */
void chat__span_text(struct chat__span *span, const char *key, const char *text)
{
    if (text == NULL || span->attribute_count == CHAT__SPAN_ATTRIBUTES_MAX)
        return;
    span->attributes[span->attribute_count++] =
        (struct chat__span_attribute){.key = key, .text = text};
}

void chat__span_number(struct chat__span *span, const char *key,
                       uint64_t number)
{
    if (span->attribute_count == CHAT__SPAN_ATTRIBUTES_MAX)
        return;
    span->attributes[span->attribute_count++] =
        (struct chat__span_attribute){.key = key, .number = number};
}

static void write_hex(struct chat__writer *writer, const char *key,
                      const unsigned char *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * CHAT__TRACE_ID_BYTES + 1];

    for (size_t i = 0; i < count; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * count] = '\0';
    chat__write_string(writer, key, text);
}

static void write_attribute(struct chat__writer *writer,
                            const struct chat__span_attribute *attribute)
{
    chat__write_object(writer, NULL);
    chat__write_string(writer, "key", attribute->key);
    chat__write_object(writer, "value");
    if (attribute->text != NULL)
        chat__write_string(writer, "stringValue", attribute->text);
    else
        chat__write_id(writer, "intValue", attribute->number);
    chat__write_object_end(writer);
    chat__write_object_end(writer);
}

static void write_attributes(struct chat__writer *writer,
                             const struct chat__span_attribute *attributes,
                             size_t count)
{
    chat__write_array(writer, "attributes");
    for (size_t i = 0; i < count; i++)
        write_attribute(writer, &attributes[i]);
    chat__write_array_end(writer);
}

void chat__otlp_begin(struct chat__buffer *body, const char *version,
                      const char *task)
{
    const struct chat__span_attribute resource[] = {
        {.key = "service.name", .text = "chatd"},
        {.key = "service.version", .text = version},
        {.key = "service.instance.id", .text = task},
    };
    struct chat__writer writer;

    chat__writer_init(&writer, body);
    chat__write_object(&writer, NULL);
    chat__write_array(&writer, "resourceSpans");
    chat__write_object(&writer, NULL);
    chat__write_object(&writer, "resource");
    write_attributes(&writer, resource, sizeof resource / sizeof *resource);
    chat__write_object_end(&writer);
    chat__write_array(&writer, "scopeSpans");
    chat__write_object(&writer, NULL);
    chat__write_object(&writer, "scope");
    chat__write_string(&writer, "name", "chatd");
    chat__write_string(&writer, "version", version);
    chat__write_object_end(&writer);
    chat__write_array(&writer, "spans");
}

static void write_ids(struct chat__writer *writer,
                      const struct chat__span *span)
{
    bool is_remote = span->kind == CHAT__SPAN_SERVER;

    write_hex(writer, "traceId", span->trace, CHAT__TRACE_ID_BYTES);
    write_hex(writer, "spanId", span->id, CHAT__SPAN_ID_BYTES);
    if (span->parent != NULL)
        write_hex(writer, "parentSpanId", span->parent, CHAT__SPAN_ID_BYTES);
    if (span->state[0] != '\0')
        chat__write_string(writer, "traceState", span->state);
    chat__write_uint(
        writer, "flags",
        FLAG_SAMPLED | FLAG_HAS_IS_REMOTE |
            (span->parent != NULL && is_remote ? FLAG_IS_REMOTE : 0));
}

void chat__otlp_span(struct chat__buffer *body, const struct chat__span *span,
                     bool first)
{
    struct chat__writer writer;

    chat__writer_init(&writer, body);
    writer.comma = !first;
    chat__write_object(&writer, NULL);
    write_ids(&writer, span);
    chat__write_string(&writer, "name", span->name);
    chat__write_uint(&writer, "kind", span->kind);
    chat__write_id(&writer, "startTimeUnixNano", (uint64_t)span->began_ns);
    chat__write_id(&writer, "endTimeUnixNano", (uint64_t)span->ended_ns);
    write_attributes(&writer, span->attributes, span->attribute_count);
    if (span->failed) {
        chat__write_object(&writer, "status");
        chat__write_uint(&writer, "code", STATUS_ERROR);
        chat__write_object_end(&writer);
    }
    chat__write_object_end(&writer);
}

void chat__otlp_end(struct chat__buffer *body)
{
    chat__buffer_append_string(body, body_end);
}
