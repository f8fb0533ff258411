#include "sdk/client_private.h"

#include "protocol/text.h"
#include "sdk/key.h"

#include <stdio.h>

/*
 * Queues a message, or what is done to one, under the key `made`, which `key`
 * gets if it is not NULL.
 */
static int submit(chat_client *client, const struct chat__request *request,
                  const char *made, char *key)
{
    struct chat__item *item = chat__item_new(request, 0);
    int result;

    if (item == NULL)
        return CHAT_ERROR_MEMORY;
    result = chat__client_submit_message(client, item);
    if (result != CHAT_OK)
        chat__item_free(item);
    else if (key != NULL)
        snprintf(key, CHAT_KEY_SIZE, "%s", made);
    return result;
}

static bool is_seq(uint64_t seq)
{
    return seq >= 1 && seq <= CHAT__INTEGER_MAX;
}

/* Ids that come twice count once. False: not ids, or too many. */
static bool take_mentions(struct chat__send *send, const char *const *mentions,
                          size_t count)
{
    if (count > CHAT__MENTIONS_MAX || (mentions == NULL && count > 0))
        return false;
    for (size_t i = 0; i < count; i++) {
        uint64_t id;
        size_t known = 0;

        if (!chat__client_parse_id(mentions[i], &id))
            return false;
        while (known < send->mention_count && send->mentions[known] != id)
            known++;
        if (known == send->mention_count)
            send->mentions[send->mention_count++] = id;
    }
    return true;
}

int chat_send_mentioning(chat_client *client, const char *room,
                         const char *text, uint64_t reply_to,
                         const char *const *mentions, size_t count, char *key)
{
    char made[CHAT__KEY_LENGTH + 1];
    struct chat__request request = {.action = CHAT__ACTION_SEND};
    struct chat__send *send = &request.body.send;

    if (client == NULL || !chat__client_is_room(room) ||
        !chat__client_is_text(text, chat__text_check_message) ||
        reply_to > CHAT__INTEGER_MAX || !take_mentions(send, mentions, count))
        return CHAT_ERROR_ARGUMENT;
    if (!chat__key_new(made))
        return CHAT_ERROR_SYSTEM;
    send->room = room;
    send->key = made;
    send->text = text;
    send->reply_to = reply_to;
    return submit(client, &request, made, key);
}

int chat_send(chat_client *client, const char *room, const char *text,
              uint64_t reply_to, char *key)
{
    return chat_send_mentioning(client, room, text, reply_to, NULL, 0, key);
}

int chat_edit(chat_client *client, const char *room, uint64_t ref,
              const char *text, char *key)
{
    char made[CHAT__KEY_LENGTH + 1];
    struct chat__request request = {.action = CHAT__ACTION_EDIT};

    if (client == NULL || !chat__client_is_room(room) || !is_seq(ref) ||
        !chat__client_is_text(text, chat__text_check_message))
        return CHAT_ERROR_ARGUMENT;
    if (!chat__key_new(made))
        return CHAT_ERROR_SYSTEM;
    request.body.edit = (struct chat__edit){
        .room = room, .key = made, .ref = ref, .text = text};
    return submit(client, &request, made, key);
}

int chat_delete(chat_client *client, const char *room, uint64_t ref, char *key)
{
    char made[CHAT__KEY_LENGTH + 1];
    struct chat__request request = {.action = CHAT__ACTION_DELETE};

    if (client == NULL || !chat__client_is_room(room) || !is_seq(ref))
        return CHAT_ERROR_ARGUMENT;
    if (!chat__key_new(made))
        return CHAT_ERROR_SYSTEM;
    request.body.delete =
        (struct chat__delete){.room = room, .key = made, .ref = ref};
    return submit(client, &request, made, key);
}

int chat_react(chat_client *client, const char *room, uint64_t ref,
               const char *emoji, int on, char *key)
{
    char made[CHAT__KEY_LENGTH + 1];
    struct chat__request request = {.action = CHAT__ACTION_REACT};

    if (client == NULL || !chat__client_is_room(room) || !is_seq(ref) ||
        !chat__client_is_text(emoji, chat__text_check_emoji))
        return CHAT_ERROR_ARGUMENT;
    if (!chat__key_new(made))
        return CHAT_ERROR_SYSTEM;
    request.body.react = (struct chat__react){
        .room = room, .key = made, .ref = ref, .emoji = emoji, .on = on != 0};
    return submit(client, &request, made, key);
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
