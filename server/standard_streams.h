/*
 * Standard input, output and error as files, whoever started the process: where
 * they are closed the next file or socket to be opened would be one of them,
 * and a line of the log would go to the event loop, a client or a backup.
 */
#ifndef CHAT_SERVER_STANDARD_STREAMS_H
#define CHAT_SERVER_STANDARD_STREAMS_H

#include <stdbool.h>

/* First of all in main. False, with errno, when that cannot be had. */
bool chat__standard_streams_open(void);

#endif
