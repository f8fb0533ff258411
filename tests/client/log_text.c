#include "log_text.h"

#include <stdio.h>
#include <string.h>

#define PAGE_MAX  400
#define BASE_TIME INT64_C(1795363200000) /* noon somewhere, UTC */

struct chat__entry log_message(uint64_t seq)
{
    static char texts[PAGE_MAX][16];
    static size_t next;
    char *text = texts[next++ % PAGE_MAX];
    struct chat__entry entry = {
        .kind = CHAT__ITEM_MESSAGE,
        .seq = seq,
        .time_ms = BASE_TIME + (int64_t)seq,
        .user_id = "7",
        .user_name = "bob",
        .key = "k",
        .text = text,
    };

    snprintf(text, sizeof(texts[0]), "m%llu", (unsigned long long)seq);
    return entry;
}

struct chat__entry log_own(uint64_t seq, const char *key)
{
    struct chat__entry entry = log_message(seq);

    entry.user_id = "1";
    entry.user_name = "ann";
    entry.key = key;
    entry.own = true;
    return entry;
}

void log_append(struct chat__room_log *log, uint64_t first, uint64_t last)
{
    for (; first <= last; first++) {
        struct chat__entry entry = log_message(first);
        chat__room_log_append(log, &entry);
    }
}

void log_page(struct chat__room_log *log, uint64_t first, uint64_t last,
              uint64_t head)
{
    struct chat__entry entries[PAGE_MAX];
    size_t count = 0;

    while (first <= last) {
        entries[count++] = log_message(first++);
    }
    chat__room_log_page(log, &(struct chat__page){.entries = entries,
                                                  .count = count,
                                                  .oldest = 1,
                                                  .head = head});
}

const char *log_text(struct chat__room_log *log)
{
    static char text[4096];
    size_t length = 0, i;

    text[0] = '\0';
    for (i = 0; i < chat__room_log_count(log); i++) {
        const struct chat__item *item = chat__room_log_item(log, i);
        length +=
            (size_t)snprintf(text + length, sizeof(text) - length, "%s%s",
                             i == 0 ? "" : " ", chat__safe_string(&item->text));
    }
    return text;
}
