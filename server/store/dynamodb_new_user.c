/*
 * New users: an id, a profile, a name. The profile comes before the name, so a
 * name always leads to one; a crash between the two leaves a profile that
 * nothing leads to.
 */
#include "server/store/dynamodb_private.h"

#include <stdio.h>
#include <stdlib.h>

/* Of a user who has ended no tokens yet. */
#define FIRST_GENERATION "0"

struct making {
    struct chat__dynamodb *store;
    const struct chat__store_sign_in *request;
    uint64_t user;  /* the new id */
    uint64_t other; /* who has the name */
    void (*done)(void *context, enum chat__store_result result, uint64_t user);
    void *context;
};

static bool is_guest(const struct making *making)
{
    return making->request->credential == CHAT__STORE_GUEST;
}

static void finish(struct making *making, enum chat__store_result result)
{
    making->done(making->context, result, making->user);
    free(making);
}

/* ---- the name ---- */

static void profile_dropped(void *context,
                            const struct chat__dynamodb_answer *answer)
{
    struct making *making = context;

    (void)answer; /* if it is still there, it is in nobody's way */
    making->user = making->other;
    finish(making, is_guest(making) ? CHAT__STORE_OK : CHAT__STORE_TAKEN);
}

/* Of one who was second to take the name. */
static void drop_profile(struct making *making)
{
    struct chat__dynamodb_body body;

    chat__dynamodb_body_begin(&body, making->store->prefix, "users");
    chat__dynamodb_user_key(&body.writer, making->user);
    chat__dynamodb_ask(making->store, "DeleteItem", &body, profile_dropped,
                       making);
}

static void name_put(void *context, const struct chat__dynamodb_answer *answer)
{
    struct making *making = context;

    making->other = chat__dynamodb_get_number(
        cJSON_GetObjectItemCaseSensitive(answer->json, "Item"), "user");
    if (answer->outcome == CHAT__DYNAMODB_CONDITION &&
        making->other != making->user)
        drop_profile(making);
    else
        finish(making, chat__dynamodb_result(answer->outcome));
}

static void put_name(void *context, const struct chat__dynamodb_answer *answer)
{
    struct making *making = context;
    const struct chat__store_sign_in *request = making->request;
    struct chat__dynamodb_body body;
    char name[CHAT__SKELETON_SIZE + 16];

    if (answer->outcome > CHAT__DYNAMODB_CONDITION) {
        finish(making, chat__dynamodb_result(answer->outcome));
        return;
    }
    snprintf(name, sizeof name, "%s:%s", is_guest(making) ? "guest" : "account",
             is_guest(making) ? request->key : request->skeleton);
    chat__dynamodb_body_begin(&body, making->store->prefix, "names");
    chat__write_object(&body.writer, "Item");
    chat__dynamodb_string(&body.writer, "name", name);
    chat__dynamodb_number(&body.writer, "user", making->user);
    chat__write_object_end(&body.writer);
    chat__dynamodb_expression(&body, "ConditionExpression",
                              "attribute_not_exists(#name)");
    chat__write_string(&body.writer, "ReturnValuesOnConditionCheckFailure",
                       "ALL_OLD");
    chat__dynamodb_ask(making->store, "PutItem", &body, name_put, making);
}

/* ---- the profile ---- */

static void write_profile(struct chat__writer *writer,
                          const struct making *making)
{
    const struct chat__store_sign_in *request = making->request;
    chat__write_object(writer, "Item");
    chat__dynamodb_number(writer, "user", making->user);
    chat__dynamodb_string(writer, "what", "profile");
    chat__dynamodb_string(writer, "name", request->display_name);
    chat__dynamodb_string(writer, "generation", FIRST_GENERATION);
    chat__dynamodb_signed(writer, "seen", request->now_ms);
    if (is_guest(making)) {
        chat__dynamodb_number(writer, "guest", 1);
        chat__dynamodb_string(writer, "idle", "guest");
    } else {
        chat__dynamodb_string(writer, "skeleton", request->skeleton);
        chat__dynamodb_string(writer, "password", request->password_hash);
        chat__dynamodb_string(writer, "register_key", request->key);
        chat__dynamodb_signed(writer, "registered", request->now_ms);
    }
    chat__write_object_end(writer);
}

/*
 * The id is of nobody else, so what is there is an earlier try's. A try that
 * comes late must not undo a ban or a new password.
 */
static void put_profile(struct making *making)
{
    struct chat__dynamodb_body body;

    making->user = making->store->next_user++;
    chat__dynamodb_body_begin(&body, making->store->prefix, "users");
    write_profile(&body.writer, making);
    chat__dynamodb_expression(&body, "ConditionExpression",
                              "attribute_not_exists(#user)");
    chat__dynamodb_ask(making->store, "PutItem", &body, put_name, making);
}

/* ---- the id ---- */

/* A block whose answer is lost is never used. */
static void block_taken(void *context,
                        const struct chat__dynamodb_answer *answer)
{
    struct making *making = context;
    struct chat__dynamodb *store = making->store;
    uint64_t end = chat__dynamodb_get_number(
        cJSON_GetObjectItemCaseSensitive(answer->json, "Attributes"), "next");
    if (answer->outcome != CHAT__DYNAMODB_OK ||
        end < CHAT__DYNAMODB_USER_BLOCK) {
        finish(making, answer->outcome == CHAT__DYNAMODB_BUSY
                           ? CHAT__STORE_BUSY
                           : CHAT__STORE_FAILED);
        return;
    }
    if (store->next_user == store->user_end) {
        store->next_user = end - CHAT__DYNAMODB_USER_BLOCK + 1;
        store->user_end = end + 1;
    }
    put_profile(making);
}

static void take_block(struct making *making)
{
    struct chat__dynamodb_body body;
    struct chat__writer *writer = &body.writer;
    chat__dynamodb_body_begin(&body, making->store->prefix, "user-counter");
    chat__write_object(writer, "Key");
    chat__dynamodb_string(writer, "id", CHAT__DYNAMODB_USER_COUNTER);
    chat__write_object_end(writer);
    chat__dynamodb_expression(&body, "UpdateExpression", "ADD #next :block");
    chat__write_object(writer, "ExpressionAttributeValues");
    chat__dynamodb_number(writer, ":block", CHAT__DYNAMODB_USER_BLOCK);
    chat__write_object_end(writer);
    chat__write_string(writer, "ReturnValues", "UPDATED_NEW");
    chat__dynamodb_ask(making->store, "UpdateItem", &body, block_taken, making);
}

void chat__dynamodb_make_user(
    struct chat__dynamodb *store, const struct chat__store_sign_in *request,
    void (*done)(void *context, enum chat__store_result result, uint64_t user),
    void *context)
{
    struct making *making = malloc(sizeof *making);

    if (making == NULL) {
        done(context, CHAT__STORE_BUSY, 0);
        return;
    }
    *making = (struct making){
        .store = store, .request = request, .done = done, .context = context};
    if (store->next_user < store->user_end)
        put_profile(making);
    else
        take_block(making);
}
