/* chatctl verify, of a file or of tables: prints what the checks find, as lines
 * or as JSON. */
#include "server/chatctl/chatctl.h"

#include "server/chatctl/database.h"
#include "server/chatctl/findings.h"
#include "server/chatctl/show.h"
#include "server/chatctl/tables.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void print_summary(const char *path,
                          const struct chat__verify_counts *counts)
{
    char shown[CHATCTL_SHOWN_BYTES];

    printf("%s: ", chatctl_show(shown, path));
    if (counts->findings == 0)
        fputs("sound", stdout);
    else
        printf("%" PRIu64 " finding%s", counts->findings,
               counts->findings == 1 ? "" : "s");
    printf("; %" PRIu64 " rooms, %" PRIu64 " entries, %" PRIu64 " users\n",
           counts->rooms, counts->entries, counts->users);
}

static void print_summary_json(const char *path,
                               const struct chat__verify_counts *counts)
{
    char shown[CHATCTL_SHOWN_BYTES];
    struct chat__buffer buffer;
    struct chat__writer writer;

    chatctl_object_begin(&writer, &buffer);
    chat__write_string(&writer, "file", chatctl_show(shown, path));
    chat__write_bool(&writer, "sound", counts->findings == 0);
    chat__write_uint(&writer, "findings", counts->findings);
    chat__write_uint(&writer, "rooms", counts->rooms);
    chat__write_uint(&writer, "entries", counts->entries);
    chat__write_uint(&writer, "users", counts->users);
    chatctl_object_print(&writer);
}

static int refuse(const char *path, const char *reason)
{
    char shown_path[CHATCTL_SHOWN_BYTES];
    char shown_reason[CHATCTL_SHOWN_BYTES];

    fprintf(stderr, "chatctl: cannot check %s: %s\n",
            chatctl_show(shown_path, path), chatctl_show(shown_reason, reason));
    return CHATCTL_FAILED;
}

/* `path` NULL: the tables. */
static int verify(const char *path, bool json)
{
    const struct chat__verify_options options = {
        .path = path,
        .report = json ? chatctl_print_finding_json : chatctl_print_finding,
        .stop = chatctl_catch_signals(),
    };
    struct chat__verify_counts counts;
    char message[CHAT__VERIFY_TEXT_BYTES];
    enum chat__verify_result result =
        path != NULL
            ? chat__verify_file(&options, &counts, message, sizeof(message))
            : chatctl_verify_tables(&options, &counts, message,
                                    sizeof(message));

    if (path == NULL)
        path = "tables";
    if (result == CHAT__VERIFY_UNREADABLE)
        return refuse(path, message);
    if (json)
        print_summary_json(path, &counts);
    else
        print_summary(path, &counts);
    if (fflush(stdout) != 0)
        return refuse(path, "its findings cannot be written");
    return result == CHAT__VERIFY_SOUND ? CHATCTL_OK : CHATCTL_FINDINGS;
}

int chatctl_verify(int argc, char **argv)
{
    bool json = argc > 0 && strcmp(argv[0], "--json") == 0;
    const char *path = argc == 1 + json ? argv[json] : NULL;
    bool tables = path != NULL && strcmp(path, "--tables") == 0;

    if (path == NULL || (!tables && strncmp(path, "--", 2) == 0)) {
        fputs("usage: chatctl verify [--json] FILE\n"
              "       chatctl verify [--json] --tables\n",
              stderr);
        return CHATCTL_FAILED;
    }
    return verify(tables ? NULL : path, json);
}
