/*
 * Tells the service manager how this process is, at the socket that
 * $NOTIFY_SOCKET names: for units of Type=notify. Without it nothing happens.
 * Loop thread.
 */
#ifndef CHAT_SERVER_NOTIFY_H
#define CHAT_SERVER_NOTIFY_H

/* Such as READY=1, see sd_notify(3). */
void chat__notify(const char *state);

#endif
