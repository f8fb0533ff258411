#include "server/core/catch_up.h"

#include "server/core/tail.h"

#include <stdlib.h>

struct chat__catch_up {
    struct chat__store_read_log read;
    struct chat__core *core;
    struct chat__room *room;            /* referenced */
    struct chat__subscription *readers; /* by next_reader; NULL: all ended */
    struct chat__catch_up *after;       /* in core->stalled */
};

static void unlink_stalled(struct chat__catch_up *catch_up)
{
    struct chat__catch_up **at = &catch_up->core->stalled;

    while (*at != NULL && *at != catch_up)
        at = &(*at)->after;
    if (*at == NULL)
        return;
    *at = catch_up->after;
    chat__room_release(catch_up->room);
    free(catch_up);
}

void chat__catch_up_leave(struct chat__subscription *subscription)
{
    struct chat__catch_up *catch_up = subscription->catch_up;
    struct chat__subscription **at = &catch_up->readers;

    while (*at != subscription)
        at = &(*at)->next_reader;
    *at = subscription->next_reader;
    if (catch_up->readers == NULL)
        unlink_stalled(catch_up);
}

static void stall(struct chat__catch_up *catch_up)
{
    catch_up->after = catch_up->core->stalled;
    catch_up->core->stalled = catch_up;
}

static void piece_read(struct chat__completion *completion)
{
    struct chat__catch_up *catch_up =
        CHAT__CONTAINER(completion, struct chat__catch_up, read.completion);
    struct chat__store_read_log *read = &catch_up->read;
    struct chat__room *room = catch_up->room;

    chat__store_answered(catch_up->core);
    if (room->catch_up == catch_up)
        room->catch_up = NULL;
    if (catch_up->readers != NULL && read->result != CHAT__STORE_OK &&
        read->result != CHAT__STORE_NOT_FOUND) {
        stall(catch_up);
        return;
    }
    while (catch_up->readers != NULL) {
        struct chat__subscription *subscription = catch_up->readers;

        catch_up->readers = subscription->next_reader;
        subscription->catch_up = NULL;
        chat__subscription_take(subscription, read);
    }
    chat__store_read_log_release(read);
    chat__room_release(room);
    free(catch_up);
}

static void ask(struct chat__catch_up *catch_up)
{
    chat__store_asked(catch_up->core);
    chat__tail_read_log(catch_up->room, &catch_up->read);
}

static void join(struct chat__subscription *subscription,
                 struct chat__catch_up *catch_up)
{
    subscription->catch_up = catch_up;
    subscription->next_reader = catch_up->readers;
    catch_up->readers = subscription;
}

bool chat__catch_up_read(struct chat__subscription *subscription, uint64_t to)
{
    struct chat__room *room = subscription->room;
    struct chat__catch_up *catch_up = room->catch_up;

    if (catch_up != NULL && catch_up->read.from == subscription->next &&
        catch_up->read.to == to) {
        join(subscription, catch_up);
        return true;
    }
    catch_up = calloc(1, sizeof(*catch_up));
    if (catch_up == NULL)
        return false;
    catch_up->core = room->core;
    catch_up->room = room;
    catch_up->read.completion.run = piece_read;
    catch_up->read.room = room->name;
    catch_up->read.from = subscription->next;
    catch_up->read.to = to;
    catch_up->read.limit = CHAT__CATCH_UP_ENTRIES;
    catch_up->read.bytes_max = CHAT__CATCH_UP_BYTES;
    join(subscription, catch_up);
    room->catch_up = catch_up;
    chat__room_hold(room);
    ask(catch_up);
    return true;
}

void chat__catch_up_retry(struct chat__core *core)
{
    struct chat__catch_up *catch_up = core->stalled;

    core->stalled = NULL;
    while (catch_up != NULL) {
        struct chat__catch_up *after = catch_up->after;

        chat__store_read_log_release(&catch_up->read);
        ask(catch_up);
        catch_up = after;
    }
}
