/*
 * The table of actions: one row each says what a request needs before its
 * handler runs, and how the append treats it. Whoever adds an action adds a
 * row in action.c and a file in actions/.
 */
#ifndef CHAT_SERVER_CORE_ACTION_H
#define CHAT_SERVER_CORE_ACTION_H

#include "server/core/append.h"
#include "server/core/operation.h"
#include "server/core/rate.h"

struct chat__action_row {
    bool session; /* refused before hello */
    enum chat__rate_class rate;
    size_t size;    /* of the operation's struct */
    size_t room_at; /* offset of the request's room, to be loaded; 0: none */
    size_t key_at;  /* offset of its key: it may make an entry; 0: none */
    size_t user_at; /* offset of the user whom it is about; 0: nobody */
    size_t ref_at;  /* offset of the message that it is about; 0: none */
    /* Owns the operation, whose room is loaded, from here on. */
    void (*start)(struct chat__operation *operation);

    /* Keyed only: judge it, and answer and end it after its append ... */
    void (*check)(const struct chat__operation *operation,
                  const struct chat__view *view, struct chat__outcome *outcome);
    void (*committed)(struct chat__operation *operation,
                      const struct chat__committed *entry);
    /* ... or when it was fine without an entry: NONE or CURRENT. */
    void (*unchanged)(struct chat__operation *operation);
};

extern const struct chat__action_row chat__actions[CHAT__ACTION_COUNT];

/* Runs a parsed request, `length` bytes long, and takes it over. */
void chat__action_run(struct chat__connection *connection,
                      struct chat__request *request, size_t length,
                      const struct chat__remote_context *remote);

/* The key of a keyed operation. */
const char *chat__action_key(const struct chat__operation *operation);

/* Whom, and which message, it is about; 0: nobody, none. */
uint64_t chat__action_user(const struct chat__operation *operation);
uint64_t chat__action_ref(const struct chat__operation *operation);

/* The answer to a keyed request other than join and dm. */
void chat__action_committed(struct chat__operation *operation,
                            const struct chat__committed *entry);
void chat__action_unchanged(struct chat__operation *operation);

/*
 * True for a member of operation->room. Else it has refused the operation,
 * which is gone: not_found where the room hides, forbidden elsewhere.
 */
bool chat__action_is_member(struct chat__operation *operation);

#endif
