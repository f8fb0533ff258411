/*
 * What is held of one room's log, and what of ours waits to get into it.
 *
 * Items come in two runs that are counted as one: `entries`, a window of the
 * room's log without holes, among them notices of the program (seq 0); then
 * `pending`, own messages that are not in the log yet.
 *
 * Invariants
 *   The seqs of the entries are consecutive, first to last.
 *   The window has at most entries_max entries of bytes_max bytes: where it
 *   grows at one end it loses some at the other. A reader who does not follow
 *   loses nothing to live entries: these are left out while it is full.
 *   chat__room_log_ordinal names an item for as long as it is held.
 *
 * Owns all it holds. For one thread. Functions that return false found no
 * memory and changed nothing that shows.
 */
#ifndef CHAT_CLIENT_MODEL_ROOM_LOG_H
#define CHAT_CLIENT_MODEL_ROOM_LOG_H

#include "client/model/text_safe.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAT__LOG_ENTRIES_MAX 2000
#define CHAT__LOG_BYTES_MAX   (2 * 1024 * 1024)
#define CHAT__LOG_KEY_SIZE    65

enum chat__item_kind {
    CHAT__ITEM_MESSAGE,
    CHAT__ITEM_JOIN,
    CHAT__ITEM_LEAVE,
    CHAT__ITEM_NOTICE, /* from the program, not from the room */
    CHAT__ITEM_OTHER   /* an entry that this version does not know */
};

enum chat__item_state {
    CHAT__ITEM_DONE,    /* in the log */
    CHAT__ITEM_SENDING, /* in the outbox */
    CHAT__ITEM_FAILED   /* refused: `note` says why */
};

struct chat__item {
    enum chat__item_kind kind;
    enum chat__item_state state;
    uint64_t seq;      /* 0: not in the log */
    uint64_t reply_to; /* the seq of another entry; 0: none */
    int64_t time_ms;
    uint32_t author; /* a hash of the user's id */
    bool own;
    bool deleted;
    int day; /* local, ordered; equal on one day */
    struct chat__safe_text name;
    struct chat__safe_text text;
    struct chat__safe_text note;
    struct chat__safe_text fold;  /* fold.h: what the run says ... */
    size_t folded;                /* ... of so many items; 0: not known ... */
    bool mixed;                   /* ... some of which come and some go */
    char key[CHAT__LOG_KEY_SIZE]; /* pending */
    char *unsent;                 /* pending: the text as it was typed */
    size_t lines;                 /* of what shows at lines_width cells ... */
    size_t lines_width;           /* ... 0: not counted yet */
};

/* An entry as it comes; all is borrowed. */
struct chat__entry {
    enum chat__item_kind kind;
    uint64_t seq;
    uint64_t reply_to;
    int64_t time_ms;
    const char *user_id;
    const char *user_name;
    const char *key;
    const char *text; /* NULL: none */
    bool own;
    bool deleted;
};

struct chat__items {
    struct chat__item *data;
    size_t count;
    size_t capacity;
    size_t bytes; /* of texts */
};

struct chat__room_log {
    struct chat__items entries;
    struct chat__items pending;
    size_t entries_max;
    size_t bytes_max;
    uint64_t first; /* seqs that are held; 0: none */
    uint64_t last;
    uint64_t oldest; /* what the room still has; 0: not known */
    uint64_t head;   /* the newest seq that was heard of */
    uint64_t read;   /* the read marker */
    uint64_t mark;   /* the line between read and new; 0: none shown */
    int64_t base;    /* the ordinal of the first entry */
    bool follows;    /* the reader is at the newest entry */
};

void chat__room_log_init(struct chat__room_log *log);
void chat__room_log_release(struct chat__room_log *log);

/* The log began anew: forgets the entries, keeps what is pending. */
void chat__room_log_reset(struct chat__room_log *log);

/*
 * The next entry, live. One that is held already is dropped. While the reader
 * is not at the end, one that does not continue the window, or that a full one
 * has no room for, only moves `head`.
 */
bool chat__room_log_append(struct chat__room_log *log,
                           const struct chat__entry *entry);

/*
 * A page of history, oldest first: prepended, appended, or, when it is newer
 * and has no contact with the window, in its place.
 */
bool chat__room_log_page(struct chat__room_log *log,
                         const struct chat__entry *entries, size_t count,
                         uint64_t oldest, uint64_t head);

/* Lines of the program behind the newest entry. */
bool chat__room_log_notice(struct chat__room_log *log, const char *text,
                           int64_t time_ms);

/* ---- own messages ---- */

/* A message that was handed to the outbox under `key`. */
bool chat__room_log_send(struct chat__room_log *log, const char *key,
                         const char *name, const char *text, int64_t time_ms);

/* Marks a message as refused. Unknown keys are ignored. */
void chat__room_log_fail(struct chat__room_log *log, const char *key,
                         const char *reason);

/* Takes a pending message out of the log. */
void chat__room_log_forget(struct chat__room_log *log, const char *key);

/* The oldest pending message in a state; NULL: none. */
const struct chat__item *
chat__room_log_pending(const struct chat__room_log *log,
                       enum chat__item_state state);

/* The newest such message. */
const struct chat__item *
chat__room_log_last_pending(const struct chat__room_log *log,
                            enum chat__item_state state);

/* ---- reading ---- */

/*
 * Puts the line between read and new where the read marker is now, behind own
 * messages and comings and goings that follow it.
 */
void chat__room_log_set_mark(struct chat__room_log *log);
void chat__room_log_clear_mark(struct chat__room_log *log);

/* The window ends with the newest entry that was heard of. */
bool chat__room_log_at_head(const struct chat__room_log *log);

/* The room has entries older than the window. */
bool chat__room_log_has_older(const struct chat__room_log *log);

/* Items: entries, then pending. Their count, and one by its index. */
size_t chat__room_log_count(const struct chat__room_log *log);
struct chat__item *chat__room_log_item(struct chat__room_log *log,
                                       size_t index);

/* The entry with a seq; NULL: it is not held. */
const struct chat__item *chat__room_log_find(const struct chat__room_log *log,
                                             uint64_t seq);

/* A name for an index that holds while entries come and go, and back. */
int64_t chat__room_log_ordinal(const struct chat__room_log *log, size_t index);
size_t chat__room_log_index(const struct chat__room_log *log, int64_t ordinal);

#endif
