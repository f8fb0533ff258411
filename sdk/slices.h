/*
 * Where the entries of a page stand in the bytes of a reply, so that the
 * program gets each as the server sent it. A JSON tree has lost the bytes.
 *
 * The input must have passed chat__json_parse: the scan trusts the syntax.
 */
#ifndef CHAT_SDK_SLICES_H
#define CHAT_SDK_SLICES_H

#include <stddef.h>

struct chat__slice {
    const char *bytes; /* borrowed from the object */
    size_t length;
};

/*
 * The elements of the array `ok.entries` in a reply. Returns how many there
 * are; at most `maximum` are written to `slices`.
 */
size_t chat__slices_of_entries(const char *object, size_t length,
                               struct chat__slice *slices, size_t maximum);

#endif
