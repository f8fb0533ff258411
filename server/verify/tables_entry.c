/* One entry of a log: its event, and what its row says beside it. */
#include "server/verify/tables_private.h"

#include "protocol/event.h"
#include "protocol/json.h"
#include "protocol/text.h"

#include <stdlib.h>
#include <string.h>

static void differs(struct chat__verify_log *log, uint64_t seq,
                    const char *member)
{
    FIND(log->tables, "bytes", log->name, seq,
         "its bytes and its row differ in %s", member);
}

static void check_bytes(struct chat__verify_log *log,
                        const struct chat__store_entry *entry,
                        const struct chat__event *event)
{
    const bool is_message = event->kind == CHAT__EVENT_MESSAGE;
    const struct {
        const char *member;
        bool same;
    } members[] = {
        {"room", strcmp(event->room, log->name) == 0},
        {"seq", event->seq == entry->seq},
        {"ts", event->ts == entry->ts},
        {"from", event->from.id == entry->user},
        {"key", strcmp(event->key, entry->key) == 0},
        {"n", !is_message || event->n == entry->n},
        {"ref", entry->fold == CHAT__FOLD_NONE || event->ref == entry->ref},
        {"topic",
         event->kind != CHAT__EVENT_TOPIC ||
             (entry->topic != NULL && strcmp(event->topic, entry->topic) == 0)},
    };

    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (!members[i].same)
            differs(log, entry->seq, members[i].member);
    if (entry->n != log->room->n + is_message && log->whole)
        FIND(log->tables, "n", log->name, entry->seq,
             "it counts %llu messages, and there are %llu",
             (unsigned long long)entry->n,
             (unsigned long long)log->room->n + is_message);
}

static void check_row(struct chat__verify_log *log,
                      const struct chat__store_entry *entry)
{
    const char *problem = chat__text_check_key(entry->key);

    if (problem != NULL)
        FIND(log->tables, "key", log->name, entry->seq,
             "its key breaks a rule: %s", problem);
    if (entry->ts < log->room->last_ts && log->whole)
        FIND(log->tables, "ts", log->name, entry->seq,
             "its time %lld is before that of the entry before it",
             (long long)entry->ts);
    if (!chat__verify_is_user(log->tables, entry->user))
        FIND(log->tables, "reference", log->name, entry->seq,
             "it is by user %llu, who is not there",
             (unsigned long long)entry->user);
}

/* ---- how users stand ---- */

/* Whether the event may give the user this role. */
static bool gives(const struct chat__event *event,
                  const struct chat__store_standing *standing)
{
    bool is_about = standing->user == event->user.id;

    switch (event->kind) {
    case CHAT__EVENT_JOIN:
        return chat__role_is_member(standing->role) &&
               (standing->user == event->from.id ||
                standing->user == event->with.id);
    case CHAT__EVENT_LEAVE:
        return standing->user == event->from.id &&
               standing->role == CHAT__ROLE_NONE;
    case CHAT__EVENT_INVITE:
        return is_about && standing->role == CHAT__ROLE_INVITED;
    case CHAT__EVENT_KICK:
        return is_about && standing->role == CHAT__ROLE_NONE;
    case CHAT__EVENT_BAN:
        return is_about && standing->role == (event->on ? CHAT__ROLE_BANNED
                                                        : CHAT__ROLE_NONE);
    case CHAT__EVENT_ROLE:
        return is_about && standing->role == event->role;
    default:
        return false;
    }
}

static struct chat__verify_stood *stood_of(struct chat__verify_log *log,
                                           uint64_t user)
{
    size_t low = 0;
    size_t high = log->stood_count;
    struct chat__verify_stood *stood;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (log->stood[middle].user < user)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < log->stood_count && log->stood[low].user == user)
        return &log->stood[low];
    stood = chat__verify_grow(log->tables, log->stood, log->stood_count,
                              &log->stood_capacity, sizeof *stood);
    if (stood == NULL)
        return NULL;
    log->stood = stood;
    memmove(&stood[low + 1], &stood[low],
            (log->stood_count++ - low) * sizeof *stood);
    stood[low] = (struct chat__verify_stood){.user = user};
    return &stood[low];
}

/* As dynamodb_project.c has it: a user has two lists of rooms. */
static bool is_same_list(enum chat__role before, enum chat__role after)
{
    return chat__role_is_member(before) == chat__role_is_member(after) &&
           (before == CHAT__ROLE_INVITED) == (after == CHAT__ROLE_INVITED);
}

static void stand(struct chat__verify_log *log,
                  const struct chat__store_entry *entry,
                  const struct chat__store_standing *standing)
{
    struct chat__verify_stood *stood = stood_of(log, standing->user);

    if (stood == NULL || stood->role == standing->role)
        return;
    if (!is_same_list(stood->role, standing->role) &&
        standing->role != CHAT__ROLE_NONE) {
        stood->base = entry->seq;
        stood->base_n = entry->n;
    }
    stood->role = standing->role;
    stood->at = entry->seq;
}

static bool always_stands(enum chat__event_kind kind)
{
    return kind == CHAT__EVENT_JOIN || kind == CHAT__EVENT_LEAVE ||
           kind == CHAT__EVENT_INVITE || kind == CHAT__EVENT_KICK ||
           kind == CHAT__EVENT_BAN || kind == CHAT__EVENT_ROLE;
}

static void check_standings(struct chat__verify_log *log,
                            const struct chat__store_entry *entry,
                            const struct chat__event *event)
{
    if (entry->standing_count == 0 && always_stands(event->kind))
        FIND(log->tables, "member", log->name, entry->seq,
             "its event changes how somebody stands, its row does not");
    for (size_t i = 0; i < entry->standing_count; i++) {
        if (!gives(event, &entry->standings[i]))
            FIND(log->tables, "member", log->name, entry->seq,
                 "its row gives user %llu the role %d, its event does not",
                 (unsigned long long)entry->standings[i].user,
                 (int)entry->standings[i].role);
        stand(log, entry, &entry->standings[i]);
    }
}

/* ---- all of it ---- */

static void remember_text(struct chat__verify_log *log,
                          const struct chat__event *event)
{
    struct chat__verify_text *texts;

    if (event->kind != CHAT__EVENT_MESSAGE && event->kind != CHAT__EVENT_EDIT)
        return;
    texts = chat__verify_grow(log->tables, log->texts, log->text_count,
                              &log->text_capacity, sizeof *texts);
    if (texts == NULL)
        return;
    log->texts = texts;
    texts[log->text_count++] = (struct chat__verify_text){
        .seq = event->seq, .erased = event->deleted && event->text == NULL};
}

void chat__verify_table_entry(struct chat__verify_log *log,
                              const struct chat__store_entry *entry)
{
    struct chat__event event;
    struct chat__error error;
    cJSON *json = chat__json_parse(entry->bytes, entry->length, &error);
    bool parsed = json != NULL && chat__event_parse(&event, json, &error);

    check_row(log, entry);
    if (!parsed) {
        FIND(log->tables, "bytes", log->name, entry->seq,
             "its bytes are no event: %s", error.message);
        log->whole = false;
    } else if (!chat__event_is_entry(&event) ||
               event.kind == CHAT__EVENT_UNKNOWN) {
        FIND(log->tables, "bytes", log->name, entry->seq,
             "its bytes are an event that no log has");
        log->whole = false;
    } else {
        check_bytes(log, entry, &event);
        check_standings(log, entry, &event);
        remember_text(log, &event);
    }
    if (parsed && !chat__verify_fold_entry(log, entry))
        log->tables->failed = true;
    chat__json_free(json);
}
