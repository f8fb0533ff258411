/*
 * What chat-tui has been told: by the command line, and where that says
 * nothing, by the file of --config.
 *
 * Strings are borrowed from argv, or belong to the options and are freed by
 * release. One thread.
 */
#ifndef CHAT_CLIENT_OPTIONS_H
#define CHAT_CLIENT_OPTIONS_H

#include "client/option_table.h"

#include <stdbool.h>

#define CHAT__DEFAULT_URL     "ws://127.0.0.1:7100/ws"
#define CHAT__DEFAULT_ROOM    "lobby"
#define CHAT__HISTORY_MAX     200
#define CHAT__TIMEOUT_MAX     86400
#define CHAT__AWAY_MAX        1440
#define CHAT__DEFAULT_TIMEOUT 30

struct chat__options {
    const char *config; /* NULL: the user's own file, if there is one */
    const char *url;
    const char *room;
    const char *name;             /* NULL: the library makes one */
    const char *user;             /* an account; NULL: a guest */
    const char *password_command; /* prints its password; NULL: asked for */
    const char *outbox;  /* NULL: chat-tui chooses, headless has none */
    const char *ca_file; /* NULL: the system's */
    bool headless;
    bool follow;    /* headless: go on after the end of the input */
    bool registers; /* the account is to be made */
    bool no_typing; /* tell nobody that the user types */
    bool no_bell;   /* mentions do not ring */
    bool no_mouse;
    int away_after; /* minutes without a key; 0: never */
    int timeout;    /* headless: seconds */
    int history;    /* headless: entries to print first */

    bool said[CHAT__OPTIONS_MAX]; /* by row of the table: on the command line */
    char *texts[CHAT__OPTIONS_MAX]; /* from the file; NULL: none */
};

enum chat__options_result {
    CHAT__OPTIONS_RUN,
    CHAT__OPTIONS_DONE, /* --help or --version was answered */
    CHAT__OPTIONS_WRONG /* said on standard error */
};

/* Release the options whatever comes out. */
enum chat__options_result chat__options_parse(struct chat__options *options,
                                              int argc, char **argv);

void chat__options_release(struct chat__options *options);

#endif
