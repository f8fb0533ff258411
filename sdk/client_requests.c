#include "sdk/client_private.h"

#include "protocol/text.h"
#include "sdk/key.h"
#include "sdk/thread.h"

/* ---- requests that end in an event ---- */

int chat_join(chat_client *client, const char *room, unsigned int flags,
              unsigned int limit, uint64_t *number)
{
    char key[CHAT__KEY_LENGTH + 1];
    struct chat__request request = {.action = CHAT__ACTION_JOIN};

    if (client == NULL || !chat__client_is_room(room) ||
        limit > CHAT__PAGE_ENTRIES_MAX ||
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
    return chat__client_submit(client, &request, number);
}

int chat_leave(chat_client *client, const char *room, uint64_t *number)
{
    char key[CHAT__KEY_LENGTH + 1];
    struct chat__request request = {.action = CHAT__ACTION_LEAVE};

    if (client == NULL || !chat__client_is_room(room))
        return CHAT_ERROR_ARGUMENT;
    if (!chat__key_new(key))
        return CHAT_ERROR_SYSTEM;
    request.body.leave = (struct chat__leave){.room = room, .key = key};
    return chat__client_submit(client, &request, number);
}

int chat_dm(chat_client *client, const char *user_id, unsigned int limit,
            uint64_t *number)
{
    char key[CHAT__KEY_LENGTH + 1];
    struct chat__request request = {.action = CHAT__ACTION_DM};

    if (client == NULL || limit > CHAT__PAGE_ENTRIES_MAX ||
        !chat__client_parse_id(user_id, &request.body.dm.user))
        return CHAT_ERROR_ARGUMENT;
    if (!chat__key_new(key))
        return CHAT_ERROR_SYSTEM;
    request.body.dm.key = key;
    request.body.dm.limit = limit;
    return chat__client_submit(client, &request, number);
}

static bool take_member_list(chat_member_list list,
                             enum chat__member_list *taken)
{
    switch (list) {
    case CHAT_MEMBERS:
        *taken = CHAT__MEMBER_LIST_MEMBERS;
        return true;
    case CHAT_MEMBERS_INVITED:
        *taken = CHAT__MEMBER_LIST_INVITED;
        return true;
    case CHAT_MEMBERS_BANNED:
        *taken = CHAT__MEMBER_LIST_BANNED;
        return true;
    default:
        return false;
    }
}

int chat_members(chat_client *client, const char *room, chat_member_list list,
                 const char *after, uint64_t *number)
{
    struct chat__request request = {.action = CHAT__ACTION_MEMBERS};
    struct chat__members_request *members = &request.body.members;

    if (client == NULL || !chat__client_is_room(room) ||
        !take_member_list(list, &members->list) ||
        (after != NULL && !chat__client_parse_id(after, &members->after)))
        return CHAT_ERROR_ARGUMENT;
    members->room = room;
    return chat__client_submit(client, &request, number);
}

int chat_history(chat_client *client, const char *room, uint64_t before,
                 unsigned int limit, uint64_t *number)
{
    struct chat__request request = {.action = CHAT__ACTION_HISTORY};

    if (client == NULL || !chat__client_is_room(room) ||
        before > CHAT__INTEGER_MAX || limit == 0 ||
        limit > CHAT__PAGE_ENTRIES_MAX)
        return CHAT_ERROR_ARGUMENT;
    request.body.history = (struct chat__history){
        .room = room,
        .direction = CHAT__HISTORY_BEFORE,
        .seq = before,
        .limit = limit,
    };
    return chat__client_submit(client, &request, number);
}

int chat_rooms(chat_client *client, const char *prefix, const char *after,
               uint64_t *number)
{
    struct chat__request request = {.action = CHAT__ACTION_ROOMS};

    if (client == NULL ||
        !chat__client_is_text_or_null(prefix, chat__text_check_prefix) ||
        (after != NULL && !chat__client_is_room(after)))
        return CHAT_ERROR_ARGUMENT;
    request.body.rooms = (struct chat__rooms){.prefix = prefix, .after = after};
    return chat__client_submit(client, &request, number);
}

int chat_logout(chat_client *client, int all, uint64_t *number)
{
    struct chat__request request = {.action = CHAT__ACTION_LOGOUT};

    if (client == NULL)
        return CHAT_ERROR_ARGUMENT;
    request.body.logout.all = all != 0;
    return chat__client_submit(client, &request, number);
}

int chat_password(chat_client *client, const char *old_password,
                  const char *new_password, uint64_t *number)
{
    struct chat__request request = {.action = CHAT__ACTION_PASSWORD};

    if (client == NULL ||
        !chat__client_is_text(old_password, chat__text_check_password) ||
        !chat__client_is_text(new_password, chat__text_check_password))
        return CHAT_ERROR_ARGUMENT;
    request.body.password.old = old_password;
    request.body.password.new = new_password;
    return chat__client_submit(client, &request, number);
}

/* ---- requests of which the latest counts ---- */

int chat_read(chat_client *client, const char *room, uint64_t seq)
{
    int result;

    if (client == NULL || !chat__client_is_room(room) ||
        seq > CHAT__INTEGER_MAX)
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

    if (client == NULL || !chat__client_is_room(room))
        return CHAT_ERROR_ARGUMENT;
    pthread_mutex_lock(&client->mutex);
    result = chat__session_typing(client->session, room, chat__thread_now());
    if (result == CHAT_OK)
        chat__client_wake(client);
    pthread_mutex_unlock(&client->mutex);
    return result;
}

static bool take_presence(chat_presence_state state,
                          enum chat__presence *presence)
{
    switch (state) {
    case CHAT_PRESENCE_ONLINE:
        *presence = CHAT__PRESENCE_ONLINE;
        return true;
    case CHAT_PRESENCE_AWAY:
        *presence = CHAT__PRESENCE_AWAY;
        return true;
    case CHAT_PRESENCE_DND:
        *presence = CHAT__PRESENCE_DND;
        return true;
    default:
        return false;
    }
}

int chat_presence(chat_client *client, chat_presence_state state)
{
    enum chat__presence presence;
    int result;

    if (client == NULL || !take_presence(state, &presence))
        return CHAT_ERROR_ARGUMENT;
    pthread_mutex_lock(&client->mutex);
    result = chat__session_set_presence(client->session, presence);
    if (result == CHAT_OK)
        chat__client_wake(client);
    pthread_mutex_unlock(&client->mutex);
    return result;
}
