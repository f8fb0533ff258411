#include "app_scene.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

const struct chat__options scene_options = {.url = "ws://x/ws",
                                            .room = "lobby"};

void tell_room(struct chat__app *app, const char *room, chat_room_change change,
               uint64_t head, uint64_t request)
{
    chat_event event = {.type = CHAT_EVENT_ROOM, .room = room};

    event.request = request;
    event.u.room.change = change;
    event.u.room.head = head;
    event.u.room.read = head;
    chat__app_event(NULL, &event, app);
}

chat_entry entry_of(uint64_t seq, const char *text, const char *own_key)
{
    chat_entry entry = {
        .kind = CHAT_ENTRY_MESSAGE,
        .seq = seq,
        .user_id = own_key == NULL ? "7" : "1",
        .user_name = own_key == NULL ? "bob" : "ann",
        .key = own_key == NULL ? "other" : own_key,
        .text = text,
        .own = own_key != NULL,
    };

    return entry;
}

void tell_entry(struct chat__app *app, const char *room, uint64_t seq,
                const char *text, const char *own_key)
{
    chat_event event = {.type = CHAT_EVENT_ENTRY, .room = room};

    event.u.entry = entry_of(seq, text, own_key);
    chat__app_event(NULL, &event, app);
}

void tell_page(struct chat__app *app, const char *room, uint64_t first,
               uint64_t last)
{
    chat_event event = {.type = CHAT_EVENT_HISTORY, .room = room};
    chat_entry entries[200];
    const chat_entry *pointers[200];
    size_t count = 0;

    for (; first <= last; first++, count++) {
        entries[count] = entry_of(first, "old", NULL);
        pointers[count] = &entries[count];
    }
    event.u.history.entries = pointers;
    event.u.history.count = count;
    event.u.history.first = 1;
    event.u.history.head = last;
    chat__app_event(NULL, &event, app);
}

void tell_failed(struct chat__app *app, const char *room, const char *key,
                 int error)
{
    chat_event event = {.type = CHAT_EVENT_FAILED, .room = room};

    event.request = key == NULL ? FAKE_HISTORY_REQUEST : 0;
    event.u.failed.error = error;
    event.u.failed.detail = "\x1b[2Jbecause";
    event.u.failed.key = key;
    chat__app_event(NULL, &event, app);
}

void say(struct chat__app *app, const char *line)
{
    struct chat__input_line *input = chat__app_input(app);

    chat__input_edit(input, CHAT__EDIT_CLEAR);
    chat__input_insert(input, line, strlen(line));
    chat__app_accept(app);
}

struct chat__room *focused(struct chat__app *app)
{
    return chat__room_list_focused(&app->rooms);
}

const char *notice(const struct chat__app *app)
{
    return chat__safe_string(&app->notice);
}

/* In the lobby, whose log is empty. */
int set_up(void **state)
{
    static struct chat__app app;

    memset(&app, 0, sizeof(app));
    app.options = &scene_options;
    app.state.lock = -1;
    app.presence = CHAT_PRESENCE_ONLINE;
    tell_room(&app, "lobby", CHAT_ROOM_JOINED, 0, 1);
    tell_page(&app, "lobby", 1, 0);
    fake_result = CHAT_OK;
    fake_calls();
    *state = &app;
    return 0;
}

int tear_down(void **state)
{
    chat__app_release(*state);
    return 0;
}

void press(struct chat__app *app, enum chat__key_action action,
           const char *text)
{
    struct chat__key key = {.action = action};

    key.length = (size_t)snprintf(key.text, sizeof(key.text), "%s", text);
    chat__app_key(app, &key);
}

void tell_online(struct chat__app *app)
{
    chat_event event = {.type = CHAT_EVENT_STATE};

    event.u.state.state = CHAT_STATE_ONLINE;
    event.u.state.detail = "";
    event.u.state.user_id = "1";
    event.u.state.user_name = "ann";
    chat__app_event(NULL, &event, app);
}

void tell_closed(struct chat__app *app, const char *detail)
{
    chat_event event = {.type = CHAT_EVENT_STATE};

    event.u.state.state = CHAT_STATE_CLOSED;
    event.u.state.error = CHAT_ERROR_UNAUTHORIZED;
    event.u.state.detail = detail;
    chat__app_event(NULL, &event, app);
}

void tell(struct chat__app *app, const char *room, chat_entry entry)
{
    chat_event event = {.type = CHAT_EVENT_ENTRY, .room = room};

    event.u.entry = entry;
    chat__app_event(NULL, &event, app);
}

chat_entry other_entry(chat_entry_kind kind, uint64_t seq)
{
    chat_entry entry = entry_of(seq, NULL, NULL);

    entry.kind = kind;
    return entry;
}

const char *line(struct chat__app *app)
{
    return chat__input_text(chat__app_input(app));
}
