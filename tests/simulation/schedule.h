/*
 * What is to happen when, in virtual milliseconds. Events of the same time
 * come in the order in which they were put in, so a seed plays one way only.
 *
 * Owns the bytes of its events; `subject` is borrowed.
 */
#ifndef CHAT_TESTS_SIMULATION_SCHEDULE_H
#define CHAT_TESTS_SIMULATION_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum event_kind {
    EVENT_OPEN,          /* a link's handshake has ended */
    EVENT_TO_SERVER,     /* a frame arrives */
    EVENT_TO_CLIENT,     /* a frame arrives */
    EVENT_CLIENT_CLOSED, /* the client hears that its link has ended */
    EVENT_SERVER_CLOSED, /* the server hears it */
    EVENT_WRITABLE,      /* a slow reader has read */
    EVENT_EXECUTE,       /* the store carries a job out */
    EVENT_COMPLETE,      /* ... and answers it */
    EVENT_REQUEST,       /* DynamoDB carries a request out */
    EVENT_RESPONSE,      /* ... and its answer arrives */
    EVENT_POSTED,        /* a store's completion runs */
    EVENT_PASS,          /* the end of a server's loop pass */
    EVENT_TICK,          /* a server's clock */
    EVENT_START,         /* a server comes up */
    EVENT_HINT,          /* one server tells another of an append */
    EVENT_NOTICE,        /* what the bus carries arrives */
    EVENT_BUS,           /* it goes down, or lies */
    EVENT_CACHE_SET,     /* a value reaches the cache */
    EVENT_CACHE_GET,     /* ... and an answer of it a server */
    EVENT_WAKE,          /* a session's deadline */
    EVENT_ACT,           /* a program does something */
    EVENT_FAULT,         /* something breaks */
    EVENT_FOREIGN,       /* a server of a later version appends */
    EVENT_OPERATE,       /* an operator does something */
    EVENT_HEAL           /* the faults stop */
};

struct event {
    int64_t at;
    uint64_t order;
    enum event_kind kind;
    unsigned int number;
    void *subject;
    char *bytes; /* owned, or NULL */
    size_t length;
};

struct schedule {
    struct event *heap;
    size_t count;
    size_t capacity;
    uint64_t order;
};

/* Takes the bytes over. */
void schedule_put(struct schedule *schedule, struct event event);

/* The next event, now the caller's with its bytes; false: there is none. */
bool schedule_take(struct schedule *schedule, struct event *event);

void schedule_release(struct schedule *schedule);

#endif
