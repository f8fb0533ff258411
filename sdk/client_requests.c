#include "sdk/client_private.h"

#include "protocol/text.h"
#include "sdk/key.h"
#include "sdk/thread.h"

#include <stdio.h>
#include <string.h>

static bool is_room(const char *room)
{
    return room != NULL && chat__text_check_any_room_name(room) == NULL;
}

/* The server ends a connection that sends anything but UTF-8. */
static bool is_message(const char *text)
{
    return text != NULL && chat__utf8_valid_string(text) &&
           chat__text_check_message(text) == NULL;
}

static bool is_prefix(const char *prefix)
{
    return chat__utf8_valid_string(prefix) &&
           chat__text_check_prefix(prefix) == NULL;
}

/* Would the request fit a frame? Characters may need six bytes in JSON. */
static bool fits_frame(const struct chat__item *item)
{
    struct chat__request request = item->request;
    struct chat__buffer buffer;
    bool fits;

    request.id = UINT32_MAX;
    chat__buffer_init(&buffer, CHAT__FRAME_BYTES_MAX);
    chat__request_encode(&request, &buffer);
    fits = !buffer.failed;
    chat__buffer_release(&buffer);
    return fits;
}

/* With the mutex. */
static int submit_locked(chat_client *client, struct chat__item *item)
{
    int result = client->doomed ? CHAT_ERROR_STATE
                                : chat__session_submit(client->session, item);

    if (result == CHAT_OK)
        chat__client_wake(client);
    return result;
}

/* Queues a request under a new number. */
static int submit(chat_client *client, const struct chat__request *request,
                  uint64_t *number)
{
    struct chat__item *item = chat__item_new(request, 0);
    uint64_t given;
    int result;

    if (item == NULL)
        return CHAT_ERROR_MEMORY;
    pthread_mutex_lock(&client->mutex);
    given = client->last_request + 1;
    item->number = given;
    result = submit_locked(client, item);
    if (result == CHAT_OK)
        client->last_request = given;
    pthread_mutex_unlock(&client->mutex);
    if (result != CHAT_OK)
        chat__item_free(item);
    else if (number != NULL)
        *number = given;
    return result;
}

int chat_join(chat_client *client, const char *room, unsigned int flags,
              unsigned int limit, uint64_t *number)
{
    char key[CHAT__KEY_LENGTH + 1];
    struct chat__request request = {.action = CHAT__ACTION_JOIN};

    if (client == NULL || !is_room(room) || limit > CHAT__PAGE_ENTRIES_MAX ||
        (flags & ~(unsigned int)(CHAT_JOIN_CREATE | CHAT_JOIN_PRIVATE)) != 0)
        return CHAT_ERROR_ARGUMENT;
    if (!chat__key_new(key))
        return CHAT_ERROR_SYSTEM;
    request.body.join = (struct chat__join){
        .room = room,
        .key = key,
        .create = (flags & CHAT_JOIN_CREATE) != 0,
        .private_room = (flags & CHAT_JOIN_PRIVATE) != 0,
        .limit = limit,
    };
    return submit(client, &request, number);
}

int chat_leave(chat_client *client, const char *room, uint64_t *number)
{
    char key[CHAT__KEY_LENGTH + 1];
    struct chat__request request = {.action = CHAT__ACTION_LEAVE};

    if (client == NULL || !is_room(room))
        return CHAT_ERROR_ARGUMENT;
    if (!chat__key_new(key))
        return CHAT_ERROR_SYSTEM;
    request.body.leave = (struct chat__leave){.room = room, .key = key};
    return submit(client, &request, number);
}

/* With an outbox file the message is in it before it is taken. */
static int submit_message(chat_client *client, struct chat__item *item)
{
    struct chat__keeper *keeper;
    int result;

    pthread_mutex_lock(&client->mutex);
    keeper = client->keeper;
    result = client->doomed ? CHAT_ERROR_STATE : CHAT_OK;
    if (result == CHAT_OK && keeper == NULL)
        result = submit_locked(client, item);
    pthread_mutex_unlock(&client->mutex);
    if (result != CHAT_OK || keeper == NULL)
        return result;
    result = chat__keeper_submit(keeper, item);
    pthread_mutex_lock(&client->mutex);
    chat__client_wake(client);
    pthread_mutex_unlock(&client->mutex);
    return result;
}

int chat_send(chat_client *client, const char *room, const char *text,
              uint64_t reply_to, char *key)
{
    char made[CHAT__KEY_LENGTH + 1];
    struct chat__request request = {.action = CHAT__ACTION_SEND};
    struct chat__item *item;
    int result = CHAT_ERROR_ARGUMENT;

    if (client == NULL || !is_room(room) || !is_message(text) ||
        reply_to > CHAT__INTEGER_MAX)
        return CHAT_ERROR_ARGUMENT;
    if (!chat__key_new(made))
        return CHAT_ERROR_SYSTEM;
    request.body.send = (struct chat__send){
        .room = room, .key = made, .text = text, .reply_to = reply_to};
    item = chat__item_new(&request, 0);
    if (item == NULL)
        return CHAT_ERROR_MEMORY;
    if (fits_frame(item))
        result = submit_message(client, item);
    if (result != CHAT_OK)
        chat__item_free(item);
    else if (key != NULL)
        snprintf(key, CHAT_KEY_SIZE, "%s", made);
    return result;
}

int chat_send_cancel(chat_client *client, const char *key)
{
    int result;

    if (client == NULL || key == NULL)
        return CHAT_ERROR_ARGUMENT;
    pthread_mutex_lock(&client->mutex);
    result = chat__session_cancel(client->session, key);
    /* Not left to the network thread: the handle may end before its step. */
    chat__client_note_changes(client);
    chat__client_wake(client);
    pthread_mutex_unlock(&client->mutex);
    return result;
}

int chat_history(chat_client *client, const char *room, uint64_t before,
                 unsigned int limit, uint64_t *number)
{
    struct chat__request request = {.action = CHAT__ACTION_HISTORY};

    if (client == NULL || !is_room(room) || before > CHAT__INTEGER_MAX ||
        limit == 0 || limit > CHAT__PAGE_ENTRIES_MAX)
        return CHAT_ERROR_ARGUMENT;
    request.body.history = (struct chat__history){
        .room = room,
        .direction = CHAT__HISTORY_BEFORE,
        .seq = before,
        .limit = limit,
    };
    return submit(client, &request, number);
}

int chat_read(chat_client *client, const char *room, uint64_t seq)
{
    int result;

    if (client == NULL || !is_room(room) || seq > CHAT__INTEGER_MAX)
        return CHAT_ERROR_ARGUMENT;
    pthread_mutex_lock(&client->mutex);
    result = chat__session_read(client->session, room, seq);
    if (result == CHAT_OK)
        chat__client_wake(client);
    pthread_mutex_unlock(&client->mutex);
    return result;
}

int chat_typing(chat_client *client, const char *room)
{
    int result;

    if (client == NULL || !is_room(room))
        return CHAT_ERROR_ARGUMENT;
    pthread_mutex_lock(&client->mutex);
    result = chat__session_typing(client->session, room, chat__thread_now());
    if (result == CHAT_OK)
        chat__client_wake(client);
    pthread_mutex_unlock(&client->mutex);
    return result;
}

int chat_rooms(chat_client *client, const char *prefix, const char *after,
               uint64_t *number)
{
    struct chat__request request = {.action = CHAT__ACTION_ROOMS};

    if (client == NULL || (prefix != NULL && !is_prefix(prefix)) ||
        (after != NULL && !is_room(after)))
        return CHAT_ERROR_ARGUMENT;
    request.body.rooms = (struct chat__rooms){.prefix = prefix, .after = after};
    return submit(client, &request, number);
}
