#include "protocol/reply_codec.h"

#include <stdlib.h>

void chat__write_more(struct chat__writer *writer, bool more)
{
    if (more)
        chat__write_bool(writer, "more", true);
}

static void write_reaction(struct chat__writer *writer,
                           const struct chat__reaction *reaction)
{
    chat__write_object(writer, NULL);
    chat__write_string(writer, "emoji", reaction->emoji);
    chat__write_array(writer, "users");
    for (size_t i = 0; i < reaction->user_count; i++)
        chat__write_id(writer, NULL, reaction->users[i]);
    chat__write_array_end(writer);
    chat__write_object_end(writer);
}

static void write_state(struct chat__writer *writer,
                        const struct chat__change *change, bool without_text)
{
    if (change->edit != 0)
        chat__write_uint(writer, "edit", change->edit);
    if (!without_text)
        chat__write_string(writer, "text", change->text);
    if (change->reaction_count == 0)
        return;
    chat__write_array(writer, "reactions");
    for (size_t i = 0; i < change->reaction_count; i++)
        write_reaction(writer, &change->reactions[i]);
    chat__write_array_end(writer);
}

static void write_change(struct chat__writer *writer,
                         const struct chat__change *change, bool without_text)
{
    chat__write_object(writer, NULL);
    chat__write_uint(writer, "ref", change->ref);
    chat__write_uint(writer, "upto", change->upto);
    if (change->deleted)
        chat__write_bool(writer, "deleted", true);
    else
        write_state(writer, change, without_text);
    chat__write_object_end(writer);
}

static int compare_ref(const void *seq, const void *change)
{
    uint64_t wanted = *(const uint64_t *)seq;
    uint64_t ref = ((const struct chat__change *)change)->ref;

    return (wanted > ref) - (wanted < ref);
}

static const struct chat__change *find_change(const struct chat__page *page,
                                              uint64_t seq)
{
    if (page->change_count == 0)
        return NULL;
    return bsearch(&seq, page->changes, page->change_count,
                   sizeof(*page->changes), compare_ref);
}

/* Measured by writing it where it is taken back: one encoder knows its size. */
static size_t change_bytes(struct chat__cut *cut,
                           const struct chat__change *change, bool without_text)
{
    struct chat__buffer *buffer = cut->writer.buffer;
    struct chat__writer writer;
    size_t start = buffer->length;
    size_t bytes;

    chat__writer_init(&writer, buffer);
    write_change(&writer, change, without_text);
    bytes = buffer->length - start;
    chat__buffer_truncate(buffer, start);
    return bytes;
}

/* Of an entry and its change, each with its comma. */
static size_t entry_bytes(struct chat__cut *cut, const struct chat__page *page,
                          size_t index, bool without_text)
{
    const struct chat__entry_bytes *entry = &page->entries[index];
    const struct chat__change *change = find_change(page, entry->seq);
    size_t bytes = entry->length + 1;

    if (change != NULL)
        bytes += change_bytes(cut, change, without_text) + 1;
    return bytes;
}

/* The bytes that the lists may still take, with `before` in front of them. */
static size_t room_left(const struct chat__cut *cut, size_t before)
{
    size_t used = cut->writer.buffer->length + before +
                  sizeof(",\"entries\":[],\"changes\":[");

    return used < cut->end ? cut->end - used : 0;
}

/*
 * From the end or the beginning. A text is left out only when its entry would
 * not fit alone: otherwise the page ends before it, and the next begins there.
 */
struct chat__page_cut chat__page_cut(struct chat__cut *cut,
                                     const struct chat__page *page,
                                     bool from_end, size_t before)
{
    struct chat__page_cut result = {0};
    size_t room = room_left(cut, before);

    while (result.count < page->entry_count) {
        size_t index =
            from_end ? page->entry_count - 1 - result.count : result.count;
        size_t needed = entry_bytes(cut, page, index, false);

        if (needed > room && result.count == 0) {
            needed = entry_bytes(cut, page, index, true);
            result.without_texts = true;
        }
        if (needed > room)
            break;
        room -= needed;
        result.count++;
        if (result.without_texts)
            break;
    }
    if (from_end)
        result.first = page->entry_count - result.count;
    return result;
}

static void write_changes(struct chat__writer *writer,
                          const struct chat__page *page,
                          const struct chat__page_cut *cut)
{
    chat__write_array(writer, "changes");
    for (size_t i = 0; i < cut->count; i++) {
        const struct chat__change *change =
            find_change(page, page->entries[cut->first + i].seq);

        if (change != NULL)
            write_change(writer, change, cut->without_texts);
    }
    chat__write_array_end(writer);
}

void chat__page_write(struct chat__writer *writer,
                      const struct chat__page *page,
                      const struct chat__page_cut *cut)
{
    chat__write_array(writer, "entries");
    for (size_t i = 0; i < cut->count; i++) {
        const struct chat__entry_bytes *entry = &page->entries[cut->first + i];

        chat__write_raw(writer, NULL, entry->data, entry->length);
    }
    chat__write_array_end(writer);
    write_changes(writer, page, cut);
    chat__write_uint(writer, "first", page->first);
    chat__write_uint(writer, "head", page->head);
    chat__write_more(writer, page->more || cut->count < page->entry_count);
}
