/*
 * What accounts need beside the store: names that look alike, and hashes of
 * passwords, which take tens of milliseconds on purpose and so have threads of
 * their own. The core sees only this header; server/account/ implements it,
 * tests put something quick in its place.
 *
 * A password job is filled by the caller, handed over, and left alone until
 * its completion has run. Inputs are borrowed until then.
 */
#ifndef CHAT_SERVER_ACCOUNT_ACCOUNT_H
#define CHAT_SERVER_ACCOUNT_ACCOUNT_H

#include "server/completion.h"
#include "server/store/store.h"

#include <stdbool.h>

enum chat__password_result {
    CHAT__PASSWORD_RIGHT, /* verified, or hashed */
    CHAT__PASSWORD_WRONG,
    CHAT__PASSWORD_BUSY, /* too many wait */
    CHAT__PASSWORD_FAILED
};

struct chat__password_job {
    struct chat__completion completion;
    enum chat__password_result result;
    const char *password;
    /*
     * To verify: the hash it is held against; NULL verifies against a hash
     * that no password has, in the same time, and says WRONG.
     */
    const char *against;
    bool make;                           /* make a hash instead */
    char hash[CHAT__PASSWORD_HASH_SIZE]; /* out of `make` */
};

struct chat__accounts {
    /*
     * The same for names that a reader may take for each other (UTS #39
     * skeleton of the lower-cased name). False when it cannot be made.
     */
    bool (*skeleton)(void *context, const char *name,
                     char skeleton[CHAT__SKELETON_SIZE]);
    void (*password)(void *context, struct chat__password_job *job);
    void *context;
};

#endif
