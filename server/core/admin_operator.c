#include "server/core/admin_operator.h"

#include "server/core/credential.h"
#include "server/core/operation.h"
#include "server/core/secret.h"

#include <stdio.h>
#include <string.h>

/* Others who had the name before, and sign-ins that a commit made old. */
#define NUMBER_MAX 9
#define TRIES_MAX  8

static void look_for(struct chat__admin_operator *search);

bool chat__admin_reserve_name(struct chat__core *core)
{
    return chat__skeleton_of(core, CHAT__OPERATOR_NAME,
                             core->operator_skeleton);
}

bool chat__admin_is_reserved(const struct chat__core *core,
                             const char *skeleton)
{
    return strcmp(skeleton, core->operator_skeleton) == 0;
}

/* ---- the user, once its id is known ---- */

static void read_user(struct chat__admin_operator *search);

static void user_read(struct chat__completion *completion)
{
    struct chat__admin_operator *search = CHAT__CONTAINER(
        completion, struct chat__admin_operator, sign_in.completion);
    struct chat__core *core = search->core;
    enum chat__store_result result = search->sign_in.result;
    bool old = false;

    chat__store_answered(core);
    if (result == CHAT__STORE_OK) {
        old = chat__sign_in_is_old(core, &search->in_flight,
                                   search->sign_in.user);
        if (!old)
            search->user = chat__user_acquire(core, &search->sign_in,
                                              search->in_flight.number);
        result = search->user == NULL ? CHAT__STORE_BUSY : CHAT__STORE_OK;
    }
    chat__sign_in_end(core, &search->in_flight);
    chat__store_sign_in_release(&search->sign_in);
    if (search->user != NULL)
        search->user->is_operator = true;
    if (old && ++search->tries < TRIES_MAX)
        read_user(search);
    else
        search->found(search, result);
}

/* A token's end of 0 makes no token. */
static void read_user(struct chat__admin_operator *search)
{
    struct chat__core *core = search->core;
    struct chat__store *store = core->options.store;

    search->sign_in = (struct chat__store_sign_in){
        .completion.run = user_read,
        .credential = CHAT__STORE_USER,
        .user = core->operator_id,
    };
    chat__sign_in_begin(core, &search->in_flight);
    chat__store_asked(core);
    store->operations->sign_in(store, &search->sign_in);
}

static void adopt(struct chat__admin_operator *search, uint64_t user)
{
    search->core->operator_id = user;
    read_user(search);
}

/* ---- its account ---- */

static void made(struct chat__completion *completion)
{
    struct chat__admin_operator *search = CHAT__CONTAINER(
        completion, struct chat__admin_operator, sign_in.completion);
    enum chat__store_result result = search->sign_in.result;
    uint64_t user = search->sign_in.user;

    chat__store_answered(search->core);
    chat__store_sign_in_release(&search->sign_in);
    if (result == CHAT__STORE_OK)
        adopt(search, user);
    else if (result == CHAT__STORE_TAKEN && ++search->tries < TRIES_MAX)
        look_for(search);
    else
        search->found(search, result);
}

/* With a token that nobody learns and that ends at once. */
static void make(struct chat__admin_operator *search)
{
    struct chat__core *core = search->core;
    struct chat__store *store = core->options.store;
    char token[CHAT__BASE64URL_SIZE(CHAT__TOKEN_RANDOM_BYTES)];

    search->sign_in = (struct chat__store_sign_in){
        .completion.run = made,
        .credential = CHAT__STORE_REGISTER,
        .display_name = search->name,
        .skeleton = search->skeleton,
        .key = CHAT__OPERATOR_REGISTER_KEY,
        .password_hash = "",
        .now_ms = chat__wall_ms(core),
        .expires_ms = chat__wall_ms(core) + 1,
    };
    if (!chat__random_name(core, token, CHAT__TOKEN_RANDOM_BYTES) ||
        !chat__token_hash(core, token, search->sign_in.token_hash)) {
        search->found(search, CHAT__STORE_BUSY);
        return;
    }
    chat__store_asked(core);
    store->operations->sign_in(store, &search->sign_in);
}

static void looked_up(struct chat__completion *completion)
{
    struct chat__admin_operator *search = CHAT__CONTAINER(
        completion, struct chat__admin_operator, account.completion);
    enum chat__store_result result = search->account.result;

    chat__store_answered(search->core);
    if (result == CHAT__STORE_NOT_FOUND) {
        make(search);
    } else if (result != CHAT__STORE_OK) {
        search->found(search, result);
    } else if (strcmp(search->account.register_key,
                      CHAT__OPERATOR_REGISTER_KEY) == 0) {
        adopt(search, search->account.user);
    } else if (++search->number <= NUMBER_MAX) {
        look_for(search);
    } else {
        search->found(search, CHAT__STORE_TAKEN);
    }
}

static void look_for(struct chat__admin_operator *search)
{
    struct chat__core *core = search->core;
    struct chat__store *store = core->options.store;

    if (search->number == 0)
        snprintf(search->name, sizeof(search->name), CHAT__OPERATOR_NAME);
    else
        snprintf(search->name, sizeof(search->name), CHAT__OPERATOR_NAME " %u",
                 search->number + 1);
    if (!chat__skeleton_of(core, search->name, search->skeleton)) {
        search->found(search, CHAT__STORE_FAILED);
        return;
    }
    search->account = (struct chat__store_find_account){
        .completion.run = looked_up, .skeleton = search->skeleton};
    chat__store_asked(core);
    store->operations->find_account(store, &search->account);
}

void chat__admin_operator_find(struct chat__admin_operator *search)
{
    if (search->core->operator_id != 0)
        read_user(search);
    else
        look_for(search);
}
