/* What the files that load options share; see options.h. */
#ifndef CHAT_SERVER_OPTIONS_PRIVATE_H
#define CHAT_SERVER_OPTIONS_PRIVATE_H

#include "server/options/options.h"

struct chat__option_said *chat__option_said(struct chat__options *options,
                                            const struct chat__option *option);

/* Takes a copy of `text`; what was said before is freed. */
void chat__option_say(struct chat__options *options,
                      const struct chat__option *option, const char *text,
                      enum chat__option_source source,
                      struct chat__problems *problems);

/*
 * Adds "BEGIN 'name'", and which name may have been meant. `mark` stands before
 * names: "--", or "" in the file.
 */
void chat__option_unknown(struct chat__problems *problems, const char *begin,
                          const char *mark, const char *name, size_t length);

/* source.c; false when only a command such as --help counts. */
bool chat__options_read_arguments(struct chat__options *options,
                                  struct chat__problems *problems);
/* What stronger sources said is left. */
void chat__options_read_environment(struct chat__options *options,
                                    struct chat__problems *problems);

/* file.c: the same, of the file that these have named. */
void chat__options_read_file(struct chat__options *options,
                             struct chat__problems *problems);

#endif
