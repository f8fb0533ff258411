#include "protocol/member.h"
#include "protocol/request_codec.h"
#include "protocol/text.h"

#include <string.h>

static bool parse_after(const cJSON *json, const char **after,
                        struct chat__error *error)
{
    return chat__member_checked(json, "after", CHAT__JSON_OPTIONAL,
                                chat__text_check_any_room_name, after, error);
}

bool chat__request_parse_rooms(struct chat__request *request, const cJSON *json,
                               struct chat__error *error)
{
    struct chat__rooms *rooms = &request->body.rooms;

    return chat__member_checked(json, "prefix", CHAT__JSON_OPTIONAL,
                                chat__text_check_prefix, &rooms->prefix,
                                error) &&
           parse_after(json, &rooms->after, error);
}

const char *const chat__history_keys[3] = {
    [CHAT__HISTORY_BEFORE] = "before",
    [CHAT__HISTORY_AFTER] = "after",
    [CHAT__HISTORY_AROUND] = "around",
};

const char *const chat__member_list_names[3] = {
    [CHAT__MEMBER_LIST_MEMBERS] = "members",
    [CHAT__MEMBER_LIST_INVITED] = "invited",
    [CHAT__MEMBER_LIST_BANNED] = "banned",
};

static bool parse_direction(struct chat__history *history, const cJSON *json,
                            struct chat__error *error)
{
    int found = 0;

    for (int i = 0; i < 3; i++)
        if (chat__member_is_there(json, chat__history_keys[i])) {
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

    history->limit = CHAT__PAGE_ENTRIES_DEFAULT;
    if (!chat__member_any_room(json, &history->room, error) ||
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

    return chat__member_any_room(json, &read->room, error) &&
           chat__json_uint(json, "seq", CHAT__JSON_REQUIRED, CHAT__INTEGER_MAX,
                           &read->seq, error);
}

bool chat__request_parse_typing(struct chat__request *request,
                                const cJSON *json, struct chat__error *error)
{
    return chat__member_any_room(json, &request->body.typing.room, error);
}

bool chat__request_parse_ping(struct chat__request *request, const cJSON *json,
                              struct chat__error *error)
{
    struct chat__ping *ping = &request->body.ping;

    ping->has_since = chat__member_is_there(json, "since");
    return chat__json_uint(json, "since", CHAT__JSON_OPTIONAL,
                           CHAT__INTEGER_MAX, &ping->since, error) &&
           parse_after(json, &ping->after, error);
}

bool chat__request_parse_members(struct chat__request *request,
                                 const cJSON *json, struct chat__error *error)
{
    struct chat__members_request *members = &request->body.members;
    const char *list = chat__member_list_names[CHAT__MEMBER_LIST_MEMBERS];

    if (!chat__member_any_room(json, &members->room, error) ||
        !chat__json_id(json, "after", CHAT__JSON_OPTIONAL, &members->after,
                       error) ||
        !chat__json_string(json, "list", CHAT__JSON_OPTIONAL, &list, error))
        return false;
    for (int i = 0; i <= CHAT__MEMBER_LIST_BANNED; i++)
        if (strcmp(list, chat__member_list_names[i]) == 0) {
            members->list = (enum chat__member_list)i;
            return true;
        }
    chat__error_set(error, CHAT__ERROR_BAD_REQUEST,
                    "list: members, invited or banned expected");
    return false;
}

bool chat__request_parse_presence(struct chat__request *request,
                                  const cJSON *json, struct chat__error *error)
{
    enum chat__presence *state = &request->body.presence.state;
    const char *name = NULL;

    if (!chat__json_string(json, "state", CHAT__JSON_REQUIRED, &name, error))
        return false;
    if (chat__presence_from_name(name, state) &&
        *state != CHAT__PRESENCE_OFFLINE)
        return true;
    chat__error_set(error, CHAT__ERROR_BAD_REQUEST,
                    "state: online, away or dnd expected");
    return false;
}
