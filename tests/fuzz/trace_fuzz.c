/*
 * What the headers of a handshake say of a trace that somebody else began. Each
 * line of the input is a header:
 *
 *     parent=  state=  amazon=
 *
 * What is taken must be what stands there; what is not leaves nothing behind.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/lines.h"

#include "server/ops/trace_context.h"

#include <stdbool.h>
#include <string.h>

#define HEADERS 3

enum { PARENT, STATE, AMAZON };

static const char *const names[HEADERS] = {
    [PARENT] = "parent=", [STATE] = "state=", [AMAZON] = "amazon="};

static void read_headers(char *headers[HEADERS], struct lines lines)
{
    char *line;
    size_t length;

    while (lines_next(&lines, &line, &length)) {
        for (size_t i = 0; i < HEADERS; i++) {
            size_t name = strlen(names[i]);

            if (strncmp(line, names[i], name) != 0)
                continue;
            free(headers[i]);
            headers[i] = strdup(line + name);
            FUZZ_CHECK(headers[i] != NULL);
        }
        free(line);
    }
}

/* In lower case, as both headers have it. */
static bool has_hex(const char *text, const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char pair[3];

        snprintf(pair, sizeof pair, "%02x", bytes[i]);
        if (strncmp(text + 2 * i, pair, 2) != 0)
            return false;
    }
    return true;
}

static bool is_zero(const void *bytes, size_t count)
{
    static const char zeros[sizeof(struct chat__trace_context)];

    return memcmp(bytes, zeros, count) == 0;
}

static bool is_of_parent(const struct chat__trace_context *context,
                         const char *value)
{
    return value != NULL && strlen(value) >= 55 && context->has_parent &&
           has_hex(value + 3, context->trace, sizeof context->trace) &&
           has_hex(value + 36, context->parent, sizeof context->parent);
}

static bool is_of_amazon(const struct chat__trace_context *context,
                         const char *value)
{
    const char *root = value == NULL ? NULL : strstr(value, "Root=1-");
    const char *parent = value == NULL ? NULL : strstr(value, "Parent=");

    for (; root != NULL; root = strstr(root + 1, "Root=1-"))
        if (strlen(root) >= 40 && has_hex(root + 7, context->trace, 4) &&
            has_hex(root + 16, context->trace + 4, 12))
            break;
    if (!context->has_parent)
        return root != NULL;
    for (; parent != NULL; parent = strstr(parent + 1, "Parent="))
        if (strlen(parent) >= 23 &&
            has_hex(parent + 7, context->parent, sizeof context->parent))
            break;
    return root != NULL && parent != NULL;
}

static void check(const struct chat__trace_context *context,
                  char *const headers[HEADERS])
{
    bool of_parent = is_of_parent(context, headers[PARENT]);

    FUZZ_CHECK(context->there);
    FUZZ_CHECK(of_parent || is_of_amazon(context, headers[AMAZON]));
    FUZZ_CHECK(!is_zero(context->trace, sizeof context->trace));
    FUZZ_CHECK(context->has_parent !=
               is_zero(context->parent, sizeof context->parent));
    FUZZ_CHECK(strlen(context->state) <= CHAT__TRACE_STATE_BYTES_MAX);
    if (context->state[0] == '\0')
        return;
    FUZZ_CHECK(of_parent && strcmp(context->state, headers[STATE]) == 0);
    for (const char *at = context->state; *at != '\0'; at++)
        FUZZ_CHECK(*at == '\t' || (*at >= ' ' && *at <= '~'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *headers[HEADERS] = {0};
    struct chat__trace_context context;

    memset(&context, 0xFF, sizeof context);
    read_headers(headers, (struct lines){data, size});
    if (chat__trace_context_read(&context, headers[PARENT], headers[STATE],
                                 headers[AMAZON]))
        check(&context, headers);
    else
        FUZZ_CHECK(is_zero(&context, sizeof context));
    for (size_t i = 0; i < HEADERS; i++)
        free(headers[i]);
    return 0;
}
