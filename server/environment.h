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

/*
 * Sets the limit of open descriptors to `wanted`, or as near as is allowed,
 * and returns it.
 */
uint64_t chat__descriptors_limit(uint64_t wanted);

/* Unpredictable bytes; false when there are none. */
bool chat__random_fill(void *context, void *bytes, size_t length);

#endif
