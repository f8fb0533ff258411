/*
 * Is this the password of that account? One proof reads the account, asks the
 * threads that hash, and counts wrong passwords by account and by address, so
 * that the next tries wait. An account that is not there takes the same steps
 * in the same time as one with another password.
 *
 * A proof is part of an operation that lives until `done` has run.
 */
#ifndef CHAT_SERVER_CORE_CREDENTIAL_H
#define CHAT_SERVER_CORE_CREDENTIAL_H

#include "server/core/operation.h"

enum chat__proof_result {
    CHAT__PROOF_RIGHT,
    CHAT__PROOF_WRONG,
    CHAT__PROOF_LATER, /* `error` says when */
    CHAT__PROOF_FAILED /* `failure` says why */
};

struct chat__proof {
    enum chat__proof_result result;
    struct chat__error error;
    enum chat__store_result failure;
    struct chat__operation *operation;
    const char *password;        /* borrowed from the operation's request */
    struct chat__meter *address; /* held: who asks may be gone by the end */
    char skeleton[CHAT__SKELETON_SIZE];
    struct chat__store_find_account account; /* as it was found */
    struct chat__password_job job;
    void (*done)(struct chat__operation *operation, struct chat__proof *proof);
};

/*
 * Fills in a name's skeleton; without accounts it is the name itself. False
 * when the name has none.
 */
bool chat__skeleton_of(const struct chat__core *core, const char *name,
                       char skeleton[CHAT__SKELETON_SIZE]);

/* Finds the account of proof->skeleton, then calls `found`. */
void chat__account_find(struct chat__proof *proof,
                        struct chat__operation *operation,
                        void (*found)(struct chat__completion *completion));

/*
 * Holds a password against the account of proof->skeleton, found anew, and
 * calls `done`.
 */
void chat__prove(struct chat__proof *proof, struct chat__operation *operation,
                 const char *password,
                 void (*done)(struct chat__operation *operation,
                              struct chat__proof *proof));

/* Makes the hash of a password in proof->job, then calls `made`. */
void chat__password_make(struct chat__proof *proof,
                         struct chat__operation *operation,
                         const char *password,
                         void (*made)(struct chat__completion *completion));

/* What the password threads' result means as a store's. */
enum chat__store_result
chat__password_failure(enum chat__password_result result);

/*
 * Somebody gave another task a wrong password for this account: it counts here
 * as well, but where there is no guess left a lie makes the wait no longer.
 */
void chat__guess_hear(struct chat__core *core, uint64_t account);

#endif
