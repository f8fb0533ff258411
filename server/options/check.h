/*
 * Looks at what options name, as a start would, without opening or making
 * anything that stays: files, folders, lists. What the values themselves are
 * was seen when they were loaded.
 */
#ifndef CHAT_SERVER_OPTIONS_CHECK_H
#define CHAT_SERVER_OPTIONS_CHECK_H

#include "server/options/options.h"

/* Adds to `problems`; members that were not loaded are passed over. */
void chat__options_check(const struct chat__options *options,
                         struct chat__problems *problems);

#endif
