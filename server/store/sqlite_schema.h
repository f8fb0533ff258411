/*
 * What the file must be: ours, of a version that we know, sound, in WAL mode,
 * with the tables of this version.
 */
#ifndef CHAT_SERVER_STORE_SQLITE_SCHEMA_H
#define CHAT_SERVER_STORE_SQLITE_SCHEMA_H

#include "server/store/sqlite_connection.h"
#include "server/store/sqlite_file.h"

/* Checks the file of a new connection and brings it to the schema of today. */
bool chat__sqlite_schema_open(struct chat__sqlite_connection *connection,
                              const char *path,
                              const struct chat__sqlite_message *message);

#endif
