/*
 * Accounts without libraries: a name's skeleton is the name in lower case with
 * 1 for l, a password's hash is "hash:" and the password. Jobs wait until a
 * test completes them.
 */
#ifndef CHAT_TESTS_CORE_FAKE_ACCOUNTS_H
#define CHAT_TESTS_CORE_FAKE_ACCOUNTS_H

#include "server/account/account.h"

#include <stddef.h>

#define FAKE_JOBS_MAX 8 /* beyond: BUSY */

struct fake_accounts {
    struct chat__accounts interface;
    struct chat__password_job *jobs[FAKE_JOBS_MAX];
    size_t waiting;
    size_t dummies; /* jobs that held a password against nobody's */
    bool fails;
    bool *in_core; /* true while a completion runs */
};

void fake_accounts_init(struct fake_accounts *accounts, bool *in_core);

/* Carries the first job out and runs its completion. */
void fake_accounts_complete(struct fake_accounts *accounts);

#endif
