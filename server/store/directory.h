/*
 * Which connections API Gateway holds, of whom, and where to deliver to them.
 * The core and the front see only this header.
 *
 * It is rows of (topic, connection): the topic of a connection has its session;
 * those of a user and of a room have whom to tell. A row is a hint but for the
 * session: who reads a room's rows asks the room who is a member. Rows end by
 * themselves, since no connection of API Gateway is older than two hours.
 *
 * Every request embeds a completion, which is posted once, never before the
 * call has returned. Strings of a request are borrowed until then. Loop thread
 * only.
 */
#ifndef CHAT_SERVER_STORE_DIRECTORY_H
#define CHAT_SERVER_STORE_DIRECTORY_H

#include "protocol/limits.h"
#include "server/completion.h"
#include "server/store/store.h"

/* The names that API Gateway gives have some 16 characters. */
#define CHAT__GATEWAY_ID_BYTES_MAX 128

/* No connection lives longer; rows live a little longer than that. */
#define CHAT__GATEWAY_CONNECTION_MS (INT64_C(2) * 3600 * 1000)
#define CHAT__DIRECTORY_ROW_MS                                                 \
    (CHAT__GATEWAY_CONNECTION_MS + INT64_C(5) * 60 * 1000)

/* A client's address as limits count it. */
#define CHAT__DIRECTORY_ADDRESS_BYTES 16

#define CHAT__TOPIC_SIZE (CHAT__GATEWAY_ID_BYTES_MAX + sizeof "connection:")

/* The names of topics. */
void chat__topic_of_connection(char topic[CHAT__TOPIC_SIZE], const char *id);
void chat__topic_of_user(char topic[CHAT__TOPIC_SIZE], uint64_t user);
void chat__topic_of_room(char topic[CHAT__TOPIC_SIZE], const char *room);

/* Without a user it has the address alone: nobody has signed in yet. */
struct chat__directory_row {
    char id[CHAT__GATEWAY_ID_BYTES_MAX + 1];
    uint64_t user; /* 0: none */
    unsigned char token_hash[CHAT__TOKEN_HASH_BYTES];
    unsigned char address[CHAT__DIRECTORY_ADDRESS_BYTES];
    bool has_address; /* only where messages do not have it themselves */
};

/* The rows of one connection in all these topics, put or removed. OK, FAILED,
 * BUSY; what can be written is. */
struct chat__directory_write {
    struct chat__completion completion;
    enum chat__store_result result;
    bool remove;
    struct chat__directory_row row; /* remove: only its id counts */
    char (*topics)[CHAT__TOPIC_SIZE];
    size_t count;
    int64_t now_ms; /* since the epoch */
    int64_t expires_ms;
};

/* What a topic has. OK (maybe none), BUSY, FAILED. */
struct chat__directory_read {
    struct chat__completion completion;
    enum chat__store_result result;
    const char *topic;
    int64_t now_ms;
    struct chat__directory_row *rows; /* out: to release */
    size_t count;
};

struct chat__directory;

struct chat__directory_operations {
    void (*write)(struct chat__directory *, struct chat__directory_write *);
    void (*read)(struct chat__directory *, struct chat__directory_read *);
    /* Once nothing is on its way. */
    void (*close)(struct chat__directory *);
};

struct chat__directory {
    const struct chat__directory_operations *operations;
};

/* The session that was read; NULL: there is none. */
const struct chat__directory_row *
chat__directory_session(const struct chat__directory_read *read);

void chat__directory_read_release(struct chat__directory_read *read);

/* One of this process alone; NULL when memory is short. */
struct chat__directory *
chat__directory_memory_new(struct chat__completion_sink sink);

#endif
