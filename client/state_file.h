/*
 * Where chat-tui keeps who it is and what is not sent yet: a file for each
 * (URL, name) below $XDG_STATE_HOME/chat-tui, default ~/.local/state. The
 * file's name is a hash, never text from outside. A lock beside it keeps two
 * chat-tui from being the same user at once; it lasts until release.
 */
#ifndef CHAT_CLIENT_STATE_FILE_H
#define CHAT_CLIENT_STATE_FILE_H

#include <limits.h>

enum chat__state_result {
    CHAT__STATE_LOCKED, /* ours now */
    CHAT__STATE_BUSY,   /* another chat-tui has it */
    CHAT__STATE_FAILED  /* no such folder, or it cannot be made */
};

struct chat__state_file {
    char path[PATH_MAX]; /* of the outbox */
    int lock;
};

/* `name` NULL is "". */
enum chat__state_result chat__state_open(struct chat__state_file *state,
                                         const char *url, const char *name);

void chat__state_release(struct chat__state_file *state);

#endif
