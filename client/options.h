/* The command line. Strings are borrowed from argv. */
#ifndef CHAT_CLIENT_OPTIONS_H
#define CHAT_CLIENT_OPTIONS_H

#include <stdbool.h>

#define CHAT__DEFAULT_URL     "ws://127.0.0.1:7100/ws"
#define CHAT__DEFAULT_ROOM    "lobby"
#define CHAT__HISTORY_MAX     200
#define CHAT__TIMEOUT_MAX     86400
#define CHAT__AWAY_MAX        1440
#define CHAT__DEFAULT_TIMEOUT 30

struct chat__options {
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
};

enum chat__options_result {
    CHAT__OPTIONS_RUN,
    CHAT__OPTIONS_DONE, /* --help or --version was answered */
    CHAT__OPTIONS_WRONG /* said on standard error */
};

enum chat__options_result chat__options_parse(struct chat__options *options,
                                              int argc, char **argv);

#endif
