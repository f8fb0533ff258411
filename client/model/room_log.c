#include "client/model/item.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIM_SHARE 16 /* of the entries that are held */

void chat__room_log_init(struct chat__room_log *log)
{
    memset(log, 0, sizeof(*log));
    log->entries_max = CHAT__LOG_ENTRIES_MAX;
    log->bytes_max = CHAT__LOG_BYTES_MAX;
    log->follows = true;
}

void chat__room_log_release(struct chat__room_log *log)
{
    chat__items_release(&log->entries);
    chat__items_release(&log->pending);
}

static void forget_entries(struct chat__room_log *log)
{
    chat__items_remove(&log->entries, 0, log->entries.count);
    log->first = 0;
    log->last = 0;
}

void chat__room_log_reset(struct chat__room_log *log)
{
    forget_entries(log);
    log->oldest = 0;
    log->head = 0;
    log->read = 0;
    log->mark = 0;
}

/* ---- the window's size ---- */

static bool is_full(const struct chat__room_log *log)
{
    return log->entries.count >= log->entries_max ||
           log->entries.bytes >= log->bytes_max;
}

static bool is_over_limit(const struct chat__room_log *log)
{
    return log->entries.count > log->entries_max ||
           log->entries.bytes > log->bytes_max;
}

static void drop_oldest(struct chat__room_log *log, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (log->entries.data[i].seq != 0) {
            log->first = log->entries.data[i].seq + 1;
        }
    }
    chat__items_remove(&log->entries, 0, count);
    log->base += (int64_t)count;
}

static void drop_newest(struct chat__room_log *log, size_t count)
{
    size_t kept = log->entries.count - count;
    size_t i;

    for (i = log->entries.count; i > kept; i--) {
        if (log->entries.data[i - 1].seq != 0) {
            log->last = log->entries.data[i - 1].seq - 1;
        }
    }
    chat__items_remove(&log->entries, kept, count);
}

/* Several at a time, so that a full log does not move for each entry. */
static void trim(struct chat__room_log *log,
                 void (*drop)(struct chat__room_log *log, size_t count))
{
    while (log->entries.count > 1 && is_over_limit(log)) {
        drop(log, log->entries.count / TRIM_SHARE + 1);
    }
}

/* ---- entries ---- */

static size_t find_pending(const struct chat__room_log *log, const char *key)
{
    size_t i;

    for (i = 0; i < log->pending.count; i++) {
        if (strcmp(log->pending.data[i].key, key) == 0) {
            break;
        }
    }
    return i;
}

void chat__room_log_forget(struct chat__room_log *log, const char *key)
{
    size_t index = find_pending(log, key);

    if (index < log->pending.count) {
        chat__items_remove(&log->pending, index, 1);
    }
}

/* Room for the item must have been made. */
static void take(struct chat__room_log *log, const struct chat__item *item)
{
    chat__items_insert(&log->entries, log->entries.count, item, 1);
    if (item->seq == 0) {
        return;
    }
    if (log->first == 0) {
        log->first = item->seq;
    }
    log->last = item->seq;
}

static bool put_last(struct chat__room_log *log,
                     const struct chat__entry *entry)
{
    struct chat__item item;

    if (!chat__items_reserve(&log->entries, 1) ||
        !chat__item_init(&item, entry)) {
        return false;
    }
    take(log, &item);
    return true;
}

bool chat__room_log_append(struct chat__room_log *log,
                           const struct chat__entry *entry)
{
    bool continues = log->last == 0 || entry->seq == log->last + 1;

    if (entry->own) {
        chat__room_log_forget(log, entry->key);
    }
    if (entry->seq > log->head) {
        log->head = entry->seq;
    }
    if (entry->seq <= log->last) {
        return true;
    }
    if (!log->follows && (!continues || is_full(log))) {
        return true;
    }
    if (!continues) {
        forget_entries(log);
    }
    if (!put_last(log, entry)) {
        return false;
    }
    trim(log, drop_oldest);
    return true;
}

bool chat__room_log_notice(struct chat__room_log *log, const char *text,
                           int64_t time_ms)
{
    struct chat__entry entry = {
        .kind = CHAT__ITEM_NOTICE,
        .time_ms = time_ms,
        .user_id = "",
        .user_name = "",
        .key = "",
        .text = text,
    };

    if (!put_last(log, &entry)) {
        return false;
    }
    trim(log, drop_oldest);
    return true;
}

/* How many of a page's first entries are older than the window. */
static size_t count_older(const struct chat__room_log *log,
                          const struct chat__entry *entries, size_t count)
{
    size_t older = 0;

    while (log->first != 0 && older < count &&
           entries[older].seq < log->first) {
        older++;
    }
    return older;
}

/* Room for the entries must have been made. */
static bool prepend(struct chat__room_log *log,
                    const struct chat__entry *entries, size_t count)
{
    struct chat__item *items;
    size_t made = 0;

    if (count == 0) {
        return true;
    }
    items = calloc(count, sizeof(*items));
    while (items != NULL && made < count &&
           chat__item_init(&items[made], &entries[made])) {
        made++;
    }
    if (made == count) {
        chat__items_insert(&log->entries, 0, items, count);
        log->first = items[0].seq;
        log->base -= (int64_t)count;
    } else {
        while (made > 0) {
            chat__item_release(&items[--made]);
        }
    }
    free(items);
    return made == count;
}

static bool append(struct chat__room_log *log,
                   const struct chat__entry *entries, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (entries[i].seq > log->last && !put_last(log, &entries[i])) {
            return false;
        }
    }
    return true;
}

static void forget_own(struct chat__room_log *log,
                       const struct chat__entry *entries, size_t count)
{
    size_t i;

    for (i = 0; i < count && log->pending.count > 0; i++) {
        if (entries[i].own) {
            chat__room_log_forget(log, entries[i].key);
        }
    }
}

bool chat__room_log_page(struct chat__room_log *log,
                         const struct chat__entry *entries, size_t count,
                         uint64_t oldest, uint64_t head)
{
    size_t older;
    bool done;

    log->oldest = oldest;
    if (head > log->head) {
        log->head = head;
    }
    if (count == 0) { /* there is no more: do not ask again */
        log->oldest = log->first == 0 ? head + 1 : log->first;
        log->head = log->last;
        return true;
    }
    forget_own(log, entries, count);
    if (log->last != 0 && entries[count - 1].seq + 1 < log->first) {
        return true;
    }
    if (log->last != 0 && entries[0].seq > log->last + 1) {
        forget_entries(log);
    }
    older = count_older(log, entries, count);
    done = chat__items_reserve(&log->entries, older) &&
           prepend(log, entries, older) &&
           append(log, entries + older, count - older);
    trim(log, older > 0 && !log->follows ? drop_newest : drop_oldest);
    return done;
}

/* ---- own messages ---- */

bool chat__room_log_send(struct chat__room_log *log, const char *key,
                         const char *name, const char *text, int64_t time_ms)
{
    struct chat__entry entry = {
        .kind = CHAT__ITEM_MESSAGE,
        .time_ms = time_ms,
        .user_id = "",
        .user_name = name,
        .key = key,
        .text = text,
        .own = true,
    };
    struct chat__item item;

    if (!chat__items_reserve(&log->pending, 1) ||
        !chat__item_init(&item, &entry)) {
        return false;
    }
    item.unsent = strdup(text);
    if (item.unsent == NULL) {
        chat__item_release(&item);
        return false;
    }
    item.state = CHAT__ITEM_SENDING;
    snprintf(item.key, sizeof(item.key), "%s", key);
    chat__items_insert(&log->pending, log->pending.count, &item, 1);
    return true;
}

void chat__room_log_fail(struct chat__room_log *log, const char *key,
                         const char *reason)
{
    size_t index = find_pending(log, key);

    if (index < log->pending.count) {
        struct chat__item *item = &log->pending.data[index];
        item->state = CHAT__ITEM_FAILED;
        chat__safe_text_release(&item->note);
        chat__safe_text_format(&item->note, "not sent: %s", reason);
    }
}

const struct chat__item *
chat__room_log_pending(const struct chat__room_log *log,
                       enum chat__item_state state)
{
    size_t i;

    for (i = 0; i < log->pending.count; i++) {
        if (log->pending.data[i].state == state) {
            return &log->pending.data[i];
        }
    }
    return NULL;
}

const struct chat__item *
chat__room_log_last_pending(const struct chat__room_log *log,
                            enum chat__item_state state)
{
    size_t i = log->pending.count;

    while (i > 0) {
        if (log->pending.data[--i].state == state) {
            return &log->pending.data[i];
        }
    }
    return NULL;
}

/* ---- reading ---- */

/* Whether an entry behind the read marker is news to the reader. */
static bool is_news(const struct chat__item *item)
{
    return item->kind == CHAT__ITEM_MESSAGE && !item->own;
}

void chat__room_log_set_mark(struct chat__room_log *log)
{
    size_t i;

    log->mark = log->read < log->head ? log->read : 0;
    for (i = 0; log->mark != 0 && i < log->entries.count; i++) {
        const struct chat__item *item = &log->entries.data[i];
        if (item->seq == log->mark + 1) {
            if (is_news(item)) {
                return;
            }
            log->mark = item->seq;
        }
    }
    if (log->mark == log->head) {
        log->mark = 0;
    }
}

void chat__room_log_clear_mark(struct chat__room_log *log)
{
    log->mark = 0;
}

bool chat__room_log_at_head(const struct chat__room_log *log)
{
    return log->last >= log->head;
}

bool chat__room_log_has_older(const struct chat__room_log *log)
{
    uint64_t oldest = log->oldest == 0 ? 1 : log->oldest;

    return log->first > oldest || (log->first == 0 && log->head >= oldest);
}

size_t chat__room_log_count(const struct chat__room_log *log)
{
    return log->entries.count + log->pending.count;
}

struct chat__item *chat__room_log_item(struct chat__room_log *log, size_t index)
{
    if (index < log->entries.count) {
        return &log->entries.data[index];
    }
    return &log->pending.data[index - log->entries.count];
}

/* Only notices are between seqs, so an entry is where they say or behind. */
const struct chat__item *chat__room_log_find(const struct chat__room_log *log,
                                             uint64_t seq)
{
    size_t i;

    if (log->first == 0 || seq < log->first || seq > log->last) {
        return NULL;
    }
    for (i = (size_t)(seq - log->first); i < log->entries.count; i++) {
        if (log->entries.data[i].seq == seq) {
            return &log->entries.data[i];
        }
    }
    return NULL;
}

int64_t chat__room_log_ordinal(const struct chat__room_log *log, size_t index)
{
    return log->base + (int64_t)index;
}

size_t chat__room_log_index(const struct chat__room_log *log, int64_t ordinal)
{
    size_t count = chat__room_log_count(log);

    if (count == 0 || ordinal <= log->base) {
        return 0;
    }
    if (ordinal - log->base >= (int64_t)count) {
        return count - 1;
    }
    return (size_t)(ordinal - log->base);
}
