#include "tests/protocol/vector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FILE_BYTES_MAX (1024 * 1024)

static void give_up(const char *what, const char *file)
{
    fprintf(stderr, "%s: %s\n", file, what);
    exit(EXIT_FAILURE);
}

cJSON *vector_load(const char *file)
{
    static char text[FILE_BYTES_MAX];
    char path[4096];
    FILE *stream;
    size_t length;
    cJSON *cases;

    snprintf(path, sizeof(path), "%s/%s", VECTORS_DIRECTORY, file);
    stream = fopen(path, "r");
    if (stream == NULL)
        give_up("cannot be opened", path);
    length = fread(text, 1, sizeof(text), stream);
    fclose(stream);
    cases = cJSON_ParseWithLength(text, length);
    if (!cJSON_IsArray(cases) || cases->child == NULL)
        give_up("holds no array of cases", path);
    return cases;
}

const char *vector_string(const cJSON *item, const char *member)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, member));
}

static void append_hex(const char *hex, struct chat__buffer *bytes)
{
    unsigned int byte;
    int taken;

    while (sscanf(hex, " %2x%n", &byte, &taken) == 1) {
        chat__buffer_append_byte(bytes, (char)byte);
        hex += taken;
    }
}

static void append_numbered(const char *text, int number,
                            struct chat__buffer *bytes)
{
    char digits[16];

    snprintf(digits, sizeof(digits), "%d", number);
    for (; *text != '\0'; text++) {
        if (*text == '#')
            chat__buffer_append_string(bytes, digits);
        else
            chat__buffer_append_byte(bytes, *text);
    }
}

static void append_part(const cJSON *part, struct chat__buffer *bytes)
{
    const char *hex = vector_string(part, "hex");
    const char *text = vector_string(part, "repeat");
    const cJSON *times = cJSON_GetObjectItemCaseSensitive(part, "times");
    bool numbered =
        cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(part, "index"));

    if (cJSON_IsString(part)) {
        chat__buffer_append_string(bytes, part->valuestring);
    } else if (hex != NULL) {
        append_hex(hex, bytes);
    } else {
        assert_non_null(text);
        assert_true(cJSON_IsNumber(times));
        for (int i = 0; i < times->valueint; i++)
            if (numbered)
                append_numbered(text, i, bytes);
            else
                chat__buffer_append_string(bytes, text);
    }
}

void vector_bytes(const cJSON *value, struct chat__buffer *bytes)
{
    const cJSON *part;

    assert_non_null(value);
    if (cJSON_IsString(value))
        append_part(value, bytes);
    cJSON_ArrayForEach(part, value)
    {
        append_part(part, bytes);
    }
    assert_false(bytes->failed);
}

int vector_run(const char *file, void (*test)(void **state))
{
    cJSON *cases = vector_load(file);
    size_t count = (size_t)cJSON_GetArraySize(cases);
    struct CMUnitTest *tests = calloc(count, sizeof(*tests));
    size_t at = 0;
    cJSON *item;
    int failed;

    if (tests == NULL)
        give_up("no memory", file);
    cJSON_ArrayForEach(item, cases)
    {
        tests[at++] = (struct CMUnitTest){
            .name = vector_string(item, "name"),
            .test_func = test,
            .initial_state = item,
        };
    }
    failed = _cmocka_run_group_tests(file, tests, count, NULL, NULL);
    free(tests);
    cJSON_Delete(cases);
    return failed;
}
