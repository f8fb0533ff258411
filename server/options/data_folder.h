/*
 * Where chatd keeps its data, for chatd and for chatctl, which has to find the
 * same place.
 */
#ifndef CHAT_SERVER_OPTIONS_DATA_FOLDER_H
#define CHAT_SERVER_OPTIONS_DATA_FOLDER_H

#include <stdbool.h>

/* The database's name in the folder. */
#define CHAT__DATABASE_NAME "chat.db"

/* The folder of the packaged service. */
#define CHAT__SERVICE_FOLDER "/var/lib/chatd"

/* The control socket's name in the folder. */
#define CHAT__CONTROL_SOCKET_NAME "chatd.sock"

/*
 * The folder of a server that was told nothing: $STATE_DIRECTORY, else
 * $XDG_STATE_HOME/chatd, else ~/.local/state/chatd. The caller frees it. False
 * when memory is short; true with NULL when there is no such place.
 */
bool chat__data_folder(char **folder);

/* The control socket in a data folder, to be freed; NULL: no memory. */
char *chat__control_socket_in(const char *folder);

#endif
