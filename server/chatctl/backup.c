/* chatctl backup: copies the database of a server, and says what it has. */
#include "server/chatctl/chatctl.h"

#include "server/backup/backup.h"
#include "server/chatctl/database.h"
#include "server/chatctl/findings.h"
#include "server/chatctl/show.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Lines of rooms for people; JSON has all of them. */
#define ROOMS_SHOWN 20

struct arguments {
    const char *data; /* NULL: the default */
    const char *file;
    bool force;
    bool unchecked;
    bool json;
};

static int use(void)
{
    fputs("usage: chatctl backup [--data DIR] [--force] [--no-verify] [--json] "
          "FILE\n",
          stderr);
    return CHATCTL_FAILED;
}

static bool read_arguments(struct arguments *arguments, int argc, char **argv)
{
    static const struct option options[] = {
        {"data", required_argument, NULL, 'd'},
        {"force", no_argument, NULL, 'f'},
        {"no-verify", no_argument, NULL, 'n'},
        {"json", no_argument, NULL, 'j'},
        {0}};
    int option;

    /* The command's own name stands where a program's would. */
    argc++;
    argv--;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'd':
            arguments->data = optarg;
            break;
        case 'f':
            arguments->force = true;
            break;
        case 'n':
            arguments->unchecked = true;
            break;
        case 'j':
            arguments->json = true;
            break;
        default:
            return false;
        }
    }
    arguments->file = optind == argc - 1 ? argv[optind] : NULL;
    return arguments->file != NULL;
}

/* ---- what is printed ---- */

static void print_room(void *context, const char *room, uint64_t head)
{
    uint64_t *printed = context;
    char shown[CHATCTL_SHOWN_BYTES];

    if ((*printed)++ < ROOMS_SHOWN)
        printf("%12" PRIu64 "  %s\n", head, chatctl_show(shown, room));
}

static void print_room_json(void *context, const char *room, uint64_t head)
{
    char shown[CHATCTL_SHOWN_BYTES];
    struct chat__buffer buffer;
    struct chat__writer writer;

    (void)context;
    chatctl_object_begin(&writer, &buffer);
    chat__write_string(&writer, "room", chatctl_show(shown, room));
    chat__write_uint(&writer, "head", head);
    chatctl_object_print(&writer);
}

static void print_summary(const struct arguments *arguments,
                          const struct chat__backup_counts *counts,
                          uint64_t milliseconds)
{
    char shown[CHATCTL_SHOWN_BYTES];

    if (counts->rooms > ROOMS_SHOWN)
        printf("%12s  %" PRIu64 " more rooms\n", "",
               counts->rooms - ROOMS_SHOWN);
    printf("%s: %s; %" PRIu64 " rooms, %" PRIu64 " entries, %" PRIu64
           " users, %.1f MiB, in %.1f s\n",
           chatctl_show(shown, arguments->file),
           arguments->unchecked ? "not checked" : "sound", counts->rooms,
           counts->entries, counts->users,
           (double)counts->bytes / (1024 * 1024), (double)milliseconds / 1000);
}

static void print_summary_json(const struct arguments *arguments,
                               const struct chat__backup_counts *counts,
                               uint64_t milliseconds)
{
    char shown[CHATCTL_SHOWN_BYTES];
    struct chat__buffer buffer;
    struct chat__writer writer;

    chatctl_object_begin(&writer, &buffer);
    chat__write_string(&writer, "file", chatctl_show(shown, arguments->file));
    chat__write_bool(&writer, "verified", !arguments->unchecked);
    chat__write_uint(&writer, "rooms", counts->rooms);
    chat__write_uint(&writer, "entries", counts->entries);
    chat__write_uint(&writer, "users", counts->users);
    chat__write_uint(&writer, "bytes", counts->bytes);
    chat__write_uint(&writer, "ms", milliseconds);
    chatctl_object_print(&writer);
}

static int refuse(const struct arguments *arguments, const char *reason)
{
    char shown_file[CHATCTL_SHOWN_BYTES];
    char shown_reason[CHATCTL_SHOWN_BYTES];

    fprintf(stderr, "chatctl: no backup %s: %s\n",
            chatctl_show(shown_file, arguments->file),
            chatctl_show(shown_reason, reason));
    return CHATCTL_FAILED;
}

static int refuse_unsound(const struct arguments *arguments, uint64_t findings)
{
    char reason[128];

    snprintf(reason, sizeof(reason),
             "%" PRIu64 " finding%s; --no-verify makes one all the same",
             findings, findings == 1 ? "" : "s");
    refuse(arguments, reason);
    return CHATCTL_FINDINGS;
}

/* ---- the command ---- */

static int back_up(const struct arguments *arguments, const char *database)
{
    uint64_t printed = 0;
    uint64_t began = chatctl_now_ms();
    const struct chat__backup_options options = {
        .database = database,
        .file = arguments->file,
        .replace = arguments->force,
        .unchecked = arguments->unchecked,
        .stop = chatctl_catch_signals(),
        .finding = arguments->json ? chatctl_print_finding_json
                                   : chatctl_print_finding,
        .room = arguments->json ? print_room_json : print_room,
        .context = &printed,
    };
    struct chat__backup_counts counts;
    char message[CHAT__BACKUP_MESSAGE_BYTES];

    switch (chat__backup_make(&options, &counts, message, sizeof(message))) {
    case CHAT__BACKUP_DONE:
        break;
    case CHAT__BACKUP_FOUND:
        return refuse_unsound(arguments, counts.findings);
    case CHAT__BACKUP_FAILED:
        return refuse(arguments, message);
    }
    if (arguments->json)
        print_summary_json(arguments, &counts, chatctl_now_ms() - began);
    else
        print_summary(arguments, &counts, chatctl_now_ms() - began);
    return fflush(stdout) == 0 ? CHATCTL_OK : CHATCTL_FAILED;
}

int chatctl_backup(int argc, char **argv)
{
    struct arguments arguments = {0};
    char *database;
    int status;

    if (!read_arguments(&arguments, argc, argv))
        return use();
    database = chatctl_database(arguments.data);
    if (database == NULL)
        return CHATCTL_FAILED;
    status = back_up(&arguments, database);
    free(database);
    return status;
}
