#include "server/options/data_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool chat__data_folder(char **folder)
{
    const char *state = getenv("STATE_DIRECTORY");
    const char *xdg = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    int length;

    *folder = NULL;
    /* systemd gives a list of folders, the first is ours. */
    if (state != NULL && *state != '\0')
        length = asprintf(folder, "%.*s", (int)strcspn(state, ":"), state);
    else if (xdg != NULL && *xdg == '/')
        length = asprintf(folder, "%s/chatd", xdg);
    else if (home != NULL && *home == '/')
        length = asprintf(folder, "%s/.local/state/chatd", home);
    else
        return true;
    if (length >= 0)
        return true;
    *folder = NULL;
    return false;
}

char *chat__control_socket_in(const char *folder)
{
    char *path;

    if (asprintf(&path, "%s/" CHAT__CONTROL_SOCKET_NAME, folder) < 0)
        return NULL;
    return path;
}
