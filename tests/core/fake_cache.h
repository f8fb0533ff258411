/*
 * A cache that several cores share. It answers when a test says so, and says
 * what the test makes of it.
 */
#ifndef CHAT_TESTS_CORE_FAKE_CACHE_H
#define CHAT_TESTS_CORE_FAKE_CACHE_H

#include "server/bus/cache.h"

struct fake_cache;

struct fake_cache *fake_cache_new(void);
/* All that was asked must have been answered. */
void fake_cache_free(struct fake_cache *fake);
struct chat__cache *fake_cache_interface(struct fake_cache *fake);

/* Answers what waits, and what is asked for then; how many that were. */
size_t fake_cache_answer(struct fake_cache *fake);
/* The same, but none is known. */
size_t fake_cache_answer_unknown(struct fake_cache *fake);

/* What the key has, ended by NUL; NULL: nothing. */
const char *fake_cache_value(const struct fake_cache *fake, const char *key);
/* NULL: from now on it has nothing. */
void fake_cache_put(struct fake_cache *fake, const char *key,
                    const char *value);

#endif
