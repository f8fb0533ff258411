#include "client/ui/keys.h"
#include "client/ui/screen.h"

#include <string.h>
#include <utf8proc.h>
#include <wctype.h>

#define ESCAPE    27
#define CTRL(key) ((key)&0x1F)

/* Codes of our own, above those of curses. */
enum own_key {
    OWN_ALT_LEFT = 0x6000,
    OWN_ALT_RIGHT,
    OWN_ALT_UP,
    OWN_ALT_DOWN,
    OWN_CTRL_LEFT,
    OWN_CTRL_RIGHT,
    OWN_PASTE_BEGIN,
    OWN_PASTE_END
};

#define EDIT(edit) CHAT__KEY_EDIT, CHAT__EDIT_##edit
#define DO(action) CHAT__KEY_##action, CHAT__EDIT_NONE

static const struct chat__binding bindings[] = {
    {"Enter", "Send the message, run the command.", false, false, '\r',
     DO(ACCEPT)},
    {"Enter", NULL, false, true, KEY_ENTER, DO(ACCEPT)},
    {"Alt-Enter", "Begin a new line of the message.", true, false, '\r',
     DO(NEWLINE)},
    {"Ctrl-J", NULL, false, false, CTRL('j'), DO(NEWLINE)},
    {"Tab", "Complete a name, @name, :emoji, room or command; again: the next.",
     false, false, '\t', DO(COMPLETE)},
    {"PgUp", "Scroll back; older messages are loaded.", false, true, KEY_PPAGE,
     DO(PAGE_UP)},
    {"PgDn", "Scroll forward.", false, true, KEY_NPAGE, DO(PAGE_DOWN)},
    {"Home", "Start of the line; when it is empty, oldest message.", false,
     true, KEY_HOME, DO(HOME)},
    {"End", "End of the line; when it is empty, newest message.", false, true,
     KEY_END, DO(END)},
    {"Alt-<", NULL, true, false, '<', DO(TOP)},
    {"Alt->", NULL, true, false, '>', DO(BOTTOM)},
    {"Ctrl-N", "Next room; also Alt-Right.", false, false, CTRL('n'),
     DO(NEXT_ROOM)},
    {"Alt-Right", NULL, false, true, OWN_ALT_RIGHT, DO(NEXT_ROOM)},
    {"Alt-Right", NULL, true, true, KEY_RIGHT, DO(NEXT_ROOM)},
    {"Ctrl-P", "Previous room; also Alt-Left.", false, false, CTRL('p'),
     DO(PREVIOUS_ROOM)},
    {"Alt-Left", NULL, false, true, OWN_ALT_LEFT, DO(PREVIOUS_ROOM)},
    {"Alt-Left", NULL, true, true, KEY_LEFT, DO(PREVIOUS_ROOM)},
    {"Alt-A", "Next room with something unread, mentions first.", true, false,
     'a', DO(NEXT_UNREAD)},
    {"Alt-1 to Alt-0", "Room 1 to 10.", true, false, '1', DO(ROOM)},
    {"Alt-Up", "Select the message above, to act on it; also Alt-K.", false,
     true, OWN_ALT_UP, DO(SELECT_ABOVE)},
    {"Alt-Up", NULL, true, true, KEY_UP, DO(SELECT_ABOVE)},
    {"Alt-K", NULL, true, false, 'k', DO(SELECT_ABOVE)},
    {"Alt-Down", "Select the message below; also Alt-J.", false, true,
     OWN_ALT_DOWN, DO(SELECT_BELOW)},
    {"Alt-Down", NULL, true, true, KEY_DOWN, DO(SELECT_BELOW)},
    {"Alt-J", NULL, true, false, 'j', DO(SELECT_BELOW)},
    {"Alt-E", "Write your newest message anew.", true, false, 'e',
     DO(EDIT_LAST)},
    {"Esc", "Leave the selected message, the answer, the edit.", false, false,
     ESCAPE, DO(ESCAPE)},
    {"F8", "Show or hide who is here.", false, true, KEY_F(8), DO(MEMBERS)},
    {"F11", "Scroll who is here; F12 forward.", false, true, KEY_F(11),
     DO(MEMBERS_UP)},
    {"F12", NULL, false, true, KEY_F(12), DO(MEMBERS_DOWN)},
    {"Up", "Line above; on the first one, what was sent before.", false, true,
     KEY_UP, EDIT(UP)},
    {"Down", "Line below; on the last one, what was sent after.", false, true,
     KEY_DOWN, EDIT(DOWN)},
    {"Left", NULL, false, true, KEY_LEFT, EDIT(LEFT)},
    {"Right", NULL, false, true, KEY_RIGHT, EDIT(RIGHT)},
    {"Ctrl-B", "Back one character; also Left.", false, false, CTRL('b'),
     EDIT(LEFT)},
    {"Ctrl-F", "Forward one character; also Right.", false, false, CTRL('f'),
     EDIT(RIGHT)},
    {"Alt-B", "Back one word; also Ctrl-Left.", true, false, 'b',
     EDIT(WORD_LEFT)},
    {"Ctrl-Left", NULL, false, true, OWN_CTRL_LEFT, EDIT(WORD_LEFT)},
    {"Alt-F", "Forward one word; also Ctrl-Right.", true, false, 'f',
     EDIT(WORD_RIGHT)},
    {"Ctrl-Right", NULL, false, true, OWN_CTRL_RIGHT, EDIT(WORD_RIGHT)},
    {"Ctrl-A", "Start of the line.", false, false, CTRL('a'), EDIT(LINE_START)},
    {"Ctrl-E", "End of the line.", false, false, CTRL('e'), EDIT(LINE_END)},
    {"Backspace", "Delete before the cursor; also Ctrl-H.", false, true,
     KEY_BACKSPACE, EDIT(DELETE_BEFORE)},
    {"Backspace", NULL, false, false, 127, EDIT(DELETE_BEFORE)},
    {"Ctrl-H", NULL, false, false, CTRL('h'), EDIT(DELETE_BEFORE)},
    {"Delete", "Delete at the cursor; also Ctrl-D.", false, true, KEY_DC,
     EDIT(DELETE_AFTER)},
    {"Ctrl-D", NULL, false, false, CTRL('d'), EDIT(DELETE_AFTER)},
    {"Ctrl-W", "Cut the word before the cursor.", false, false, CTRL('w'),
     EDIT(KILL_WORD_BEFORE)},
    {"Alt-D", "Cut the word after the cursor.", true, false, 'd',
     EDIT(KILL_WORD_AFTER)},
    {"Ctrl-U", "Cut to the start of the line.", false, false, CTRL('u'),
     EDIT(KILL_LINE_START)},
    {"Ctrl-K", "Cut to the end of the line.", false, false, CTRL('k'),
     EDIT(KILL_LINE_END)},
    {"Ctrl-Y", "Paste what was cut.", false, false, CTRL('y'), EDIT(YANK)},
    {"Ctrl-T", "Swap the two characters at the cursor.", false, false,
     CTRL('t'), EDIT(TRANSPOSE)},
    {"Ctrl-_", "Undo.", false, false, CTRL('_'), EDIT(UNDO)},
    {"Ctrl-C", "Clear the line; twice on an empty one: quit.", false, false,
     CTRL('c'), DO(INTERRUPT)},
    {"Ctrl-L", "Draw the screen anew.", false, false, CTRL('l'), DO(REDRAW)},
    {"Ctrl-Z", "Suspend.", false, false, CTRL('z'), DO(SUSPEND)},
    {"", NULL, false, true, KEY_RESIZE, DO(RESIZE)},
};

size_t chat__binding_count(void)
{
    return sizeof(bindings) / sizeof(bindings[0]);
}

const struct chat__binding *chat__binding_at(size_t index)
{
    return &bindings[index];
}

void chat__keys_init(void)
{
    static const struct {
        const char *sequence;
        int code;
    } sequences[] = {
        {"\033[1;3A", OWN_ALT_UP},      {"\033[1;3B", OWN_ALT_DOWN},
        {"\033[1;3D", OWN_ALT_LEFT},    {"\033[1;3C", OWN_ALT_RIGHT},
        {"\033[1;5D", OWN_CTRL_LEFT},   {"\033[1;5C", OWN_CTRL_RIGHT},
        {"\033[200~", OWN_PASTE_BEGIN}, {"\033[201~", OWN_PASTE_END},
    };
    size_t i;

    for (i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
        define_key(sequences[i].sequence, sequences[i].code);
    }
}

/* One thing that the terminal sent. */
struct event {
    bool special;
    uint32_t code;
};

static bool read_event(struct chat__keys *keys, struct event *event)
{
    wint_t code;
    int result;

    if (keys->has_held) {
        keys->has_held = false;
        event->special = keys->held_special;
        event->code = keys->held;
        return true;
    }
    result = chat__screen_get(&code);
    if (result == ERR) {
        return false;
    }
    event->special = result == KEY_CODE_YES;
    event->code = (uint32_t)code;
    return true;
}

static void hold(struct chat__keys *keys, const struct event *event)
{
    keys->has_held = true;
    keys->held_special = event->special;
    keys->held = event->code;
}

static bool is_text(const struct chat__keys *keys, const struct event *event)
{
    if (event->special) {
        return false;
    }
    return keys->pasting || (event->code >= 0x20 && event->code != 127);
}

/* Gathers a run of text that begins with `event`. */
static void read_text(struct chat__keys *keys, struct event *event,
                      struct chat__key *key)
{
    key->action = CHAT__KEY_TEXT;
    key->pasted = keys->pasting;
    do {
        if (!is_text(keys, event) || key->length + 4 >= CHAT__KEY_TEXT_BYTES) {
            hold(keys, event);
            break;
        }
        key->length += (size_t)utf8proc_encode_char(
            (utf8proc_int32_t)event->code,
            (utf8proc_uint8_t *)key->text + key->length);
    } while (read_event(keys, event));
}

/* The rest of a sequence that no table knows is passed over. */
static void skip_sequence(struct chat__keys *keys)
{
    struct event event;

    while (read_event(keys, &event)) {
        if (event.special || event.code < 0x20) {
            hold(keys, &event);
            return;
        }
        if (event.code >= 0x40 && event.code <= 0x7E) {
            return;
        }
    }
}

static void look_up(const struct event *event, bool alt, struct chat__key *key)
{
    size_t i;

    if (alt && !event->special && event->code >= '0' && event->code <= '9') {
        key->action = CHAT__KEY_ROOM;
        key->number = (event->code - '0' + 9) % 10;
        return;
    }
    for (i = 0; i < chat__binding_count(); i++) {
        const struct chat__binding *binding = &bindings[i];
        if (binding->alt == alt && binding->special == event->special &&
            binding->code == event->code) {
            key->action = binding->action;
            key->edit = binding->edit;
            return;
        }
    }
}

static void read_alt(struct chat__keys *keys, struct chat__key *key)
{
    struct event event;

    if (!read_event(keys, &event)) {
        key->action = CHAT__KEY_ESCAPE;
        return;
    }
    if (!event.special && (event.code == '[' || event.code == 'O')) {
        skip_sequence(keys);
        return;
    }
    if (!event.special && event.code < 0x80) {
        event.code = towlower(event.code);
    }
    look_up(&event, true, key);
}

/* The wheel, and a click; of the rest nothing is wanted. */
static void read_mouse(struct chat__key *key)
{
    MEVENT mouse;

    if (getmouse(&mouse) != OK || mouse.x < 0 || mouse.y < 0) {
        return;
    }
    key->row = (size_t)mouse.y;
    key->column = (size_t)mouse.x;
    if ((mouse.bstate & BUTTON4_PRESSED) != 0) {
        key->action = CHAT__KEY_WHEEL_UP;
    } else if ((mouse.bstate & BUTTON5_PRESSED) != 0) {
        key->action = CHAT__KEY_WHEEL_DOWN;
    } else if ((mouse.bstate & BUTTON1_PRESSED) != 0) {
        key->action = CHAT__KEY_CLICK;
    }
}

bool chat__keys_read(struct chat__keys *keys, struct chat__key *key)
{
    struct event event;

    memset(key, 0, sizeof(*key));
    if (!read_event(keys, &event)) {
        return false;
    }
    if (event.special && event.code == OWN_PASTE_BEGIN) {
        keys->pasting = true;
    } else if (event.special && event.code == OWN_PASTE_END) {
        keys->pasting = false;
    } else if (event.special && event.code == KEY_MOUSE) {
        read_mouse(key);
    } else if (is_text(keys, &event)) {
        read_text(keys, &event, key);
    } else if (!event.special && event.code == ESCAPE) {
        read_alt(keys, key);
    } else {
        look_up(&event, false, key);
    }
    return true;
}

void chat__keys_end_paste(struct chat__keys *keys)
{
    keys->pasting = false;
}
