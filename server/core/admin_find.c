/* Who an operator means: by id, or by a name that several may have. */
#include "server/core/admin_private.h"

#include "server/core/credential.h"
#include "server/core/operation.h"

#include <stdlib.h>
#include <string.h>

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

static void match_connected(struct chat__admin_work *work)
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

static void find_by_id(struct chat__admin_work *work, uint64_t user,
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
    struct chat__admin_work *work =
        CHAT__CONTAINER(completion, struct chat__admin_work, find.completion);

    chat__store_answered(work->core);
    if (work->find.result != CHAT__STORE_OK) {
        chat__admin_fail(work, work->find.result);
        return;
    }
    if (work->act->match_count == 0)
        add_match(work->act, work->find.user, work->find.name,
                  work->find.guest);
    chat__admin_act(work);
}

static void account_read(struct chat__completion *completion)
{
    struct chat__admin_work *work =
        CHAT__CONTAINER(completion, struct chat__admin_work, find.completion);

    chat__store_answered(work->core);
    if (work->find.result == CHAT__STORE_OK)
        add_match(work->act, work->find.user, work->find.name,
                  work->find.guest);
    chat__admin_refuse(work, CHAT__ERROR_BAD_REQUEST,
                       "several users have this name: give the id");
}

static void account_found(struct chat__completion *completion)
{
    struct chat__admin_work *work = CHAT__CONTAINER(
        completion, struct chat__admin_work, account.completion);
    struct chat__admin_act *act = work->act;
    enum chat__store_result result = work->account.result;
    uint64_t user = result == CHAT__STORE_OK ? work->account.user : 0;

    chat__store_answered(work->core);
    if (result != CHAT__STORE_OK && result != CHAT__STORE_NOT_FOUND)
        chat__admin_fail(work, result);
    else if (act->match_count == 0 && user == 0)
        chat__admin_refuse(
            work, CHAT__ERROR_NOT_FOUND,
            "there is no such user here: of guests who are away give the "
            "id");
    else if (act->match_count == 0)
        find_by_id(work, user, one_found);
    else if (user != 0 && !has_match(act, user))
        find_by_id(work, user, account_read);
    else if (act->match_count == 1)
        find_by_id(work, act->matches[0].user, one_found);
    else
        chat__admin_refuse(work, CHAT__ERROR_BAD_REQUEST,
                           "several users have this name: give the id");
}

/* Those who are here, and the account, whose name stands for all that look
 * like it. */
static void find_by_name(struct chat__admin_work *work)
{
    struct chat__store *store = work->core->options.store;

    match_connected(work);
    if (!chat__skeleton_of(work->core, work->act->who, work->skeleton)) {
        chat__admin_refuse(work, CHAT__ERROR_NOT_FOUND,
                           "there is no such user");
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
    struct chat__admin_work *work =
        CHAT__CONTAINER(completion, struct chat__admin_work, find.completion);

    if (work->find.result != CHAT__STORE_NOT_FOUND) {
        one_found(completion);
        return;
    }
    chat__store_answered(work->core);
    find_by_name(work);
}

uint64_t chat__admin_id(const char *who)
{
    size_t length = strlen(who);

    if (length == 0 || length > CHAT__USER_ID_BYTES_MAX - 1 || *who == '0' ||
        strspn(who, "0123456789") != length)
        return 0;
    return strtoull(who, NULL, 10);
}

void chat__admin_find(struct chat__admin_work *work)
{
    uint64_t id = chat__admin_id(work->act->who);

    if (id != 0)
        find_by_id(work, id, id_looked_up);
    else
        find_by_name(work);
}
