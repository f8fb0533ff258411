/* What chatctl can do, and how it shows what comes back. */
#include "server/chatctl/chatctl.h"

#include "server/chatctl/table.h"
#include "server/chatctl/text.h"

#include <stdio.h>
#include <string.h>

#define TEXT_BYTES_MAX (64 * 1024)

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

static const struct chatctl_column room_columns[] = {
    {"ROOM", "name", chatctl_format_text, false},
    {"PRIVATE", "private", chatctl_format_flag, false},
    {"MEMBERS", "members", chatctl_format_number, true},
    {"LISTEN", "listeners", chatctl_format_number, true},
    {"HEAD", "head", chatctl_format_number, true},
    {"MESSAGES", "messages", chatctl_format_number, true},
    {"WAITING", "waiting", chatctl_format_number, true},
    {"LAST ENTRY", "last_activity", chatctl_format_ago, true},
    {0},
};

static const struct chatctl_column connection_columns[] = {
    {"ID", "id", chatctl_format_text, false},
    {"USER", "user.id", chatctl_format_text, true},
    {"NAME", "user.name", chatctl_format_text, false},
    {"ADDRESS", "address", chatctl_format_text, false},
    {"ROOMS", "rooms", chatctl_format_number, true},
    {"QUEUE", "queue_bytes", chatctl_format_bytes, true},
    {"AGE", "age_ms", chatctl_format_ms, true},
    {"IDLE", "idle_ms", chatctl_format_ms, true},
    {0},
};

static const struct chatctl_column user_columns[] = {
    {"ID", "id", chatctl_format_text, true},
    {"NAME", "name", chatctl_format_text, false},
    {"GUEST", "guest", chatctl_format_flag, false},
    {"CONNECTIONS", "connections", chatctl_format_number, true},
    {"ROOMS", "rooms", chatctl_format_number, true},
    {"LAST SEEN", "last_seen", chatctl_format_ago, true},
    {"BANNED", "banned", chatctl_format_ago, true},
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

/* ---- what was done to whom ---- */

static void print_text(const char *text)
{
    struct chat__buffer safe;

    chat__buffer_init(&safe, TEXT_BYTES_MAX);
    chatctl_text(&safe, text);
    printf("%.*s", (int)safe.length, safe.data == NULL ? "" : safe.data);
    chat__buffer_release(&safe);
}

static void print_user(const cJSON *row)
{
    print_text(chatctl_string(row, "user.name"));
    printf(" (%s, id ", cJSON_IsTrue(chatctl_member(row, "user.guest"))
                            ? "guest"
                            : "account");
    print_text(chatctl_string(row, "user.id"));
    putchar(')');
}

static void print_connections(const cJSON *row)
{
    const cJSON *count = chatctl_member(row, "connections");

    if (count != NULL)
        printf("; %.0f connection%s closed", count->valuedouble,
               count->valuedouble == 1 ? "" : "s");
}

/* Rows without a result are those who might be meant. */
static void say_act(const cJSON *row)
{
    const cJSON *changed = chatctl_member(row, "changed");
    const char *room = chatctl_string(row, "room");

    print_user(row);
    if (changed != NULL) {
        if (*room != '\0') {
            fputs(" in ", stdout);
            print_text(room);
        }
        fputs(cJSON_IsTrue(changed) ? ": done" : ": nothing to do", stdout);
        print_connections(row);
    }
    putchar('\n');
}

#define USER_IN_ROOM                                                           \
    {                                                                          \
        {"user", NULL, CHATCTL_STRING}, {"room", "--room", CHATCTL_STRING},    \
        {                                                                      \
            "reason", "--reason", CHATCTL_STRING                               \
        }                                                                      \
    }

const struct chatctl_row chatctl_rows[] = {
    {.name = "status",
     .usage = "",
     .help = "what the server is and does",
     .remote = "status",
     .fields = status_fields},
    {.name = "rooms",
     .usage = "",
     .help = "all rooms: what their logs have, who listens",
     .remote = "rooms",
     .table = room_columns},
    {.name = "connections",
     .usage = "",
     .help = "who is connected, from where, and what waits for them",
     .remote = "connections",
     .table = connection_columns},
    {.name = "users",
     .usage = "[--all]",
     .help = "who is here; with --all everybody who ever was",
     .remote = "users",
     .arguments = {{"all", "--all", CHATCTL_FLAG}},
     .table = user_columns},
    {.name = "kick",
     .usage = "USER [--room ROOM] [--reason TEXT]",
     .help = "removes USER, an id or a name, from ROOM; without --room closes\n"
             "the connections of USER, who may come back",
     .remote = "kick",
     .arguments = USER_IN_ROOM,
     .say = say_act},
    {.name = "ban",
     .usage = "USER [--room ROOM] [--reason TEXT]",
     .help = "keeps USER out of ROOM; without --room out of the server",
     .remote = "ban",
     .arguments = USER_IN_ROOM,
     .say = say_act},
    {.name = "unban",
     .usage = "USER [--room ROOM]",
     .help = "lifts a ban",
     .remote = "unban",
     .arguments = {{"user", NULL, CHATCTL_STRING},
                   {"room", "--room", CHATCTL_STRING}},
     .say = say_act},
    {.name = "role",
     .usage = "ROOM USER ROLE",
     .help = "makes a member of ROOM an owner, a moderator or a member",
     .remote = "role",
     .arguments = {{"room", NULL, CHATCTL_STRING},
                   {"user", NULL, CHATCTL_STRING},
                   {"role", NULL, CHATCTL_STRING}},
     .say = say_act},
    {.name = "token revoke",
     .usage = "USER",
     .help = "ends all tokens of USER, who has to sign in anew everywhere",
     .remote = "token_revoke",
     .arguments = {{"user", NULL, CHATCTL_STRING}},
     .say = say_act},
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
     .usage = "[--json] FILE | --tables",
     .help = "checks a database file; reads only, also while chatd uses it",
     .run = chatctl_verify},
    {0},
};
