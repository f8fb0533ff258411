#include "client/app.h"
#include "client/clock.h"

#include <stdlib.h>
#include <string.h>

/* ---- from the library's structures to the model's ---- */

static enum chat__item_kind kind_of(const chat_entry *entry)
{
    switch (entry->kind) {
    case CHAT_ENTRY_MESSAGE:
        return CHAT__ITEM_MESSAGE;
    case CHAT_ENTRY_JOIN:
        return entry->with.id == NULL ? CHAT__ITEM_JOIN : CHAT__ITEM_MEET;
    case CHAT_ENTRY_LEAVE:
        return CHAT__ITEM_LEAVE;
    case CHAT_ENTRY_EDIT:
        return CHAT__ITEM_EDIT;
    case CHAT_ENTRY_DELETE:
        return CHAT__ITEM_DELETE;
    case CHAT_ENTRY_REACT:
        return CHAT__ITEM_REACT;
    case CHAT_ENTRY_TOPIC:
        return CHAT__ITEM_TOPIC;
    case CHAT_ENTRY_INVITE:
        return CHAT__ITEM_INVITE;
    case CHAT_ENTRY_KICK:
        return CHAT__ITEM_KICK;
    case CHAT_ENTRY_BAN:
        return CHAT__ITEM_BAN;
    case CHAT_ENTRY_ROLE:
        return CHAT__ITEM_ROLE;
    default:
        return CHAT__ITEM_OTHER;
    }
}

static const char *role_name(chat_role role)
{
    switch (role) {
    case CHAT_ROLE_OWNER:
        return "an owner";
    case CHAT_ROLE_MODERATOR:
        return "a moderator";
    default:
        return "a member";
    }
}

/* What the entry says beside whom it is about. */
static const char *detail_of(const chat_entry *entry)
{
    switch (entry->kind) {
    case CHAT_ENTRY_TOPIC:
        return entry->topic;
    case CHAT_ENTRY_ROLE:
        return role_name(entry->role);
    default:
        return entry->reason;
    }
}

static const char *subject_of(const chat_entry *entry)
{
    const char *name =
        entry->kind == CHAT_ENTRY_JOIN ? entry->with.name : entry->user.name;

    return name == NULL ? "somebody" : name;
}

static struct chat__entry convert(const chat_entry *entry)
{
    struct chat__entry converted = {
        .kind = kind_of(entry),
        .seq = entry->seq,
        .reply_to = entry->reply_to,
        .time_ms = entry->time_ms,
        .user_id = entry->user_id,
        .user_name = entry->user_name,
        .key = entry->key,
        .text = entry->text,
        .own = entry->own,
        .deleted = entry->deleted,
        .mentions_me = entry->mentions_me,
        .ref = entry->ref,
        .emoji = entry->emoji,
        .on = entry->on,
        .subject = subject_of(entry),
        .detail = detail_of(entry),
    };

    return converted;
}

/* The reactions of a page's changes go one behind the other in `reacted`. */
static size_t convert_change(const chat_change *change,
                             struct chat__change *converted,
                             struct chat__reacted *reacted)
{
    size_t i;

    *converted = (struct chat__change){
        .ref = change->ref,
        .upto = change->upto,
        .edit = change->edit,
        .text = change->text,
        .deleted = change->deleted,
        .reactions = reacted,
        .reaction_count = change->reaction_count,
    };
    for (i = 0; i < change->reaction_count; i++) {
        reacted[i].emoji = change->reactions[i]->emoji;
        reacted[i].people = change->reactions[i]->users;
        reacted[i].count = change->reactions[i]->count;
    }
    return change->reaction_count;
}

/* A page as the model has it; one allocation for each list. */
struct converted {
    struct chat__page page;
    struct chat__entry *entries;
    struct chat__change *changes;
    struct chat__reacted *reacted;
};

static bool convert_page(const chat_history_event *told,
                         struct converted *converted)
{
    size_t reactions = 0, used = 0, i;

    for (i = 0; i < told->change_count; i++) {
        reactions += told->changes[i]->reaction_count;
    }
    converted->entries = calloc(told->count + 1, sizeof(struct chat__entry));
    converted->changes =
        calloc(told->change_count + 1, sizeof(struct chat__change));
    converted->reacted = calloc(reactions + 1, sizeof(struct chat__reacted));
    if (converted->entries == NULL || converted->changes == NULL ||
        converted->reacted == NULL) {
        return false;
    }
    for (i = 0; i < told->count; i++) {
        converted->entries[i] = convert(told->entries[i]);
    }
    for (i = 0; i < told->change_count; i++) {
        used += convert_change(told->changes[i], &converted->changes[i],
                               converted->reacted + used);
    }
    converted->page = (struct chat__page){
        .entries = converted->entries,
        .count = told->count,
        .oldest = told->first,
        .head = told->head,
        .changes = converted->changes,
        .change_count = told->change_count,
    };
    return true;
}

static void release(struct converted *converted)
{
    free(converted->entries);
    free(converted->changes);
    free(converted->reacted);
}

/* ---- what an entry says of the room ---- */

static void know(struct chat__room *room, const char *id, const char *name,
                 enum chat__rank rank)
{
    if (id != NULL && name != NULL) {
        chat__people_put(&room->people, id, name, rank);
    }
}

static enum chat__rank rank_of(const chat_entry *entry)
{
    switch (entry->role) {
    case CHAT_ROLE_OWNER:
        return CHAT__RANK_OWNER;
    case CHAT_ROLE_MODERATOR:
        return CHAT__RANK_MODERATOR;
    default:
        return CHAT__RANK_MEMBER;
    }
}

/* The names of an entry, which may be old: nobody becomes a member by it. */
static void learn_names(struct chat__room *room, const chat_entry *entry)
{
    if (chat__people_find(&room->people, entry->user_id) == NULL) {
        know(room, entry->user_id, entry->user_name, CHAT__RANK_NONE);
    }
    if (entry->user.id != NULL &&
        chat__people_find(&room->people, entry->user.id) == NULL) {
        know(room, entry->user.id, entry->user.name, CHAT__RANK_NONE);
    }
}

/* A live entry says who is there from now on. */
static void follow_members(struct chat__room *room, const chat_entry *entry)
{
    size_t before = room->people.members;

    learn_names(room, entry);
    switch (entry->kind) {
    case CHAT_ENTRY_JOIN:
        know(room, entry->user_id, entry->user_name, CHAT__RANK_MEMBER);
        know(room, entry->with.id, entry->with.name, CHAT__RANK_MEMBER);
        /* who does something is there; no event tells that here anew */
        chat__people_set_presence(&room->people, entry->user_id,
                                  CHAT__PRESENCE_ONLINE);
        break;
    case CHAT_ENTRY_LEAVE:
        chat__people_leave(&room->people, entry->user_id);
        break;
    case CHAT_ENTRY_KICK:
    case CHAT_ENTRY_BAN:
        if (entry->user.id != NULL &&
            (entry->kind == CHAT_ENTRY_KICK || entry->on)) {
            chat__people_leave(&room->people, entry->user.id);
        }
        break;
    case CHAT_ENTRY_ROLE:
        know(room, entry->user.id, entry->user.name, rank_of(entry));
        break;
    default:
        return;
    }
    if (room->members_told) {
        room->members += room->people.members - before;
    }
}

/* Who comes and goes changes the count, where it is known. */
static void count_members(struct chat__room *room, enum chat__item_kind kind)
{
    if (room->members_told) {
        return;
    }
    if (room->members > 0 && kind == CHAT__ITEM_JOIN) {
        room->members++;
    }
    if (room->members > 1 && kind == CHAT__ITEM_LEAVE) {
        room->members--;
    }
}

static void follow_topic(struct chat__app *app, struct chat__room *room,
                         const chat_entry *entry)
{
    if (entry->kind == CHAT_ENTRY_TOPIC && entry->seq > room->topic_seq) {
        room->topic_seq = entry->seq;
        chat__safe_text_release(&room->topic);
        chat__safe_text_init(&room->topic, entry->topic, CHAT__SAFE_LINE);
        app->dirty |= CHAT__DIRTY_HEADER;
    }
}

/*
 * Who has read all and says something has read that as well: the server
 * counts it as unread else, also for this user's other screens.
 */
static void count_unread(struct chat__app *app, struct chat__room *room,
                         const struct chat__entry *entry)
{
    if (entry->kind != CHAT__ITEM_MESSAGE) {
        return;
    }
    if (entry->own) {
        if (room->unread == 0) {
            room->log.read = entry->seq;
        }
        return;
    }
    room->unread++;
    if (entry->mentions_me) {
        room->mentions++;
    }
    if ((entry->mentions_me || room->direct) &&
        app->presence != CHAT_PRESENCE_DND) {
        app->rings = true;
    }
    app->dirty |= CHAT__DIRTY_LIST | CHAT__DIRTY_STATUS;
}

/* What was about to be done with a message ends with it. */
static void check_intent(struct chat__app *app, struct chat__room *room)
{
    const struct chat__item *item =
        chat__room_log_find(&room->log, room->intent.seq);

    if (room->intent.kind != CHAT__INTENT_NONE && item != NULL &&
        item->deleted) {
        chat__intent_end(&room->intent, &room->input);
        chat__app_notice(app, "the message was deleted", "");
        app->dirty |= CHAT__DIRTY_ALL;
    }
}

/* ---- events ---- */

void chat__app_entry(struct chat__app *app, const chat_event *event)
{
    const chat_entry *told = &event->u.entry;
    struct chat__room *room = chat__room_list_find(&app->rooms, event->room);
    struct chat__entry entry = convert(told);
    bool is_new;

    if (room == NULL) {
        return;
    }
    is_new = entry.seq > room->log.head;
    if (!chat__room_log_append(&room->log, &entry)) {
        chat__app_notice(app, "no memory for a message in", room->name);
    }
    if (is_new) {
        count_unread(app, room, &entry);
        count_members(room, entry.kind);
        follow_members(room, told);
        follow_topic(app, room, told);
        chat__app_name_room(app, room);
    }
    chat__typing_remove(&room->typing, entry.user_id);
    check_intent(app, room);
    if (chat__room_list_focused(&app->rooms) == room) {
        app->dirty |= CHAT__DIRTY_HEADER | CHAT__DIRTY_TIMELINE |
                      CHAT__DIRTY_STATUS | CHAT__DIRTY_PANE;
    }
}

/* The text of an edit that a page had no place for. */
static void take_text(struct chat__room *room, const struct chat__page *page)
{
    size_t i;

    room->text_request = 0;
    for (i = 0; i < page->count; i++) {
        if (page->entries[i].kind == CHAT__ITEM_EDIT) {
            chat__room_log_change(&room->log, &page->entries[i]);
        }
    }
    chat__room_log_give_up(&room->log, room->text_seq);
}

/*
 * The page has what the user wanted to see. Who has gone on to something else
 * meanwhile sees it too, but keys stay what they are.
 */
static void show_wanted(struct chat__room *room)
{
    uint64_t seq = room->wanted;

    room->wanted = 0;
    if (seq != 0 && chat__room_log_find(&room->log, seq) != NULL) {
        chat__view_show(&room->view, &room->log, seq);
        if (room->intent.kind == CHAT__INTENT_SELECT) {
            chat__intent_begin(&room->intent, CHAT__INTENT_SELECT, seq,
                               &room->input, NULL);
        }
    } else if (seq != 0) {
        chat__view_bottom(&room->view, &room->log);
    }
}

static bool take_page(struct chat__room *room, const chat_history_event *told,
                      const struct chat__page *page)
{
    bool done = chat__room_log_page(&room->log, page);

    room->paging = false;
    show_wanted(room);
    for (size_t i = told->count; i > 0; i--) {
        learn_names(room, told->entries[i - 1]);
    }
    return done;
}

void chat__app_history(struct chat__app *app, const chat_event *event)
{
    const chat_history_event *told = &event->u.history;
    struct chat__room *room = chat__room_list_find(&app->rooms, event->room);
    struct converted converted = {.entries = NULL};
    bool done;

    if (room == NULL) {
        return;
    }
    done = convert_page(told, &converted);
    if (room->text_request != 0 && event->request == room->text_request) {
        take_text(room, &converted.page);
    } else if (done) {
        done = take_page(room, told, &converted.page);
    } else {
        room->paging = false;
    }
    if (!done) {
        chat__app_notice(app, "no memory for the history of", room->name);
    }
    for (size_t i = 0; i < told->count; i++) {
        follow_topic(app, room, told->entries[i]);
    }
    release(&converted);
    chat__app_name_room(app, room);
    check_intent(app, room);
    if (chat__room_list_focused(&app->rooms) == room) {
        app->dirty |= CHAT__DIRTY_TIMELINE | CHAT__DIRTY_STATUS;
    }
}
