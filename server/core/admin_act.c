/* What an operator does: finds who is meant, then acts. */
#include "server/core/admin.h"

#include "server/core/action.h"
#include "server/core/admin_operator.h"
#include "server/core/answer.h"
#include "server/core/connection.h"
#include "server/core/credential.h"
#include "server/core/lookup.h"
#include "server/core/room.h"
#include "server/core/secret.h"
#include "server/core/session.h"
#include "server/core/user.h"

#include "protocol/text.h"

#include <stdlib.h>
#include <string.h>

#define KEY_BYTES 12

struct work {
    struct chat__admin_act *act;
    struct chat__core *core;
    struct chat__store_find_user find;
    struct chat__store_find_account account;
    char skeleton[CHAT__SKELETON_SIZE];
    struct chat__store_end_tokens end;
    struct chat__store_set_banned ban;
    struct chat__admin_operator search;
};

/* The request in the operator's name. */
struct room_act {
    struct chat__about_operation about;
    struct work *work;
    char key[CHAT__BASE64URL_SIZE(KEY_BYTES)];
};

/* ---- the end ---- */

static void finish(struct work *work)
{
    struct chat__admin_act *act = work->act;

    free(work);
    act->done(act);
}

static void refuse(struct work *work, enum chat__error_code code,
                   const char *message)
{
    chat__error_answer(&work->act->error, code, message);
    finish(work);
}

static void fail(struct work *work, enum chat__store_result result)
{
    if (result == CHAT__STORE_NOT_FOUND)
        refuse(work, CHAT__ERROR_NOT_FOUND, "there is no such user");
    else if (result == CHAT__STORE_BUSY)
        refuse(work, CHAT__ERROR_BUSY,
               "the store has too much to do; try again");
    else
        refuse(work, CHAT__ERROR_STORAGE,
               "the store failed; see `store` in the log");
}

/* ---- in a room ---- */

static struct room_act *room_act_of(struct chat__operation *operation)
{
    return CHAT__CONTAINER(operation, struct room_act, about.operation);
}

static void answered(struct chat__operation *operation,
                     const struct chat__reply *reply)
{
    struct chat__admin_act *act = room_act_of(operation)->work->act;

    act->error = reply->error;
    act->seq = reply->ok ? reply->body.entry.seq : 0;
    act->changed = act->seq != 0;
}

static void room_act_ended(struct chat__operation *operation)
{
    finish(room_act_of(operation)->work);
}

static void room_loaded(struct chat__operation *operation,
                        enum chat__store_result result)
{
    if (result == CHAT__STORE_OK)
        operation->row->start(operation);
    else
        chat__operation_fail(operation, result);
}

static enum chat__action action_of(const struct chat__admin_act *act)
{
    switch (act->kind) {
    case CHAT__ADMIN_KICK:
        return CHAT__ACTION_KICK;
    case CHAT__ADMIN_ROLE:
        return CHAT__ACTION_ROLE;
    default:
        return CHAT__ACTION_BAN;
    }
}

static void fill_request(struct room_act *room_act)
{
    const struct chat__admin_act *act = room_act->work->act;
    struct chat__operation *operation = &room_act->about.operation;
    struct chat__moderate moderate = {
        .room = operation->room->name,
        .key = room_act->key,
        .user = act->matches[0].user,
        .on = act->kind == CHAT__ADMIN_BAN,
        .reason = act->reason,
        .role = act->role,
    };

    operation->request.action = action_of(act);
    if (act->kind == CHAT__ADMIN_KICK)
        operation->request.body.kick = moderate;
    else if (act->kind == CHAT__ADMIN_ROLE)
        operation->request.body.role = moderate;
    else
        operation->request.body.ban = moderate;
}

/* NULL when memory is short. */
static struct room_act *new_room_act(struct work *work, struct chat__user *user)
{
    const struct chat__action_row *row = &chat__actions[action_of(work->act)];
    struct room_act *room_act = (struct room_act *)chat__operation_make(
        work->core, user, row, sizeof(*room_act));
    struct chat__operation *operation;

    if (room_act == NULL)
        return NULL;
    operation = &room_act->about.operation;
    room_act->work = work;
    operation->room = chat__room_acquire(work->core, work->act->room);
    if (operation->room == NULL ||
        !chat__random_name(work->core, room_act->key, KEY_BYTES)) {
        chat__operation_end(operation);
        return NULL;
    }
    operation->release = room_act_ended;
    operation->answered = answered;
    operation->loaded = room_loaded;
    fill_request(room_act);
    return room_act;
}

static void operator_found(struct chat__admin_operator *search,
                           enum chat__store_result result)
{
    struct work *work = CHAT__CONTAINER(search, struct work, search);
    struct chat__user *user = search->user;
    struct room_act *room_act;

    if (result != CHAT__STORE_OK) {
        fail(work,
             result == CHAT__STORE_NOT_FOUND ? CHAT__STORE_FAILED : result);
        return;
    }
    room_act = new_room_act(work, user);
    chat__user_release(user);
    if (room_act == NULL)
        fail(work, CHAT__STORE_BUSY);
    else
        chat__room_await(&room_act->about.operation);
}

static void act_in_room(struct work *work)
{
    work->search.core = work->core;
    work->search.found = operator_found;
    chat__admin_operator_find(&work->search);
}

/* ---- on a user ---- */

static void close_connections(struct work *work)
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
    finish(work);
}

/* Those of the user, and sign-ins that are on their way. */
static void end_sessions(struct work *work, enum chat__close_code code,
                         const char *message)
{
    uint64_t id = work->act->matches[0].user;
    struct chat__user *user = chat__user_find(work->core, id);

    work->act->connections = chat__admin_connection_count(work->core, id);
    if (user != NULL)
        chat__sessions_end(user, NULL, NULL, code, message);
    else
        chat__sign_in_changed(work->core, id);
}

static void tokens_ended(struct chat__completion *completion)
{
    struct work *work =
        CHAT__CONTAINER(completion, struct work, end.completion);
    enum chat__store_result result = work->end.result;

    chat__store_answered(work->core);
    if (result != CHAT__STORE_OK && result != CHAT__STORE_NOT_FOUND) {
        fail(work, result);
        return;
    }
    end_sessions(work, CHAT__CLOSE_SIGNED_OUT, "an operator signed you out");
    work->act->changed = result == CHAT__STORE_OK || work->act->connections > 0;
    finish(work);
}

static void end_tokens(struct work *work)
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
    struct work *work =
        CHAT__CONTAINER(completion, struct work, ban.completion);

    chat__store_answered(work->core);
    if (work->ban.result != CHAT__STORE_OK) {
        fail(work, work->ban.result);
        return;
    }
    work->act->changed = true;
    if (work->act->kind == CHAT__ADMIN_BAN)
        end_sessions(work, CHAT__CLOSE_BANNED, CHAT__BANNED_MESSAGE);
    finish(work);
}

static void set_ban(struct work *work)
{
    struct chat__store *store = work->core->options.store;
    bool on = work->act->kind == CHAT__ADMIN_BAN;

    if (on == (work->find.banned_ms != 0)) {
        finish(work);
        return;
    }
    work->ban.completion.run = ban_set;
    work->ban.user = work->act->matches[0].user;
    work->ban.banned_ms = on ? chat__wall_ms(work->core) : 0;
    chat__store_asked(work->core);
    store->operations->set_banned(store, &work->ban);
}

static void act(struct work *work)
{
    if (work->act->room != NULL)
        act_in_room(work);
    else if (work->act->kind == CHAT__ADMIN_KICK)
        close_connections(work);
    else if (work->act->kind == CHAT__ADMIN_END_TOKENS)
        end_tokens(work);
    else
        set_ban(work);
}

/* ---- who is meant ---- */

static void add_match(struct chat__admin_act *act, uint64_t user,
                      const char *name, bool guest)
{
    struct chat__admin_match *match = &act->matches[act->match_count];

    if (act->match_count == CHAT__ADMIN_MATCHES_MAX)
        return;
    act->match_count++;
    match->user = user;
    match->guest = guest;
    memcpy(match->name, name, strlen(name) + 1);
}

static bool has_match(const struct chat__admin_act *act, uint64_t user)
{
    for (size_t i = 0; i < act->match_count; i++)
        if (act->matches[i].user == user)
            return true;
    return false;
}

static void match_connected(struct work *work)
{
    const struct chat__table *users = &work->core->users;

    for (size_t i = 0; i < users->size; i++)
        for (struct chat__table_link *link = users->slots[i]; link != NULL;
             link = link->next) {
            const struct chat__user *user =
                CHAT__CONTAINER(link, struct chat__user, link);

            if (user->connections != NULL &&
                strcmp(user->name, work->act->who) == 0)
                add_match(work->act, user->id, user->name, user->guest);
        }
}

static void find_by_id(struct work *work, uint64_t user,
                       void (*found)(struct chat__completion *completion))
{
    struct chat__store *store = work->core->options.store;

    work->find =
        (struct chat__store_find_user){.completion.run = found, .user = user};
    chat__store_asked(work->core);
    store->operations->find_user(store, &work->find);
}

/* The one that is left is read, for whether it is banned. */
static void one_found(struct chat__completion *completion)
{
    struct work *work =
        CHAT__CONTAINER(completion, struct work, find.completion);

    chat__store_answered(work->core);
    if (work->find.result != CHAT__STORE_OK) {
        fail(work, work->find.result);
        return;
    }
    if (work->act->match_count == 0)
        add_match(work->act, work->find.user, work->find.name,
                  work->find.guest);
    act(work);
}

static void account_read(struct chat__completion *completion)
{
    struct work *work =
        CHAT__CONTAINER(completion, struct work, find.completion);

    chat__store_answered(work->core);
    if (work->find.result == CHAT__STORE_OK)
        add_match(work->act, work->find.user, work->find.name,
                  work->find.guest);
    refuse(work, CHAT__ERROR_BAD_REQUEST,
           "several users have this name: give the id");
}

static void account_found(struct chat__completion *completion)
{
    struct work *work =
        CHAT__CONTAINER(completion, struct work, account.completion);
    struct chat__admin_act *act_ = work->act;
    enum chat__store_result result = work->account.result;
    uint64_t user = result == CHAT__STORE_OK ? work->account.user : 0;

    chat__store_answered(work->core);
    if (result != CHAT__STORE_OK && result != CHAT__STORE_NOT_FOUND)
        fail(work, result);
    else if (act_->match_count == 0 && user == 0)
        refuse(work, CHAT__ERROR_NOT_FOUND,
               "there is no such user here: of guests who are away give the "
               "id");
    else if (act_->match_count == 0)
        find_by_id(work, user, one_found);
    else if (user != 0 && !has_match(act_, user))
        find_by_id(work, user, account_read);
    else if (act_->match_count == 1)
        find_by_id(work, act_->matches[0].user, one_found);
    else
        refuse(work, CHAT__ERROR_BAD_REQUEST,
               "several users have this name: give the id");
}

/* Those who are here, and the account, whose name stands for all that look
 * like it. */
static void find_by_name(struct work *work)
{
    struct chat__store *store = work->core->options.store;

    match_connected(work);
    if (!chat__skeleton_of(work->core, work->act->who, work->skeleton)) {
        refuse(work, CHAT__ERROR_NOT_FOUND, "there is no such user");
        return;
    }
    work->account.completion.run = account_found;
    work->account.skeleton = work->skeleton;
    chat__store_asked(work->core);
    store->operations->find_account(store, &work->account);
}

/* A name may be a number too. */
static void id_looked_up(struct chat__completion *completion)
{
    struct work *work =
        CHAT__CONTAINER(completion, struct work, find.completion);

    if (work->find.result != CHAT__STORE_NOT_FOUND) {
        one_found(completion);
        return;
    }
    chat__store_answered(work->core);
    find_by_name(work);
}

/* 0 for what is no id. */
static uint64_t id_of(const char *who)
{
    size_t length = strlen(who);

    if (length == 0 || length > CHAT__USER_ID_BYTES_MAX - 1 || *who == '0' ||
        strspn(who, "0123456789") != length)
        return 0;
    return strtoull(who, NULL, 10);
}

/* ---- the beginning ---- */

static const char *check(const struct chat__admin_act *act)
{
    const char *problem = NULL;

    if (act->room != NULL)
        problem = chat__text_check_any_room_name(act->room);
    if (problem == NULL && act->reason != NULL)
        problem = chat__text_check_reason(act->reason);
    if (problem == NULL && id_of(act->who) == 0)
        problem = chat__text_check_user_name(act->who);
    return problem;
}

void chat__admin_begin(struct chat__core *core, struct chat__admin_act *act)
{
    const char *problem = check(act);
    struct work *work = calloc(1, sizeof(*work));
    uint64_t id = id_of(act->who);

    if (work == NULL) {
        chat__error_set_memory(&act->error);
        act->done(act);
        return;
    }
    work->act = act;
    work->core = core;
    if (core->draining)
        refuse(work, CHAT__ERROR_BUSY, "the server drains");
    else if (problem != NULL)
        refuse(work, CHAT__ERROR_BAD_REQUEST, problem);
    else if (id != 0)
        find_by_id(work, id, id_looked_up);
    else
        find_by_name(work);
}
