/*
 * A store in memory with the promises of server/store/store.h, whose answers
 * a test releases one by one. A job is carried out and completed in two steps,
 * so that a test can put other events between them.
 */
#ifndef CHAT_TESTS_CORE_FAKE_STORE_H
#define CHAT_TESTS_CORE_FAKE_STORE_H

#include "server/store/store.h"

enum fake_kind {
    FAKE_APPEND,
    FAKE_FIND_KEY,
    FAKE_OPEN_ROOM,
    FAKE_READ_LOG,
    FAKE_SIGN_IN,
    FAKE_FIND_MESSAGE,
    FAKE_FIND_ACCOUNT,
    FAKE_FIND_USER,
    FAKE_END_TOKENS,
    FAKE_KEEP_SESSION,
    FAKE_IDLE_GUESTS,
    FAKE_LIST_MEMBERS,
    FAKE_MARK_READ,
    FAKE_LIST_ROOMS,
    FAKE_HEADS,
    FAKE_LIST_USERS,
    FAKE_SET_BANNED,
    FAKE_ROOM_HEADS,
    FAKE_KIND_COUNT
};

struct fake_store;

struct fake_store *fake_store_new(void);
void fake_store_free(struct fake_store *fake);
struct chat__store *fake_store_interface(struct fake_store *fake);

/* From now on `*in_core` is true while a completion runs. NULL: none. */
void fake_store_mark_core(struct fake_store *fake, bool *in_core);

/* From now on each completion is a loop pass, which `end_pass` ends. */
void fake_store_end_passes(struct fake_store *fake,
                           void (*end_pass)(void *context), void *context);

/* Jobs that were not completed, in the order in which they were asked for. */
size_t fake_store_waiting(const struct fake_store *fake);
enum fake_kind fake_store_kind(const struct fake_store *fake, size_t index);

/* Carries a job out without telling the core. */
void fake_store_execute(struct fake_store *fake, size_t index);
/* Carries it out unless that was done, and runs its completion. */
void fake_store_complete(struct fake_store *fake, size_t index);
/* Completes the first job of a kind; fails the test when there is none. */
void fake_store_complete_kind(struct fake_store *fake, enum fake_kind kind);

/* The next job of this kind does nothing but give this result. */
void fake_store_fail_next(struct fake_store *fake, enum fake_kind kind,
                          enum chat__store_result result);

/* The append that waits: how many entries it has. */
size_t fake_store_append_count(const struct fake_store *fake);

/*
 * As another server would: appends a message, or what no server of
 * today knows; makes a room; gives a user a
 * standing (by the user's own doing) or takes it.
 */
void fake_store_append_foreign(struct fake_store *fake, const char *room,
                               uint64_t user, const char *bytes, int64_t ts);
void fake_store_make_room(struct fake_store *fake, const char *room,
                          bool private_room);
void fake_store_add_member(struct fake_store *fake, const char *room,
                           uint64_t user, enum chat__role role);
void fake_store_drop_member(struct fake_store *fake, const char *room,
                            uint64_t user);

/* The two together: the user's own leave. */
void fake_store_leave_foreign(struct fake_store *fake, const char *room,
                              uint64_t user, int64_t ts);

/* The room as it is. */
enum chat__role fake_store_role(const struct fake_store *fake, const char *room,
                                uint64_t user);
bool fake_store_is_member(const struct fake_store *fake, const char *room,
                          uint64_t user);
uint64_t fake_store_head(const struct fake_store *fake, const char *room);
const char *fake_store_bytes(const struct fake_store *fake, const char *room,
                             uint64_t seq);
const char *fake_store_epoch(const struct fake_store *fake, const char *room);

#endif
