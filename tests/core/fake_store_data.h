/*
 * What the fake store keeps, shared by fake_store*.c only. How a message was
 * left by later entries is not kept: it is folded from the log anew each time,
 * so that the model has nothing that could fall behind.
 */
#ifndef CHAT_TESTS_CORE_FAKE_STORE_DATA_H
#define CHAT_TESTS_CORE_FAKE_STORE_DATA_H

#include "tests/core/fake_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define USERS_MAX     128
#define TOKENS_MAX    512
#define STANDINGS_MAX 128
#define ROOMS_MAX     1200
#define JOBS_MAX      4096

struct fake_entry {
    uint64_t n;
    int64_t ts;
    uint64_t user;
    char key[CHAT__KEY_BYTES_MAX + 1];
    unsigned char digest[CHAT__BODY_DIGEST_BYTES];
    char *bytes;
    bool message;
    enum chat__fold fold;
    uint64_t ref;
    char *text;
    char emoji[CHAT__EMOJI_BYTES_MAX + 1];
    uint64_t mentions[CHAT__MENTIONS_MAX];
    size_t mention_count;
};

struct fake_standing {
    uint64_t user;
    enum chat__role role;
    uint64_t by;
    uint64_t read;
};

struct fake_room {
    char name[CHAT__ROOM_NAME_BYTES_MAX + 1];
    char epoch[CHAT__EPOCH_BYTES_MAX + 1];
    char *topic;
    bool private_room;
    struct fake_entry *entries; /* entries[seq - 1] */
    size_t count;
    struct fake_standing standings[STANDINGS_MAX]; /* by user */
    size_t standing_count;
};

struct fake_user {
    char name[CHAT__USER_NAME_BYTES_MAX + 1];
    char key[CHAT__KEY_BYTES_MAX + 1]; /* guest or register */
    bool guest;
    char skeleton[CHAT__SKELETON_SIZE]; /* of an account, else "" */
    char password_hash[CHAT__PASSWORD_HASH_SIZE];
    int64_t registered_ms;
    int64_t seen_ms;
    uint64_t rooms_rev;
    int64_t banned_ms;
};

struct fake_token {
    unsigned char hash[CHAT__TOKEN_HASH_BYTES];
    uint64_t user;
    int64_t expires_ms;
};

struct fake_job {
    enum fake_kind kind;
    void *request; /* begins with its completion */
    bool executed;
};

struct fake_store {
    struct chat__store base;
    struct fake_room *rooms[ROOMS_MAX]; /* by name */
    size_t room_count;
    struct fake_user users[USERS_MAX]; /* users[id - 1] */
    size_t user_count;
    struct fake_token tokens[TOKENS_MAX];
    size_t token_count;
    struct fake_job jobs[JOBS_MAX];
    size_t job_count;
    bool fails[FAKE_KIND_COUNT];
    enum chat__store_result failures[FAKE_KIND_COUNT];
    bool *in_core;
    void (*end_pass)(void *context);
    void *context;
};

static inline void *must(void *pointer)
{
    assert_non_null(pointer);
    return pointer;
}

void fake_copy(char *to, size_t size, const char *from);

/* ---- rooms: fake_store_room.c ---- */

struct fake_room *fake_room_find(const struct fake_store *fake,
                                 const char *name);
struct fake_room *fake_room_add(struct fake_store *fake, const char *name,
                                const char *epoch, bool private_room);
void fake_room_free(struct fake_room *room);

/* NULL for one who does not stand to the room; or who is no member. */
struct fake_standing *fake_standing_find(struct fake_room *room, uint64_t user);
struct fake_standing *fake_member_find(struct fake_room *room, uint64_t user);
/* As an entry of the log's head would, made by the user `by`. */
void fake_standing_set(struct fake_store *fake, struct fake_room *room,
                       uint64_t user, enum chat__role role, uint64_t by);

uint64_t fake_n_at(const struct fake_room *room, uint64_t seq);
uint64_t fake_mentions_behind(const struct fake_room *room, uint64_t user,
                              uint64_t read);

/* ---- logs: fake_store_log.c ---- */

/* One more entry at the end; all zero. */
struct fake_entry *fake_entry_add(struct fake_room *room);

/* ---- folds: fake_store_fold.c ---- */

/* How the log left a message; release it. False when no entry is about it. */
bool fake_fold(const struct fake_room *room, uint64_t ref,
               struct chat__change *change);
void fake_change_release(struct chat__change *change);
bool fake_is_deleted(const struct fake_room *room, uint64_t ref);
/* Takes the text of a message and of its edits. */
void fake_erase(struct fake_room *room, uint64_t ref);
/* Fills in what is asked about the reactions. */
void fake_count_reactions(struct chat__store_find_message *find,
                          const struct chat__change *change);

/* ---- users: fake_store_user.c ---- */

/* NULL when there is no such user. */
struct fake_user *fake_user_find(struct fake_store *fake, uint64_t user);

/* ---- the work of each kind ---- */

typedef enum chat__store_result fake_work(struct fake_store *fake,
                                          void *request);

fake_work fake_append; /* fake_store_log.c */
fake_work fake_find_key;
fake_work fake_read_log;
fake_work fake_find_message;
fake_work fake_open_room; /* fake_store_room.c */
fake_work fake_list_members;
fake_work fake_mark_read;
fake_work fake_list_rooms;
fake_work fake_sign_in; /* fake_store_user.c */
fake_work fake_find_account;
fake_work fake_find_user;
fake_work fake_end_tokens;
fake_work fake_keep_session;
fake_work fake_idle_guests;
fake_work fake_list_users;
fake_work fake_set_banned;
fake_work fake_room_heads;
fake_work fake_heads;

#endif
