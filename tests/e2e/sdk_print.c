#include "tests/e2e/sdk_program.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

/* Takes `body`. */
static void print_named(const char *name, cJSON *body)
{
    cJSON *line = cJSON_CreateObject();
    char *text;

    cJSON_AddItemToObject(line, name, body);
    text = cJSON_PrintUnformatted(line);
    if (text != NULL)
        puts(text);
    free(text);
    cJSON_Delete(line);
}

static void add_number(cJSON *json, const char *name, uint64_t value)
{
    cJSON_AddNumberToObject(json, name, (double)value);
}

static void print_entry(const chat_entry *entry)
{
    printf("%.*s\n", (int)entry->json_length, entry->json);
}

static cJSON *describe_reaction(const chat_reaction *reaction)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *users = cJSON_AddArrayToObject(json, "users");

    cJSON_AddStringToObject(json, "emoji", reaction->emoji);
    for (size_t i = 0; i < reaction->count; i++)
        cJSON_AddItemToArray(users, cJSON_CreateString(reaction->users[i]));
    return json;
}

/* As in the protocol, and the room. */
static void print_change(const char *room, const chat_change *change)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *reactions = cJSON_AddArrayToObject(json, "reactions");

    cJSON_AddStringToObject(json, "room", room);
    add_number(json, "ref", change->ref);
    add_number(json, "upto", change->upto);
    add_number(json, "edit", change->edit);
    if (change->text != NULL)
        cJSON_AddStringToObject(json, "text", change->text);
    cJSON_AddBoolToObject(json, "deleted", change->deleted);
    for (size_t i = 0; i < change->reaction_count; i++)
        cJSON_AddItemToArray(reactions,
                             describe_reaction(change->reactions[i]));
    print_named("change", json);
}

static void print_history(const char *room, const chat_history_event *history)
{
    cJSON *json = cJSON_CreateObject();

    for (size_t i = 0; i < history->count; i++)
        print_entry(history->entries[i]);
    for (size_t i = 0; i < history->change_count; i++)
        print_change(room, history->changes[i]);
    cJSON_AddStringToObject(json, "room", room);
    cJSON_AddBoolToObject(json, "more", history->more);
    print_named("history", json);
}

static void print_room(const char *room, const chat_room_event *event)
{
    static const char *const changes[] = {
        [CHAT_ROOM_JOINED] = "joined",   [CHAT_ROOM_LEFT] = "left",
        [CHAT_ROOM_RESET] = "reset",     [CHAT_ROOM_READ] = "read",
        [CHAT_ROOM_INVITED] = "invited", [CHAT_ROOM_REMOVED] = "removed",
    };
    cJSON *json = cJSON_CreateObject();

    cJSON_AddStringToObject(json, "room", room);
    cJSON_AddStringToObject(json, "change", changes[event->change]);
    add_number(json, "head", event->head);
    print_named("room", json);
}

static void print_members(const char *room, const chat_members_event *page)
{
    static const char *const roles[] = {
        [CHAT_ROLE_NONE] = "",
        [CHAT_ROLE_MEMBER] = "member",
        [CHAT_ROLE_MODERATOR] = "moderator",
        [CHAT_ROLE_OWNER] = "owner",
    };
    cJSON *json = cJSON_CreateObject(), *list, *member;

    cJSON_AddStringToObject(json, "room", room);
    list = cJSON_AddArrayToObject(json, "members");
    for (size_t i = 0; i < page->count; i++) {
        member = cJSON_CreateObject();
        cJSON_AddStringToObject(member, "id", page->members[i]->user_id);
        cJSON_AddStringToObject(member, "name", page->members[i]->user_name);
        cJSON_AddStringToObject(member, "role", roles[page->members[i]->role]);
        cJSON_AddItemToArray(list, member);
    }
    print_named("members", json);
}

static void print_state(const chat_state_event *state)
{
    cJSON *json = cJSON_CreateObject();

    cJSON_AddBoolToObject(json, "online", state->state == CHAT_STATE_ONLINE);
    if (state->user_id != NULL)
        cJSON_AddStringToObject(json, "user", state->user_id);
    print_named("state", json);
}

static void print_sent(const chat_sent_event *sent)
{
    cJSON *json = cJSON_CreateObject();

    cJSON_AddStringToObject(json, "key", sent->key);
    add_number(json, "seq", sent->seq);
    print_named("sent", json);
}

void print_refused(int error)
{
    cJSON *json = cJSON_CreateObject();

    cJSON_AddStringToObject(json, "error", chat_strerror(error));
    print_named("failed", json);
}

void print_event(const chat_event *event)
{
    switch (event->type) {
    case CHAT_EVENT_STATE:
        print_state(&event->u.state);
        break;
    case CHAT_EVENT_ENTRY:
        print_entry(&event->u.entry);
        break;
    case CHAT_EVENT_HISTORY:
        print_history(event->room, &event->u.history);
        break;
    case CHAT_EVENT_ROOM:
        print_room(event->room, &event->u.room);
        break;
    case CHAT_EVENT_MEMBERS:
        print_members(event->room, &event->u.members);
        break;
    case CHAT_EVENT_SENT:
        print_sent(&event->u.sent);
        break;
    case CHAT_EVENT_FAILED:
        print_refused(event->u.failed.error);
        break;
    default:
        break;
    }
}
