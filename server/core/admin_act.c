/* What an operator does: its beginning, its end, acts on users. */
#include "server/core/admin_private.h"

#include "protocol/text.h"
#include "server/core/answer.h"
#include "server/core/connection.h"
#include "server/core/publish.h"
#include "server/core/relay.h"
#include "server/core/session.h"

#include <stdlib.h>

/* ---- the end ---- */

void chat__admin_finish(struct chat__admin_work *work)
{
    struct chat__admin_act *act = work->act;

    free(work);
    act->done(act);
}

void chat__admin_refuse(struct chat__admin_work *work,
                        enum chat__error_code code, const char *message)
{
    chat__error_answer(&work->act->error, code, message);
    chat__admin_finish(work);
}

void chat__admin_fail(struct chat__admin_work *work,
                      enum chat__store_result result)
{
    if (result == CHAT__STORE_NOT_FOUND)
        chat__admin_refuse(work, CHAT__ERROR_NOT_FOUND,
                           "there is no such user");
    else if (result == CHAT__STORE_BUSY)
        chat__admin_refuse(work, CHAT__ERROR_BUSY,
                           "the store has too much to do; try again");
    else
        chat__admin_refuse(work, CHAT__ERROR_STORAGE,
                           "the store failed; see `store` in the log");
}

/* ---- on a user ---- */

static void close_connections(struct chat__admin_work *work)
{
    struct chat__admin_act *act = work->act;
    struct chat__user *user = chat__user_find(work->core, act->matches[0].user);

    for (struct chat__connection *connection = user == NULL ? NULL
                                                            : user->connections;
         connection != NULL; connection = connection->next) {
        act->connections += !connection->closing;
        chat__connection_close(connection, CHAT__CLOSE_KICKED,
                               "an operator closed this connection");
    }
    act->changed = act->connections > 0;
    chat__admin_finish(work);
}

/* Those of the user, and sign-ins that are on their way. */
static void end_sessions(struct chat__admin_work *work,
                         enum chat__close_code code, const char *message)
{
    uint64_t id = work->act->matches[0].user;
    struct chat__user *user = chat__user_find(work->core, id);

    work->act->connections = chat__admin_connection_count(work->core, id);
    if (user != NULL) {
        chat__sessions_end(user, NULL, NULL, code, message);
        return;
    }
    chat__sign_in_changed(work->core, id);
    chat__publish_sessions(work->core, id);
    chat__relay_end(work->core, id, NULL, NULL, code, message);
}

static void tokens_ended(struct chat__completion *completion)
{
    struct chat__admin_work *work =
        CHAT__CONTAINER(completion, struct chat__admin_work, end.completion);
    enum chat__store_result result = work->end.result;

    chat__store_answered(work->core);
    if (result != CHAT__STORE_OK && result != CHAT__STORE_NOT_FOUND) {
        chat__admin_fail(work, result);
        return;
    }
    end_sessions(work, CHAT__CLOSE_SIGNED_OUT, "an operator signed you out");
    work->act->changed = result == CHAT__STORE_OK || work->act->connections > 0;
    chat__admin_finish(work);
}

static void end_tokens(struct chat__admin_work *work)
{
    struct chat__store *store = work->core->options.store;

    work->end.completion.run = tokens_ended;
    work->end.user = work->act->matches[0].user;
    work->end.all = true;
    chat__store_asked(work->core);
    store->operations->end_tokens(store, &work->end);
}

static void ban_set(struct chat__completion *completion)
{
    struct chat__admin_work *work =
        CHAT__CONTAINER(completion, struct chat__admin_work, ban.completion);

    chat__store_answered(work->core);
    if (work->ban.result != CHAT__STORE_OK) {
        chat__admin_fail(work, work->ban.result);
        return;
    }
    work->act->changed = true;
    if (work->act->kind == CHAT__ADMIN_BAN)
        end_sessions(work, CHAT__CLOSE_BANNED, CHAT__BANNED_MESSAGE);
    chat__admin_finish(work);
}

static void set_ban(struct chat__admin_work *work)
{
    struct chat__store *store = work->core->options.store;
    bool on = work->act->kind == CHAT__ADMIN_BAN;

    if (on == (work->find.banned_ms != 0)) {
        chat__admin_finish(work);
        return;
    }
    work->ban.completion.run = ban_set;
    work->ban.user = work->act->matches[0].user;
    work->ban.banned_ms = on ? chat__wall_ms(work->core) : 0;
    chat__store_asked(work->core);
    store->operations->set_banned(store, &work->ban);
}

void chat__admin_act(struct chat__admin_work *work)
{
    if (work->act->room != NULL)
        chat__admin_act_in_room(work);
    else if (work->act->kind == CHAT__ADMIN_KICK)
        close_connections(work);
    else if (work->act->kind == CHAT__ADMIN_END_TOKENS)
        end_tokens(work);
    else
        set_ban(work);
}

/* ---- the beginning ---- */

static const char *check(const struct chat__admin_act *act)
{
    const char *problem = NULL;

    if (act->room != NULL)
        problem = chat__text_check_any_room_name(act->room);
    if (problem == NULL && act->reason != NULL)
        problem = chat__text_check_reason(act->reason);
    if (problem == NULL && chat__admin_id(act->who) == 0)
        problem = chat__text_check_user_name(act->who);
    return problem;
}

void chat__admin_begin(struct chat__core *core, struct chat__admin_act *act)
{
    const char *problem = check(act);
    struct chat__admin_work *work = calloc(1, sizeof(*work));

    if (work == NULL) {
        chat__error_set_memory(&act->error);
        act->done(act);
        return;
    }
    work->act = act;
    work->core = core;
    if (core->draining)
        chat__admin_refuse(work, CHAT__ERROR_BUSY, "the server drains");
    else if (problem != NULL)
        chat__admin_refuse(work, CHAT__ERROR_BAD_REQUEST, problem);
    else
        chat__admin_find(work);
}
