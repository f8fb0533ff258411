/*
 * What the fast way out relies on: that libwebsockets sends bytes which are
 * framed already as they are, in one piece. LWS_WRITE_RAW does that on a
 * WebSocket of version 4.1.6; no document promises it. So it is tried once,
 * before anything else runs, and where it does not hold every message is
 * framed by the library.
 */
#ifndef CHAT_SERVER_FRONT_RAW_WRITE_H
#define CHAT_SERVER_FRONT_RAW_WRITE_H

#include <stdbool.h>

/*
 * Makes a WebSocket of the library's to itself, writes to it and looks at what
 * comes out. No other thread may open files meanwhile: the library closes a
 * descriptor of its own twice. Never waits. Leaves the library's log off.
 */
bool chat__raw_write_holds(void);

#endif
