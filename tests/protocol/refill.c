#include "tests/protocol/refill.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

void refill_presences(struct chat__event *event,
                      struct chat__user_presence *presences)
{
    const cJSON *at = NULL;

    if (event->kind != CHAT__EVENT_PRESENCE)
        return;
    assert_true(event->presence_count <= REFILL_PRESENCES_MAX);
    for (size_t i = 0; i < event->presence_count; i++) {
        at = chat__event_next_presence(event, at, &presences[i]);
        assert_non_null(at);
    }
    assert_null(chat__event_next_presence(event, at, &presences[0]));
    event->presences = presences;
}

/* The end of the object that begins at `at`. */
static const char *object_end(const char *at)
{
    int depth = 0;
    bool quoted = false;

    do {
        if (quoted && *at == '\\')
            at++;
        else if (*at == '"')
            quoted = !quoted;
        else if (!quoted && (*at == '{' || *at == '}'))
            depth += *at == '{' ? 1 : -1;
        at++;
    } while (depth > 0);
    return at;
}

static uint64_t entry_seq(const struct chat__page *page, size_t index)
{
    const cJSON *entry = cJSON_GetArrayItem(page->entries_json, (int)index);

    return (uint64_t)cJSON_GetObjectItemCaseSensitive(entry, "seq")
        ->valuedouble;
}

void refill_entries(struct chat__page *page, struct chat__entry_bytes *entries,
                    const char *wire)
{
    const char *at = strstr(wire, "\"entries\":[") + strlen("\"entries\":[");

    assert_true(page->entry_count <= REFILL_ENTRIES_MAX);
    for (size_t i = 0; i < page->entry_count; i++) {
        const char *after = object_end(at);

        entries[i].data = at;
        entries[i].length = (size_t)(after - at);
        entries[i].seq = entry_seq(page, i);
        at = after + 1;
    }
    page->entries = entries;
}
