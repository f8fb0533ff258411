#include "server/core/actions/actions.h"

#include "server/core/action.h"
#include "server/core/page.h"
#include "server/core/room.h"

#include <string.h>

static struct chat__history_operation *of(struct chat__operation *operation)
{
    return CHAT__CONTAINER(operation, struct chat__history_operation,
                           operation);
}

/* Whether the direction that was asked for goes on behind the page. */
static bool is_more(const struct chat__history_operation *history,
                    const struct chat__page *page)
{
    const struct chat__history *request =
        &history->operation.request.body.history;

    if (page->entry_count == 0)
        return false;
    if (request->direction == CHAT__HISTORY_BEFORE)
        return page->entries[0].seq > page->first;
    return page->entries[page->entry_count - 1].seq < page->head;
}

static void answer(struct chat__history_operation *history)
{
    struct chat__operation *operation = &history->operation;
    struct chat__entry_bytes entries[CHAT__PAGE_ENTRIES_MAX];
    struct chat__reply reply = {0};
    struct chat__page *page = &reply.body.history.page;

    chat__metrics_count_as(operation->core->options.metrics,
                           CHAT__METRIC_HISTORY_PAGES,
                           (int)operation->request.body.history.direction);
    chat__page_fill(page, entries, &history->read);
    page->first = operation->room->first;
    page->head = history->head;
    page->more = is_more(history, page);
    chat__operation_succeed(operation, &reply, history->read.backward);
}

static void page_read(struct chat__completion *completion)
{
    struct chat__history_operation *history = CHAT__CONTAINER(
        completion, struct chat__history_operation, read.completion);
    enum chat__store_result result = history->read.result;

    chat__operation_hears(&history->operation);
    if (result != CHAT__STORE_OK)
        chat__operation_fail(&history->operation, result);
    /* The user may have been kicked meanwhile. */
    else if (chat__action_is_member(&history->operation))
        answer(history);
}

static void release(struct chat__operation *operation)
{
    chat__store_read_log_release(&of(operation)->read);
}

struct range {
    uint64_t from;
    uint64_t to; /* below `from`: nothing */
};

static struct range range_of(const struct chat__history *request,
                             const struct chat__room *room)
{
    struct range range = {.from = room->first, .to = room->head};
    uint64_t half = request->limit / 2;
    uint64_t rest = request->limit - half - 1;

    switch (request->direction) {
    case CHAT__HISTORY_BEFORE:
        if (request->seq <= room->head)
            range.to = request->seq == 0 ? 0 : request->seq - 1;
        break;
    case CHAT__HISTORY_AFTER:
        if (request->seq >= room->first)
            range.from = request->seq + 1;
        break;
    case CHAT__HISTORY_AROUND:
        if (request->seq - room->first > half)
            range.from = request->seq - half;
        if (room->head - request->seq > rest)
            range.to = request->seq + rest;
        break;
    }
    return range;
}

/* False when it has refused the operation. */
static bool check(struct chat__operation *operation)
{
    const struct chat__history *request = &operation->request.body.history;
    const struct chat__room *room = operation->room;

    if (!chat__action_is_member(operation))
        return false;
    if (request->epoch != NULL && strcmp(request->epoch, room->epoch) != 0) {
        chat__operation_refuse(operation, CHAT__ERROR_EPOCH_CHANGED,
                               "the room's log began anew: reload it");
        return false;
    }
    if (request->direction == CHAT__HISTORY_AROUND &&
        (request->seq < room->first || request->seq > room->head)) {
        chat__operation_refuse(operation, CHAT__ERROR_NOT_FOUND,
                               "around names no entry of this room");
        return false;
    }
    return true;
}

void chat__history_start(struct chat__operation *operation)
{
    struct chat__history_operation *history = of(operation);
    const struct chat__history *request = &operation->request.body.history;
    struct range range;

    if (!check(operation))
        return;
    operation->release = release;
    history->head = operation->room->head;
    history->read.backward = request->direction == CHAT__HISTORY_BEFORE;
    range = range_of(request, operation->room);
    if (range.from > range.to)
        answer(history);
    else
        chat__page_ask(operation, &history->read, range.from, range.to,
                       request->limit, page_read);
}
