/* chatctl restore: puts a backup in the place of a server's database. */
#include "server/chatctl/chatctl.h"

#include "server/backup/restore.h"
#include "server/chatctl/database.h"
#include "server/chatctl/findings.h"
#include "server/chatctl/show.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct arguments {
    const char *data; /* NULL: the default */
    const char *file;
    bool discard;
    bool end_tokens;
    bool json;
};

static int use(void)
{
    fputs("usage: chatctl restore [--data DIR] [--discard] [--end-tokens] "
          "[--json] FILE\n",
          stderr);
    return CHATCTL_FAILED;
}

static bool read_arguments(struct arguments *arguments, int argc, char **argv)
{
    static const struct option options[] = {
        {"data", required_argument, NULL, 'd'},
        {"discard", no_argument, NULL, 'x'},
        {"end-tokens", no_argument, NULL, 'e'},
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
        case 'x':
            arguments->discard = true;
            break;
        case 'e':
            arguments->end_tokens = true;
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

struct outcome {
    struct chat__backup_counts counts;
    char *replaced; /* NULL: nothing is kept */
    uint64_t milliseconds;
};

static void print(const struct arguments *arguments, const char *database,
                  const struct outcome *outcome)
{
    const struct chat__backup_counts *counts = &outcome->counts;
    char shown[CHATCTL_SHOWN_BYTES];

    printf("%s: restored", chatctl_show(shown, database));
    printf("; %" PRIu64 " rooms, %" PRIu64 " entries, %" PRIu64
           " users, in %.1f s\n",
           counts->rooms, counts->entries, counts->users,
           (double)outcome->milliseconds / 1000);
    if (outcome->replaced != NULL)
        printf("the database from before: %s\n",
               chatctl_show(shown, outcome->replaced));
    puts(arguments->end_tokens
             ? "everybody has to sign in again"
             : "who was signed in at the backup is so again, also by tokens "
               "that were ended since: see --end-tokens");
}

static void print_json(const struct arguments *arguments, const char *database,
                       const struct outcome *outcome)
{
    const struct chat__backup_counts *counts = &outcome->counts;
    char shown[CHATCTL_SHOWN_BYTES];
    struct chat__buffer buffer;
    struct chat__writer writer;

    chatctl_object_begin(&writer, &buffer);
    chat__write_string(&writer, "file", chatctl_show(shown, arguments->file));
    chat__write_string(&writer, "database", chatctl_show(shown, database));
    if (outcome->replaced != NULL)
        chat__write_string(&writer, "replaced",
                           chatctl_show(shown, outcome->replaced));
    chat__write_bool(&writer, "tokens_ended", arguments->end_tokens);
    chat__write_uint(&writer, "rooms", counts->rooms);
    chat__write_uint(&writer, "entries", counts->entries);
    chat__write_uint(&writer, "users", counts->users);
    chat__write_uint(&writer, "bytes", counts->bytes);
    chat__write_uint(&writer, "ms", outcome->milliseconds);
    chatctl_object_print(&writer);
}

static int refuse(const struct arguments *arguments, const char *reason)
{
    char shown_file[CHATCTL_SHOWN_BYTES];
    char shown_reason[CHATCTL_SHOWN_BYTES];

    fprintf(stderr, "chatctl: cannot restore %s: %s\n",
            chatctl_show(shown_file, arguments->file),
            chatctl_show(shown_reason, reason));
    return CHATCTL_FAILED;
}

static int refuse_unsound(const struct arguments *arguments, uint64_t findings)
{
    char reason[128];

    snprintf(reason, sizeof(reason), "%" PRIu64 " finding%s", findings,
             findings == 1 ? "" : "s");
    refuse(arguments, reason);
    return CHATCTL_FINDINGS;
}

/* ---- the command ---- */

static int restore(const struct arguments *arguments, const char *database)
{
    const struct chat__restore_options options = {
        .file = arguments->file,
        .database = database,
        .discard = arguments->discard,
        .end_tokens = arguments->end_tokens,
        .stop = chatctl_catch_signals(),
        .finding = arguments->json ? chatctl_print_finding_json
                                   : chatctl_print_finding,
    };
    uint64_t began = chatctl_now_ms();
    struct outcome outcome = {0};
    char message[CHAT__BACKUP_MESSAGE_BYTES];

    switch (chat__restore(&options, &outcome.counts, &outcome.replaced, message,
                          sizeof(message))) {
    case CHAT__BACKUP_DONE:
        break;
    case CHAT__BACKUP_FOUND:
        return refuse_unsound(arguments, outcome.counts.findings);
    case CHAT__BACKUP_FAILED:
        return refuse(arguments, message);
    }
    outcome.milliseconds = chatctl_now_ms() - began;
    if (arguments->json)
        print_json(arguments, database, &outcome);
    else
        print(arguments, database, &outcome);
    free(outcome.replaced);
    return fflush(stdout) == 0 ? CHATCTL_OK : CHATCTL_FAILED;
}

int chatctl_restore(int argc, char **argv)
{
    struct arguments arguments = {0};
    char *database;
    int status;

    if (!read_arguments(&arguments, argc, argv))
        return use();
    database = chatctl_database(arguments.data);
    if (database == NULL)
        return CHATCTL_FAILED;
    status = restore(&arguments, database);
    free(database);
    return status;
}
