/*
 * What the files of sdk_program share; one thread. Every line of its output is
 * a JSON object.
 */
#ifndef CHAT_TESTS_E2E_SDK_PROGRAM_H
#define CHAT_TESTS_E2E_SDK_PROGRAM_H

#include <chat/client.h>

/** Prints what an event tells; those without news for a script print nothing.
 */
void print_event(const chat_event *event);

/** {"failed":{"error":…}} for a call that the library did not take. */
void print_refused(int error);

/**
 * Runs "/NAME ARGUMENT…", which it changes; see the table in sdk_commands.c.
 * Returns as the library's call; ARGUMENT for a command that there is not.
 */
int run_command(chat_client *client, char *line);

#endif
