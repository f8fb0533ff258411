/*
 * What the statements of the store cost: none walks a table, and those about
 * a user's own rooms walk past nothing that others can heap up.
 */
#include "tests/store/harness.h"

#include "server/store/sqlite_connection.h"

#include <string.h>

static sqlite3 *open_database(struct harness *harness)
{
    sqlite3 *database = NULL;
    assert_int_equal(sqlite3_open(harness->path, &database), SQLITE_OK);
    return database;
}

static sqlite3_stmt *prepare(sqlite3 *database, const char *format,
                             const char *text)
{
    sqlite3_stmt *statement = NULL;
    char *sql = sqlite3_mprintf(format, text);
    assert_non_null(sql);
    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(database));
    sqlite3_free(sql);
    return statement;
}

static void expect_no_walk(sqlite3 *database, const char *text)
{
    sqlite3_stmt *plan = prepare(database, "EXPLAIN QUERY PLAN %s", text);
    while (sqlite3_step(plan) == SQLITE_ROW) {
        const char *detail = (const char *)sqlite3_column_text(plan, 3);
        if (strncmp(detail, "SCAN", 4) == 0)
            fail_msg("%s: %s", text, detail);
    }
    sqlite3_finalize(plan);
}

static void test_no_statement_walks_a_table(void **state)
{
    sqlite3 *database = open_database(*state);
    for (size_t i = CHAT__SQLITE_ROOM_FIND; i < CHAT__SQLITE_STATEMENT_COUNT;
         i++)
        expect_no_walk(database, chat__sqlite_texts[i]);
    sqlite3_close(database);
}

/* User 1 is a member of one room, and invited to or banned from the others. */
static void heap_up(sqlite3 *database)
{
    static const char sql[] =
        "INSERT INTO users (name) VALUES ('ann');"
        "WITH RECURSIVE numbers (i) AS"
        " (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 2000)"
        " INSERT INTO rooms (name, epoch, private)"
        " SELECT 'r' || i, 'e', 0 FROM numbers;"
        "INSERT INTO members (room, user, role, set_by)"
        " SELECT id, 1, iif(id = 9, 1, 4 + id % 2), 1 FROM rooms;";
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void expect_few_steps(sqlite3 *database, const char *text)
{
    sqlite3_stmt *statement = prepare(database, "%s", text);
    int rows = 0;
    sqlite3_bind_int(statement, 1, 1);
    if (sqlite3_bind_parameter_count(statement) > 1)
        sqlite3_bind_int(statement, 2, 0);
    if (sqlite3_bind_parameter_count(statement) > 2)
        sqlite3_bind_text(statement, 3, "", -1, SQLITE_STATIC);
    while (sqlite3_step(statement) == SQLITE_ROW)
        rows++;
    assert_int_equal(rows, 1);
    assert_in_range(
        sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 0), 1, 500);
    sqlite3_finalize(statement);
}

static void test_invitations_do_not_slow_a_user_s_rooms(void **state)
{
    sqlite3 *database = open_database(*state);
    heap_up(database);
    expect_few_steps(database, chat__sqlite_texts[CHAT__SQLITE_USER_HEADS]);
    expect_few_steps(database,
                     chat__sqlite_texts[CHAT__SQLITE_USER_MEMBERSHIPS]);
    sqlite3_close(database);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_statement_walks_a_table,
                                        harness_setup, harness_teardown),
        cmocka_unit_test_setup_teardown(
            test_invitations_do_not_slow_a_user_s_rooms, harness_setup,
            harness_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
