#include "client/app.h"

#include <stdio.h>
#include <string.h>

#define FIRST_PAGE 50

/* Of an account: no name of a guest begins so. */
#define ACCOUNT "\naccount "

/* Gives the handle its file; without one it goes on, and says so. */
static void use_state(struct chat__app *app)
{
    bool guest = app->who.kind == CHAT__IDENTITY_GUEST;
    const char *path = guest ? app->options->outbox : NULL;
    char owner[sizeof(ACCOUNT) + CHAT__NAME_BYTES];
    int error;

    app->keeps_outbox = false;
    snprintf(owner, sizeof(owner), "%s%s", guest ? "" : ACCOUNT, app->who.name);
    if (path == NULL) {
        switch (chat__state_open(&app->state, app->options->url, owner)) {
        case CHAT__STATE_LOCKED:
            path = app->state.path;
            break;
        case CHAT__STATE_BUSY:
            chat__app_notice(app, "chat-tui runs already under this name",
                             guest ? "this one is another person"
                                   : "unsent messages end with this one");
            return;
        case CHAT__STATE_FAILED:
            chat__app_notice(app, "no place for state",
                             "unsent messages end with chat-tui");
            return;
        }
    }
    error = chat_client_set_outbox_file(app->client, path);
    app->keeps_outbox = error == CHAT_OK;
    if (error != CHAT_OK) {
        chat__app_notice(app, path, chat_strerror(error));
    }
}

static int begin(struct chat__app *app, struct chat__safe_text *why)
{
    int error = chat_client_set_handler(app->client, chat__app_event, app);

    if (error == CHAT_OK) {
        error = chat_client_connect(app->client);
    }
    if (error != CHAT_OK) {
        chat__safe_text_format(why, "cannot connect: %s", chat_strerror(error));
        return error;
    }
    error = chat_join(app->client, app->options->room, CHAT_JOIN_CREATE,
                      FIRST_PAGE, NULL);
    if (error != CHAT_OK) {
        chat__safe_text_format(why, "%s: %s",
                               error == CHAT_ERROR_ARGUMENT
                                   ? "not the name of a room"
                                   : chat_strerror(error),
                               app->options->room);
    }
    return error;
}

int chat__app_open(struct chat__app *app, struct chat__safe_text *why)
{
    int error = chat__session_new(&app->client, app->options, &app->who, why);

    if (error != CHAT_OK) {
        return error;
    }
    use_state(app);
    error = begin(app, why);
    if (error != CHAT_OK) {
        chat__app_close(app);
    }
    explicit_bzero(app->who.password, sizeof(app->who.password));
    return error;
}

static void forget_all(struct chat__app *app)
{
    chat__room_list_release(&app->rooms);
    chat__invites_release(&app->invites);
    chat__completion_release(&app->completion);
    chat__safe_text_release(&app->connection.me);
    chat__safe_text_release(&app->connection.trouble);
    memset(&app->connection, 0, sizeof(app->connection));
    app->opened = false;
    app->conversations_asked = 0;
    app->presence = CHAT_PRESENCE_ONLINE;
    app->idle = false;
    app->password_request = 0;
}

void chat__app_close(struct chat__app *app)
{
    chat_client_free(app->client);
    app->client = NULL;
    chat__state_release(&app->state);
    forget_all(app);
}

/* Who one is, so that one can be it again: a guest by its file, else by token.
 */
static struct chat__identity current(const struct chat__app *app)
{
    struct chat__identity identity = app->who;
    bool has_file = identity.kind == CHAT__IDENTITY_GUEST && app->keeps_outbox;

    if (has_file || app->client == NULL ||
        chat_client_token(app->client, identity.token,
                          sizeof(identity.token)) != CHAT_OK) {
        identity.token[0] = '\0';
    }
    return identity;
}

/* False: no handle could be made, and it has been said. */
static bool become(struct chat__app *app, const struct chat__identity *identity)
{
    struct chat__safe_text why;
    bool done;

    chat__app_close(app);
    app->who = *identity;
    done = chat__app_open(app, &why) == CHAT_OK;
    if (!done) {
        chat__app_notice(app, chat__safe_string(&why), "");
    }
    chat__safe_text_release(&why);
    app->dirty |= CHAT__DIRTY_ALL;
    return done;
}

void chat__app_sign_in(struct chat__app *app,
                       const struct chat__identity *identity)
{
    if (chat__room_list_pending(&app->rooms) > 0 && !app->keeps_outbox) {
        chat__app_notice(app, "not yet", "messages wait to be sent");
        return;
    }
    /* Whom no server has accepted yet, nobody can be again. */
    if (!app->signing_in) {
        app->before = current(app);
    }
    app->signing_in = true;
    app->go_back = !become(app, identity);
}

void chat__app_settle(struct chat__app *app)
{
    struct chat__safe_text notice = app->notice;

    if (!app->go_back) {
        return;
    }
    app->go_back = false;
    app->signing_in = false;
    memset(&app->notice, 0, sizeof(app->notice));
    app->quit = !become(app, &app->before);
    chat__session_forget(&app->before);
    chat__safe_text_release(&app->notice);
    app->notice = notice; /* why one is who one was */
}
