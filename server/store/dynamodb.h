/*
 * The store of several tasks: tables of DynamoDB. docs/dynamodb.md has the
 * tables, the scheme and why it keeps the promises of store.h; this is what it
 * asks of its owner.
 *
 * All runs on the loop thread: operations send requests by the client and
 * completions are posted from its answers. Nothing is done behind the caller's
 * back: when every request has been answered, nothing is on its way.
 *
 * Requests are tried several times with full jitter; then a request whose fate
 * is known is BUSY (throttled), another FAILED: an append that was FAILED may
 * still come to be, its keys then say so.
 */
#ifndef CHAT_SERVER_STORE_DYNAMODB_H
#define CHAT_SERVER_STORE_DYNAMODB_H

#include "server/store/directory.h"
#include "server/store/dynamodb_client.h"
#include "server/store/store.h"

/* Requests of the core that may wait at a time; beyond: BUSY. */
#define CHAT__DYNAMODB_QUEUE_MAX 16384

/* Rooms that are kept in memory while nobody asks for them. */
#define CHAT__DYNAMODB_ROOMS_MAX 1024

/* Room for a prefix, a table's name and their NUL; DynamoDB allows 255. */
#define CHAT__DYNAMODB_PREFIX_BYTES_MAX 64

#define CHAT__DYNAMODB_PROBLEM_BYTES 320

struct chat__dynamodb_options {
    struct chat__dynamodb_client *client; /* borrowed until close */
    struct chat__completion_sink sink;    /* where completions go */
    const char *table_prefix; /* at most CHAT__DYNAMODB_PREFIX_BYTES_MAX */
    /*
     * The newest entries whose keys a room keeps in memory, and the chunks
     * after which it writes a snapshot; 0: as many as is good. Small ones make
     * tests meet what is rare.
     */
    size_t recent_max;
    unsigned int snapshot_chunks;
    /* Told once of each problem, as below. NULL: nobody is. */
    void (*report)(const char *problem);
};

/* NULL when memory is short, or the prefix is too long. */
struct chat__store *
chat__dynamodb_open(const struct chat__dynamodb_options *options);

/*
 * What does not work just now and what to do about it, such as a table that is
 * missing; NULL: all that was asked lately works. Stays valid until the close,
 * but may change.
 */
const char *chat__dynamodb_problem(const struct chat__store *store);

/*
 * Makes the tables that are missing, for development: on AWS they come from
 * packaging/aws. They have been made, and can be used, when all is well; what
 * is there already is left as it is, but for the expiry of items. `done` is
 * called once, on the loop: `problem` is NULL, or a sentence that is valid
 * during the call.
 */
void chat__dynamodb_create_tables(struct chat__store *store,
                                  void (*done)(void *context,
                                               const char *problem),
                                  void *context);

/*
 * The directory that the tasks of these tables share (directory.h), on the
 * store's client; to be closed when nothing of it is on its way, before or
 * after the store. NULL when memory is short.
 */
struct chat__directory *chat__dynamodb_directory(struct chat__store *store);

/*
 * The key by which tasks of these tables know each other elsewhere, such as
 * what they seal for each other; the first that asks makes it. `done` is called
 * once, perhaps before the return: `key` is valid during the call, NULL: it
 * cannot be had now.
 */
#define CHAT__DYNAMODB_SHARED_KEY_BYTES 32
void chat__dynamodb_shared_key(struct chat__store *store,
                               void (*done)(void *context,
                                            const unsigned char *key),
                               void *context);

#endif
