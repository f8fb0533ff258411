/*
 * The tables themselves, for development: each is made, then looked at until it
 * can be used, then told of the attribute by which its items expire.
 */
#include "server/store/dynamodb_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct key {
    const char *name; /* NULL: none */
    const char *type;
};

static const struct {
    const char *name;
    struct key hash;
    struct key range;
    const char *expiry; /* in seconds since 1970; NULL: items stay */
} tables[] = {
    {"messages", {"room", "S"}, {"first", "N"}, NULL},
    {"claims", {"id", "S"}, {NULL, NULL}, NULL},
    {"rooms", {"list", "S"}, {"room", "S"}, NULL},
    {"folds", {"room", "S"}, {"ref", "N"}, NULL},
    {"users", {"user", "N"}, {"what", "S"}, NULL},
    {"names", {"name", "S"}, {NULL, NULL}, NULL},
    {"tokens", {"hash", "S"}, {NULL, NULL}, "gone"},
    {"connections", {"topic", "S"}, {"id", "S"}, "expires"},
    {"user-counter", {"id", "S"}, {NULL, NULL}, NULL},
};

#define TABLES (sizeof tables / sizeof *tables)

/* A table takes some ten seconds on AWS. */
#define LOOK_MS   500
#define LOOKS_MAX 240

/* The index that finds guests whom nobody has seen. */
static const struct key idle_hash = {"idle", "S"};
static const struct key idle_range = {"seen", "N"};

struct create {
    struct chat__dynamodb *store;
    size_t at; /* of `tables` */
    unsigned int looks;
    void (*done)(void *context, const char *problem);
    void *context;
};

static void write_attribute(struct chat__writer *writer, const struct key *key)
{
    if (key->name == NULL)
        return;
    chat__write_object(writer, NULL);
    chat__write_string(writer, "AttributeName", key->name);
    chat__write_string(writer, "AttributeType", key->type);
    chat__write_object_end(writer);
}

static void write_schema_key(struct chat__writer *writer, const struct key *key,
                             const char *type)
{
    if (key->name == NULL)
        return;
    chat__write_object(writer, NULL);
    chat__write_string(writer, "AttributeName", key->name);
    chat__write_string(writer, "KeyType", type);
    chat__write_object_end(writer);
}

static void write_schema(struct chat__writer *writer, const struct key *hash,
                         const struct key *range)
{
    chat__write_array(writer, "KeySchema");
    write_schema_key(writer, hash, "HASH");
    write_schema_key(writer, range, "RANGE");
    chat__write_array_end(writer);
}

static void write_index(struct chat__writer *writer)
{
    chat__write_array(writer, "GlobalSecondaryIndexes");
    chat__write_object(writer, NULL);
    chat__write_string(writer, "IndexName", "idle");
    write_schema(writer, &idle_hash, &idle_range);
    chat__write_object(writer, "Projection");
    chat__write_string(writer, "ProjectionType", "KEYS_ONLY");
    chat__write_object_end(writer);
    chat__write_object_end(writer);
    chat__write_array_end(writer);
}

/* ---- asking one whether it is there ---- */

static void write_value(struct chat__writer *writer, const struct key *key)
{
    if (key->name == NULL)
        return;
    if (strcmp(key->type, "S") == 0)
        chat__dynamodb_string(writer, key->name, "probe");
    else
        chat__dynamodb_number(writer, key->name, 0);
}

void chat__dynamodb_table_get(struct chat__dynamodb_body *body,
                              const struct chat__dynamodb *store,
                              const char *table)
{
    size_t i = 0;

    while (i < TABLES - 1 && strcmp(tables[i].name, table) != 0)
        i++;
    chat__dynamodb_body_begin(body, store->prefix, tables[i].name);
    chat__write_object(&body->writer, "Key");
    write_value(&body->writer, &tables[i].hash);
    write_value(&body->writer, &tables[i].range);
    chat__write_object_end(&body->writer);
}

/* ---- making them ---- */

static void create_next(struct create *create);

static void finish(struct create *create, const char *problem)
{
    create->done(create->context, problem);
    free(create);
}

static void fail(struct create *create, const char *what)
{
    const char *why = chat__dynamodb_problem(&create->store->base);
    char problem[CHAT__DYNAMODB_PROBLEM_BYTES + 128];

    snprintf(problem, sizeof problem, "the table %s%s %s%s%s",
             create->store->prefix, tables[create->at].name, what,
             why == NULL ? "" : ": ", why == NULL ? "" : why);
    finish(create, problem);
}

static void begin(struct create *create, struct chat__dynamodb_body *body)
{
    chat__dynamodb_body_begin(body, create->store->prefix,
                              tables[create->at].name);
}

static void end(struct create *create)
{
    create->at++;
    create->looks = 0;
    create_next(create);
}

/* ---- the expiry of items ---- */

static void expiry_set(void *context,
                       const struct chat__dynamodb_answer *answer)
{
    struct create *create = context;

    if (answer->outcome == CHAT__DYNAMODB_OK)
        end(create);
    else
        fail(create, "does not take the expiry of its items");
}

static void set_expiry(struct create *create)
{
    struct chat__dynamodb_body body;
    struct chat__writer *writer = &body.writer;

    begin(create, &body);
    chat__write_object(writer, "TimeToLiveSpecification");
    chat__write_bool(writer, "Enabled", true);
    chat__write_string(writer, "AttributeName", tables[create->at].expiry);
    chat__write_object_end(writer);
    chat__dynamodb_ask(create->store, "UpdateTimeToLive", &body, expiry_set,
                       create);
}

/* To set what is set is an error there. */
static void expiry_read(void *context,
                        const struct chat__dynamodb_answer *answer)
{
    struct create *create = context;
    const char *status = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(answer->json, "TimeToLiveDescription"),
        "TimeToLiveStatus"));

    if (answer->outcome != CHAT__DYNAMODB_OK)
        fail(create, "does not tell how its items expire");
    else if (status != NULL && strncmp(status, "ENABL", strlen("ENABL")) == 0)
        end(create);
    else
        set_expiry(create);
}

static void ask_expiry(struct create *create)
{
    struct chat__dynamodb_body body;

    begin(create, &body);
    chat__dynamodb_ask(create->store, "DescribeTimeToLive", &body, expiry_read,
                       create);
}

/* ---- until it can be used ---- */

static void look(struct create *create, int64_t delay_ms);

static void looked(void *context, const struct chat__dynamodb_answer *answer)
{
    struct create *create = context;
    const char *status = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(answer->json, "Table"),
        "TableStatus"));
    bool active = status != NULL && strcmp(status, "ACTIVE") == 0;

    if (answer->outcome != CHAT__DYNAMODB_OK)
        fail(create, "does not tell whether it can be used");
    else if (!active && ++create->looks < LOOKS_MAX)
        look(create, LOOK_MS);
    else if (!active)
        fail(create, "is not ready yet: run this again");
    else if (tables[create->at].expiry != NULL)
        ask_expiry(create);
    else
        end(create);
}

static void look(struct create *create, int64_t delay_ms)
{
    struct chat__dynamodb_body body;

    begin(create, &body);
    chat__dynamodb_ask_later(create->store, "DescribeTable", &body, delay_ms,
                             looked, create);
}

/* ---- making it ---- */

/* CONDITION: it is there already. */
static void created(void *context, const struct chat__dynamodb_answer *answer)
{
    struct create *create = context;

    if (answer->outcome > CHAT__DYNAMODB_CONDITION)
        fail(create, "cannot be made");
    else
        look(create, 0);
}

static void create_next(struct create *create)
{
    struct chat__dynamodb_body body;
    struct chat__writer *writer = &body.writer;
    bool users;

    if (create->at == TABLES) {
        finish(create, NULL);
        return;
    }
    users = strcmp(tables[create->at].name, "users") == 0;
    begin(create, &body);
    chat__write_string(writer, "BillingMode", "PAY_PER_REQUEST");
    chat__write_array(writer, "AttributeDefinitions");
    write_attribute(writer, &tables[create->at].hash);
    write_attribute(writer, &tables[create->at].range);
    if (users) {
        write_attribute(writer, &idle_hash);
        write_attribute(writer, &idle_range);
    }
    chat__write_array_end(writer);
    write_schema(writer, &tables[create->at].hash, &tables[create->at].range);
    if (users)
        write_index(writer);
    chat__dynamodb_ask(create->store, "CreateTable", &body, created, create);
}

void chat__dynamodb_create_tables(struct chat__store *store,
                                  void (*done)(void *context,
                                               const char *problem),
                                  void *context)
{
    struct create *create = calloc(1, sizeof *create);
    if (create == NULL) {
        done(context, "out of memory");
        return;
    }
    create->store = (struct chat__dynamodb *)store;
    create->done = done;
    create->context = context;
    create_next(create);
}
