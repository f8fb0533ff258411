/* Takes over what may change while the server runs. */
#include "server/server_private.h"

bool chat__server_reload(struct chat__server *server, char *message,
                         size_t size)
{
    if (chat__front_reload(server->front, message, size)) {
        chat__log_write(CHAT__LOG_INFO, "reloaded", NULL);
        return true;
    }
    chat__log_write(CHAT__LOG_ERROR, "reload_failed", message);
    return false;
}
