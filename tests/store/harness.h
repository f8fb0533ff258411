/*
 * A store on a real file in a folder of its own, one on DynamoDB's tables as
 * tests/dynamodb has them, or the fake one that other tests lean on, asked from
 * one thread. The functions that ask wait for the answer; those named _start do
 * not.
 */
#ifndef CHAT_TESTS_STORE_HARNESS_H
#define CHAT_TESTS_STORE_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/completion_queue.h"
#include "server/store/sqlite.h"
#include "tests/core/fake_store.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>

#define NOW_MS    INT64_C(1795363200000)
#define DAY_MS    INT64_C(86400000)
#define EPOCH     "epoch-1"
#define ENTRY_MAX 64

struct harness {
    char folder[64];
    char path[96];
    struct chat__completion_queue queue;
    struct chat__completion_sink sink; /* the queue's, unless replaced */
    int wake;                          /* eventfd */
    struct chat__store *store;
    struct fake_store *fake; /* NULL unless it is the store */
    struct tables *tables;   /* NULL unless the store is on DynamoDB */
    char message[512];       /* why the last open was refused */
    pthread_mutex_t reports_mutex;
    char reports[4096]; /* what the store told the operator, a line each */
};

/* cmocka's set-up and tear-down: a new folder, a store that is open. */
int harness_setup(void **state);
int harness_setup_fake(void **state); /* the fake store, and no folder */
/*
 * DynamoDB's tables: by the model of them, or of the service that the variable
 * CHAT_DYNAMODB_ENDPOINT names, new ones for each test.
 */
int harness_setup_tables(void **state);
int harness_teardown(void **state);

/* Means another file of the folder from now on. */
void harness_name(struct harness *harness, const char *name);

/* Opens the file of the harness; false with `message` when refused. */
bool harness_open(struct harness *harness);
void harness_close(struct harness *harness);

/* Waits for completions and runs them; or does so until `*done`. */
void harness_step(struct harness *harness);
void harness_wait(struct harness *harness, const bool *done);

/* Whether the operator has been told something with `text` in it. */
bool harness_reported(struct harness *harness, const char *text);
void harness_wait_report(struct harness *harness, const char *text);

/* Keeps the writer waiting at the beginning of its next transaction. */
sqlite3 *harness_hold_writer(struct harness *harness);
void harness_let_go(sqlite3 *holder);

/* A request of any kind with a flag beside it. */
struct asked_append {
    struct chat__store_append request; /* first: the completion is in it */
    struct chat__store_entry entries[ENTRY_MAX];
    char keys[ENTRY_MAX][32];
    char bytes[ENTRY_MAX][64];
    bool done;
};

/*
 * Fills a batch for a room: `count` messages of `user` behind `head`, where
 * every entry is a message (n == seq), with keys "k<seq>" and bytes that tell
 * room and seq.
 */
void batch_fill(struct asked_append *batch, const char *room, uint64_t head,
                size_t count, uint64_t user);

/* Gives entries[index] a key of its own choice. */
void batch_key(struct asked_append *batch, size_t index, const char *key);

void batch_start(struct harness *harness, struct asked_append *batch);
enum chat__store_result batch_append(struct harness *harness,
                                     struct asked_append *batch);

/* Makes a public room whose first entry adds `owner`. */
void make_room(struct harness *harness, const char *room, uint64_t owner);

/* Appends `count` messages of user 1; they must be OK. */
void append_messages(struct harness *harness, const char *room, uint64_t head,
                     size_t count);

/* Appends one message by `by` that gives a user a role; it must be OK. */
void append_standing(struct harness *harness, const char *room, uint64_t head,
                     uint64_t by, uint64_t user, enum chat__role role);

/* Gives entries[index] one more standing. */
void batch_standing(struct asked_append *batch, size_t index, uint64_t user,
                    enum chat__role role);

/* These run the request given and return its result. */
enum chat__store_result ask_find_key(struct harness *harness,
                                     struct chat__store_find_key *request);
enum chat__store_result ask_open_room(struct harness *harness,
                                      struct chat__store_open_room *request);
enum chat__store_result ask_read_log(struct harness *harness,
                                     struct chat__store_read_log *request);
enum chat__store_result ask_sign_in(struct harness *harness,
                                    struct chat__store_sign_in *request);
enum chat__store_result
ask_find_message(struct harness *harness,
                 struct chat__store_find_message *request);
enum chat__store_result
ask_find_account(struct harness *harness,
                 struct chat__store_find_account *request);
enum chat__store_result ask_find_user(struct harness *harness,
                                      struct chat__store_find_user *request);
enum chat__store_result ask_end_tokens(struct harness *harness,
                                       struct chat__store_end_tokens *request);
enum chat__store_result
ask_keep_session(struct harness *harness,
                 struct chat__store_keep_session *request);
enum chat__store_result
ask_idle_guests(struct harness *harness,
                struct chat__store_idle_guests *request);
enum chat__store_result
ask_list_members(struct harness *harness,
                 struct chat__store_list_members *request);
enum chat__store_result ask_mark_read(struct harness *harness,
                                      struct chat__store_mark_read *request);
enum chat__store_result ask_list_users(struct harness *harness,
                                       struct chat__store_list_users *request);
enum chat__store_result ask_set_banned(struct harness *harness,
                                       struct chat__store_set_banned *request);
enum chat__store_result ask_list_rooms(struct harness *harness,
                                       struct chat__store_list_rooms *request);
enum chat__store_result ask_heads(struct harness *harness,
                                  struct chat__store_heads *request);

/* The head of a room, or of none: 0. */
uint64_t head_of(struct harness *harness, const char *room);

/*
 * A request to sign in at `now_ms` with a token whose hash is all `token`, for
 * 30 days. Its credential is the token; a name makes it a guest's, with that
 * name as the skeleton too.
 */
struct chat__store_sign_in sign_in_by(unsigned char token, int64_t now_ms);
void sign_in_as(struct chat__store_sign_in *request, const char *name,
                const char *key);

/* Signs in a guest "Ann"; returns the user. */
uint64_t sign_in_guest(struct harness *harness, const char *key,
                       unsigned char token);

#endif
