#include "protocol/request.h"
#include "protocol/json.h"
#include "protocol/request_codec.h"

#include <stdlib.h>
#include <string.h>

static const struct action {
    const char *name;
    chat__request_parser *parse;
    chat__request_encoder *encode;
} actions[CHAT__ACTION_COUNT] = {
    [CHAT__ACTION_HELLO] = {"hello", chat__request_parse_hello,
                            chat__request_encode_hello},
    [CHAT__ACTION_ROOMS] = {"rooms", chat__request_parse_rooms,
                            chat__request_encode_rooms},
    [CHAT__ACTION_JOIN] = {"join", chat__request_parse_join,
                           chat__request_encode_join},
    [CHAT__ACTION_LEAVE] = {"leave", chat__request_parse_leave,
                            chat__request_encode_leave},
    [CHAT__ACTION_SEND] = {"send", chat__request_parse_send,
                           chat__request_encode_send},
    [CHAT__ACTION_HISTORY] = {"history", chat__request_parse_history,
                              chat__request_encode_history},
    [CHAT__ACTION_READ] = {"read", chat__request_parse_read,
                           chat__request_encode_read},
    [CHAT__ACTION_TYPING] = {"typing", chat__request_parse_typing,
                             chat__request_encode_typing},
    [CHAT__ACTION_PING] = {"ping", chat__request_parse_ping,
                           chat__request_encode_ping},
};

const char *chat__action_name(enum chat__action action)
{
    return actions[action].name;
}

static bool parse_id(struct chat__request *request, struct chat__error *error)
{
    uint64_t id = 0;

    if (!chat__json_uint(request->json, "id", CHAT__JSON_OPTIONAL, UINT32_MAX,
                         &id, error))
        return false;
    request->has_id =
        cJSON_GetObjectItemCaseSensitive(request->json, "id") != NULL;
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
    cJSON_Delete(request->json);
    memset(request, 0, sizeof(*request));
}
