/*
 * Reads the value of an option into its member of the options, as its kind
 * asks for.
 */
#ifndef CHAT_SERVER_OPTIONS_VALUE_H
#define CHAT_SERVER_OPTIONS_VALUE_H

#include "server/options/table.h"

#include <stdbool.h>
#include <stdint.h>

#define CHAT__VALUE_WRONG_BYTES 128

struct chat__listen {
    char *address; /* numeric, IPv4 or IPv6 without brackets; owned */
    uint16_t port; /* 0: a free one */
};

struct chat__listen_or_off {
    struct chat__listen at; /* no address: as it was not said, or off */
    bool off;
};

/*
 * False, with what is wrong in `wrong`, to be read behind the value, and the
 * member as it was. A string that the member had is freed.
 */
bool chat__value_read(const struct chat__option *option, void *member,
                      const char *value, char wrong[CHAT__VALUE_WRONG_BYTES]);

/* The size of the member; 0: it has none. */
size_t chat__value_size(const struct chat__option *option);

/* Frees what a member owns. */
void chat__value_release(const struct chat__option *option, void *member);

#endif
