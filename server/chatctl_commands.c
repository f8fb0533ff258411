/* What chatctl can do, and how it shows what comes back. */
#include "server/chatctl.h"

#include "server/chatctl_table.h"
#include "server/chatctl_text.h"

#include <stdio.h>
#include <string.h>

static const struct chatctl_column status_fields[] = {
    {"version", "version", chatctl_format_text, false},
    {"color", "color", chatctl_format_text, false},
    {"task", "task", chatctl_format_text, false},
    {"process", "pid", chatctl_format_number, false},
    {"up for", "uptime_s", chatctl_format_seconds, false},
    {"listens at", "listen", chatctl_format_list, false},
    {"ready", "ready", chatctl_format_flag, false},
    {"why not", "reasons", chatctl_format_list, false},
    {"drains", "draining", chatctl_format_flag, false},
    {"connections", "connections", chatctl_format_number, false},
    {"sessions", "sessions", chatctl_format_number, false},
    {"users", "users", chatctl_format_number, false},
    {"rooms", "rooms", chatctl_format_number, false},
    {"store", "store.kind", chatctl_format_text, false},
    {"database", "store.path", chatctl_format_text, false},
    {"schema", "store.schema", chatctl_format_number, false},
    {"log level", "log_level", chatctl_format_text, false},
    {"memory", "memory_bytes", chatctl_format_bytes, false},
    {0},
};

static void say_drain(const cJSON *row)
{
    const cJSON *spread = chatctl_member(row, "spread_s");

    if (spread != NULL && spread->valuedouble > 0)
        printf("chatd drains: its clients move within %.0f s, then it ends\n",
               spread->valuedouble);
    else
        puts("chatd drains: it closes its connections, then it ends");
}

const struct chatctl_row chatctl_rows[] = {
    {.name = "status",
     .usage = "",
     .help = "what the server is and does",
     .remote = "status",
     .fields = status_fields},
    {.name = "drain",
     .usage = "[--spread SECONDS]",
     .help = "takes no more clients, lets those that are there move within\n"
             "SECONDS (default: --drain-spread of chatd), then ends",
     .remote = "drain",
     .arguments = {{"spread_s", "--spread", CHATCTL_NUMBER}},
     .say = say_drain},
    {.name = "reload",
     .usage = "",
     .help = "reads configuration and certificates again, as SIGHUP does",
     .remote = "reload"},
    {.name = "log level",
     .usage = "LEVEL",
     .help = "from now on logs error, warning, info or debug",
     .remote = "log_level",
     .arguments = {{"log_level", NULL, CHATCTL_STRING}}},
    {.name = "backup",
     .usage = "[--data DIR] [--force] [--no-verify] [--json] FILE",
     .help = "copies the database into a file; also while chatd uses it",
     .run = chatctl_backup},
    {.name = "restore",
     .usage = "[--data DIR] [--discard] [--end-tokens] [--json] FILE",
     .help = "puts a backup in the place of the database; no chatd may use it",
     .run = chatctl_restore},
    {.name = "verify",
     .usage = "[--json] FILE",
     .help = "checks a database file; reads only, also while chatd uses it",
     .run = chatctl_verify},
    {0},
};
