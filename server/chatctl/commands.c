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

const struct chatctl_row chatctl_rows[CHATCTL_COMMANDS] = {
    [CHATCTL_STATUS] = {.remote = "status", .fields = status_fields},
    [CHATCTL_ROOMS] = {.remote = "rooms", .table = room_columns},
    [CHATCTL_CONNECTIONS] = {.remote = "connections",
                             .table = connection_columns},
    [CHATCTL_USERS] = {.remote = "users",
                       .arguments = {{"all", "--all", CHATCTL_FLAG}},
                       .table = user_columns},
    [CHATCTL_KICK] = {.remote = "kick",
                      .arguments = USER_IN_ROOM,
                      .say = say_act},
    [CHATCTL_BAN] = {.remote = "ban",
                     .arguments = USER_IN_ROOM,
                     .say = say_act},
    [CHATCTL_UNBAN] = {.remote = "unban",
                       .arguments = {{"user", NULL, CHATCTL_STRING},
                                     {"room", "--room", CHATCTL_STRING}},
                       .say = say_act},
    [CHATCTL_ROLE] = {.remote = "role",
                      .arguments = {{"room", NULL, CHATCTL_STRING},
                                    {"user", NULL, CHATCTL_STRING},
                                    {"role", NULL, CHATCTL_STRING}},
                      .say = say_act},
    [CHATCTL_TOKEN_REVOKE] = {.remote = "token_revoke",
                              .arguments = {{"user", NULL, CHATCTL_STRING}},
                              .say = say_act},
    [CHATCTL_DRAIN] = {.remote = "drain",
                       .arguments = {{"spread_s", "--spread", CHATCTL_NUMBER}},
                       .say = say_drain},
    [CHATCTL_RELOAD] = {.remote = "reload"},
    [CHATCTL_LOG_LEVEL] = {.remote = "log_level",
                           .arguments = {{"log_level", NULL, CHATCTL_STRING}}},
    [CHATCTL_BACKUP] = {.run = chatctl_backup},
    [CHATCTL_RESTORE] = {.run = chatctl_restore},
    [CHATCTL_VERIFY] = {.run = chatctl_verify},
};
