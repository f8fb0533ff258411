#include "client/model/item.h"
#include "client/model/sentence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ITEMS_CAPACITY_MIN 32
#define EDITED             " (edited)"
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

bool chat__item_text(const char *untrusted, bool edited,
                     struct chat__safe_text *text, size_t *body)
{
    char *bytes;

    if (!chat__safe_text_init(text, untrusted, CHAT__SAFE_TEXT)) {
        return false;
    }
    *body = text->length;
    if (!edited) {
        return true;
    }
    bytes = realloc(text->bytes, text->length + sizeof(EDITED));
    if (bytes == NULL) {
        chat__safe_text_release(text);
        return false;
    }
    memcpy(bytes + text->length, EDITED, sizeof(EDITED));
    text->bytes = bytes;
    text->length += sizeof(EDITED) - 1;
    return true;
}

void chat__item_set_text(struct chat__item *item, struct chat__safe_text *text)
{
    chat__safe_text_release(&item->text);
    item->text = *text;
    item->lines_width = 0;
}

/* Own messages are kept as they were written, to be written anew. */
static bool keep_raw(struct chat__item *item, const struct chat__entry *entry)
{
    if (!entry->own || entry->deleted || entry->text == NULL) {
        return true;
    }
    item->raw = strdup(entry->text);
    return item->raw != NULL;
}

static bool init_texts(struct chat__item *item, const struct chat__entry *entry)
{
    bool made;

    if (entry->kind != CHAT__ITEM_MESSAGE && entry->kind != CHAT__ITEM_NOTICE) {
        made = chat__sentence(entry, &item->text);
    } else if (entry->deleted) {
        made = chat__safe_text_init(&item->text, CHAT__DELETED_TEXT,
                                    CHAT__SAFE_LINE);
    } else {
        made = chat__safe_text_init(&item->text, entry->text, CHAT__SAFE_TEXT);
    }
    item->body = item->text.length;
    if (entry->kind == CHAT__ITEM_MESSAGE) {
        made = made && keep_raw(item, entry);
    }
    return made &&
           chat__safe_text_init(&item->name, entry->user_name, CHAT__SAFE_LINE);
}

bool chat__item_init(struct chat__item *item, const struct chat__entry *entry)
{
    memset(item, 0, sizeof(*item));
    item->kind = entry->kind;
    item->seq = entry->seq;
    item->reply_to = entry->deleted ? 0 : entry->reply_to;
    item->time_ms = entry->time_ms;
    item->author = hash(entry->user_id);
    snprintf(item->user_id, sizeof(item->user_id), "%s", entry->user_id);
    item->own = entry->own;
    item->deleted = entry->deleted;
    item->mentions_me = entry->mentions_me && !entry->deleted && !entry->own;
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
    chat__safe_text_release(&item->badges);
    chat__reactions_release(&item->reactions);
    free(item->raw);
    memset(item, 0, sizeof(*item));
}

size_t chat__item_bytes(const struct chat__item *item)
{
    return sizeof(*item) + item->name.length + item->text.length +
           item->badges.length + chat__reactions_bytes(&item->reactions) +
           (item->raw == NULL ? 0 : strlen(item->raw));
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
    struct chat__item *place;
    size_t i;

    if (count == 0) {
        return;
    }
    place = items->data + index;
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
