/*
 * The labels of metrics and their values: X(id, word). The lists are fixed,
 * so that nothing a stranger says makes a new number.
 */
#ifndef CHAT_SERVER_OPS_METRICS_LABEL_H
#define CHAT_SERVER_OPS_METRICS_LABEL_H

#include "protocol/error.h"
#include "protocol/request.h"

/* How the request for a WebSocket was answered. */
#define CHAT__HANDSHAKES(X)                                                    \
    X(ACCEPTED, "accepted")                                                    \
    X(BAD_REQUEST, "bad_request")                                              \
    X(REFUSED_ORIGIN, "refused_origin")                                        \
    X(REFUSED_FULL, "refused_full")                                            \
    X(REFUSED_ADDRESS, "refused_address")                                      \
    X(REFUSED_DRAINING, "refused_draining")

/* Why a client's connection ended: X(id, word, close code of
 * docs/protocol.md, 0 where there is not one). */
#define CHAT__CLOSES(X)                                                        \
    X(CLIENT, "client", 0) /* its close frame came first */                    \
    X(LOST, "lost", 0)     /* nobody has said why */                           \
    X(DRAIN, "drain", 4001)                                                    \
    X(SLOW, "slow", 4008)                                                      \
    X(KICKED, "kicked", 4010)                                                  \
    X(SILENT, "silent", 4012)                                                  \
    X(SIGNED_OUT, "signed_out", 4500)                                          \
    X(BAD_REQUESTS, "bad_requests", 4501)                                      \
    X(NO_HELLO, "no_hello", 4502)                                              \
    X(BANNED, "banned", 4503)                                                  \
    X(VERSION, "version", 4505)                                                \
    X(OTHER, "other", 0)

/* What the store is asked to do: X(id, name), as store.h names it. */
#define CHAT__STORE_CALLS(X)                                                   \
    X(APPEND, append)                                                          \
    X(FIND_KEY, find_key)                                                      \
    X(OPEN_ROOM, open_room)                                                    \
    X(READ_LOG, read_log)                                                      \
    X(SIGN_IN, sign_in)                                                        \
    X(FIND_MESSAGE, find_message)                                              \
    X(FIND_ACCOUNT, find_account)                                              \
    X(FIND_USER, find_user)                                                    \
    X(END_TOKENS, end_tokens)                                                  \
    X(KEEP_SESSION, keep_session)                                              \
    X(IDLE_GUESTS, idle_guests)                                                \
    X(LIST_MEMBERS, list_members)                                              \
    X(MARK_READ, mark_read)                                                    \
    X(LIST_ROOMS, list_rooms)                                                  \
    X(HEADS, heads)                                                            \
    X(LIST_USERS, list_users)                                                  \
    X(SET_BANNED, set_banned)                                                  \
    X(PROBE, probe)                                                            \
    X(ROOM_HEADS, room_heads)

/* In the order of enum chat__store_result. */
#define CHAT__STORE_ANSWERS(X)                                                 \
    X(OK, "ok")                                                                \
    X(NOT_FOUND, "not_found")                                                  \
    X(CONFLICT, "conflict")                                                    \
    X(DUPLICATE, "duplicate")                                                  \
    X(TAKEN, "taken")                                                          \
    X(BANNED, "banned")                                                        \
    X(BUSY, "busy")                                                            \
    X(FAILED, "failed")

/* In the order of enum chat__rate_class. */
#define CHAT__RATES(X)                                                         \
    X(HELLO, "hello")                                                          \
    X(REGISTER, "register")                                                    \
    X(GUESS, "guess")                                                          \
    X(WRITE, "write")                                                          \
    X(READ, "read")                                                            \
    X(EPHEMERAL, "ephemeral")

/* In the order of enum chat__history_direction. */
#define CHAT__DIRECTIONS(X)                                                    \
    X(BEFORE, "before")                                                        \
    X(AFTER, "after")                                                          \
    X(AROUND, "around")

/* In the order of enum chat__password_result. */
#define CHAT__PASSWORDS(X)                                                     \
    X(RIGHT, "right")                                                          \
    X(WRONG, "wrong")                                                          \
    X(BUSY, "busy")                                                            \
    X(FAILED, "failed")

/* What became of notices between tasks. */
#define CHAT__NOTICES(X)                                                       \
    X(SENT, "sent")                                                            \
    X(RECEIVED, "received")                                                    \
    X(DROPPED, "dropped")                                                      \
    X(IGNORED, "ignored")

/* What the cache said to those who asked it. */
#define CHAT__CACHED(X)                                                        \
    X(FOUND, "found")                                                          \
    X(MISSING, "missing")                                                      \
    X(UNKNOWN, "no_answer")

/* Whether the cache had what was missed of a room. */
#define CHAT__TAILS(X)                                                         \
    X(FOUND, "found")                                                          \
    X(MISSING, "missing")

/* What API Gateway asked, or how it was refused. */
#define CHAT__GATEWAY_REQUESTS(X)                                              \
    X(CONNECT, "connect")                                                      \
    X(MESSAGE, "message")                                                      \
    X(DISCONNECT, "disconnect")                                                \
    X(LATE, "late") /* messages whose answer did not wait for their reply */   \
    X(REFUSED, "refused")

/* Whether there was a session for a connection that this task did not know. */
#define CHAT__GATEWAY_SESSIONS(X)                                              \
    X(FOUND, "found")                                                          \
    X(NONE, "none")                                                            \
    X(ENDED, "ended")                                                          \
    X(FAILED, "failed")

#define CHAT__GATEWAY_POSTS(X)                                                 \
    X(SENT, "sent")                                                            \
    X(GONE, "gone")           /* 410 */                                        \
    X(TOO_LARGE, "too_large") /* 413 */                                        \
    X(THROTTLED, "throttled") /* 429 */                                        \
    X(REFUSED, "refused")     /* other 4xx */                                  \
    X(FAILED, "failed")       /* 5xx, or no answer */

enum chat__gateway_request {
#define X(id, word) CHAT__GATEWAY_##id,
    CHAT__GATEWAY_REQUESTS(X) CHAT__GATEWAY_COUNT
#undef X
};

enum chat__gateway_session {
#define X(id, word) CHAT__GATEWAY_SESSION_##id,
    CHAT__GATEWAY_SESSIONS(X) CHAT__GATEWAY_SESSION_COUNT
#undef X
};

enum chat__gateway_post {
#define X(id, word) CHAT__GATEWAY_POST_##id,
    CHAT__GATEWAY_POSTS(X) CHAT__GATEWAY_POST_COUNT
#undef X
};

enum chat__handshake {
#define X(id, word) CHAT__HANDSHAKE_##id,
    CHAT__HANDSHAKES(X) CHAT__HANDSHAKE_COUNT
#undef X
};

enum chat__close_reason {
#define X(id, word, code) CHAT__CLOSED_##id,
    CHAT__CLOSES(X) CHAT__CLOSED_COUNT
#undef X
};

enum chat__store_call {
#define X(id, word) CHAT__STORE_CALL_##id,
    CHAT__STORE_CALLS(X) CHAT__STORE_CALL_COUNT
#undef X
};

enum chat__notices {
#define X(id, word) CHAT__NOTICES_##id,
    CHAT__NOTICES(X) CHAT__NOTICES_COUNT
#undef X
};

enum chat__cached {
#define X(id, word) CHAT__CACHED_##id,
    CHAT__CACHED(X) CHAT__CACHED_COUNT
#undef X
};

enum chat__tails {
#define X(id, word) CHAT__TAILS_##id,
    CHAT__TAILS(X) CHAT__TAILS_COUNT
#undef X
};

#define X(id, word) +1
enum {
    CHAT__STORE_ANSWER_COUNT = 0 CHAT__STORE_ANSWERS(X),
    CHAT__RATES_COUNT = 0 CHAT__RATES(X),
    CHAT__DIRECTION_COUNT = 0 CHAT__DIRECTIONS(X),
    CHAT__PASSWORD_COUNT = 0 CHAT__PASSWORDS(X)
};
#undef X

/* X(id, name, number of values, word of one) */
#define CHAT__LABELS_TABLE(X)                                                  \
    X(NONE, NULL, 1, NULL)                                                     \
    X(BUILD, "version", 1, NULL)                                               \
    X(HANDSHAKE, "result", CHAT__HANDSHAKE_COUNT, handshake_word)              \
    X(CLOSE, "reason", CHAT__CLOSED_COUNT, close_word)                         \
    X(ACTION, "action", CHAT__ACTION_COUNT, action_word)                       \
    X(REPLY, "result", CHAT__ERROR_UNKNOWN, reply_word)                        \
    X(CALL, "operation", CHAT__STORE_CALL_COUNT, call_word)                    \
    X(ANSWER, "result", CHAT__STORE_ANSWER_COUNT, answer_word)                 \
    X(RATE, "class", CHAT__RATES_COUNT, rate_word)                             \
    X(DIRECTION, "direction", CHAT__DIRECTION_COUNT, direction_word)           \
    X(PASSWORD, "result", CHAT__PASSWORD_COUNT, password_word)                 \
    X(NOTICE, "result", CHAT__NOTICES_COUNT, notice_word)                      \
    X(CACHED, "result", CHAT__CACHED_COUNT, cached_word)                       \
    X(TAIL, "result", CHAT__TAILS_COUNT, tail_word)                            \
    X(GATEWAY, "kind", CHAT__GATEWAY_COUNT, gateway_word)                      \
    X(GATEWAY_SESSION, "result", CHAT__GATEWAY_SESSION_COUNT,                  \
      gateway_session_word)                                                    \
    X(GATEWAY_POST, "result", CHAT__GATEWAY_POST_COUNT, gateway_post_word)

enum chat__label {
#define X(id, name, count, word) CHAT__LABEL_##id,
    CHAT__LABELS_TABLE(X) CHAT__LABEL_COUNT
#undef X
};

enum {
#define X(id, name, count, word) CHAT__LABEL_VALUES_##id = count,
    CHAT__LABELS_TABLE(X)
#undef X
};

#endif
