#include "protocol/member.h"
#include "protocol/request_codec.h"
#include "protocol/text.h"

#include <stdlib.h>

static bool parse_password(const cJSON *json, const char *key,
                           const char **password, struct chat__error *error)
{
    return chat__member_checked(json, key, CHAT__JSON_REQUIRED,
                                chat__text_check_password, password, error);
}

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
    if (!chat__member_checked(json, "guest", CHAT__JSON_REQUIRED,
                              chat__text_check_user_name, &hello->guest, error))
        return false;
    if (!chat__member_is_there(json, "key")) {
        chat__error_set(error, CHAT__ERROR_UNAUTHORIZED,
                        "key: a guest signs in with a name and a key");
        return false;
    }
    return chat__member_key(json, &hello->key, error);
}

static bool parse_token(struct chat__hello *hello, const cJSON *json,
                        struct chat__error *error)
{
    return chat__member_checked(json, "token", CHAT__JSON_REQUIRED,
                                chat__text_check_token, &hello->token, error);
}

/* `login` or `register`: an account's name and password. */
static bool parse_account(struct chat__hello *hello, const cJSON *json,
                          const char *key, struct chat__error *error)
{
    const cJSON *account = NULL;

    if (!chat__json_object(json, key, CHAT__JSON_REQUIRED, &account, error))
        return false;
    if (chat__member_checked(account, "user", CHAT__JSON_REQUIRED,
                             chat__text_check_user_name, &hello->user, error) &&
        parse_password(account, "password", &hello->password, error))
        return true;
    return chat__member_within(key, error);
}

static bool parse_login(struct chat__hello *hello, const cJSON *json,
                        struct chat__error *error)
{
    return parse_account(hello, json, "login", error);
}

static bool parse_register(struct chat__hello *hello, const cJSON *json,
                           struct chat__error *error)
{
    return parse_account(hello, json, "register", error) &&
           chat__member_key(json, &hello->key, error);
}

typedef bool credential_parser(struct chat__hello *hello, const cJSON *json,
                               struct chat__error *error);

static const struct credential {
    const char *key;
    credential_parser *parse;
} credentials[] = {
    [CHAT__CREDENTIAL_TOKEN] = {"token", parse_token},
    [CHAT__CREDENTIAL_GUEST] = {"guest", parse_guest},
    [CHAT__CREDENTIAL_LOGIN] = {"login", parse_login},
    [CHAT__CREDENTIAL_REGISTER] = {"register", parse_register},
};

static bool parse_credential(struct chat__hello *hello, const cJSON *json,
                             struct chat__error *error)
{
    int found = 0;

    for (int i = 0; i <= CHAT__CREDENTIAL_REGISTER; i++)
        if (chat__member_is_there(json, credentials[i].key)) {
            hello->credential = (enum chat__credential)i;
            found++;
        }
    if (found != 1) {
        chat__error_set(error, CHAT__ERROR_BAD_REQUEST,
                        "token, guest, login, register: give one of them");
        return false;
    }
    return credentials[hello->credential].parse(hello, json, error);
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

bool chat__request_parse_logout(struct chat__request *request,
                                const cJSON *json, struct chat__error *error)
{
    return chat__json_bool(json, "all", CHAT__JSON_OPTIONAL,
                           &request->body.logout.all, error);
}

bool chat__request_parse_password(struct chat__request *request,
                                  const cJSON *json, struct chat__error *error)
{
    struct chat__password *password = &request->body.password;

    return parse_password(json, "old", &password->old, error) &&
           parse_password(json, "new", &password->new, error);
}
