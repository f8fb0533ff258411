#include "server/verify/tables_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- requests that are waited for ---- */

struct asked {
    bool answered;
    cJSON *json;
};

static void wait_for(struct chat__verify_tables *tables, const bool *done)
{
    const volatile sig_atomic_t *stop = tables->base.options->stop;

    while (!*done)
        tables->options->step(tables->options->step_context);
    if (stop != NULL && *stop != 0)
        tables->failed = true;
}

/* The answer's tree is its asker's, so that is copied out by its children. */
static void take_answer(void *context,
                        const struct chat__dynamodb_answer *answer)
{
    struct asked *asked = context;

    asked->answered = true;
    if (answer->outcome == CHAT__DYNAMODB_OK)
        asked->json = cJSON_Duplicate(answer->json, true);
}

cJSON *chat__verify_ask(struct chat__verify_tables *tables,
                        const char *operation, struct chat__dynamodb_body *body)
{
    struct asked asked = {0};

    if (tables->failed) {
        chat__dynamodb_body_release(body);
        return NULL;
    }
    chat__dynamodb_ask(tables->store, operation, body, take_answer, &asked);
    wait_for(tables, &asked.answered);
    tables->failed = tables->failed || asked.json == NULL;
    return asked.json;
}

static void group_ended(struct chat__dynamodb_group *group)
{
    (void)group;
}

void chat__verify_group_begin(struct chat__verify_tables *tables,
                              struct chat__dynamodb_group *group)
{
    chat__dynamodb_group_begin(group, tables->store, group_ended);
}

void chat__verify_await(struct chat__verify_tables *tables,
                        struct chat__dynamodb_group *group)
{
    chat__dynamodb_group_end(group);
    while (group->pending > 0)
        tables->options->step(tables->options->step_context);
    tables->failed = tables->failed || group->worst != CHAT__DYNAMODB_OK;
}

/* ---- what is in memory ---- */

void *chat__verify_grow(struct chat__verify_tables *tables, void *array,
                        size_t count, size_t *capacity, size_t size)
{
    void *grown = array;

    if (count < *capacity)
        return array;
    grown = reallocarray(array, *capacity * 2 + 64, size);
    if (grown == NULL)
        tables->failed = true;
    else
        *capacity = *capacity * 2 + 64;
    return grown;
}

static int by_id(const void *a, const void *b)
{
    const uint64_t *one = a;
    const uint64_t *other = b;

    return (*one > *other) - (*one < *other);
}

bool chat__verify_is_user(const struct chat__verify_tables *tables,
                          uint64_t user)
{
    return bsearch(&user, tables->users, tables->user_count, sizeof user,
                   by_id) != NULL;
}

static int by_name(const void *a, const void *b)
{
    const struct chat__verify_room *one = a;
    const struct chat__verify_room *other = b;

    return strcmp(one->name, other->name);
}

struct chat__verify_room *
chat__verify_find_room(const struct chat__verify_tables *tables,
                       const char *name)
{
    struct chat__verify_room wanted = {0};

    if (strlen(name) >= sizeof wanted.name)
        return NULL;
    chat__dynamodb_copy(wanted.name, sizeof wanted.name, name);
    return bsearch(&wanted, tables->rooms, tables->room_count, sizeof wanted,
                   by_name);
}

/* ---- tables that are read from end to end ---- */

typedef void look(struct chat__verify_tables *tables, const cJSON *item);

/* `attributes` as an expression, with # before each. */
static void scan(struct chat__verify_tables *tables, const char *table,
                 const char *attributes, look *each)
{
    cJSON *from = NULL;

    do {
        struct chat__dynamodb_body body;
        const cJSON *item;
        cJSON *json;
        char *key;

        chat__dynamodb_body_begin(&body, tables->store->prefix, table);
        chat__dynamodb_expression(&body, "ProjectionExpression", attributes);
        chat__write_bool(&body.writer, "ConsistentRead", true);
        key = from == NULL ? NULL : cJSON_PrintUnformatted(from);
        if (key != NULL)
            chat__write_raw(&body.writer, "ExclusiveStartKey", key,
                            strlen(key));
        cJSON_free(key);
        cJSON_Delete(from);
        json = chat__verify_ask(tables, "Scan", &body);
        cJSON_ArrayForEach(item,
                           cJSON_GetObjectItemCaseSensitive(json, "Items"))
            each(tables, item);
        from =
            cJSON_DetachItemFromObjectCaseSensitive(json, "LastEvaluatedKey");
        cJSON_Delete(json);
    } while (from != NULL);
}

/* ---- the rooms ---- */

static void look_chunk(struct chat__verify_tables *tables, const cJSON *item)
{
    const char *name = chat__dynamodb_get_string(item, "room");
    struct chat__verify_room *rooms;

    if (name == NULL || strlen(name) > CHAT__ROOM_NAME_BYTES_MAX) {
        FIND(tables, "room", name, 0, "a chunk is of no room");
        return;
    }
    /* Chunks of a room come together, mostly: it is sorted out below. */
    if (tables->room_count > 0 &&
        strcmp(tables->rooms[tables->room_count - 1].name, name) == 0)
        return;
    rooms = chat__verify_grow(tables, tables->rooms, tables->room_count,
                              &tables->room_capacity, sizeof *rooms);
    if (rooms == NULL)
        return;
    tables->rooms = rooms;
    rooms[tables->room_count] = (struct chat__verify_room){.has_log = true};
    chat__dynamodb_copy(rooms[tables->room_count++].name, sizeof rooms->name,
                        name);
}

static void read_rooms(struct chat__verify_tables *tables)
{
    size_t kept = 0;

    scan(tables, "messages", "#room", look_chunk);
    if (tables->room_count == 0)
        return;
    qsort(tables->rooms, tables->room_count, sizeof *tables->rooms, by_name);
    for (size_t i = 1; i < tables->room_count; i++)
        if (strcmp(tables->rooms[kept].name, tables->rooms[i].name) != 0)
            tables->rooms[++kept] = tables->rooms[i];
    tables->room_count = kept + 1;
    tables->base.counts->rooms = tables->room_count;
}

/* ---- the users ---- */

static void look_user(struct chat__verify_tables *tables, const cJSON *item)
{
    const char *what = chat__dynamodb_get_string(item, "what");
    uint64_t user = chat__dynamodb_get_number(item, "user");
    struct chat__verify_room *room;
    enum chat__role role;
    uint64_t *users;

    if (what != NULL && strcmp(what, "profile") == 0) {
        users = chat__verify_grow(tables, tables->users, tables->user_count,
                                  &tables->user_capacity, sizeof *users);
        if (users == NULL)
            return;
        tables->users = users;
        users[tables->user_count++] = user;
        return;
    }
    what = chat__dynamodb_user_room(item, &role);
    if (what == NULL)
        return;
    room = chat__verify_find_room(tables, what);
    if (room != NULL)
        room->items++;
    else
        FIND(tables, "member", what, 0,
             "user %llu has the role %d there, and it has no log",
             (unsigned long long)user, (int)role);
}

static void look_name(struct chat__verify_tables *tables, const cJSON *item)
{
    uint64_t user = chat__dynamodb_get_number(item, "user");

    if (!chat__verify_is_user(tables, user))
        FIND(tables, "reference", NULL, 0,
             "a name is that of user %llu, which is not there",
             (unsigned long long)user);
}

static void check_counter(struct chat__verify_tables *tables)
{
    struct chat__dynamodb_body body;
    cJSON *json;
    uint64_t last;

    if (tables->user_count == 0)
        return;
    chat__dynamodb_body_begin(&body, tables->store->prefix, "user-counter");
    chat__write_object(&body.writer, "Key");
    chat__dynamodb_string(&body.writer, "id", CHAT__DYNAMODB_USER_COUNTER);
    chat__write_object_end(&body.writer);
    chat__write_bool(&body.writer, "ConsistentRead", true);
    json = chat__verify_ask(tables, "GetItem", &body);
    last = chat__dynamodb_get_number(
        cJSON_GetObjectItemCaseSensitive(json, "Item"), "next");
    if (json != NULL && last < tables->users[tables->user_count - 1])
        FIND(tables, "reference", NULL, 0,
             "the counter of ids is at %llu, and user %llu is there: ids would "
             "be given twice",
             (unsigned long long)last,
             (unsigned long long)tables->users[tables->user_count - 1]);
    cJSON_Delete(json);
}

static void look_listed(struct chat__verify_tables *tables, const cJSON *item)
{
    const char *list = chat__dynamodb_get_string(item, "list");
    const char *name = chat__dynamodb_get_string(item, "room");

    if (list != NULL && name != NULL &&
        chat__verify_find_room(tables, name) == NULL)
        FIND(tables, "room", name, 0,
             "it is in the table of rooms (%s), and has no log", list);
}

static void read_users(struct chat__verify_tables *tables)
{
    scan(tables, "users", "#user, #what, #role", look_user);
    if (tables->user_count > 0)
        qsort(tables->users, tables->user_count, sizeof *tables->users, by_id);
    tables->base.counts->users = tables->user_count;
    check_counter(tables);
    scan(tables, "names", "#user", look_name);
    scan(tables, "rooms", "#list, #room", look_listed);
}

/* ---- all of it ---- */

static void explain(const struct chat__verify_tables *tables, char *message,
                    size_t size)
{
    const char *problem = chat__dynamodb_problem(&tables->store->base);
    const volatile sig_atomic_t *stop = tables->base.options->stop;

    if (stop != NULL && *stop != 0)
        problem = "interrupted";
    snprintf(message, size, "%s",
             problem != NULL ? problem
                             : "DynamoDB is too busy, or memory is short");
}

enum chat__verify_result
chat__verify_tables(const struct chat__verify_tables_options *options,
                    struct chat__verify_counts *counts, char *message,
                    size_t message_size)
{
    struct chat__verify_tables tables = {
        .base = {.options = &options->findings, .counts = counts},
        .options = options,
        .store = (struct chat__dynamodb *)options->store,
    };

    *counts = (struct chat__verify_counts){0};
    *message = '\0';
    read_rooms(&tables);
    read_users(&tables);
    for (size_t i = 0; i < tables.room_count && !tables.failed; i++) {
        tables.base.reported = 0;
        chat__verify_table_log(&tables, &tables.rooms[i]);
    }
    if (tables.failed)
        explain(&tables, message, message_size);
    free(tables.users);
    free(tables.rooms);
    if (*message != '\0')
        return CHAT__VERIFY_UNREADABLE;
    return counts->findings == 0 ? CHAT__VERIFY_SOUND : CHAT__VERIFY_FOUND;
}
