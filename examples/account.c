/*
 * Makes an account, changes its password, and goes on in another handle as the
 * same user, by the token of the first one; then ends that token.
 *
 *   cc account.c $(pkg-config --cflags --libs chatclient) -o account
 *   CHAT_PASSWORD=… CHAT_NEW_PASSWORD=… ./account ws://127.0.0.1:7100/ws ann
 *
 * With CHAT_CA_FILE the certificates in that file are trusted.
 */
#include <chat/client.h>

#include <stdio.h>
#include <stdlib.h>

#define TOKEN_BYTES 65

static char token[TOKEN_BYTES];

static void print_state(const chat_state_event *state)
{
    if (state->state == CHAT_STATE_ONLINE)
        printf("online as %s\n", state->user_name);
    else if (state->error != CHAT_OK)
        fprintf(stderr, "%s\n", chat_strerror(state->error));
}

/* ---- the first handle ---- */

static void on_first(chat_client *client, const chat_event *event, void *data)
{
    (void)data;
    if (event->type == CHAT_EVENT_STATE)
        print_state(&event->u.state);
    if (event->type == CHAT_EVENT_STATE &&
        event->u.state.state == CHAT_STATE_ONLINE) {
        chat_password(client, getenv("CHAT_PASSWORD"),
                      getenv("CHAT_NEW_PASSWORD"), NULL);
    } else if (event->type == CHAT_EVENT_DONE) {
        chat_client_token(client, token, sizeof(token));
        chat_client_disconnect(client);
    } else if (event->type == CHAT_EVENT_FAILED) {
        chat_client_disconnect(client);
    }
}

/* ---- the second one ---- */

static void on_second(chat_client *client, const chat_event *event, void *data)
{
    (void)data;
    if (event->type == CHAT_EVENT_STATE)
        print_state(&event->u.state);
    if (event->type == CHAT_EVENT_STATE &&
        event->u.state.state == CHAT_STATE_ONLINE) {
        chat_presence(client, CHAT_PRESENCE_AWAY);
        chat_logout(client, 0, NULL);
    } else if (event->type == CHAT_EVENT_DONE) {
        puts("logged out");
    }
}

/* ---- both ---- */

static chat_client *make(const char *url, chat_event_handler handler)
{
    const char *ca_file = getenv("CHAT_CA_FILE");
    chat_client *client;
    char agent[64];

    if (chat_client_new(&client, url) != CHAT_OK)
        return NULL;
    snprintf(agent, sizeof(agent), "account/%s", chat_version());
    chat_client_set_agent(client, agent);
    chat_client_set_handler(client, handler, NULL);
    if (ca_file != NULL && chat_client_set_ca_file(client, ca_file) != CHAT_OK)
        fprintf(stderr, "no certificates in %s\n", ca_file);
    return client;
}

static void run(chat_client *client)
{
    chat_client_connect(client);
    while (chat_client_state(client) != CHAT_STATE_CLOSED)
        chat_client_wait(client, -1);
    chat_client_dispatch(client);
    chat_client_free(client);
}

int main(int argc, char **argv)
{
    chat_client *first = argc == 3 ? make(argv[1], on_first) : NULL;
    chat_client *second = argc == 3 ? make(argv[1], on_second) : NULL;

    if (first == NULL || second == NULL) {
        fprintf(stderr, "usage: %s URL NAME\n", argv[0]);
        return 2;
    }
    if (chat_client_set_register(first, argv[2], getenv("CHAT_PASSWORD")) !=
        CHAT_OK)
        return 2;
    run(first);
    if (chat_client_set_token(second, token) != CHAT_OK)
        return 1;
    run(second);
    return 0;
}
