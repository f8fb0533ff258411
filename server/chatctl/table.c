#include "server/chatctl/table.h"

#include "server/chatctl/text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Of all cells: a server has so many connections at most, and more. */
#define TABLE_BYTES_MAX (1024u * 1024 * 1024)
#define CELL_BYTES_MAX  (64 * 1024)
#define GAP             2

/* ---- values ---- */

const cJSON *chatctl_member(const cJSON *row, const char *key)
{
    const char *dot = strchr(key, '.');
    char first[64];

    if (dot == NULL)
        return cJSON_GetObjectItemCaseSensitive(row, key);
    snprintf(first, sizeof first, "%.*s", (int)(dot - key), key);
    return chatctl_member(cJSON_GetObjectItemCaseSensitive(row, first),
                          dot + 1);
}

const char *chatctl_string(const cJSON *row, const char *key)
{
    const char *string = cJSON_GetStringValue(chatctl_member(row, key));

    return string == NULL ? "" : string;
}

static uint64_t number_of(const cJSON *value)
{
    return value->valuedouble > 0 ? (uint64_t)value->valuedouble : 0;
}

void chatctl_format_text(struct chat__buffer *cell, const cJSON *value)
{
    chatctl_text(cell, cJSON_IsString(value) ? value->valuestring : "-");
}

void chatctl_format_number(struct chat__buffer *cell, const cJSON *value)
{
    char digits[32];

    snprintf(digits, sizeof digits, "%.0f", value->valuedouble);
    chat__buffer_append_string(cell, digits);
}

void chatctl_format_bytes(struct chat__buffer *cell, const cJSON *value)
{
    chatctl_text_bytes(cell, number_of(value));
}

void chatctl_format_seconds(struct chat__buffer *cell, const cJSON *value)
{
    chatctl_text_duration(cell, number_of(value));
}

void chatctl_format_ms(struct chat__buffer *cell, const cJSON *value)
{
    chatctl_text_duration(cell, number_of(value) / 1000);
}

/* 0 for what has not come yet by this clock. */
void chatctl_format_ago(struct chat__buffer *cell, const cJSON *value)
{
    uint64_t then = number_of(value) / 1000;
    uint64_t now = (uint64_t)time(NULL);

    chatctl_text_duration(cell, now > then ? now - then : 0);
}

void chatctl_format_flag(struct chat__buffer *cell, const cJSON *value)
{
    chat__buffer_append_string(cell, cJSON_IsTrue(value) ? "yes" : "no");
}

void chatctl_format_list(struct chat__buffer *cell, const cJSON *value)
{
    const cJSON *element;
    const char *comma = "";

    cJSON_ArrayForEach(element, value)
    {
        chat__buffer_append_string(cell, comma);
        chatctl_format_text(cell, element);
        comma = ", ";
    }
}

static void append_cell(struct chat__buffer *buffer,
                        const struct chatctl_column *column, const cJSON *row)
{
    const cJSON *value = chatctl_member(row, column->key);

    if (value == NULL || cJSON_IsNull(value))
        chat__buffer_append_string(buffer, "-");
    else
        column->format(buffer, value);
}

/* ---- tables ---- */

void chatctl_table_init(struct chatctl_table *table,
                        const struct chatctl_column *columns)
{
    *table = (struct chatctl_table){.columns = columns};
    while (columns[table->column_count].heading != NULL)
        table->column_count++;
    chat__buffer_init(&table->cells, TABLE_BYTES_MAX);
}

void chatctl_table_add(struct chatctl_table *table, const cJSON *row)
{
    for (size_t i = 0; i < table->column_count; i++) {
        append_cell(&table->cells, &table->columns[i], row);
        chat__buffer_append_byte(&table->cells, '\0');
    }
    table->row_count++;
}

static void print_cell(const char *text, size_t width, bool right, bool last)
{
    size_t length = strlen(text);
    size_t own = chatctl_text_width(text, length);
    int fill = own < width ? (int)(width - own) : 0;

    if (right)
        printf("%*s%s", fill, "", text);
    else if (last)
        fputs(text, stdout);
    else
        printf("%s%*s", text, fill, "");
    printf("%*s", last ? 0 : GAP, "");
}

static size_t column_width(const struct chatctl_table *table, size_t column)
{
    const char *cell = table->cells.data;
    size_t widest = strlen(table->columns[column].heading);

    for (size_t i = 0; i < table->row_count * table->column_count; i++) {
        size_t length = strlen(cell);
        size_t width = i % table->column_count == column
                           ? chatctl_text_width(cell, length)
                           : 0;

        if (width > widest)
            widest = width;
        cell += length + 1;
    }
    return widest;
}

bool chatctl_table_print(const struct chatctl_table *table)
{
    const char *cell = table->cells.data;
    size_t count = table->column_count;
    size_t widths[32];

    if (table->cells.failed || count > sizeof widths / sizeof *widths)
        return false;
    for (size_t i = 0; i < count; i++) {
        widths[i] = column_width(table, i);
        print_cell(table->columns[i].heading, widths[i],
                   table->columns[i].right, i + 1 == count);
    }
    putchar('\n');
    for (size_t i = 0; i < table->row_count * count; i++) {
        bool last = i % count + 1 == count;

        print_cell(cell, widths[i % count], table->columns[i % count].right,
                   last);
        if (last)
            putchar('\n');
        cell += strlen(cell) + 1;
    }
    return true;
}

void chatctl_table_release(struct chatctl_table *table)
{
    chat__buffer_release(&table->cells);
}

/* ---- one row ---- */

bool chatctl_fields_print(const struct chatctl_column *columns,
                          const cJSON *row)
{
    struct chat__buffer cell;
    size_t widest = 0;
    bool whole = true;

    for (size_t i = 0; columns[i].heading != NULL; i++)
        if (strlen(columns[i].heading) > widest)
            widest = strlen(columns[i].heading);
    chat__buffer_init(&cell, CELL_BYTES_MAX);
    for (size_t i = 0; columns[i].heading != NULL; i++) {
        chat__buffer_clear(&cell);
        append_cell(&cell, &columns[i], row);
        whole = whole && !cell.failed;
        printf("%-*s%.*s\n", (int)widest + GAP, columns[i].heading,
               (int)cell.length, cell.data == NULL ? "" : cell.data);
    }
    chat__buffer_release(&cell);
    return whole;
}
