#include "protocol/json.h"
#include "protocol/limits.h"
#include "protocol/tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PAIRWISE_KEYS_MAX 16

/* Most differ in the first byte; an element of an array has none. */
static bool is_key(const cJSON *member, const char *key)
{
    return member->string != NULL && member->string[0] == key[0] &&
           strcmp(member->string, key) == 0;
}

static int compare_keys(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Sorted, not compared pairwise: a hostile object costs n log n. */
static bool has_equal_keys_of_many(const cJSON *object)
{
    const char *keys[CHAT__JSON_KEYS_MAX];
    size_t count = 0;
    const cJSON *member;

    cJSON_ArrayForEach(member, object)
    {
        keys[count++] = member->string;
    }
    qsort(keys, count, sizeof(*keys), compare_keys);
    for (size_t i = 1; i < count; i++)
        if (strcmp(keys[i - 1], keys[i]) == 0)
            return true;
    return false;
}

/* Pairwise where there are few, as in every request. */
static bool has_equal_keys(const cJSON *object)
{
    size_t count = 0;

    for (const cJSON *member = object->child; member != NULL;
         member = member->next) {
        if (count++ == PAIRWISE_KEYS_MAX)
            return has_equal_keys_of_many(object);
        for (const cJSON *before = object->child; before != member;
             before = before->next)
            if (is_key(before, member->string))
                return true;
    }
    return false;
}

/* The guard has bounded the depth. */
static bool has_equal_keys_anywhere(const cJSON *value)
{
    const cJSON *child;

    if (cJSON_IsObject(value) && has_equal_keys(value))
        return true;
    cJSON_ArrayForEach(child, value)
    {
        if (child->child != NULL && has_equal_keys_anywhere(child))
            return true;
    }
    return false;
}

cJSON *chat__json_parse(const char *bytes, size_t length,
                        struct chat__error *error)
{
    size_t values = chat__json_guard(bytes, length, error);
    cJSON *json;

    if (values == 0)
        return NULL;
    json = chat__tree_build(bytes, length, values);
    if (json == NULL) {
        chat__error_set_memory(error);
        return NULL;
    }
    if (has_equal_keys_anywhere(json)) {
        chat__json_free(json);
        chat__error_set(error, CHAT__ERROR_BAD_REQUEST,
                        "JSON: two equal keys in one object");
        return NULL;
    }
    return json;
}

void chat__json_free(cJSON *json)
{
    free(json);
}

const cJSON *chat__json_member(const cJSON *object, const char *key)
{
    const cJSON *member = object != NULL ? object->child : NULL;

    while (member != NULL && !is_key(member, key))
        member = member->next;
    return member;
}

/*
 * The member when it is there, else NULL. `*fine` is what the caller returns
 * when it gets NULL.
 */
static const cJSON *find(const cJSON *object, const char *key,
                         enum chat__json_presence presence, bool *fine,
                         struct chat__error *error)
{
    const cJSON *member = chat__json_member(object, key);

    *fine = member != NULL || presence == CHAT__JSON_OPTIONAL;
    if (!*fine)
        chat__error_set(error, CHAT__ERROR_BAD_REQUEST, "%s: missing", key);
    return member;
}

static bool refuse(struct chat__error *error, const char *key,
                   const char *expected)
{
    chat__error_set(error, CHAT__ERROR_BAD_REQUEST, "%s: %s expected", key,
                    expected);
    return false;
}

bool chat__json_string(const cJSON *object, const char *key,
                       enum chat__json_presence presence, const char **value,
                       struct chat__error *error)
{
    bool fine;
    const cJSON *member = find(object, key, presence, &fine, error);

    if (member == NULL)
        return fine;
    if (!cJSON_IsString(member))
        return refuse(error, key, "a string");
    *value = member->valuestring;
    return true;
}

bool chat__json_uint(const cJSON *object, const char *key,
                     enum chat__json_presence presence, uint64_t maximum,
                     uint64_t *value, struct chat__error *error)
{
    bool fine;
    const cJSON *member = find(object, key, presence, &fine, error);
    double number;

    if (member == NULL)
        return fine;
    number = member->valuedouble;
    if (!cJSON_IsNumber(member) || signbit(number) ||
        number > (double)CHAT__INTEGER_MAX ||
        number != (double)(uint64_t)number)
        return refuse(error, key, "an integer from 0 to 2^53 - 1");
    if ((uint64_t)number > maximum) {
        chat__error_set(error, CHAT__ERROR_BAD_REQUEST,
                        "%s: at most %llu expected", key,
                        (unsigned long long)maximum);
        return false;
    }
    *value = (uint64_t)number;
    return true;
}

bool chat__json_bool(const cJSON *object, const char *key,
                     enum chat__json_presence presence, bool *value,
                     struct chat__error *error)
{
    bool fine;
    const cJSON *member = find(object, key, presence, &fine, error);

    if (member == NULL)
        return fine;
    if (!cJSON_IsBool(member))
        return refuse(error, key, "true or false");
    *value = cJSON_IsTrue(member);
    return true;
}

bool chat__json_object(const cJSON *object, const char *key,
                       enum chat__json_presence presence, const cJSON **value,
                       struct chat__error *error)
{
    bool fine;
    const cJSON *member = find(object, key, presence, &fine, error);

    if (member == NULL)
        return fine;
    if (!cJSON_IsObject(member))
        return refuse(error, key, "an object");
    *value = member;
    return true;
}

bool chat__json_array(const cJSON *object, const char *key,
                      enum chat__json_presence presence, const cJSON **value,
                      struct chat__error *error)
{
    bool fine;
    const cJSON *member = find(object, key, presence, &fine, error);

    if (member == NULL)
        return fine;
    if (!cJSON_IsArray(member))
        return refuse(error, key, "an array");
    *value = member;
    return true;
}

/* False when the string is no such number or does not fit. */
static bool parse_id(const char *digits, uint64_t *id)
{
    uint64_t value = 0;

    if (*digits < '1' || *digits > '9')
        return false;
    for (; *digits >= '0' && *digits <= '9'; digits++)
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*digits - '0'), &value))
            return false;
    if (*digits != '\0')
        return false;
    *id = value;
    return true;
}

bool chat__json_id(const cJSON *object, const char *key,
                   enum chat__json_presence presence, uint64_t *value,
                   struct chat__error *error)
{
    bool fine;
    const cJSON *member = find(object, key, presence, &fine, error);

    if (member == NULL)
        return fine;
    if (!chat__json_is_id(member, value))
        return refuse(error, key, "a string of decimal digits");
    return true;
}

bool chat__json_is_id(const cJSON *element, uint64_t *value)
{
    return cJSON_IsString(element) && parse_id(element->valuestring, value);
}
