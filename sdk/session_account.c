#include "sdk/session_private.h"

#include <stdio.h>
#include <string.h>

void chat__session_credential(const struct chat__session *session,
                              struct chat__hello *hello)
{
    const struct chat__credentials *credentials = &session->credentials;

    if (credentials->token[0] != '\0') {
        hello->credential = CHAT__CREDENTIAL_TOKEN;
        hello->token = credentials->token;
    } else if (credentials->password[0] != '\0') {
        bool there = credentials->register_key[0] == '\0';

        hello->credential =
            there ? CHAT__CREDENTIAL_LOGIN : CHAT__CREDENTIAL_REGISTER;
        hello->user = credentials->account;
        hello->password = credentials->password;
        hello->key = there ? NULL : credentials->register_key;
    } else {
        hello->credential = CHAT__CREDENTIAL_GUEST;
        hello->guest = credentials->name;
        hello->key = credentials->guest_key;
    }
}

void chat__session_wipe_password(struct chat__session *session)
{
    struct chat__credentials *credentials = &session->credentials;

    explicit_bzero(credentials->password, sizeof(credentials->password));
    explicit_bzero(credentials->register_key,
                   sizeof(credentials->register_key));
}

void chat__session_take_token(struct chat__session *session, const char *token)
{
    struct chat__credentials *credentials = &session->credentials;

    chat__session_wipe_password(session);
    if (strcmp(token, credentials->token) == 0)
        return;
    snprintf(credentials->token, sizeof(credentials->token), "%s", token);
    session->changed = true;
}

static void forget_token(struct chat__session *session)
{
    explicit_bzero(session->credentials.token,
                   sizeof(session->credentials.token));
    session->changed = true;
}

/* ---- a change of the password without an answer ---- */

/*
 * If it was done, the token that the session has is nothing any more, and its
 * successor is lost; but the new password is known.
 */
static bool take_new_password(struct chat__session *session)
{
    struct chat__credentials *credentials = &session->credentials;
    const struct chat__item *item =
        chat__outbox_find_handed(&session->outbox, CHAT__ACTION_PASSWORD);

    if (item == NULL || credentials->name[0] != '\0')
        return false;
    snprintf(credentials->account, sizeof(credentials->account), "%s",
             session->user_name);
    snprintf(credentials->password, sizeof(credentials->password), "%s",
             item->request.body.password.new);
    forget_token(session);
    return true;
}

void chat__session_settle_password(struct chat__session *session)
{
    struct chat__item *item =
        chat__outbox_find_handed(&session->outbox, CHAT__ACTION_PASSWORD);

    if (item == NULL || session->credentials.password[0] == '\0')
        return;
    if (chat__session_emit_done(session, item))
        chat__outbox_remove(&session->outbox, item);
}

/* ---- the end of a token ---- */

bool chat__session_fall_back(struct chat__session *session)
{
    const struct chat__credentials *credentials = &session->credentials;

    if (credentials->token[0] == '\0')
        return false;
    if (take_new_password(session))
        return true;
    if (credentials->token_only || credentials->account[0] != '\0' ||
        credentials->name[0] == '\0')
        return false;
    forget_token(session);
    return true;
}

bool chat__session_logged_out(struct chat__session *session)
{
    struct chat__item *item =
        chat__outbox_find_handed(&session->outbox, CHAT__ACTION_LOGOUT);

    if (item == NULL)
        return false;
    /* Without memory for it the end is still the end. */
    chat__session_emit_done(session, item);
    chat__outbox_remove(&session->outbox, item);
    forget_token(session);
    chat__session_close(session, CHAT_OK, "");
    return true;
}
