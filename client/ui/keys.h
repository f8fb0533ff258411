/*
 * Keys: one table from what the terminal sends to what it does; /help and the
 * manual show it. Text is handed out in runs, a bracketed paste as text alone,
 * so that nothing in it acts.
 */
#ifndef CHAT_CLIENT_UI_KEYS_H
#define CHAT_CLIENT_UI_KEYS_H

#include "client/model/input_line.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAT__KEY_TEXT_BYTES 256

enum chat__key_action {
    CHAT__KEY_NONE,
    CHAT__KEY_TEXT, /* `text` */
    CHAT__KEY_EDIT, /* `edit` */
    CHAT__KEY_ACCEPT,
    CHAT__KEY_NEWLINE,
    CHAT__KEY_COMPLETE,
    CHAT__KEY_PAGE_UP,
    CHAT__KEY_PAGE_DOWN,
    CHAT__KEY_TOP,
    CHAT__KEY_BOTTOM,
    CHAT__KEY_HOME, /* of the line, or of the room when nothing is written */
    CHAT__KEY_END,
    CHAT__KEY_NEXT_ROOM,
    CHAT__KEY_PREVIOUS_ROOM,
    CHAT__KEY_NEXT_UNREAD,
    CHAT__KEY_ROOM, /* `number`, from 0 */
    CHAT__KEY_SELECT_ABOVE,
    CHAT__KEY_SELECT_BELOW,
    CHAT__KEY_EDIT_LAST,
    CHAT__KEY_ESCAPE,
    CHAT__KEY_MEMBERS,
    CHAT__KEY_MEMBERS_UP,
    CHAT__KEY_MEMBERS_DOWN,
    CHAT__KEY_WHEEL_UP, /* at `row`, `column` */
    CHAT__KEY_WHEEL_DOWN,
    CHAT__KEY_CLICK,
    CHAT__KEY_REDRAW,
    CHAT__KEY_INTERRUPT,
    CHAT__KEY_SUSPEND,
    CHAT__KEY_RESIZE
};

struct chat__binding {
    const char *name; /* as people call it */
    const char *help; /* NULL: another key of the same use has it */
    bool alt;         /* behind an escape */
    bool special;     /* `code` is one of curses, else a character */
    uint32_t code;
    enum chat__key_action action;
    enum chat__edit edit;
};

size_t chat__binding_count(void);
const struct chat__binding *chat__binding_at(size_t index);

struct chat__key {
    enum chat__key_action action;
    enum chat__edit edit;
    size_t number;
    size_t row;
    size_t column;
    bool pasted; /* the text did not come from keys */
    char text[CHAT__KEY_TEXT_BYTES];
    size_t length;
};

/* What was read and not handed out yet. Zeroed: nothing. */
struct chat__keys {
    bool pasting;
    bool has_held;
    bool held_special;
    uint32_t held;
};

/* Tells the terminal's library about keys that it does not know. */
void chat__keys_init(void);

/* The next key; false when there is none for now. Never waits. */
bool chat__keys_read(struct chat__keys *keys, struct chat__key *key);

/*
 * Ends a paste whose end mark was lost on the way: called when no key came
 * for a while.
 */
void chat__keys_end_paste(struct chat__keys *keys);

#endif
