#include "client/model/item.h"

#include <stdio.h>
#include <string.h>

/* ---- changes ---- */

static size_t find_asked(const struct chat__room_log *log, const char *key)
{
    size_t i = 0;

    while (i < log->asked_count && strcmp(log->asked[i].key, key) != 0) {
        i++;
    }
    return i;
}

void chat__room_log_ask(struct chat__room_log *log, const char *key,
                        uint64_t ref)
{
    struct chat__asked *asked = &log->asked[log->asked_count];

    if (log->asked_count < CHAT__ASKED_MAX) {
        snprintf(asked->key, sizeof(asked->key), "%s", key);
        asked->ref = ref;
        log->asked_count++;
    }
}

bool chat__room_log_has_asked(const struct chat__room_log *log, const char *key)
{
    return find_asked(log, key) < log->asked_count;
}

bool chat__room_log_is_changing(const struct chat__room_log *log, uint64_t ref)
{
    size_t i;

    for (i = 0; i < log->asked_count; i++) {
        if (log->asked[i].ref == ref) {
            return true;
        }
    }
    return false;
}

/* ---- messages ---- */

static size_t find_pending(const struct chat__room_log *log, const char *key)
{
    size_t i;

    for (i = 0; i < log->pending.count; i++) {
        if (strcmp(log->pending.data[i].key, key) == 0) {
            break;
        }
    }
    return i;
}

void chat__room_log_forget(struct chat__room_log *log, const char *key)
{
    size_t index = find_pending(log, key);
    size_t asked = find_asked(log, key);

    if (index < log->pending.count) {
        chat__items_remove(&log->pending, index, 1);
    }
    if (asked < log->asked_count) {
        log->asked_count--;
        memmove(&log->asked[asked], &log->asked[asked + 1],
                (log->asked_count - asked) * sizeof(log->asked[0]));
    }
}

bool chat__room_log_send(struct chat__room_log *log, const char *key,
                         const char *name, const char *text, uint64_t reply_to,
                         int64_t time_ms)
{
    struct chat__entry entry = {
        .kind = CHAT__ITEM_MESSAGE,
        .reply_to = reply_to,
        .time_ms = time_ms,
        .user_id = "",
        .user_name = name,
        .key = key,
        .text = text,
        .own = true,
    };
    struct chat__item item;

    if (!chat__items_reserve(&log->pending, 1) ||
        !chat__item_init(&item, &entry)) {
        return false;
    }
    item.state = CHAT__ITEM_SENDING;
    snprintf(item.key, sizeof(item.key), "%s", key);
    chat__items_insert(&log->pending, log->pending.count, &item, 1);
    return true;
}

bool chat__room_log_fail(struct chat__room_log *log, const char *key,
                         const char *reason)
{
    size_t index = find_pending(log, key);
    struct chat__item *item;

    if (index == log->pending.count) {
        return false;
    }
    item = &log->pending.data[index];
    item->state = CHAT__ITEM_FAILED;
    chat__safe_text_release(&item->note);
    chat__safe_text_format(&item->note, "not sent: %s", reason);
    return true;
}

const struct chat__item *
chat__room_log_pending(const struct chat__room_log *log,
                       enum chat__item_state state)
{
    size_t i;

    for (i = 0; i < log->pending.count; i++) {
        if (log->pending.data[i].state == state) {
            return &log->pending.data[i];
        }
    }
    return NULL;
}

const struct chat__item *
chat__room_log_last_pending(const struct chat__room_log *log,
                            enum chat__item_state state)
{
    size_t i = log->pending.count;

    while (i > 0) {
        if (log->pending.data[--i].state == state) {
            return &log->pending.data[i];
        }
    }
    return NULL;
}
