/* Requests: their tries, what an answer means, and groups of them. */
#include "server/store/dynamodb_private.h"

#include <stdlib.h>
#include <string.h>

/* SDKs of AWS try four times in all; a lost append costs a client more. */
#define TRIES_MAX 6

/* Full jitter: random(0, min(most, base * 2^tries)). */
#define BASE_MS          25
#define BASE_THROTTLE_MS 100
#define WAIT_MS_MAX      3000

struct ask {
    struct chat__dynamodb_call call;
    struct chat__dynamodb *store;
    struct chat__dynamodb_body body;
    unsigned int tries;
    bool unsure; /* one of the tries may have been, or may still be */
    chat__dynamodb_done *done;
    void *context;
};

enum class {
    CLASS_OK,
    CLASS_CONDITION,
    CLASS_THROTTLED,
    CLASS_UNSURE,
    CLASS_NO
};

/* ---- what an answer means ---- */

static const struct {
    const char *name;
    enum class class;
} errors[] = {
    {"ConditionalCheckFailedException", CLASS_CONDITION},
    {"ResourceInUseException", CLASS_CONDITION}, /* there is such a table */
    {"ProvisionedThroughputExceededException", CLASS_THROTTLED},
    {"ThrottlingException", CLASS_THROTTLED},
    {"RequestLimitExceeded", CLASS_THROTTLED},
    {"TransactionInProgressException", CLASS_THROTTLED},
    {"ReplicatedWriteConflictException", CLASS_UNSURE},
    {"InternalServerError", CLASS_UNSURE},
};

static enum class classify_error(const cJSON *json, unsigned int status) {
    const char *type =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "__type"));
    const char *name = type == NULL ? NULL : strrchr(type, '#');
    if (name != NULL) name++;
    else name = type;
    for (size_t i = 0; name != NULL && i < sizeof errors / sizeof *errors;
         i++) if (strcmp(errors[i].name, name) == 0) return errors[i]
        .class;
    return status >= 500 ? CLASS_UNSURE : CLASS_NO;
}

static enum class classify(const struct chat__dynamodb_response *response,
                           cJSON *json) {
    if (response->status == 0) return CLASS_UNSURE;
    if (response->status != 200) return classify_error(json, response->status);
    return json == NULL ? CLASS_UNSURE : CLASS_OK;
}

/* ---- tries ---- */

static int64_t draw_wait(struct ask *ask, enum class class)
{
    struct chat__dynamodb_client *client = ask->store->options.client;
    int64_t most = class == CLASS_THROTTLED ? BASE_THROTTLE_MS : BASE_MS;
    uint32_t chance = 0;
    for (unsigned int i = 1; i < ask->tries && most < WAIT_MS_MAX; i++)
        most *= 2;
    if (most > WAIT_MS_MAX)
        most = WAIT_MS_MAX;
    if (!client->fill(client, &chance, sizeof chance))
        return most;
    return (int64_t)(chance % (uint64_t)(most + 1));
}

static void end(struct ask *ask, enum chat__dynamodb_outcome outcome,
                cJSON *json)
{
    struct chat__dynamodb_answer answer = {.outcome = outcome, .json = json};
    ask->done(ask->context, &answer);
    chat__dynamodb_body_release(&ask->body);
    free(ask);
}

static void send(struct ask *ask, int64_t delay_ms)
{
    struct chat__dynamodb_client *client = ask->store->options.client;
    ask->tries++;
    ask->call.delay_ms = delay_ms;
    if (!client->call(client, &ask->call))
        end(ask, ask->unsure ? CHAT__DYNAMODB_FAILED : CHAT__DYNAMODB_BUSY,
            NULL);
}

static void decide(struct ask *ask, enum class class, cJSON *json)
{
    ask->unsure = ask->unsure || class == CLASS_UNSURE;
    if (class == CLASS_OK)
        end(ask, CHAT__DYNAMODB_OK, json);
    else if (class == CLASS_CONDITION)
        end(ask, CHAT__DYNAMODB_CONDITION, json);
    else if (class != CLASS_NO && ask->tries < TRIES_MAX)
        send(ask, draw_wait(ask, class));
    else
        end(ask,
            class == CLASS_THROTTLED && !ask->unsure ? CHAT__DYNAMODB_BUSY
                                                     : CHAT__DYNAMODB_FAILED,
            NULL);
}

static void answered(struct chat__dynamodb_call *call,
                     const struct chat__dynamodb_response *response)
{
    struct ask *ask = CHAT__DYNAMODB_CONTAINER(call, struct ask, call);
    cJSON *json = NULL;
    if (response->length > 0)
        json = cJSON_ParseWithLength(response->body, response->length);
    decide(ask, classify(response, json), json);
    cJSON_Delete(json);
}

void chat__dynamodb_ask(struct chat__dynamodb *store, const char *operation,
                        struct chat__dynamodb_body *body,
                        chat__dynamodb_done *done, void *context)
{
    static const struct chat__dynamodb_answer none = {
        .outcome = CHAT__DYNAMODB_FAILED};
    struct ask *ask = calloc(1, sizeof *ask);
    chat__dynamodb_body_end(body);
    if (ask == NULL || body->buffer.failed) {
        free(ask);
        chat__dynamodb_body_release(body);
        done(context, &none);
        return;
    }
    *ask = (struct ask){
        .store = store, .body = *body, .done = done, .context = context};
    ask->call.operation = operation;
    ask->call.body = ask->body.buffer.data;
    ask->call.length = ask->body.buffer.length;
    ask->call.answered = answered;
    send(ask, 0);
}

enum chat__store_result
chat__dynamodb_result(enum chat__dynamodb_outcome outcome)
{
    switch (outcome) {
    case CHAT__DYNAMODB_OK:
    case CHAT__DYNAMODB_CONDITION:
        return CHAT__STORE_OK;
    case CHAT__DYNAMODB_BUSY:
        return CHAT__STORE_BUSY;
    case CHAT__DYNAMODB_FAILED:
        break;
    }
    return CHAT__STORE_FAILED;
}

/* ---- groups ---- */

struct member {
    struct chat__dynamodb_group *group;
    chat__dynamodb_done *each;
    void *context;
};

void chat__dynamodb_group_begin(struct chat__dynamodb_group *group,
                                struct chat__dynamodb *store,
                                void (*done)(struct chat__dynamodb_group *))
{
    *group = (struct chat__dynamodb_group){
        .store = store, .pending = 1, .done = done};
}

void chat__dynamodb_group_fail(struct chat__dynamodb_group *group)
{
    group->worst = CHAT__DYNAMODB_FAILED;
}

void chat__dynamodb_group_note(struct chat__dynamodb_group *group,
                               enum chat__store_result result)
{
    enum chat__dynamodb_outcome outcome = CHAT__DYNAMODB_FAILED;

    if (result == CHAT__STORE_OK)
        return;
    if (result == CHAT__STORE_BUSY)
        outcome = CHAT__DYNAMODB_BUSY;
    if (outcome > group->worst)
        group->worst = outcome;
}

void chat__dynamodb_group_hold(struct chat__dynamodb_group *group)
{
    group->pending++;
}

void chat__dynamodb_group_end(struct chat__dynamodb_group *group)
{
    if (--group->pending == 0)
        group->done(group);
}

static void member_answered(void *context,
                            const struct chat__dynamodb_answer *answer)
{
    struct member *member = context;
    struct chat__dynamodb_group *group = member->group;
    if (answer->outcome > CHAT__DYNAMODB_CONDITION &&
        answer->outcome > group->worst)
        group->worst = answer->outcome;
    if (member->each != NULL)
        member->each(member->context, answer);
    free(member);
    chat__dynamodb_group_end(group);
}

void chat__dynamodb_group_ask(struct chat__dynamodb_group *group,
                              const char *operation,
                              struct chat__dynamodb_body *body,
                              chat__dynamodb_done *each, void *context)
{
    struct member *member = malloc(sizeof *member);
    if (member == NULL) {
        chat__dynamodb_body_release(body);
        chat__dynamodb_group_fail(group);
        return;
    }
    *member = (struct member){.group = group, .each = each, .context = context};
    group->pending++;
    chat__dynamodb_ask(group->store, operation, body, member_answered, member);
}
