#include "server/verify/verify_private.h"

#include "server/store/sqlite.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long a server's exclusive step, such as its start, is waited for. */
#define BUSY_MS 5000

/* Steps of SQLite's machine between two looks at `stop`. */
#define STEPS_BETWEEN_LOOKS 20000

/*
 * In this order. After one that `stops` has found something the others would
 * only stumble over the same damage.
 */
static const struct {
    chat__verify_check *run;
    bool stops;
} checks[] = {
    {chat__verify_check_schema, true},      {chat__verify_check_sqlite, false},
    {chat__verify_check_rooms, false},      {chat__verify_check_logs, false},
    {chat__verify_check_keys, false},       {chat__verify_check_markers, false},
    {chat__verify_check_users, false},      {chat__verify_check_changes, false},
    {chat__verify_check_references, false},
};

/* ---- findings ---- */

void chat__verify_find(struct chat__verify *verify, const char *check,
                       const char *room, uint64_t seq, const char *format, ...)
{
    const struct chat__verify_options *options = verify->options;
    char text[CHAT__VERIFY_TEXT_BYTES];
    struct chat__verify_finding finding = {check, room, seq, text};
    va_list arguments;

    verify->counts->findings++;
    if (verify->reported++ >= CHAT__VERIFY_REPORTS_MAX)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    options->report(options->context, &finding);
}

/* ---- queries ---- */

/* True when the error speaks of the file's content, not of reading it. */
static bool is_damage(int code)
{
    return code == SQLITE_CORRUPT || code == SQLITE_ERROR ||
           code == SQLITE_NOTADB || code == SQLITE_TOOBIG;
}

static void fail(struct chat__verify *verify, int code)
{
    if (is_damage(code & 0xff))
        chat__verify_find(verify, "sqlite", NULL, 0, "%s",
                          sqlite3_errmsg(verify->database));
    else
        verify->code = code;
}

void chat__verify_query(struct chat__verify *verify, const char *sql,
                        int64_t id, chat__verify_row *each, void *context)
{
    sqlite3_stmt *statement = NULL;
    int code;

    if (verify->code != SQLITE_OK)
        return;
    code = sqlite3_prepare_v2(verify->database, sql, -1, &statement, NULL);
    if (code == SQLITE_OK && sqlite3_bind_parameter_count(statement) > 0)
        code = sqlite3_bind_int64(statement, 1, id);
    while (code == SQLITE_OK &&
           (code = sqlite3_step(statement)) == SQLITE_ROW) {
        each(verify, statement, context);
        code = verify->code;
    }
    if (code != SQLITE_DONE)
        fail(verify, code);
    sqlite3_finalize(statement);
}

uint64_t chat__verify_unsigned(sqlite3_stmt *row, int column)
{
    return (uint64_t)sqlite3_column_int64(row, column);
}

const char *chat__verify_text(sqlite3_stmt *row, int column)
{
    const unsigned char *text = sqlite3_column_text(row, column);

    return text == NULL ? "" : (const char *)text;
}

/* ---- opening ---- */

static int is_stopped(void *context)
{
    const volatile sig_atomic_t *stop = context;

    return *stop != 0;
}

static int open_as(struct chat__verify *verify, const char *name, int flags)
{
    sqlite3 *database = NULL;
    int code = sqlite3_open_v2(
        name, &database, flags | SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
        NULL);

    verify->database = database;
    if (code != SQLITE_OK)
        return code;
    sqlite3_extended_result_codes(database, 1);
    sqlite3_busy_timeout(database, BUSY_MS);
    /* A file is input: its schema may not make us run anything. */
    sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    if (verify->options->stop != NULL)
        sqlite3_progress_handler(database, STEPS_BETWEEN_LOOKS, is_stopped,
                                 (void *)verify->options->stop);
    return sqlite3_exec(database,
                        "PRAGMA query_only = ON; PRAGMA cell_size_check = ON;"
                        "BEGIN; SELECT count(*) FROM sqlite_schema",
                        NULL, NULL, NULL);
}

static bool has_wal(const char *path)
{
    char *wal = NULL;
    bool has = true;

    if (asprintf(&wal, "%s-wal", path) < 0)
        return true;
    has = access(wal, F_OK) == 0 || errno != ENOENT;
    free(wal);
    return has;
}

/* NULL when memory is short. */
static char *immutable_uri(const char *path)
{
    static const char parameter[] = "?immutable=1";
    size_t size = sizeof("file:") + 3 * strlen(path) + sizeof(parameter);
    char *uri = malloc(size);
    size_t length;

    if (uri == NULL)
        return NULL;
    length = (size_t)snprintf(uri, size, "file:");
    for (; *path != '\0'; path++)
        length += (size_t)snprintf(uri + length, size - length,
                                   strchr("%?#", *path) ? "%%%02X" : "%c",
                                   (unsigned char)*path);
    memcpy(uri + length, parameter, sizeof(parameter));
    return uri;
}

/*
 * SQLite shares memory with other users of the file by a file beside it. In a
 * folder that we may not write, a backup's for instance, it can do without,
 * when there is no WAL.
 */
static int open_database(struct chat__verify *verify, const char *path)
{
    int code = open_as(verify, path, 0);
    bool is_shut =
        (code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_READONLY;
    char *uri;

    if (!is_shut || access(path, R_OK) != 0 || has_wal(path))
        return code;
    uri = immutable_uri(path);
    if (uri == NULL)
        return SQLITE_NOMEM;
    sqlite3_close(verify->database);
    code = open_as(verify, uri, SQLITE_OPEN_URI);
    free(uri);
    return code;
}

static void read_number(struct chat__verify *verify, sqlite3_stmt *row,
                        void *context)
{
    (void)verify;
    *(int64_t *)context = sqlite3_column_int64(row, 0);
}

/* Empty when it is a file of ours that can be checked, else why not. */
static void check_identity(struct chat__verify *verify, char *message,
                           size_t size)
{
    int64_t application = 0;
    int64_t version = 0;

    chat__verify_query(verify, "PRAGMA application_id", 0, read_number,
                       &application);
    chat__verify_query(verify, "PRAGMA user_version", 0, read_number, &version);
    if (application != CHAT__SQLITE_APPLICATION_ID)
        snprintf(message, size, "it is not a database of chatd");
    else if (version != CHAT__VERIFY_SCHEMA_VERSION)
        snprintf(message, size,
                 "its schema has version %lld, and this program can check "
                 "version %d only: use the chatctl of the chatd that made it",
                 (long long)version, CHAT__VERIFY_SCHEMA_VERSION);
}

static void explain(const struct chat__verify *verify, int code, char *message,
                    size_t size)
{
    const char *reason = verify->database == NULL
                             ? sqlite3_errstr(code)
                             : sqlite3_errmsg(verify->database);
    int error =
        verify->database == NULL ? 0 : sqlite3_system_errno(verify->database);
    char text[128];

    if ((code & 0xff) == SQLITE_NOTADB)
        snprintf(message, size, "it is not a database of chatd");
    else if ((code & 0xff) == SQLITE_INTERRUPT)
        snprintf(message, size, "interrupted");
    else if (error == 0)
        snprintf(message, size, "%s", reason);
    else
        snprintf(message, size, "%s (%s)", reason,
                 strerror_r(error, text, sizeof(text)));
}

static void run_checks(struct chat__verify *verify)
{
    for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
        verify->reported = 0;
        checks[i].run(verify);
        if (verify->code != SQLITE_OK ||
            (checks[i].stops && verify->reported > 0))
            return;
    }
}

enum chat__verify_result
chat__verify_file(const struct chat__verify_options *options,
                  struct chat__verify_counts *counts, char *message,
                  size_t message_size)
{
    struct chat__verify verify = {.options = options, .counts = counts};

    *counts = (struct chat__verify_counts){0};
    *message = '\0';
    verify.code = open_database(&verify, options->path);
    if ((verify.code & 0xff) == SQLITE_CORRUPT) {
        fail(&verify, verify.code);
        verify.code = SQLITE_OK;
    } else if (verify.code == SQLITE_OK) {
        check_identity(&verify, message, message_size);
        if (*message == '\0')
            run_checks(&verify);
    }
    if (verify.code != SQLITE_OK && *message == '\0')
        explain(&verify, verify.code, message, message_size);
    sqlite3_close(verify.database);
    if (*message != '\0')
        return CHAT__VERIFY_UNREADABLE;
    return counts->findings == 0 ? CHAT__VERIFY_SOUND : CHAT__VERIFY_FOUND;
}
