#include "client/app.h"
#include "client/model/match.h"

#include <stdio.h>
#include <string.h>

#define FIRST_PAGE      50
#define ID_DIGITS_MAX   16
#define FOUND_BYTES_MAX 512

/* ---- who is there ---- */

static enum chat__rank rank_of(chat_role role)
{
    switch (role) {
    case CHAT_ROLE_MEMBER:
        return CHAT__RANK_MEMBER;
    case CHAT_ROLE_MODERATOR:
        return CHAT__RANK_MODERATOR;
    case CHAT_ROLE_OWNER:
        return CHAT__RANK_OWNER;
    default:
        return CHAT__RANK_NONE;
    }
}

static enum chat__presence presence_of(chat_presence_state state)
{
    switch (state) {
    case CHAT_PRESENCE_ONLINE:
        return CHAT__PRESENCE_ONLINE;
    case CHAT_PRESENCE_AWAY:
        return CHAT__PRESENCE_AWAY;
    case CHAT_PRESENCE_DND:
        return CHAT__PRESENCE_DND;
    default:
        return CHAT__PRESENCE_OFFLINE;
    }
}

void chat__app_name_room(struct chat__app *app, struct chat__room *room)
{
    size_t i;

    for (i = 0; room->direct && !room->named && i < room->people.count; i++) {
        const struct chat__person *person = &room->people.data[i];
        if (strcmp(person->id, app->connection.me_id) != 0) {
            chat__safe_text_release(&room->title);
            room->named = chat__safe_text_format(
                &room->title, "@%s", chat__safe_string(&person->name));
            app->dirty |= CHAT__DIRTY_LIST | CHAT__DIRTY_HEADER;
        }
    }
}

static void ask_page(struct chat__app *app, struct chat__room *room,
                     const char *after)
{
    if (chat_members(app->client, room->name, CHAT_MEMBERS, after,
                     &room->members_request) != CHAT_OK) {
        room->members_request = 0;
    }
    room->members_after = after == NULL ? 0 : chat__person_number(after);
}

/* Pages go by id: one that does not get on has no end. */
static bool goes_on(const struct chat__room *room,
                    const chat_members_event *page)
{
    return page->more && page->count > 0 &&
           room->people.count < CHAT__PEOPLE_MAX &&
           chat__person_number(page->members[page->count - 1]->user_id) >
               room->members_after;
}

void chat__app_ask_members(struct chat__app *app, struct chat__room *room)
{
    if (!room->members_told && room->members_request == 0 &&
        app->connection.state == CHAT_STATE_ONLINE) {
        ask_page(app, room, NULL);
        room->members_told = room->members_request == 0; /* not again */
        room->members_begun = false;
    }
}

/* The invited and the banned are told once, as lines. */
static void print_list(struct chat__app *app, const chat_members_event *page)
{
    bool banned = page->list == CHAT_MEMBERS_BANNED;
    struct chat__safe_text line;
    size_t i;

    if (page->count == 0) {
        chat__app_print(app,
                        banned ? "Nobody is banned." : "Nobody is invited.");
    }
    for (i = 0; i < page->count; i++) {
        chat__safe_text_format(
            &line, "%s: %s#%s", banned ? "banned" : "invited",
            page->members[i]->user_name, page->members[i]->user_id);
        chat__app_print(app, chat__safe_string(&line));
        chat__safe_text_release(&line);
    }
    if (page->more) {
        chat__app_print(app, "There are more.");
    }
}

static void put_members(struct chat__room *room, const chat_members_event *page)
{
    size_t i;

    if (!room->members_begun) {
        chat__people_forget_members(&room->people);
        room->members_begun = true;
    }
    for (i = 0; i < page->count; i++) {
        const chat_member *member = page->members[i];
        if (chat__people_put(&room->people, member->user_id, member->user_name,
                             rank_of(member->role))) {
            chat__people_set_presence(&room->people, member->user_id,
                                      presence_of(member->presence));
        }
    }
}

void chat__app_members(struct chat__app *app, const chat_event *event)
{
    const chat_members_event *page = &event->u.members;
    struct chat__room *room = chat__room_list_find(&app->rooms, event->room);

    if (page->list != CHAT_MEMBERS) {
        /* of these too, ids are asked for by name */
        if (room != NULL) {
            size_t i;
            for (i = 0; i < page->count; i++) {
                chat__people_put(&room->people, page->members[i]->user_id,
                                 page->members[i]->user_name, CHAT__RANK_NONE);
            }
        }
        print_list(app, page);
        return;
    }
    if (room == NULL || event->request != room->members_request) {
        return;
    }
    put_members(room, page);
    room->members_request = 0;
    if (goes_on(room, page)) {
        ask_page(app, room, page->members[page->count - 1]->user_id);
    }
    room->members_told = room->members_request == 0;
    if (room->members_told && !page->more) {
        room->members = room->people.members;
    }
    chat__app_name_room(app, room);
    app->dirty |= CHAT__DIRTY_PANE | CHAT__DIRTY_HEADER;
}

void chat__app_presence(struct chat__app *app, const chat_event *event)
{
    const chat_presence_event *presence = &event->u.presence;
    struct chat__room *room = chat__room_list_find(&app->rooms, event->room);
    size_t i;

    for (i = 0; room != NULL && i < presence->count; i++) {
        chat__people_set_presence(&room->people, presence->users[i]->user_id,
                                  presence_of(presence->users[i]->state));
    }
    app->dirty |= CHAT__DIRTY_PANE;
}

/* ---- who is meant ---- */

/* One person, and what follows in the line. */
struct who {
    char id[CHAT__USER_ID_BYTES];
    const char *rest; /* NULL: nothing */
};

/* "there are two: bob#17, bob#18" */
static void say_ambiguous(struct chat__app *app,
                          const struct chat__people *people,
                          const struct chat__person *person)
{
    char found[FOUND_BYTES_MAX] = "";
    size_t length = 0, i;

    for (i = 0; i < people->count && length < sizeof(found); i++) {
        const char *name = chat__safe_string(&people->data[i].name);
        if (chat__is_same_name(name, chat__safe_string(&person->name))) {
            length += (size_t)snprintf(found + length, sizeof(found) - length,
                                       "%s%s#%s", length == 0 ? "" : ", ", name,
                                       people->data[i].id);
        }
    }
    chat__app_notice(app, "say which one", found);
}

static void set_who(struct who *who, const char *id, size_t id_length,
                    const char *rest)
{
    snprintf(who->id, sizeof(who->id), "%.*s", (int)id_length, id);
    rest += strspn(rest, " ");
    who->rest = *rest == '\0' ? NULL : rest;
}

/* An id that nobody here has may still be somebody's. */
static bool find_by_id(const char *text, struct who *who)
{
    size_t digits = strspn(text + (*text == '#'), "0123456789");
    const char *id = text + (*text == '#');

    if (*text != '#' || digits == 0 || digits > ID_DIGITS_MAX ||
        (id[digits] != ' ' && id[digits] != '\0')) {
        return false;
    }
    set_who(who, id, digits, id + digits);
    return true;
}

/* Looks in one room; false when it is said, or not found (`*found` 0). */
static bool find_in(struct chat__app *app, const struct chat__people *people,
                    const char *text, struct who *who, size_t *found)
{
    const struct chat__person *person;
    size_t length;

    *found = chat__people_match(people, text, &length, &person);
    if (*found > 1) {
        say_ambiguous(app, people, person);
    }
    if (*found == 1) {
        set_who(who, person->id, strlen(person->id), text + length);
    }
    return *found == 1;
}

/* The person at the start of an argument; the room on the screen is first. */
static bool find_who(struct chat__app *app, const char *text, struct who *who)
{
    const struct chat__room *room = chat__room_list_focused(&app->rooms);
    size_t found = 0, i;

    if (*text == '@') {
        text++;
    }
    if (room != NULL && find_in(app, &room->people, text, who, &found)) {
        return true;
    }
    for (i = 0; found == 0 && i < app->rooms.count; i++) {
        if (find_in(app, &app->rooms.rooms[i]->people, text, who, &found)) {
            return true;
        }
    }
    if (found == 0 && find_by_id(text, who)) {
        return true;
    }
    if (found == 0) {
        chat__app_notice(app, "nobody is known by this name", text);
    }
    return false;
}

/* ---- commands ---- */

/* Somebody, and the room that it is about; false: it has been said. */
static struct chat__room *find_both(struct chat__app *app, const char *argument,
                                    struct who *who)
{
    struct chat__room *room = chat__app_room(app);

    return room != NULL && find_who(app, argument, who) ? room : NULL;
}

bool chat__app_topic(struct chat__app *app, const char *argument)
{
    struct chat__room *room = chat__app_room(app);

    if (room == NULL) {
        return false;
    }
    if (argument == NULL) {
        chat__app_print(app, room->topic.length == 0
                                 ? "There is no topic."
                                 : chat__safe_string(&room->topic));
        return true;
    }
    return chat__app_check(
        app, "the topic stays as it is",
        chat_topic(app->client, room->name,
                   strcmp(argument, "-") == 0 ? "" : argument, NULL));
}

bool chat__app_invite(struct chat__app *app, const char *argument)
{
    struct who who;
    const struct chat__room *room = find_both(app, argument, &who);

    return room != NULL &&
           chat__app_check(app, "not invited",
                           chat_invite(app->client, room->name, who.id, NULL));
}

bool chat__app_kick(struct chat__app *app, const char *argument)
{
    struct who who;
    const struct chat__room *room = find_both(app, argument, &who);

    return room != NULL && chat__app_check(app, "not removed",
                                           chat_kick(app->client, room->name,
                                                     who.id, who.rest, NULL));
}

bool chat__app_ban(struct chat__app *app, const char *argument)
{
    struct who who;
    const struct chat__room *room = find_both(app, argument, &who);

    return room != NULL && chat__app_check(app, "not banned",
                                           chat_ban(app->client, room->name,
                                                    who.id, 1, who.rest, NULL));
}

bool chat__app_unban(struct chat__app *app, const char *argument)
{
    struct who who;
    const struct chat__room *room = find_both(app, argument, &who);

    return room != NULL && chat__app_check(app, "still banned",
                                           chat_ban(app->client, room->name,
                                                    who.id, 0, NULL, NULL));
}

static bool read_role(const char *text, chat_role *role)
{
    static const char *const names[] = {
        [CHAT_ROLE_MEMBER] = "member",
        [CHAT_ROLE_MODERATOR] = "moderator",
        [CHAT_ROLE_OWNER] = "owner",
    };
    int i;

    for (i = CHAT_ROLE_MEMBER; text != NULL && i <= CHAT_ROLE_OWNER; i++) {
        if (strcmp(names[i], text) == 0) {
            *role = (chat_role)i;
            return true;
        }
    }
    return false;
}

bool chat__app_role(struct chat__app *app, const char *argument)
{
    struct who who;
    const struct chat__room *room = find_both(app, argument, &who);
    chat_role role;

    if (room == NULL) {
        return false;
    }
    if (!read_role(who.rest, &role)) {
        chat__app_notice(app, "a role is", "member, moderator or owner");
        return false;
    }
    return chat__app_check(
        app, "the role stays as it is",
        chat_set_role(app->client, room->name, who.id, role, NULL));
}

bool chat__app_dm(struct chat__app *app, const char *argument)
{
    struct who who;

    return find_who(app, argument, &who) &&
           chat__app_check(app, "not begun",
                           chat_dm(app->client, who.id, FIRST_PAGE, NULL));
}

static bool ask_list(struct chat__app *app, chat_member_list list)
{
    struct chat__room *room = chat__app_room(app);

    return room != NULL && chat__app_check(app, "no list",
                                           chat_members(app->client, room->name,
                                                        list, NULL, NULL));
}

bool chat__app_list_members(struct chat__app *app, const char *argument)
{
    if (argument == NULL) {
        bool shown = app->layout.pane_width > 0;
        app->pane = shown ? CHAT__PANE_HIDDEN : CHAT__PANE_SHOWN;
        app->dirty = CHAT__DIRTY_ALL;
        return true;
    }
    if (strcmp(argument, "invited") == 0) {
        return ask_list(app, CHAT_MEMBERS_INVITED);
    }
    if (strcmp(argument, "banned") == 0) {
        return ask_list(app, CHAT_MEMBERS_BANNED);
    }
    chat__app_notice(app, "a list is", "invited or banned");
    return false;
}
