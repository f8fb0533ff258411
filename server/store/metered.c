#include "server/store/metered.h"

#include <stddef.h>

/* What every request begins with. */
struct request {
    struct chat__completion completion;
    enum chat__store_result result;
};

_Static_assert((int)CHAT__STORE_ANSWER_COUNT == CHAT__STORE_FAILED + 1,
               "each result has a word");

_Static_assert(sizeof(struct chat__store_operations) ==
                   (CHAT__STORE_CALL_COUNT + 1) * sizeof(void (*)(void)),
               "each operation is forwarded, and close");

static struct chat__metered_store *of(struct chat__store *store)
{
    return (struct chat__metered_store *)store;
}

/* An append that only makes a room has no entries. */
static void count_append(struct chat__metrics *metrics,
                         const struct chat__store_append *append, int64_t us)
{
    chat__metrics_observe_us(metrics, CHAT__METRIC_APPEND_SECONDS, us);
    chat__metrics_observe(metrics, CHAT__METRIC_APPEND_ENTRIES, append->count);
}

static void answered(struct chat__completion *completion)
{
    const struct request *request = (struct request *)completion;
    struct chat__metered_store *metered = completion->watcher;
    struct chat__metrics *metrics = metered->metrics;
    int64_t us = metered->now_us(metered->context) - completion->asked_us;

    completion->run = completion->then;
    chat__metrics_count_as(metrics, CHAT__METRIC_STORE_ANSWERS,
                           (int)request->result);
    chat__metrics_observe_us(metrics, CHAT__METRIC_STORE_SECONDS, us);
    if (completion->call == CHAT__STORE_CALL_APPEND)
        count_append(metrics, (struct chat__store_append *)completion, us);
    metered->waiting--;
    completion->run(completion);
}

static void ask(struct chat__metered_store *metered,
                struct chat__completion *completion, enum chat__store_call call)
{
    completion->watcher = metered;
    completion->then = completion->run;
    completion->run = answered;
    completion->call = (int)call;
    completion->asked_us = metered->now_us(metered->context);
    chat__metrics_count_as(metered->metrics, CHAT__METRIC_STORE_CALLS,
                           (int)call);
    metered->waiting++;
}

#define FORWARD(id, name)                                                      \
    _Static_assert(offsetof(struct chat__store_##name, completion) ==          \
                           offsetof(struct request, completion) &&             \
                       offsetof(struct chat__store_##name, result) ==          \
                           offsetof(struct request, result),                   \
                   "it begins as every request");                              \
                                                                               \
    static void name(struct chat__store *store,                                \
                     struct chat__store_##name *request)                       \
    {                                                                          \
        struct chat__store *inner = of(store)->inner;                          \
                                                                               \
        ask(of(store), &request->completion, CHAT__STORE_CALL_##id);           \
        inner->operations->name(inner, request);                               \
    }

CHAT__STORE_CALLS(FORWARD)

/* Its owner closes the store behind it. */
static void leave_open(struct chat__store *store)
{
    (void)store;
}

void chat__metered_store_init(struct chat__metered_store *metered)
{
#define OPERATION(id, name) .name = name,
    static const struct chat__store_operations operations = {
        CHAT__STORE_CALLS(OPERATION).close = leave_open,
    };
#undef OPERATION

    metered->store.operations = &operations;
    metered->waiting = 0;
}
