/*
 * chat-tui in a terminal: the model, the handle of the library, and what of
 * the screen is out of date. The loop in app.c waits for keys, for events of
 * the library and for the next time at which something shown changes; it
 * never waits for anything else. One thread.
 */
#ifndef CHAT_CLIENT_APP_H
#define CHAT_CLIENT_APP_H

#include "client/model/completion.h"
#include "client/model/room_list.h"
#include "client/options.h"

#include <chat/client.h>

/* Parts of the screen that are to be drawn again. */
enum chat__dirty {
    CHAT__DIRTY_LIST = 1,
    CHAT__DIRTY_HEADER = 2,
    CHAT__DIRTY_TIMELINE = 4,
    CHAT__DIRTY_STATUS = 8,
    CHAT__DIRTY_INPUT = 16,
    CHAT__DIRTY_ALL = 31
};

struct chat__connection {
    chat_state state;
    int64_t retry_at_ms; /* WAITING, monotonic */
    struct chat__safe_text me;
    struct chat__safe_text trouble; /* empty: none */
};

struct chat__app {
    const struct chat__options *options;
    chat_client *client;
    struct chat__connection connection;
    struct chat__room_list rooms;
    struct chat__input_line no_room; /* what is typed while in no room */
    struct chat__completion completion;
    struct chat__safe_text notice; /* one line, until the next key */
    unsigned int dirty;
    size_t cursor_row; /* where it was drawn last */
    size_t cursor_column;
    size_t input_lines;  /* as drawn last */
    int64_t reads_at_ms; /* when markers were sent last, monotonic */
    bool opened;       /* the room of the command line was shown, or refused */
    bool keeps_outbox; /* what is not sent survives the end */
    bool loss_told;
    bool quit;
    bool quit_asked; /* Ctrl-C on an empty line; again quits */
};

/* Runs to the end; returns the exit status. */
int chat__app_run(const struct chat__options *options);

/* ---- app_events.c: the library's events into the model ---- */

/* A chat_event_handler whose user data is the app. */
void chat__app_event(chat_client *client, const chat_event *event,
                     void *user_data);

/* ---- app_commands.c: what the user does ---- */

/* Enter: runs the line as a command, or sends it to the room. */
void chat__app_accept(struct chat__app *app);

/* Tab. */
void chat__app_complete(struct chat__app *app);

/* ---- app_keys.c ---- */

struct chat__key;
void chat__app_key(struct chat__app *app, const struct chat__key *key);

/* ---- app_view.c: what is shown, shared by them ---- */

/* The line that keys go to. */
struct chat__input_line *chat__app_input(struct chat__app *app);

/* Says something in the status line. */
void chat__app_notice(struct chat__app *app, const char *what,
                      const char *detail);

/* Adds a line to the room on the screen, else to the status line. */
void chat__app_print(struct chat__app *app, const char *text);

/* Shows a room; loads it when it was never shown. */
void chat__app_show(struct chat__app *app, struct chat__room *room);

/*
 * Ends chat-tui. When that would lose messages that are not sent yet, it says
 * so first, and ends the second time.
 */
void chat__app_quit(struct chat__app *app);

/* Asks for what the focused room's view lacks, above or below. */
void chat__app_load(struct chat__app *app);

/* To the newest entry, also when it is not held any more. */
void chat__app_go_to_end(struct chat__app *app);

#endif
