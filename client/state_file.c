#include "client/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FNV_OFFSET UINT64_C(14695981039346656037)
#define FNV_PRIME  UINT64_C(1099511628211)

static uint64_t hash(uint64_t value, const char *string)
{
    do {
        value = (value ^ (unsigned char)*string) * FNV_PRIME;
    } while (*string++ != '\0');
    return value;
}

static bool fits(int written)
{
    return written > 0 && written < PATH_MAX;
}

/* The folder, which need not exist yet. */
static bool find_folder(char *folder)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");

    if (state != NULL && *state == '/') {
        return fits(snprintf(folder, PATH_MAX, "%s/chat-tui", state));
    }
    if (home != NULL && *home == '/') {
        return fits(
            snprintf(folder, PATH_MAX, "%s/.local/state/chat-tui", home));
    }
    return false;
}

static bool make_folders(char *folder)
{
    char *slash = folder;

    while ((slash = strchr(slash + 1, '/')) != NULL) {
        *slash = '\0';
        mkdir(folder, 0700);
        *slash = '/';
    }
    return mkdir(folder, 0700) == 0 || errno == EEXIST;
}

static enum chat__state_result lock(struct chat__state_file *state,
                                    const char *path)
{
    state->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (state->lock < 0) {
        return CHAT__STATE_FAILED;
    }
    if (flock(state->lock, LOCK_EX | LOCK_NB) != 0) {
        bool busy = errno == EWOULDBLOCK;
        chat__state_release(state);
        return busy ? CHAT__STATE_BUSY : CHAT__STATE_FAILED;
    }
    return CHAT__STATE_LOCKED;
}

enum chat__state_result chat__state_open(struct chat__state_file *state,
                                         const char *url, const char *name)
{
    char folder[PATH_MAX], path[PATH_MAX];
    uint64_t id = hash(hash(FNV_OFFSET, url), name == NULL ? "" : name);

    state->lock = -1;
    if (!find_folder(folder) || !make_folders(folder) ||
        !fits(snprintf(state->path, PATH_MAX, "%s/%016" PRIx64 ".outbox",
                       folder, id)) ||
        !fits(snprintf(path, PATH_MAX, "%s/%016" PRIx64 ".lock", folder, id))) {
        return CHAT__STATE_FAILED;
    }
    return lock(state, path);
}

void chat__state_release(struct chat__state_file *state)
{
    if (state->lock >= 0) {
        close(state->lock);
    }
    state->lock = -1;
}
