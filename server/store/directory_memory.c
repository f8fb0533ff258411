/* A directory of one process: rows in a table by topic. */
#include "server/store/directory.h"
#include "server/table.h"

#include <stdlib.h>
#include <string.h>

/* All rows; beyond, sessions are found only where they were opened. */
#define ROWS_MAX (1024 * 1024)

struct row {
    struct chat__table_link link; /* by its topic */
    struct chat__directory_row row;
    int64_t expires_ms;
    char topic[];
};

struct directory {
    struct chat__directory base;
    struct chat__completion_sink sink;
    struct chat__table rows;
    uint64_t swept; /* the cursor of the rows that are looked at next */
};

static struct row *row_of(struct chat__table_link *link)
{
    return CHAT__CONTAINER(link, struct row, link);
}

static void drop(struct directory *directory, struct row *row)
{
    chat__table_remove(&directory->rows, &row->link);
    free(row);
}

static struct row *find(const struct directory *directory, const char *topic,
                        const char *id)
{
    struct chat__table_link *link =
        chat__table_find(&directory->rows, chat__hash_string(0, topic));

    while (link != NULL && (strcmp(row_of(link)->row.id, id) != 0 ||
                            strcmp(row_of(link)->topic, topic) != 0))
        link = chat__table_next(link);
    return link != NULL ? row_of(link) : NULL;
}

/* NULL: there are too many, or memory is short. */
static struct row *make(struct directory *directory, const char *topic)
{
    size_t size = strlen(topic) + 1;
    struct row *row = NULL;

    if (directory->rows.count < ROWS_MAX)
        row = calloc(1, sizeof *row + size);
    if (row == NULL)
        return NULL;
    memcpy(row->topic, topic, size);
    if (!chat__table_insert(&directory->rows, &row->link,
                            chat__hash_string(0, topic))) {
        free(row);
        return NULL;
    }
    return row;
}

static bool put(struct directory *directory, const char *topic,
                const struct chat__directory_write *write)
{
    struct row *row = find(directory, topic, write->row.id);

    if (row == NULL)
        row = make(directory, topic);
    if (row == NULL)
        return false;
    row->row = write->row;
    row->expires_ms = write->expires_ms;
    return true;
}

/* Those at the cursor that end until then. */
static void drop_old(struct directory *directory, int64_t until_ms)
{
    struct chat__table_link *link;

    directory->swept =
        chat__table_scan(&directory->rows, directory->swept, &link);
    while (link != NULL) {
        struct row *row = row_of(link);

        link = link->next;
        if (row->expires_ms <= until_ms)
            drop(directory, row);
    }
}

static void write_rows(struct chat__directory *base,
                       struct chat__directory_write *write)
{
    struct directory *directory = (struct directory *)base;

    /* A little with each write, so that no row stays for ever. */
    drop_old(directory, write->now_ms);
    write->result = CHAT__STORE_OK;
    for (size_t i = 0; i < write->count; i++) {
        if (write->remove) {
            struct row *row = find(directory, write->topics[i], write->row.id);

            if (row != NULL)
                drop(directory, row);
        } else if (!put(directory, write->topics[i], write)) {
            write->result = CHAT__STORE_FAILED;
        }
    }
    directory->sink.post(directory->sink.context, &write->completion);
}

static bool is_wanted(const struct row *row,
                      const struct chat__directory_read *read)
{
    return strcmp(row->topic, read->topic) == 0 &&
           row->expires_ms > read->now_ms;
}

static void read_rows(struct chat__directory *base,
                      struct chat__directory_read *read)
{
    struct directory *directory = (struct directory *)base;
    struct chat__table_link *first =
        chat__table_find(&directory->rows, chat__hash_string(0, read->topic));
    size_t count = 0;

    for (struct chat__table_link *link = first; link != NULL;
         link = chat__table_next(link))
        count += is_wanted(row_of(link), read);
    read->rows = calloc(count + 1, sizeof *read->rows);
    read->result = read->rows != NULL ? CHAT__STORE_OK : CHAT__STORE_BUSY;
    for (struct chat__table_link *link = first;
         link != NULL && read->rows != NULL; link = chat__table_next(link))
        if (is_wanted(row_of(link), read))
            read->rows[read->count++] = row_of(link)->row;
    directory->sink.post(directory->sink.context, &read->completion);
}

static void close_directory(struct chat__directory *base)
{
    struct directory *directory = (struct directory *)base;

    directory->swept = 0;
    do
        drop_old(directory, INT64_MAX);
    while (directory->swept != 0);
    chat__table_release(&directory->rows);
    free(directory);
}

static const struct chat__directory_operations operations = {
    .write = write_rows, .read = read_rows, .close = close_directory};

struct chat__directory *
chat__directory_memory_new(struct chat__completion_sink sink)
{
    struct directory *directory = calloc(1, sizeof *directory);

    if (directory == NULL)
        return NULL;
    directory->base.operations = &operations;
    directory->sink = sink;
    return &directory->base;
}
