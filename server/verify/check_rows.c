/* Rows for themselves, and what they name in other tables. */
#include "server/verify/verify_private.h"

#include "protocol/text.h"
#include "server/store/store.h"

#include <string.h>

/* ---- rooms and users ---- */

static void look_room(struct chat__verify *verify, sqlite3_stmt *row,
                      void *context)
{
    const char *name = chat__verify_text(row, 0);
    const char *problem = chat__text_check_any_room_name(name);
    int64_t first = sqlite3_column_int64(row, 2);

    (void)context;
    verify->counts->rooms++;
    if (problem != NULL)
        chat__verify_find(verify, "room", name, 0, "its name breaks a rule: %s",
                          problem);
    problem = chat__text_check_epoch(chat__verify_text(row, 1));
    if (problem != NULL)
        chat__verify_find(verify, "room", name, 0,
                          "its epoch breaks a rule: %s", problem);
    if (first != 1)
        chat__verify_find(verify, "room", name, 0,
                          "its log begins at %lld, not at 1", (long long)first);
}

static void count_user(struct chat__verify *verify, sqlite3_stmt *row,
                       void *context)
{
    (void)context;
    verify->counts->users = chat__verify_unsigned(row, 0);
}

void chat__verify_check_rooms(struct chat__verify *verify)
{
    chat__verify_query(verify, "SELECT name, epoch, first FROM rooms", 0,
                       look_room, NULL);
    chat__verify_query(verify, "SELECT count(*) FROM users", 0, count_user,
                       NULL);
}

/* ---- keys ---- */

static void look_twice(struct chat__verify *verify, sqlite3_stmt *row,
                       void *context)
{
    (void)context;
    chat__verify_find(
        verify, "key", chat__verify_text(row, 0), chat__verify_unsigned(row, 4),
        "user %lld has the key %s at %lld entries",
        (long long)sqlite3_column_int64(row, 1), chat__verify_text(row, 2),
        (long long)sqlite3_column_int64(row, 3));
}

/* From the table itself: an index that lost rows would hide them. */
void chat__verify_check_keys(struct chat__verify *verify)
{
    chat__verify_query(
        verify,
        "SELECT r.name, e.user, e.key, count(*), max(e.seq)"
        " FROM entries e NOT INDEXED LEFT JOIN rooms r ON r.id = e.room"
        " GROUP BY e.room, e.user, e.key HAVING count(*) > 1",
        0, look_twice, NULL);
}

/* ---- read markers ---- */

static void look_marker(struct chat__verify *verify, sqlite3_stmt *row,
                        void *context)
{
    (void)context;
    chat__verify_find(verify, "marker", chat__verify_text(row, 0),
                      chat__verify_unsigned(row, 2),
                      "user %lld has read up to there, with %lld messages: "
                      "the log does not say so",
                      (long long)sqlite3_column_int64(row, 1),
                      (long long)sqlite3_column_int64(row, 3));
}

void chat__verify_check_markers(struct chat__verify *verify)
{
    chat__verify_query(
        verify,
        "SELECT r.name, m.user, m.read, m.read_n FROM members m"
        " JOIN rooms r ON r.id = m.room"
        " LEFT JOIN entries e ON e.room = m.room AND e.seq = m.read"
        " WHERE e.n IS NOT m.read_n",
        0, look_marker, NULL);
}

/* ---- memberships as users count them ---- */

static void look_user(struct chat__verify *verify, sqlite3_stmt *row,
                      void *context)
{
    (void)context;
    chat__verify_find(verify, "member", NULL, 0,
                      "user %lld counts %lld rooms, and is in %lld",
                      (long long)sqlite3_column_int64(row, 0),
                      (long long)sqlite3_column_int64(row, 1),
                      (long long)sqlite3_column_int64(row, 2));
}

void chat__verify_check_users(struct chat__verify *verify)
{
    chat__verify_query(verify,
                       "SELECT u.id, u.rooms, (SELECT count(*) FROM members m"
                       " WHERE m.user = u.id AND m.role BETWEEN 1 AND 3) AS c"
                       " FROM users u WHERE u.rooms <> c",
                       0, look_user, NULL);
}

/* ---- what is named must be there ---- */

/* Rows about entries: the table, the room's id, the seq, how many. */
static void look_change(struct chat__verify *verify, sqlite3_stmt *row,
                        void *context)
{
    (void)context;
    chat__verify_find(verify, "change", chat__verify_text(row, 1),
                      chat__verify_unsigned(row, 2),
                      "a row of %s is about it, and it is not there",
                      chat__verify_text(row, 0));
}

void chat__verify_check_changes(struct chat__verify *verify)
{
    static const char *const queries[] = {
#define ABOUT(table, column)                                                   \
    "SELECT '" table "', r.name, t." column " FROM " table " t"                \
    " LEFT JOIN rooms r ON r.id = t.room"                                      \
    " LEFT JOIN entries e ON e.room = t.room AND e.seq = t." column            \
    " WHERE e.id IS NULL"
        ABOUT("changes", "ref"),   ABOUT("edits", "ref"),
        ABOUT("edits", "seq"),     ABOUT("reactions", "ref"),
        ABOUT("reactions", "seq"), ABOUT("mentions", "seq"),
#undef ABOUT
    };

    for (size_t i = 0; i < sizeof(queries) / sizeof(*queries); i++)
        chat__verify_query(verify, queries[i], 0, look_change, NULL);
}

static void look_reference(struct chat__verify *verify, sqlite3_stmt *row,
                           void *context)
{
    chat__verify_find(verify, "reference", NULL, 0,
                      "%s name %s %lld, which is not there (%lld rows)",
                      (const char *)context, chat__verify_text(row, 0),
                      (long long)sqlite3_column_int64(row, 1),
                      (long long)sqlite3_column_int64(row, 2));
}

void chat__verify_check_references(struct chat__verify *verify)
{
    static const struct {
        char table[12];
        const char *sql;
    } references[] = {
#define REFERENCE(table, column, to)                                           \
    {table, "SELECT '" column "', " column ", count(*) FROM " table            \
            " WHERE " column " NOT IN (SELECT id FROM " to ") GROUP BY 2"}
        REFERENCE("entries", "room", "rooms"),
        REFERENCE("entries", "user", "users"),
        REFERENCE("members", "room", "rooms"),
        REFERENCE("members", "user", "users"),
        REFERENCE("tokens", "user", "users"),
        REFERENCE("reactions", "user", "users"),
        REFERENCE("mentions", "user", "users"),
#undef REFERENCE
    };

    for (size_t i = 0; i < sizeof(references) / sizeof(*references); i++) {
        char table[sizeof(references[i].table)];

        memcpy(table, references[i].table, sizeof(table));
        chat__verify_query(verify, references[i].sql, 0, look_reference, table);
    }
}
