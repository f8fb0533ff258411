#include "server/ops/trace.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NANOSECONDS 1000000000

/* A request with an entry, until that is delivered. */
struct waiting {
    struct chat__traced traced;
    struct chat__trace_context context;
    char room[CHAT__ROOM_NAME_BYTES_MAX + 1];
    struct chat__traced_delivery delivery; /* no room: none so far */
};

struct chat__tracer {
    struct chat__tracer_options options;
    uint64_t random; /* splitmix64 */
    uint64_t threshold;
    size_t waiting_count;
    struct waiting waiting[CHAT__TRACE_WAITING_MAX];
};

/* Ids must differ, not be secret: https://prng.di.unimi.it/splitmix64.c */
static uint64_t next_random(struct chat__tracer *tracer)
{
    uint64_t z = tracer->random += 0x9E3779B97F4A7C15;

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}

void chat__tracer_set_sample(struct chat__tracer *tracer, double sample)
{
    tracer->options.sample = sample;
    tracer->threshold = sample >= 1 ? UINT64_MAX : (uint64_t)(sample * 0x1p64);
}

struct chat__tracer *
chat__tracer_new(const struct chat__tracer_options *options)
{
    struct chat__tracer *tracer = calloc(1, sizeof *tracer);

    if (tracer == NULL)
        return NULL;
    tracer->options = *options;
    tracer->random = options->seed;
    chat__tracer_set_sample(tracer, options->sample);
    return tracer;
}

void chat__tracer_free(struct chat__tracer *tracer)
{
    free(tracer);
}

bool chat__tracer_wants(struct chat__tracer *tracer,
                        const struct chat__trace_context *context)
{
    if (context != NULL && context->wish != CHAT__TRACE_NO_WISH)
        return context->wish == CHAT__TRACE_SAMPLED;
    return next_random(tracer) < tracer->threshold ||
           tracer->options.sample >= 1;
}

/* ---- ids and times ---- */

static void new_span_id(struct chat__tracer *tracer,
                        unsigned char id[CHAT__SPAN_ID_BYTES])
{
    uint64_t random;

    do {
        random = next_random(tracer);
    } while (random == 0);
    memcpy(id, &random, sizeof random);
}

/* X-Ray takes a trace whose id begins with the seconds of the epoch. */
static void new_trace_id(struct chat__tracer *tracer,
                         unsigned char id[CHAT__TRACE_ID_BYTES])
{
    uint64_t random[2] = {next_random(tracer), next_random(tracer)};
    uint32_t seconds = (uint32_t)time(NULL);

    memcpy(id, random, sizeof random);
    for (int i = 3; i >= 0; i--, seconds >>= 8)
        id[i] = (unsigned char)seconds;
}

/* What is added to a time of the loop's clock, as nanoseconds, for the wall's.
 * One for all spans of a request, so that they nest. */
static int64_t wall_offset_ns(const struct chat__tracer *tracer)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * NANOSECONDS + now.tv_nsec -
           tracer->options.now_us(NULL) * 1000;
}

/* ---- spans ---- */

/* What the spans of one request have in common. */
struct family {
    struct chat__tracer *tracer;
    const struct chat__trace_context *context;
    int64_t offset_ns;
    unsigned char trace[CHAT__TRACE_ID_BYTES];
    unsigned char root[CHAT__SPAN_ID_BYTES];
};

static void begin_family(struct family *family, struct chat__tracer *tracer,
                         const struct chat__trace_context *context)
{
    static const struct chat__trace_context none;

    family->tracer = tracer;
    family->context = context != NULL ? context : &none;
    family->offset_ns = wall_offset_ns(tracer);
    if (family->context->there)
        memcpy(family->trace, context->trace, sizeof family->trace);
    else
        new_trace_id(tracer, family->trace);
    new_span_id(tracer, family->root);
}

static struct chat__span span_of(const struct family *family, const char *name,
                                 enum chat__span_kind kind, int64_t began_us,
                                 int64_t ended_us)
{
    return (struct chat__span){
        .name = name,
        .kind = kind,
        .trace = family->trace,
        .parent = family->root,
        .state = family->context->state,
        .began_ns = began_us * 1000 + family->offset_ns,
        .ended_ns = ended_us * 1000 + family->offset_ns,
    };
}

static void add_child(struct family *family, struct chat__span *span)
{
    unsigned char id[CHAT__SPAN_ID_BYTES];

    new_span_id(family->tracer, id);
    span->id = id;
    chat__trace_export_add(family->tracer->options.export, span);
}

static void add_root(const struct family *family,
                     const struct chat__traced *traced, int64_t ended_us)
{
    struct chat__span span = span_of(family, traced->action, CHAT__SPAN_SERVER,
                                     traced->began_us, ended_us);

    span.id = family->root;
    span.parent = family->context->has_parent ? family->context->parent : NULL;
    span.failed = traced->failed;
    chat__span_text(&span, "chat.action", traced->action);
    chat__span_text(&span, "chat.room", traced->room);
    chat__span_text(&span, "chat.result",
                    traced->result == NULL ? "ok" : traced->result);
    chat__span_text(&span, "error.type", traced->result);
    if (traced->seq != 0)
        chat__span_number(&span, "chat.seq", traced->seq);
    chat__trace_export_add(family->tracer->options.export, &span);
}

static void add_append(struct family *family, const struct chat__traced *traced)
{
    struct chat__span wait = span_of(family, "wait", CHAT__SPAN_INTERNAL,
                                     traced->began_us, traced->store_began_us);
    struct chat__span append =
        span_of(family, "append", CHAT__SPAN_CLIENT, traced->store_began_us,
                traced->store_ended_us);

    add_child(family, &wait);
    chat__span_text(&append, "db.system.name", family->tracer->options.store);
    chat__span_text(&append, "db.operation.name", append.name);
    /* A single one is no batch to OpenTelemetry. */
    if (traced->appended > 1)
        chat__span_number(&append, "db.operation.batch.size", traced->appended);
    add_child(family, &append);
}

static void add_store(struct family *family, const struct chat__traced *traced)
{
    struct chat__span span =
        span_of(family, "store", CHAT__SPAN_CLIENT, traced->store_began_us,
                traced->store_ended_us);

    chat__span_text(&span, "db.system.name", family->tracer->options.store);
    add_child(family, &span);
}

static void add_children(struct family *family,
                         const struct chat__traced *traced)
{
    if (traced->appended != 0)
        add_append(family, traced);
    else if (traced->store_began_us != 0)
        add_store(family, traced);
}

static void add_delivery(struct family *family,
                         const struct chat__traced_delivery *delivery,
                         int64_t ended_us)
{
    uint64_t entries = delivery->last - delivery->first + 1;
    struct chat__span span = span_of(family, "deliver", CHAT__SPAN_PRODUCER,
                                     delivery->began_us, ended_us);

    chat__span_text(&span, "messaging.system", "chatd");
    chat__span_text(&span, "messaging.operation.type", "send");
    chat__span_text(&span, "messaging.operation.name", "deliver");
    chat__span_text(&span, "messaging.destination.name", delivery->room);
    if (entries > 1)
        chat__span_number(&span, "messaging.batch.message_count", entries);
    chat__span_number(&span, "chat.connections", delivery->connections);
    add_child(family, &span);
}

static void add_request(struct chat__tracer *tracer,
                        const struct chat__traced *traced)
{
    struct family family;

    begin_family(&family, tracer, traced->context);
    add_children(&family, traced);
    add_root(&family, traced, traced->ended_us);
}

void chat__tracer_request(struct chat__tracer *tracer,
                          const struct chat__traced *traced)
{
    struct waiting *waiting = &tracer->waiting[tracer->waiting_count];

    if (traced->appended == 0 || traced->room == NULL ||
        strlen(traced->room) >= sizeof waiting->room ||
        tracer->waiting_count == CHAT__TRACE_WAITING_MAX) {
        add_request(tracer, traced);
        return;
    }
    tracer->waiting_count++;
    waiting->traced = *traced;
    waiting->context.there = false;
    waiting->delivery.room = NULL;
    memcpy(waiting->room, traced->room, strlen(traced->room) + 1);
    if (traced->context != NULL)
        waiting->context = *traced->context;
}

void chat__tracer_delivered(struct chat__tracer *tracer,
                            const struct chat__traced_delivery *delivery)
{
    for (size_t i = 0; i < tracer->waiting_count; i++) {
        struct waiting *waiting = &tracer->waiting[i];

        if (waiting->traced.seq < delivery->first ||
            waiting->traced.seq > delivery->last ||
            strcmp(waiting->room, delivery->room) != 0)
            continue;
        waiting->delivery = *delivery;
        waiting->delivery.room = waiting->room;
    }
}

/* The request lasted until its entry was delivered. */
static void add_waiting(struct chat__tracer *tracer, struct waiting *waiting,
                        int64_t now_us)
{
    struct chat__traced *traced = &waiting->traced;
    int64_t ended_us = traced->ended_us;
    struct family family;

    traced->room = waiting->room;
    begin_family(&family, tracer,
                 waiting->context.there ? &waiting->context : NULL);
    add_children(&family, traced);
    if (waiting->delivery.room != NULL) {
        add_delivery(&family, &waiting->delivery, now_us);
        ended_us = now_us;
    }
    add_root(&family, traced, ended_us);
}

void chat__tracer_flush(struct chat__tracer *tracer)
{
    int64_t now_us;

    if (tracer->waiting_count == 0)
        return;
    now_us = tracer->options.now_us(NULL);
    for (size_t i = 0; i < tracer->waiting_count; i++)
        add_waiting(tracer, &tracer->waiting[i], now_us);
    tracer->waiting_count = 0;
}
