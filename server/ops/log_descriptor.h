/*
 * What the log knows of the descriptors that it writes to. Any thread.
 */
#ifndef CHAT_SERVER_OPS_LOG_DESCRIPTOR_H
#define CHAT_SERVER_OPS_LOG_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Waits for the reader, but no longer than CHAT__LOG_END_TIMEOUT_MS for each
 * PIPE_BUF bytes; false when it does not take them.
 */
bool chat__log_write_directly(int descriptor, const char *bytes, size_t length);

/* As a service manager and `2>&1` have it: one pipe, socket or file. */
bool chat__log_same_place(int a, int b);

#endif
