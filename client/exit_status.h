/* Exit statuses, part of the contract of chat-tui(1). */
#ifndef CHAT_CLIENT_EXIT_STATUS_H
#define CHAT_CLIENT_EXIT_STATUS_H

#define CHAT__EXIT_OK         0
#define CHAT__EXIT_USAGE      1
#define CHAT__EXIT_CONNECTION 2 /* or the sign-in was refused */
#define CHAT__EXIT_UNSENT     3 /* not everything was acknowledged */

#endif
