#include <chat/client.h>

static void on_event(chat_client *client, const chat_event *event, void *status)
{
    if (event->type == CHAT_EVENT_SENT)
        *(int *)status = 0;
    if (event->type == CHAT_EVENT_SENT || event->type == CHAT_EVENT_FAILED)
        chat_client_disconnect(client);
}

int main(void)
{
    int status = 1;
    chat_client *client;
    if (chat_client_new(&client, "ws://127.0.0.1:7100/ws") != CHAT_OK)
        return status;
    chat_client_set_handler(client, on_event, &status);
    chat_client_connect(client);
    chat_join(client, "lobby", 0, 0, NULL);
    chat_send(client, "lobby", "hello from C", 0, NULL);
    while (chat_client_state(client) != CHAT_STATE_CLOSED)
        chat_client_wait(client, -1);
    chat_client_free(client);
    return status;
}
