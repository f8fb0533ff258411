#include "server/core/actions/actions.h"

#include "server/core/answer.h"
#include "server/core/page.h"
#include "server/core/room.h"
#include "server/core/subscription.h"

#include <string.h>

/* ---- the entry ---- */

static void check_outsider(const struct chat__operation *operation,
                           const struct chat__view *view,
                           struct chat__outcome *outcome)
{
    const struct chat__join *join = &operation->request.body.join;
    const struct chat__user *user = operation->user;

    if (view->private_room && join->create) {
        chat__outcome_refuse(outcome, CHAT__ERROR_NAME_TAKEN,
                             "this name is taken, choose another");
    } else if (view->private_room || (!view->exists && !join->create)) {
        chat__outcome_refuse(outcome, CHAT__ERROR_NOT_FOUND,
                             "there is no such room; create makes it");
    } else if (user->membership_count + user->joining >= CHAT__USER_ROOMS_MAX) {
        chat__outcome_refuse(outcome, CHAT__ERROR_TOO_LARGE,
                             "you are in 500 rooms: leave one first");
    } else {
        outcome->verdict = CHAT__VERDICT_ENTRY;
        outcome->event.kind = CHAT__EVENT_JOIN;
        outcome->effect = CHAT__EFFECT_MEMBER_ADD;
        outcome->role = view->exists ? CHAT__ROLE_MEMBER : CHAT__ROLE_OWNER;
        outcome->create = !view->exists;
        outcome->private_room = join->private_room;
    }
}

void chat__join_check(const struct chat__operation *operation,
                      const struct chat__view *view,
                      struct chat__outcome *outcome)
{
    /* A member gets the page, by whatever key, and subscribed in this step:
     * after a look for the key it might be no member any more. */
    if (view->exists && view->role != CHAT__ROLE_NONE)
        outcome->verdict = CHAT__VERDICT_CURRENT;
    else
        check_outsider(operation, view, outcome);
}

/* ---- the page ---- */

static struct chat__join_operation *of(struct chat__operation *operation)
{
    return CHAT__CONTAINER(operation, struct chat__join_operation, operation);
}

static void answer(struct chat__join_operation *join)
{
    struct chat__operation *operation = &join->operation;
    const struct chat__join *request = &operation->request.body.join;
    const struct chat__room *room = operation->room;
    struct chat__entry_bytes entries[CHAT__PAGE_ENTRIES_MAX];
    struct chat__reply reply = {.ok = true};
    struct chat__join_ok *ok = &reply.body.join;
    uint64_t oldest;

    ok->room = room->name;
    ok->epoch = room->epoch;
    ok->topic = room->topic;
    ok->members = room->members.count;
    ok->role = chat__room_role(room, operation->user->id);
    chat__page_fill(&ok->page, entries, &join->read);
    oldest = ok->page.entry_count > 0 ? entries[0].seq : join->to + 1;
    ok->recovered = join->continues && oldest == request->since_seq + 1;
    ok->page.first = room->first;
    ok->page.head = join->to;
    ok->page.more = oldest > room->first;
    (void)chat__answer(operation, &reply, true);
}

/* The subscription that waits for this page: not one of a later join. */
static struct chat__subscription *
find_held(const struct chat__join_operation *join)
{
    struct chat__subscription *subscription = chat__subscription_find(
        join->operation.connection, join->operation.room);

    if (subscription != NULL && subscription->held &&
        subscription->next == join->held_next)
        return subscription;
    return NULL;
}

static void go_on(const struct chat__join_operation *join, uint64_t next)
{
    struct chat__subscription *held = find_held(join);

    if (held != NULL)
        chat__subscription_go(held, next);
}

/* The user has left before the answer, which must not say otherwise. */
static void refuse_left(struct chat__join_operation *join)
{
    struct chat__subscription *held = find_held(join);

    if (held != NULL)
        chat__subscription_end(held);
    chat__operation_refuse(&join->operation, CHAT__ERROR_FORBIDDEN,
                           "you left this room since");
}

static bool is_member(const struct chat__operation *operation)
{
    return chat__room_role(operation->room, operation->user->id) !=
           CHAT__ROLE_NONE;
}

static void finish(struct chat__join_operation *join,
                   enum chat__store_result result)
{
    struct chat__operation *operation = &join->operation;

    if (operation->connection == NULL) {
        chat__operation_end(operation);
    } else if (!is_member(operation)) {
        refuse_left(join);
    } else if (result == CHAT__STORE_OK) {
        answer(join);
        go_on(join, join->to + 1);
        chat__operation_end(operation);
    } else {
        go_on(join, join->held_next);
        chat__operation_fail(operation, result);
    }
}

static void page_read(struct chat__completion *completion)
{
    struct chat__join_operation *join = CHAT__CONTAINER(
        completion, struct chat__join_operation, read.completion);

    chat__store_answered(join->operation.core);
    finish(join, join->read.result);
}

static void release(struct chat__operation *operation)
{
    chat__store_read_log_release(&of(operation)->read);
}

/* Where the page begins: behind `since` if that is no more than a page ago. */
static uint64_t page_from(struct chat__join_operation *join)
{
    const struct chat__join *request = &join->operation.request.body.join;
    const struct chat__room *room = join->operation.room;

    join->continues = request->since_epoch != NULL &&
                      strcmp(request->since_epoch, room->epoch) == 0 &&
                      request->since_seq <= join->to &&
                      request->since_seq + 1 >= room->first &&
                      join->to - request->since_seq <= request->limit;
    return join->continues ? request->since_seq + 1 : room->first;
}

static void start_page(struct chat__operation *operation)
{
    struct chat__join_operation *join = of(operation);
    uint64_t limit = operation->request.body.join.limit;
    uint64_t from;

    operation->release = release;
    join->to = operation->room->head;
    join->read.backward = true;
    from = page_from(join);
    if (limit > 0 && from <= join->to && operation->connection != NULL &&
        is_member(operation))
        chat__page_ask(operation, &join->read, from, join->to, limit,
                       page_read);
    else
        finish(join, CHAT__STORE_OK);
}

void chat__join_committed(struct chat__operation *operation,
                          const struct chat__committed *entry)
{
    if (!entry->dup)
        of(operation)->held_next = entry->seq + 1;
    start_page(operation);
}

void chat__join_unchanged(struct chat__operation *operation)
{
    struct chat__user *user = operation->user;
    struct chat__room *room = operation->room;

    /* The user became a member by way of another server. */
    if (chat__user_membership(user, room) == NULL) {
        if (!chat__user_reserve(user)) {
            chat__operation_fail(operation, CHAT__STORE_BUSY);
            return;
        }
        chat__user_joined(user, room, operation->connection);
        of(operation)->held_next = room->head + 1;
    }
    start_page(operation);
}
