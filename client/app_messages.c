#include "client/app.h"
#include "client/clock.h"
#include "client/model/emoji.h"

#include <stdio.h>
#include <string.h>

static void redraw(struct chat__app *app)
{
    app->dirty |= CHAT__DIRTY_TIMELINE | CHAT__DIRTY_STATUS | CHAT__DIRTY_INPUT;
}

/* ---- sending ---- */

/* False when the library did not take it; it has been said why. */
static bool send_text(struct chat__app *app, struct chat__room *room,
                      const char *text, uint64_t reply_to)
{
    const char *ids[CHAT__MENTIONS_MAX];
    size_t count = chat__people_mentioned(&room->people, text, ids);
    char key[CHAT_KEY_SIZE];
    int error = chat_send_mentioning(app->client, room->name, text, reply_to,
                                     ids, count, key);

    if (!chat__app_check(app, "not sent", error)) {
        return false;
    }
    if (!chat__room_log_send(&room->log, key,
                             chat__safe_string(&app->connection.me), text,
                             reply_to, chat__clock_now())) {
        chat__app_notice(app, "sent, but no memory to show it", "");
    }
    chat__room_log_clear_mark(&room->log);
    chat__app_go_to_end(app);
    return true;
}

/* Notes what was asked for, when the library took it. */
static bool asked(struct chat__app *app, struct chat__room *room,
                  const char *what, int error, const char *key, uint64_t seq)
{
    if (!chat__app_check(app, what, error)) {
        return false;
    }
    chat__room_log_ask(&room->log, key, seq);
    redraw(app);
    return true;
}

static bool send_edit(struct chat__app *app, struct chat__room *room,
                      uint64_t seq, const char *text)
{
    char key[CHAT_KEY_SIZE];

    return asked(app, room, "not changed",
                 chat_edit(app->client, room->name, seq, text, key), key, seq);
}

static bool send_delete(struct chat__app *app, struct chat__room *room,
                        uint64_t seq)
{
    char key[CHAT_KEY_SIZE];

    return asked(app, room, "not deleted",
                 chat_delete(app->client, room->name, seq, key), key, seq);
}

/* Puts an emoji on, or takes it off when it is on. */
static bool send_reaction(struct chat__app *app, struct chat__room *room,
                          uint64_t seq, const char *typed)
{
    const struct chat__item *item = chat__room_log_find(&room->log, seq);
    const char *emoji = chat__emoji_find(typed);
    char key[CHAT_KEY_SIZE];
    bool on;

    if (emoji == NULL) {
        chat__app_notice(app, "no such emoji", typed);
        return false;
    }
    on = item == NULL ||
         !chat__reactions_has(&item->reactions, emoji, room->log.me);
    return asked(app, room, "no reaction",
                 chat_react(app->client, room->name, seq, emoji, on, key), key,
                 seq);
}

bool chat__app_send(struct chat__app *app, const char *text)
{
    struct chat__room *room = chat__app_room(app);
    struct chat__intent *intent;
    bool done;

    if (room == NULL) {
        return false;
    }
    intent = &room->intent;
    switch (intent->kind) {
    case CHAT__INTENT_EDIT:
        done = send_edit(app, room, intent->seq, text);
        break;
    case CHAT__INTENT_REACT:
        done = send_reaction(app, room, intent->seq, text);
        break;
    case CHAT__INTENT_REPLY:
        done = send_text(app, room, chat__command_message(text), intent->seq);
        break;
    default:
        done = send_text(app, room, chat__command_message(text), 0);
    }
    return done;
}

/* ---- what is intended ---- */

void chat__app_relent(struct chat__app *app)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);

    if (room != NULL) {
        chat__intent_end(&room->intent, &room->input);
        redraw(app);
    }
}

static bool intend(struct chat__app *app, enum chat__intent_kind kind,
                   uint64_t seq, const char *text)
{
    struct chat__room *room = chat__app_room(app);

    if (room == NULL) {
        return false;
    }
    if (seq == 0) {
        chat__app_notice(app, "there is no such message here", "");
        return false;
    }
    if (!chat__intent_begin(&room->intent, kind, seq, &room->input, text)) {
        chat__app_notice(app, "no memory for it", "");
        return false;
    }
    chat__completion_release(&app->completion);
    redraw(app);
    return true;
}

/* The selected message; else the newest own one, or one of others. */
static uint64_t target(struct chat__app *app, bool own)
{
    const struct chat__room *room = chat__room_list_focused(&app->rooms);

    if (room == NULL) {
        return 0;
    }
    if (room->intent.kind != CHAT__INTENT_NONE) {
        return room->intent.seq;
    }
    return chat__select_newest(&room->log, own);
}

static const struct chat__item *item_of(struct chat__app *app, uint64_t seq)
{
    const struct chat__room *room = chat__room_list_focused(&app->rooms);

    return room == NULL ? NULL : chat__room_log_find(&room->log, seq);
}

static bool begin_edit(struct chat__app *app, uint64_t seq)
{
    const struct chat__item *item = item_of(app, seq);

    if (item != NULL && item->raw == NULL) {
        chat__app_notice(app, "only your own messages can be written anew", "");
        return false;
    }
    return intend(app, CHAT__INTENT_EDIT, item == NULL ? 0 : seq,
                  item == NULL ? "" : item->raw);
}

/* Where selecting begins: at the newest message that shows. */
static uint64_t select_from(struct chat__room *room)
{
    if (room->intent.seq != 0 || !room->view.scrolled) {
        return room->intent.seq;
    }
    return chat__view_newest(&room->view, &room->log) + 1;
}

void chat__app_select(struct chat__app *app, bool above)
{
    struct chat__room *room = chat__app_room(app);
    uint64_t seq;

    if (room == NULL) {
        return;
    }
    seq = above ? chat__select_before(&room->log, select_from(room))
                : chat__select_behind(&room->log, room->intent.seq);
    if (seq != 0 && (above || room->intent.seq != 0)) {
        intend(app, CHAT__INTENT_SELECT, seq, NULL);
        chat__view_show(&room->view, &room->log, seq);
    } else if (!above) {
        chat__app_relent(app);
        chat__app_go_to_end(app);
    } else if (room->intent.seq == 0) {
        chat__app_notice(app, "there is no message here", "");
    }
}

/* To what the selected message answers. */
static void go_to_answered(struct chat__app *app)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);
    const struct chat__item *item = item_of(app, room->intent.seq);

    if (item == NULL || item->reply_to == 0) {
        chat__app_notice(app, "this message answers to none", "");
        return;
    }
    chat__app_go_to(app, room, item->reply_to);
}

static void act_on_selected(struct chat__app *app, struct chat__room *room,
                            char key)
{
    uint64_t seq = room->intent.seq;

    switch (key) {
    case 'k':
    case 'j':
        chat__app_select(app, key == 'k');
        break;
    case 'r':
        intend(app, CHAT__INTENT_REPLY, seq, NULL);
        break;
    case 'e':
        begin_edit(app, seq);
        break;
    case 'd':
        intend(app, CHAT__INTENT_DELETE, seq, NULL);
        break;
    case '+':
        intend(app, CHAT__INTENT_REACT, seq, "");
        break;
    case 'g':
        go_to_answered(app);
        break;
    case '/':
        intend(app, CHAT__INTENT_COMMAND, seq, "/");
        break;
    case 'q':
        chat__app_relent(app);
        break;
    default:
        chat__app_notice(app, "Esc leaves the message", "");
    }
}

void chat__app_act(struct chat__app *app, char key)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);

    if (room->intent.kind == CHAT__INTENT_SELECT) {
        act_on_selected(app, room, key);
        return;
    }
    if (key == 'y') {
        send_delete(app, room, room->intent.seq);
    } else {
        chat__app_notice(app, "not deleted", "");
    }
    chat__app_relent(app);
}

/* ---- commands ---- */

bool chat__app_reply(struct chat__app *app, const char *argument)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);
    uint64_t seq = target(app, false);

    if (argument == NULL || seq == 0) {
        return intend(app, CHAT__INTENT_REPLY, seq, NULL);
    }
    return send_text(app, room, argument, seq);
}

bool chat__app_edit(struct chat__app *app, const char *argument)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);
    uint64_t seq = target(app, true);

    if (argument == NULL || seq == 0) {
        return begin_edit(app, seq);
    }
    return send_edit(app, room, seq, argument);
}

bool chat__app_delete(struct chat__app *app, const char *argument)
{
    (void)argument;
    return intend(app, CHAT__INTENT_DELETE, target(app, true), NULL);
}

bool chat__app_react(struct chat__app *app, const char *argument)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);
    uint64_t seq = target(app, false);

    if (argument == NULL || seq == 0) {
        return intend(app, CHAT__INTENT_REACT, seq, "");
    }
    return send_reaction(app, room, seq, argument);
}

bool chat__app_retry(struct chat__app *app, const char *argument)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);
    size_t left = room == NULL ? 0 : room->log.pending.count;
    const struct chat__item *item;

    (void)argument;
    while (left-- > 0 && (item = chat__room_log_pending(
                              &room->log, CHAT__ITEM_FAILED)) != NULL) {
        char key[CHAT__LOG_KEY_SIZE];
        snprintf(key, sizeof(key), "%s", item->key);
        if (!send_text(app, room, item->raw, item->reply_to)) {
            return false;
        }
        chat__room_log_forget(&room->log, key);
    }
    redraw(app);
    return true;
}

bool chat__app_cancel(struct chat__app *app, const char *argument)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);
    const struct chat__item *item = NULL;

    (void)argument;
    if (room != NULL) {
        item = chat__room_log_last_pending(&room->log, CHAT__ITEM_FAILED);
        if (item == NULL) {
            item = chat__room_log_last_pending(&room->log, CHAT__ITEM_SENDING);
        }
    }
    if (item == NULL) {
        chat__app_notice(app, "nothing waits to be sent here", "");
    } else if (item->state == CHAT__ITEM_FAILED) {
        chat__room_log_forget(&room->log, item->key);
        redraw(app);
    } else if (chat_send_cancel(app->client, item->key) != CHAT_OK) {
        chat__app_notice(app, "too late", "it is on its way");
    }
    return true;
}
