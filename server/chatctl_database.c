#include "server/chatctl_database.h"

#include "server/data_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *find_folder(const char *folder)
{
    char *found = NULL;

    if (folder == NULL)
        folder = getenv("CHATD_DATA");
    if (folder != NULL && *folder != '\0')
        return strdup(folder);
    chat__data_folder(&found);
    return found;
}

char *chatctl_database(const char *folder)
{
    char *found = find_folder(folder);
    char *path = NULL;

    if (found == NULL)
        fputs("chatctl: --data is needed: there is no home folder\n", stderr);
    else if (asprintf(&path, "%s/" CHAT__DATABASE_NAME, found) < 0)
        path = NULL;
    free(found);
    return path;
}

static volatile sig_atomic_t caught;

static void catch_signal(int number)
{
    caught = number;
}

/* What is ignored stays so, as by nohup(1). */
static void catch_unless_ignored(int number)
{
    const struct sigaction action = {.sa_handler = catch_signal};
    struct sigaction before;

    sigaction(number, &action, &before);
    if (before.sa_handler == SIG_IGN)
        sigaction(number, &before, NULL);
}

const volatile sig_atomic_t *chatctl_catch_signals(void)
{
    catch_unless_ignored(SIGINT);
    catch_unless_ignored(SIGTERM);
    catch_unless_ignored(SIGHUP);
    return &caught;
}

uint64_t chatctl_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}
