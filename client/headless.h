/*
 * chat-tui for scripts and bots: standard input's lines are sent to a room,
 * standard output has one JSON object a line. Contract: chat-tui(1).
 */
#ifndef CHAT_CLIENT_HEADLESS_H
#define CHAT_CLIENT_HEADLESS_H

#include "client/options.h"

/* Runs to the end; returns the exit status. */
int chat__headless_run(const struct chat__options *options);

#endif
