/*
 * Keeps a private room: invites somebody, keeps somebody else out, makes the
 * guest a moderator once there, and says so to them alone.
 *
 *   cc host.c $(pkg-config --cflags --libs chatclient) -o host
 *   ./host ws://127.0.0.1:7100/ws den GUEST_ID TROUBLE_ID
 */
#include <chat/client.h>

#include <stdio.h>
#include <string.h>

struct host {
    const char *room;
    const char *guest; /* ids of users */
    const char *trouble;
};

static void open_room(chat_client *client, const struct host *host)
{
    chat_topic(client, host->room, "by invitation", NULL);
    chat_ban(client, host->room, host->trouble, 1, "not again", NULL);
    chat_invite(client, host->room, host->guest, NULL);
}

static void welcome(chat_client *client, const struct host *host)
{
    chat_set_role(client, host->room, host->guest, CHAT_ROLE_MODERATOR, NULL);
    chat_dm(client, host->guest, 0, NULL);
}

static void on_joined(chat_client *client, const char *room,
                      const struct host *host)
{
    if (strcmp(room, host->room) == 0)
        open_room(client, host);
    else
        chat_send(client, room, "you are a moderator now", 0, NULL);
}

static void on_event(chat_client *client, const chat_event *event, void *data)
{
    const struct host *host = data;

    if (event->type == CHAT_EVENT_ROOM &&
        event->u.room.change == CHAT_ROOM_JOINED)
        on_joined(client, event->room, host);
    else if (event->type == CHAT_EVENT_ENTRY &&
             event->u.entry.kind == CHAT_ENTRY_JOIN &&
             strcmp(event->room, host->room) == 0 &&
             strcmp(event->u.entry.user_id, host->guest) == 0)
        welcome(client, host);
    else if (event->type == CHAT_EVENT_FAILED)
        fprintf(stderr, "refused: %s\n", chat_strerror(event->u.failed.error));
    if (event->type == CHAT_EVENT_SENT && strcmp(event->room, host->room) != 0)
        chat_client_disconnect(client);
}

int main(int argc, char **argv)
{
    struct host host;
    chat_client *client;

    if (argc != 5 || chat_client_new(&client, argv[1]) != CHAT_OK) {
        fprintf(stderr, "usage: %s URL ROOM GUEST_ID TROUBLE_ID\n", argv[0]);
        return 2;
    }
    host = (struct host){argv[2], argv[3], argv[4]};
    chat_client_set_handler(client, on_event, &host);
    chat_client_set_guest(client, "host");
    chat_client_connect(client);
    chat_join(client, host.room, CHAT_JOIN_CREATE | CHAT_JOIN_PRIVATE, 0, NULL);
    while (chat_client_state(client) != CHAT_STATE_CLOSED)
        chat_client_wait(client, -1);
    chat_client_free(client);
    return 0;
}
