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

enum meaning {
    MEANING_OK,
    MEANING_CONDITION,
    MEANING_THROTTLED,
    MEANING_UNSURE,
    MEANING_NO
};

/* ---- what an answer means ---- */

static const struct {
    const char *name;
    enum meaning meaning;
} errors[] = {
    {"ConditionalCheckFailedException", MEANING_CONDITION},
    {"ResourceInUseException", MEANING_CONDITION}, /* there is such a table */
    {"ProvisionedThroughputExceededException", MEANING_THROTTLED},
    {"ThrottlingException", MEANING_THROTTLED},
    {"RequestLimitExceeded", MEANING_THROTTLED},
    {"TransactionInProgressException", MEANING_THROTTLED},
    {"ReplicatedWriteConflictException", MEANING_UNSURE},
    {"InternalServerError", MEANING_UNSURE},
};

static const char *error_name(const cJSON *json)
{
    const char *type =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "__type"));
    const char *name = type == NULL ? NULL : strrchr(type, '#');

    return name != NULL ? name + 1 : type;
}

static enum meaning find_error(const cJSON *json, unsigned int status)
{
    const char *name = error_name(json);

    for (size_t i = 0; name != NULL && i < sizeof errors / sizeof *errors; i++)
        if (strcmp(errors[i].name, name) == 0)
            return errors[i].meaning;
    return status >= 500 ? MEANING_UNSURE : MEANING_NO;
}

static enum meaning meaning_of(const struct chat__dynamodb_response *response,
                               const cJSON *json)
{
    if (response->status == 0)
        return MEANING_UNSURE;
    if (response->status != 200)
        return find_error(json, response->status);
    return json == NULL ? MEANING_UNSURE : MEANING_OK;
}

/* ---- tries ---- */

static int64_t draw_wait(struct ask *ask, enum meaning meaning)
{
    struct chat__dynamodb_client *client = ask->store->options.client;
    int64_t most = meaning == MEANING_THROTTLED ? BASE_THROTTLE_MS : BASE_MS;
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

/* What the operator is told of it. */
static void note(struct ask *ask, enum meaning meaning, const cJSON *json)
{
    if (meaning == MEANING_NO)
        chat__dynamodb_refused(ask->store, ask->body.table, error_name(json));
    else if (meaning == MEANING_UNSURE)
        chat__dynamodb_unanswered(ask->store, ask->body.table);
    else if (meaning != MEANING_THROTTLED)
        chat__dynamodb_worked(ask->store, ask->body.table);
}

static void decide(struct ask *ask, enum meaning meaning, cJSON *json)
{
    bool again = meaning == MEANING_THROTTLED || meaning == MEANING_UNSURE;

    ask->unsure = ask->unsure || meaning == MEANING_UNSURE;
    if (again && ask->tries < TRIES_MAX) {
        send(ask, draw_wait(ask, meaning));
        return;
    }
    note(ask, meaning, json);
    if (meaning == MEANING_OK)
        end(ask, CHAT__DYNAMODB_OK, json);
    else if (meaning == MEANING_CONDITION)
        end(ask, CHAT__DYNAMODB_CONDITION, json);
    else if (meaning == MEANING_THROTTLED && !ask->unsure)
        end(ask, CHAT__DYNAMODB_BUSY, NULL);
    else
        end(ask, CHAT__DYNAMODB_FAILED, NULL);
}

static void answered(struct chat__dynamodb_call *call,
                     const struct chat__dynamodb_response *response)
{
    struct ask *ask = CHAT__CONTAINER(call, struct ask, call);
    cJSON *json = NULL;
    if (response->length > 0)
        json = cJSON_ParseWithLength(response->body, response->length);
    decide(ask, meaning_of(response, json), json);
    cJSON_Delete(json);
}

void chat__dynamodb_ask_later(struct chat__dynamodb *store,
                              const char *operation,
                              struct chat__dynamodb_body *body,
                              int64_t delay_ms, chat__dynamodb_done *done,
                              void *context)
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
    send(ask, delay_ms);
}

void chat__dynamodb_ask(struct chat__dynamodb *store, const char *operation,
                        struct chat__dynamodb_body *body,
                        chat__dynamodb_done *done, void *context)
{
    chat__dynamodb_ask_later(store, operation, body, 0, done, context);
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
