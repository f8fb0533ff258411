/*
 * Keys: what makes a request take effect once, however often it is sent. 26
 * characters of Crockford's base32: 48 bits of milliseconds, so that keys
 * sort by time, then 80 random bits, so that nobody guesses or repeats one.
 */
#ifndef CHAT_SDK_KEY_H
#define CHAT_SDK_KEY_H

#include <stdbool.h>
#include <stdint.h>

#define CHAT__KEY_RANDOM_BYTES 10
#define CHAT__KEY_LENGTH       26

/* Pure: the key of this time and these bytes, NUL-terminated. */
void chat__key_format(char key[CHAT__KEY_LENGTH + 1], uint64_t wall_ms,
                      const uint8_t random[CHAT__KEY_RANDOM_BYTES]);

/* A new key by the system's clock and random source; false: no randomness. */
bool chat__key_new(char key[CHAT__KEY_LENGTH + 1]);

#endif
