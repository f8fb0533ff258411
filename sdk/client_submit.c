#include "sdk/client_private.h"

#include "protocol/text.h"

#include <errno.h>
#include <stdlib.h>

/* ---- arguments ---- */

bool chat__client_is_text(const char *text, const char *(*check)(const char *))
{
    /* The server ends a connection that sends anything but UTF-8. */
    return text != NULL && chat__utf8_valid_string(text) && check(text) == NULL;
}

bool chat__client_is_text_or_null(const char *text,
                                  const char *(*check)(const char *))
{
    return text == NULL || chat__client_is_text(text, check);
}

bool chat__client_is_room(const char *room)
{
    return chat__client_is_text(room, chat__text_check_any_room_name);
}

bool chat__client_parse_id(const char *text, uint64_t *id)
{
    char *end;

    if (text == NULL || text[0] < '1' || text[0] > '9')
        return false;
    errno = 0;
    *id = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0';
}

/* ---- handing over ---- */

/* With the mutex. */
static int submit_locked(chat_client *client, struct chat__item *item)
{
    int result = client->doomed ? CHAT_ERROR_STATE
                                : chat__session_submit(client->session, item);

    if (result == CHAT_OK)
        chat__client_wake(client);
    return result;
}

int chat__client_submit(chat_client *client,
                        const struct chat__request *request, uint64_t *number)
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

int chat__client_submit_message(chat_client *client, struct chat__item *item)
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
