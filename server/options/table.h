/*
 * The one place where options are written down. The rows serve the command
 * line, the environment, the configuration file and --help of chatd; when it is
 * built, document_options.c makes of them the OPTIONS of chatd(8), the NAMES of
 * chatd.conf(5) and chatd.conf.example.
 *
 * A new option is a row in table.c and a member of struct
 * chat__options. If it `reloads`, server_reload.c must hand it on; if more can
 * be wrong with it than its kind knows, check.c has to look.
 *
 * Constant data and pure functions; any thread.
 */
#ifndef CHAT_SERVER_OPTIONS_TABLE_H
#define CHAT_SERVER_OPTIONS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAT__OPTIONS_MAX       64
#define CHAT__OPTION_NAME_BYTES 64

/* Rows of a group stand together, groups in this order. */
enum chat__option_group {
    CHAT__GROUP_CONFIGURATION,
    CHAT__GROUP_NETWORK,
    CHAT__GROUP_TLS,
    CHAT__GROUP_DATA,
    CHAT__GROUP_LIMITS,
    CHAT__GROUP_ROOMS,
    CHAT__GROUP_OPERATION,
    CHAT__GROUPS
};

/* What the value is, and what its member of the options. */
enum chat__option_kind {
    CHAT__OPTION_COMMAND, /* no value; enum chat__command */
    CHAT__OPTION_CONFIG,  /* names the file; not in it */
    CHAT__OPTION_STRING,  /* not empty; char * */
    CHAT__OPTION_WORD,    /* of a-z, 0-9 and -, not long; char * */
    CHAT__OPTION_LIST,    /* comma separated; lines of the file that go on are
                             joined by commas; char * */
    CHAT__OPTION_LISTEN,  /* ADDRESS:PORT; struct chat__listen */
    CHAT__OPTION_LISTEN_OR_OFF, /* or off; struct chat__listen_or_off */
    CHAT__OPTION_NUMBER,        /* from smallest to largest; uint32_t */
    CHAT__OPTION_SHARE,         /* from 0 to 1; double */
    CHAT__OPTION_SWITCH,        /* on or off; bool */
    CHAT__OPTION_LEVEL          /* enum chat__log_level */
};

/* What chatd is to do; all but the first are options without a value. */
enum chat__command {
    CHAT__COMMAND_SERVE,
    CHAT__COMMAND_CHECK_CONFIG,
    CHAT__COMMAND_HEALTHCHECK,
    CHAT__COMMAND_TAKE_OVER, /* serves as well */
    CHAT__COMMAND_CREATE_TABLES,
    CHAT__COMMAND_HELP,
    CHAT__COMMAND_VERSION
};

struct chat__option {
    const char *name;
    enum chat__option_group group;
    enum chat__option_kind kind;
    const char *placeholder; /* of the value in documents; a word of capitals
                                stands for it in `more` as well */
    size_t member;           /* offset in struct chat__options */
    enum chat__command command;
    uint32_t smallest, largest;
    const char *standard; /* the value when nothing is said; NULL: none */
    const char *example;  /* for the file, when there is no standard */
    bool reloads;         /* SIGHUP takes a new value over */
    bool secret;          /* the value is never printed */
    const char *help;     /* a sentence without its full stop */
    const char *more;     /* further sentences for the documents, or NULL; a
                             word such as --tls-key is shown as an option */
};

extern const struct chat__option chat__option_table[];
extern const size_t chat__option_count; /* CHAT__OPTIONS_MAX at most */
extern const char *const chat__option_group_titles[CHAT__GROUPS];

/* NULL when no option has the name. */
const struct chat__option *chat__option_find(const char *name, size_t length);

/* The one whose name a person may have meant; NULL when none is near. */
const struct chat__option *chat__option_nearest(const char *name,
                                                size_t length);

/* CHATD_MAX_CONNECTIONS; a command has none: "". */
#define CHAT__OPTION_VARIABLE_PREFIX "CHATD_"
void chat__option_variable(const struct chat__option *option,
                           char variable[CHAT__OPTION_NAME_BYTES]);

/* Whether it may stand in the file. */
bool chat__option_in_file(const struct chat__option *option);

#endif
