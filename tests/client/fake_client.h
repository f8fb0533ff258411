/*
 * A stand-in for the SDK: calls are written down, a test says what they
 * return, and feeds events itself.
 */
#ifndef CHAT_TESTS_CLIENT_FAKE_CLIENT_H
#define CHAT_TESTS_CLIENT_FAKE_CLIENT_H

#include <chat/client.h>

/* The request that chat_rooms tells of. */
#define FAKE_ROOMS_REQUEST 77

/* What the next calls that may fail return. */
extern int fake_result;

/* The calls since the last time this was asked, with "; " between. */
const char *fake_calls(void);

#endif
