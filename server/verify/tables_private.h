/*
 * Shared by tables*.c only. Requests are waited for, so a check reads like one
 * of a file; after the first that fails, all do nothing.
 */
#ifndef CHAT_SERVER_VERIFY_TABLES_PRIVATE_H
#define CHAT_SERVER_VERIFY_TABLES_PRIVATE_H

#include "server/store/dynamodb_fold.h"
#include "server/store/dynamodb_private.h"
#include "server/verify/tables.h"
#include "server/verify/verify_private.h"

/* A name that is a room's, or should be. */
struct chat__verify_room {
    char name[CHAT__ROOM_NAME_BYTES_MAX + 1];
    bool has_log;
    uint64_t items; /* of users who stand to it, as the table of users says */
};

struct chat__verify_tables {
    struct chat__verify base; /* findings; no database */
    const struct chat__verify_tables_options *options;
    struct chat__dynamodb *store;
    bool failed;     /* a request, or memory: `problem` may say more */
    uint64_t *users; /* sorted ids of those who have a profile */
    size_t user_count;
    size_t user_capacity;
    struct chat__verify_room *rooms; /* sorted by name when all are read */
    size_t room_count;
    size_t room_capacity;
};

#define FIND(tables, ...) chat__verify_find(&(tables)->base, __VA_ARGS__)

/* Waits for the answer, which is the caller's; NULL after a failure. */
cJSON *chat__verify_ask(struct chat__verify_tables *tables,
                        const char *operation,
                        struct chat__dynamodb_body *body);

/* Waits for all that were asked of the group. */
void chat__verify_await(struct chat__verify_tables *tables,
                        struct chat__dynamodb_group *group);
void chat__verify_group_begin(struct chat__verify_tables *tables,
                              struct chat__dynamodb_group *group);

/*
 * One more in an array that grows; NULL, and failed, when memory is short. The
 * new element is not set.
 */
void *chat__verify_grow(struct chat__verify_tables *tables, void *array,
                        size_t count, size_t *capacity, size_t size);

bool chat__verify_is_user(const struct chat__verify_tables *tables,
                          uint64_t user);
struct chat__verify_room *
chat__verify_find_room(const struct chat__verify_tables *tables,
                       const char *name);

/* ---- one room: tables_log.c ---- */

/* One who ever stood to the room. */
struct chat__verify_stood {
    uint64_t user;
    enum chat__role role;
    uint64_t at;     /* when that was given */
    uint64_t base;   /* when the user last came to a list of rooms */
    uint64_t base_n; /* messages up to there */
};

struct chat__verify_key {
    unsigned char hash[16];
    uint64_t seq;
};

/* An entry of a log by its seq, for what later entries do to it. */
struct chat__verify_text {
    uint64_t seq;
    bool erased;
};

struct chat__verify_log {
    struct chat__verify_tables *tables;
    const char *name;
    struct chat__dynamodb_room *room;     /* the fold of the log so far */
    struct chat__dynamodb_room *snapshot; /* as the table has it */
    bool compared;                        /* it has been, or there is none */
    bool whole; /* nothing was missing or unreadable: all else is known */
    struct chat__verify_stood *stood; /* by user */
    size_t stood_count;
    size_t stood_capacity;
    struct chat__verify_key *keys;
    size_t key_count;
    size_t key_capacity;
    struct chat__dynamodb_fold *folds; /* by ref */
    size_t fold_count;
    size_t fold_capacity;
    struct chat__verify_text *texts; /* messages and edits, by seq */
    size_t text_count;
    size_t text_capacity;
};

/* Reads a log with its keys and texts, then calls what is below. */
void chat__verify_table_log(struct chat__verify_tables *tables,
                            const struct chat__verify_room *room);

/* An entry: tables_entry.c. */
void chat__verify_table_entry(struct chat__verify_log *log,
                              const struct chat__store_entry *entry);

/* What is projected from a log: tables_room.c, tables_fold.c. */
void chat__verify_table_snapshot(struct chat__verify_log *log);
void chat__verify_table_room(struct chat__verify_log *log);
void chat__verify_table_users(struct chat__verify_log *log);
bool chat__verify_fold_entry(struct chat__verify_log *log,
                             const struct chat__store_entry *entry);
void chat__verify_table_folds(struct chat__verify_log *log);

#endif
