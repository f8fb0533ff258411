#include "protocol/member.h"
#include "protocol/limits.h"
#include "protocol/text.h"

#include <string.h>

bool chat__member_is_there(const cJSON *object, const char *key)
{
    return chat__json_member(object, key) != NULL;
}

bool chat__member_checked(const cJSON *object, const char *key,
                          enum chat__json_presence presence,
                          const char *(*check)(const char *),
                          const char **value, struct chat__error *error)
{
    const char *string = NULL;
    const char *problem;

    if (!chat__json_string(object, key, presence, &string, error))
        return false;
    if (string == NULL)
        return true;
    problem = check(string);
    if (problem != NULL) {
        chat__error_set(error, CHAT__ERROR_BAD_REQUEST, "%s: %s", key, problem);
        return false;
    }
    *value = string;
    return true;
}

bool chat__member_any_room(const cJSON *object, const char **room,
                           struct chat__error *error)
{
    return chat__member_checked(object, "room", CHAT__JSON_REQUIRED,
                                chat__text_check_any_room_name, room, error);
}

bool chat__member_key(const cJSON *object, const char **key,
                      struct chat__error *error)
{
    return chat__member_checked(object, "key", CHAT__JSON_REQUIRED,
                                chat__text_check_key, key, error);
}

static const char *check_emoji_length(const char *emoji)
{
    size_t length = strlen(emoji);

    if (length == 0 || length > CHAT__EMOJI_BYTES_MAX)
        return "1 to 32 bytes expected";
    return NULL;
}

bool chat__member_emoji(const cJSON *object, const char **emoji,
                        struct chat__error *error)
{
    return chat__member_checked(object, "emoji", CHAT__JSON_REQUIRED,
                                check_emoji_length, emoji, error);
}

bool chat__member_element(const cJSON *element, struct chat__error *error)
{
    if (!cJSON_IsObject(element))
        chat__error_set(error, CHAT__ERROR_BAD_REQUEST,
                        "element: an object expected");
    return cJSON_IsObject(element);
}

/* As many as there may be: pairwise is fine. */
static bool is_new_id(const uint64_t *ids, size_t count, uint64_t id)
{
    for (size_t i = 0; i < count; i++)
        if (ids[i] == id)
            return false;
    return true;
}

bool chat__member_mentions(const cJSON *object, uint64_t *mentions,
                           size_t *count, struct chat__error *error)
{
    const cJSON *list = NULL;
    const cJSON *element;

    *count = 0;
    if (!chat__json_array(object, "mentions", CHAT__JSON_OPTIONAL, &list,
                          error))
        return false;
    cJSON_ArrayForEach(element, list)
    {
        uint64_t id = 0;

        if (*count == CHAT__MENTIONS_MAX || !chat__json_is_id(element, &id) ||
            !is_new_id(mentions, *count, id)) {
            chat__error_set(error, CHAT__ERROR_BAD_REQUEST,
                            "mentions: at most %d user ids expected, each once",
                            CHAT__MENTIONS_MAX);
            return false;
        }
        mentions[(*count)++] = id;
    }
    return true;
}

bool chat__member_presence(const cJSON *object, const char *key,
                           enum chat__presence *presence,
                           struct chat__error *error)
{
    const char *name = NULL;

    if (!chat__json_string(object, key, CHAT__JSON_OPTIONAL, &name, error))
        return false;
    if (name != NULL && !chat__presence_from_name(name, presence))
        *presence = CHAT__PRESENCE_ONLINE;
    return true;
}

static const char *check_person_name(const char *name)
{
    size_t length = strlen(name);

    if (length == 0 || length > CHAT__USER_NAME_BYTES_MAX)
        return "1 to 128 bytes expected";
    return NULL;
}

bool chat__member_person_name(const cJSON *object, const char **name,
                              struct chat__error *error)
{
    return chat__member_checked(object, "name", CHAT__JSON_REQUIRED,
                                check_person_name, name, error);
}

bool chat__member_seq(const cJSON *object, const char *key, uint64_t *seq,
                      struct chat__error *error)
{
    uint64_t value = 0;

    if (!chat__json_uint(object, key, CHAT__JSON_REQUIRED, CHAT__INTEGER_MAX,
                         &value, error))
        return false;
    if (value == 0) {
        chat__error_set(error, CHAT__ERROR_BAD_REQUEST,
                        "%s: at least 1 expected", key);
        return false;
    }
    *seq = value;
    return true;
}

bool chat__member_time(const cJSON *object, const char *key, int64_t *time,
                       struct chat__error *error)
{
    uint64_t value = 0;

    if (!chat__json_uint(object, key, CHAT__JSON_REQUIRED, CHAT__INTEGER_MAX,
                         &value, error))
        return false;
    *time = (int64_t)value;
    return true;
}

bool chat__member_within(const char *outer, struct chat__error *error)
{
    struct chat__error inner = *error;

    chat__error_set(error, inner.code, "%s.%s", outer, inner.message);
    return false;
}
