/*
 * What a string of the protocol may hold. Each check takes a NUL-terminated
 * UTF-8 string and returns NULL when it is fine, else a sentence that says
 * what to change. Rules: docs/protocol.md, "Names and limits".
 */
#ifndef CHAT_PROTOCOL_TEXT_H
#define CHAT_PROTOCOL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* How many bytes at the beginning are well-formed UTF-8. */
size_t chat__utf8_run(const char *bytes, size_t length);

/* True when all are well-formed UTF-8 (no surrogates, no overlongs). */
bool chat__utf8_valid(const char *bytes, size_t length);
bool chat__utf8_valid_string(const char *string);

/* Code points in valid UTF-8. */
size_t chat__utf8_characters(const char *string);

/* Extended grapheme clusters (UAX #29) in valid UTF-8. */
size_t chat__utf8_graphemes(const char *string);

const char *chat__text_check_room_name(const char *room);
/* Also the reserved ones, for names that a server has sent. */
const char *chat__text_check_any_room_name(const char *room);
const char *chat__text_check_user_name(const char *name);
const char *chat__text_check_key(const char *key);
const char *chat__text_check_epoch(const char *epoch);
const char *chat__text_check_token(const char *token);
const char *chat__text_check_message(const char *text);
/* A topic may be empty: none. */
const char *chat__text_check_topic(const char *topic);
const char *chat__text_check_reason(const char *reason);
const char *chat__text_check_emoji(const char *emoji);
const char *chat__text_check_password(const char *password);
const char *chat__text_check_agent(const char *agent);
const char *chat__text_check_prefix(const char *prefix);

#endif
