/*
 * What the process finds and needs around it: folders, descriptors, chance.
 */
#ifndef CHAT_SERVER_ENVIRONMENT_H
#define CHAT_SERVER_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Makes a folder and its parents, readable by nobody else; false with errno. */
bool chat__folder_make(const char *path);

/*
 * The browser client beside this program: of the installation it is part of,
 * or of the source tree it was built in. To be freed; NULL when there is none.
 */
char *chat__web_find(void);

/* How the descriptors that this process may have are shared. */
struct chat__descriptors {
    uint64_t limit;      /* all of them */
    uint32_t clients;    /* as wanted, or fewer where there are not enough */
    uint32_t handshakes; /* what clients leave, and some at least */
};

/* Raises the limit as far as is wanted and allowed. */
struct chat__descriptors chat__descriptors_share(uint32_t clients_wanted,
                                                 uint32_t handshakes_max);

/* Unpredictable bytes; false when there are none. */
bool chat__random_fill(void *context, void *bytes, size_t length);

#endif
