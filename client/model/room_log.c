#include "client/model/change.h"
#include "client/model/item.h"

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
    chat__kept_release(&log->kept);
}

static void forget_entries(struct chat__room_log *log)
{
    chat__items_remove(&log->entries, 0, log->entries.count);
    log->first = 0;
    log->last = 0;
}

void chat__room_log_jump(struct chat__room_log *log)
{
    forget_entries(log);
    log->follows = false;
}

void chat__room_log_reset(struct chat__room_log *log)
{
    forget_entries(log);
    chat__kept_release(&log->kept);
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

/* The window reaches to this seq now. */
static void reach(struct chat__room_log *log, uint64_t seq)
{
    if (log->first == 0) {
        log->first = seq;
    }
    log->last = seq;
}

static bool put_last(struct chat__room_log *log,
                     const struct chat__entry *entry)
{
    struct chat__item item;

    if (!chat__is_change(entry)) {
        if (!chat__items_reserve(&log->entries, 1) ||
            !chat__item_init(&item, entry)) {
            return false;
        }
        chat__items_insert(&log->entries, log->entries.count, &item, 1);
    }
    if (entry->seq != 0) {
        reach(log, entry->seq);
    }
    return true;
}

bool chat__room_log_append(struct chat__room_log *log,
                           const struct chat__entry *entry)
{
    bool continues = log->last == 0 || entry->seq == log->last + 1;
    bool changed = !chat__is_change(entry) || chat__room_log_change(log, entry);

    if (entry->own) {
        chat__room_log_forget(log, entry->key);
    }
    if (entry->seq > log->head) {
        log->head = entry->seq;
    }
    if (entry->seq <= log->last) {
        return changed;
    }
    if (!log->follows && (!continues || is_full(log))) {
        return changed;
    }
    if (!continues) {
        forget_entries(log);
    }
    if (!put_last(log, entry)) {
        return false;
    }
    trim(log, drop_oldest);
    return changed;
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
    size_t made = 0, i;
    bool done = true;

    if (count == 0) {
        return true;
    }
    items = calloc(count, sizeof(*items));
    for (i = 0; items != NULL && done && i < count; i++) {
        if (!chat__is_change(&entries[i])) {
            done = chat__item_init(&items[made], &entries[i]);
            made += done;
        }
    }
    done = done && items != NULL;
    if (done) {
        chat__items_insert(&log->entries, 0, items, made);
        log->first = entries[0].seq;
        log->base -= (int64_t)made;
    }
    while (!done && made > 0) {
        chat__item_release(&items[--made]);
    }
    free(items);
    return done;
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
                       const struct chat__page *page)
{
    size_t i;

    for (i = 0; i < page->count; i++) {
        if (page->entries[i].own) {
            chat__room_log_forget(log, page->entries[i].key);
        }
    }
}

/* Puts what the page has where it belongs; its entries are not none. */
static bool place_page(struct chat__room_log *log,
                       const struct chat__page *page)
{
    const struct chat__entry *entries = page->entries;
    size_t count = page->count, older;
    bool done;

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

bool chat__room_log_page(struct chat__room_log *log,
                         const struct chat__page *page)
{
    bool done;

    log->oldest = page->oldest;
    if (page->head > log->head) {
        log->head = page->head;
    }
    if (page->count == 0) { /* there is no more: do not ask again */
        log->oldest = log->first == 0 ? page->head + 1 : log->first;
        log->head = log->last;
        return true;
    }
    forget_own(log, page);
    done = place_page(log, page);
    return chat__room_log_change_page(log, page) && done;
}

/* ---- reading ---- */

/* Whether an entry behind the read marker is news to the reader. */
static bool is_news(const struct chat__item *item)
{
    return item->kind == CHAT__ITEM_MESSAGE && !item->own;
}

void chat__room_log_set_mark(struct chat__room_log *log)
{
    size_t i = chat__room_log_place(log, log->read + 1);

    log->mark = log->read < log->head ? log->read : 0;
    if (log->mark == 0 || log->first > log->mark + 1) {
        return;
    }
    for (; i < log->entries.count; i++) {
        const struct chat__item *item = &log->entries.data[i];
        if (is_news(item)) {
            return;
        }
        if (item->seq != 0) {
            log->mark = item->seq;
        }
    }
    if (chat__room_log_at_head(log)) {
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

/* The seq of an entry, or of the next one that has any; 0: none has. */
static uint64_t seq_from(const struct chat__room_log *log, size_t index,
                         size_t end)
{
    while (index < end && log->entries.data[index].seq == 0) {
        index++;
    }
    return index < end ? log->entries.data[index].seq : 0;
}

size_t chat__room_log_place(const struct chat__room_log *log, uint64_t seq)
{
    size_t low = 0, high = log->entries.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint64_t found = seq_from(log, middle, high);
        if (found == 0 || found >= seq) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    while (low < log->entries.count && log->entries.data[low].seq == 0) {
        low++;
    }
    return low;
}

struct chat__item *chat__room_log_find(const struct chat__room_log *log,
                                       uint64_t seq)
{
    size_t place = chat__room_log_place(log, seq);

    if (seq == 0 || place == log->entries.count ||
        log->entries.data[place].seq != seq) {
        return NULL;
    }
    return &log->entries.data[place];
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
