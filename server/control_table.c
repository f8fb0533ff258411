/* The commands of the control socket, one row each. */
#include "server/control_commands.h"

#include <string.h>

#define STRING(name)                                                           \
    {                                                                          \
        name, CHAT__CONTROL_STRING, true                                       \
    }
#define OPT_STRING(name)                                                       \
    {                                                                          \
        name, CHAT__CONTROL_STRING, false                                      \
    }
#define OPT_NUMBER(name)                                                       \
    {                                                                          \
        name, CHAT__CONTROL_NUMBER, false                                      \
    }

static const struct chat__control_row rows[] = {
    {"status", chat__control_status, false, {{0}}},
    {"drain", chat__control_drain, true, {OPT_NUMBER("spread_s")}},
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
