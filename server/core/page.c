#include "server/core/page.h"

#include "server/core/room.h"

void chat__page_ask(struct chat__operation *operation,
                    struct chat__store_read_log *read, uint64_t from,
                    uint64_t to, uint64_t limit,
                    void (*run)(struct chat__completion *completion))
{
    struct chat__store *store = operation->core->options.store;

    read->completion.run = run;
    read->room = operation->room->name;
    read->from = from;
    read->to = to;
    read->limit = limit;
    read->with_changes = true;
    read->bytes_max = CHAT__OBJECT_BYTES_MAX - CHAT__PAGE_ENVELOPE_BYTES;
    chat__operation_asks(operation);
    store->operations->read_log(store, read);
}

void chat__page_fill(struct chat__page *page, struct chat__entry_bytes *entries,
                     const struct chat__store_read_log *read)
{
    size_t count = read->count;

    if (count > CHAT__PAGE_ENTRIES_MAX)
        count = CHAT__PAGE_ENTRIES_MAX;
    for (size_t i = 0; i < count; i++) {
        entries[i].data = read->entries[i].bytes;
        entries[i].length = read->entries[i].length;
        entries[i].seq = read->entries[i].seq;
    }
    page->entries = entries;
    page->entry_count = count;
    page->changes = read->changes;
    page->change_count = read->change_count;
}
