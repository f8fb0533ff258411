#include "client/app.h"

#include <string.h>

/* ---- presence ---- */

static bool show_presence(struct chat__app *app, chat_presence_state presence,
                          const char *said)
{
    if (!chat__app_check(app, "not told",
                         chat_presence(app->client, presence))) {
        return false;
    }
    app->presence = presence;
    app->idle = false;
    app->dirty |= CHAT__DIRTY_STATUS;
    if (*said != '\0') {
        chat__app_notice(app, said, "");
    }
    return true;
}

bool chat__app_away(struct chat__app *app, const char *argument)
{
    (void)argument;
    return show_presence(app, CHAT_PRESENCE_AWAY,
                         "others see that you are away; /back ends it");
}

bool chat__app_back(struct chat__app *app, const char *argument)
{
    (void)argument;
    return show_presence(app, CHAT_PRESENCE_ONLINE,
                         "others see that you are here");
}

bool chat__app_dnd(struct chat__app *app, const char *argument)
{
    (void)argument;
    return show_presence(app, CHAT_PRESENCE_DND,
                         "nothing rings now; /back ends it");
}

int64_t chat__app_time_to_away(const struct chat__app *app, int64_t now_ms)
{
    int64_t left =
        app->key_at_ms + app->options->away_after * INT64_C(60000) - now_ms;

    if (app->options->away_after == 0 || app->idle ||
        app->presence != CHAT_PRESENCE_ONLINE) {
        return -1;
    }
    return left < 0 ? 0 : left;
}

void chat__app_fall_asleep(struct chat__app *app)
{
    show_presence(app, CHAT_PRESENCE_AWAY, "");
    app->idle = true; /* once, also when it could not be told */
}

void chat__app_wake(struct chat__app *app, int64_t now_ms)
{
    app->key_at_ms = now_ms;
    if (app->idle) {
        show_presence(app, CHAT_PRESENCE_ONLINE, "");
        app->idle = false;
    }
}

/* ---- accounts ---- */

static bool ask_secret(struct chat__app *app, enum chat__secret_purpose purpose,
                       const char *name)
{
    if (strlen(name) >= CHAT__NAME_BYTES) {
        chat__app_notice(app, "a name is not that long", "");
        return false;
    }
    chat__app_relent(app);
    chat__secret_begin(&app->secret, purpose, name);
    app->dirty |= CHAT__DIRTY_ALL;
    return true;
}

bool chat__app_login(struct chat__app *app, const char *argument)
{
    return ask_secret(app, CHAT__SECRET_LOGIN, argument);
}

bool chat__app_register(struct chat__app *app, const char *argument)
{
    return ask_secret(app, CHAT__SECRET_REGISTER, argument);
}

bool chat__app_password(struct chat__app *app, const char *argument)
{
    (void)argument;
    return ask_secret(app, CHAT__SECRET_CHANGE, "");
}

bool chat__app_logout(struct chat__app *app, const char *argument)
{
    bool all = argument != NULL && strcmp(argument, "all") == 0;

    if (argument != NULL && !all) {
        chat__app_notice(app, "usage", "/logout [all]");
        return false;
    }
    return chat__app_check(app, "not signed out",
                           chat_logout(app->client, all, NULL));
}

/* Signs in as another one, or changes the password, with what was typed. */
static void use_secret(struct chat__app *app)
{
    struct chat__secret *secret = &app->secret;
    struct chat__identity identity = {.kind = CHAT__IDENTITY_LOGIN};

    if (secret->purpose == CHAT__SECRET_CHANGE) {
        chat__app_check(app, "the password stays as it is",
                        chat_password(app->client, secret->typed[0],
                                      secret->typed[1],
                                      &app->password_request));
        return;
    }
    if (secret->purpose == CHAT__SECRET_REGISTER) {
        identity.kind = CHAT__IDENTITY_REGISTER;
    }
    memcpy(identity.name, secret->name, sizeof(identity.name));
    memcpy(identity.password, secret->typed[0], sizeof(identity.password));
    chat__app_sign_in(app, &identity);
    chat__session_forget(&identity);
}

void chat__app_secret(struct chat__app *app)
{
    switch (chat__secret_accept(&app->secret)) {
    case CHAT__SECRET_SHORT:
        chat__app_notice(app, "a password has at least 8 bytes", "");
        break;
    case CHAT__SECRET_DIFFERENT:
        chat__app_notice(app, "that was not the same twice", "");
        break;
    case CHAT__SECRET_READY:
        use_secret(app);
        chat__secret_end(&app->secret);
        break;
    default:
        break;
    }
    app->dirty |= CHAT__DIRTY_ALL;
}
