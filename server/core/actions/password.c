/*
 * A new password: the old one is proved, the new one hashed, and in one step
 * of the store every token ends but the one that the answer brings.
 */
#include "server/core/actions/actions.h"

#include "server/core/answer.h"
#include "server/core/session.h"

#include <openssl/crypto.h>

static struct chat__password_operation *of(struct chat__operation *operation)
{
    return CHAT__CONTAINER(operation, struct chat__password_operation,
                           operation);
}

/* Other tasks find this connection's session by its new token by now. */
static void enrolled(struct chat__operation *operation)
{
    struct chat__reply reply = {.ok = true,
                                .body.password.token = of(operation)->token};

    chat__sessions_close(operation->user, NULL, operation->connection);
    (void)chat__answer(operation, &reply, false);
    chat__operation_end(operation);
}

static void changed(struct chat__completion *completion)
{
    struct chat__password_operation *change = CHAT__CONTAINER(
        completion, struct chat__password_operation, end.completion);
    struct chat__operation *operation = &change->operation;

    chat__operation_hears(operation);
    if (change->end.result == CHAT__STORE_NOT_FOUND) {
        chat__operation_refuse(operation, CHAT__ERROR_UNAUTHORIZED,
                               "the password was changed meanwhile");
        return;
    }
    if (change->end.result != CHAT__STORE_OK) {
        chat__operation_fail(operation, change->end.result);
        return;
    }
    if (operation->connection != NULL)
        chat__session_open(operation->connection, change->end.token_hash);
    chat__enrol(operation, enrolled);
}

static bool fill_token(struct chat__password_operation *change)
{
    struct chat__core *core = change->operation.core;

    return chat__random_name(core, change->token, CHAT__TOKEN_RANDOM_BYTES) &&
           chat__token_hash(core, change->token, change->end.token_hash);
}

static void made(struct chat__completion *completion)
{
    struct chat__password_operation *change = CHAT__CONTAINER(
        completion, struct chat__password_operation, proof.job.completion);
    struct chat__operation *operation = &change->operation;
    struct chat__store *store = operation->core->options.store;
    enum chat__password_result result = change->proof.job.result;

    chat__store_answered(operation->core);
    if (result != CHAT__PASSWORD_RIGHT) {
        chat__operation_fail(operation, chat__password_failure(result));
        return;
    }
    if (!fill_token(change)) {
        chat__operation_fail(operation, CHAT__STORE_BUSY);
        return;
    }
    change->end.completion.run = changed;
    change->end.user = operation->user->id;
    change->end.all = true;
    change->end.password_hash = change->proof.job.hash;
    change->end.proved_hash = change->proof.account.password_hash;
    change->end.expires_ms =
        chat__wall_ms(operation->core) + CHAT__TOKEN_LIFETIME_MS;
    chat__operation_asks(operation);
    store->operations->end_tokens(store, &change->end);
}

static void proved(struct chat__operation *operation, struct chat__proof *proof)
{
    switch (proof->result) {
    case CHAT__PROOF_RIGHT:
        chat__password_make(proof, operation,
                            operation->request.body.password.new, made);
        break;
    case CHAT__PROOF_WRONG:
        chat__operation_refuse(operation, CHAT__ERROR_UNAUTHORIZED,
                               "the old password is wrong");
        break;
    case CHAT__PROOF_LATER:
        chat__operation_refuse_with(operation, &proof->error);
        break;
    case CHAT__PROOF_FAILED:
        chat__operation_fail(operation, proof->failure);
        break;
    }
}

static void release(struct chat__operation *operation)
{
    OPENSSL_cleanse(of(operation)->token, sizeof(of(operation)->token));
    chat__wipe(operation->request.body.password.old);
    chat__wipe(operation->request.body.password.new);
}

void chat__password_start(struct chat__operation *operation)
{
    struct chat__password_operation *change = of(operation);
    const struct chat__core *core = operation->core;

    operation->release = release;
    if (operation->user->guest || core->options.accounts == NULL)
        chat__operation_refuse(operation, CHAT__ERROR_FORBIDDEN,
                               "guests have no password");
    else if (!chat__skeleton_of(core, operation->user->name,
                                change->proof.skeleton))
        chat__operation_fail(operation, CHAT__STORE_FAILED);
    else
        chat__prove(&change->proof, operation,
                    operation->request.body.password.old, proved);
}
