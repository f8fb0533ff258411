/*
 * login and register: who asks proves to be the account's, or makes it. Both
 * end in chat__hello_sign_in, or in a refusal.
 */
#include "server/core/actions/actions.h"

#include "server/core/admin_operator.h"
#include "server/core/answer.h"
#include "server/core/connection.h"
#include "server/core/meter.h"
#include "server/core/spending.h"

#include <string.h>

/* A register that is repeated within this time gives the same account. */
#define REGISTER_REPEAT_MS (INT64_C(24) * 3600 * 1000)

static struct chat__hello_operation *of(struct chat__operation *operation)
{
    return CHAT__CONTAINER(operation, struct chat__hello_operation, operation);
}

static const struct chat__hello *
request_of(const struct chat__hello_operation *hello)
{
    return &hello->operation.request.body.hello;
}

static void sign_in_account(struct chat__hello_operation *hello)
{
    hello->sign_in.credential = CHAT__STORE_USER;
    hello->sign_in.user = hello->proof.account.user;
    hello->sign_in.proved_hash = hello->proof.account.password_hash;
    chat__hello_sign_in(hello);
}

/* What is neither right nor wrong. */
static void put_off(struct chat__hello_operation *hello)
{
    if (hello->proof.result == CHAT__PROOF_LATER)
        chat__operation_refuse_with(&hello->operation, &hello->proof.error);
    else
        chat__operation_fail(&hello->operation, hello->proof.failure);
}

/* ---- login ---- */

static void login_proved(struct chat__operation *operation,
                         struct chat__proof *proof)
{
    if (proof->result == CHAT__PROOF_RIGHT)
        sign_in_account(of(operation));
    else if (proof->result == CHAT__PROOF_WRONG)
        chat__hello_refuse(of(operation), CHAT__ERROR_UNAUTHORIZED,
                           "wrong name or password");
    else
        put_off(of(operation));
}

/* ---- register ---- */

void chat__hello_refuse_taken(struct chat__hello_operation *hello)
{
    chat__hello_refuse(hello, CHAT__ERROR_NAME_TAKEN,
                       "this name is an account's, or looks like one's: "
                       "choose another");
}

static void repeat_proved(struct chat__operation *operation,
                          struct chat__proof *proof)
{
    if (proof->result == CHAT__PROOF_RIGHT)
        sign_in_account(of(operation));
    else if (proof->result == CHAT__PROOF_WRONG)
        chat__hello_refuse_taken(of(operation));
    else
        put_off(of(operation));
}

static bool is_repeated(const struct chat__hello_operation *hello)
{
    const struct chat__store_find_account *account = &hello->proof.account;

    return strcmp(account->register_key, request_of(hello)->key) == 0 &&
           chat__wall_ms(hello->operation.core) - account->registered_ms <
               REGISTER_REPEAT_MS;
}

static void password_made(struct chat__completion *completion)
{
    struct chat__hello_operation *hello = CHAT__CONTAINER(
        completion, struct chat__hello_operation, proof.job.completion);
    enum chat__password_result result = hello->proof.job.result;

    chat__store_answered(hello->operation.core);
    if (result != CHAT__PASSWORD_RIGHT) {
        chat__operation_fail(&hello->operation, chat__password_failure(result));
        return;
    }
    hello->sign_in.credential = CHAT__STORE_REGISTER;
    hello->sign_in.display_name = request_of(hello)->user;
    hello->sign_in.skeleton = hello->proof.skeleton;
    hello->sign_in.key = request_of(hello)->key;
    hello->sign_in.password_hash = hello->proof.job.hash;
    chat__hello_sign_in(hello);
}

static void name_looked_up(struct chat__completion *completion)
{
    struct chat__hello_operation *hello = CHAT__CONTAINER(
        completion, struct chat__hello_operation, proof.account.completion);
    struct chat__operation *operation = &hello->operation;
    enum chat__store_result result = hello->proof.account.result;

    chat__operation_hears(operation);
    if (result == CHAT__STORE_NOT_FOUND && !hello->proof.job.make)
        chat__password_make(&hello->proof, operation,
                            request_of(hello)->password, password_made);
    else if (result == CHAT__STORE_NOT_FOUND)
        chat__hello_refuse_taken(hello);
    else if (result != CHAT__STORE_OK)
        chat__operation_fail(operation, result);
    else if (is_repeated(hello))
        chat__prove(&hello->proof, operation, request_of(hello)->password,
                    repeat_proved);
    else
        chat__hello_refuse_taken(hello);
}

void chat__hello_taken(struct chat__hello_operation *hello)
{
    if (hello->sign_in.credential == CHAT__STORE_REGISTER)
        chat__account_find(&hello->proof, &hello->operation, name_looked_up);
    else
        chat__hello_refuse_taken(hello);
}

static bool may_register(struct chat__hello_operation *hello,
                         struct chat__error *error)
{
    const struct chat__connection *connection = hello->operation.connection;
    struct chat__buckets *buckets[CHAT__SCOPE_COUNT] = {0};

    if (!connection->core->options.settings.rate_limits ||
        connection->address == NULL)
        return true;
    buckets[CHAT__SCOPE_ADDRESS] = &connection->address->buckets;
    if (chat__rate_pass(buckets, CHAT__RATE_REGISTER,
                        chat__monotonic_ms(connection->core), error)) {
        chat__spend(connection->core, CHAT__SCOPE_ADDRESS,
                    connection->address->id, CHAT__RATE_REGISTER);
        return true;
    }
    chat__metrics_count_as(connection->core->options.metrics,
                           CHAT__METRIC_RATE_LIMITED, CHAT__RATE_REGISTER);
    return false;
}

/* ---- both ---- */

void chat__hello_account(struct chat__hello_operation *hello)
{
    struct chat__operation *operation = &hello->operation;
    const struct chat__hello *request = request_of(hello);
    bool registers = request->credential == CHAT__CREDENTIAL_REGISTER;
    struct chat__error error = {0};

    if (operation->core->options.accounts == NULL)
        chat__hello_refuse(hello, CHAT__ERROR_UNAUTHORIZED,
                           "this server has no accounts: come as a guest");
    else if (!chat__skeleton_of(operation->core, request->user,
                                hello->proof.skeleton))
        chat__hello_refuse(hello, CHAT__ERROR_BAD_REQUEST,
                           "user: this name cannot be told from others");
    else if (!registers)
        chat__prove(&hello->proof, operation, request->password, login_proved);
    else if (chat__admin_is_reserved(operation->core, hello->proof.skeleton))
        chat__hello_refuse_taken(hello);
    else if (!may_register(hello, &error))
        chat__operation_refuse_with(operation, &error);
    else
        chat__account_find(&hello->proof, operation, name_looked_up);
}
