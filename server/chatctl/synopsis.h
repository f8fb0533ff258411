/*
 * How chatctl is used, without what its commands do: --help is made of this,
 * and when chatctl is built, completion_rows.c makes of it what shells
 * complete.
 *
 * Constant data; any thread.
 */
#ifndef CHAT_SERVER_CHATCTL_SYNOPSIS_H
#define CHAT_SERVER_CHATCTL_SYNOPSIS_H

#include <stddef.h>

enum chatctl_command_id {
    CHATCTL_STATUS,
    CHATCTL_ROOMS,
    CHATCTL_CONNECTIONS,
    CHATCTL_USERS,
    CHATCTL_KICK,
    CHATCTL_BAN,
    CHATCTL_UNBAN,
    CHATCTL_ROLE,
    CHATCTL_TOKEN_REVOKE,
    CHATCTL_DRAIN,
    CHATCTL_RELOAD,
    CHATCTL_LOG_LEVEL,
    CHATCTL_BACKUP,
    CHATCTL_RESTORE,
    CHATCTL_VERIFY,
    CHATCTL_COMMANDS
};

struct chatctl_synopsis {
    const char *name;  /* one word, or two with a space between */
    const char *usage; /* of its arguments */
    const char *help;  /* lines */
};

/* Of those that ask a running server, before or behind their name. */
struct chatctl_option {
    const char *name;
    const char *placeholder; /* NULL: takes no value */
    const char *help;
};

extern const struct chatctl_synopsis chatctl_synopses[CHATCTL_COMMANDS];

/* Ended by one without a name. */
extern const struct chatctl_option chatctl_options[];

#endif
