/*
 * Trusts the syntax: what the guard has accepted ends where it should, holds
 * as many values as it has counted, and nests as deep as a recursion may.
 */
#include "protocol/tree.h"
#include "protocol/plain.h"

#include <assert.h>
#include <stdlib.h>
#include <utf8proc.h>

/* So many digits are exact in a double. */
#define EXACT_DIGITS_MAX 15

struct builder {
    const char *at;
    const char *end;
    cJSON *node; /* the next free one */
    char *text;  /* where the next string goes */
    bool failed; /* memory was short */
};

static void skip_space(struct builder *builder)
{
    while (*builder->at == ' ' || *builder->at == '\t' ||
           *builder->at == '\n' || *builder->at == '\r')
        builder->at++;
}

static uint32_t take_hex(struct builder *builder)
{
    uint32_t unit = 0;

    for (int i = 0; i < 4; i++) {
        char byte = *builder->at++;

        /* Letters of both cases have their value less one in the low bits. */
        unit =
            unit * 16 + (uint32_t)(byte <= '9' ? byte - '0' : (byte & 7) + 9);
    }
    return unit;
}

/* What "\u" stands for; of two surrogates the guard has seen both. */
static char *write_unicode(struct builder *builder, char *text)
{
    uint32_t character = take_hex(builder);

    if (character >= 0xd800 && character <= 0xdfff) {
        builder->at += strlen("\\u");
        character =
            0x10000 + ((character - 0xd800) << 10) + take_hex(builder) - 0xdc00;
    }
    return text + utf8proc_encode_char((utf8proc_int32_t)character,
                                       (utf8proc_uint8_t *)text);
}

static char *write_escaped(struct builder *builder, char *text)
{
    char letter = *builder->at++;

    switch (letter) {
    case 'b':
        *text = '\b';
        break;
    case 'f':
        *text = '\f';
        break;
    case 'n':
        *text = '\n';
        break;
    case 'r':
        *text = '\r';
        break;
    case 't':
        *text = '\t';
        break;
    case 'u':
        return write_unicode(builder, text);
    default:
        *text = letter;
        break;
    }
    return text + 1;
}

/* Never longer than it was between its quotes, and its NUL replaces one. */
static char *take_string(struct builder *builder)
{
    char *string = builder->text;
    char *text = string;

    for (builder->at++; *builder->at != '"';) {
        size_t run =
            chat__plain_run(builder->at, (size_t)(builder->end - builder->at));

        memcpy(text, builder->at, run);
        text += run;
        builder->at += run;
        if (*builder->at == '\\') {
            builder->at++;
            text = write_escaped(builder, text);
        }
    }
    builder->at++;
    *text = '\0';
    builder->text = text + 1;
    return string;
}

static bool is_number_byte(char byte)
{
    return (byte >= '0' && byte <= '9') || byte == '-' || byte == '+' ||
           byte == '.' || byte == 'e' || byte == 'E';
}

/* Signs, fractions, exponents and many digits are seldom: cJSON's matter. */
static double convert_number(struct builder *builder, const char *start)
{
    size_t length = (size_t)(builder->at - start);
    cJSON *number = cJSON_ParseWithLengthOpts(start, length, NULL, false);
    double value = number != NULL ? number->valuedouble : 0;

    builder->failed = builder->failed || number == NULL;
    cJSON_Delete(number);
    return value;
}

static void build_number(struct builder *builder, cJSON *node)
{
    const char *start = builder->at;
    uint64_t value = 0;

    node->type = cJSON_Number;
    for (; *builder->at >= '0' && *builder->at <= '9'; builder->at++)
        value = value * 10 + (uint64_t)(*builder->at - '0');
    if (!is_number_byte(*builder->at) &&
        builder->at - start <= EXACT_DIGITS_MAX) {
        cJSON_SetNumberHelper(node, (double)value);
        return;
    }
    while (is_number_byte(*builder->at))
        builder->at++;
    cJSON_SetNumberHelper(node, convert_number(builder, start));
}

static void build_word(struct builder *builder, cJSON *node)
{
    switch (*builder->at) {
    case 't':
        node->type = cJSON_True;
        node->valueint = 1;
        builder->at += strlen("true");
        break;
    case 'f':
        node->type = cJSON_False;
        builder->at += strlen("false");
        break;
    default:
        node->type = cJSON_NULL;
        builder->at += strlen("null");
        break;
    }
}

static cJSON *build_value(struct builder *builder);

/* As cJSON links it: the first one's `prev` is the last one. */
static void add_child(cJSON *node, cJSON *child)
{
    if (node->child == NULL) {
        node->child = child;
    } else {
        child->prev = node->child->prev;
        child->prev->next = child;
    }
    node->child->prev = child;
}

static void build_children(struct builder *builder, cJSON *node)
{
    bool object = *builder->at == '{';

    node->type = object ? cJSON_Object : cJSON_Array;
    builder->at++;
    skip_space(builder);
    while (*builder->at != (object ? '}' : ']')) {
        char *key = NULL;
        cJSON *child;

        if (*builder->at == ',')
            builder->at++;
        if (object) {
            skip_space(builder);
            key = take_string(builder);
            skip_space(builder);
            builder->at++;
        }
        child = build_value(builder);
        child->string = key;
        add_child(node, child);
        skip_space(builder);
    }
    builder->at++;
}

static cJSON *build_value(struct builder *builder)
{
    cJSON *node = builder->node++;

    memset(node, 0, sizeof(*node));
    skip_space(builder);
    switch (*builder->at) {
    case '{':
    case '[':
        build_children(builder, node);
        break;
    case '"':
        node->type = cJSON_String;
        node->valuestring = take_string(builder);
        break;
    case 't':
    case 'f':
    case 'n':
        build_word(builder, node);
        break;
    default:
        build_number(builder, node);
        break;
    }
    return node;
}

cJSON *chat__tree_build(const char *bytes, size_t length, size_t values)
{
    cJSON *nodes = malloc(values * sizeof(*nodes) + length);
    struct builder builder = {.at = bytes, .end = bytes + length};

    if (nodes == NULL)
        return NULL;
    builder.node = nodes;
    builder.text = (char *)(nodes + values);
    build_value(&builder);
    assert(builder.node == nodes + values);
    if (builder.failed) {
        free(nodes);
        return NULL;
    }
    return nodes;
}
