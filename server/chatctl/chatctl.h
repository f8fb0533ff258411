/*
 * The commands of chatctl: a row each in commands.c, and in synopsis.c.
 *
 * Some run here (`run`) and return the exit status of the program. The others
 * are a command of the control socket (`remote`, server/control/control.h):
 * remote.c makes the request of the row's arguments, asks, and shows
 * what comes.
 *
 * The program has one thread and ends after one command. What it shows of names
 * and other texts goes through text.h.
 */
#ifndef CHAT_SERVER_CHATCTL_CHATCTL_H
#define CHAT_SERVER_CHATCTL_CHATCTL_H

#include "server/chatctl/synopsis.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

enum {
    CHATCTL_OK = 0,
    CHATCTL_FINDINGS = 1, /* also: the server refused */
    CHATCTL_FAILED = 2    /* also: used wrongly, nobody answers */
};

struct chatctl_context {
    const char *socket; /* NULL: not named */
    const char *data;   /* NULL: not named */
    bool json;
    unsigned int timeout_s;
};

/* One that runs here, with all of its arguments and none of its name. */
typedef int chatctl_command(int argc, char **argv);

enum chatctl_kind { CHATCTL_STRING = 1, CHATCTL_NUMBER, CHATCTL_FLAG };

#define CHATCTL_ARGUMENTS_MAX 4

struct chatctl_argument {
    const char *name;   /* in the request; NULL: no more */
    const char *option; /* such as "--room"; NULL: by its place, and required */
    enum chatctl_kind kind;
};

struct chatctl_column; /* table.h */

struct chatctl_row {
    chatctl_command *run; /* or: */
    const char *remote;
    struct chatctl_argument arguments[CHATCTL_ARGUMENTS_MAX];
    /* How rows are shown: as a table, as a list of what one row has, or each
     * as a sentence of its own. */
    const struct chatctl_column *table;
    const struct chatctl_column *fields;
    void (*say)(const cJSON *row);
};

/* commands.c: in the order of synopsis.h, which has their names */
extern const struct chatctl_row chatctl_rows[CHATCTL_COMMANDS];

/* remote.c: asks a running chatd. */
int chatctl_remote(const struct chatctl_context *context,
                   const struct chatctl_row *command, int argc, char **argv);

/* Says on standard error how the command is used; CHATCTL_FAILED. */
int chatctl_misused(const struct chatctl_row *command);

chatctl_command chatctl_backup;
chatctl_command chatctl_restore;
chatctl_command chatctl_verify;

#endif
