#include "protocol/request.h"
#include "protocol/json.h"
#include "protocol/request_codec.h"

#include <stdlib.h>
#include <string.h>

#define ACTION(name)                                                           \
    {                                                                          \
#name, chat__request_parse_##name, chat__request_encode_##name         \
    }

static const struct action {
    const char *name;
    chat__request_parser *parse;
    chat__request_encoder *encode;
} actions[CHAT__ACTION_COUNT] = {
    [CHAT__ACTION_HELLO] = ACTION(hello),
    [CHAT__ACTION_LOGOUT] = ACTION(logout),
    [CHAT__ACTION_PASSWORD] = ACTION(password),
    [CHAT__ACTION_ROOMS] = ACTION(rooms),
    [CHAT__ACTION_JOIN] = ACTION(join),
    [CHAT__ACTION_DM] = ACTION(dm),
    [CHAT__ACTION_LEAVE] = ACTION(leave),
    [CHAT__ACTION_SEND] = ACTION(send),
    [CHAT__ACTION_EDIT] = ACTION(edit),
    [CHAT__ACTION_DELETE] = ACTION(delete),
    [CHAT__ACTION_REACT] = ACTION(react),
    [CHAT__ACTION_TOPIC] = ACTION(topic),
    [CHAT__ACTION_INVITE] = ACTION(invite),
    [CHAT__ACTION_KICK] = ACTION(kick),
    [CHAT__ACTION_BAN] = ACTION(ban),
    [CHAT__ACTION_ROLE] = ACTION(role),
    [CHAT__ACTION_HISTORY] = ACTION(history),
    [CHAT__ACTION_MEMBERS] = ACTION(members),
    [CHAT__ACTION_READ] = ACTION(read),
    [CHAT__ACTION_TYPING] = ACTION(typing),
    [CHAT__ACTION_PRESENCE] = ACTION(presence),
    [CHAT__ACTION_PING] = ACTION(ping),
};

const char *chat__action_name(enum chat__action action)
{
    return actions[action].name;
}

bool chat__action_makes_entry(enum chat__action action)
{
    return action >= CHAT__ACTION_LEAVE && action <= CHAT__ACTION_ROLE;
}

static bool parse_id(struct chat__request *request, struct chat__error *error)
{
    uint64_t id = 0;

    if (!chat__json_uint(request->json, "id", CHAT__JSON_OPTIONAL, UINT32_MAX,
                         &id, error))
        return false;
    request->has_id = chat__json_member(request->json, "id") != NULL;
    request->id = (uint32_t)id;
    return true;
}

static bool parse_action(struct chat__request *request,
                         struct chat__error *error)
{
    const char *name = NULL;

    if (!chat__json_string(request->json, "action", CHAT__JSON_REQUIRED, &name,
                           error))
        return false;
    for (int action = 0; action < CHAT__ACTION_COUNT; action++)
        if (strcmp(actions[action].name, name) == 0) {
            request->action = (enum chat__action)action;
            return true;
        }
    chat__error_set(error, CHAT__ERROR_BAD_REQUEST,
                    "action: this server does not know it");
    return false;
}

bool chat__request_parse(struct chat__request *request, const char *bytes,
                         size_t length, struct chat__error *error)
{
    struct chat__request refused;

    memset(request, 0, sizeof(*request));
    request->json = chat__json_parse(bytes, length, error);
    if (request->json == NULL)
        return false;
    if (parse_id(request, error) && parse_action(request, error) &&
        actions[request->action].parse(request, request->json, error))
        return true;
    refused =
        (struct chat__request){.has_id = request->has_id, .id = request->id};
    chat__request_release(request);
    *request = refused;
    return false;
}

void chat__request_encode(const struct chat__request *request,
                          struct chat__buffer *buffer)
{
    const struct action *action = &actions[request->action];
    struct chat__writer writer;

    chat__writer_init(&writer, buffer);
    chat__write_object(&writer, NULL);
    chat__write_string(&writer, "action", action->name);
    if (request->has_id)
        chat__write_uint(&writer, "id", request->id);
    action->encode(request, &writer);
    chat__write_object_end(&writer);
}

void chat__request_release(struct chat__request *request)
{
    /* Without a tree it was filled to encode, and resume is the caller's. */
    if (request->json != NULL && request->action == CHAT__ACTION_HELLO)
        free(request->body.hello.resume);
    chat__json_free(request->json);
    memset(request, 0, sizeof(*request));
}
