/*
 * What is about to be done with one message of a room: it is selected, or the
 * input line answers it, edits it, or names an emoji for it. What stood in
 * the line before comes back when that ends.
 *
 * Owned by whoever initialised it, by zeroing. For one thread.
 */
#ifndef CHAT_CLIENT_MODEL_INTENT_H
#define CHAT_CLIENT_MODEL_INTENT_H

#include "client/model/input_line.h"
#include "client/model/room_log.h"

enum chat__intent_kind {
    CHAT__INTENT_NONE,
    CHAT__INTENT_SELECT,  /* keys move and act */
    CHAT__INTENT_COMMAND, /* a command is written that acts on it */
    CHAT__INTENT_DELETE,  /* the next key says yes or no */
    CHAT__INTENT_REPLY,
    CHAT__INTENT_EDIT,
    CHAT__INTENT_REACT
};

struct chat__intent {
    enum chat__intent_kind kind;
    uint64_t seq;
    bool drafted; /* the line was taken for it ... */
    char *draft;  /* ... and this stood there */
};

void chat__intent_release(struct chat__intent *intent);

/* Whether keys act, and write nothing. */
bool chat__intent_takes_keys(const struct chat__intent *intent);

/*
 * Begins one. With a `text` that is put into the line in the place of what
 * stands there. False without memory.
 */
bool chat__intent_begin(struct chat__intent *intent,
                        enum chat__intent_kind kind, uint64_t seq,
                        struct chat__input_line *input, const char *text);

/* Ends it; the line gets its draft back when it was taken. */
void chat__intent_end(struct chat__intent *intent,
                      struct chat__input_line *input);

/* The line that says it, "reply to ann: …"; empty for none. */
bool chat__intent_describe(const struct chat__intent *intent,
                           const struct chat__room_log *log, const char *typed,
                           struct chat__safe_text *text);

/* The emoji that a digit chooses while none is named; NULL: none. */
const char *chat__intent_offer(char digit);

/* ---- which message ---- */

/* Whether something can be done with an item. */
bool chat__is_selectable(const struct chat__item *item);

/* The message before or behind a seq, 0: none. Before 0 is the newest. */
uint64_t chat__select_before(const struct chat__room_log *log, uint64_t seq);
uint64_t chat__select_behind(const struct chat__room_log *log, uint64_t seq);

/* The newest message that is the user's own, or is not; 0: none is held. */
uint64_t chat__select_newest(const struct chat__room_log *log, bool own);

#endif
