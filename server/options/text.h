/*
 * The help of options as text for people; any thread.
 */
#ifndef CHAT_SERVER_OPTIONS_TEXT_H
#define CHAT_SERVER_OPTIONS_TEXT_H

#include "server/options/table.h"

#include <stdio.h>

#define CHAT__TEXT_COLUMNS 74 /* behind the prefix */

/* Lines of the words of `text`, each behind `prefix`. */
void chat__text_wrap(FILE *stream, const char *prefix, const char *text);

/* `help` and `more` as sentences. To be freed; NULL when memory is short. */
char *chat__text_of(const struct chat__option *option);

#endif
