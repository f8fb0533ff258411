/*
 * Shared by dynamodb*.c only: the store's own struct, requests with their
 * tries, groups of requests, and the replicas of rooms.
 *
 * Loop thread only.
 */
#ifndef CHAT_SERVER_STORE_DYNAMODB_PRIVATE_H
#define CHAT_SERVER_STORE_DYNAMODB_PRIVATE_H

#include "server/store/dynamodb.h"
#include "server/store/dynamodb_body.h"
#include "server/table.h"

struct chat__dynamodb_room;

struct chat__dynamodb {
    struct chat__store base;
    struct chat__dynamodb_options options;
    char prefix[CHAT__DYNAMODB_PREFIX_BYTES_MAX + 1];
    const char *problem_table; /* NULL: no problem */
    char problem[CHAT__DYNAMODB_PROBLEM_BYTES];
    size_t waiting;     /* requests of the core that were not answered */
    uint64_t next_user; /* of the block that was taken; end: none left */
    uint64_t user_end;
    struct chat__table rooms; /* by name */
    uint64_t hash_seed;
    struct chat__dynamodb_room *idle_first; /* that nobody holds, */
    struct chat__dynamodb_room *idle_last;  /* the longest first */
};

/* Counts a request of the core; false: too many wait, it is to be BUSY. */
bool chat__dynamodb_admit(struct chat__dynamodb *store);
/* It has its result, whether it was admitted or not. */
void chat__dynamodb_complete(struct chat__dynamodb *store,
                             struct chat__completion *completion);

/* ---- what does not work: dynamodb_problem.c ---- */

/* `table` is a constant without the prefix, `error` as DynamoDB names it. */
void chat__dynamodb_refused(struct chat__dynamodb *store, const char *table,
                            const char *error);
void chat__dynamodb_unanswered(struct chat__dynamodb *store, const char *table);
void chat__dynamodb_worked(struct chat__dynamodb *store, const char *table);

/* Asks a table for an item that it does not have: dynamodb_tables.c. */
void chat__dynamodb_table_get(struct chat__dynamodb_body *body,
                              const struct chat__dynamodb *store,
                              const char *table);

/* ---- requests: dynamodb_call.c ---- */

enum chat__dynamodb_outcome {
    CHAT__DYNAMODB_OK,
    CHAT__DYNAMODB_CONDITION, /* it did not hold: nothing was written */
    CHAT__DYNAMODB_BUSY,      /* throttled to the last: nothing was written */
    CHAT__DYNAMODB_FAILED     /* its fate is not known, or it can never work */
};

struct chat__dynamodb_answer {
    enum chat__dynamodb_outcome outcome;
    cJSON *json; /* OK: the answer; CONDITION: has "Item" if asked for */
};

typedef void chat__dynamodb_done(void *context,
                                 const struct chat__dynamodb_answer *answer);

/*
 * Ends the body, takes it over and sends it, again as long as that helps.
 * `done` is called once, before the return when memory is short. What the
 * answer points to lives until `done` returns.
 */
void chat__dynamodb_ask(struct chat__dynamodb *store, const char *operation,
                        struct chat__dynamodb_body *body,
                        chat__dynamodb_done *done, void *context);

/* The same, `delay_ms` from now. */
void chat__dynamodb_ask_later(struct chat__dynamodb *store,
                              const char *operation,
                              struct chat__dynamodb_body *body,
                              int64_t delay_ms, chat__dynamodb_done *done,
                              void *context);

enum chat__store_result
chat__dynamodb_result(enum chat__dynamodb_outcome outcome);

/*
 * Requests that run at once. `done` is called when all that were asked between
 * begin and end have been answered, with the worst of their outcomes in
 * `worst`; CONDITION counts as OK there. `each` may be NULL, and may ask more.
 */
struct chat__dynamodb_group {
    struct chat__dynamodb *store;
    size_t pending;
    enum chat__dynamodb_outcome worst;
    void (*done)(struct chat__dynamodb_group *group);
};

void chat__dynamodb_group_begin(struct chat__dynamodb_group *group,
                                struct chat__dynamodb *store,
                                void (*done)(struct chat__dynamodb_group *));
void chat__dynamodb_group_ask(struct chat__dynamodb_group *group,
                              const char *operation,
                              struct chat__dynamodb_body *body,
                              chat__dynamodb_done *each, void *context);
/* Memory was short, or what was read cannot be. */
void chat__dynamodb_group_fail(struct chat__dynamodb_group *group);
/* The result of work of another kind. */
void chat__dynamodb_group_note(struct chat__dynamodb_group *group,
                               enum chat__store_result result);
/* For work of another kind that the group waits for: one end each. */
void chat__dynamodb_group_hold(struct chat__dynamodb_group *group);
void chat__dynamodb_group_end(struct chat__dynamodb_group *group);

/* ---- chunks: dynamodb_chunk.c ---- */

/*
 * A chunk as it was read: entries that point into `item`, which it owns. Their
 * bytes are not parsed, so `text` is not set.
 */
struct chat__dynamodb_chunk {
    cJSON *item;
    uint64_t key; /* of the item: 0 or the first seq */
    uint64_t last;
    const char *writer;
    const char *epoch; /* NULL unless the room begins here */
    bool private_room;
    struct chat__store_entry *entries;
    size_t count;
    uint64_t *mentions; /* of all entries */
};

/* False when the item is no chunk, or memory is short. Takes the item over. */
bool chat__dynamodb_chunk_read(struct chat__dynamodb_chunk *chunk, cJSON *item);
void chat__dynamodb_chunk_release(struct chat__dynamodb_chunk *chunk);

/* Whether an entry's bytes are a message: they were encoded by event.h. */
bool chat__dynamodb_is_message(const char *bytes, size_t length);

/* Asks for chunks: keys from `from` to `to`, `limit` of them, 0: any number. */
void chat__dynamodb_chunk_query(struct chat__dynamodb_body *body,
                                const struct chat__dynamodb *store,
                                const char *room, uint64_t from, uint64_t to,
                                bool backward, size_t limit);

/* The request that puts an append's chunk if its key is new. */
void chat__dynamodb_chunk_put(struct chat__dynamodb_body *body,
                              const struct chat__dynamodb *store,
                              const struct chat__store_append *append,
                              const char *writer);

/* ---- rooms: dynamodb_room.c ---- */

/* What the replica remembers of the newest entries. */
struct chat__dynamodb_recent {
    uint64_t user;
    uint64_t n;
    int64_t ts;
    char key[CHAT__KEY_BYTES_MAX + 1];
    unsigned char digest[CHAT__BODY_DIGEST_BYTES];
};

/*
 * Somebody who waits for a room, in turn: what is waited for is this room, with
 * a catching up that began after the question. `ready` holds a reference and
 * gives it back. With OK the room may be one that nobody has made.
 */
struct chat__dynamodb_waiter {
    struct chat__dynamodb_waiter *next;
    void (*ready)(struct chat__dynamodb_waiter *waiter,
                  enum chat__store_result result);
};

/*
 * The replica of a room: the fold of its log up to `head`, whose projections
 * have been made. `loaded` is false before the first catching up, and after
 * anything whose fate is not known.
 */
struct chat__dynamodb_room {
    struct chat__table_link link; /* by its name */
    struct chat__dynamodb_room *idle_previous;
    struct chat__dynamodb_room *idle_next;
    struct chat__dynamodb *store;
    size_t references;
    bool loaded;
    bool exists;
    bool private_room;
    char epoch[CHAT__EPOCH_BYTES_MAX + 1];
    char *topic; /* NULL: none */
    uint64_t head;
    uint64_t n;
    int64_t last_ts;
    struct chat__store_standing *standings; /* by user */
    size_t standing_count;
    size_t standing_capacity;
    struct chat__dynamodb_recent *recent; /* the last one is of `head` */
    size_t recent_count;
    size_t recent_capacity;
    unsigned int chunks_since_snapshot;

    /* One at a time works with the room: an append, or a catching up. */
    bool busy;
    struct chat__dynamodb_waiter *waiters; /* for a catching up, newest first */
    struct chat__dynamodb_append_job *appends; /* in order */
    struct chat__dynamodb_append_job *appends_last;
    char name[];
};

/* One more reference; NULL when memory is short. */
struct chat__dynamodb_room *
chat__dynamodb_room_get(struct chat__dynamodb *store, const char *name);
void chat__dynamodb_room_hold(struct chat__dynamodb_room *room);
void chat__dynamodb_room_release(struct chat__dynamodb_room *room);
void chat__dynamodb_rooms_free(struct chat__dynamodb *store);

/* Forgets what it knows: the next to use it begins with the snapshot. */
void chat__dynamodb_room_forget(struct chat__dynamodb_room *room);

void chat__dynamodb_room_await(struct chat__dynamodb_room *room,
                               struct chat__dynamodb_waiter *waiter);
/* Begins what is due, when nobody has the room. */
void chat__dynamodb_room_start(struct chat__dynamodb_room *room);
/* Who had the room for itself lets it go. */
void chat__dynamodb_room_next(struct chat__dynamodb_room *room);

/* NONE for one who does not stand to it. */
enum chat__role chat__dynamodb_room_role(const struct chat__dynamodb_room *room,
                                         uint64_t user);
uint64_t chat__dynamodb_room_members(const struct chat__dynamodb_room *room);
/* Where user would be among the standings. */
size_t chat__dynamodb_room_slot(const struct chat__dynamodb_room *room,
                                uint64_t user);

/*
 * One of the newest entries by its seq or its key, NULL: it is not among them.
 * The oldest of them is at chat__dynamodb_room_recent_from.
 */
uint64_t
chat__dynamodb_room_recent_from(const struct chat__dynamodb_room *room);
const struct chat__dynamodb_recent *
chat__dynamodb_room_at(const struct chat__dynamodb_room *room, uint64_t seq);
bool chat__dynamodb_room_key(const struct chat__dynamodb_room *room,
                             uint64_t user, const char *key,
                             struct chat__store_keyed *entry);

/*
 * Entries behind the head go into the replica; false when memory is short, and
 * then the replica is to be forgotten. `epoch` not NULL: the room begins.
 */
bool chat__dynamodb_room_begin(struct chat__dynamodb_room *room,
                               const char *epoch, bool private_room);
bool chat__dynamodb_room_apply(struct chat__dynamodb_room *room,
                               const struct chat__store_entry *entries,
                               size_t count);

/* ---- catching up: dynamodb_catch_up.c ---- */

/*
 * Reads the log behind the head to its end, applies and projects it. Whoever
 * has the room for itself calls it; `done` may be called before the return.
 */
void chat__dynamodb_catch_up(struct chat__dynamodb_room *room,
                             void (*done)(void *context,
                                          enum chat__store_result result),
                             void *context);

/* ---- snapshots: dynamodb_snapshot.c ---- */

/* Into the replica, when there is one; the group waits for it. */
void chat__dynamodb_snapshot_load(struct chat__dynamodb_group *group,
                                  struct chat__dynamodb_room *room);

/*
 * When it is time: all projections up to the head must have been made. Whether
 * it works does not matter, the next one will. `done` may be called before the
 * return.
 */
void chat__dynamodb_snapshot_save(struct chat__dynamodb_room *room,
                                  void (*done)(void *context), void *context);

/* ---- projections: dynamodb_project.c, dynamodb_fold.c ---- */

/*
 * Makes what entries project. It is called when the entries are in the replica,
 * `before` is how users stood before them, for each standing of each entry in
 * order. The entries stay until `done`.
 */
struct chat__dynamodb_projection {
    struct chat__dynamodb_room *room;
    const struct chat__store_entry *entries;
    size_t count;
    bool begins; /* the room begins with them */
    const enum chat__role *before;
    void (*done)(void *context, enum chat__store_result result);
    void *context;
};

void chat__dynamodb_project(const struct chat__dynamodb_projection *projection);

/* How the standings of the entries are now, for `before`; free it. */
bool chat__dynamodb_standings_before(const struct chat__dynamodb_room *room,
                                     const struct chat__store_entry *entries,
                                     size_t count, enum chat__role **before);

/* The folds among the entries. */
void chat__dynamodb_project_folds(struct chat__dynamodb_group *group,
                                  struct chat__dynamodb_room *room,
                                  const struct chat__store_entry *entries,
                                  size_t count);

/*
 * Takes the texts of entries out of their chunks: dynamodb_erase.c. The group
 * waits for it.
 */
void chat__dynamodb_erase(struct chat__dynamodb_group *group,
                          struct chat__dynamodb_room *room,
                          const uint64_t *seqs, size_t count);

/* ---- operations ---- */

#define CHAT__DYNAMODB_CLAIM_SIZE                                              \
    (CHAT__ROOM_NAME_BYTES_MAX + CHAT__USER_ID_BYTES_MAX +                     \
     CHAT__KEY_BYTES_MAX + 3)

/* The id of a key's claim. */
void chat__dynamodb_claim_id(char *id, size_t size, const char *room,
                             uint64_t user, const char *key);

void chat__dynamodb_append(struct chat__store *store,
                           struct chat__store_append *request);
/* It has the room for itself. */
void chat__dynamodb_append_run(struct chat__dynamodb_append_job *job);
struct chat__dynamodb_append_job *
chat__dynamodb_append_next(struct chat__dynamodb_append_job *job);

/*
 * Looks for keys in the log of a room from `from` to its replica's head:
 * dynamodb_search.c. Whoever holds the room may call it.
 */
struct chat__dynamodb_wanted {
    uint64_t user;
    const char *key;
    bool skip;                      /* not looked for */
    struct chat__store_keyed entry; /* out: seq 0 when it is not there */
};

void chat__dynamodb_search(struct chat__dynamodb_room *room, uint64_t from,
                           struct chat__dynamodb_wanted *wanted, size_t count,
                           void (*done)(void *context,
                                        enum chat__store_result result),
                           void *context);

/* ---- users: dynamodb_user.c ---- */

/* Ids are taken in blocks: the item of `user-counter` with the last one. */
#define CHAT__DYNAMODB_USER_BLOCK   100
#define CHAT__DYNAMODB_USER_COUNTER "users"

/* The key of a user's profile, as the object `Key`; and what gets it. */
void chat__dynamodb_user_key(struct chat__writer *writer, uint64_t user);
void chat__dynamodb_user_get(struct chat__dynamodb_body *body,
                             const struct chat__dynamodb *store, uint64_t user);

/*
 * All items of a user, the profile first, then the rooms by name. What `done`
 * gets is valid until it returns; `profile` is NULL when there is no such user.
 */
struct chat__dynamodb_user_items {
    enum chat__store_result result;
    const cJSON *profile;
    const cJSON *items; /* an array, with the profile */
};

void chat__dynamodb_user_query(
    struct chat__dynamodb *store, uint64_t user,
    void (*done)(void *context, const struct chat__dynamodb_user_items *),
    void *context);

/*
 * The same, after the rooms that are marked have been opened: dynamodb_mark.c.
 * `mark` marks those whom entries ask to a room, and the group waits for that.
 */
void chat__dynamodb_user_current(
    struct chat__dynamodb *store, uint64_t user,
    void (*done)(void *context, const struct chat__dynamodb_user_items *),
    void *context);
void chat__dynamodb_mark(struct chat__dynamodb_group *group,
                         const struct chat__dynamodb_room *room,
                         const struct chat__store_entry *entries, size_t count);

/* The room that an item of a user is about; NULL: it is no room's. */
const char *chat__dynamodb_user_room_name(const cJSON *item);

/* A room's item of a user. NULL when it is no room's, or one with no role. */
const char *chat__dynamodb_user_room(const cJSON *item, enum chat__role *role);
/* The marker and the mentions behind it. */
void chat__dynamodb_user_marker(const cJSON *item, uint64_t *read,
                                uint64_t *read_n, uint64_t *mentions);
uint64_t chat__dynamodb_user_revision(const cJSON *items);
/* How many rooms the user is a member of. */
uint64_t chat__dynamodb_user_rooms(const cJSON *items);

/*
 * A new guest or account, as the request has it: dynamodb_new_user.c. With OK
 * `user` is who it is, maybe one whom another task has just made of this key;
 * TAKEN: another task has just made an account of this name.
 */
void chat__dynamodb_make_user(
    struct chat__dynamodb *store, const struct chat__store_sign_in *request,
    void (*done)(void *context, enum chat__store_result result, uint64_t user),
    void *context);

/* The key of a room's item of a user, as the object `Key`. */
void chat__dynamodb_user_room_key(struct chat__writer *writer, uint64_t user,
                                  const char *room);

/* The request that gets a name: of a kind, "account" or "guest". */
void chat__dynamodb_name_get(struct chat__dynamodb_body *body,
                             const struct chat__dynamodb *store,
                             const char *kind, const char *name);

/* ---- tokens: dynamodb_token.c ---- */

#define CHAT__DYNAMODB_HASH_SIZE (2 * CHAT__TOKEN_HASH_BYTES + 1)

/* Requests about a token: to get it, to put it, to move its end. */
void chat__dynamodb_token_get(struct chat__dynamodb_body *body,
                              const struct chat__dynamodb *store,
                              const unsigned char *hash);
void chat__dynamodb_token_put(struct chat__dynamodb_body *body,
                              const struct chat__dynamodb *store,
                              const unsigned char *hash, uint64_t user,
                              int64_t expires_ms, const char *generation);
void chat__dynamodb_token_slide(struct chat__dynamodb_body *body,
                                const struct chat__dynamodb *store,
                                const unsigned char *hash, int64_t expires_ms);
/* And the one that notes that a user was here. */
void chat__dynamodb_user_seen(struct chat__dynamodb_body *body,
                              const struct chat__dynamodb *store,
                              const cJSON *profile, uint64_t user,
                              int64_t now_ms);
/* Tokens of before their user's last change of generation have ended. */
bool chat__dynamodb_token_is_of(const cJSON *token, const cJSON *profile);

void chat__dynamodb_find_key(struct chat__store *store,
                             struct chat__store_find_key *request);
void chat__dynamodb_open_room(struct chat__store *store,
                              struct chat__store_open_room *request);
void chat__dynamodb_read_log(struct chat__store *store,
                             struct chat__store_read_log *request);
void chat__dynamodb_find_message(struct chat__store *store,
                                 struct chat__store_find_message *request);
void chat__dynamodb_list_members(struct chat__store *store,
                                 struct chat__store_list_members *request);
void chat__dynamodb_list_rooms(struct chat__store *store,
                               struct chat__store_list_rooms *request);
void chat__dynamodb_sign_in(struct chat__store *store,
                            struct chat__store_sign_in *request);
void chat__dynamodb_find_account(struct chat__store *store,
                                 struct chat__store_find_account *request);
void chat__dynamodb_find_user(struct chat__store *store,
                              struct chat__store_find_user *request);
void chat__dynamodb_end_tokens(struct chat__store *store,
                               struct chat__store_end_tokens *request);
void chat__dynamodb_keep_session(struct chat__store *store,
                                 struct chat__store_keep_session *request);
void chat__dynamodb_idle_guests(struct chat__store *store,
                                struct chat__store_idle_guests *request);
void chat__dynamodb_mark_read(struct chat__store *store,
                              struct chat__store_mark_read *request);
void chat__dynamodb_heads(struct chat__store *store,
                          struct chat__store_heads *request);
void chat__dynamodb_list_users(struct chat__store *store,
                               struct chat__store_list_users *request);
void chat__dynamodb_set_banned(struct chat__store *store,
                               struct chat__store_set_banned *request);
void chat__dynamodb_room_heads(struct chat__store *store,
                               struct chat__store_room_heads *request);
void chat__dynamodb_probe(struct chat__store *store,
                          struct chat__store_probe *request);

#endif
