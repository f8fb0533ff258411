/*
 * Tokens. All of a user end at once by a new generation of the profile: one
 * write, and a sign-in that runs beside it makes a token that has ended.
 */
#include "server/store/dynamodb_private.h"

#include <stdlib.h>
#include <string.h>

/* Of a token whose end has come DynamoDB takes care; it is not exact. */
#define GONE_AFTER_S (24 * 60 * 60)

#define GENERATION_BYTES 12

/* Several who end the tokens of one user at once do so in turn. */
#define TURNS_MAX 8

/* ---- requests ---- */

static void write_key(struct chat__writer *writer, const unsigned char *hash)
{
    char text[CHAT__DYNAMODB_HASH_SIZE];
    chat__dynamodb_to_hex(text, hash, CHAT__TOKEN_HASH_BYTES);
    chat__write_object(writer, "Key");
    chat__dynamodb_string(writer, "hash", text);
    chat__write_object_end(writer);
}

void chat__dynamodb_token_get(struct chat__dynamodb_body *body,
                              const struct chat__dynamodb *store,
                              const unsigned char *hash)
{
    chat__dynamodb_body_begin(body, store->prefix, "tokens");
    write_key(&body->writer, hash);
    chat__write_bool(&body->writer, "ConsistentRead", true);
}

void chat__dynamodb_token_put(struct chat__dynamodb_body *body,
                              const struct chat__dynamodb *store,
                              const unsigned char *hash, uint64_t user,
                              int64_t expires_ms, const char *generation)
{
    struct chat__writer *writer = &body->writer;
    char text[CHAT__DYNAMODB_HASH_SIZE];
    chat__dynamodb_to_hex(text, hash, CHAT__TOKEN_HASH_BYTES);
    chat__dynamodb_body_begin(body, store->prefix, "tokens");
    chat__write_object(writer, "Item");
    chat__dynamodb_string(writer, "hash", text);
    chat__dynamodb_number(writer, "user", user);
    chat__dynamodb_signed(writer, "expires", expires_ms);
    chat__dynamodb_string(writer, "generation", generation);
    chat__dynamodb_signed(writer, "gone", expires_ms / 1000 + GONE_AFTER_S);
    chat__write_object_end(writer);
    chat__dynamodb_expression(body, "ConditionExpression",
                              "attribute_not_exists(#user) OR #user = :user");
    chat__write_object(writer, "ExpressionAttributeValues");
    chat__dynamodb_number(writer, ":user", user);
    chat__write_object_end(writer);
}

/* A token that has ended meanwhile does not come back. */
void chat__dynamodb_token_slide(struct chat__dynamodb_body *body,
                                const struct chat__dynamodb *store,
                                const unsigned char *hash, int64_t expires_ms)
{
    struct chat__writer *writer = &body->writer;
    chat__dynamodb_body_begin(body, store->prefix, "tokens");
    write_key(writer, hash);
    chat__dynamodb_expression(body, "UpdateExpression",
                              "SET #expires = :expires, #gone = :gone");
    chat__dynamodb_expression(body, "ConditionExpression",
                              "#expires < :expires");
    chat__write_object(writer, "ExpressionAttributeValues");
    chat__dynamodb_signed(writer, ":expires", expires_ms);
    chat__dynamodb_signed(writer, ":gone", expires_ms / 1000 + GONE_AFTER_S);
    chat__write_object_end(writer);
}

void chat__dynamodb_user_seen(struct chat__dynamodb_body *body,
                              const struct chat__dynamodb *store,
                              const cJSON *profile, uint64_t user,
                              int64_t now_ms)
{
    struct chat__writer *writer = &body->writer;
    bool guest = chat__dynamodb_get_number(profile, "guest") != 0;
    chat__dynamodb_body_begin(body, store->prefix, "users");
    chat__dynamodb_user_key(writer, user);
    chat__dynamodb_expression(body, "UpdateExpression",
                              guest ? "SET #seen = :seen, #idle = :idle"
                                    : "SET #seen = :seen");
    chat__dynamodb_expression(body, "ConditionExpression", "#seen < :seen");
    chat__write_object(writer, "ExpressionAttributeValues");
    chat__dynamodb_signed(writer, ":seen", now_ms);
    if (guest)
        chat__dynamodb_string(writer, ":idle", "guest");
    chat__write_object_end(writer);
}

bool chat__dynamodb_token_is_of(const cJSON *token, const cJSON *profile)
{
    const char *one = chat__dynamodb_get_string(token, "generation");
    const char *other = chat__dynamodb_get_string(profile, "generation");
    return one != NULL && other != NULL && strcmp(one, other) == 0;
}

/* ---- ending them ---- */

struct end_tokens {
    struct chat__dynamodb *store;
    struct chat__store_end_tokens *request;
    unsigned int tries;
    char generation[2 * GENERATION_BYTES + 1]; /* the new one */
};

static void finish(struct end_tokens *end, enum chat__store_result result)
{
    end->request->result = result;
    chat__dynamodb_complete(end->store, &end->request->completion);
    free(end);
}

static void ended(void *context, const struct chat__dynamodb_answer *answer)
{
    finish(context, answer->outcome == CHAT__DYNAMODB_CONDITION
                        ? CHAT__STORE_NOT_FOUND
                        : chat__dynamodb_result(answer->outcome));
}

/*
 * From now on it is nobody's. The item stays until DynamoDB takes it, so that
 * no put which comes late makes the token valid again.
 */
static void end_one(struct end_tokens *end)
{
    struct chat__dynamodb_body body;

    chat__dynamodb_body_begin(&body, end->store->prefix, "tokens");
    write_key(&body.writer, end->request->token_hash);
    chat__dynamodb_expression(&body, "UpdateExpression", "SET #user = :nobody");
    chat__dynamodb_expression(&body, "ConditionExpression", "#user = :user");
    chat__write_object(&body.writer, "ExpressionAttributeValues");
    chat__dynamodb_number(&body.writer, ":user", end->request->user);
    chat__dynamodb_number(&body.writer, ":nobody", 0);
    chat__write_object_end(&body.writer);
    chat__dynamodb_ask(end->store, "UpdateItem", &body, ended, end);
}

/* A name that no earlier one has; false: there is no chance for it. */
static bool name_generation(struct end_tokens *end)
{
    struct chat__dynamodb_client *client = end->store->options.client;
    unsigned char chance[GENERATION_BYTES];
    if (!client->fill(client, chance, sizeof chance))
        return false;
    chat__dynamodb_to_hex(end->generation, chance, sizeof chance);
    return true;
}

/* ---- all of them, maybe with a new password ---- */

/*
 * On the condition that the generation is the one that was read, so that a try
 * which comes late brings back neither an old generation, by which tokens that
 * have ended would be valid, nor an old password.
 */
static void take_turn(struct end_tokens *end, const cJSON *profile);

static void put_token(struct end_tokens *end)
{
    const struct chat__store_end_tokens *request = end->request;
    struct chat__dynamodb_body body;

    if (request->password_hash == NULL) {
        finish(end, CHAT__STORE_OK);
        return;
    }
    chat__dynamodb_token_put(&body, end->store, request->token_hash,
                             request->user, request->expires_ms,
                             end->generation);
    chat__dynamodb_ask(end->store, "PutItem", &body, ended, end);
}

static void turn_taken(void *context,
                       const struct chat__dynamodb_answer *answer)
{
    struct end_tokens *end = context;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(answer->json, "Item");
    const char *generation = chat__dynamodb_get_string(item, "generation");
    /* An earlier try of ours may have done it: its generation is this. */
    bool ours = generation != NULL && strcmp(generation, end->generation) == 0;

    if (answer->outcome == CHAT__DYNAMODB_OK || ours)
        put_token(end);
    else if (answer->outcome == CHAT__DYNAMODB_CONDITION)
        take_turn(end, item);
    else
        finish(end, chat__dynamodb_result(answer->outcome));
}

static bool may_change(const struct end_tokens *end, const cJSON *profile)
{
    const struct chat__store_end_tokens *request = end->request;
    const char *password = chat__dynamodb_get_string(profile, "password");

    if (chat__dynamodb_get_string(profile, "generation") == NULL)
        return false;
    return request->password_hash == NULL ||
           (password != NULL && (request->proved_hash == NULL ||
                                 strcmp(password, request->proved_hash) == 0));
}

static void take_turn(struct end_tokens *end, const cJSON *profile)
{
    const struct chat__store_end_tokens *request = end->request;
    struct chat__dynamodb_body body;
    struct chat__writer *writer = &body.writer;

    if (!may_change(end, profile) || ++end->tries > TURNS_MAX) {
        finish(end, end->tries > TURNS_MAX ? CHAT__STORE_BUSY
                                           : CHAT__STORE_NOT_FOUND);
        return;
    }
    chat__dynamodb_body_begin(&body, end->store->prefix, "users");
    chat__dynamodb_user_key(writer, request->user);
    chat__dynamodb_expression(
        &body, "UpdateExpression",
        request->password_hash == NULL
            ? "SET #generation = :generation"
            : "SET #generation = :generation, #password = :password");
    chat__dynamodb_expression(&body, "ConditionExpression",
                              "#generation = :before");
    chat__write_object(writer, "ExpressionAttributeValues");
    chat__dynamodb_string(writer, ":generation", end->generation);
    chat__dynamodb_string(writer, ":password", request->password_hash);
    chat__dynamodb_string(writer, ":before",
                          chat__dynamodb_get_string(profile, "generation"));
    chat__write_object_end(writer);
    chat__write_string(writer, "ReturnValuesOnConditionCheckFailure",
                       "ALL_OLD");
    chat__dynamodb_ask(end->store, "UpdateItem", &body, turn_taken, end);
}

static void turn_begun(void *context,
                       const struct chat__dynamodb_answer *answer)
{
    struct end_tokens *end = context;

    if (answer->outcome != CHAT__DYNAMODB_OK)
        finish(end, chat__dynamodb_result(answer->outcome));
    else
        take_turn(end, cJSON_GetObjectItemCaseSensitive(answer->json, "Item"));
}

static void end_all(struct end_tokens *end)
{
    struct chat__dynamodb_body body;

    chat__dynamodb_user_get(&body, end->store, end->request->user);
    chat__dynamodb_ask(end->store, "GetItem", &body, turn_begun, end);
}

void chat__dynamodb_end_tokens(struct chat__store *base,
                               struct chat__store_end_tokens *request)
{
    struct chat__dynamodb *store = (struct chat__dynamodb *)base;
    struct end_tokens *end = NULL;
    if (chat__dynamodb_admit(store))
        end = calloc(1, sizeof *end);
    if (end == NULL) {
        request->result = CHAT__STORE_BUSY;
        chat__dynamodb_complete(store, &request->completion);
        return;
    }
    end->store = store;
    end->request = request;
    if (!request->all && request->password_hash == NULL)
        end_one(end);
    else if (!name_generation(end))
        finish(end, CHAT__STORE_BUSY);
    else
        end_all(end);
}

/* ---- keeping one ---- */

struct keep {
    struct chat__dynamodb_group group;
    struct chat__store_keep_session *request;
    cJSON *token;
};

static void finish_keep(struct keep *keep, enum chat__store_result result)
{
    keep->request->result = result;
    chat__dynamodb_complete(keep->group.store, &keep->request->completion);
    cJSON_Delete(keep->token);
    free(keep);
}

static void kept(struct chat__dynamodb_group *group)
{
    struct keep *keep = CHAT__CONTAINER(group, struct keep, group);
    finish_keep(keep, chat__dynamodb_result(group->worst));
}

static void profile_read(void *context,
                         const struct chat__dynamodb_answer *answer)
{
    struct keep *keep = context;
    struct chat__store_keep_session *request = keep->request;
    struct chat__dynamodb *store = keep->group.store;
    struct chat__dynamodb_body body;
    const cJSON *profile =
        cJSON_GetObjectItemCaseSensitive(answer->json, "Item");
    if (answer->outcome != CHAT__DYNAMODB_OK) {
        finish_keep(keep, chat__dynamodb_result(answer->outcome));
        return;
    }
    if (!chat__dynamodb_token_is_of(keep->token, profile)) {
        finish_keep(keep, CHAT__STORE_NOT_FOUND);
        return;
    }
    chat__dynamodb_group_begin(&keep->group, store, kept);
    chat__dynamodb_token_slide(&body, store, request->token_hash,
                               request->expires_ms);
    chat__dynamodb_group_ask(&keep->group, "UpdateItem", &body, NULL, NULL);
    chat__dynamodb_user_seen(&body, store, profile, request->user,
                             request->now_ms);
    chat__dynamodb_group_ask(&keep->group, "UpdateItem", &body, NULL, NULL);
    chat__dynamodb_group_end(&keep->group);
}

static void token_read(void *context,
                       const struct chat__dynamodb_answer *answer)
{
    struct keep *keep = context;
    const struct chat__store_keep_session *request = keep->request;
    struct chat__dynamodb *store = keep->group.store;
    struct chat__dynamodb_body body;
    keep->token = cJSON_DetachItemFromObjectCaseSensitive(answer->json, "Item");
    if (answer->outcome != CHAT__DYNAMODB_OK) {
        finish_keep(keep, chat__dynamodb_result(answer->outcome));
        return;
    }
    if (chat__dynamodb_get_number(keep->token, "user") != request->user ||
        chat__dynamodb_get_signed(keep->token, "expires") <= request->now_ms) {
        finish_keep(keep, CHAT__STORE_NOT_FOUND);
        return;
    }
    chat__dynamodb_user_get(&body, store, request->user);
    chat__dynamodb_ask(store, "GetItem", &body, profile_read, keep);
}

void chat__dynamodb_keep_session(struct chat__store *base,
                                 struct chat__store_keep_session *request)
{
    struct chat__dynamodb *store = (struct chat__dynamodb *)base;
    struct keep *keep = NULL;
    struct chat__dynamodb_body body;
    if (chat__dynamodb_admit(store))
        keep = calloc(1, sizeof *keep);
    if (keep == NULL) {
        request->result = CHAT__STORE_BUSY;
        chat__dynamodb_complete(store, &request->completion);
        return;
    }
    keep->group.store = store;
    keep->request = request;
    chat__dynamodb_token_get(&body, store, request->token_hash);
    chat__dynamodb_ask(store, "GetItem", &body, token_read, keep);
}
