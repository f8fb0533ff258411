/*
 * A client's connection, and its session once hello was answered.
 *
 * It is in the core's table, and in one list: the core's `greeting` while it
 * has no user, else its user's. It owns its subscriptions. Operations point to
 * it and are cut off when it goes (operation.h). `closing` means that the front
 * was told to close: nothing is sent or taken any more, the front's disconnect
 * frees it.
 */
#ifndef CHAT_SERVER_CORE_CONNECTION_H
#define CHAT_SERVER_CORE_CONNECTION_H

#include "server/core/rate.h"
#include "server/core/secret.h"
#include "server/core/state.h"

/* Requests of one connection that wait for an answer, of all kinds, and those
 * of them that make no entry. */
#define CHAT__CONNECTION_OPERATIONS_MAX 512
#define CHAT__CONNECTION_READS_MAX      32

/* Refusals in a row that end a connection. */
#define CHAT__STRIKES_MAX 10

/* docs/protocol.md, "Events". */
enum chat__close_code {
    CHAT__CLOSE_DRAIN = 4001,
    CHAT__CLOSE_KICKED = 4010,
    CHAT__CLOSE_SIGNED_OUT = 4500,
    CHAT__CLOSE_BAD_REQUESTS = 4501,
    CHAT__CLOSE_NO_HELLO = 4502,
    CHAT__CLOSE_BANNED = 4503,
    CHAT__CLOSE_VERSION = 4505
};

#define CHAT__BANNED_MESSAGE "an operator has banned you from this server"

struct chat__connection {
    struct chat__table_link link; /* in the core's table, by number */
    struct chat__core *core;
    uint64_t number;
    int64_t since_ms; /* monotonic */
    void *handle;     /* the front's */
    const char *name; /* API Gateway's id of it, the front's; NULL: none */
    void *ticket;     /* of the request at hand, until an operation has it */
    struct chat__user *user;
    struct chat__connection *previous; /* in greeting or in the user */
    struct chat__connection *next;
    struct chat__operation *operations;
    struct chat__subscription **subscriptions;
    struct chat__buckets buckets;
    uint64_t id;                 /* random: observer.h */
    struct chat__remote *remote; /* NULL: none */
    struct chat__meter *address; /* NULL: the front does not know it */
    int64_t greeting_ms;         /* monotonic, when hello became due */
    int64_t kept_ms; /* monotonic, when the store last heard of its session */
    unsigned char session[CHAT__SESSION_BYTES];
    unsigned char token_hash[CHAT__TOKEN_HASH_BYTES]; /* of the session */
    unsigned char kept_address[CHAT__ADDRESS_BYTES];  /* the directory's */
    uint32_t request_count;
    uint16_t subscription_count;
    uint16_t subscription_capacity;
    uint16_t operation_count;
    uint8_t front; /* index into core->fronts */
    uint8_t strikes;
    bool hello; /* one is being worked on */
    bool ready; /* hello was answered: it has a session */
    bool closing;
    bool keeps_address;
};

static inline const struct chat__front_operations *
chat__connection_front(const struct chat__connection *connection)
{
    return connection->core->fronts[connection->front];
}

/* Its clients are reached by the relay: core.h, chat__front_operations. */
static inline bool
chat__connection_is_relayed(const struct chat__connection *connection)
{
    return chat__connection_front(connection)->reply != NULL;
}

/* Its hello was answered, or it has to say hello again. */
void chat__connection_set_ready(struct chat__connection *connection,
                                bool ready);

/* Takes the user's reference over from the caller. */
void chat__connection_sign_in(struct chat__connection *connection,
                              struct chat__user *user);
/* Back to before hello. */
void chat__connection_sign_out(struct chat__connection *connection);

/* Of API Gateway's: its session is looked for again by its next request. */
void chat__connection_hand_back(struct chat__connection *connection);

/* Counts a bad request; ten in a row close the connection. */
void chat__connection_strike(struct chat__connection *connection);

/* Delivers what its rooms hold, then ends its subscriptions. */
void chat__connection_quiet(struct chat__connection *connection);

/* Delivers what its rooms hold, tells why, and has the front close. */
void chat__connection_close(struct chat__connection *connection,
                            enum chat__close_code code, const char *message);

/* Closes it because memory is short, so that it comes back and resumes. */
void chat__connection_give_up(struct chat__connection *connection);

/* Closes the connections whose hello is overdue. Returns when the next is. */
int64_t chat__connection_expire(struct chat__core *core, int64_t now_ms);

/* While the core drains: closes it unless an answer is still due. */
void chat__connection_drain(struct chat__connection *connection);

#endif
