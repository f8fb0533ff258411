/*
 * chatd --healthcheck: asks the chatd of the same configuration, on this
 * machine, for /healthz. For containers, which may have no other program.
 *
 * Blocks, for CHAT__HEALTHCHECK_TIMEOUT_S at most; then it ends the process
 * with the exit status of a failure.
 */
#ifndef CHAT_SERVER_HEALTHCHECK_H
#define CHAT_SERVER_HEALTHCHECK_H

#include "server/options/options.h"

#include <stdbool.h>

#define CHAT__HEALTHCHECK_TIMEOUT_S 3

/* True when the server lives; a word on standard error in any case. */
bool chat__healthcheck(const struct chat__options *options);

#endif
