/*
 * The parsers and encoders of the request bodies, one of each an action; the
 * table in request.c is their only caller. Parsers find a zeroed body and
 * hold to every limit of docs/protocol.md; encoders write the members behind
 * `action` and `id`.
 */
#ifndef CHAT_PROTOCOL_REQUEST_CODEC_H
#define CHAT_PROTOCOL_REQUEST_CODEC_H

#include "protocol/request.h"
#include "protocol/writer.h"

typedef bool chat__request_parser(struct chat__request *request,
                                  const cJSON *json, struct chat__error *error);
typedef void chat__request_encoder(const struct chat__request *request,
                                   struct chat__writer *writer);

chat__request_parser chat__request_parse_hello;
chat__request_parser chat__request_parse_logout;
chat__request_parser chat__request_parse_password;
chat__request_parser chat__request_parse_rooms;
chat__request_parser chat__request_parse_join;
chat__request_parser chat__request_parse_dm;
chat__request_parser chat__request_parse_leave;
chat__request_parser chat__request_parse_send;
chat__request_parser chat__request_parse_edit;
chat__request_parser chat__request_parse_delete;
chat__request_parser chat__request_parse_react;
chat__request_parser chat__request_parse_topic;
chat__request_parser chat__request_parse_invite;
chat__request_parser chat__request_parse_kick;
chat__request_parser chat__request_parse_ban;
chat__request_parser chat__request_parse_role;
chat__request_parser chat__request_parse_history;
chat__request_parser chat__request_parse_members;
chat__request_parser chat__request_parse_read;
chat__request_parser chat__request_parse_typing;
chat__request_parser chat__request_parse_presence;
chat__request_parser chat__request_parse_ping;

chat__request_encoder chat__request_encode_hello;
chat__request_encoder chat__request_encode_logout;
chat__request_encoder chat__request_encode_password;
chat__request_encoder chat__request_encode_rooms;
chat__request_encoder chat__request_encode_join;
chat__request_encoder chat__request_encode_dm;
chat__request_encoder chat__request_encode_leave;
chat__request_encoder chat__request_encode_send;
chat__request_encoder chat__request_encode_edit;
chat__request_encoder chat__request_encode_delete;
chat__request_encoder chat__request_encode_react;
chat__request_encoder chat__request_encode_topic;
chat__request_encoder chat__request_encode_invite;
chat__request_encoder chat__request_encode_kick;
chat__request_encoder chat__request_encode_ban;
chat__request_encoder chat__request_encode_role;
chat__request_encoder chat__request_encode_history;
chat__request_encoder chat__request_encode_members;
chat__request_encoder chat__request_encode_read;
chat__request_encoder chat__request_encode_typing;
chat__request_encoder chat__request_encode_presence;
chat__request_encoder chat__request_encode_ping;

/* The members of a history request, by direction. */
extern const char *const chat__history_keys[3];

/* The names of the lists of members. */
extern const char *const chat__member_list_names[3];

#endif
