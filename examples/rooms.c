/*
 * Prints the public rooms of a server, and of one of them the newest messages
 * and who is in it.
 *
 *   cc rooms.c $(pkg-config --cflags --libs chatclient) -o rooms
 *   ./rooms ws://127.0.0.1:7100/ws lobby
 *
 * Waits with poll, as a program does that has other descriptors too.
 */
#include <chat/client.h>

#include <poll.h>
#include <stdio.h>

#define ENTRIES 20

struct view {
    const char *room;
    int awaited; /* pages of the room that have not come */
};

/* What others have written is not for a terminal as it is. */
static void print_text(const char *text)
{
    for (; *text != '\0'; text++)
        putchar(*text >= ' ' && *text < 0x7f ? *text : '?');
}

static void on_rooms(chat_client *client, const chat_rooms_event *page,
                     const struct view *view)
{
    for (size_t i = 0; i < page->count; i++)
        printf("room %s, %llu members\n", page->rooms[i]->room,
               (unsigned long long)page->rooms[i]->members);
    if (page->more)
        chat_rooms(client, NULL, page->rooms[page->count - 1]->room, NULL);
    else
        chat_join(client, view->room, 0, 0, NULL);
}

static void print_messages(const chat_history_event *page)
{
    for (size_t i = 0; i < page->count; i++) {
        const chat_entry *entry = page->entries[i];

        if (entry->kind != CHAT_ENTRY_MESSAGE || entry->text == NULL)
            continue;
        print_text(entry->user_name);
        fputs(": ", stdout);
        print_text(entry->text);
        putchar('\n');
    }
}

static void print_members(const chat_members_event *page)
{
    for (size_t i = 0; i < page->count; i++) {
        fputs("member ", stdout);
        print_text(page->members[i]->user_name);
        putchar('\n');
    }
}

static void on_joined(chat_client *client, const chat_room_event *room,
                      struct view *view)
{
    view->awaited = 2;
    chat_history(client, view->room, 0, ENTRIES, NULL);
    chat_members(client, view->room, CHAT_MEMBERS, NULL, NULL);
    chat_read(client, view->room, room->head);
}

static void on_event(chat_client *client, const chat_event *event, void *data)
{
    struct view *view = data;

    if (event->type == CHAT_EVENT_ROOMS)
        on_rooms(client, &event->u.rooms, view);
    else if (event->type == CHAT_EVENT_ROOM &&
             event->u.room.change == CHAT_ROOM_JOINED)
        on_joined(client, &event->u.room, view);
    else if (event->type == CHAT_EVENT_HISTORY)
        print_messages(&event->u.history);
    else if (event->type == CHAT_EVENT_MEMBERS)
        print_members(&event->u.members);
    if ((event->type == CHAT_EVENT_HISTORY ||
         event->type == CHAT_EVENT_MEMBERS) &&
        --view->awaited == 0)
        chat_leave(client, view->room, NULL);
    if (event->type == CHAT_EVENT_FAILED ||
        (event->type == CHAT_EVENT_ROOM &&
         event->u.room.change == CHAT_ROOM_LEFT))
        chat_client_disconnect(client);
}

static void run(chat_client *client)
{
    struct pollfd poller = {.fd = chat_client_fd(client), .events = POLLIN};

    while (chat_client_state(client) != CHAT_STATE_CLOSED) {
        poll(&poller, 1, -1);
        chat_client_dispatch(client);
    }
}

int main(int argc, char **argv)
{
    struct view view = {.room = argc == 3 ? argv[2] : ""};
    chat_client *client;

    if (argc != 3 || chat_client_new(&client, argv[1]) != CHAT_OK) {
        fprintf(stderr, "usage: %s URL ROOM\n", argv[0]);
        return 2;
    }
    chat_client_set_handler(client, on_event, &view);
    chat_client_set_guest(client, "visitor");
    chat_client_connect(client);
    chat_rooms(client, NULL, NULL, NULL);
    run(client);
    chat_client_free(client);
    return 0;
}
