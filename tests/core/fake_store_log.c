/* The fake store's logs: appends, keys, pages. */
#include "tests/core/fake_store_data.h"

#include <stdlib.h>
#include <string.h>

/* ---- append ---- */

static bool find_key(const struct fake_room *room, uint64_t user,
                     const char *key, struct chat__store_keyed *found)
{
    for (size_t i = 0; i < room->count; i++) {
        const struct fake_entry *entry = &room->entries[i];

        if (entry->user != user || strcmp(entry->key, key) != 0)
            continue;
        found->seq = i + 1;
        found->ts = entry->ts;
        memcpy(found->digest, entry->digest, sizeof(found->digest));
        return true;
    }
    return false;
}

static bool list_duplicates(const struct fake_room *room,
                            struct chat__store_append *append)
{
    append->duplicates =
        must(calloc(append->count + 1, sizeof(*append->duplicates)));
    for (size_t i = 0; i < append->count; i++) {
        const struct chat__store_entry *entry = &append->entries[i];
        struct chat__store_duplicate *duplicate =
            &append->duplicates[append->duplicate_count];

        duplicate->index = i;
        if (find_key(room, entry->user, entry->key, &duplicate->entry))
            append->duplicate_count++;
    }
    return append->duplicate_count > 0;
}

/* Whether entries[index] is about a message that is still there then. */
static bool finds_message(const struct fake_room *room,
                          const struct chat__store_append *append, size_t index)
{
    const struct chat__store_entry *entry = &append->entries[index];
    size_t head = room == NULL ? 0 : room->count;
    bool message = false;

    if (entry->ref == 0 || entry->ref >= entry->seq)
        return false;
    if (entry->ref > head)
        message = append->entries[entry->ref - head - 1].message;
    else
        message = room->entries[entry->ref - 1].message &&
                  !fake_is_deleted(room, entry->ref);
    for (size_t i = 0; i < index; i++)
        if (append->entries[i].fold == CHAT__FOLD_DELETE &&
            append->entries[i].ref == entry->ref)
            return false;
    return message;
}

static bool has_key_before(const struct chat__store_append *append,
                           size_t index)
{
    const struct chat__store_entry *entry = &append->entries[index];

    for (size_t i = 0; i < index; i++)
        if (append->entries[i].user == entry->user &&
            strcmp(append->entries[i].key, entry->key) == 0)
            return true;
    return false;
}

static bool is_sound(const struct fake_room *room,
                     const struct chat__store_append *append)
{
    for (size_t i = 0; i < append->count; i++)
        if (has_key_before(append, i) ||
            (append->entries[i].fold != CHAT__FOLD_NONE &&
             !finds_message(room, append, i)))
            return false;
    return true;
}

struct fake_entry *fake_entry_add(struct fake_room *room)
{
    room->entries = must(
        realloc(room->entries, (room->count + 1) * sizeof(*room->entries)));
    room->entries[room->count] = (struct fake_entry){0};
    return &room->entries[room->count++];
}

static void copy_entry(struct fake_entry *entry,
                       const struct chat__store_entry *from)
{
    entry->n = from->n;
    entry->ts = from->ts;
    entry->user = from->user;
    fake_copy(entry->key, sizeof(entry->key), from->key);
    memcpy(entry->digest, from->digest, sizeof(entry->digest));
    entry->bytes = must(strndup(from->bytes, from->length));
    entry->message = from->message;
    entry->fold = from->fold;
    entry->ref = from->ref;
    if (from->fold == CHAT__FOLD_EDIT)
        entry->text = must(strdup(from->text));
    if (from->fold == CHAT__FOLD_REACT_ON || from->fold == CHAT__FOLD_REACT_OFF)
        fake_copy(entry->emoji, sizeof(entry->emoji), from->emoji);
}

static void add_mentions(struct fake_room *room, struct fake_entry *entry,
                         const struct chat__store_entry *from)
{
    assert_true(from->mention_count <= CHAT__MENTIONS_MAX);
    for (size_t i = 0; i < from->mention_count; i++)
        if (fake_member_find(room, from->mentions[i]) != NULL)
            entry->mentions[entry->mention_count++] = from->mentions[i];
}

static void set_topic(struct fake_room *room, const char *topic)
{
    free(room->topic);
    room->topic = topic[0] == '\0' ? NULL : must(strdup(topic));
}

static void write_entry(struct fake_store *fake, struct fake_room *room,
                        const struct chat__store_entry *from)
{
    struct fake_entry *entry = fake_entry_add(room);

    /* What a log must be; the core is at fault when it is not. */
    assert_int_equal(from->seq, room->count);
    assert_true(room->count < 2 || entry[-1].ts <= from->ts);
    assert_int_equal(from->n, fake_n_at(room, room->count - 1) + from->message);
    copy_entry(entry, from);
    for (size_t i = 0; i < from->standing_count; i++)
        fake_standing_set(fake, room, from->standings[i].user,
                          from->standings[i].role, from->user);
    if (from->topic != NULL)
        set_topic(room, from->topic);
    add_mentions(room, entry, from);
    if (from->fold == CHAT__FOLD_DELETE)
        fake_erase(room, from->ref);
}

enum chat__store_result fake_append(struct fake_store *fake, void *request)
{
    struct chat__store_append *append = request;
    struct fake_room *room = fake_room_find(fake, append->room);
    size_t head = room == NULL ? 0 : room->count;

    if ((room == NULL) != (append->create_epoch != NULL))
        return CHAT__STORE_CONFLICT;
    for (size_t i = 0; i < append->count; i++)
        if (append->entries[i].seq != head + 1 + i)
            return CHAT__STORE_CONFLICT;
    if (room != NULL && list_duplicates(room, append))
        return CHAT__STORE_DUPLICATE;
    if (!is_sound(room, append))
        return CHAT__STORE_FAILED;
    if (room == NULL)
        room = fake_room_add(fake, append->room, append->create_epoch,
                             append->create_private);
    for (size_t i = 0; i < append->count; i++)
        write_entry(fake, room, &append->entries[i]);
    return CHAT__STORE_OK;
}

/* ---- reads ---- */

enum chat__store_result fake_find_key(struct fake_store *fake, void *request)
{
    struct chat__store_find_key *find = request;
    const struct fake_room *room = fake_room_find(fake, find->room);

    find->head = room == NULL ? 0 : room->count;
    return room != NULL && find_key(room, find->user, find->key, &find->entry)
               ? CHAT__STORE_OK
               : CHAT__STORE_NOT_FOUND;
}

enum chat__store_result fake_find_message(struct fake_store *fake,
                                          void *request)
{
    struct chat__store_find_message *find = request;
    const struct fake_room *room = fake_room_find(fake, find->room);
    struct chat__change change;

    if (room == NULL || find->ref == 0 || find->ref > room->count ||
        !room->entries[find->ref - 1].message)
        return CHAT__STORE_NOT_FOUND;
    find->user = room->entries[find->ref - 1].user;
    fake_fold(room, find->ref, &change);
    find->deleted = change.deleted;
    for (size_t i = 0; i < room->count && find->emoji == NULL; i++)
        find->edits += room->entries[i].fold == CHAT__FOLD_EDIT &&
                       room->entries[i].ref == find->ref;
    if (find->emoji != NULL)
        fake_count_reactions(find, &change);
    fake_change_release(&change);
    return CHAT__STORE_OK;
}

/* True when one more entry fits the piece. */
static bool fits(const struct chat__store_read_log *read, size_t bytes,
                 size_t length)
{
    if (read->count == 0)
        return read->limit > 0;
    return read->count < read->limit && bytes + length <= read->bytes_max;
}

static void copy_entries(const struct fake_room *room,
                         struct chat__store_read_log *read, uint64_t first,
                         size_t bytes)
{
    char *at = read->arena = must(malloc(bytes + 1));

    for (size_t i = 0; i < read->count; i++) {
        const char *from = room->entries[first - 1 + i].bytes;

        read->entries[i].seq = first + i;
        read->entries[i].length = strlen(from);
        read->entries[i].bytes = at;
        memcpy(at, from, read->entries[i].length);
        at += read->entries[i].length;
    }
}

static void read_changes(const struct fake_room *room,
                         struct chat__store_read_log *read)
{
    read->changes = must(calloc(read->count + 1, sizeof(*read->changes)));
    for (size_t i = 0; i < read->count; i++)
        if (fake_fold(room, read->entries[i].seq,
                      &read->changes[read->change_count]))
            read->change_count++;
}

enum chat__store_result fake_read_log(struct fake_store *fake, void *request)
{
    struct chat__store_read_log *read = request;
    const struct fake_room *room = fake_room_find(fake, read->room);
    uint64_t from = read->from == 0 ? 1 : read->from;
    uint64_t to;
    uint64_t first;
    size_t bytes = 0;

    if (room == NULL)
        return CHAT__STORE_NOT_FOUND;
    to = read->to < room->count ? read->to : room->count;
    first = from;
    for (uint64_t i = 0; from + i <= to; i++) {
        uint64_t seq = read->backward ? to - i : from + i;
        size_t length = strlen(room->entries[seq - 1].bytes);

        if (!fits(read, bytes, length))
            break;
        bytes += length;
        first = read->backward ? seq : from;
        read->count++;
    }
    read->entries = must(calloc(read->count + 1, sizeof(*read->entries)));
    copy_entries(room, read, first, bytes);
    read->upto = room->count;
    if (read->with_changes)
        read_changes(room, read);
    return CHAT__STORE_OK;
}
