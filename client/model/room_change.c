#include "client/model/change.h"
#include "client/model/item.h"

/* What an item counts may change with it. */
static bool change_item(struct chat__room_log *log, struct chat__item *item,
                        const struct chat__entry *entry)
{
    bool done;

    log->entries.bytes -= chat__item_bytes(item);
    done = chat__change_item(item, entry, log->me);
    log->entries.bytes += chat__item_bytes(item);
    return done;
}

bool chat__room_log_change(struct chat__room_log *log,
                           const struct chat__entry *entry)
{
    struct chat__item *item = chat__room_log_find(log, entry->ref);

    if (item != NULL) {
        return change_item(log, item, entry);
    }
    return chat__kept_add(&log->kept, entry);
}

static bool fold(struct chat__room_log *log, const struct chat__change *change)
{
    struct chat__item *item = chat__room_log_find(log, change->ref);
    bool done;

    if (item == NULL) {
        return true;
    }
    log->entries.bytes -= chat__item_bytes(item);
    done = chat__change_fold(item, change, log->me);
    log->entries.bytes += chat__item_bytes(item);
    return done;
}

/* Those whose message is held now go into it, in order. */
static bool apply_kept(struct chat__room_log *log)
{
    size_t i = 0;
    bool done = true;

    while (i < log->kept.count) {
        struct chat__entry entry = chat__kept_at(&log->kept, i);
        struct chat__item *item = chat__room_log_find(log, entry.ref);
        if (item == NULL) {
            i++;
            continue;
        }
        done = change_item(log, item, &entry) && done;
        chat__kept_remove(&log->kept, i);
    }
    return done;
}

/*
 * First what the page has folded, for it says all up to its seq; then what
 * came after it.
 */
bool chat__room_log_change_page(struct chat__room_log *log,
                                const struct chat__page *page)
{
    bool done = true;
    size_t i;

    for (i = 0; i < page->change_count; i++) {
        done = fold(log, &page->changes[i]) && done;
    }
    for (i = 0; i < page->count; i++) {
        if (chat__is_change(&page->entries[i])) {
            done = chat__room_log_change(log, &page->entries[i]) && done;
        }
    }
    return apply_kept(log) && done;
}

void chat__room_log_give_up(struct chat__room_log *log, uint64_t seq)
{
    size_t i;

    for (i = 0; i < log->entries.count; i++) {
        if (log->entries.data[i].missing == seq) {
            log->entries.data[i].missing = 0;
        }
    }
}

uint64_t chat__room_log_missing(const struct chat__room_log *log)
{
    size_t i;

    for (i = 0; i < log->entries.count; i++) {
        if (log->entries.data[i].missing != 0) {
            return log->entries.data[i].missing;
        }
    }
    return 0;
}
