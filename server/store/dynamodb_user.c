/* Users: their items, who has a name or an id, guests whom nobody has seen. */
#include "server/store/dynamodb_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_PREFIX "room:"

/* ---- items ---- */

static void write_key(struct chat__writer *writer, uint64_t user,
                      const char *what)
{
    chat__write_object(writer, "Key");
    chat__dynamodb_number(writer, "user", user);
    chat__dynamodb_string(writer, "what", what);
    chat__write_object_end(writer);
}

void chat__dynamodb_user_key(struct chat__writer *writer, uint64_t user)
{
    write_key(writer, user, "profile");
}

void chat__dynamodb_user_get(struct chat__dynamodb_body *body,
                             const struct chat__dynamodb *store, uint64_t user)
{
    chat__dynamodb_body_begin(body, store->prefix, "users");
    chat__dynamodb_user_key(&body->writer, user);
    chat__write_bool(&body->writer, "ConsistentRead", true);
}

void chat__dynamodb_user_room_key(struct chat__writer *writer, uint64_t user,
                                  const char *room)
{
    char what[CHAT__ROOM_NAME_BYTES_MAX + sizeof ROOM_PREFIX];
    snprintf(what, sizeof what, ROOM_PREFIX "%s", room);
    write_key(writer, user, what);
}

const char *chat__dynamodb_user_room_name(const cJSON *item)
{
    const char *what = chat__dynamodb_get_string(item, "what");

    if (what == NULL || strncmp(what, ROOM_PREFIX, strlen(ROOM_PREFIX)) != 0 ||
        strlen(what) > strlen(ROOM_PREFIX) + CHAT__ROOM_NAME_BYTES_MAX)
        return NULL;
    return what + strlen(ROOM_PREFIX);
}

const char *chat__dynamodb_user_room(const cJSON *item, enum chat__role *role)
{
    *role = (enum chat__role)chat__dynamodb_get_number(item, "role");
    return *role == CHAT__ROLE_NONE ? NULL
                                    : chat__dynamodb_user_room_name(item);
}

/* Who has read on is behind what joining set, or before it when that is new. */
void chat__dynamodb_user_marker(const cJSON *item, uint64_t *read,
                                uint64_t *read_n, uint64_t *mentions)
{
    const cJSON *element;
    uint64_t base = chat__dynamodb_get_number(item, "base");
    uint64_t mark = chat__dynamodb_get_number(item, "mark");
    *read = base > mark ? base : mark;
    *read_n =
        chat__dynamodb_get_number(item, base > mark ? "base_n" : "mark_n");
    *mentions = 0;
    cJSON_ArrayForEach(element,
                       chat__dynamodb_get_list(item, "mentions")) *mentions +=
        chat__dynamodb_element_number(element) > *read;
}

uint64_t chat__dynamodb_user_revision(const cJSON *items)
{
    const cJSON *item;
    uint64_t sum = 0;
    cJSON_ArrayForEach(item, items) sum +=
        chat__dynamodb_get_number(item, "revision");
    return sum;
}

uint64_t chat__dynamodb_user_rooms(const cJSON *items)
{
    const cJSON *item;
    enum chat__role role;
    uint64_t count = 0;

    cJSON_ArrayForEach(item, items) count +=
        chat__dynamodb_user_room(item, &role) != NULL &&
        chat__role_is_member(role);
    return count;
}

/* ---- all of a user ---- */

struct query {
    struct chat__dynamodb *store;
    uint64_t user;
    cJSON *items;
    char after[CHAT__ROOM_NAME_BYTES_MAX + sizeof ROOM_PREFIX];
    void (*done)(void *context, const struct chat__dynamodb_user_items *items);
    void *context;
};

static void finish(struct query *query, enum chat__store_result result)
{
    struct chat__dynamodb_user_items items = {.result = result,
                                              .items = query->items};
    const cJSON *first = cJSON_GetArrayItem(query->items, 0);
    const char *what = chat__dynamodb_get_string(first, "what");
    if (what != NULL && strcmp(what, "profile") == 0)
        items.profile = first;
    query->done(query->context, &items);
    cJSON_Delete(query->items);
    free(query);
}

static void ask(struct query *query);

static bool take_items(struct query *query, cJSON *items)
{
    cJSON *item;
    while ((item = cJSON_DetachItemFromArray(items, 0)) != NULL) {
        const char *what = chat__dynamodb_get_string(item, "what");
        bool taken = what != NULL && strlen(what) < sizeof query->after;
        if (taken)
            chat__dynamodb_copy(query->after, sizeof query->after, what);
        if (!taken || !cJSON_AddItemToArray(query->items, item)) {
            cJSON_Delete(item);
            return false;
        }
    }
    return true;
}

static void answered(void *context, const struct chat__dynamodb_answer *answer)
{
    struct query *query = context;
    cJSON *items = cJSON_GetObjectItemCaseSensitive(answer->json, "Items");
    bool any = cJSON_GetArraySize(items) > 0;
    if (answer->outcome != CHAT__DYNAMODB_OK)
        finish(query, chat__dynamodb_result(answer->outcome));
    else if (!take_items(query, items))
        finish(query, CHAT__STORE_FAILED);
    else if (any && cJSON_GetObjectItemCaseSensitive(
                        answer->json, "LastEvaluatedKey") != NULL)
        ask(query);
    else
        finish(query, CHAT__STORE_OK);
}

static void ask(struct query *query)
{
    struct chat__dynamodb_body body;
    struct chat__writer *writer = &body.writer;
    chat__dynamodb_body_begin(&body, query->store->prefix, "users");
    chat__dynamodb_expression(&body, "KeyConditionExpression",
                              "#user = :user AND #what > :after");
    chat__write_object(writer, "ExpressionAttributeValues");
    chat__dynamodb_number(writer, ":user", query->user);
    chat__dynamodb_string(writer, ":after", query->after);
    chat__write_object_end(writer);
    chat__write_bool(writer, "ConsistentRead", true);
    chat__dynamodb_ask(query->store, "Query", &body, answered, query);
}

void chat__dynamodb_user_query(
    struct chat__dynamodb *store, uint64_t user,
    void (*done)(void *context, const struct chat__dynamodb_user_items *),
    void *context)
{
    static const struct chat__dynamodb_user_items none = {.result =
                                                              CHAT__STORE_BUSY};
    struct query *query = calloc(1, sizeof *query);
    if (query != NULL)
        query->items = cJSON_CreateArray();
    if (query == NULL || query->items == NULL) {
        free(query);
        done(context, &none);
        return;
    }
    query->store = store;
    query->user = user;
    query->done = done;
    query->context = context;
    chat__dynamodb_copy(query->after, sizeof query->after, " ");
    ask(query);
}

/* ---- who has an id ---- */

struct find_user {
    struct chat__dynamodb *store;
    struct chat__store_find_user *request;
};

static void user_found(void *context,
                       const struct chat__dynamodb_user_items *items)
{
    struct find_user *find = context;
    struct chat__store_find_user *request = find->request;

    request->result = items->result;
    if (items->result == CHAT__STORE_OK && items->profile == NULL)
        request->result = CHAT__STORE_NOT_FOUND;
    chat__dynamodb_copy(request->name, sizeof request->name,
                        chat__dynamodb_get_string(items->profile, "name"));
    chat__dynamodb_copy(request->skeleton, sizeof request->skeleton,
                        chat__dynamodb_get_string(items->profile, "skeleton"));
    request->guest = chat__dynamodb_get_number(items->profile, "guest") != 0;
    request->rooms = chat__dynamodb_user_rooms(items->items);
    request->banned_ms = chat__dynamodb_get_signed(items->profile, "banned");
    chat__dynamodb_complete(find->store, &request->completion);
    free(find);
}

void chat__dynamodb_find_user(struct chat__store *base,
                              struct chat__store_find_user *request)
{
    struct chat__dynamodb *store = (struct chat__dynamodb *)base;
    struct find_user *find = NULL;
    if (chat__dynamodb_admit(store))
        find = malloc(sizeof *find);
    if (find == NULL) {
        request->result = CHAT__STORE_BUSY;
        chat__dynamodb_complete(store, &request->completion);
        return;
    }
    *find = (struct find_user){.store = store, .request = request};
    chat__dynamodb_user_query(store, request->user, user_found, find);
}

/* ---- who has a name ---- */

struct find_account {
    struct chat__dynamodb *store;
    struct chat__store_find_account *request;
};

static void finish_account(struct find_account *find,
                           enum chat__store_result result)
{
    find->request->result = result;
    chat__dynamodb_complete(find->store, &find->request->completion);
    free(find);
}

static void account_read(void *context,
                         const struct chat__dynamodb_answer *answer)
{
    struct find_account *find = context;
    struct chat__store_find_account *request = find->request;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(answer->json, "Item");
    enum chat__store_result result = chat__dynamodb_result(answer->outcome);
    if (result == CHAT__STORE_OK && item == NULL)
        result = CHAT__STORE_NOT_FOUND;
    chat__dynamodb_copy(request->password_hash, sizeof request->password_hash,
                        chat__dynamodb_get_string(item, "password"));
    chat__dynamodb_copy(request->register_key, sizeof request->register_key,
                        chat__dynamodb_get_string(item, "register_key"));
    request->registered_ms = chat__dynamodb_get_signed(item, "registered");
    finish_account(find, result);
}

static void name_read(void *context, const struct chat__dynamodb_answer *answer)
{
    struct find_account *find = context;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(answer->json, "Item");
    struct chat__dynamodb_body body;
    if (answer->outcome != CHAT__DYNAMODB_OK || item == NULL) {
        finish_account(find,
                       item == NULL && answer->outcome == CHAT__DYNAMODB_OK
                           ? CHAT__STORE_NOT_FOUND
                           : chat__dynamodb_result(answer->outcome));
        return;
    }
    find->request->user = chat__dynamodb_get_number(item, "user");
    chat__dynamodb_user_get(&body, find->store, find->request->user);
    chat__dynamodb_ask(find->store, "GetItem", &body, account_read, find);
}

void chat__dynamodb_name_get(struct chat__dynamodb_body *body,
                             const struct chat__dynamodb *store,
                             const char *kind, const char *name)
{
    char text[CHAT__SKELETON_SIZE + 16];
    snprintf(text, sizeof text, "%s:%s", kind, name);
    chat__dynamodb_body_begin(body, store->prefix, "names");
    chat__write_object(&body->writer, "Key");
    chat__dynamodb_string(&body->writer, "name", text);
    chat__write_object_end(&body->writer);
    chat__write_bool(&body->writer, "ConsistentRead", true);
}

void chat__dynamodb_find_account(struct chat__store *base,
                                 struct chat__store_find_account *request)
{
    struct chat__dynamodb *store = (struct chat__dynamodb *)base;
    struct find_account *find = NULL;
    struct chat__dynamodb_body body;
    if (chat__dynamodb_admit(store))
        find = malloc(sizeof *find);
    if (find == NULL) {
        request->result = CHAT__STORE_BUSY;
        chat__dynamodb_complete(store, &request->completion);
        return;
    }
    *find = (struct find_account){.store = store, .request = request};
    chat__dynamodb_name_get(&body, store, "account", request->skeleton);
    chat__dynamodb_ask(store, "GetItem", &body, name_read, find);
}
