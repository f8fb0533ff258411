/*
 * Each room's log, entry by entry, and what the room's row and its members
 * must be after it.
 */
#include "server/verify/verify_private.h"

#include "protocol/event.h"
#include "protocol/json.h"
#include "protocol/text.h"
#include "server/core/members.h"

#include <stdio.h>
#include <string.h>

/* Made by the server, so that its first member is no owner. */
#define NEW_ROOM "lobby"

/* Columns of the entries' query. */
enum { SEQ, USER, N, TS, KEY, DIGEST, BYTES };

struct log {
    const char *room;
    uint64_t last; /* what the entries read so far say */
    uint64_t n;
    int64_t ts;
    struct chat__members standings;
    uint64_t deletes; /* entries that delete */
    uint64_t deleted; /* messages that were */
    char topic[CHAT__TOPIC_BYTES_MAX + 1];
    bool whole; /* no entry was missing or unreadable: all else is known */
};

/* ---- one entry ---- */

static void check_seq(struct chat__verify *verify, struct log *log,
                      uint64_t seq)
{
    if (seq == log->last + 1)
        return;
    if (seq <= log->last || seq > INT64_MAX)
        chat__verify_find(verify, "seq", log->room, seq,
                          "it comes behind the entry %llu",
                          (unsigned long long)log->last);
    else
        chat__verify_find(verify, "seq", log->room, seq,
                          "the entries %llu to %llu before it are missing",
                          (unsigned long long)log->last + 1,
                          (unsigned long long)seq - 1);
    log->whole = false;
}

static void check_row(struct chat__verify *verify, struct log *log,
                      sqlite3_stmt *row, uint64_t seq)
{
    const char *key = chat__verify_text(row, KEY);
    const char *problem = chat__text_check_key(key);
    int64_t ts = sqlite3_column_int64(row, TS);

    if (problem == NULL &&
        strlen(key) != (size_t)sqlite3_column_bytes(row, KEY))
        problem = "it has a NUL";
    if (problem != NULL)
        chat__verify_find(verify, "key", log->room, seq,
                          "its key breaks a rule: %s", problem);
    if (sqlite3_column_bytes(row, DIGEST) != CHAT__BODY_DIGEST_BYTES)
        chat__verify_find(verify, "key", log->room, seq,
                          "the digest of its body has %d bytes",
                          sqlite3_column_bytes(row, DIGEST));
    if (ts < log->ts)
        chat__verify_find(verify, "ts", log->room, seq,
                          "its time %lld is before that of the entry before it",
                          (long long)ts);
    log->ts = ts;
}

/* `expected` counts only while no entry was missing. */
static void check_n(struct chat__verify *verify, struct log *log, uint64_t seq,
                    uint64_t n, bool is_message)
{
    uint64_t expected = log->n + is_message;

    if (n != expected && log->whole)
        chat__verify_find(verify, "n", log->room, seq,
                          "it counts %llu messages, and there are %llu",
                          (unsigned long long)n, (unsigned long long)expected);
    log->n = n;
}

static void differs(struct chat__verify *verify, const struct log *log,
                    uint64_t seq, const char *member)
{
    chat__verify_find(verify, "bytes", log->room, seq,
                      "its bytes and its row differ in %s", member);
}

static void check_bytes(struct chat__verify *verify, const struct log *log,
                        sqlite3_stmt *row, const struct chat__event *event)
{
    uint64_t seq = chat__verify_unsigned(row, SEQ);

    if (strcmp(event->room, log->room) != 0)
        differs(verify, log, seq, "room");
    if (event->seq != seq)
        differs(verify, log, seq, "seq");
    if (event->ts != sqlite3_column_int64(row, TS))
        differs(verify, log, seq, "ts");
    if (event->from.id != chat__verify_unsigned(row, USER))
        differs(verify, log, seq, "from");
    if (strcmp(event->key, chat__verify_text(row, KEY)) != 0)
        differs(verify, log, seq, "key");
    if (event->kind == CHAT__EVENT_MESSAGE &&
        event->n != chat__verify_unsigned(row, N))
        differs(verify, log, seq, "n");
    if (event->reply_to >= seq)
        chat__verify_find(verify, "bytes", log->room, seq,
                          "it answers %llu, which was not there yet",
                          (unsigned long long)event->reply_to);
}

/* ---- how users stand to the room ---- */

static enum chat__role role_in(const struct log *log, uint64_t user)
{
    return chat__members_role(&log->standings, user);
}

static void stand(struct chat__verify *verify, struct log *log, uint64_t user,
                  enum chat__role role)
{
    if (role == CHAT__ROLE_NONE)
        chat__members_drop(&log->standings, user);
    else if (!chat__members_set(&log->standings, user, role))
        verify->code = SQLITE_NOMEM;
}

/* `with`: by a `dm`, which makes a member of each who is none. */
static void join(struct chat__verify *verify, struct log *log,
                 const struct chat__event *event)
{
    uint64_t users[] = {event->from.id, event->with.id};
    bool is_dm = event->with.id != 0;

    if (log->whole && !is_dm &&
        (chat__role_is_member(role_in(log, users[0])) ||
         role_in(log, users[0]) == CHAT__ROLE_BANNED))
        chat__verify_find(verify, "member", log->room, event->seq,
                          "user %llu joins and is a member already, or banned",
                          (unsigned long long)users[0]);
    for (size_t i = 0; i < 1 + (size_t)is_dm; i++)
        if (!chat__role_is_member(role_in(log, users[i])))
            stand(verify, log, users[i],
                  event->seq == 1 && !is_dm ? CHAT__ROLE_OWNER
                                            : CHAT__ROLE_MEMBER);
}

/* An operator acts where they need be no member. */
static bool is_operators(const struct chat__verify *verify,
                         const struct chat__event *event)
{
    return event->from.id == verify->operator_id &&
           (event->kind == CHAT__EVENT_KICK || event->kind == CHAT__EVENT_BAN ||
            event->kind == CHAT__EVENT_ROLE);
}

static bool may_make(const struct log *log, const struct chat__event *event)
{
    enum chat__role role = role_in(log, event->from.id);

    return chat__role_is_member(role) ||
           (event->kind == CHAT__EVENT_LEAVE && role == CHAT__ROLE_INVITED);
}

/* What the entry does to the standings, and who may have made it. */
static void apply(struct chat__verify *verify, struct log *log,
                  const struct chat__event *event)
{
    uint64_t user = event->user.id;

    if (event->kind != CHAT__EVENT_JOIN && log->whole &&
        !may_make(log, event) && !is_operators(verify, event))
        chat__verify_find(verify, "member", log->room, event->seq,
                          "user %llu, who is no member there, made it",
                          (unsigned long long)event->from.id);
    switch (event->kind) {
    case CHAT__EVENT_JOIN:
        join(verify, log, event);
        break;
    case CHAT__EVENT_LEAVE:
        stand(verify, log, event->from.id, CHAT__ROLE_NONE);
        break;
    case CHAT__EVENT_INVITE:
        stand(verify, log, user, CHAT__ROLE_INVITED);
        break;
    case CHAT__EVENT_KICK:
        stand(verify, log, user, CHAT__ROLE_NONE);
        break;
    case CHAT__EVENT_BAN:
        stand(verify, log, user,
              event->on ? CHAT__ROLE_BANNED : CHAT__ROLE_NONE);
        break;
    case CHAT__EVENT_ROLE:
        stand(verify, log, user, event->role);
        break;
    default:
        break;
    }
}

/* ---- what is folded into the messages and the room ---- */

static void fold(struct chat__verify *verify, struct log *log,
                 const struct chat__event *event)
{
    bool is_about = event->kind == CHAT__EVENT_EDIT ||
                    event->kind == CHAT__EVENT_DELETE ||
                    event->kind == CHAT__EVENT_REACT;

    if (is_about && (event->ref == 0 || event->ref >= event->seq))
        chat__verify_find(verify, "bytes", log->room, event->seq,
                          "it is about %llu, which was not there yet",
                          (unsigned long long)event->ref);
    if (event->deleted && event->text != NULL)
        chat__verify_find(verify, "change", log->room, event->seq,
                          "it was deleted, and its text is there");
    log->deletes += event->kind == CHAT__EVENT_DELETE;
    log->deleted += event->kind == CHAT__EVENT_MESSAGE && event->deleted;
    if (event->kind == CHAT__EVENT_TOPIC)
        snprintf(log->topic, sizeof(log->topic), "%s", event->topic);
}

static cJSON *parse(struct chat__event *event, const char *bytes, size_t length,
                    struct chat__error *error)
{
    cJSON *json = chat__json_parse(bytes, length, error);

    if (json == NULL)
        return NULL;
    if (!chat__event_parse(event, json, error)) {
        chat__json_free(json);
        return NULL;
    }
    return json;
}

static void look_entry(struct chat__verify *verify, sqlite3_stmt *row,
                       void *context)
{
    struct log *log = context;
    uint64_t seq = chat__verify_unsigned(row, SEQ);
    uint64_t n = chat__verify_unsigned(row, N);
    struct chat__event event;
    struct chat__error error;
    cJSON *json = parse(&event, sqlite3_column_blob(row, BYTES),
                        (size_t)sqlite3_column_bytes(row, BYTES), &error);

    verify->counts->entries++;
    check_seq(verify, log, seq);
    check_row(verify, log, row, seq);
    if (json == NULL && error.code == CHAT__ERROR_BUSY) {
        verify->code = SQLITE_NOMEM;
    } else if (json == NULL) {
        chat__verify_find(verify, "bytes", log->room, seq,
                          "its bytes are no event: %s", error.message);
    } else if (!chat__event_is_entry(&event) ||
               event.kind == CHAT__EVENT_UNKNOWN) {
        chat__verify_find(verify, "bytes", log->room, seq,
                          "its bytes are an event that no log has");
    } else {
        check_bytes(verify, log, row, &event);
        check_n(verify, log, seq, n, event.kind == CHAT__EVENT_MESSAGE);
        apply(verify, log, &event);
        fold(verify, log, &event);
        log->last = seq;
        chat__json_free(json);
        return;
    }
    chat__json_free(json);
    log->whole = false;
    log->n = n;
    log->last = seq;
}

/* ---- the room after its log ---- */

/* The first member of a room that the server made is its member only. */
static bool is_role(const struct log *log, enum chat__role by_log,
                    enum chat__role by_row)
{
    return by_log == by_row ||
           (strcmp(log->room, NEW_ROOM) == 0 && by_log == CHAT__ROLE_OWNER &&
            by_row == CHAT__ROLE_MEMBER);
}

static void look_member(struct chat__verify *verify, sqlite3_stmt *row,
                        void *context)
{
    struct log *log = context;
    uint64_t user = chat__verify_unsigned(row, 0);
    enum chat__role by_row = (enum chat__role)sqlite3_column_int(row, 1);
    enum chat__role by_log = role_in(log, user);

    if (log->whole && by_log == CHAT__ROLE_NONE)
        chat__verify_find(verify, "member", log->room, 0,
                          "user %llu has the role %d, and by the log none",
                          (unsigned long long)user, by_row);
    else if (log->whole && !is_role(log, by_log, by_row))
        chat__verify_find(verify, "member", log->room, 0,
                          "user %llu has the role %d, and by the log %d",
                          (unsigned long long)user, by_row, by_log);
    chat__members_drop(&log->standings, user);
}

static void check_missing(struct chat__verify *verify, const struct log *log)
{
    for (size_t i = 0; log->whole && i < log->standings.size; i++)
        if (log->standings.slots[i].user != 0)
            chat__verify_find(
                verify, "member", log->room, 0,
                "user %llu has the role %d by the log, and no row says so",
                (unsigned long long)log->standings.slots[i].user,
                log->standings.slots[i].role);
}

static void check_changes(struct chat__verify *verify, const struct log *log,
                          sqlite3_stmt *row)
{
    uint64_t by_row = chat__verify_unsigned(row, 7);

    if (log->deletes != log->deleted || log->deletes != by_row)
        chat__verify_find(verify, "change", log->room, 0,
                          "%llu entries delete, %llu messages are erased, and "
                          "%llu rows say so",
                          (unsigned long long)log->deletes,
                          (unsigned long long)log->deleted,
                          (unsigned long long)by_row);
    if (strcmp(chat__verify_text(row, 8), log->topic) != 0)
        chat__verify_find(verify, "room", log->room, 0,
                          "its topic is not the one that the log set");
}

static void check_head(struct chat__verify *verify, const struct log *log,
                       sqlite3_stmt *row)
{
    const struct {
        const char *name;
        int64_t by_row;
        int64_t by_log;
    } columns[] = {
        {"n", sqlite3_column_int64(row, 3), (int64_t)log->n},
        {"last_ts", sqlite3_column_int64(row, 4), log->ts},
        {"members", sqlite3_column_int64(row, 5), sqlite3_column_int64(row, 6)},
    };
    uint64_t head = chat__verify_unsigned(row, 2);

    if (head > log->last)
        chat__verify_find(verify, "seq", log->room, log->last,
                          "the entries behind it are missing up to the head, "
                          "%llu",
                          (unsigned long long)head);
    else if (head < log->last)
        chat__verify_find(verify, "room", log->room, log->last,
                          "the room says that its head is %llu",
                          (unsigned long long)head);
    for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
        if (columns[i].by_row != columns[i].by_log && head == log->last)
            chat__verify_find(verify, "room", log->room, 0,
                              "the room says %s %lld, and there is %lld",
                              columns[i].name, (long long)columns[i].by_row,
                              (long long)columns[i].by_log);
}

static void look_log(struct chat__verify *verify, sqlite3_stmt *row,
                     void *context)
{
    struct log log = {.room = chat__verify_text(row, 1), .whole = true};
    int64_t id = sqlite3_column_int64(row, 0);

    (void)context;
    chat__verify_query(verify,
                       "SELECT seq, user, n, ts, key, digest, bytes"
                       " FROM entries WHERE room = ? ORDER BY seq",
                       id, look_entry, &log);
    if (chat__verify_unsigned(row, 2) > log.last)
        log.whole = false;
    chat__verify_query(verify, "SELECT user, role FROM members WHERE room = ?",
                       id, look_member, &log);
    check_missing(verify, &log);
    check_head(verify, &log, row);
    if (log.whole)
        check_changes(verify, &log, row);
    chat__members_release(&log.standings);
}

static void look_operator(struct chat__verify *verify, sqlite3_stmt *row,
                          void *context)
{
    (void)context;
    verify->operator_id = chat__verify_unsigned(row, 0);
}

void chat__verify_check_logs(struct chat__verify *verify)
{
    /* The account of server/core/admin_operator.h. */
    chat__verify_query(verify,
                       "SELECT id FROM users WHERE register_key = '.operator'",
                       0, look_operator, NULL);
    chat__verify_query(
        verify,
        "SELECT r.id, r.name, r.head, r.n, r.last_ts, r.members,"
        " (SELECT count(*) FROM members m"
        "  WHERE m.room = r.id AND m.role BETWEEN 1 AND 3),"
        " (SELECT count(*) FROM changes c WHERE c.room = r.id AND c.deleted),"
        " r.topic FROM rooms r",
        0, look_log, NULL);
}
