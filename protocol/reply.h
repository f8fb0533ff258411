/*
 * Replies: a request's answer, `ok` with a body for its action or `error`.
 * The wire does not repeat the action; whoever asked knows it by id.
 *
 * Entries travel as the bytes that they were encoded to, never decoded and
 * encoded again: `chat__entry_bytes` on the way out, `const cJSON *` on the
 * way in. A parsed reply borrows from its JSON tree; arrays that parsing
 * allocates are freed by chat__reply_release.
 */
#ifndef CHAT_PROTOCOL_REPLY_H
#define CHAT_PROTOCOL_REPLY_H

#include "protocol/buffer.h"
#include "protocol/error.h"
#include "protocol/event.h"
#include "protocol/request.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One encoded entry, without '\n'. */
struct chat__entry_bytes {
    const char *data;
    size_t length;
    uint64_t seq;
};

/* One of the user's rooms, in hello's ok. */
struct chat__hello_room {
    const char *room;
    const char *epoch;
    uint64_t head;
    uint64_t read;
    uint64_t unread;
    uint64_t mentions;
    bool resumed;
};

/* A room that the user is invited to, in hello's ok. */
struct chat__invite {
    const char *room;
    struct chat__person by;
};

/* What the server allows this connection; keys as in hello's `limits`. */
struct chat__limits {
    uint64_t frame_bytes;
    uint64_t text_characters;
    uint64_t text_bytes;
    uint64_t page_entries;
    uint64_t rooms;
    uint64_t in_flight;
    uint64_t connection_ms; /* 0: no limit */
};

struct chat__hello_ok {
    uint64_t user_id;
    const char *user_name;
    bool guest;
    const char *token; /* NULL unless one was made now */
    const char *session;
    uint64_t ping_ms;
    struct chat__limits limits;
    const char *server_version;
    const char *server_color; /* NULL outside a colored deployment */
    const char *server_task;
    struct chat__hello_room *rooms;
    size_t room_count;
    bool more; /* the other rooms follow as membership events */
    struct chat__invite *invites;
    size_t invite_count;
    uint64_t rooms_rev;
    int64_t now;
};

struct chat__password_ok {
    const char *token;
};

struct chat__room_summary {
    const char *room;
    const char *topic; /* NULL: none */
    uint64_t members;
};

struct chat__rooms_ok {
    struct chat__room_summary *rooms;
    size_t room_count;
    bool more; /* ask again with `after` the last name */
};

/* One emoji on a message, and who has it on. */
struct chat__reaction {
    const char *emoji;
    const uint64_t *users;
    size_t user_count;
};

/* How later entries left a message: docs/protocol.md, "Changes". */
struct chat__change {
    uint64_t ref;
    uint64_t upto;
    uint64_t edit;    /* the newest edit's seq, 0: none */
    const char *text; /* the newest edit's; NULL: none, or no place */
    bool deleted;
    struct chat__reaction *reactions;
    size_t reaction_count;
};

/*
 * A page of a log: entries in order of seq, without a hole, and the changes of
 * the messages among them, in order of ref. To encode, a change whose message
 * the page's bytes have no place for is left out with it. Parsed, the changes'
 * arrays are freed with the reply.
 */
struct chat__page {
    struct chat__entry_bytes *entries; /* to encode */
    const cJSON *entries_json;         /* parsed: the array, maybe empty */
    size_t entry_count;
    struct chat__change *changes;
    size_t change_count;
    uint64_t first; /* the oldest seq that the room still has */
    uint64_t head;
    bool more; /* the direction asked for goes on behind this page */
};

struct chat__join_ok {
    const char *room;
    const char *epoch;
    const char *topic;
    uint64_t members;
    enum chat__role role; /* one's own */
    bool recovered;       /* the page continues `since` without a hole */
    struct chat__page page;
};

struct chat__send_ok { /* also every other keyed action but join and dm */
    uint64_t seq;
    int64_t ts;
    bool dup;
};

struct chat__history_ok {
    struct chat__page page;
};

struct chat__member_row {
    uint64_t id;
    const char *name;
    enum chat__role role; /* NONE in a list of others than members */
    enum chat__presence presence;
};

struct chat__members_ok {
    struct chat__member_row *members;
    size_t member_count;
    bool more; /* ask again with `after` the last id */
};

struct chat__read_ok {
    uint64_t seq;
    uint64_t unread;
    uint64_t mentions;
};

struct chat__head {
    const char *room;
    const char *epoch;
    uint64_t head;
};

struct chat__ping_ok {
    int64_t now;
    struct chat__head *heads;
    size_t head_count;
    bool more;
    const char *after; /* with more: where the next ping goes on */
    uint64_t rooms_rev;
};

struct chat__reply {
    uint32_t id;
    enum chat__action action; /* which body; the caller sets it to parse */
    bool ok;
    struct chat__error error; /* when not ok */
    union {
        struct chat__hello_ok hello;
        struct chat__password_ok password;
        struct chat__rooms_ok rooms;
        struct chat__join_ok join;  /* also dm */
        struct chat__send_ok entry; /* every other keyed action */
        struct chat__history_ok history;
        struct chat__members_ok members;
        struct chat__read_ok read;
        struct chat__ping_ok ping;
    } body;
};

/*
 * Appends one object, without '\n'. Lists that would take the object past
 * CHAT__OBJECT_BYTES_MAX are cut at an element and `more` is written true,
 * whatever the struct says; the result is how many elements went in. A page
 * is cut at its far end: `from_end` keeps the newest entries (a page that was
 * asked for by `before`, a join's), else the oldest.
 */
size_t chat__reply_encode(const struct chat__reply *reply, bool from_end,
                          struct chat__buffer *buffer);

/* From a tree that has the key `reply`: which request does it answer? */
bool chat__reply_parse_id(const cJSON *json, uint32_t *id,
                          struct chat__error *error);

/* The whole reply; `reply->action` says what was asked. */
bool chat__reply_parse(struct chat__reply *reply, const cJSON *json,
                       struct chat__error *error);

void chat__reply_release(struct chat__reply *reply);

#endif
