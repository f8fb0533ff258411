/*
 * What is held of one room's log, and what of ours waits to get into it.
 *
 * Items come in two runs that are counted as one: `entries`, a window of the
 * room's log without holes, among them notices of the program (seq 0); then
 * `pending`, own messages that are not in the log yet.
 *
 * Invariants
 *   All of the room from `first` to `last` is held, without a hole: what shows
 *   as an item, and what only changes a message (edits, deletes, reactions)
 *   in that message. Changes of a message that is not held are kept aside.
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

#include "client/model/reactions.h"
#include "client/model/text_safe.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAT__LOG_ENTRIES_MAX 2000
#define CHAT__LOG_BYTES_MAX   (2 * 1024 * 1024)
#define CHAT__LOG_KEY_SIZE    65
#define CHAT__USER_ID_BYTES   24
#define CHAT__DELETED_TEXT    "message deleted"

enum chat__item_kind {
    CHAT__ITEM_MESSAGE,
    CHAT__ITEM_JOIN,
    CHAT__ITEM_LEAVE,
    CHAT__ITEM_MEET, /* the beginning of a conversation of two */
    CHAT__ITEM_TOPIC,
    CHAT__ITEM_INVITE,
    CHAT__ITEM_KICK,
    CHAT__ITEM_BAN,
    CHAT__ITEM_ROLE,
    CHAT__ITEM_NOTICE, /* from the program, not from the room */
    CHAT__ITEM_OTHER,  /* an entry that this version does not know */
    /* entries that are no items: they change the message `ref` */
    CHAT__ITEM_EDIT,
    CHAT__ITEM_DELETE,
    CHAT__ITEM_REACT
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
    uint32_t author;                   /* a hash of the user's id ... */
    char user_id[CHAT__USER_ID_BYTES]; /* ... which is this */
    bool own;
    bool deleted;
    bool edited;
    bool mentions_me;
    uint64_t upto;    /* entries about it are in it up to this seq */
    uint64_t missing; /* the edit whose text a page left out; 0: none */
    int day;          /* local, ordered; equal on one day */
    struct chat__safe_text name;
    struct chat__safe_text text;
    size_t body; /* bytes of the text that are the sender's */
    struct chat__safe_text note;
    struct chat__reactions reactions;
    struct chat__safe_text badges; /* what the reactions say */
    struct chat__safe_text fold;   /* fold.h: what the run says ... */
    size_t folded;                 /* ... of so many items; 0: not known ... */
    bool mixed;                    /* ... some of which come and some go */
    char key[CHAT__LOG_KEY_SIZE];  /* pending */
    char *raw;                     /* own: the text as it was typed */
    size_t lines;                  /* of what shows at lines_width cells ... */
    size_t lines_width;            /* ... 0: not counted yet */
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
    bool mentions_me;
    uint64_t ref;        /* EDIT, DELETE, REACT: the message's seq */
    const char *emoji;   /* REACT */
    bool on;             /* REACT, BAN */
    const char *subject; /* MEET, INVITE, KICK, BAN, ROLE: the other's name */
    const char *detail;  /* TOPIC, KICK, BAN, ROLE: NULL or what it says */
};

/* How later entries left a message of a page; all is borrowed. */
struct chat__reacted {
    const char *emoji;
    const char *const *people; /* `count` ids */
    size_t count;
};

struct chat__change {
    uint64_t ref;
    uint64_t upto; /* entries about it up to this seq are in it */
    uint64_t edit; /* the newest edit's seq, 0: none */
    const char *text;
    bool deleted;
    const struct chat__reacted *reactions;
    size_t reaction_count;
};

/* A page of history, oldest first. */
struct chat__page {
    const struct chat__entry *entries;
    size_t count;
    uint64_t oldest; /* what the room still has */
    uint64_t head;
    const struct chat__change *changes;
    size_t change_count;
};

/* A change that waits for its message; change.h. */
struct chat__kept_change {
    enum chat__item_kind kind;
    uint64_t seq;
    uint64_t ref;
    bool on;
    char user_id[CHAT__USER_ID_BYTES];
    char emoji[CHAT__EMOJI_BYTES];
    char *text;
};

struct chat__kept {
    struct chat__kept_change *data; /* in order of seq */
    size_t count;
    size_t bytes;
};

/* What was asked for about a message and is not in the log yet. */
struct chat__asked {
    char key[CHAT__LOG_KEY_SIZE];
    uint64_t ref;
};

#define CHAT__ASKED_MAX 64

struct chat__items {
    struct chat__item *data;
    size_t count;
    size_t capacity;
    size_t bytes; /* of texts */
};

struct chat__room_log {
    struct chat__items entries;
    struct chat__items pending;
    struct chat__kept kept;
    struct chat__asked asked[CHAT__ASKED_MAX]; /* beyond: not shown as such */
    size_t asked_count;
    uint64_t me; /* the user's own number, reactions.h */
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
 * A page of history: prepended, appended, or, when it is newer and has no
 * contact with the window, in its place.
 */
bool chat__room_log_page(struct chat__room_log *log,
                         const struct chat__page *page);

/* Forgets the window, so that the next page is taken wherever it is. */
void chat__room_log_jump(struct chat__room_log *log);

/*
 * An EDIT, DELETE or REACT: into the message that is held, else kept for it.
 * The window stays as it is.
 */
bool chat__room_log_change(struct chat__room_log *log,
                           const struct chat__entry *entry);

/* The seq of an edit whose text is to be asked for; 0: none. */
uint64_t chat__room_log_missing(const struct chat__room_log *log);

/* It cannot be had: its message stays as it is. */
void chat__room_log_give_up(struct chat__room_log *log, uint64_t seq);

/* Lines of the program behind the newest entry. */
bool chat__room_log_notice(struct chat__room_log *log, const char *text,
                           int64_t time_ms);

/* ---- own messages ---- */

/* A message that was handed to the outbox under `key`. */
bool chat__room_log_send(struct chat__room_log *log, const char *key,
                         const char *name, const char *text, uint64_t reply_to,
                         int64_t time_ms);

/* Marks a message as refused; false: it is not among the pending ones. */
bool chat__room_log_fail(struct chat__room_log *log, const char *key,
                         const char *reason);

/* Takes out a pending message, or what was asked for about one. */
void chat__room_log_forget(struct chat__room_log *log, const char *key);

/* A change of the message `ref` was handed to the outbox under `key`. */
void chat__room_log_ask(struct chat__room_log *log, const char *key,
                        uint64_t ref);

/* Whether such a change waits, by its key, or by the message. */
bool chat__room_log_has_asked(const struct chat__room_log *log,
                              const char *key);
bool chat__room_log_is_changing(const struct chat__room_log *log, uint64_t ref);

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

/* The entry with a seq; NULL: it is not held, or is no item. */
struct chat__item *chat__room_log_find(const struct chat__room_log *log,
                                       uint64_t seq);

/* The index of the first entry at or behind a seq; their count: none is. */
size_t chat__room_log_place(const struct chat__room_log *log, uint64_t seq);

/* A name for an index that holds while entries come and go, and back. */
int64_t chat__room_log_ordinal(const struct chat__room_log *log, size_t index);
size_t chat__room_log_index(const struct chat__room_log *log, int64_t ordinal);

#endif
