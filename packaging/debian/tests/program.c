/*
 * program URL: sends a message to the lobby, and ends well once it has heard
 * one of somebody else.
 */
#include <chat/client.h>
#include <stdio.h>

static void on_event(chat_client *client, const chat_event *event, void *status)
{
    if (event->type == CHAT_EVENT_SENT)
        puts("sent");
    if (event->type == CHAT_EVENT_FAILED)
        chat_client_disconnect(client);
    if (event->type == CHAT_EVENT_ENTRY && !event->u.entry.own &&
        event->u.entry.kind == CHAT_ENTRY_MESSAGE) {
        printf("heard %s\n", event->u.entry.text);
        *(int *)status = 0;
        chat_client_disconnect(client);
    }
    fflush(stdout);
}

int main(int argc, char **argv)
{
    int status = 1;
    chat_client *client;

    if (argc != 2 || chat_client_new(&client, argv[1]) != CHAT_OK)
        return status;
    chat_client_set_guest(client, "program");
    chat_client_set_handler(client, on_event, &status);
    chat_client_connect(client);
    chat_join(client, "lobby", 0, 0, NULL);
    chat_send(client, "lobby", "from the program", 0, NULL);
    while (chat_client_state(client) != CHAT_STATE_CLOSED)
        chat_client_wait(client, -1);
    chat_client_free(client);
    return status;
}
