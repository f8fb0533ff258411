/*
 * A stand-in for the SDK: calls are written down, a test says what they
 * return, and feeds events itself.
 */
#ifndef CHAT_TESTS_CLIENT_FAKE_CLIENT_H
#define CHAT_TESTS_CLIENT_FAKE_CLIENT_H

#include <chat/client.h>

/* The requests that calls tell of; FAKE_TEXT_REQUEST is history of one entry.
 */
#define FAKE_ROOMS_REQUEST    77
#define FAKE_HISTORY_REQUEST  78
#define FAKE_TEXT_REQUEST     79
#define FAKE_MEMBERS_REQUEST  80
#define FAKE_PASSWORD_REQUEST 81

/* What the next calls that may fail return. */
extern int fake_result;

/* The calls since the last time this was asked, with "; " between. */
const char *fake_calls(void);

#endif
