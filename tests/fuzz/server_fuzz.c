/*
 * A server frame. Each object in it is read as an event and as the reply to
 * every action. What is accepted is encoded and read again: it is the same,
 * and its bytes do not change any more.
 */
#include "tests/fuzz/fuzz.h"

#include "protocol/event.h"
#include "protocol/frame.h"
#include "protocol/json.h"
#include "protocol/limits.h"
#include "protocol/reply.h"
#include "tests/protocol/same_tree.h"

#include <stdlib.h>
#include <string.h>

#define BYTES_MAX (256 * 1024)

/* Reads an object and encodes it again; false when it is refused. */
typedef bool codec(const cJSON *json, int kind, struct chat__buffer *encoded);

/* Who encodes keeps presences in an array; here they come from the tree. */
static void collect_presences(struct chat__event *event)
{
    struct chat__user_presence *presences =
        calloc(event->presence_count + 1, sizeof(*presences));
    const cJSON *at = NULL;

    FUZZ_CHECK(presences != NULL);
    for (size_t i = 0; i < event->presence_count; i++) {
        at = chat__event_next_presence(event, at, &presences[i]);
        FUZZ_CHECK(at != NULL);
    }
    event->presences = presences;
}

static bool event_codec(const cJSON *json, int kind,
                        struct chat__buffer *encoded)
{
    struct chat__event event;
    struct chat__error error;

    (void)kind;
    if (!chat__event_parse(&event, json, &error) ||
        event.kind == CHAT__EVENT_UNKNOWN)
        return false;
    FUZZ_CHECK(chat__event_is_entry(&event) ==
               (event.kind < CHAT__EVENT_TYPING));
    if (event.kind == CHAT__EVENT_PRESENCE)
        collect_presences(&event);
    chat__event_encode(&event, encoded);
    free((void *)event.presences);
    return true;
}

/* As with presences: entries are kept as bytes by who encodes. */
static struct chat__page *page_of(struct chat__reply *reply)
{
    if (reply->ok && (reply->action == CHAT__ACTION_JOIN ||
                      reply->action == CHAT__ACTION_DM))
        return &reply->body.join.page;
    if (reply->ok && reply->action == CHAT__ACTION_HISTORY)
        return &reply->body.history.page;
    return NULL;
}

static void print_entries(struct chat__page *page)
{
    size_t at = 0;
    const cJSON *entry;

    page->entries = calloc(page->entry_count + 1, sizeof(*page->entries));
    FUZZ_CHECK(page->entries != NULL);
    cJSON_ArrayForEach(entry, page->entries_json)
    {
        char *bytes = cJSON_PrintUnformatted(entry);

        FUZZ_CHECK(bytes != NULL);
        page->entries[at].data = bytes;
        page->entries[at].seq =
            (uint64_t)cJSON_GetObjectItemCaseSensitive(entry, "seq")
                ->valuedouble;
        page->entries[at++].length = strlen(bytes);
    }
}

static void free_entries(struct chat__page *page)
{
    for (size_t i = 0; i < page->entry_count; i++)
        free((void *)page->entries[i].data);
    free(page->entries);
}

static bool reply_codec(const cJSON *json, int kind,
                        struct chat__buffer *encoded)
{
    struct chat__reply reply = {.action = (enum chat__action)kind};
    struct chat__error error;
    struct chat__page *page;

    if (!chat__reply_parse(&reply, json, &error))
        return false;
    page = page_of(&reply);
    if (page != NULL)
        print_entries(page);
    chat__reply_encode(&reply, false, encoded);
    if (page != NULL)
        free_entries(page);
    chat__reply_release(&reply);
    return true;
}

static void check_stable(const struct chat__buffer *first, codec *recode,
                         int kind)
{
    struct chat__buffer second;
    struct chat__error error;
    cJSON *json = chat__json_parse(first->data, first->length, &error);

    FUZZ_CHECK(json != NULL);
    chat__buffer_init(&second, BYTES_MAX);
    FUZZ_CHECK(recode(json, kind, &second));
    FUZZ_CHECK(second.length == first->length);
    FUZZ_CHECK(memcmp(second.data, first->data, first->length) == 0);
    chat__buffer_release(&second);
    chat__json_free(json);
}

static void check_codec(const cJSON *json, codec *recode, int kind)
{
    struct chat__buffer encoded;

    chat__buffer_init(&encoded, BYTES_MAX);
    if (recode(json, kind, &encoded) && encoded.length <= CHAT__FRAME_BYTES_MAX)
        check_stable(&encoded, recode, kind);
    FUZZ_CHECK(!encoded.failed);
    chat__buffer_release(&encoded);
}

static void check_object(const char *object, size_t length)
{
    struct chat__error error;
    cJSON *json = chat__json_parse(object, length, &error);

    if (json == NULL)
        return;
    FUZZ_CHECK(is_tree_of(json, object, length));
    check_codec(json, event_codec, 0);
    for (int action = 0; action < CHAT__ACTION_COUNT; action++)
        check_codec(json, reply_codec, action);
    chat__json_free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *frame = (const char *)data;
    const char *object;
    size_t object_length;

    if (size > 0)
        FUZZ_CHECK(chat__frame_cut(frame, size) - 1 < size);
    while (chat__frame_next(&frame, &size, &object, &object_length))
        check_object(object, object_length);
    return 0;
}
