#include "client/model/text_safe.h"
#include "client/model/width.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define CONTROL_PICTURES       0x2400
#define PICTURE_OF_DELETE      0x2421
#define PICTURE_OF_NEWLINE     0x2424
#define DOTTED_CIRCLE          0x25CC
#define ELLIPSIS               "\xE2\x80\xA6"
#define ZERO_WIDTH_NON_JOINER  0x200C
#define ZERO_WIDTH_JOINER      0x200D
#define FORMATTED_BYTES_MAX    4096
#define TAB                    "    "
#define EXPANSION_MAX          4 /* bytes of safe text for a byte of input */
#define CODE_POINT_BYTES_MAX   4
#define IS_BETWEEN(x, low, up) ((x) >= (low) && (x) <= (up))

/* One cluster on its way to being safe. */
struct cluster {
    char *bytes;
    size_t length;
    size_t parts;
    size_t marks;
    int32_t base;  /* as it came; 0: none yet */
    bool replaced; /* one replacement stands for all that follow the base */
    bool selected; /* one presentation selector was taken out */
};

static void put(struct cluster *cluster, int32_t code_point)
{
    if (cluster->length + CODE_POINT_BYTES_MAX < CHAT__SAFE_CLUSTER_BYTES) {
        cluster->length += (size_t)utf8proc_encode_char(
            code_point, (utf8proc_uint8_t *)cluster->bytes + cluster->length);
    }
}

static bool is_mark(const utf8proc_property_t *property)
{
    return property->category == UTF8PROC_CATEGORY_MN ||
           property->category == UTF8PROC_CATEGORY_MC ||
           property->category == UTF8PROC_CATEGORY_ME;
}

static bool is_pictograph(int32_t code_point)
{
    return utf8proc_get_property(code_point)->boundclass ==
           UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

static bool is_skin_tone(int32_t code_point)
{
    return IS_BETWEEN(code_point, 0x1F3FB, 0x1F3FF);
}

static bool is_selector(int32_t code_point)
{
    return IS_BETWEEN(code_point, 0xFE00, 0xFE0F) ||
           IS_BETWEEN(code_point, 0xE0100, 0xE01EF);
}

static bool is_regional_indicator(int32_t code_point)
{
    return IS_BETWEEN(code_point, 0x1F1E6, 0x1F1FF);
}

/* Arabic to Sinhala, Mongolian: where joiners choose between letter forms. */
static bool is_of_joining_script(int32_t code_point)
{
    return IS_BETWEEN(code_point, 0x0600, 0x0DFF) ||
           IS_BETWEEN(code_point, 0x1800, 0x18AF);
}

static bool is_hidden(const utf8proc_property_t *property)
{
    switch (property->category) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CS:
        return true;
    case UTF8PROC_CATEGORY_CF:
        return property->boundclass != UTF8PROC_BOUNDCLASS_PREPEND;
    default:
        return property->ignorable;
    }
}

/* A visible character for one that is none, else the character itself. */
static int32_t visible(int32_t code_point)
{
    const utf8proc_property_t *property = utf8proc_get_property(code_point);

    if (code_point == '\n') {
        return PICTURE_OF_NEWLINE;
    }
    if (code_point < 0x20) {
        return CONTROL_PICTURES + code_point;
    }
    if (code_point == 0x7F) {
        return PICTURE_OF_DELETE;
    }
    if (code_point == 0x2028 || code_point == 0x2029) {
        return PICTURE_OF_NEWLINE;
    }
    if (IS_BETWEEN(code_point, 0x80, 0x9F) || is_hidden(property) ||
        is_skin_tone(code_point)) {
        return CHAT__REPLACEMENT;
    }
    return code_point;
}

static void replace(struct cluster *cluster)
{
    if (!cluster->replaced) {
        put(cluster, CHAT__REPLACEMENT);
        cluster->replaced = true;
    }
}

static void add_mark(struct cluster *cluster, int32_t code_point)
{
    if (cluster->base == 0) {
        put(cluster, DOTTED_CIRCLE);
        cluster->base = DOTTED_CIRCLE;
    }
    if (cluster->marks < CHAT__SAFE_MARKS_MAX) {
        put(cluster, code_point);
        cluster->marks++;
    }
}

static void add_base(struct cluster *cluster, int32_t code_point)
{
    cluster->base = code_point;
    if (cluster->parts < CHAT__SAFE_PARTS_MAX) {
        put(cluster, visible(code_point));
        cluster->parts++;
    }
}

/* What only changes how the base before it looks; true when it was that. */
static bool add_modifier(struct cluster *cluster, int32_t code_point)
{
    bool pictograph = is_pictograph(cluster->base);

    if (is_selector(code_point) && !cluster->selected) {
        cluster->selected = true;
        return true;
    }
    if (is_skin_tone(code_point) || code_point == ZERO_WIDTH_JOINER) {
        if (pictograph) {
            return true;
        }
    }
    if (code_point == ZERO_WIDTH_JOINER ||
        code_point == ZERO_WIDTH_NON_JOINER) {
        if (is_of_joining_script(cluster->base) && !cluster->replaced) {
            add_mark(cluster, code_point);
            return true;
        }
    }
    return false;
}

static void add(struct cluster *cluster, int32_t code_point)
{
    const utf8proc_property_t *property = utf8proc_get_property(code_point);

    if (cluster->base != 0 && add_modifier(cluster, code_point)) {
        return;
    }
    if (cluster->base != 0 &&
        (is_hidden(property) || is_skin_tone(code_point))) {
        replace(cluster);
    } else if (is_mark(property) && !is_hidden(property)) {
        add_mark(cluster, code_point);
    } else {
        add_base(cluster, code_point);
    }
}

/* Half a flag is as wide as the terminal likes. */
static bool is_half_flag(const char *cluster, size_t length)
{
    int32_t first, second = 0;
    size_t bytes = chat__code_point(cluster, length, &first);

    if (bytes < length) {
        chat__code_point(cluster + bytes, length - bytes, &second);
    }
    return is_regional_indicator(first) && !is_regional_indicator(second);
}

size_t chat__safe_cluster(const char *cluster, size_t length, char *safe)
{
    struct cluster out = {.bytes = safe};
    size_t offset = 0;

    if (length == 2 && memcmp(cluster, "\r\n", 2) == 0) {
        put(&out, PICTURE_OF_NEWLINE);
    } else if (length == 1 && *cluster == '\t') {
        put(&out, ' ');
    } else if (length > 0 && is_half_flag(cluster, length)) {
        replace(&out);
    } else {
        while (offset < length) {
            int32_t code_point;
            offset += chat__code_point(cluster + offset, length - offset,
                                       &code_point);
            add(&out, code_point);
        }
    }
    safe[out.length] = '\0';
    return out.length;
}

/* A line end or a tab of a text; the bytes written, 0 for anything else. */
static size_t lay_out(const char *cluster, size_t length, char *safe)
{
    if (cluster[length - 1] == '\n') {
        *safe = '\n';
        return 1;
    }
    if (*cluster == '\t') {
        memcpy(safe, TAB, sizeof(TAB) - 1);
        return sizeof(TAB) - 1;
    }
    return 0;
}

static size_t make_safe(const char *untrusted, size_t length,
                        enum chat__safe_kind kind, char *safe)
{
    size_t read = 0, written = 0;

    while (read < length) {
        const char *cluster = untrusted + read;
        size_t bytes = chat__cluster_length(cluster, length - read);
        size_t made = 0;
        if (kind == CHAT__SAFE_TEXT) {
            made = lay_out(cluster, bytes, safe + written);
        }
        if (made == 0) {
            char buffer[CHAT__SAFE_CLUSTER_BYTES];
            made = chat__safe_cluster(cluster, bytes, buffer);
            memcpy(safe + written, buffer, made);
        }
        written += made;
        read += bytes;
    }
    return written;
}

bool chat__safe_text_init(struct chat__safe_text *safe, const char *untrusted,
                          enum chat__safe_kind kind)
{
    size_t length = untrusted == NULL
                        ? 0
                        : strnlen(untrusted, CHAT__SAFE_INPUT_BYTES_MAX + 1);
    bool cut = length > CHAT__SAFE_INPUT_BYTES_MAX;
    char *fitted;

    memset(safe, 0, sizeof(*safe));
    if (cut) {
        length = CHAT__SAFE_INPUT_BYTES_MAX;
    }
    safe->bytes = malloc(length * EXPANSION_MAX + sizeof(ELLIPSIS));
    if (safe->bytes == NULL) {
        return false;
    }
    safe->length = make_safe(untrusted, length, kind, safe->bytes);
    if (cut) {
        memcpy(safe->bytes + safe->length, ELLIPSIS, sizeof(ELLIPSIS) - 1);
        safe->length += sizeof(ELLIPSIS) - 1;
    }
    safe->bytes[safe->length] = '\0';
    fitted = realloc(safe->bytes, safe->length + 1);
    if (fitted != NULL) {
        safe->bytes = fitted;
    }
    return true;
}

void chat__safe_text_release(struct chat__safe_text *safe)
{
    free(safe->bytes);
    memset(safe, 0, sizeof(*safe));
}

bool chat__safe_text_format(struct chat__safe_text *safe, const char *format,
                            ...)
{
    char formatted[FORMATTED_BYTES_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(formatted, sizeof(formatted), format, arguments);
    va_end(arguments);
    return chat__safe_text_init(safe, formatted, CHAT__SAFE_LINE);
}

const char *chat__safe_string(const struct chat__safe_text *safe)
{
    return safe->bytes == NULL ? "" : safe->bytes;
}
