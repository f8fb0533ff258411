#include "server/core/tail.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A value is a line with what it is of, and the entries, each with its '\n':
 *     1 EPOCH FIRST LAST
 * A later version that says more has another number.
 */
#define HEADER        "1 %s %" PRIu64 " %" PRIu64 "\n"
#define HEADER_PARSED "1 %32s %" SCNu64 " %" SCNu64
#define HEADER_SIZE   (CHAT__EPOCH_BYTES_MAX + 48)
#define KEY_SIZE      (CHAT__ROOM_NAME_BYTES_MAX + 16)

_Static_assert(CHAT__EPOCH_BYTES_MAX == 32, "HEADER_PARSED has it as well");

static void write_key(char key[KEY_SIZE], const struct chat__room *room,
                      uint64_t last)
{
    snprintf(key, KEY_SIZE, "tail:%s:%" PRIu64, room->name,
             last % CHAT__TAIL_PLACES);
}

/* ---- to leave ---- */

static bool deletes(const struct chat__batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        if (batch->entries[i].fold == CHAT__FOLD_DELETE)
            return true;
    return false;
}

void chat__tail_leave(const struct chat__batch *batch)
{
    const struct chat__room *room = batch->room;
    struct chat__cache *cache = room->core->options.cache;
    struct chat__buffer *value = &room->core->scratch;
    char header[HEADER_SIZE], key[KEY_SIZE];
    uint64_t last;

    if (cache == NULL || batch->count == 0 || deletes(batch))
        return;
    last = batch->entries[batch->count - 1].seq;
    write_key(key, room, last);
    snprintf(header, sizeof(header), HEADER, room->epoch, batch->entries[0].seq,
             last);
    chat__buffer_clear(value);
    chat__buffer_append(value, header, strlen(header));
    chat__buffer_append(value, batch->bytes.data, batch->bytes.length);
    if (!value->failed && value->length <= CHAT__CACHE_VALUE_BYTES_MAX)
        (void)cache->operations->set(cache, key, value->data, value->length,
                                     CHAT__TAIL_EXPIRY_MS, NULL, NULL);
}

/* ---- to read ---- */

struct tail_read {
    struct chat__room *room; /* held */
    struct chat__store_read_log *read;
    int64_t until_ms;
    uint64_t last; /* of the value that is asked for */
    size_t links;  /* that were asked for */
    size_t most;   /* bytes of the read's arena ... */
    size_t used;   /* ... and how many are filled */
};

static void end(struct tail_read *tail, bool found)
{
    struct chat__core *core = tail->room->core;
    struct chat__store *store = core->options.store;
    struct chat__store_read_log *read = tail->read;

    chat__metrics_count_as(core->options.metrics, CHAT__METRIC_TAIL_READS,
                           found ? CHAT__TAILS_FOUND : CHAT__TAILS_MISSING);
    chat__room_release(tail->room);
    free(tail);
    if (found) {
        read->result = CHAT__STORE_OK;
        read->completion.run(&read->completion);
        return;
    }
    chat__store_read_log_release(read);
    store->operations->read_log(store, read);
}

static bool take_entry(struct tail_read *tail, uint64_t seq, const char *bytes,
                       size_t length)
{
    struct chat__store_read_log *read = tail->read;

    if (length > tail->most - tail->used)
        return false;
    memcpy(read->arena + tail->used, bytes, length);
    read->entries[seq - read->from] = (struct chat__store_log_entry){
        .seq = seq, .bytes = read->arena + tail->used, .length = length};
    tail->used += length;
    read->count++;
    return true;
}

/* Those from `first` to the one that was asked for, a line each; what is
 * before the range is passed over. */
static bool take_entries(struct tail_read *tail, uint64_t first,
                         const char *bytes, size_t length)
{
    const char *end = bytes + length;

    for (uint64_t seq = first; seq <= tail->last; seq++) {
        const char *newline =
            bytes == end ? NULL : memchr(bytes, '\n', (size_t)(end - bytes));

        if (newline == NULL ||
            (seq >= tail->read->from &&
             !take_entry(tail, seq, bytes, (size_t)(newline - bytes))))
            return false;
        bytes = newline + 1;
    }
    return bytes == end;
}

static bool take_value(struct tail_read *tail,
                       const struct chat__cache_value *value)
{
    char header[HEADER_SIZE], epoch[CHAT__EPOCH_BYTES_MAX + 1];
    const char *newline = memchr(value->bytes, '\n', value->length);
    size_t length =
        newline == NULL ? HEADER_SIZE : (size_t)(newline - value->bytes);
    uint64_t first, last;

    if (length >= HEADER_SIZE)
        return false;
    memcpy(header, value->bytes, length);
    header[length] = '\0';
    if (sscanf(header, HEADER_PARSED, epoch, &first, &last) != 3 ||
        strcmp(epoch, tail->room->epoch) != 0 || last != tail->last ||
        first == 0 || first > last ||
        !take_entries(tail, first, newline + 1, value->length - length - 1))
        return false;
    tail->last = first - 1;
    return true;
}

static bool ask(struct tail_read *tail);

static void answered(void *context, enum chat__cache_result result,
                     const struct chat__cache_value *values, size_t count)
{
    struct tail_read *tail = context;

    if (result != CHAT__CACHE_FOUND || count != 1 ||
        !take_value(tail, &values[0]))
        end(tail, false);
    else if (tail->last < tail->read->from)
        end(tail, true);
    else if (!ask(tail))
        end(tail, false);
}

static bool ask(struct tail_read *tail)
{
    struct chat__core *core = tail->room->core;
    struct chat__cache *cache = core->options.cache;
    char key[KEY_SIZE];

    if (tail->links == CHAT__TAIL_LINKS_MAX ||
        chat__monotonic_ms(core) >= tail->until_ms)
        return false;
    tail->links++;
    write_key(key, tail->room, tail->last);
    return cache->operations->get(cache, key, answered, tail);
}

/* Only what reaches up to the head is known to have been deleted by nothing
 * that is known here; and what the cache cannot have is not asked for. */
static bool may_have(const struct chat__room *room,
                     const struct chat__store_read_log *read)
{
    return room->core->options.cache != NULL && read->to == room->head &&
           read->from <= read->to &&
           read->to - read->from < CHAT__TAIL_PLACES &&
           read->to - read->from < read->limit;
}

static struct tail_read *begin(struct chat__room *room,
                               struct chat__store_read_log *read)
{
    struct tail_read *tail = calloc(1, sizeof(*tail));

    if (tail == NULL)
        return NULL;
    *tail = (struct tail_read){
        .room = room,
        .read = read,
        .until_ms = chat__monotonic_ms(room->core) + CHAT__TAIL_READ_MS,
        .last = read->to,
        .most = read->bytes_max < CHAT__TAIL_BYTES_MAX ? read->bytes_max
                                                       : CHAT__TAIL_BYTES_MAX};
    read->entries = calloc(read->to - read->from + 1, sizeof(*read->entries));
    read->arena = malloc(tail->most);
    if (read->entries == NULL || read->arena == NULL) {
        chat__store_read_log_release(read);
        free(tail);
        return NULL;
    }
    chat__room_hold(room);
    return tail;
}

void chat__tail_read_log(struct chat__room *room,
                         struct chat__store_read_log *read)
{
    struct chat__store *store = room->core->options.store;
    struct tail_read *tail = may_have(room, read) ? begin(room, read) : NULL;

    if (tail == NULL)
        store->operations->read_log(store, read);
    else if (!ask(tail))
        end(tail, false);
}
