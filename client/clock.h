/* The two clocks, in milliseconds. */
#ifndef CHAT_CLIENT_CLOCK_H
#define CHAT_CLIENT_CLOCK_H

#include <stdint.h>

/* Never goes back; only differences mean something. */
int64_t chat__clock_monotonic(void);

/* Since the epoch. */
int64_t chat__clock_now(void);

#endif
