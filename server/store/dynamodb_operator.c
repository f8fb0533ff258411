/* What an operator asks for: all users, and bans from the server. */
#include "server/store/dynamodb_private.h"

#include <stdlib.h>
#include <string.h>

/* Ids whose users are read at once. */
#define WAVE 32

/* Two operators who ban one user at once try in turn. */
#define BAN_TRIES_MAX 8

/* ---- all users ---- */

/*
 * No table has the users in order, so their ids are gone through, up to the
 * last that was given out. Blocks have ids that nobody got: a wave may find
 * few, so there are as many as it takes.
 */
struct list {
    struct chat__dynamodb_group group; /* of the wave */
    struct chat__store_list_users *request;
    uint64_t first; /* of the wave */
    uint64_t last;  /* that was given out */
    struct found {
        struct list *list;
        bool is_user;
        struct chat__store_user_row row;
    } found[WAVE];
};

static void finish_list(struct list *list, enum chat__store_result result)
{
    if (result != CHAT__STORE_OK)
        chat__store_list_users_release(list->request);
    list->request->result = result;
    chat__dynamodb_complete(list->group.store, &list->request->completion);
    free(list);
}

static void begin_wave(struct list *list);

static void wave_read(struct chat__dynamodb_group *group)
{
    struct list *list = CHAT__CONTAINER(group, struct list, group);
    struct chat__store_list_users *request = list->request;

    if (group->worst != CHAT__DYNAMODB_OK) {
        finish_list(list, chat__dynamodb_result(group->worst));
        return;
    }
    for (size_t i = 0; i < WAVE && !request->more; i++) {
        if (!list->found[i].is_user)
            continue;
        request->more = request->count == request->limit;
        if (!request->more)
            request->rows[request->count++] = list->found[i].row;
    }
    list->first += WAVE;
    if (request->more)
        finish_list(list, CHAT__STORE_OK);
    else
        begin_wave(list);
}

static void user_read(void *context,
                      const struct chat__dynamodb_user_items *items)
{
    struct found *found = context;
    struct chat__dynamodb_group *group = &found->list->group;
    const cJSON *profile = items->profile;

    chat__dynamodb_group_note(group, items->result);
    found->is_user = profile != NULL;
    found->row.guest = chat__dynamodb_get_number(profile, "guest") != 0;
    found->row.rooms = chat__dynamodb_user_rooms(items->items);
    found->row.seen_ms = chat__dynamodb_get_signed(profile, "seen");
    found->row.banned_ms = chat__dynamodb_get_signed(profile, "banned");
    chat__dynamodb_copy(found->row.name, sizeof found->row.name,
                        chat__dynamodb_get_string(profile, "name"));
    chat__dynamodb_group_end(group);
}

static void begin_wave(struct list *list)
{
    struct chat__dynamodb *store = list->group.store;

    if (list->first > list->last) {
        finish_list(list, CHAT__STORE_OK);
        return;
    }
    chat__dynamodb_group_begin(&list->group, store, wave_read);
    for (size_t i = 0; i < WAVE; i++) {
        struct found *found = &list->found[i];

        *found = (struct found){.list = list, .row.user = list->first + i};
        if (found->row.user > list->last)
            continue;
        chat__dynamodb_group_hold(&list->group);
        chat__dynamodb_user_query(store, found->row.user, user_read, found);
    }
    chat__dynamodb_group_end(&list->group);
}

static void counter_read(void *context,
                         const struct chat__dynamodb_answer *answer)
{
    struct list *list = context;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(answer->json, "Item");

    if (answer->outcome != CHAT__DYNAMODB_OK) {
        finish_list(list, chat__dynamodb_result(answer->outcome));
        return;
    }
    list->last = chat__dynamodb_get_number(item, "next");
    begin_wave(list);
}

static void ask_counter(struct list *list)
{
    struct chat__dynamodb *store = list->group.store;
    struct chat__dynamodb_body body;

    chat__dynamodb_body_begin(&body, store->prefix, "user-counter");
    chat__write_object(&body.writer, "Key");
    chat__dynamodb_string(&body.writer, "id", CHAT__DYNAMODB_USER_COUNTER);
    chat__write_object_end(&body.writer);
    chat__write_bool(&body.writer, "ConsistentRead", true);
    chat__dynamodb_ask(store, "GetItem", &body, counter_read, list);
}

void chat__dynamodb_list_users(struct chat__store *base,
                               struct chat__store_list_users *request)
{
    struct chat__dynamodb *store = (struct chat__dynamodb *)base;
    struct list *list = NULL;

    request->more = false;
    if (chat__dynamodb_admit(store))
        list = calloc(1, sizeof *list);
    if (list != NULL)
        request->rows = calloc(request->limit + 1, sizeof *request->rows);
    if (list == NULL || request->rows == NULL) {
        free(list);
        request->result = CHAT__STORE_BUSY;
        chat__dynamodb_complete(store, &request->completion);
        return;
    }
    list->group.store = store;
    list->request = request;
    list->first = request->after + 1;
    ask_counter(list);
}

/* ---- bans ---- */

/*
 * The profile counts its bans and their ends, so that a try that comes late
 * changes nothing any more.
 */
struct ban {
    struct chat__dynamodb *store;
    struct chat__store_set_banned *request;
    uint64_t turn; /* that this one makes */
    unsigned int tries;
};

static void finish_ban(struct ban *ban, enum chat__store_result result)
{
    ban->request->result = result;
    chat__dynamodb_complete(ban->store, &ban->request->completion);
    free(ban);
}

static void take_turn(struct ban *ban, const cJSON *profile);

static void turn_taken(void *context,
                       const struct chat__dynamodb_answer *answer)
{
    struct ban *ban = context;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(answer->json, "Item");

    if (answer->outcome != CHAT__DYNAMODB_CONDITION)
        finish_ban(ban, chat__dynamodb_result(answer->outcome));
    else if (chat__dynamodb_get_number(item, "bans") == ban->turn &&
             chat__dynamodb_get_signed(item, "banned") ==
                 ban->request->banned_ms)
        finish_ban(ban, CHAT__STORE_OK); /* an earlier try of this did it */
    else
        take_turn(ban, item);
}

static void take_turn(struct ban *ban, const cJSON *profile)
{
    struct chat__dynamodb_body body;
    struct chat__writer *writer = &body.writer;
    uint64_t before = chat__dynamodb_get_number(profile, "bans");

    if (profile == NULL || ++ban->tries > BAN_TRIES_MAX) {
        finish_ban(ban,
                   profile == NULL ? CHAT__STORE_NOT_FOUND : CHAT__STORE_BUSY);
        return;
    }
    ban->turn = before + 1;
    chat__dynamodb_body_begin(&body, ban->store->prefix, "users");
    chat__dynamodb_user_key(writer, ban->request->user);
    chat__dynamodb_expression(&body, "UpdateExpression",
                              "SET #banned = :banned, #bans = :turn");
    chat__dynamodb_expression(&body, "ConditionExpression",
                              before == 0 ? "attribute_not_exists(#bans)"
                                          : "#bans = :before");
    chat__write_object(writer, "ExpressionAttributeValues");
    chat__dynamodb_signed(writer, ":banned", ban->request->banned_ms);
    chat__dynamodb_number(writer, ":turn", ban->turn);
    if (before != 0)
        chat__dynamodb_number(writer, ":before", before);
    chat__write_object_end(writer);
    chat__write_string(writer, "ReturnValuesOnConditionCheckFailure",
                       "ALL_OLD");
    chat__dynamodb_ask(ban->store, "UpdateItem", &body, turn_taken, ban);
}

static void profile_read(void *context,
                         const struct chat__dynamodb_answer *answer)
{
    struct ban *ban = context;

    if (answer->outcome != CHAT__DYNAMODB_OK)
        finish_ban(ban, chat__dynamodb_result(answer->outcome));
    else
        take_turn(ban, cJSON_GetObjectItemCaseSensitive(answer->json, "Item"));
}

void chat__dynamodb_set_banned(struct chat__store *base,
                               struct chat__store_set_banned *request)
{
    struct chat__dynamodb *store = (struct chat__dynamodb *)base;
    struct chat__dynamodb_body body;
    struct ban *ban = NULL;

    if (chat__dynamodb_admit(store))
        ban = calloc(1, sizeof *ban);
    if (ban == NULL) {
        request->result = CHAT__STORE_BUSY;
        chat__dynamodb_complete(store, &request->completion);
        return;
    }
    ban->store = store;
    ban->request = request;
    chat__dynamodb_user_get(&body, store, request->user);
    chat__dynamodb_ask(store, "GetItem", &body, profile_read, ban);
}
