/*
 * Rows of the control socket as tables and lists for people: cells of safe text
 * (text.h), in columns that are aligned by the width that a terminal
 * gives them. The rows are kept until the end, since each may be the widest.
 */
#ifndef CHAT_SERVER_CHATCTL_TABLE_H
#define CHAT_SERVER_CHATCTL_TABLE_H

#include "protocol/buffer.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

/* Writes one value of a row, which may be missing (NULL). */
typedef void chatctl_format(struct chat__buffer *cell, const cJSON *value);

chatctl_format chatctl_format_text;
chatctl_format chatctl_format_number;
chatctl_format chatctl_format_bytes;
chatctl_format chatctl_format_seconds;
chatctl_format chatctl_format_ms;
chatctl_format chatctl_format_ago; /* ms since the epoch */
chatctl_format chatctl_format_flag;
chatctl_format chatctl_format_list; /* of texts */

struct chatctl_column {
    const char *heading; /* NULL: no more columns */
    const char *key;     /* "a.b": the member b of the member a */
    chatctl_format *format;
    bool right;
};

struct chatctl_table {
    const struct chatctl_column *columns;
    size_t column_count;
    struct chat__buffer cells; /* each ended by NUL, row by row */
    size_t row_count;
};

/* Release it in any case. */
void chatctl_table_init(struct chatctl_table *table,
                        const struct chatctl_column *columns);
void chatctl_table_add(struct chatctl_table *table, const cJSON *row);
/* False when memory was short. */
bool chatctl_table_print(const struct chatctl_table *table);
void chatctl_table_release(struct chatctl_table *table);

/* One row, a line for each of its values. */
bool chatctl_fields_print(const struct chatctl_column *columns,
                          const cJSON *row);

/* The member that a key of a column names; NULL: there is none. */
const cJSON *chatctl_member(const cJSON *row, const char *key);

/* ... as text; "" when there is none. */
const char *chatctl_string(const cJSON *row, const char *key);

#endif
