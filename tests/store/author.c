#include "tests/store/author.h"

#include <stdlib.h>
#include <string.h>

static enum chat__event_kind kind_of(const struct chat__store_entry *entry)
{
    switch (entry->fold) {
    case CHAT__FOLD_EDIT:
        return CHAT__EVENT_EDIT;
    case CHAT__FOLD_DELETE:
        return CHAT__EVENT_DELETE;
    case CHAT__FOLD_REACT_ON:
    case CHAT__FOLD_REACT_OFF:
        return CHAT__EVENT_REACT;
    case CHAT__FOLD_NONE:
        break;
    }
    if (entry->topic != NULL)
        return CHAT__EVENT_TOPIC;
    return entry->message ? CHAT__EVENT_MESSAGE : CHAT__EVENT_JOIN;
}

/* The event of an entry, encoded; to be freed. */
static char *encode(const struct author *author,
                    const struct chat__store_entry *entry, size_t *length)
{
    struct chat__buffer buffer;
    char name[24];
    struct chat__event event = {
        .kind = kind_of(entry),
        .room = author->room,
        .seq = entry->seq,
        .n = entry->n,
        .ts = entry->ts,
        .from = {entry->user, name},
        .key = entry->key,
        .text = entry->text,
        .mention_count = entry->mention_count,
        .ref = entry->ref,
        .emoji = entry->emoji,
        .on = entry->fold == CHAT__FOLD_REACT_ON,
        .topic = entry->topic,
    };
    snprintf(name, sizeof name, "u%d", (int)entry->user);
    for (size_t i = 0; i < entry->mention_count; i++)
        event.mentions[i] = entry->mentions[i];
    chat__buffer_init(&buffer, CHAT__OBJECT_BYTES_MAX);
    chat__event_encode(&event, &buffer);
    *length = buffer.length;
    chat__buffer_append_byte(&buffer, '\0');
    assert_false(buffer.failed);
    return buffer.data;
}

static uint64_t count_messages(const struct chat__store_entry *entries,
                               size_t count)
{
    uint64_t messages = 0;
    for (size_t i = 0; i < count; i++)
        messages += entries[i].message;
    return messages;
}

static void fill(const struct author *author, struct asked_append *batch,
                 const struct chat__store_entry *entries, size_t count)
{
    batch_fill(batch, author->room, author->head, count, 1);
    for (size_t i = 0; i < count; i++) {
        struct chat__store_entry *entry = &batch->entries[i];
        const struct chat__store_entry made = *entry;
        *entry = entries[i];
        entry->seq = made.seq;
        entry->n = author->n + count_messages(entries, i + 1);
        entry->ts = made.ts;
        if (entry->key == NULL)
            entry->key = made.key;
        entry->bytes = encode(author, entry, &entry->length);
    }
}

enum chat__store_result author_append(struct author *author,
                                      struct chat__store_entry *entries,
                                      size_t count)
{
    struct asked_append batch;
    fill(author, &batch, entries, count);
    enum chat__store_result result = batch_append(author->harness, &batch);
    chat__store_append_release(&batch.request);
    for (size_t i = 0; i < count; i++)
        free((void *)batch.entries[i].bytes);
    if (result == CHAT__STORE_OK) {
        author->head += count;
        author->n += count_messages(entries, count);
    }
    return result;
}

static uint64_t append_one(struct author *author,
                           struct chat__store_entry entry)
{
    assert_int_equal(author_append(author, &entry, 1), CHAT__STORE_OK);
    return author->head;
}

void author_begin(struct author *author, struct harness *harness,
                  const char *room, uint64_t owner)
{
    struct asked_append batch;
    struct chat__store_entry entry = {
        .user = owner,
        .standings = {{owner, CHAT__ROLE_OWNER}},
        .standing_count = 1,
    };
    *author = (struct author){.harness = harness, .room = room};
    fill(author, &batch, &entry, 1);
    batch.request.create_epoch = EPOCH;
    assert_int_equal(batch_append(harness, &batch), CHAT__STORE_OK);
    chat__store_append_release(&batch.request);
    free((void *)batch.entries[0].bytes);
    author->head = 1;
}

uint64_t author_say(struct author *author, uint64_t user, const char *text)
{
    return append_one(author, (struct chat__store_entry){
                                  .user = user, .message = true, .text = text});
}

uint64_t author_mention(struct author *author, uint64_t user,
                        const uint64_t *mentions, size_t count)
{
    return append_one(author, (struct chat__store_entry){
                                  .user = user,
                                  .message = true,
                                  .text = "you there",
                                  .mentions = mentions,
                                  .mention_count = count,
                              });
}

uint64_t author_edit(struct author *author, uint64_t user, uint64_t ref,
                     const char *text)
{
    return append_one(author, (struct chat__store_entry){
                                  .user = user,
                                  .fold = CHAT__FOLD_EDIT,
                                  .ref = ref,
                                  .text = text,
                              });
}

uint64_t author_delete(struct author *author, uint64_t user, uint64_t ref)
{
    return append_one(author,
                      (struct chat__store_entry){
                          .user = user, .fold = CHAT__FOLD_DELETE, .ref = ref});
}

uint64_t author_react(struct author *author, uint64_t user, uint64_t ref,
                      const char *emoji, bool on)
{
    return append_one(
        author, (struct chat__store_entry){
                    .user = user,
                    .fold = on ? CHAT__FOLD_REACT_ON : CHAT__FOLD_REACT_OFF,
                    .ref = ref,
                    .emoji = emoji,
                });
}

uint64_t author_topic(struct author *author, uint64_t user, const char *topic)
{
    return append_one(author,
                      (struct chat__store_entry){.user = user, .topic = topic});
}

uint64_t author_stand(struct author *author, uint64_t by, uint64_t user,
                      enum chat__role role)
{
    return append_one(author, (struct chat__store_entry){
                                  .user = by,
                                  .standings = {{user, role}},
                                  .standing_count = 1,
                              });
}

struct chat__store_read_log author_read(const struct author *author)
{
    struct chat__store_read_log read = {
        .room = author->room,
        .from = 1,
        .to = UINT64_MAX,
        .limit = SIZE_MAX,
        .bytes_max = SIZE_MAX,
        .with_changes = true,
    };
    assert_int_equal(ask_read_log(author->harness, &read), CHAT__STORE_OK);
    assert_int_equal(read.count, author->head);
    assert_int_equal(read.upto, author->head);
    return read;
}

const struct chat__change *find_change(const struct chat__store_read_log *read,
                                       uint64_t ref)
{
    for (size_t i = 0; i < read->change_count; i++)
        if (read->changes[i].ref == ref)
            return &read->changes[i];
    return NULL;
}

void sign_in_users(struct harness *harness, uint64_t count)
{
    for (uint64_t user = 1; user <= count; user++) {
        char name[16];
        struct chat__store_sign_in request =
            sign_in_by((unsigned char)user, NOW_MS);
        snprintf(name, sizeof name, "u%d", (int)user);
        sign_in_as(&request, name, name);
        assert_int_equal(ask_sign_in(harness, &request), CHAT__STORE_OK);
        assert_int_equal(request.user, user);
        chat__store_sign_in_release(&request);
    }
}
