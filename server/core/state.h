/*
 * What one core holds. Rooms and users own themselves by counted references;
 * the tables here only find them.
 */
#ifndef CHAT_SERVER_CORE_STATE_H
#define CHAT_SERVER_CORE_STATE_H

#include "protocol/buffer.h"
#include "server/core/core.h"
#include "server/table.h"

#include <openssl/types.h>

/* Kinds of fronts that one core serves. */
#define CHAT__FRONTS_MAX 4

/* Bytes of keyed requests that wait, and of missed entries that wait for
 * hello's reply, over all connections: who comes beyond is asked to wait. */
#define CHAT__WAITING_BYTES_MAX      (64 * 1024 * 1024)
#define CHAT__RESUME_BYTES_TOTAL_MAX (64 * 1024 * 1024)

/* Changes of users who are not in memory, remembered for sign-ins in flight;
 * a sign-in that saw more of them asks again. */
#define CHAT__CHANGED_USERS 1024

/* What a request that found the core or the store too busy waits. */
#define CHAT__RETRY_BUSY_MS    500
#define CHAT__RETRY_STORAGE_MS 2000

/* The same of what other tasks say of users: recall.h. */
#define CHAT__NOTICED_USERS 256

struct chat__noticed {
    uint64_t user;
    uint64_t number; /* the newest sign-in at that time */
    unsigned int what;
};

enum chat__lobby {
    CHAT__LOBBY_MISSING, /* the next tick tries to make it */
    CHAT__LOBBY_ASKED,
    CHAT__LOBBY_THERE
};

struct chat__core {
    struct chat__core_options options;
    struct chat__table rooms;
    struct chat__table users;
    struct chat__table meters;
    struct chat__table connections;
    uint64_t connection_number;            /* the newest one's */
    struct chat__meter *meters_idle_first; /* see meter.h */
    struct chat__meter *meters_idle_last;
    size_t meters_idle;
    struct chat__connection *greeting_first; /* no session yet, oldest first */
    struct chat__connection *greeting_last;
    size_t session_count; /* connections that are ready */
    const struct chat__front_operations *fronts[CHAT__FRONTS_MAX];
    size_t outstanding;             /* completions that the store owes */
    struct chat__room *gathering;   /* rooms where requests wait: append.h */
    struct chat__room *dirty;       /* rooms with entries to deliver */
    struct chat__room *hinted;      /* see hint.h */
    struct chat__relayed *relayed;  /* rooms with something to relay */
    struct chat__catch_up *stalled; /* reads that the store was too busy for */
    struct chat__sign_in *sign_in_first; /* in flight, oldest first */
    struct chat__sign_in *sign_in_last;
    uint64_t sign_in_number;
    uint64_t changed[CHAT__CHANGED_USERS]; /* the newest, a ring: sign_in.h */
    uint64_t changed_count;
    struct chat__noticed noticed[CHAT__NOTICED_USERS]; /* a ring: recall.h */
    uint64_t noticed_count;
    struct chat__user *recalled;  /* to be read anew: recall.h */
    unsigned int recalling;       /* users who are, just now */
    struct chat__table elsewhere; /* who is at other tasks: elsewhere.h */
    struct chat__elsewhere *elsewhere_first;
    struct chat__elsewhere *elsewhere_last;
    bool elsewhere_changed;
    int64_t repeated_ms;    /* monotonic, when others last heard who is here */
    uint64_t repeat_cursor; /* of users: how far that came */
    struct chat__spending *spendings; /* spending.h; NULL: none yet */
    bool spends;                      /* some are to be told ... */
    int64_t spending_ms;              /* ... then: monotonic */
    struct chat__watch *watch;        /* a round under way: watch.h */
    int64_t watch_ms;                 /* monotonic, when the next may begin */
    bool missed;                      /* notices of others may have been lost */
    struct chat__user *idle_first;    /* see user.h */
    struct chat__user *idle_last;
    struct chat__stir *stirred_first; /* see presence.h */
    struct chat__stir *stirred_last;
    struct chat__user *parting;
    struct chat__expiry *expiry; /* of guests, while it runs */
    int64_t expiry_ms;           /* monotonic, when it is due again */
    size_t waiting_bytes;
    size_t resume_bytes;
    struct chat__buffer scratch; /* for what is encoded and sent at once */
    uint64_t operator_id;        /* see admin_operator.h; 0: not known yet */
    char operator_skeleton[CHAT__SKELETON_SIZE];
    uint64_t hash_seed;
    EVP_MD_CTX *digest;
    EVP_MD *sha256;
    enum chat__lobby lobby;
    bool lobby_failed; /* when it was last tried */
    bool draining;
};

static inline int64_t chat__wall_ms(const struct chat__core *core)
{
    return core->options.clock.wall_ms(core->options.clock.context);
}

static inline int64_t chat__monotonic_us(const struct chat__core *core)
{
    return core->options.clock.monotonic_us(core->options.clock.context);
}

static inline int64_t chat__monotonic_ms(const struct chat__core *core)
{
    return chat__monotonic_us(core) / 1000;
}

void chat__core_log(struct chat__core *core, const char *event,
                    const char *detail);

#endif
