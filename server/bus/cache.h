/*
 * What several tasks remember for each other for a while. It is never the
 * truth: what it does not say is asked of the store, and so is what it says
 * when being wrong would matter. An entry may vanish at any time, come back as
 * it was, or be older than the last that was set; it is never made up by who
 * only reaches the cache (seal.h).
 *
 * No answer takes longer than CHAT__CACHE_PATIENCE_MS: then, and while the
 * cache is not there, it is UNKNOWN. `done` is called once for each call, on
 * the loop, and never before the call has returned; NULL: nobody cares. A call
 * that returns false was not taken and has no answer: memory is short, the
 * server ends, or the key is too long. A value or a member that is too long is
 * not kept, which is UNKNOWN. Keys, values and members are copied; keys are
 * text, the rest any bytes.
 *
 * Loop thread only.
 */
#ifndef CHAT_SERVER_BUS_CACHE_H
#define CHAT_SERVER_BUS_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAT__CACHE_PATIENCE_MS      200
#define CHAT__CACHE_CALLS_MAX        1024 /* at a time; beyond: UNKNOWN */
#define CHAT__CACHE_KEY_BYTES_MAX    256
#define CHAT__CACHE_VALUE_BYTES_MAX  (32 * 1024)
#define CHAT__CACHE_MEMBER_BYTES_MAX 256
#define CHAT__CACHE_MEMBERS_MAX      4096 /* of a set; beyond: UNKNOWN */

enum chat__cache_result {
    CHAT__CACHE_FOUND, /* of a change: it was made */
    CHAT__CACHE_MISSING,
    CHAT__CACHE_UNKNOWN
};

/* Valid until `done` returns. */
struct chat__cache_value {
    const char *bytes;
    size_t length;
};

/* A value, or all members of a set; changes have none. */
typedef void chat__cache_done(void *context, enum chat__cache_result result,
                              const struct chat__cache_value *values,
                              size_t count);

struct chat__cache {
    const struct chat__cache_operations *operations;
};

struct chat__cache_operations {
    bool (*get)(struct chat__cache *cache, const char *key,
                chat__cache_done *done, void *context);
    bool (*set)(struct chat__cache *cache, const char *key, const void *bytes,
                size_t length, uint32_t expiry_ms, chat__cache_done *done,
                void *context);
    /* A value or a set. */
    bool (*remove)(struct chat__cache *cache, const char *key,
                   chat__cache_done *done, void *context);
    /* Also moves the end of the whole set. */
    bool (*add_member)(struct chat__cache *cache, const char *key,
                       const void *bytes, size_t length, uint32_t expiry_ms,
                       chat__cache_done *done, void *context);
    bool (*remove_member)(struct chat__cache *cache, const char *key,
                          const void *bytes, size_t length,
                          chat__cache_done *done, void *context);
    /* A set without members is MISSING. */
    bool (*members)(struct chat__cache *cache, const char *key,
                    chat__cache_done *done, void *context);
};

#endif
