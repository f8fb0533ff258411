/* The tables themselves, for development. */
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
} tables[] = {
    {"messages", {"room", "S"}, {"first", "N"}},
    {"claims", {"id", "S"}, {NULL, NULL}},
    {"rooms", {"list", "S"}, {"room", "S"}},
    {"folds", {"room", "S"}, {"ref", "N"}},
    {"users", {"user", "N"}, {"what", "S"}},
    {"names", {"name", "S"}, {NULL, NULL}},
    {"tokens", {"hash", "S"}, {NULL, NULL}},
    {"user-counter", {"id", "S"}, {NULL, NULL}},
};

#define TABLES (sizeof tables / sizeof *tables)

/* The index that finds guests whom nobody has seen. */
static const struct key idle_hash = {"idle", "S"};
static const struct key idle_range = {"seen", "N"};

struct create {
    struct chat__dynamodb *store;
    size_t at; /* of `tables` */
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

static void create_next(struct create *create);

static void created(void *context, const struct chat__dynamodb_answer *answer)
{
    struct create *create = context;
    char problem[160];
    if (answer->outcome > CHAT__DYNAMODB_CONDITION) {
        snprintf(problem, sizeof problem,
                 "the table %s%s cannot be made: is the endpoint right?",
                 create->store->prefix, tables[create->at].name);
        create->done(create->context, problem);
        free(create);
        return;
    }
    create->at++;
    create_next(create);
}

static void create_next(struct create *create)
{
    struct chat__dynamodb_body body;
    struct chat__writer *writer = &body.writer;
    if (create->at == TABLES) {
        create->done(create->context, NULL);
        free(create);
        return;
    }
    const bool users = strcmp(tables[create->at].name, "users") == 0;
    chat__dynamodb_body_begin(&body, create->store->prefix,
                              tables[create->at].name);
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
