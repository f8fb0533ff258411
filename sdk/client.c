#include "sdk/client_private.h"

#include "sdk/key.h"
#include "sdk/thread.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define TEXT_OF(number) #number
#define VERSION_TEXT(major, minor, patch)                                      \
    TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

const char *chat_version(void)
{
    return VERSION_TEXT(CHAT_VERSION_MAJOR, CHAT_VERSION_MINOR,
                        CHAT_VERSION_PATCH);
}

bool chat__client_emit(void *context, const chat_event *event)
{
    struct chat_client *client = context;

    return chat__event_queue_push(&client->events, event);
}

uint64_t chat__client_random(void *context)
{
    uint64_t random = 0;

    (void)context;
    /* Only jitter: a source that fails makes it predictable, no more. */
    if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
        random = chat__thread_now() * UINT64_C(6364136223846793005);
    return random;
}

/* ---- life ---- */

static int make_parts(chat_client *client)
{
    const struct chat__session_environment environment = {
        .context = client,
        .emit = chat__client_emit,
        .random = chat__client_random,
    };

    client->session = chat__session_new(&environment);
    if (client->session == NULL)
        return CHAT_ERROR_MEMORY;
    if (!chat__event_queue_init(&client->events)) {
        chat__session_free(client->session);
        return CHAT_ERROR_SYSTEM;
    }
    pthread_mutex_init(&client->mutex, NULL);
    return CHAT_OK;
}

int chat_client_new(chat_client **result, const char *url)
{
    chat_client *client;
    int error;

    if (result == NULL || url == NULL)
        return CHAT_ERROR_ARGUMENT;
    client = calloc(1, sizeof(*client));
    if (client == NULL)
        return CHAT_ERROR_MEMORY;
    client->url_text = strdup(url);
    if (client->url_text == NULL)
        error = CHAT_ERROR_MEMORY;
    else if (!chat__url_parse(&client->url, url))
        error = CHAT_ERROR_ARGUMENT;
    else
        error = make_parts(client);
    if (error != CHAT_OK) {
        free(client->url_text);
        free(client);
        return error;
    }
    *result = client;
    return CHAT_OK;
}

/* No thread knows the handle any more. */
static void destroy(chat_client *client)
{
    chat__keeper_free(client->keeper);
    chat__session_free(client->session);
    chat__event_queue_release(&client->events);
    pthread_mutex_destroy(&client->mutex);
    free(client->ca_file);
    free(client->url_text);
    free(client);
}

/* Is this a call from inside a handler of the handle? With the mutex. */
static bool in_handler(const chat_client *client)
{
    return client->dispatching &&
           pthread_equal(client->dispatcher, pthread_self());
}

void chat_client_free(chat_client *client)
{
    bool joined;
    bool later;

    if (client == NULL)
        return;
    pthread_mutex_lock(&client->mutex);
    joined = client->joined;
    client->joined = false;
    later = in_handler(client);
    client->doomed = client->doomed || later;
    pthread_mutex_unlock(&client->mutex);
    if (joined)
        chat__client_leave(client);
    if (!later)
        destroy(client);
}

/* A name for a guest who gave none. */
static bool make_name(char *name, size_t size)
{
    char key[CHAT__KEY_LENGTH + 1];

    if (!chat__key_new(key))
        return false;
    snprintf(name, size, "guest-%s", key + CHAT__KEY_LENGTH - 5);
    return true;
}

bool chat__client_make_secret(char *key, size_t size)
{
    char first[CHAT__KEY_LENGTH + 1];
    char second[CHAT__KEY_LENGTH + 1];

    if (!chat__key_new(first) || !chat__key_new(second))
        return false;
    snprintf(key, size, "%s%s", first, second);
    return true;
}

/*
 * Who to be. A name that the program chose and that is not the file's makes
 * somebody new.
 */
static bool settle_credentials(chat_client *client)
{
    struct chat__credentials *credentials =
        chat__session_credentials(client->session);

    if (credentials->token_only || credentials->password[0] != '\0')
        return true;
    if (client->guest_name[0] != '\0' &&
        strcmp(client->guest_name, credentials->name) != 0) {
        explicit_bzero(credentials, sizeof(*credentials));
        snprintf(credentials->name, sizeof(credentials->name), "%s",
                 client->guest_name);
    }
    if (credentials->account[0] != '\0')
        return true;
    if (credentials->name[0] == '\0' &&
        !make_name(credentials->name, sizeof(credentials->name)))
        return false;
    return credentials->guest_key[0] != '\0' ||
           chat__client_make_secret(credentials->guest_key,
                                    sizeof(credentials->guest_key));
}

/* The first connect. With the mutex; the state is IDLE. */
static int begin(chat_client *client)
{
    int result;

    if (!settle_credentials(client))
        return CHAT_ERROR_SYSTEM;
    if (client->keeper != NULL)
        chat__keeper_changed(client->keeper);
    result = chat__client_join(client);
    client->joined = result == CHAT_OK;
    return result;
}

int chat_client_connect(chat_client *client)
{
    int result = CHAT_OK;

    if (client == NULL)
        return CHAT_ERROR_ARGUMENT;
    pthread_mutex_lock(&client->mutex);
    if (client->doomed)
        result = CHAT_ERROR_STATE;
    else if (chat__session_state(client->session) == CHAT_STATE_IDLE)
        result = begin(client);
    if (result == CHAT_OK)
        result = chat__session_start(client->session, chat__thread_now());
    if (result == CHAT_OK)
        chat__client_wake(client);
    pthread_mutex_unlock(&client->mutex);
    return result;
}

int chat_client_disconnect(chat_client *client)
{
    if (client == NULL)
        return CHAT_ERROR_ARGUMENT;
    pthread_mutex_lock(&client->mutex);
    chat__session_stop(client->session, chat__thread_now());
    chat__client_wake(client);
    pthread_mutex_unlock(&client->mutex);
    return CHAT_OK;
}

/* ---- events ---- */

int chat_client_set_handler(chat_client *client, chat_event_handler handler,
                            void *user_data)
{
    if (client == NULL)
        return CHAT_ERROR_ARGUMENT;
    pthread_mutex_lock(&client->mutex);
    client->handler = handler;
    client->user_data = user_data;
    pthread_mutex_unlock(&client->mutex);
    return CHAT_OK;
}

int chat_client_fd(const chat_client *client)
{
    return client != NULL ? client->events.fd : CHAT_ERROR_ARGUMENT;
}

/* Hands one event over. False: there was none, or the handle is doomed. */
static bool hand_over(chat_client *client)
{
    struct chat__queued_event *event;
    chat_event_handler handler;
    void *user_data;
    bool drained;
    bool doomed;

    event = chat__event_queue_pop(&client->events, &drained);
    if (event == NULL)
        return false;
    pthread_mutex_lock(&client->mutex);
    handler = client->handler;
    user_data = client->user_data;
    if (drained)
        chat__client_wake(client);
    pthread_mutex_unlock(&client->mutex);
    if (handler != NULL)
        handler(client, &event->event, user_data);
    free(event);
    pthread_mutex_lock(&client->mutex);
    doomed = client->doomed;
    pthread_mutex_unlock(&client->mutex);
    return !doomed;
}

/* Ends the dispatch; a handle that a handler freed goes now. */
static void end_dispatch(chat_client *client)
{
    bool doomed;

    pthread_mutex_lock(&client->mutex);
    client->dispatching = false;
    doomed = client->doomed;
    pthread_mutex_unlock(&client->mutex);
    if (doomed)
        destroy(client);
}

int chat_client_dispatch(chat_client *client)
{
    size_t waiting;
    int handed = 0;

    if (client == NULL)
        return CHAT_ERROR_ARGUMENT;
    pthread_mutex_lock(&client->mutex);
    if (client->dispatching) {
        pthread_mutex_unlock(&client->mutex);
        return CHAT_ERROR_STATE;
    }
    client->dispatching = true;
    client->dispatcher = pthread_self();
    pthread_mutex_unlock(&client->mutex);
    /* Those that wait now: a busy room must not keep the caller for ever. */
    for (waiting = chat__event_queue_count(&client->events); waiting > 0;
         waiting--) {
        handed++;
        if (!hand_over(client))
            break;
    }
    end_dispatch(client);
    return handed;
}

int chat_client_wait(chat_client *client, int timeout_ms)
{
    struct pollfd poller = {.events = POLLIN};
    bool inside;
    int ready;

    if (client == NULL)
        return CHAT_ERROR_ARGUMENT;
    pthread_mutex_lock(&client->mutex);
    inside = client->dispatching;
    pthread_mutex_unlock(&client->mutex);
    if (inside)
        return CHAT_ERROR_STATE;
    poller.fd = client->events.fd;
    ready = poll(&poller, 1, timeout_ms < 0 ? -1 : timeout_ms);
    if (ready < 0 && errno != EINTR)
        return CHAT_ERROR_SYSTEM;
    return ready > 0 ? chat_client_dispatch(client) : 0;
}
