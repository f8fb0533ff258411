#include "sdk/client_private.h"

#include "protocol/text.h"
#include "sdk/tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A setting may be changed before the first connect only. With the mutex. */
static int check_idle(const chat_client *client)
{
    return chat__session_state(client->session) == CHAT_STATE_IDLE
               ? CHAT_OK
               : CHAT_ERROR_STATE;
}

int chat_client_set_guest(chat_client *client, const char *name)
{
    int result;

    if (client == NULL ||
        !chat__client_is_text(name, chat__text_check_user_name))
        return CHAT_ERROR_ARGUMENT;
    pthread_mutex_lock(&client->mutex);
    result = check_idle(client);
    if (result == CHAT_OK)
        snprintf(client->guest_name, sizeof(client->guest_name), "%s", name);
    pthread_mutex_unlock(&client->mutex);
    return result;
}

/* The program says who to be, in place of whoever it was to be. */
static int choose(chat_client *client, const struct chat__credentials *chosen)
{
    int result;

    pthread_mutex_lock(&client->mutex);
    result = check_idle(client);
    if (result == CHAT_OK)
        *chat__session_credentials(client->session) = *chosen;
    pthread_mutex_unlock(&client->mutex);
    return result;
}

int chat_client_set_token(chat_client *client, const char *token)
{
    struct chat__credentials chosen = {.token_only = true};
    int result;

    if (client == NULL || token == NULL ||
        chat__text_check_token(token) != NULL)
        return CHAT_ERROR_ARGUMENT;
    snprintf(chosen.token, sizeof(chosen.token), "%s", token);
    result = choose(client, &chosen);
    explicit_bzero(&chosen, sizeof(chosen));
    return result;
}

static int choose_account(chat_client *client, struct chat__credentials *chosen,
                          const char *user, const char *password)
{
    int result;

    if (client == NULL ||
        !chat__client_is_text(user, chat__text_check_user_name) ||
        !chat__client_is_text(password, chat__text_check_password))
        return CHAT_ERROR_ARGUMENT;
    snprintf(chosen->account, sizeof(chosen->account), "%s", user);
    snprintf(chosen->password, sizeof(chosen->password), "%s", password);
    result = choose(client, chosen);
    explicit_bzero(chosen, sizeof(*chosen));
    return result;
}

int chat_client_set_login(chat_client *client, const char *user,
                          const char *password)
{
    struct chat__credentials chosen = {0};

    return choose_account(client, &chosen, user, password);
}

int chat_client_set_register(chat_client *client, const char *user,
                             const char *password)
{
    struct chat__credentials chosen = {0};

    if (!chat__client_make_secret(chosen.register_key,
                                  sizeof(chosen.register_key)))
        return CHAT_ERROR_SYSTEM;
    return choose_account(client, &chosen, user, password);
}

int chat_client_set_agent(chat_client *client, const char *agent)
{
    int result;

    if (client == NULL ||
        !chat__client_is_text(agent, chat__text_check_agent) ||
        agent[0] == '\0')
        return CHAT_ERROR_ARGUMENT;
    pthread_mutex_lock(&client->mutex);
    result = check_idle(client);
    if (result == CHAT_OK)
        chat__session_set_agent(client->session, agent);
    pthread_mutex_unlock(&client->mutex);
    return result;
}

int chat_client_set_ca_file(chat_client *client, const char *path)
{
    SSL_CTX *trial;
    char *copy;
    int result;

    if (client == NULL || path == NULL)
        return CHAT_ERROR_ARGUMENT;
    trial = chat__tls_new(path, NULL);
    SSL_CTX_free(trial);
    if (trial == NULL)
        return CHAT_ERROR_TLS;
    copy = strdup(path);
    if (copy == NULL)
        return CHAT_ERROR_MEMORY;
    pthread_mutex_lock(&client->mutex);
    result = check_idle(client);
    if (result == CHAT_OK) {
        free(client->ca_file);
        client->ca_file = copy;
        copy = NULL;
    }
    pthread_mutex_unlock(&client->mutex);
    free(copy);
    return result;
}

int chat_client_set_outbox_limits(chat_client *client, size_t messages,
                                  size_t bytes)
{
    int result;

    if (client == NULL || messages == 0 ||
        messages > CHAT__OUTBOX_MESSAGES_LIMIT || bytes == 0 ||
        bytes > CHAT__OUTBOX_BYTES_LIMIT)
        return CHAT_ERROR_ARGUMENT;
    pthread_mutex_lock(&client->mutex);
    result = check_idle(client);
    if (result == CHAT_OK) {
        chat__session_outbox(client->session)->messages_max = messages;
        chat__session_outbox(client->session)->message_bytes_max = bytes;
    }
    pthread_mutex_unlock(&client->mutex);
    return result;
}

/* Who the program chose to be goes before who the file has. */
static void keep_choice(chat_client *client,
                        const struct chat__credentials *chosen)
{
    if (chosen->token_only || chosen->password[0] != '\0')
        *chat__session_credentials(client->session) = *chosen;
}

int chat_client_set_outbox_file(chat_client *client, const char *path)
{
    struct chat__credentials chosen;
    struct chat__keeper *keeper;
    int result;

    if (client == NULL || path == NULL || path[0] == '\0')
        return CHAT_ERROR_ARGUMENT;
    pthread_mutex_lock(&client->mutex);
    result = client->keeper == NULL ? check_idle(client) : CHAT_ERROR_STATE;
    chosen = *chat__session_credentials(client->session);
    pthread_mutex_unlock(&client->mutex);
    if (result == CHAT_OK)
        result = chat__keeper_new(&keeper, path, client->url_text,
                                  client->session, &client->mutex);
    if (result == CHAT_OK) {
        pthread_mutex_lock(&client->mutex);
        keep_choice(client, &chosen);
        chat__session_keep_messages(client->session);
        client->keeper = keeper;
        pthread_mutex_unlock(&client->mutex);
    }
    explicit_bzero(&chosen, sizeof(chosen));
    return result;
}

chat_state chat_client_state(const chat_client *client)
{
    /* The mutex is no part of the handle's value. */
    pthread_mutex_t *mutex;
    chat_state state;

    if (client == NULL)
        return CHAT_STATE_CLOSED;
    mutex = (pthread_mutex_t *)&client->mutex;
    pthread_mutex_lock(mutex);
    state = chat__session_state(client->session);
    pthread_mutex_unlock(mutex);
    return state;
}

int chat_client_token(const chat_client *client, char *token, size_t size)
{
    const struct chat__credentials *credentials;
    pthread_mutex_t *mutex;
    int result = CHAT_OK;

    if (client == NULL || token == NULL)
        return CHAT_ERROR_ARGUMENT;
    mutex = (pthread_mutex_t *)&client->mutex;
    pthread_mutex_lock(mutex);
    credentials = chat__session_credentials(client->session);
    if (credentials->token[0] == '\0')
        result = CHAT_ERROR_STATE;
    else if (strlen(credentials->token) >= size)
        result = CHAT_ERROR_ARGUMENT;
    else
        snprintf(token, size, "%s", credentials->token);
    pthread_mutex_unlock(mutex);
    return result;
}
