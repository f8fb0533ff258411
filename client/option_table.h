/*
 * The one place where chat-tui's options are written down. The rows serve the
 * command line, --help and the file of --config; when chat-tui is built,
 * completion_rows.c makes of them what shells complete.
 *
 * Constant data; any thread.
 */
#ifndef CHAT_CLIENT_OPTION_TABLE_H
#define CHAT_CLIENT_OPTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>

/* What the value is, and what its member of struct chat__options. */
enum chat__option_kind {
    CHAT__OPTION_FLAG,   /* on or off; bool */
    CHAT__OPTION_NUMBER, /* from 0 to `largest`; int */
    CHAT__OPTION_TEXT,   /* not empty; const char * */
    CHAT__OPTION_URL,    /* the same, of the command line's last word */
    CHAT__OPTION_ROOM,   /* the same, behind a # that is left out */
    CHAT__OPTION_COMMAND /* carried out at once; no member */
};

/* Decides whether the file's option counts beside the command line's others. */
enum chat__option_about {
    CHAT__ABOUT_OTHERS,
    CHAT__ABOUT_PERSON,  /* who one is */
    CHAT__ABOUT_ACCOUNT, /* ... at this server alone */
};

struct chat__option {
    const char *name;
    enum chat__option_kind kind;
    enum chat__option_about about;
    bool in_file;
    const char *placeholder; /* of the value in documents; NULL: none */
    size_t member;           /* offset in struct chat__options */
    int largest;
    const char *help; /* lines */
};

#define CHAT__OPTIONS_MAX 24

extern const struct chat__option chat__option_table[];
extern const size_t chat__option_count; /* CHAT__OPTIONS_MAX at most */

#endif
