#include "server/core/credential.h"

#include "server/core/answer.h"
#include "server/core/connection.h"
#include "server/core/meter.h"
#include "server/core/publish.h"
#include "server/core/secret.h"
#include "server/core/spending.h"

#include <stdio.h>
#include <string.h>

/* ---- pieces ---- */

bool chat__skeleton_of(const struct chat__core *core, const char *name,
                       char skeleton[CHAT__SKELETON_SIZE])
{
    const struct chat__accounts *accounts = core->options.accounts;

    if (accounts != NULL)
        return accounts->skeleton(accounts->context, name, skeleton);
    snprintf(skeleton, CHAT__SKELETON_SIZE, "%s", name);
    return true;
}

void chat__account_find(struct chat__proof *proof,
                        struct chat__operation *operation,
                        void (*found)(struct chat__completion *completion))
{
    struct chat__store *store = operation->core->options.store;

    proof->operation = operation;
    proof->account.completion.run = found;
    proof->account.skeleton = proof->skeleton;
    chat__operation_asks(operation);
    store->operations->find_account(store, &proof->account);
}

static void submit(struct chat__proof *proof, const char *password,
                   void (*run)(struct chat__completion *completion))
{
    struct chat__core *core = proof->operation->core;
    const struct chat__accounts *accounts = core->options.accounts;

    proof->job.completion.run = run;
    proof->job.password = password;
    chat__store_asked(core);
    accounts->password(accounts->context, &proof->job);
}

void chat__password_make(struct chat__proof *proof,
                         struct chat__operation *operation,
                         const char *password,
                         void (*made)(struct chat__completion *completion))
{
    proof->operation = operation;
    proof->job.make = true;
    submit(proof, password, made);
}

enum chat__store_result
chat__password_failure(enum chat__password_result result)
{
    return result == CHAT__PASSWORD_BUSY ? CHAT__STORE_BUSY
                                         : CHAT__STORE_FAILED;
}

/* ---- guesses ---- */

/* The meters that a wrong password counts in; the address's may be missing. */
struct guessing {
    uint64_t id; /* of the account's name, whether there is one or not */
    struct chat__meter *account;
    struct chat__meter *address;
};

/* By its hash, for other tasks count the guesses of this one, too. */
static bool begin_guess(const struct chat__proof *proof,
                        struct guessing *guessing)
{
    struct chat__core *core = proof->operation->core;

    if (!chat__name_id(core, proof->skeleton, strlen(proof->skeleton),
                       &guessing->id))
        return false;
    guessing->account =
        chat__meter_acquire(core, CHAT__SCOPE_ACCOUNT, guessing->id);
    guessing->address = proof->address;
    return guessing->account != NULL;
}

void chat__guess_hear(struct chat__core *core, uint64_t account)
{
    struct chat__meter *meter =
        chat__meter_acquire(core, CHAT__SCOPE_ACCOUNT, account);
    int64_t now = chat__monotonic_ms(core);

    if (meter == NULL)
        return;
    if (chat__rate_wait(&meter->buckets, CHAT__SCOPE_ACCOUNT, CHAT__RATE_GUESS,
                        now) == 0)
        chat__rate_take(&meter->buckets, CHAT__SCOPE_ACCOUNT, CHAT__RATE_GUESS,
                        now);
    chat__meter_release(meter);
}

static uint32_t guess_wait(const struct guessing *guessing, int64_t now)
{
    uint32_t account =
        chat__rate_wait(&guessing->account->buckets, CHAT__SCOPE_ACCOUNT,
                        CHAT__RATE_GUESS, now);
    uint32_t address =
        guessing->address == NULL
            ? 0
            : chat__rate_wait(&guessing->address->buckets, CHAT__SCOPE_ADDRESS,
                              CHAT__RATE_GUESS, now);

    return account > address ? account : address;
}

static void count_wrong(const struct chat__proof *proof)
{
    int64_t now = chat__monotonic_ms(proof->operation->core);
    struct guessing guessing;

    if (!begin_guess(proof, &guessing))
        return;
    chat__rate_take(&guessing.account->buckets, CHAT__SCOPE_ACCOUNT,
                    CHAT__RATE_GUESS, now);
    if (guessing.address != NULL) {
        chat__rate_take(&guessing.address->buckets, CHAT__SCOPE_ADDRESS,
                        CHAT__RATE_GUESS, now);
        chat__spend(proof->operation->core, CHAT__SCOPE_ADDRESS,
                    guessing.address->id, CHAT__RATE_GUESS);
    }
    chat__meter_release(guessing.account);
    chat__publish_guess(proof->operation->core, guessing.id);
}

/* Those in a row: the right password makes the account's bucket full. */
static void forgive(const struct chat__proof *proof)
{
    struct guessing guessing;

    if (!begin_guess(proof, &guessing))
        return;
    guessing.account->buckets.full_ms[CHAT__RATE_GUESS] = 0;
    chat__meter_release(guessing.account);
}

/* ---- the proof ---- */

static void finish(struct chat__proof *proof, enum chat__proof_result result)
{
    proof->result = result;
    chat__meter_release(proof->address);
    proof->address = NULL;
    proof->done(proof->operation, proof);
}

static void verified(struct chat__completion *completion)
{
    struct chat__proof *proof =
        CHAT__CONTAINER(completion, struct chat__proof, job.completion);

    chat__store_answered(proof->operation->core);
    switch (proof->job.result) {
    case CHAT__PASSWORD_RIGHT:
        forgive(proof);
        finish(proof, CHAT__PROOF_RIGHT);
        break;
    case CHAT__PASSWORD_WRONG:
        count_wrong(proof);
        finish(proof, CHAT__PROOF_WRONG);
        break;
    case CHAT__PASSWORD_BUSY:
    case CHAT__PASSWORD_FAILED:
        proof->failure = chat__password_failure(proof->job.result);
        finish(proof, CHAT__PROOF_FAILED);
        break;
    }
}

static void account_found(struct chat__completion *completion)
{
    struct chat__proof *proof =
        CHAT__CONTAINER(completion, struct chat__proof, account.completion);
    enum chat__store_result result = proof->account.result;

    chat__operation_hears(proof->operation);
    if (result != CHAT__STORE_OK && result != CHAT__STORE_NOT_FOUND) {
        proof->failure = result;
        finish(proof, CHAT__PROOF_FAILED);
        return;
    }
    proof->job.make = false;
    /* An account without a password is nobody's, as one that is not there. */
    proof->job.against =
        result == CHAT__STORE_OK && proof->account.password_hash[0] != '\0'
            ? proof->account.password_hash
            : NULL;
    submit(proof, proof->password, verified);
}

void chat__prove(struct chat__proof *proof, struct chat__operation *operation,
                 const char *password,
                 void (*done)(struct chat__operation *operation,
                              struct chat__proof *proof))
{
    int64_t now = chat__monotonic_ms(operation->core);
    struct guessing guessing;
    uint32_t wait;

    proof->operation = operation;
    proof->password = password;
    proof->done = done;
    if (operation->connection != NULL)
        proof->address = chat__meter_hold(operation->connection->address);
    if (!begin_guess(proof, &guessing)) {
        proof->failure = CHAT__STORE_BUSY;
        finish(proof, CHAT__PROOF_FAILED);
        return;
    }
    wait = guess_wait(&guessing, now);
    chat__meter_release(guessing.account);
    if (wait > 0) {
        chat__metrics_count_as(operation->core->options.metrics,
                               CHAT__METRIC_RATE_LIMITED, CHAT__RATE_GUESS);
        chat__error_set_temporary(&proof->error, CHAT__ERROR_RATE_LIMITED, wait,
                                  "too many wrong passwords; try later");
        finish(proof, CHAT__PROOF_LATER);
        return;
    }
    chat__account_find(proof, operation, account_found);
}
