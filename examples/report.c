/*
 * Says in a room that a build runs, and that it has ended, in the same message.
 *
 *   cc report.c $(pkg-config --cflags --libs chatclient) -o report
 *   ./report ws://127.0.0.1:7100/ws lobby report.outbox USER_ID
 *
 * What the server has not acknowledged when the program ends is in the outbox
 * file, and is sent by the next run. A message that could not be handed over in
 * ten seconds is taken back.
 */
#include <chat/client.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#define PATIENCE_S 10

struct report {
    const char *room;
    char running[CHAT_KEY_SIZE]; /* the keys of what was sent */
    char emoji[CHAT_KEY_SIZE];
};

static void announce(chat_client *client, struct report *report,
                     const char *user_id)
{
    chat_typing(client, report->room);
    chat_send_mentioning(client, report->room, "the build runs", 0, &user_id, 1,
                         report->running);
}

static void on_sent(chat_client *client, const chat_sent_event *sent,
                    struct report *report)
{
    if (strcmp(sent->key, report->running) == 0) {
        chat_edit(client, report->room, sent->seq, "the build is green", NULL);
        chat_react(client, report->room, sent->seq, "🎉", 1, report->emoji);
    } else if (strcmp(sent->key, report->emoji) == 0) {
        chat_client_disconnect(client);
    }
}

static void on_event(chat_client *client, const chat_event *event, void *data)
{
    if (event->type == CHAT_EVENT_SENT) {
        on_sent(client, &event->u.sent, data);
    } else if (event->type == CHAT_EVENT_FAILED) {
        fprintf(stderr, "not sent: %s\n", chat_strerror(event->u.failed.error));
        chat_client_disconnect(client);
    }
}

static void run(chat_client *client, const struct report *report)
{
    time_t end = time(NULL) + PATIENCE_S;

    while (chat_client_state(client) != CHAT_STATE_CLOSED) {
        chat_client_wait(client, 1000);
        if (time(NULL) >= end)
            chat_send_cancel(client, report->running);
    }
    chat_client_dispatch(client);
}

int main(int argc, char **argv)
{
    struct report report = {.room = argc == 5 ? argv[2] : ""};
    chat_client *client;

    if (argc != 5 || chat_client_new(&client, argv[1]) != CHAT_OK) {
        fprintf(stderr, "usage: %s URL ROOM FILE USER_ID\n", argv[0]);
        return 2;
    }
    chat_client_set_handler(client, on_event, &report);
    chat_client_set_outbox_limits(client, 100, 100000);
    if (chat_client_set_outbox_file(client, argv[3]) != CHAT_OK) {
        fprintf(stderr, "%s cannot be used\n", argv[3]);
        return 1;
    }
    chat_client_connect(client);
    chat_join(client, report.room, 0, 0, NULL);
    announce(client, &report, argv[4]);
    run(client, &report);
    chat_client_free(client);
    return 0;
}
