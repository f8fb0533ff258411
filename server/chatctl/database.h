/* What backup and restore share: where the database is, and how they stop. */
#ifndef CHAT_SERVER_CHATCTL_DATABASE_H
#define CHAT_SERVER_CHATCTL_DATABASE_H

#include <signal.h>
#include <stdint.h>

/*
 * The database in `folder`, or where a chatd that was told nothing has it:
 * $CHATD_DATA, else the default folder, else, with no database there, the
 * service's. To be freed. NULL, and a line on standard error: no such place.
 */
char *chatctl_database(const char *folder);

/*
 * From now on SIGINT, SIGTERM and SIGHUP end nothing but set what is returned,
 * so that nothing half-made is left behind.
 */
const volatile sig_atomic_t *chatctl_catch_signals(void);

/* On a clock that nobody sets. */
uint64_t chatctl_now_ms(void);

#endif
