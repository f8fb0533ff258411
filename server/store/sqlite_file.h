/*
 * The store's file as a thing in a folder: made, resolved, and locked against
 * other processes. The lock is a file beside it (FILE.lock), since opening and
 * closing the database itself would drop the locks that SQLite has on it.
 */
#ifndef CHAT_SERVER_STORE_SQLITE_FILE_H
#define CHAT_SERVER_STORE_SQLITE_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* Where the sentence for the operator goes. */
struct chat__sqlite_message {
    char *text;
    size_t size;
};

/* Writes the sentence. Always false, so that a check ends with it. */
__attribute__((format(printf, 2, 3))) bool
chat__sqlite_refuse(const struct chat__sqlite_message *message,
                    const char *format, ...);

struct chat__sqlite_file {
    char *path; /* absolute, symbolic links resolved */
    int lock;   /* descriptor of the locked FILE.lock */
};

/* Makes the file when absent, and locks it. On failure nothing is held. */
bool chat__sqlite_file_open(struct chat__sqlite_file *file, const char *path,
                            const struct chat__sqlite_message *message);

/* Locks the file's name: there need be no such file, and none is made. */
bool chat__sqlite_file_claim(struct chat__sqlite_file *file, const char *path,
                             const struct chat__sqlite_message *message);

void chat__sqlite_file_close(struct chat__sqlite_file *file);

#endif
