/*
 * Runs of bytes that need no care, eight at a time: nearly all of a message
 * is one, and three passes go over it (guard, tree, writer).
 */
#ifndef CHAT_PROTOCOL_PLAIN_H
#define CHAT_PROTOCOL_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CHAT__EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/* What a JSON string holds as it is: no control, '"' or '\\'. */
static inline bool chat__is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte != '"' && byte != '\\';
}

/*
 * The same of eight bytes. The high bit of x - n tells x < n for bytes below
 * 0x80, and ~x leaves out the others; a subtraction only spoils the bytes
 * above one for which it is true, so whether any bit is set is exact.
 * x ^ 2 moves '"' next to the controls: both are what is below 0x21 then.
 */
static inline bool chat__are_plain(uint64_t bytes)
{
    uint64_t controls_and_quotes =
        (bytes ^ CHAT__EACH_BYTE(2)) - CHAT__EACH_BYTE(0x21);
    uint64_t backslashes = (bytes ^ CHAT__EACH_BYTE('\\')) - CHAT__EACH_BYTE(1);

    return ((controls_and_quotes | backslashes) & ~bytes &
            CHAT__EACH_BYTE(0x80)) == 0;
}

static inline uint64_t chat__load_eight(const void *bytes)
{
    uint64_t loaded;

    memcpy(&loaded, bytes, sizeof(loaded));
    return loaded;
}

/* How many bytes at the beginning are plain. */
static inline size_t chat__plain_run(const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    size_t run = 0;

    while (length - run >= 8 && chat__are_plain(chat__load_eight(at + run)))
        run += 8;
    while (run < length && chat__is_plain(at[run]))
        run++;
    return run;
}

/* How many are ASCII. */
static inline size_t chat__ascii_run(const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    size_t run = 0;

    while (length - run >= 8 &&
           (chat__load_eight(at + run) & CHAT__EACH_BYTE(0x80)) == 0)
        run += 8;
    while (run < length && at[run] < 0x80)
        run++;
    return run;
}

#endif
