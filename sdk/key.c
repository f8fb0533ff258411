#include "sdk/key.h"

#include <sys/random.h>
#include <time.h>

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void chat__key_format(char key[CHAT__KEY_LENGTH + 1], uint64_t wall_ms,
                      const uint8_t random[CHAT__KEY_RANDOM_BYTES])
{
    unsigned int pending = 0;
    int bits = 0;
    int out = 10;

    for (int i = 9; i >= 0; i--) {
        key[i] = alphabet[wall_ms & 31];
        wall_ms >>= 5;
    }
    for (int i = 0; i < CHAT__KEY_RANDOM_BYTES; i++) {
        pending = (pending << 8 | random[i]) & 0xfff;
        bits += 8;
        for (; bits >= 5; bits -= 5)
            key[out++] = alphabet[pending >> (bits - 5) & 31];
    }
    key[out] = '\0';
}

bool chat__key_new(char key[CHAT__KEY_LENGTH + 1])
{
    uint8_t random[CHAT__KEY_RANDOM_BYTES];
    struct timespec now;

    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return false;
    clock_gettime(CLOCK_REALTIME, &now);
    chat__key_format(
        key, (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000,
        random);
    return true;
}
