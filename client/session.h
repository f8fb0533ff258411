/* A handle of the library, made from the command line. */
#ifndef CHAT_CLIENT_SESSION_H
#define CHAT_CLIENT_SESSION_H

#include "client/options.h"

#include <chat/client.h>

/*
 * Makes a handle and sets it up, without an outbox file and without
 * connecting. On failure says why on standard error and returns the error.
 * The caller frees the handle.
 */
int chat__session_new(chat_client **client,
                      const struct chat__options *options);

/* The exit status for a handle that could not be made. */
int chat__session_status(int error);

/* Says on standard error what went wrong with something from outside. */
void chat__session_complain(const char *what, const char *detail);

#endif
