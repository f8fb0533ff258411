/*
 * Seals what passes through a Redis: HMAC-SHA256, cut to 16 bytes, with a key
 * that the store keeps. Who may write to the Redis but not to the store can
 * hide, delay or repeat what was sealed, and never make it up, change it or
 * put it elsewhere: a seal is of a use and of a name as well, such as a key of
 * the cache.
 *
 * For one thread.
 */
#ifndef CHAT_SERVER_BUS_SEAL_H
#define CHAT_SERVER_BUS_SEAL_H

#include <stdbool.h>
#include <stddef.h>

#define CHAT__SEAL_KEY_BYTES 32
#define CHAT__SEAL_BYTES     16

enum chat__seal_use {
    CHAT__SEAL_NOTICES = 1,
    CHAT__SEAL_VALUE = 2,
    CHAT__SEAL_MEMBER = 3
};

struct chat__sealer;

/* NULL when memory is short. The key is copied. */
struct chat__sealer *
chat__sealer_new(const unsigned char key[CHAT__SEAL_KEY_BYTES]);
void chat__sealer_free(struct chat__sealer *sealer);

/* False when memory is short. */
bool chat__seal_make(struct chat__sealer *sealer, enum chat__seal_use use,
                     const char *name, const void *bytes, size_t length,
                     unsigned char seal[CHAT__SEAL_BYTES]);

/* Takes as long for a wrong seal as for a right one. */
bool chat__seal_holds(struct chat__sealer *sealer, enum chat__seal_use use,
                      const char *name, const void *bytes, size_t length,
                      const unsigned char seal[CHAT__SEAL_BYTES]);

#endif
