#include "sdk/client_private.h"

#include "protocol/text.h"
#include "sdk/key.h"

int chat_topic(chat_client *client, const char *room, const char *topic,
               uint64_t *number)
{
    char key[CHAT__KEY_LENGTH + 1];
    struct chat__request request = {.action = CHAT__ACTION_TOPIC};

    if (client == NULL || !chat__client_is_room(room) ||
        !chat__client_is_text(topic, chat__text_check_topic))
        return CHAT_ERROR_ARGUMENT;
    if (!chat__key_new(key))
        return CHAT_ERROR_SYSTEM;
    request.body.topic =
        (struct chat__topic){.room = room, .key = key, .topic = topic};
    return chat__client_submit(client, &request, number);
}

/*
 * The requests about a user. `moderate` is the body in `request`, and has what
 * is particular to the action already.
 */
static int submit_moderation(chat_client *client, struct chat__request *request,
                             struct chat__moderate *moderate, const char *room,
                             const char *user_id, uint64_t *number)
{
    char key[CHAT__KEY_LENGTH + 1];

    if (client == NULL || !chat__client_is_room(room) ||
        !chat__client_parse_id(user_id, &moderate->user) ||
        !chat__client_is_text_or_null(moderate->reason,
                                      chat__text_check_reason))
        return CHAT_ERROR_ARGUMENT;
    if (!chat__key_new(key))
        return CHAT_ERROR_SYSTEM;
    moderate->room = room;
    moderate->key = key;
    return chat__client_submit(client, request, number);
}

int chat_invite(chat_client *client, const char *room, const char *user_id,
                uint64_t *number)
{
    struct chat__request request = {.action = CHAT__ACTION_INVITE};

    return submit_moderation(client, &request, &request.body.invite, room,
                             user_id, number);
}

int chat_kick(chat_client *client, const char *room, const char *user_id,
              const char *reason, uint64_t *number)
{
    struct chat__request request = {.action = CHAT__ACTION_KICK};

    request.body.kick.reason = reason;
    return submit_moderation(client, &request, &request.body.kick, room,
                             user_id, number);
}

int chat_ban(chat_client *client, const char *room, const char *user_id, int on,
             const char *reason, uint64_t *number)
{
    struct chat__request request = {.action = CHAT__ACTION_BAN};

    request.body.ban.on = on != 0;
    request.body.ban.reason = reason;
    return submit_moderation(client, &request, &request.body.ban, room, user_id,
                             number);
}

static bool take_role(chat_role role, enum chat__role *taken)
{
    switch (role) {
    case CHAT_ROLE_MEMBER:
        *taken = CHAT__ROLE_MEMBER;
        return true;
    case CHAT_ROLE_MODERATOR:
        *taken = CHAT__ROLE_MODERATOR;
        return true;
    case CHAT_ROLE_OWNER:
        *taken = CHAT__ROLE_OWNER;
        return true;
    default:
        return false;
    }
}

int chat_set_role(chat_client *client, const char *room, const char *user_id,
                  chat_role role, uint64_t *number)
{
    struct chat__request request = {.action = CHAT__ACTION_ROLE};

    if (!take_role(role, &request.body.role.role))
        return CHAT_ERROR_ARGUMENT;
    return submit_moderation(client, &request, &request.body.role, room,
                             user_id, number);
}
