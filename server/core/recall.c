#include "server/core/recall.h"

static void put(struct chat__user *user)
{
    user->next_recalled = user->core->recalled;
    user->core->recalled = user;
}

static void recall(struct chat__user *user, unsigned int what)
{
    user->recall |= what;
    if (user->recall == 0 || user->is_recalled)
        return;
    user->is_recalled = true;
    chat__user_hold(user);
    put(user);
}

/* ---- those who sign in just now ---- */

static void remember(struct chat__core *core, uint64_t user, unsigned int what)
{
    if (core->sign_in_first != NULL)
        core->noticed[core->noticed_count++ % CHAT__NOTICED_USERS] =
            (struct chat__noticed){
                .user = user, .what = what, .number = core->sign_in_number};
}

void chat__recall_hear(struct chat__core *core, uint64_t id, unsigned int what)
{
    struct chat__user *user = chat__user_find(core, id);

    remember(core, id, what);
    if (user != NULL && user->connections != NULL)
        recall(user, what);
}

void chat__recall_signed_in(struct chat__user *user, uint64_t number)
{
    const struct chat__core *core = user->core;
    uint64_t count = core->noticed_count;

    for (uint64_t i = 0; i < count && i < CHAT__NOTICED_USERS; i++) {
        const struct chat__noticed *noticed =
            &core->noticed[(count - 1 - i) % CHAT__NOTICED_USERS];

        if (noticed->number < number)
            return;
        if (noticed->user == user->id)
            recall(user, noticed->what);
    }
    /* Some may be forgotten. */
    if (count >= CHAT__NOTICED_USERS)
        recall(user, CHAT__RECALL_ROOMS | CHAT__RECALL_SESSIONS);
}

/* ---- looking ---- */

static void begin(struct chat__user *user, int64_t now)
{
    unsigned int what = user->recall;

    user->recall = 0;
    user->recall_ms = now + CHAT__RECALL_INTERVAL_MS;
    user->recalls = ((what & CHAT__RECALL_ROOMS) != 0) +
                    ((what & CHAT__RECALL_SESSIONS) != 0);
    user->core->recalling++;
    if ((what & CHAT__RECALL_ROOMS) != 0)
        chat__recall_rooms(user);
    if ((what & CHAT__RECALL_SESSIONS) != 0)
        chat__recall_sessions(user);
}

void chat__recall_done(struct chat__user *user, unsigned int again)
{
    if (--user->recalls == 0)
        user->core->recalling--;
    recall(user, again);
}

static void drop(struct chat__user *user)
{
    user->is_recalled = false;
    chat__user_release(user);
}

/* True when it stays in the list. */
static bool consider(struct chat__user *user, int64_t now, int64_t *due_ms)
{
    /* An answer is a loop pass, which looks again. */
    if (user->recalls > 0 || user->core->recalling >= CHAT__RECALLS_MAX)
        return true;
    if (user->connections == NULL || user->core->draining)
        return false;
    if (user->recall_ms > now) {
        if (user->recall_ms - now < *due_ms)
            *due_ms = user->recall_ms - now;
        return true;
    }
    begin(user, now);
    return user->recall != 0;
}

int64_t chat__recalls_follow(struct chat__core *core)
{
    struct chat__user *user = core->recalled;
    int64_t now = user == NULL ? 0 : chat__monotonic_ms(core);
    int64_t due_ms = INT64_MAX;

    core->recalled = NULL;
    while (user != NULL) {
        struct chat__user *next = user->next_recalled;

        if (consider(user, now, &due_ms))
            put(user);
        else
            drop(user);
        user = next;
    }
    return due_ms;
}

void chat__recalls_release(struct chat__core *core)
{
    while (core->recalled != NULL) {
        struct chat__user *user = core->recalled;

        core->recalled = user->next_recalled;
        drop(user);
    }
}
