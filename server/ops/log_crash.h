/*
 * What a process says last: when it ends by a fault (SIGABRT, SIGSEGV and their
 * kin), the thread of log_writer.h gets a moment to write what waits. Then the
 * fault has the effect that it had before.
 */
#ifndef CHAT_SERVER_OPS_LOG_CRASH_H
#define CHAT_SERVER_OPS_LOG_CRASH_H

/* `settle` is called in the signal's handler. */
void chat__log_watch_crashes(void (*settle)(void));

#endif
