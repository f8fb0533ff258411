/*
 * chat-tui in a terminal: the model, the handle of the library, and what of
 * the screen is out of date. The loop in app.c waits for keys, for events of
 * the library and for the next time at which something shown changes; it
 * never waits for anything else. One thread.
 */
#ifndef CHAT_CLIENT_APP_H
#define CHAT_CLIENT_APP_H

#include "client/model/command.h"
#include "client/model/completion.h"
#include "client/model/invites.h"
#include "client/model/layout.h"
#include "client/model/room_list.h"
#include "client/options.h"
#include "client/secret.h"
#include "client/session.h"
#include "client/state_file.h"

#include <chat/client.h>

/* Parts of the screen that are to be drawn again. */
enum chat__dirty {
    CHAT__DIRTY_LIST = 1,
    CHAT__DIRTY_HEADER = 2,
    CHAT__DIRTY_TIMELINE = 4,
    CHAT__DIRTY_STATUS = 8,
    CHAT__DIRTY_INPUT = 16,
    CHAT__DIRTY_PANE = 32,
    CHAT__DIRTY_ALL = 63
};

struct chat__connection {
    chat_state state;
    int64_t retry_at_ms; /* WAITING, monotonic */
    struct chat__safe_text me;
    char me_id[CHAT__USER_ID_BYTES];
    struct chat__safe_text trouble; /* empty: none */
};

struct chat__app {
    const struct chat__options *options;
    chat_client *client;
    struct chat__state_file state; /* of the handle */
    struct chat__identity who;     /* the handle's */
    struct chat__identity before;  /* who it was, while one signs in anew */
    bool signing_in;               /* ... and that was not answered yet */
    bool go_back;                  /* it was refused: be who one was */
    struct chat__secret secret;    /* a password is being typed */
    uint64_t password_request;     /* 0: none under way */
    struct chat__connection connection;
    struct chat__room_list rooms;
    struct chat__invites invites;
    struct chat__input_line no_room; /* what is typed while in no room */
    struct chat__completion completion;
    struct chat__safe_text notice; /* one line, until the next key */
    enum chat__pane pane;          /* of members, as the user wishes */
    struct chat__layout layout;    /* as drawn last */
    size_t conversations_asked;    /* for their names, since sign-in */
    chat_presence_state presence;  /* as told to the server */
    bool idle;                     /* it was told by the clock */
    int64_t key_at_ms;             /* the last key, monotonic */
    bool rings;                    /* when drawn next */
    unsigned int dirty;
    size_t cursor_row; /* where it was drawn last */
    size_t cursor_column;
    int64_t reads_at_ms; /* when markers were sent last, monotonic */
    bool opened;       /* the room of the command line was shown, or refused */
    bool keeps_outbox; /* what is not sent survives the end */
    bool loss_told;
    bool quit;
    bool quit_asked; /* Ctrl-C on an empty line; again quits */
};

/* Runs to the end; returns the exit status. */
int chat__app_run(const struct chat__options *options);

/* Frees the model; the handle and the state are app.c's. */
void chat__app_release(struct chat__app *app);

/* ---- app_session.c: the handle and who it is ---- */

/*
 * Makes the app's handle for app->who, gives it its file, and connects. On
 * failure `why` says it, to be released, and there is no handle.
 */
int chat__app_open(struct chat__app *app, struct chat__safe_text *why);

/* Frees the handle, gives up its file, and forgets what it showed. */
void chat__app_close(struct chat__app *app);

/* Becomes somebody else; who it was comes back when that is refused. */
void chat__app_sign_in(struct chat__app *app,
                       const struct chat__identity *identity);

/* To be called outside of handlers: becomes who it was, when refused. */
void chat__app_settle(struct chat__app *app);

/* ---- app_events.c: the library's events into the model ---- */

/* A chat_event_handler whose user data is the app. */
void chat__app_event(chat_client *client, const chat_event *event,
                     void *user_data);

/* ---- app_entries.c: of those, what is in a room's log ---- */

void chat__app_entry(struct chat__app *app, const chat_event *event);
void chat__app_history(struct chat__app *app, const chat_event *event);

/* ---- app_people.c: members, and what moderators do ---- */

void chat__app_members(struct chat__app *app, const chat_event *event);
void chat__app_presence(struct chat__app *app, const chat_event *event);

/* Asks for the members of a room, if they are not known. */
void chat__app_ask_members(struct chat__app *app, struct chat__room *room);

/* A conversation is called as the other one is. */
void chat__app_name_room(struct chat__app *app, struct chat__room *room);

/* ---- what the user does: true when the line has been dealt with ---- */

typedef bool chat__app_command(struct chat__app *app, const char *argument);

/* app_people.c */
chat__app_command chat__app_topic, chat__app_invite, chat__app_kick,
    chat__app_ban, chat__app_unban, chat__app_role, chat__app_dm,
    chat__app_list_members;

/* app_messages.c */
chat__app_command chat__app_reply, chat__app_edit, chat__app_delete,
    chat__app_react, chat__app_retry, chat__app_cancel;

/* app_rooms.c */
chat__app_command chat__app_join, chat__app_private, chat__app_leave,
    chat__app_rooms, chat__app_switch, chat__app_next, chat__app_accept_invite,
    chat__app_decline;

/* app_account.c */
chat__app_command chat__app_away, chat__app_back, chat__app_dnd,
    chat__app_login, chat__app_register, chat__app_logout, chat__app_password;

/* ---- app_account.c ---- */

/* Enter, while a password is typed. */
void chat__app_secret(struct chat__app *app);

/* A key was pressed: who was away by the clock is back. */
void chat__app_wake(struct chat__app *app, int64_t now_ms);

/* Milliseconds until the user counts as away; -1: never. */
int64_t chat__app_time_to_away(const struct chat__app *app, int64_t now_ms);
void chat__app_fall_asleep(struct chat__app *app);

/* ---- app_messages.c ---- */

/* Sends what the line says to the room, by what is intended. */
bool chat__app_send(struct chat__app *app, const char *text);

/* Selects the message above or below the selected one. */
void chat__app_select(struct chat__app *app, bool above);

/* A key while it acts on a message. */
void chat__app_act(struct chat__app *app, char key);

/* Ends what is intended. */
void chat__app_relent(struct chat__app *app);

/* ---- app_commands.c ---- */

/* Enter: runs the line as a command, or sends it to the room. */
void chat__app_accept(struct chat__app *app);

/* ---- app_complete.c ---- */

/* Tab. */
void chat__app_complete(struct chat__app *app);

/* ---- app_keys.c ---- */

struct chat__key;
void chat__app_key(struct chat__app *app, const struct chat__key *key);

/* ---- app_view.c: what is shown, shared by them ---- */

/* The line that keys go to; no room's before the first one was shown. */
struct chat__input_line *chat__app_input(struct chat__app *app);

/* Says something in the status line. */
void chat__app_notice(struct chat__app *app, const char *what,
                      const char *detail);

/* The same for what the library refused; true when it did not. */
bool chat__app_check(struct chat__app *app, const char *what, int error);

/* The room that was shown; NULL: there is none, and it has been said. */
struct chat__room *chat__app_room(struct chat__app *app);

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

/* To an entry, also when it is not held any more. */
void chat__app_go_to(struct chat__app *app, struct chat__room *room,
                     uint64_t seq);

/* To the newest entry, also when it is not held any more. */
void chat__app_go_to_end(struct chat__app *app);

#endif
