/*
 * What the checks share. Errors of reading stick in `code`: after the first
 * every query does nothing, so a check need not look at each.
 */
#ifndef CHAT_SERVER_VERIFY_VERIFY_PRIVATE_H
#define CHAT_SERVER_VERIFY_VERIFY_PRIVATE_H

#include "server/verify/verify.h"

#include <sqlite3.h>
#include <stdbool.h>

struct chat__verify {
    const struct chat__verify_options *options;
    struct chat__verify_counts *counts;
    sqlite3 *database;
    uint64_t operator_id; /* whose acts need no membership; 0: nobody's do */
    uint64_t reported;    /* by the check that runs */
    int code;             /* SQLITE_OK, or why the file cannot be read */
};

/* Counts, and reports up to the bound. `room` NULL, `seq` 0: of none. */
__attribute__((format(printf, 5, 6))) void
chat__verify_find(struct chat__verify *verify, const char *check,
                  const char *room, uint64_t seq, const char *format, ...);

typedef void chat__verify_row(struct chat__verify *verify, sqlite3_stmt *row,
                              void *context);

/*
 * Runs `sql`, whose only parameter, if any, is `id`, and calls for each row.
 * What SQLite finds damaged on the way is a finding.
 */
void chat__verify_query(struct chat__verify *verify, const char *sql,
                        int64_t id, chat__verify_row *each, void *context);

/* A column that should never be negative; else it becomes no sensible seq. */
uint64_t chat__verify_unsigned(sqlite3_stmt *row, int column);

/* A text column; "" for NULL. */
const char *chat__verify_text(sqlite3_stmt *row, int column);

/* The checks. */
typedef void chat__verify_check(struct chat__verify *verify);

chat__verify_check chat__verify_check_sqlite;     /* check_file.c */
chat__verify_check chat__verify_check_schema;     /* check_file.c */
chat__verify_check chat__verify_check_rooms;      /* check_rows.c */
chat__verify_check chat__verify_check_keys;       /* check_rows.c */
chat__verify_check chat__verify_check_markers;    /* check_rows.c */
chat__verify_check chat__verify_check_users;      /* check_rows.c */
chat__verify_check chat__verify_check_changes;    /* check_rows.c */
chat__verify_check chat__verify_check_references; /* check_rows.c */
chat__verify_check chat__verify_check_logs;       /* check_log.c */

#endif
