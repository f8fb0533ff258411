#include "server/backup/contents.h"

#include "server/backup/partial.h"

#include <sqlite3.h>
#include <sys/stat.h>

enum chat__backup_result
chat__contents_check(const struct chat__contents_check *check, const char *path,
                     uint64_t *findings,
                     const struct chat__sqlite_message *message)
{
    const struct chat__verify_options options = {.path = path,
                                                 .stop = check->stop,
                                                 .report = check->finding,
                                                 .context = check->context};
    struct chat__verify_counts counts;
    char reason[CHAT__VERIFY_TEXT_BYTES];

    switch (chat__verify_file(&options, &counts, reason, sizeof reason)) {
    case CHAT__VERIFY_SOUND:
        return CHAT__BACKUP_DONE;
    case CHAT__VERIFY_FOUND:
        *findings = counts.findings;
        return CHAT__BACKUP_FOUND;
    case CHAT__VERIFY_UNREADABLE:
        break;
    }
    chat__sqlite_refuse(message, "cannot check %s: %s", path, reason);
    return CHAT__BACKUP_FAILED;
}

static int read_rooms(sqlite3 *database, struct chat__backup_counts *counts,
                      chat__contents_room *room, void *context)
{
    sqlite3_stmt *row = NULL;
    int code = sqlite3_prepare_v2(
        database, "SELECT name, head FROM rooms ORDER BY head DESC, name", -1,
        &row, NULL);

    while (code == SQLITE_OK && (code = sqlite3_step(row)) == SQLITE_ROW) {
        const unsigned char *name = sqlite3_column_text(row, 0);
        uint64_t head = (uint64_t)sqlite3_column_int64(row, 1);

        counts->rooms++;
        counts->entries += head;
        if (room != NULL)
            room(context, name == NULL ? "" : (const char *)name, head);
        code = SQLITE_OK;
    }
    sqlite3_finalize(row);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int read_users(sqlite3 *database, struct chat__backup_counts *counts)
{
    sqlite3_stmt *row = NULL;
    int code = sqlite3_prepare_v2(database, "SELECT count(*) FROM users", -1,
                                  &row, NULL);

    if (code == SQLITE_OK && (code = sqlite3_step(row)) == SQLITE_ROW)
        counts->users = (uint64_t)sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return code == SQLITE_ROW ? SQLITE_OK : code;
}

bool chat__contents_read(const char *path, struct chat__backup_counts *counts,
                         chat__contents_room *room, void *context,
                         const struct chat__sqlite_message *message)
{
    sqlite3 *database = NULL;
    struct stat status;
    int code = sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL);

    if (code == SQLITE_OK)
        code = read_rooms(database, counts, room, context);
    if (code == SQLITE_OK)
        code = read_users(database, counts);
    if (code != SQLITE_OK)
        chat__sqlite_refuse(message, "cannot read %s: %s", path,
                            sqlite3_errstr(code));
    sqlite3_close(database);
    if (code != SQLITE_OK)
        return false;
    if (stat(path, &status) != 0)
        return chat__refuse_errno(message, "read", path);
    counts->bytes = (uint64_t)status.st_size;
    return true;
}
