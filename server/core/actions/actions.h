/*
 * The handlers of the action table and what each keeps while it waits. Every
 * struct begins with its operation and owns its request to the store.
 */
#ifndef CHAT_SERVER_CORE_ACTIONS_ACTIONS_H
#define CHAT_SERVER_CORE_ACTIONS_ACTIONS_H

#include "server/core/append.h"
#include "server/core/operation.h"
#include "server/core/secret.h"
#include "server/core/user.h"

/* One position of hello's `resume`. */
struct chat__resume {
    struct chat__room *room; /* referenced; NULL: cannot be resumed */
    uint64_t next;           /* the next seq to read */
    uint64_t to;             /* the last one */
    size_t offset;           /* its entries in `missed` */
    size_t length;
};

struct chat__hello_operation {
    struct chat__operation operation;
    struct chat__store_sign_in sign_in;
    struct chat__sign_in in_flight;
    char token[CHAT__BASE64URL_SIZE(CHAT__TOKEN_RANDOM_BYTES)]; /* guest's */
    struct chat__resume *resumes;
    size_t resume_count;
    size_t resume_at; /* the one that is read */
    struct chat__store_read_log read;
    struct chat__buffer missed; /* NDJSON that follows the reply */
};

struct chat__join_operation {
    struct chat__operation operation;
    struct chat__store_read_log read;
    uint64_t held_next; /* `next` of the subscription that it holds, or 0 */
    uint64_t to;        /* the page's head */
    bool continues;     /* the page shall begin right behind `since` */
};

struct chat__history_operation {
    struct chat__operation operation;
    struct chat__store_read_log read;
    uint64_t head; /* the room's when it was asked */
};

struct chat__read_operation {
    struct chat__operation operation;
    struct chat__store_mark_read mark;
};

struct chat__rooms_operation {
    struct chat__operation operation;
    struct chat__store_list_rooms list;
};

struct chat__ping_operation {
    struct chat__operation operation;
    struct chat__store_heads heads;
    int64_t now;
};

void chat__hello_start(struct chat__operation *operation);

/* Called when all rooms of the user are loaded. */
void chat__hello_resume(struct chat__hello_operation *hello);
void chat__hello_resume_release(struct chat__hello_operation *hello);
/* Called when what was missed is read: answers and subscribes. */
void chat__hello_finish(struct chat__hello_operation *hello);
/* Refuses, and takes back what the hello began. */
void chat__hello_fail(struct chat__hello_operation *hello,
                      enum chat__store_result result);

void chat__rooms_start(struct chat__operation *operation);
void chat__history_start(struct chat__operation *operation);
void chat__read_start(struct chat__operation *operation);
void chat__typing_start(struct chat__operation *operation);
void chat__ping_start(struct chat__operation *operation);

void chat__join_check(const struct chat__operation *operation,
                      const struct chat__view *view,
                      struct chat__outcome *outcome);
void chat__join_committed(struct chat__operation *operation,
                          const struct chat__committed *entry);
void chat__join_unchanged(struct chat__operation *operation);

void chat__leave_check(const struct chat__operation *operation,
                       const struct chat__view *view,
                       struct chat__outcome *outcome);
void chat__leave_committed(struct chat__operation *operation,
                           const struct chat__committed *entry);
void chat__leave_unchanged(struct chat__operation *operation);

void chat__send_check(const struct chat__operation *operation,
                      const struct chat__view *view,
                      struct chat__outcome *outcome);
void chat__send_committed(struct chat__operation *operation,
                          const struct chat__committed *entry);

#endif
