/* A directory of one process: rows in lists by topic. */
#include "server/store/directory.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 4096

/* All rows; beyond, sessions are found only where they were opened. */
#define ROWS_MAX (1024 * 1024)

struct row {
    struct row *next;
    struct chat__directory_row row;
    int64_t expires_ms;
    char topic[];
};

struct directory {
    struct chat__directory base;
    struct chat__completion_sink sink;
    struct row *buckets[BUCKETS];
    size_t count;
    size_t swept; /* the bucket whose old rows go next */
};

/* FNV-1a. */
static size_t bucket_of(const char *topic)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (; *topic != '\0'; topic++)
        hash = (hash ^ (unsigned char)*topic) * UINT64_C(0x100000001b3);
    return (hash ^ hash >> 32) % BUCKETS;
}

static void drop(struct directory *directory, struct row **at)
{
    struct row *row = *at;

    *at = row->next;
    free(row);
    directory->count--;
}

static struct row **find(struct directory *directory, const char *topic,
                         const char *id)
{
    struct row **at = &directory->buckets[bucket_of(topic)];

    while (*at != NULL &&
           (strcmp((*at)->row.id, id) != 0 || strcmp((*at)->topic, topic) != 0))
        at = &(*at)->next;
    return at;
}

static bool put(struct directory *directory, const char *topic,
                const struct chat__directory_write *write)
{
    struct row **at = find(directory, topic, write->row.id);
    size_t size = strlen(topic) + 1;
    struct row *row = *at;

    if (row == NULL && directory->count < ROWS_MAX) {
        row = calloc(1, sizeof *row + size);
        if (row == NULL)
            return false;
        memcpy(row->topic, topic, size);
        *at = row;
        directory->count++;
    }
    if (row == NULL)
        return false;
    row->row = write->row;
    row->expires_ms = write->expires_ms;
    return true;
}

/* A little with each write, so that none of the rows stays for ever. */
static void sweep(struct directory *directory, int64_t now_ms)
{
    struct row **at = &directory->buckets[directory->swept];

    while (*at != NULL)
        if ((*at)->expires_ms <= now_ms)
            drop(directory, at);
        else
            at = &(*at)->next;
    directory->swept = (directory->swept + 1) % BUCKETS;
}

static void write_rows(struct chat__directory *base,
                       struct chat__directory_write *write)
{
    struct directory *directory = (struct directory *)base;

    sweep(directory, write->now_ms);
    write->result = CHAT__STORE_OK;
    for (size_t i = 0; i < write->count; i++) {
        if (write->remove) {
            struct row **at = find(directory, write->topics[i], write->row.id);

            if (*at != NULL)
                drop(directory, at);
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
    const struct row *first = directory->buckets[bucket_of(read->topic)];
    size_t count = 0;

    for (const struct row *row = first; row != NULL; row = row->next)
        count += is_wanted(row, read);
    read->rows = calloc(count + 1, sizeof *read->rows);
    read->result = read->rows != NULL ? CHAT__STORE_OK : CHAT__STORE_BUSY;
    for (const struct row *row = first; row != NULL && read->rows != NULL;
         row = row->next)
        if (is_wanted(row, read))
            read->rows[read->count++] = row->row;
    directory->sink.post(directory->sink.context, &read->completion);
}

static void close_directory(struct chat__directory *base)
{
    struct directory *directory = (struct directory *)base;

    for (size_t i = 0; i < BUCKETS; i++)
        while (directory->buckets[i] != NULL)
            drop(directory, &directory->buckets[i]);
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
