/* Values of options, as text. */
#ifndef CHAT_CLIENT_OPTION_VALUE_H
#define CHAT_CLIENT_OPTION_VALUE_H

#include "client/options.h"

#define CHAT__OPTION_PROBLEM_BYTES 64

/*
 * Sets the member of the options, which borrows `text`. False: it is no such
 * value, and `problem` says what one is. A flag's text may be NULL, for on.
 */
bool chat__option_set(struct chat__options *options,
                      const struct chat__option *option, const char *text,
                      char problem[CHAT__OPTION_PROBLEM_BYTES]);

#endif
