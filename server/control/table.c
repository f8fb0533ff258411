/* The commands of the control socket, one row each. */
#include "server/control/commands.h"

#include <string.h>

/* What it takes; `or nothing` where it may be left out. */
#define STRING(name)                                                           \
    {                                                                          \
        name, CHAT__CONTROL_STRING, true                                       \
    }
#define STRING_OR_NONE(name)                                                   \
    {                                                                          \
        name, CHAT__CONTROL_STRING, false                                      \
    }
#define NUMBER_OR_NONE(name)                                                   \
    {                                                                          \
        name, CHAT__CONTROL_NUMBER, false                                      \
    }
#define FLAG(name)                                                             \
    {                                                                          \
        name, CHAT__CONTROL_FLAG, false                                        \
    }

#define USER_IN_ROOM_OR_SERVER                                                 \
    {                                                                          \
        STRING("user"), STRING_OR_NONE("room"), STRING_OR_NONE("reason")       \
    }

static const struct chat__control_row rows[] = {
    {"status", chat__control_status, false, {{0}}},
    {"rooms", chat__control_rooms, false, {{0}}},
    {"connections", chat__control_connections, false, {{0}}},
    {"users", chat__control_users, false, {FLAG("all")}},
    {"kick", chat__control_kick, true, USER_IN_ROOM_OR_SERVER},
    {"ban", chat__control_ban, true, USER_IN_ROOM_OR_SERVER},
    {"unban", chat__control_unban, true, USER_IN_ROOM_OR_SERVER},
    {"role",
     chat__control_role,
     true,
     {STRING("room"), STRING("user"), STRING("role")}},
    {"token_revoke", chat__control_token_revoke, true, {STRING("user")}},
    {"drain", chat__control_drain, true, {NUMBER_OR_NONE("spread_s")}},
    {"hand_over", chat__control_hand_over, true, {{0}}},
    {"reload", chat__control_reload, true, {{0}}},
    {"log_level", chat__control_log_level, true, {STRING("log_level")}},
};

const struct chat__control_row *chat__control_find(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}
