#include "protocol/member.h"
#include "protocol/request_codec.h"
#include "protocol/text.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_ENTRIES_DEFAULT 50

static bool parse_room(const cJSON *json, const char **room,
                       struct chat__error *error)
{
    return chat__member_checked(json, "room", CHAT__JSON_REQUIRED,
                                chat__text_check_room_name, room, error);
}

static bool parse_key(const cJSON *json, const char **key,
                      struct chat__error *error)
{
    return chat__member_checked(json, "key", CHAT__JSON_REQUIRED,
                                chat__text_check_key, key, error);
}

static bool parse_after(const cJSON *json, const char **after,
                        struct chat__error *error)
{
    return chat__member_checked(json, "after", CHAT__JSON_OPTIONAL,
                                chat__text_check_any_room_name, after, error);
}

static bool has_member(const cJSON *json, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(json, key) != NULL;
}

/* ---- hello ---- */

/* Before all else: another version may look otherwise behind it. */
static bool parse_version(struct chat__hello *hello, const cJSON *json,
                          struct chat__error *error)
{
    if (!chat__json_uint(json, "version", CHAT__JSON_REQUIRED,
                         CHAT__INTEGER_MAX, &hello->version, error))
        return false;
    if (hello->version == CHAT__PROTOCOL_VERSION)
        return true;
    chat__error_set(error, CHAT__ERROR_VERSION,
                    "version: this server speaks version %d",
                    CHAT__PROTOCOL_VERSION);
    return false;
}

static bool parse_guest(struct chat__hello *hello, const cJSON *json,
                        struct chat__error *error)
{
    hello->credential = CHAT__CREDENTIAL_GUEST;
    if (!chat__member_checked(json, "guest", CHAT__JSON_REQUIRED,
                              chat__text_check_user_name, &hello->guest, error))
        return false;
    if (!has_member(json, "key")) {
        chat__error_set(error, CHAT__ERROR_UNAUTHORIZED,
                        "key: a guest signs in with a name and a key");
        return false;
    }
    return parse_key(json, &hello->key, error);
}

static bool parse_credential(struct chat__hello *hello, const cJSON *json,
                             struct chat__error *error)
{
    bool token = has_member(json, "token");

    if (token == has_member(json, "guest")) {
        chat__error_set(error, CHAT__ERROR_BAD_REQUEST,
                        "token, guest: give one of them");
        return false;
    }
    if (!token)
        return parse_guest(hello, json, error);
    hello->credential = CHAT__CREDENTIAL_TOKEN;
    return chat__member_checked(json, "token", CHAT__JSON_REQUIRED,
                                chat__text_check_token, &hello->token, error);
}

static bool parse_position(struct chat__position *position, const cJSON *json,
                           struct chat__error *error)
{
    if (!cJSON_IsObject(json)) {
        chat__error_set(error, CHAT__ERROR_BAD_REQUEST,
                        "resume: an array of objects expected");
        return false;
    }
    if (chat__member_any_room(json, &position->room, error) &&
        chat__member_checked(json, "epoch", CHAT__JSON_REQUIRED,
                             chat__text_check_epoch, &position->epoch, error) &&
        chat__json_uint(json, "seq", CHAT__JSON_REQUIRED, CHAT__INTEGER_MAX,
                        &position->seq, error))
        return true;
    return chat__member_within("resume", error);
}

static bool allocate_resume(struct chat__hello *hello, const cJSON *array,
                            struct chat__error *error)
{
    size_t count = (size_t)cJSON_GetArraySize(array);

    if (count > CHAT__USER_ROOMS_MAX) {
        chat__error_set(error, CHAT__ERROR_BAD_REQUEST,
                        "resume: at most %d rooms expected",
                        CHAT__USER_ROOMS_MAX);
        return false;
    }
    if (count == 0)
        return true;
    hello->resume = calloc(count, sizeof(*hello->resume));
    if (hello->resume == NULL)
        chat__error_set_memory(error);
    return hello->resume != NULL;
}

static bool parse_resume(struct chat__hello *hello, const cJSON *json,
                         struct chat__error *error)
{
    const cJSON *array = NULL;
    const cJSON *element;

    if (!chat__json_array(json, "resume", CHAT__JSON_OPTIONAL, &array, error) ||
        !allocate_resume(hello, array, error))
        return false;
    cJSON_ArrayForEach(element, array)
    {
        if (!parse_position(&hello->resume[hello->resume_count], element,
                            error))
            return false;
        hello->resume_count++;
    }
    return true;
}

bool chat__request_parse_hello(struct chat__request *request, const cJSON *json,
                               struct chat__error *error)
{
    struct chat__hello *hello = &request->body.hello;

    return parse_version(hello, json, error) &&
           parse_credential(hello, json, error) &&
           chat__member_checked(json, "agent", CHAT__JSON_OPTIONAL,
                                chat__text_check_agent, &hello->agent, error) &&
           parse_resume(hello, json, error);
}

/* ---- rooms ---- */

bool chat__request_parse_rooms(struct chat__request *request, const cJSON *json,
                               struct chat__error *error)
{
    struct chat__rooms *rooms = &request->body.rooms;

    return chat__member_checked(json, "prefix", CHAT__JSON_OPTIONAL,
                                chat__text_check_prefix, &rooms->prefix,
                                error) &&
           parse_after(json, &rooms->after, error);
}

static bool parse_since_position(struct chat__join *join, const cJSON *json,
                                 struct chat__error *error)
{
    const cJSON *since = NULL;

    if (!chat__json_object(json, "since", CHAT__JSON_OPTIONAL, &since, error))
        return false;
    if (since == NULL)
        return true;
    if (chat__member_checked(since, "epoch", CHAT__JSON_REQUIRED,
                             chat__text_check_epoch, &join->since_epoch,
                             error) &&
        chat__json_uint(since, "seq", CHAT__JSON_REQUIRED, CHAT__INTEGER_MAX,
                        &join->since_seq, error))
        return true;
    return chat__member_within("since", error);
}

bool chat__request_parse_join(struct chat__request *request, const cJSON *json,
                              struct chat__error *error)
{
    struct chat__join *join = &request->body.join;

    join->limit = PAGE_ENTRIES_DEFAULT;
    return parse_room(json, &join->room, error) &&
           parse_key(json, &join->key, error) &&
           chat__json_bool(json, "create", CHAT__JSON_OPTIONAL, &join->create,
                           error) &&
           chat__json_bool(json, "private", CHAT__JSON_OPTIONAL,
                           &join->private_room, error) &&
           parse_since_position(join, json, error) &&
           chat__json_uint(json, "limit", CHAT__JSON_OPTIONAL,
                           CHAT__PAGE_ENTRIES_MAX, &join->limit, error);
}

bool chat__request_parse_leave(struct chat__request *request, const cJSON *json,
                               struct chat__error *error)
{
    struct chat__leave *leave = &request->body.leave;

    return parse_room(json, &leave->room, error) &&
           parse_key(json, &leave->key, error);
}

/* ---- messages ---- */

static bool parse_text(struct chat__send *send, const cJSON *json,
                       struct chat__error *error)
{
    const char *problem;

    if (!chat__json_string(json, "text", CHAT__JSON_REQUIRED, &send->text,
                           error))
        return false;
    problem = chat__text_check_message(send->text);
    if (problem == NULL)
        return true;
    /* All that can be wrong with a text is its size. */
    chat__error_set(error,
                    send->text[0] == '\0' ? CHAT__ERROR_BAD_REQUEST
                                          : CHAT__ERROR_TOO_LARGE,
                    "text: %s", problem);
    return false;
}

bool chat__request_parse_send(struct chat__request *request, const cJSON *json,
                              struct chat__error *error)
{
    struct chat__send *send = &request->body.send;

    return parse_room(json, &send->room, error) &&
           parse_key(json, &send->key, error) &&
           parse_text(send, json, error) &&
           (!has_member(json, "reply_to") ||
            chat__member_seq(json, "reply_to", &send->reply_to, error));
}

const char *const chat__history_keys[3] = {
    [CHAT__HISTORY_BEFORE] = "before",
    [CHAT__HISTORY_AFTER] = "after",
    [CHAT__HISTORY_AROUND] = "around",
};

static bool parse_direction(struct chat__history *history, const cJSON *json,
                            struct chat__error *error)
{
    int found = 0;

    for (int i = 0; i < 3; i++)
        if (has_member(json, chat__history_keys[i])) {
            history->direction = (enum chat__history_direction)i;
            found++;
        }
    if (found != 1) {
        chat__error_set(error, CHAT__ERROR_BAD_REQUEST,
                        "before, after, around: give one of them");
        return false;
    }
    return chat__json_uint(json, chat__history_keys[history->direction],
                           CHAT__JSON_REQUIRED, CHAT__INTEGER_MAX,
                           &history->seq, error);
}

bool chat__request_parse_history(struct chat__request *request,
                                 const cJSON *json, struct chat__error *error)
{
    struct chat__history *history = &request->body.history;

    history->limit = PAGE_ENTRIES_DEFAULT;
    if (!parse_room(json, &history->room, error) ||
        !chat__member_checked(json, "epoch", CHAT__JSON_OPTIONAL,
                              chat__text_check_epoch, &history->epoch, error) ||
        !parse_direction(history, json, error) ||
        !chat__json_uint(json, "limit", CHAT__JSON_OPTIONAL,
                         CHAT__PAGE_ENTRIES_MAX, &history->limit, error))
        return false;
    if (history->limit == 0)
        chat__error_set(error, CHAT__ERROR_BAD_REQUEST,
                        "limit: at least 1 expected");
    return history->limit > 0;
}

bool chat__request_parse_read(struct chat__request *request, const cJSON *json,
                              struct chat__error *error)
{
    struct chat__read *read = &request->body.read;

    return parse_room(json, &read->room, error) &&
           chat__json_uint(json, "seq", CHAT__JSON_REQUIRED, CHAT__INTEGER_MAX,
                           &read->seq, error);
}

bool chat__request_parse_typing(struct chat__request *request,
                                const cJSON *json, struct chat__error *error)
{
    return parse_room(json, &request->body.typing.room, error);
}

bool chat__request_parse_ping(struct chat__request *request, const cJSON *json,
                              struct chat__error *error)
{
    struct chat__ping *ping = &request->body.ping;

    ping->has_since = has_member(json, "since");
    return chat__json_uint(json, "since", CHAT__JSON_OPTIONAL,
                           CHAT__INTEGER_MAX, &ping->since, error) &&
           parse_after(json, &ping->after, error);
}
