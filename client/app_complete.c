#include "client/app.h"
#include "client/model/emoji.h"

#include <string.h>

/* "name" or "name#id", behind a sign. */
static void add_person(struct chat__candidates *candidates,
                       const struct chat__people *people,
                       const struct chat__person *person, const char *sign)
{
    const char *name = chat__safe_string(&person->name);

    if (chat__people_is_ambiguous(people, person)) {
        chat__candidates_add_format(candidates, "%s%s#%s", sign, name,
                                    person->id);
    } else {
        chat__candidates_add_format(candidates, "%s%s", sign, name);
    }
}

static bool has(const struct chat__candidates *candidates, const char *text)
{
    size_t i;

    for (i = 0; i < candidates->count; i++) {
        if (strcmp(candidates->texts[i], text) == 0) {
            return true;
        }
    }
    return false;
}

/* Who spoke last comes first. */
static void add_speakers(struct chat__candidates *candidates,
                         struct chat__room *room)
{
    size_t i = chat__room_log_count(&room->log);

    while (i > 0) {
        const struct chat__item *item = chat__room_log_item(&room->log, --i);
        const char *name = chat__safe_string(&item->name);
        if (!item->own && *name != '\0' && !has(candidates, name)) {
            chat__candidates_add(candidates, name, NULL);
        }
    }
}

static void add_names(struct chat__candidates *candidates,
                      struct chat__room *room)
{
    size_t i;

    if (room == NULL) {
        return;
    }
    add_speakers(candidates, room);
    for (i = 0; i < room->people.members; i++) {
        const char *name = chat__safe_string(&room->people.data[i].name);
        if (!has(candidates, name)) {
            chat__candidates_add(candidates, name, NULL);
        }
    }
}

/* Each is a person: two of a name are two, told apart by their ids. */
static void add_people(struct chat__candidates *candidates,
                       const struct chat__room *room, const char *sign)
{
    size_t i;

    for (i = 0; room != NULL && i < room->people.count; i++) {
        add_person(candidates, &room->people, &room->people.data[i], sign);
    }
}

static void add_commands(struct chat__candidates *candidates, const char *sign)
{
    size_t i;

    for (i = 0; i < CHAT__COMMAND_COUNT; i++) {
        chat__candidates_add_format(candidates, "%s%s", sign,
                                    chat__command_at(i)->name);
    }
}

static void add_rooms(struct chat__candidates *candidates,
                      const struct chat__app *app)
{
    size_t i;

    for (i = 0; i < app->rooms.count; i++) {
        const struct chat__room *room = app->rooms.rooms[i];
        chat__candidates_add(
            candidates,
            room->named ? chat__safe_string(&room->title) : room->name, NULL);
    }
}

static void add_invites(struct chat__candidates *candidates,
                        const struct chat__app *app)
{
    size_t i;

    for (i = 0; i < app->invites.count; i++) {
        chat__candidates_add(candidates, app->invites.list[i].room, NULL);
    }
}

static void add_emoji(struct chat__candidates *candidates)
{
    const char *sign = *candidates->word == ':' ? ":" : "";
    size_t i;

    for (i = 0; i < chat__emoji_count(); i++) {
        const struct chat__emoji *emoji = chat__emoji_at(i);
        size_t count = candidates->count;
        chat__candidates_add_format(candidates, "%s%s", sign, emoji->name);
        if (candidates->count > count) {
            candidates->inserts[count] = emoji->emoji;
        }
    }
}

static void add_roles(struct chat__candidates *candidates)
{
    chat__candidates_add(candidates, "member", NULL);
    chat__candidates_add(candidates, "moderator", NULL);
    chat__candidates_add(candidates, "owner", NULL);
}

static void gather(struct chat__candidates *candidates,
                   const struct chat__app *app)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);

    switch (candidates->kind) {
    case CHAT__COMPLETE_COMMAND:
        add_commands(candidates, "/");
        break;
    case CHAT__COMPLETE_HELP:
        add_commands(candidates, "");
        break;
    case CHAT__COMPLETE_ROOM:
        add_rooms(candidates, app);
        break;
    case CHAT__COMPLETE_INVITE:
        add_invites(candidates, app);
        break;
    case CHAT__COMPLETE_PERSON:
        add_people(candidates, room, *candidates->word == '@' ? "@" : "");
        break;
    case CHAT__COMPLETE_ROLE:
        add_roles(candidates);
        break;
    case CHAT__COMPLETE_MENTION:
        add_people(candidates, room, "@");
        break;
    case CHAT__COMPLETE_EMOJI:
        add_emoji(candidates);
        break;
    case CHAT__COMPLETE_NAME:
        add_names(candidates, room);
        break;
    case CHAT__COMPLETE_NOTHING:
        break;
    }
}

/* A line that names an emoji for a message holds nothing else. */
static bool names_emoji(const struct chat__room *room)
{
    return room != NULL && room->intent.kind == CHAT__INTENT_REACT;
}

void chat__app_complete(struct chat__app *app)
{
    struct chat__input_line *input = chat__app_input(app);
    struct chat__room *room = chat__room_list_focused(&app->rooms);
    enum chat__completion_kind kind =
        names_emoji(room) ? CHAT__COMPLETE_EMOJI
                          : chat__completion_kind(&app->completion, input);
    struct chat__candidates candidates;

    if (room != NULL && kind != CHAT__COMPLETE_COMMAND) {
        chat__app_ask_members(app, room);
    }
    chat__candidates_init(&candidates, kind, &app->completion, input);
    gather(&candidates, app);
    chat__completion_next(&app->completion, input, &candidates);
    chat__candidates_release(&candidates);
    app->dirty |= CHAT__DIRTY_INPUT;
}
