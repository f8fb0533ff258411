/* The file as SQLite's: its pages, and the tables and indexes of the schema. */
#include "server/verify/verify_private.h"

#include <string.h>

/* What makes doubles impossible; each column list is unique in its table. */
static const struct {
    const char *table;
    const char *columns;
    const char *sql;
} unique[] = {
#define UNIQUE(table_, columns_)                                               \
    {                                                                          \
        table_, columns_,                                                      \
            "SELECT count(*) FROM pragma_index_list('" table_ "') l"           \
            " WHERE l.\"unique\" AND NOT l.partial AND (SELECT"                \
            " group_concat(name) FROM pragma_index_info(l.name)) = '" columns_ \
            "'"                                                                \
    }
    UNIQUE("rooms", "name"),        UNIQUE("entries", "room,seq"),
    UNIQUE("members", "room,user"), UNIQUE("entries", "key,user,room"),
    UNIQUE("users", "guest_key"),   UNIQUE("tokens", "hash"),
#undef UNIQUE
};

struct expected {
    const char *table;
    const char *columns;
};

static void look_unique(struct chat__verify *verify, sqlite3_stmt *row,
                        void *context)
{
    const struct expected *expected = context;

    if (sqlite3_column_int64(row, 0) == 0)
        chat__verify_find(verify, "schema", NULL, 0,
                          "nothing keeps (%s) unique in the table %s",
                          expected->columns, expected->table);
}

static void look_foreign(struct chat__verify *verify, sqlite3_stmt *row,
                         void *context)
{
    (void)context;
    chat__verify_find(verify, "schema", NULL, 0,
                      "a %s %s that chatd never made",
                      chat__verify_text(row, 0), chat__verify_text(row, 1));
}

void chat__verify_check_schema(struct chat__verify *verify)
{
    for (size_t i = 0; i < sizeof(unique) / sizeof(*unique); i++) {
        struct expected expected = {unique[i].table, unique[i].columns};

        chat__verify_query(verify, unique[i].sql, 0, look_unique, &expected);
    }
    chat__verify_query(verify,
                       "SELECT type, name FROM sqlite_schema"
                       " WHERE type NOT IN ('table', 'index')"
                       " OR (type = 'table' AND sql LIKE '%VIRTUAL%')",
                       0, look_foreign, NULL);
}

static void look_integrity(struct chat__verify *verify, sqlite3_stmt *row,
                           void *context)
{
    const char *complaint = chat__verify_text(row, 0);

    (void)context;
    if (strcmp(complaint, "ok") != 0)
        chat__verify_find(verify, "sqlite", NULL, 0, "%s", complaint);
}

void chat__verify_check_sqlite(struct chat__verify *verify)
{
    chat__verify_query(verify, "PRAGMA integrity_check", 0, look_integrity,
                       NULL);
}
