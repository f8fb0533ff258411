#include "tests/bench/stamp.h"

#include <string.h>

#define EDGE '^'
/* 'a' in each byte of a word, and the bits that a letter has not beyond it. */
#define LETTERS_BASE 0x6161616161616161u
#define LETTERS_HIGH 0xf0f0f0f0f0f0f0f0u

void stamp_write_number(char letters[8], uint32_t number)
{
    size_t i;

    for (i = 0; i < 8; i++)
        letters[i] = (char)('a' + (number >> (28 - 4 * i) & 15));
}

/* All eight letters at once: this runs for each delivery. */
static bool read_number(const char *letters, uint32_t *number)
{
    uint64_t word;

    memcpy(&word, letters, sizeof(word));
    word -= LETTERS_BASE;
    if ((word & LETTERS_HIGH) != 0)
        return false;
    word = __builtin_bswap64(word);
    word = (word | word >> 4) & 0x00ff00ff00ff00ffu;
    word = (word | word >> 8) & 0x0000ffff0000ffffu;
    *number = (uint32_t)(word | word >> 16);
    return true;
}

void stamp_write(char bytes[STAMP_BYTES], const struct stamp *stamp)
{
    uint32_t time_high = (uint32_t)(stamp->time >> 32 & 0xffff);

    bytes[0] = EDGE;
    stamp_write_number(bytes + 1, (uint32_t)stamp->publisher << 16 | time_high);
    stamp_write_number(bytes + 9, (uint32_t)stamp->time);
    stamp_write_number(bytes + 17, stamp->sequence);
    bytes[STAMP_BYTES - 1] = EDGE;
}

static bool read_stamp(const char *bytes, struct stamp *stamp)
{
    uint32_t high, low;

    if (bytes[STAMP_BYTES - 1] != EDGE || !read_number(bytes + 1, &high) ||
        !read_number(bytes + 9, &low) ||
        !read_number(bytes + 17, &stamp->sequence))
        return false;
    stamp->publisher = (uint16_t)(high >> 16);
    stamp->time = (uint64_t)(high & 0xffff) << 32 | low;
    return true;
}

const char *stamp_find(const char *data, size_t length, struct stamp *stamp)
{
    const char *end = data + length;

    while ((size_t)(end - data) >= STAMP_BYTES) {
        data = memchr(data, EDGE, (size_t)(end - data) - STAMP_BYTES + 1);
        if (data == NULL)
            return NULL;
        if (read_stamp(data, stamp))
            return data + STAMP_BYTES;
        data++;
    }
    return NULL;
}
