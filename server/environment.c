#include "server/environment.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_MODE 0700

/* For the database, the loop, the log and the like. */
#define OTHER_DESCRIPTORS 64

/* Of few, one in so many is for handshakes, and these at least: but never more
 * than a quarter. */
#define HANDSHAKES_SHARE 32
#define HANDSHAKES_MIN   128

static bool make_one(const char *path)
{
    struct stat status;

    if (mkdir(path, FOLDER_MODE) == 0)
        return true;
    if (errno != EEXIST)
        return false;
    if (stat(path, &status) != 0)
        return false;
    errno = ENOTDIR;
    return S_ISDIR(status.st_mode);
}

bool chat__folder_make(const char *path)
{
    char *copy = strdup(path);
    bool made = copy != NULL;

    for (char *at = copy; made && (at = strchr(at + 1, '/')) != NULL;) {
        *at = '\0';
        made = make_one(copy);
        *at = '/';
    }
    made = made && make_one(path);
    free(copy);
    return made;
}

/* `folder`/`relative` when there is a page in it. */
static char *find_in(const char *folder, const char *relative)
{
    char *path, *page;

    if (asprintf(&path, "%s/%s", folder, relative) < 0)
        return NULL;
    if (asprintf(&page, "%s/index.html", path) < 0) {
        free(path);
        return NULL;
    }
    if (access(page, R_OK) != 0) {
        free(path);
        path = NULL;
    }
    free(page);
    return path;
}

char *chat__web_find(void)
{
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    char *slash, *found;

    if (length <= 0)
        return NULL;
    program[length] = '\0';
    slash = strrchr(program, '/');
    if (slash == NULL)
        return NULL;
    *slash = '\0';
    found = find_in(program, "../share/chat/web");
    return found != NULL ? found : find_in(program, "../../web");
}

/* Never lowers it: more may be open already. */
static uint64_t raise_limit(uint64_t wanted)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return wanted;
    if (limit.rlim_cur >= wanted)
        return limit.rlim_cur;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

struct chat__descriptors chat__descriptors_share(uint32_t clients_wanted,
                                                 uint32_t handshakes_max)
{
    uint64_t limit = raise_limit((uint64_t)clients_wanted + handshakes_max +
                                 OTHER_DESCRIPTORS);
    uint64_t sockets = limit > 2 * OTHER_DESCRIPTORS ? limit - OTHER_DESCRIPTORS
                                                     : OTHER_DESCRIPTORS;
    uint64_t handshakes = sockets / HANDSHAKES_SHARE;
    uint64_t clients;

    if (handshakes < HANDSHAKES_MIN)
        handshakes = HANDSHAKES_MIN;
    if (handshakes > sockets / 4)
        handshakes = sockets / 4;
    if (sockets > clients_wanted && sockets - clients_wanted > handshakes)
        handshakes = sockets - clients_wanted;
    if (handshakes > handshakes_max)
        handshakes = handshakes_max;
    clients = sockets - handshakes;
    return (struct chat__descriptors){
        .limit = limit,
        .clients =
            clients < clients_wanted ? (uint32_t)clients : clients_wanted,
        .handshakes = (uint32_t)handshakes,
    };
}

bool chat__random_fill(void *context, void *bytes, size_t length)
{
    unsigned char *at = bytes;

    (void)context;
    while (length > 0) {
        ssize_t count = getrandom(at, length, 0);

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        at += count;
        length -= (size_t)count;
    }
    return true;
}
