/*
 * Deletes messages that hold a word, and removes who wrote them.
 *
 *   cc moderator.c $(pkg-config --cflags --libs chatclient) -o moderator
 *   CHAT_USER=… CHAT_PASSWORD=… ./moderator ws://127.0.0.1:7100/ws lobby word
 *
 * Its account must be a moderator of the room. It ends when it is removed.
 */
#include <chat/client.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bot {
    const char *room;
    const char *word;
};

static void moderate(chat_client *client, const struct bot *bot,
                     const chat_entry *entry)
{
    if (entry->kind != CHAT_ENTRY_MESSAGE || entry->own ||
        entry->text == NULL || strstr(entry->text, bot->word) == NULL)
        return;
    chat_delete(client, bot->room, entry->seq, NULL);
    chat_kick(client, bot->room, entry->user_id, "a word of the list", NULL);
}

static void on_event(chat_client *client, const chat_event *event, void *data)
{
    const struct bot *bot = data;

    if (event->room != NULL && strcmp(event->room, bot->room) != 0)
        return;
    if (event->type == CHAT_EVENT_ENTRY)
        moderate(client, bot, &event->u.entry);
    else if (event->type == CHAT_EVENT_FAILED)
        fprintf(stderr, "refused: %s\n", chat_strerror(event->u.failed.error));
    else if (event->type == CHAT_EVENT_ROOM &&
             (event->u.room.change == CHAT_ROOM_LEFT ||
              event->u.room.change == CHAT_ROOM_REMOVED))
        chat_client_disconnect(client);
}

int main(int argc, char **argv)
{
    const char *user = getenv("CHAT_USER");
    const char *password = getenv("CHAT_PASSWORD");
    chat_client *client = NULL;
    struct bot bot;
    int result;

    if (argc != 4 || user == NULL || password == NULL) {
        fprintf(stderr, "usage: CHAT_USER=… CHAT_PASSWORD=… %s URL ROOM WORD\n",
                argv[0]);
        return 2;
    }
    bot = (struct bot){.room = argv[2], .word = argv[3]};
    result = chat_client_new(&client, argv[1]);
    if (result == CHAT_OK)
        result = chat_client_set_handler(client, on_event, &bot);
    if (result == CHAT_OK)
        result = chat_client_set_login(client, user, password);
    if (result == CHAT_OK)
        result = chat_client_connect(client);
    if (result == CHAT_OK)
        result = chat_join(client, bot.room, 0, 0, NULL);
    while (result == CHAT_OK && chat_client_state(client) != CHAT_STATE_CLOSED)
        chat_client_wait(client, -1);
    chat_client_dispatch(client);
    if (result != CHAT_OK)
        fprintf(stderr, "%s\n", chat_strerror(result));
    chat_client_free(client);
    return result != CHAT_OK;
}
