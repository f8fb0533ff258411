/*
 * The checks of DynamoDB's tables, which the environment names as it does for
 * chatd: CHATD_DYNAMODB_ENDPOINT, CHATD_TABLE_PREFIX and those of AWS.
 */
#ifndef CHAT_SERVER_CHATCTL_TABLES_H
#define CHAT_SERVER_CHATCTL_TABLES_H

#include "server/verify/tables.h"

/* As chat__verify_tables. */
enum chat__verify_result
chatctl_verify_tables(const struct chat__verify_options *findings,
                      struct chat__verify_counts *counts, char *message,
                      size_t size);

#endif
