#include "tests/dynamodb/model.h"

#include "tests/dynamodb/expression.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ERROR_TYPE "com.amazonaws.dynamodb.v20120810#"

static const struct {
    const char *name;
    const char *hash;
    const char *range; /* NULL: none */
} tables[] = {
    {"messages", "room", "first"}, {"claims", "id", NULL},
    {"rooms", "list", "room"},     {"folds", "room", "ref"},
    {"users", "user", "what"},     {"names", "name", NULL},
    {"tokens", "hash", NULL},      {"connections", "topic", "id"},
    {"user-counter", "id", NULL},
};

#define TABLES (sizeof(tables) / sizeof(*tables))

struct table {
    cJSON **items;
    cJSON **before; /* before their last change, NULL: not there */
    size_t count;
    size_t capacity;
};

struct dynamodb_model {
    char prefix[64];
    size_t page_items;
    struct table tables[TABLES];
    void (*put)(void *context, const char *table, const cJSON *item);
    void *context;
};

/* A request that is carried out. */
struct work {
    struct dynamodb_model *model;
    struct table *table;
    size_t kind; /* of `tables` */
    cJSON *request;
    bool stale;
    unsigned int status;
};

struct dynamodb_model *dynamodb_model_new(const char *prefix)
{
    struct dynamodb_model *model = calloc(1, sizeof(*model));

    if (model == NULL)
        abort();
    snprintf(model->prefix, sizeof(model->prefix), "%s", prefix);
    return model;
}

void dynamodb_model_free(struct dynamodb_model *model)
{
    for (size_t i = 0; i < TABLES; i++) {
        struct table *table = &model->tables[i];

        for (size_t j = 0; j < table->count; j++) {
            cJSON_Delete(table->items[j]);
            cJSON_Delete(table->before[j]);
        }
        free(table->items);
        free(table->before);
    }
    free(model);
}

void dynamodb_model_limit_pages(struct dynamodb_model *model, size_t items)
{
    model->page_items = items;
}

void dynamodb_model_watch(struct dynamodb_model *model,
                          void (*put)(void *context, const char *table,
                                      const cJSON *item),
                          void *context)
{
    model->put = put;
    model->context = context;
}

/* ---- tables ---- */

static size_t find_table(const char *name)
{
    for (size_t i = 0; i < TABLES; i++)
        if (strcmp(tables[i].name, name) == 0)
            return i;
    expression_fail("no such table", name);
}

static bool is_same(const cJSON *a, const cJSON *b, const char *name)
{
    const cJSON *one = cJSON_GetObjectItemCaseSensitive(a, name);
    const cJSON *other = cJSON_GetObjectItemCaseSensitive(b, name);

    if (one == NULL || other == NULL)
        expression_fail("no key", name);
    return expression_compare(one, other) == 0;
}

/* The index of the item with this key, or the count. */
static size_t find_item(const struct table *table, size_t kind,
                        const cJSON *key)
{
    size_t i = 0;

    while (i < table->count &&
           (!is_same(table->items[i], key, tables[kind].hash) ||
            (tables[kind].range != NULL &&
             !is_same(table->items[i], key, tables[kind].range))))
        i++;
    return i;
}

static void add_item(struct table *table, cJSON *item)
{
    if (table->count == table->capacity) {
        table->capacity = table->capacity * 2 + 64;
        table->items = realloc(table->items, table->capacity * sizeof(cJSON *));
        table->before =
            realloc(table->before, table->capacity * sizeof(cJSON *));
        if (table->items == NULL || table->before == NULL)
            abort();
    }
    table->before[table->count] = NULL;
    table->items[table->count++] = item;
}

static void change_item(struct table *table, size_t index, cJSON *item)
{
    cJSON_Delete(table->before[index]);
    table->before[index] = table->items[index];
    table->items[index] = item;
}

static void drop_item(struct table *table, size_t index)
{
    cJSON_Delete(table->items[index]);
    cJSON_Delete(table->before[index]);
    table->count--;
    table->items[index] = table->items[table->count];
    table->before[index] = table->before[table->count];
}

const cJSON *const *dynamodb_model_items(const struct dynamodb_model *model,
                                         const char *table, size_t *count)
{
    const struct table *found = &model->tables[find_table(table)];

    *count = found->count;
    return (const cJSON *const *)found->items;
}

void dynamodb_model_put(struct dynamodb_model *model, const char *table,
                        cJSON *item)
{
    size_t kind = find_table(table);
    struct table *found = &model->tables[kind];
    size_t index = find_item(found, kind, item);

    if (index < found->count) {
        change_item(found, index, item);
        return;
    }
    add_item(found, item);
    if (model->put != NULL)
        model->put(model->context, table, item);
}

/* ---- answers ---- */

static const cJSON *member(const struct work *work, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(work->request, name);
}

static const char *string(const struct work *work, const char *name)
{
    return cJSON_GetStringValue(member(work, name));
}

static bool is(const struct work *work, const char *name, const char *value)
{
    const char *found = string(work, name);

    return found != NULL && strcmp(found, value) == 0;
}

static cJSON *fail(struct work *work, const char *type, const cJSON *item)
{
    cJSON *answer = cJSON_CreateObject();
    char text[128];

    work->status = 400;
    snprintf(text, sizeof(text), ERROR_TYPE "%s", type);
    cJSON_AddStringToObject(answer, "__type", text);
    cJSON_AddStringToObject(answer, "message", "as the model says");
    if (item != NULL &&
        is(work, "ReturnValuesOnConditionCheckFailure", "ALL_OLD"))
        cJSON_AddItemToObject(answer, "Item", cJSON_Duplicate(item, true));
    return answer;
}

/* ---- writes ---- */

static bool condition_holds(struct work *work, const cJSON *item)
{
    struct expression expression = {
        .at = string(work, "ConditionExpression"),
        .names = (cJSON *)member(work, "ExpressionAttributeNames"),
        .values = (cJSON *)member(work, "ExpressionAttributeValues"),
    };

    return expression.at == NULL || expression_holds(&expression, item);
}

static cJSON *put_item(struct work *work)
{
    struct table *table = work->table;
    cJSON *item = cJSON_Duplicate(member(work, "Item"), true);
    size_t index = find_item(table, work->kind, item);
    cJSON *old = index < table->count ? table->items[index] : NULL;

    if (!condition_holds(work, old)) {
        cJSON_Delete(item);
        return fail(work, "ConditionalCheckFailedException", old);
    }
    dynamodb_model_put(work->model, tables[work->kind].name, item);
    return cJSON_CreateObject();
}

static void update(struct work *work, cJSON *item)
{
    struct expression expression = {
        .at = string(work, "UpdateExpression"),
        .names = (cJSON *)member(work, "ExpressionAttributeNames"),
        .values = (cJSON *)member(work, "ExpressionAttributeValues"),
    };

    expression_update(&expression, item);
}

static cJSON *update_item(struct work *work)
{
    struct table *table = work->table;
    const cJSON *key = member(work, "Key");
    size_t index = find_item(table, work->kind, key);
    cJSON *old = index < table->count ? table->items[index] : NULL;
    cJSON *answer = cJSON_CreateObject();
    cJSON *item;

    if (!condition_holds(work, old)) {
        cJSON_Delete(answer);
        return fail(work, "ConditionalCheckFailedException", old);
    }
    item = cJSON_Duplicate(old != NULL ? old : key, true);
    update(work, item);
    if (string(work, "ReturnValues") != NULL)
        cJSON_AddItemToObject(answer, "Attributes",
                              cJSON_Duplicate(item, true));
    dynamodb_model_put(work->model, tables[work->kind].name, item);
    return answer;
}

static cJSON *delete_item(struct work *work)
{
    struct table *table = work->table;
    size_t index = find_item(table, work->kind, member(work, "Key"));
    cJSON *old = index < table->count ? table->items[index] : NULL;

    if (!condition_holds(work, old))
        return fail(work, "ConditionalCheckFailedException", old);
    if (old != NULL)
        drop_item(table, index);
    return cJSON_CreateObject();
}

/* ---- reads ---- */

static const cJSON *seen(const struct work *work, size_t index)
{
    bool stale = work->stale && !cJSON_IsTrue(member(work, "ConsistentRead"));

    return stale ? work->table->before[index] : work->table->items[index];
}

static cJSON *get_item(struct work *work)
{
    cJSON *answer = cJSON_CreateObject();
    size_t index = find_item(work->table, work->kind, member(work, "Key"));
    const cJSON *item = index < work->table->count ? seen(work, index) : NULL;

    if (item != NULL)
        cJSON_AddItemToObject(answer, "Item", cJSON_Duplicate(item, true));
    return answer;
}

static const char *sorted_by;

static int by_range(const void *a, const void *b)
{
    const cJSON *one = *(const cJSON *const *)a;
    const cJSON *other = *(const cJSON *const *)b;

    return expression_compare(
        cJSON_GetObjectItemCaseSensitive(one, sorted_by),
        cJSON_GetObjectItemCaseSensitive(other, sorted_by));
}

static bool key_holds(struct work *work, const cJSON *item)
{
    struct expression expression = {
        .at = string(work, "KeyConditionExpression"),
        .names = (cJSON *)member(work, "ExpressionAttributeNames"),
        .values = (cJSON *)member(work, "ExpressionAttributeValues"),
    };

    return expression_holds(&expression, item);
}

static size_t collect(struct work *work, const cJSON **found)
{
    size_t count = 0;

    /* Where there is no item the expression is looked at as well. */
    (void)key_holds(work, NULL);
    for (size_t i = 0; i < work->table->count; i++) {
        const cJSON *item = seen(work, i);

        if (item != NULL && key_holds(work, item))
            found[count++] = item;
    }
    sorted_by =
        string(work, "IndexName") == NULL ? tables[work->kind].range : "seen";
    qsort(found, count, sizeof(*found), by_range);
    return count;
}

static size_t page_size(const struct work *work)
{
    const cJSON *limit = member(work, "Limit");
    size_t size = work->model->page_items;

    if (limit != NULL && (size == 0 || (size_t)limit->valuedouble < size))
        size = (size_t)limit->valuedouble;
    return size;
}

/* As DynamoDB: a page that is full is followed by another, maybe empty. */
static cJSON *query(struct work *work)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON *items = cJSON_AddArrayToObject(answer, "Items");
    const cJSON **found = calloc(work->table->count + 1, sizeof(*found));
    bool backward = cJSON_IsFalse(member(work, "ScanIndexForward"));
    size_t limit = page_size(work);
    size_t count;
    size_t i;

    if (found == NULL)
        abort();
    count = collect(work, found);
    for (i = 0; i < count && (limit == 0 || i < limit); i++)
        cJSON_AddItemToArray(
            items, cJSON_Duplicate(found[backward ? count - 1 - i : i], true));
    if (limit != 0 && i == limit)
        cJSON_AddObjectToObject(answer, "LastEvaluatedKey");
    free(found);
    return answer;
}

/* ---- requests ---- */

static const struct {
    const char *name;
    cJSON *(*execute)(struct work *work);
} operations[] = {
    {"PutItem", put_item},
    {"UpdateItem", update_item},
    {"DeleteItem", delete_item},
    {"GetItem", get_item},
    {"Query", query},
};

static cJSON *execute(struct work *work, const char *operation)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
        if (strcmp(operations[i].name, operation) == 0)
            return operations[i].execute(work);
    expression_fail("no such operation", operation);
}

char *dynamodb_model_execute(struct dynamodb_model *model,
                             const char *operation, const char *body,
                             size_t length, bool stale, unsigned int *status)
{
    struct work work = {.model = model, .stale = stale, .status = 200};
    const char *name;
    cJSON *answer;
    char *text;

    work.request = cJSON_ParseWithLength(body, length);
    name = string(&work, "TableName");
    if (name == NULL ||
        strncmp(name, model->prefix, strlen(model->prefix)) != 0)
        expression_fail("no table is named", operation);
    work.kind = find_table(name + strlen(model->prefix));
    work.table = &model->tables[work.kind];
    answer = execute(&work, operation);
    if (work.status == 200)
        expression_check_used(member(&work, "ExpressionAttributeNames"),
                              member(&work, "ExpressionAttributeValues"));
    text = cJSON_PrintUnformatted(answer);
    if (text == NULL)
        abort();
    cJSON_Delete(answer);
    cJSON_Delete(work.request);
    *status = work.status;
    return text;
}
