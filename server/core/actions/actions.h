/*
 * The handlers of the action table and what each keeps while it waits. Every
 * struct begins with its operation and owns its request to the store.
 */
#ifndef CHAT_SERVER_CORE_ACTIONS_ACTIONS_H
#define CHAT_SERVER_CORE_ACTIONS_ACTIONS_H

#include "server/core/append.h"
#include "server/core/credential.h"
#include "server/core/lookup.h"
#include "server/core/operation.h"
#include "server/core/secret.h"
#include "server/core/sign_in.h"
#include "server/core/user.h"

/* What follows hello's reply where each frame is a request of its own: more
 * than that is paged. */
#define CHAT__RESUME_RELAYED_BYTES_MAX (128 * 1024)

/* One position of hello's `resume`. */
struct chat__resume {
    struct chat__room *room; /* referenced; NULL: cannot be resumed */
    uint64_t missed;         /* entries */
    uint64_t next;           /* the next seq to read */
    uint64_t to;             /* the last one */
    size_t offset;           /* its entries in `missed` */
    size_t length;
};

struct chat__hello_operation {
    struct chat__operation operation;
    struct chat__proof proof; /* login, register; a guest's skeleton */
    struct chat__store_sign_in sign_in;
    struct chat__sign_in in_flight;
    unsigned int sign_ins; /* asked again, since it was old */
    char token[CHAT__BASE64URL_SIZE(CHAT__TOKEN_RANDOM_BYTES)]; /* a new one */
    bool adopted;   /* the client said it to another task */
    bool refreshed; /* the rooms that were behind are read anew */
    struct chat__resume *resumes;
    size_t resume_count;
    size_t resume_at; /* the one that is read */
    struct chat__store_read_log read;
    struct chat__buffer missed; /* NDJSON that follows the reply */
};

struct chat__logout_operation {
    struct chat__operation operation;
    struct chat__store_end_tokens end;
};

struct chat__password_operation {
    struct chat__operation operation;
    struct chat__proof proof;
    struct chat__store_end_tokens end;
    char token[CHAT__BASE64URL_SIZE(CHAT__TOKEN_RANDOM_BYTES)];
};

/* Also dm, which is about a user. */
struct chat__join_operation {
    struct chat__about_operation about;
    struct chat__store_read_log read;
    uint64_t since;     /* when the page continues */
    uint64_t held_next; /* `next` of the subscription that it holds, or 0 */
    uint64_t to;        /* the page's head */
    uint64_t known;     /* the entry by which the user came in; 0: a member */
    bool continues;     /* the page shall begin right behind `since` */
};

struct chat__send_operation {
    struct chat__operation operation;
    uint64_t mentions[CHAT__MENTIONS_MAX]; /* of members, when it was judged */
};

struct chat__members_operation {
    struct chat__operation operation;
    struct chat__store_list_members list;
};

struct chat__history_operation {
    struct chat__operation operation;
    struct chat__store_read_log read;
    uint64_t head; /* the room's when it was asked */
};

struct chat__read_operation {
    struct chat__operation operation;
    struct chat__store_mark_read mark;
    uint64_t mentioned; /* the newest mention when it was asked */
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

/* login and register: proves who asks, then signs in, or refuses. */
void chat__hello_account(struct chat__hello_operation *hello);
/*
 * The name is an account's: refuses, unless this very register, sent before,
 * has made the account since it was looked for.
 */
void chat__hello_taken(struct chat__hello_operation *hello);
void chat__hello_refuse_taken(struct chat__hello_operation *hello);
/* hello->sign_in says who: makes the token, if one is due, and asks. */
void chat__hello_sign_in(struct chat__hello_operation *hello);

/*
 * Leaves the session of an API Gateway's client in the directory, with the
 * token that it has now, and goes on with `then`: the client may be gone.
 */
void chat__enrol(struct chat__operation *operation,
                 void (*then)(struct chat__operation *));
void chat__hello_load_rooms(struct chat__hello_operation *hello);

/* The client said hello elsewhere, by the token of this hash: no reply. */
void chat__hello_adopt(struct chat__operation *operation,
                       const unsigned char hash[CHAT__TOKEN_HASH_BYTES]);
/* That token has ended: nothing is to be delivered there any more. */
void chat__adoption_refused(struct chat__connection *connection);
/* Counts as a bad request. */
void chat__hello_refuse(struct chat__hello_operation *hello,
                        enum chat__error_code code, const char *message);

/* Called when all rooms of the user are loaded. */
void chat__hello_resume(struct chat__hello_operation *hello);
void chat__hello_resume_release(struct chat__hello_operation *hello);
/* Called when what was missed is read: answers and subscribes. */
void chat__hello_finish(struct chat__hello_operation *hello);
/* Refuses, and takes back what the hello began. */
void chat__hello_fail(struct chat__hello_operation *hello,
                      enum chat__store_result result);

void chat__logout_start(struct chat__operation *operation);
void chat__password_start(struct chat__operation *operation);
void chat__presence_start(struct chat__operation *operation);
void chat__rooms_start(struct chat__operation *operation);
void chat__history_start(struct chat__operation *operation);
void chat__members_start(struct chat__operation *operation);
void chat__read_start(struct chat__operation *operation);
void chat__typing_start(struct chat__operation *operation);
void chat__ping_start(struct chat__operation *operation);

/* The checks of keyed actions: `check` of their rows. */
typedef void chat__check(const struct chat__operation *operation,
                         const struct chat__view *view,
                         struct chat__outcome *outcome);

chat__check chat__join_check;
chat__check chat__dm_check;
chat__check chat__leave_check;
chat__check chat__send_check;
chat__check chat__edit_check;
chat__check chat__delete_check;
chat__check chat__react_check;
chat__check chat__topic_check;
chat__check chat__invite_check;
chat__check chat__kick_check;
chat__check chat__ban_check;
chat__check chat__role_check;

/* Also dm's. */
void chat__join_committed(struct chat__operation *operation,
                          const struct chat__committed *entry);
void chat__join_unchanged(struct chat__operation *operation);

#endif
