#include "server/chatctl/database.h"

#include "server/options/data_folder.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char *database_in(const char *folder)
{
    char *path;

    return asprintf(&path, "%s/" CHAT__DATABASE_NAME, folder) < 0 ? NULL : path;
}

/* That of a server which was told nothing, else of the service. */
static char *usual_database(void)
{
    char *folder = NULL;
    char *own = NULL;

    if (chat__data_folder(&folder) && folder != NULL)
        own = database_in(folder);
    free(folder);
    if ((own != NULL && access(own, F_OK) == 0) ||
        access(CHAT__SERVICE_FOLDER, F_OK) != 0)
        return own;
    free(own);
    return database_in(CHAT__SERVICE_FOLDER);
}

static bool is_on_tables(void)
{
    const char *store = getenv("CHATD_STORE");

    return store != NULL && strcmp(store, "dynamodb") == 0;
}

char *chatctl_database(const char *folder)
{
    char *path;

    if (folder == NULL && is_on_tables()) {
        fputs("chatctl: CHATD_STORE is dynamodb: tables are backed up and "
              "restored by point-in-time recovery of DynamoDB; for a database "
              "of SQLite --data names its folder\n",
              stderr);
        return NULL;
    }
    if (folder == NULL)
        folder = getenv("CHATD_DATA");
    path = folder != NULL && *folder != '\0' ? database_in(folder)
                                             : usual_database();
    if (path == NULL)
        fputs("chatctl: no database: --data names its folder\n", stderr);
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
