/* The answer to join and dm: a page of the log, then live entries. */
#include "server/core/actions/actions.h"

#include "server/core/answer.h"
#include "server/core/page.h"
#include "server/core/room.h"
#include "server/core/subscription.h"

#include <string.h>

static struct chat__join_operation *of(struct chat__operation *operation)
{
    return CHAT__CONTAINER(operation, struct chat__join_operation,
                           about.operation);
}

static void answer(struct chat__join_operation *join)
{
    struct chat__operation *operation = &join->about.operation;
    const struct chat__room *room = operation->room;
    struct chat__entry_bytes entries[CHAT__PAGE_ENTRIES_MAX];
    struct chat__reply reply = {.ok = true};
    struct chat__join_ok *ok = &reply.body.join;
    uint64_t oldest;

    ok->room = room->name;
    ok->epoch = room->epoch;
    ok->topic = room->topic;
    ok->members = room->members.member_count;
    ok->role = chat__room_role(room, operation->user->id);
    chat__page_fill(&ok->page, entries, &join->read);
    oldest = ok->page.entry_count > 0 ? entries[0].seq : join->to + 1;
    ok->recovered = join->continues && oldest == join->since + 1;
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
        join->about.operation.connection, join->about.operation.room);

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

/* The user has left or was removed before the answer, which must not say
 * otherwise. */
static void refuse_left(struct chat__join_operation *join)
{
    struct chat__subscription *held = find_held(join);

    if (held != NULL)
        chat__subscription_drop(held);
    chat__operation_refuse(&join->about.operation, CHAT__ERROR_FORBIDDEN,
                           "you are no member of this room any more");
}

static bool is_member(const struct chat__operation *operation)
{
    return chat__role_is_member(
        chat__room_role(operation->room, operation->user->id));
}

static void finish(struct chat__join_operation *join,
                   enum chat__store_result result)
{
    struct chat__operation *operation = &join->about.operation;

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

    chat__operation_hears(&join->about.operation);
    finish(join, join->read.result);
}

static void release(struct chat__operation *operation)
{
    chat__store_read_log_release(&of(operation)->read);
}

/* Where the page begins: behind `since` if that is no more than a page ago. */
static uint64_t page_from(struct chat__join_operation *join, uint64_t limit)
{
    const struct chat__request *request = &join->about.operation.request;
    const struct chat__room *room = join->about.operation.room;

    if (request->action == CHAT__ACTION_JOIN &&
        request->body.join.since_epoch != NULL &&
        strcmp(request->body.join.since_epoch, room->epoch) == 0) {
        join->since = request->body.join.since_seq;
        join->continues = join->since <= join->to &&
                          join->since + 1 >= room->first &&
                          join->to - join->since <= limit;
    }
    return join->continues ? join->since + 1 : room->first;
}

static uint64_t limit_of(const struct chat__request *request)
{
    return request->action == CHAT__ACTION_DM ? request->body.dm.limit
                                              : request->body.join.limit;
}

static void start_page(struct chat__operation *operation)
{
    struct chat__join_operation *join = of(operation);
    uint64_t limit = limit_of(&operation->request);
    uint64_t from;

    operation->release = release;
    join->to = operation->room->head;
    join->read.backward = true;
    from = page_from(join, limit);
    if (limit > 0 && from <= join->to && operation->connection != NULL &&
        is_member(operation))
        chat__page_ask(operation, &join->read, from, join->to, limit,
                       page_read);
    else
        finish(join, CHAT__STORE_OK);
}

static void refresh(struct chat__operation *operation);

static void refreshed(struct chat__operation *operation,
                      enum chat__store_result result)
{
    const struct chat__join_operation *join = of(operation);

    if (result != CHAT__STORE_OK)
        chat__operation_fail(operation, result);
    else if (operation->connection != NULL && is_member(operation))
        chat__join_unchanged(operation);
    else if (operation->room->head < join->known && !operation->checked_again)
        refresh(operation);
    else
        start_page(operation);
}

/* The user came in by another server, which this room has not heard of yet. */
static void refresh(struct chat__operation *operation)
{
    struct chat__room *room = operation->room;

    /* What is being read may have been asked for before. */
    operation->checked_again = room->state != CHAT__ROOM_LOADING;
    operation->loaded = refreshed;
    if (operation->checked_again)
        chat__room_refresh(room);
    chat__room_await(operation);
}

void chat__join_committed(struct chat__operation *operation,
                          const struct chat__committed *entry)
{
    if (!entry->dup)
        of(operation)->held_next = entry->seq + 1;
    of(operation)->known = entry->seq;
    if (entry->dup && operation->room->head < entry->seq)
        refresh(operation);
    else
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
