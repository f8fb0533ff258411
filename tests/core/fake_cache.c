#include "tests/core/fake_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define KEYS_MAX    512
#define WAITING_MAX 64

struct kept {
    char *key;
    char *value; /* NULL: nothing */
};

struct question {
    char *key;
    chat__cache_done *done;
    void *context;
};

struct fake_cache {
    struct chat__cache base;
    struct kept kept[KEYS_MAX];
    size_t count;
    struct question waiting[WAITING_MAX];
    size_t waiting_count;
};

static struct kept *find(const struct fake_cache *fake, const char *key)
{
    for (size_t i = 0; i < fake->count; i++)
        if (strcmp(fake->kept[i].key, key) == 0)
            return (struct kept *)&fake->kept[i];
    return NULL;
}

const char *fake_cache_value(const struct fake_cache *fake, const char *key)
{
    const struct kept *kept = find(fake, key);

    return kept == NULL ? NULL : kept->value;
}

void fake_cache_put(struct fake_cache *fake, const char *key, const char *value)
{
    struct kept *kept = find(fake, key);
    char *copied = value == NULL ? NULL : strdup(value);

    if (kept == NULL) {
        assert_true(fake->count < KEYS_MAX);
        kept = &fake->kept[fake->count++];
        kept->key = strdup(key);
    }
    free(kept->value);
    kept->value = copied;
}

static bool set(struct chat__cache *base, const char *key, const void *bytes,
                size_t length, uint32_t expiry_ms, chat__cache_done *done,
                void *context)
{
    char *value = strndup(bytes, length);

    (void)context;
    assert_null(done);
    assert_true(expiry_ms > 0);
    assert_in_range(length, 1, CHAT__CACHE_VALUE_BYTES_MAX);
    fake_cache_put((struct fake_cache *)base, key, value);
    free(value);
    return true;
}

static bool get(struct chat__cache *base, const char *key,
                chat__cache_done *done, void *context)
{
    struct fake_cache *fake = (struct fake_cache *)base;

    assert_true(fake->waiting_count < WAITING_MAX);
    fake->waiting[fake->waiting_count++] =
        (struct question){strdup(key), done, context};
    return true;
}

static size_t answer(struct fake_cache *fake, bool known)
{
    size_t answered = 0;

    while (fake->waiting_count > 0) {
        struct question question = fake->waiting[0];
        const char *value = fake_cache_value(fake, question.key);
        struct chat__cache_value found = {value,
                                          value == NULL ? 0 : strlen(value)};

        memmove(fake->waiting, fake->waiting + 1,
                --fake->waiting_count * sizeof(question));
        free(question.key);
        if (!known)
            question.done(question.context, CHAT__CACHE_UNKNOWN, NULL, 0);
        else if (value == NULL)
            question.done(question.context, CHAT__CACHE_MISSING, NULL, 0);
        else
            question.done(question.context, CHAT__CACHE_FOUND, &found, 1);
        answered++;
    }
    return answered;
}

size_t fake_cache_answer(struct fake_cache *fake)
{
    return answer(fake, true);
}

size_t fake_cache_answer_unknown(struct fake_cache *fake)
{
    return answer(fake, false);
}

struct chat__cache *fake_cache_interface(struct fake_cache *fake)
{
    return &fake->base;
}

struct fake_cache *fake_cache_new(void)
{
    static const struct chat__cache_operations operations = {.get = get,
                                                             .set = set};
    struct fake_cache *fake = calloc(1, sizeof(*fake));

    assert_non_null(fake);
    fake->base.operations = &operations;
    return fake;
}

void fake_cache_free(struct fake_cache *fake)
{
    assert_int_equal(fake->waiting_count, 0);
    for (size_t i = 0; i < fake->count; i++) {
        free(fake->kept[i].key);
        free(fake->kept[i].value);
    }
    free(fake);
}
