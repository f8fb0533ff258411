/*
 * One handle as a state machine: sign-in, resume, rooms, requests, pings,
 * time-outs and the decision when to come back. Frames go in and out, events
 * come out.
 *
 * Pure: no socket, no thread, no clock. Time is a number of milliseconds that
 * the caller passes in and that never falls; randomness is a function of the
 * environment. Tests drive it frame by frame.
 *
 * The caller, after each call, compares chat__session_attempt with the
 * attempt of its transport: a transport exists exactly while
 * chat__session_wants_transport, and one that belongs to an older attempt is
 * to be closed. It sends what chat__session_next_frame gives, and calls
 * chat__session_tick at chat__session_deadline.
 *
 * Not for use by two threads at once. Owns everything in it.
 */
#ifndef CHAT_SDK_SESSION_H
#define CHAT_SDK_SESSION_H

#include "chat/client.h"
#include "protocol/buffer.h"
#include "sdk/item.h"
#include "sdk/outbox.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Times in milliseconds that are the client's own. */
#define CHAT__CONNECT_TIMEOUT_MS   45000 /* names, all addresses, handshakes */
#define CHAT__STABLE_MS            10000 /* online so long: back-off starts anew */
#define CHAT__DRAIN_SPREAD_MS      1000
#define CHAT__DRAIN_WAIT_MAX_MS    3600000 /* as far as a drain is put off */
#define CHAT__CONNECTION_MIN_MS    10000   /* no shorter life is believed */
#define CHAT__RETRY_MAX_MS         300000  /* whatever the server asks for */
#define CHAT__PING_INTERVAL_MIN_MS 1000
#define CHAT__PING_INTERVAL_MAX_MS 600000 /* connections are idle no longer */

/* Gap pages that one connection asks for at a time, over all rooms. */
#define CHAT__PAGES_IN_FLIGHT_MAX 8

/* A connection, and the one that takes its place. */
#define CHAT__TRANSPORTS_MAX 2

/* Of the address that a drain names; a longer one is passed over. */
#define CHAT__DRAIN_URL_BYTES_MAX 1300

/* Sign-ins in a row on one connection. */
#define CHAT__HELLOS_MAX 4

struct chat__session_environment {
    void *context;
    /*
     * Takes a copy of the event. False: no memory; the session keeps what the
     * event was about and asks for it again over a new connection.
     */
    bool (*emit)(void *context, const chat_event *event);
    uint64_t (*random)(void *context);
};

/*
 * Who the session is. A token goes before an account, and that before a guest.
 * All but the password and its key survive the process.
 */
struct chat__credentials {
    char name[CHAT__USER_NAME_BYTES_MAX + 1]; /* "": no guest */
    char guest_key[CHAT__KEY_BYTES_MAX + 1];
    char token[CHAT__TOKEN_BYTES_MAX + 1]; /* "": none yet */
    bool token_only; /* the program chose the token: never sign in anew */
    char account[CHAT__USER_NAME_BYTES_MAX + 1]; /* "": no account */
    char
        password[CHAT__PASSWORD_BYTES_MAX + 1]; /* wiped once there's a token */
    char register_key[CHAT__KEY_BYTES_MAX + 1]; /* "": it is there already */
};

/* Why a transport ended, or never came to be. */
struct chat__disconnect {
    int error;           /* a chat_error */
    unsigned close_code; /* of the WebSocket, 0: none came */
    const char *detail;  /* for people; not NULL */
};

struct chat__session;

/* NULL: no memory. `environment` is copied. */
struct chat__session *
chat__session_new(const struct chat__session_environment *environment);
void chat__session_free(struct chat__session *session);

/* ---- before the start ---- */

struct chat__credentials *chat__session_credentials(struct chat__session *);

/* At most CHAT__AGENT_BYTES_MAX bytes. */
void chat__session_set_agent(struct chat__session *session, const char *agent);

/* Messages outlive the session in a file: its end does not fail them. */
void chat__session_keep_messages(struct chat__session *session);

/* ---- the connection ---- */

/*
 * Asks for a connection. Again while waiting for the next attempt: makes it
 * now. CHAT_OK or CHAT_ERROR_STATE.
 */
int chat__session_start(struct chat__session *session, uint64_t now);

/* Ends it for good. Requests that wait fail. */
void chat__session_stop(struct chat__session *session, uint64_t now);

bool chat__session_wants_transport(const struct chat__session *session);
uint64_t chat__session_attempt(const struct chat__session *session);

/* The transport is open. */
void chat__session_connected(struct chat__session *session, uint64_t now);

/* One whole frame came. */
void chat__session_receive(struct chat__session *session, const char *bytes,
                           size_t length, uint64_t now);

/* The transport of the present attempt ended by itself. */
void chat__session_disconnected(struct chat__session *session,
                                const struct chat__disconnect *why,
                                uint64_t now);

/*
 * The caller does not read from the transport now (the program does not take
 * its events), so that silence means nothing.
 */
void chat__session_pause(struct chat__session *session, bool paused,
                         uint64_t now);

/*
 * Appends the next frame to send to `buffer`. False: nothing to send now. A
 * failed buffer ends the attempt.
 */
bool chat__session_next_frame(struct chat__session *session,
                              struct chat__buffer *buffer, uint64_t now);

/* When chat__session_tick is due, UINT64_MAX: not by time. */
uint64_t chat__session_deadline(const struct chat__session *session,
                                uint64_t now);
void chat__session_tick(struct chat__session *session, uint64_t now);

/* ---- make before break ----
 *
 * When a connection is known to end (the server drains, or connections end by
 * age), the session asks for a second transport, the successor, which has an
 * attempt number of its own. The first goes on meanwhile: its requests are
 * answered, up to a few seconds, before hello is said on the successor. With
 * the answer to that the successor's number becomes chat__session_attempt, and
 * the first transport is to be closed. The program is told nothing of it. What
 * was still unanswered is repeated; a successor that cannot be had is tried
 * again, with back-off, as long as the first transport lasts.
 *
 * A caller that serves both gives every attempt of chat__session_transports a
 * transport, closes each other one, and calls the functions below with the
 * attempt of the transport in question; attempts that are over are passed
 * over. For chat__session_attempt they are the functions above. A caller of
 * only those has one transport at a time, and no successor comes to be.
 */

/* The attempts that are to have a transport; returns how many. */
size_t chat__session_transports(const struct chat__session *session,
                                uint64_t attempts[CHAT__TRANSPORTS_MAX]);

/* Where a server wants it to go, NULL: to the usual place. Not checked. */
const char *chat__session_transport_url(const struct chat__session *session,
                                        uint64_t attempt);

void chat__session_transport_connected(struct chat__session *session,
                                       uint64_t attempt, uint64_t now);
void chat__session_transport_receive(struct chat__session *session,
                                     uint64_t attempt, const char *bytes,
                                     size_t length, uint64_t now);
bool chat__session_transport_next_frame(struct chat__session *session,
                                        uint64_t attempt,
                                        struct chat__buffer *buffer,
                                        uint64_t now);
void chat__session_transport_disconnected(struct chat__session *session,
                                          uint64_t attempt,
                                          const struct chat__disconnect *why,
                                          uint64_t now);

/* ---- requests ---- */

/*
 * Takes a request; owns `item` when the result is CHAT_OK. Else
 * CHAT_ERROR_STATE, FULL or MEMORY.
 */
int chat__session_submit(struct chat__session *session,
                         struct chat__item *item);

/* Would chat__session_submit take it, memory apart? */
int chat__session_check(const struct chat__session *session,
                        const struct chat__item *item);

/* Takes a message back. CHAT_ERROR_STATE: too late, or not known. */
int chat__session_cancel(struct chat__session *session, const char *key);

/* Tells that the user writes, at most every 3 seconds. */
int chat__session_typing(struct chat__session *session, const char *room,
                         uint64_t now);

/* What others are to see; takes the place of one that waits. */
int chat__session_set_presence(struct chat__session *session,
                               enum chat__presence presence);

/* Moves a read marker; takes the place of one that waits. */
int chat__session_read(struct chat__session *session, const char *room,
                       uint64_t seq);

/* ---- what it holds ---- */

chat_state chat__session_state(const struct chat__session *session);
struct chat__outbox *chat__session_outbox(struct chat__session *session);

/* Did what an outbox file keeps change since the last call? */
bool chat__session_take_changed(struct chat__session *session);

#endif
