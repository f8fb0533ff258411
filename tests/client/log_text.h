/* Room logs for tests: entries by number, and what a log holds as a string. */
#ifndef CHAT_TESTS_CLIENT_LOG_TEXT_H
#define CHAT_TESTS_CLIENT_LOG_TEXT_H

#include "client/model/room_log.h"

/* A message of another user with this seq; its text is "m<seq>". */
struct chat__entry log_message(uint64_t seq);

/* The same from this user, under a key. */
struct chat__entry log_own(uint64_t seq, const char *key);

void log_append(struct chat__room_log *log, uint64_t first, uint64_t last);
void log_page(struct chat__room_log *log, uint64_t first, uint64_t last,
              uint64_t head);

/* Texts of all items with a space between; valid until the next call. */
const char *log_text(struct chat__room_log *log);

#endif
