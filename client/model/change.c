#include "client/model/change.h"
#include "client/model/item.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool chat__is_change(const struct chat__entry *entry)
{
    return entry->kind == CHAT__ITEM_EDIT || entry->kind == CHAT__ITEM_DELETE ||
           entry->kind == CHAT__ITEM_REACT;
}

/* ---- one item ---- */

static void erase(struct chat__item *item)
{
    chat__reactions_release(&item->reactions);
    chat__safe_text_release(&item->badges);
    free(item->raw);
    item->raw = NULL;
    item->deleted = true;
    item->edited = false;
    item->missing = 0;
    item->reply_to = 0;
    item->mentions_me = false;
}

static bool delete (struct chat__item *item)
{
    struct chat__safe_text text;

    if (!chat__safe_text_init(&text, CHAT__DELETED_TEXT, CHAT__SAFE_LINE)) {
        return false;
    }
    erase(item);
    chat__item_set_text(item, &text);
    item->body = item->text.length;
    return true;
}

static bool edit(struct chat__item *item, const char *text)
{
    struct chat__safe_text safe;
    size_t body;
    char *raw = NULL;

    if (!chat__item_text(text, true, &safe, &body)) {
        return false;
    }
    if (item->own) {
        raw = strdup(text);
        if (raw == NULL) {
            chat__safe_text_release(&safe);
            return false;
        }
    }
    free(item->raw);
    item->raw = raw;
    chat__item_set_text(item, &safe);
    item->body = body;
    item->edited = true;
    item->missing = 0;
    return true;
}

static bool describe(struct chat__item *item, uint64_t me)
{
    struct chat__safe_text badges;

    if (!chat__reactions_describe(&item->reactions, me, &badges)) {
        return false;
    }
    chat__safe_text_release(&item->badges);
    item->badges = badges;
    return true;
}

static bool react(struct chat__item *item, const struct chat__entry *entry,
                  uint64_t me)
{
    uint64_t person = chat__person_number(entry->user_id);

    return entry->emoji == NULL ||
           (chat__reactions_set(&item->reactions, entry->emoji, person,
                                entry->on) &&
            describe(item, me));
}

/* The text of an edit that a page only named may come later. */
static bool is_missing(const struct chat__item *item,
                       const struct chat__entry *entry)
{
    return entry->kind == CHAT__ITEM_EDIT && entry->seq == item->missing &&
           entry->text != NULL;
}

bool chat__change_item(struct chat__item *item, const struct chat__entry *entry,
                       uint64_t me)
{
    bool done = true;

    if (item->kind != CHAT__ITEM_MESSAGE || item->deleted) {
        return true;
    }
    if (is_missing(item, entry)) {
        return edit(item, entry->text);
    }
    if (entry->seq <= item->upto) {
        return true;
    }
    if (entry->kind == CHAT__ITEM_DELETE) {
        done = delete (item);
    } else if (entry->kind == CHAT__ITEM_REACT) {
        done = react(item, entry, me);
    } else if (entry->text != NULL) {
        done = edit(item, entry->text);
    }
    if (done) {
        item->upto = entry->seq;
    }
    return done;
}

static bool fold_reactions(struct chat__item *item,
                           const struct chat__change *change, uint64_t me)
{
    size_t i, j;

    chat__reactions_release(&item->reactions);
    for (i = 0; i < change->reaction_count; i++) {
        const struct chat__reacted *reacted = &change->reactions[i];
        for (j = 0; j < reacted->count; j++) {
            if (!chat__reactions_set(&item->reactions, reacted->emoji,
                                     chat__person_number(reacted->people[j]),
                                     true)) {
                return false;
            }
        }
    }
    return describe(item, me);
}

bool chat__change_fold(struct chat__item *item,
                       const struct chat__change *change, uint64_t me)
{
    bool done;

    if (item->kind != CHAT__ITEM_MESSAGE || item->deleted ||
        change->upto <= item->upto) {
        return true;
    }
    if (change->deleted) {
        done = delete (item);
    } else {
        done = fold_reactions(item, change, me);
        if (done && change->text != NULL) {
            done = edit(item, change->text);
        } else if (change->edit != 0) {
            item->missing = change->edit;
        }
    }
    if (done) {
        item->upto = change->upto;
    }
    return done;
}

/* ---- changes that wait ---- */

static size_t bytes_of(const struct chat__kept_change *change)
{
    return sizeof(*change) + (change->text == NULL ? 0 : strlen(change->text));
}

void chat__kept_remove(struct chat__kept *kept, size_t index)
{
    struct chat__kept_change *change = &kept->data[index];

    kept->bytes -= bytes_of(change);
    free(change->text);
    kept->count--;
    memmove(change, change + 1, (kept->count - index) * sizeof(*change));
}

void chat__kept_release(struct chat__kept *kept)
{
    while (kept->count > 0) {
        chat__kept_remove(kept, kept->count - 1);
    }
    free(kept->data);
    memset(kept, 0, sizeof(*kept));
}

/* Where an entry belongs in the order of seq. */
static size_t place_of(const struct chat__kept *kept, uint64_t seq)
{
    size_t place = kept->count;

    while (place > 0 && kept->data[place - 1].seq >= seq) {
        place--;
    }
    return place;
}

static bool init_change(struct chat__kept_change *change,
                        const struct chat__entry *entry)
{
    memset(change, 0, sizeof(*change));
    change->kind = entry->kind;
    change->seq = entry->seq;
    change->ref = entry->ref;
    change->on = entry->on;
    snprintf(change->user_id, sizeof(change->user_id), "%s", entry->user_id);
    snprintf(change->emoji, sizeof(change->emoji), "%s",
             entry->emoji == NULL ? "" : entry->emoji);
    if (entry->text != NULL) {
        change->text = strdup(entry->text);
    }
    return entry->text == NULL || change->text != NULL;
}

static bool is_over_limit(const struct chat__kept *kept)
{
    return kept->count > CHAT__KEPT_MAX || kept->bytes > CHAT__KEPT_BYTES_MAX;
}

bool chat__kept_add(struct chat__kept *kept, const struct chat__entry *entry)
{
    size_t place = place_of(kept, entry->seq);
    struct chat__kept_change *data = kept->data;
    struct chat__kept_change change;

    if (place < kept->count && data[place].seq == entry->seq) {
        return true;
    }
    data = reallocarray(data, kept->count + 1, sizeof(*data));
    if (data == NULL) {
        return false;
    }
    kept->data = data;
    if (!init_change(&change, entry)) {
        return false;
    }
    memmove(data + place + 1, data + place,
            (kept->count - place) * sizeof(*data));
    data[place] = change;
    kept->count++;
    kept->bytes += bytes_of(&change);
    while (is_over_limit(kept)) {
        chat__kept_remove(kept, 0);
    }
    return true;
}

struct chat__entry chat__kept_at(const struct chat__kept *kept, size_t index)
{
    const struct chat__kept_change *change = &kept->data[index];
    struct chat__entry entry = {
        .kind = change->kind,
        .seq = change->seq,
        .ref = change->ref,
        .user_id = change->user_id,
        .user_name = "",
        .key = "",
        .text = change->text,
        .emoji = change->emoji,
        .on = change->on,
    };

    return entry;
}
