/*
 * chat-tui.conf(5), which says what the command line has not said: keys are
 * the names of options. Every mistake is told on standard error with its line.
 */
#ifndef CHAT_CLIENT_CONFIG_FILE_H
#define CHAT_CLIENT_CONFIG_FILE_H

#include "client/options.h"

/*
 * Reads the file that the options name, else the user's own. False: it has
 * mistakes, or cannot be read; where nobody named it, it need not be there.
 */
bool chat__config_file_read(struct chat__options *options);

#endif
