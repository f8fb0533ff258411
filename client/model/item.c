#include "client/model/item.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ITEMS_CAPACITY_MIN 32
#define FNV_OFFSET         UINT32_C(2166136261)
#define FNV_PRIME          UINT32_C(16777619)

static uint32_t hash(const char *string)
{
    uint32_t value = FNV_OFFSET;

    for (; *string != '\0'; string++) {
        value = (value ^ (unsigned char)*string) * FNV_PRIME;
    }
    return value;
}

static int day_of(int64_t time_ms)
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm local;

    if (localtime_r(&seconds, &local) == NULL) {
        return 0;
    }
    return local.tm_year * 366 + local.tm_yday;
}

static bool init_texts(struct chat__item *item, const struct chat__entry *entry)
{
    const char *name = entry->user_name;
    bool made;

    switch (entry->kind) {
    case CHAT__ITEM_JOIN:
        made = chat__safe_text_format(&item->text, "%s joined", name);
        break;
    case CHAT__ITEM_LEAVE:
        made = chat__safe_text_format(&item->text, "%s left", name);
        break;
    case CHAT__ITEM_OTHER:
        made = chat__safe_text_format(
            &item->text, "%s did something that needs a newer chat-tui", name);
        break;
    default:
        made = chat__safe_text_init(
            &item->text, entry->deleted ? "message deleted" : entry->text,
            CHAT__SAFE_TEXT);
    }
    return made && chat__safe_text_init(&item->name, name, CHAT__SAFE_LINE);
}

bool chat__item_init(struct chat__item *item, const struct chat__entry *entry)
{
    memset(item, 0, sizeof(*item));
    item->kind = entry->kind;
    item->seq = entry->seq;
    item->reply_to = entry->deleted ? 0 : entry->reply_to;
    item->time_ms = entry->time_ms;
    item->author = hash(entry->user_id);
    item->own = entry->own;
    item->deleted = entry->deleted;
    item->day = day_of(entry->time_ms);
    if (!init_texts(item, entry)) {
        chat__item_release(item);
        return false;
    }
    return true;
}

void chat__item_release(struct chat__item *item)
{
    chat__safe_text_release(&item->name);
    chat__safe_text_release(&item->text);
    chat__safe_text_release(&item->note);
    chat__safe_text_release(&item->fold);
    free(item->unsent);
    memset(item, 0, sizeof(*item));
}

size_t chat__item_bytes(const struct chat__item *item)
{
    return sizeof(*item) + item->name.length + item->text.length;
}

bool chat__items_reserve(struct chat__items *items, size_t more)
{
    size_t needed = items->count + more;
    size_t capacity = items->capacity;
    struct chat__item *data;

    if (needed <= capacity) {
        return true;
    }
    capacity = capacity < ITEMS_CAPACITY_MIN ? ITEMS_CAPACITY_MIN : capacity;
    while (capacity < needed) {
        capacity *= 2;
    }
    data = reallocarray(items->data, capacity, sizeof(*data));
    if (data == NULL) {
        return false;
    }
    items->data = data;
    items->capacity = capacity;
    return true;
}

void chat__items_insert(struct chat__items *items, size_t index,
                        const struct chat__item *added, size_t count)
{
    struct chat__item *place = items->data + index;
    size_t i;

    memmove(place + count, place, (items->count - index) * sizeof(*place));
    memcpy(place, added, count * sizeof(*place));
    items->count += count;
    for (i = 0; i < count; i++) {
        items->bytes += chat__item_bytes(&added[i]);
    }
}

void chat__items_remove(struct chat__items *items, size_t index, size_t count)
{
    struct chat__item *place = items->data + index;
    size_t i;

    if (count == 0) {
        return;
    }
    for (i = 0; i < count; i++) {
        items->bytes -= chat__item_bytes(place + i);
        chat__item_release(place + i);
    }
    memmove(place, place + count,
            (items->count - index - count) * sizeof(*place));
    items->count -= count;
}

void chat__items_release(struct chat__items *items)
{
    chat__items_remove(items, 0, items->count);
    free(items->data);
    memset(items, 0, sizeof(*items));
}
