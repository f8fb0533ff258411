/*
 * What the files of the session share.
 *
 *   session.c           its phases, from start to close
 *   session_time.c      time-outs and deadlines
 *   session_submit.c    what the program asks
 *   session_send.c      what goes out
 *   session_receive.c   what comes in
 *   session_hello.c     sign-in
 *   session_successor.c the second transport of a hand-over
 *   session_rooms.c     rooms and entries
 *   session_notice.c    events without seq
 *   session_invites.c   rooms that one is invited to
 *   session_page.c      pages of history
 *   session_ping.c      pings and the heads in their answers
 *   session_reply.c     answers to the program's requests
 *   session_lists.c     answers that are lists
 *   session_account.c   credentials, and their end
 *   session_public.c    what the program sees of the wire's forms
 */
#ifndef CHAT_SDK_SESSION_PRIVATE_H
#define CHAT_SDK_SESSION_PRIVATE_H

#include "protocol/event.h"
#include "protocol/reply.h"
#include "sdk/backoff.h"
#include "sdk/room_table.h"
#include "sdk/session.h"
#include "sdk/session_public.h"
#include "sdk/slices.h"

/*
 * Invitations that are remembered; what comes beyond them is not told. Anybody
 * may invite, so that their number is not the user's.
 */
#define CHAT__INVITATIONS_MAX 1000

enum chat__phase {
    CHAT__PHASE_IDLE,
    CHAT__PHASE_CONNECTING,
    CHAT__PHASE_SIGNING_IN, /* the transport is open, hello is not answered */
    CHAT__PHASE_ONLINE,
    CHAT__PHASE_WAITING,
    CHAT__PHASE_CLOSED
};

/*
 * Every so often a ping lists all rooms: servers' clocks differ, so `since` may
 * hide an entry, and a list that was told in between may have been an old one.
 */
#define CHAT__PING_FULL_ROUNDS 4

/* The ping under way; a long answer takes several. */
struct chat__ping_round {
    uint32_t id; /* in flight, 0: none */
    uint64_t sent;
    uint64_t due; /* when the next round begins */
    bool wanted;  /* go on, or begin a full round, at once */
    bool full;    /* all rooms are listed, to compare */
    bool has_since;
    unsigned int rounds; /* that ended on this connection */
    uint64_t since;      /* the server's time of the round before */
    uint64_t now;        /* ... of this round */
    uint64_t rooms_rev;  /* as the first page of this round had it */
    char after[CHAT__ROOM_NAME_BYTES_MAX + 1];
};

/* What the server said before it closed. */
struct chat__close_notice {
    unsigned code; /* 0: nothing */
    uint64_t retry_ms;
    char message[CHAT__ERROR_MESSAGE_BYTES];
};

enum chat__successor_phase {
    CHAT__SUCCESSOR_NONE,
    CHAT__SUCCESSOR_PLANNED,
    CHAT__SUCCESSOR_CONNECTING,
    CHAT__SUCCESSOR_OPEN, /* waits until the first is quiet */
    CHAT__SUCCESSOR_SIGNING_IN
};

struct chat__successor {
    enum chat__successor_phase phase;
    uint64_t due; /* begins, gives up, or waits no longer, by phase */
    uint64_t attempt;
    uint64_t opened;
    uint32_t hello_id;
    struct chat__backoff backoff;
    char url[CHAT__DRAIN_URL_BYTES_MAX + 1]; /* "": the usual place */
};

/* An open invitation that the program was told of. */
struct chat__invitation {
    char room[CHAT__ROOM_NAME_BYTES_MAX + 1];
    bool listed; /* scratch: named in the list that is being compared */
};

struct chat__invitations {
    struct chat__invitation *list;
    size_t count;
    size_t capacity;
};

struct chat__session {
    struct chat__session_environment environment;
    struct chat__credentials credentials;
    char agent[CHAT__AGENT_BYTES_MAX + 1];
    struct chat__room_table rooms;
    struct chat__invitations invitations;
    struct chat__outbox outbox;
    uint64_t now; /* of the call that runs */

    enum chat__phase phase;
    uint64_t phase_due; /* WAITING: try again; CONNECTING: give up */
    uint64_t attempt;
    uint64_t last_attempt; /* this one, or a successor's */
    uint64_t opened;       /* when the transport was */
    struct chat__successor successor;
    struct chat__backoff drains; /* of connections that were young */
    struct chat__backoff backoff;
    bool announced; /* ONLINE was told for this connection */
    bool starved;   /* an event found no memory in this call */
    bool changed;   /* for the outbox file */
    bool keeps_messages;
    bool paused;
    uint64_t grace; /* no time-out before this time */
    uint64_t online_since;
    uint64_t last_frame;
    uint32_t last_id;

    uint32_t hello_id; /* in flight, 0: none */
    uint64_t hello_sent;
    unsigned int hellos; /* since a request of the program was answered */

    struct chat__ping_round ping;
    uint64_t ping_ms;
    uint64_t rooms_rev;
    uint64_t page_entries;
    struct chat__backoff unsure;
    struct chat__close_notice notice;

    enum chat__presence presence; /* OFFLINE: never chosen */
    bool presence_due;            /* this connection does not know it */

    uint64_t user_id;
    char user_id_text[CHAT__USER_ID_SIZE];
    char user_name[CHAT__USER_NAME_BYTES_MAX + 1];
};

/* ---- session.c ---- */

/* False, and `starved`, when there was no memory for it. */
bool chat__session_emit(struct chat__session *session, const chat_event *event);

uint64_t chat__session_random(struct chat__session *session, uint64_t maximum);

/* Makes the next attempt now. */
void chat__session_connect(struct chat__session *session);

/* Ends the attempt and waits for the next, by back-off. */
void chat__session_drop(struct chat__session *session, int error,
                        const char *detail);

/* Ends the attempt and waits so long. */
void chat__session_wait(struct chat__session *session, uint64_t wait_ms,
                        int error, const char *detail);

/* Ends the session: no attempt will follow. */
void chat__session_close(struct chat__session *session, int error,
                         const char *detail);

bool chat__session_is_open(const struct chat__session *session);

/* What was asked on the connection will not be answered. */
void chat__session_forget_requests(struct chat__session *session);

/* Everything in flight may or may not have been done: repeat it. */
void chat__session_unsure(struct chat__session *session);

/* Says hello again on this connection. */
void chat__session_sign_in(struct chat__session *session);

void chat__session_emit_state(struct chat__session *session, int error,
                              const char *detail, uint64_t retry_ms);

/* The public number of an error of the wire. */
int chat__session_error(enum chat__error_code code);

/* ---- session_time.c ---- */

/* When the request that waits longest went out; UINT64_MAX: none waits. */
uint64_t chat__session_oldest_request(const struct chat__session *session);

/* ---- session_send.c ---- */

/* Appends a hello, and returns its id. */
uint32_t chat__session_encode_hello(struct chat__session *session,
                                    struct chat__buffer *buffer);

/* ---- session_successor.c ---- */

/* `url` may be NULL. The sooner of two plans holds. */
void chat__session_plan_successor(struct chat__session *session, uint64_t due,
                                  const char *url);
void chat__session_drain_notice(struct chat__session *session,
                                const struct chat__event *drain);

/* `connection_ms`, of the server's limits, may be 0. */
void chat__session_plan_by_age(struct chat__session *session,
                               uint64_t connection_ms);

/* Plans the next try. */
void chat__session_successor_failed(struct chat__session *session);
void chat__session_forget_successor(struct chat__session *session);

void chat__session_successor_connected(struct chat__session *session);
bool chat__session_successor_frame(struct chat__session *session,
                                   struct chat__buffer *buffer);

/* The successor is open: nothing new goes to the first transport. */
bool chat__session_is_handing_over(const struct chat__session *session);

/* The successor is the transport now, as far as it has come. */
void chat__session_succeed(struct chat__session *session);

void chat__session_tick_successor(struct chat__session *session);
uint64_t chat__session_successor_deadline(const struct chat__session *session,
                                          uint64_t now);

/* ---- session_account.c ---- */

/* Fills in who signs in; borrows from the session. */
void chat__session_credential(const struct chat__session *session,
                              struct chat__hello *hello);

/* The server made a token: what it was made from is not needed any more. */
void chat__session_take_token(struct chat__session *session, const char *token);

/* Signed in: was it with a password whose change got no answer? */
void chat__session_settle_password(struct chat__session *session);

/* The token is nothing any more: is there another way to sign in? */
bool chat__session_fall_back(struct chat__session *session);

/* The token has ended: closes if that is what the program has asked for. */
bool chat__session_logged_out(struct chat__session *session);

void chat__session_wipe_password(struct chat__session *session);

/* ---- session_hello.c ---- */

void chat__session_hello_reply(struct chat__session *session,
                               const struct chat__reply *reply);

/* ---- session_rooms.c ---- */

/* An event of a room's log, with its bytes. */
void chat__session_entry(struct chat__session *session,
                         const struct chat__event *event, const char *bytes,
                         size_t length);

/* The transport keeps order, so a hole is a loss. */
bool chat__session_ordered(const struct chat__session *session);

/*
 * Tells JOINED, and starts the log of a room that was not followed yet. What
 * was held for it is not shown yet. NULL: no memory.
 */
struct chat__room *chat__session_joined(struct chat__session *session,
                                        const char *name, const char *epoch,
                                        const chat_room_event *told,
                                        uint64_t request);

/* Is there a request that is to make us a member of the room? */
bool chat__session_is_joining(const struct chat__session *session,
                              const char *room);

/* The name of the room that a join or a dm is about. */
void chat__session_joined_name(const struct chat__session *session,
                               const struct chat__item *item,
                               char name[CHAT__ROOM_NAME_BYTES_MAX + 1]);

/* A room turned out to be ours: tells JOINED, then what was held for it. */
bool chat__session_found(struct chat__session *session, const char *name,
                         const char *epoch, const chat_room_event *told);

/* The server counts the room among ours when its log reaches `head`. */
void chat__session_member_at(struct chat__room *room, uint64_t head);

/*
 * Another log under the same name. Of `marked` the head and the marker count:
 * what was read of the other log says nothing of this one.
 */
bool chat__session_reset(struct chat__session *session, struct chat__room *room,
                         const char *epoch, const chat_room_event *marked);

/* The same, when the server has told the head alone. */
bool chat__session_reset_to(struct chat__session *session,
                            struct chat__room *room, const char *epoch,
                            uint64_t head);

/*
 * Tells LEFT if the program knows the room or has asked for it, and forgets
 * it. `head` is told when the log is not followed any more.
 */
bool chat__session_left(struct chat__session *session, const char *name,
                        uint64_t head, uint64_t request);

/* A kick or a ban has ended it: tells REMOVED, and forgets the room. */
bool chat__session_removed(struct chat__session *session,
                           struct chat__room *room,
                           const struct chat__person *by);

/* Tells the marker if it is news. */
bool chat__session_marker(struct chat__session *session,
                          struct chat__room *room, uint64_t read,
                          uint64_t unread, uint64_t mentions);

/* Shows what was held and is next. False: no memory. */
bool chat__session_drain(struct chat__session *session,
                         struct chat__room *room);

/* ---- session_notice.c ---- */

/* An event without seq, but for those about the connection. */
void chat__session_notice(struct chat__session *session,
                          const struct chat__event *event);

/* ---- session_invites.c ---- */

/* Tells INVITED if it is news. False: no memory. */
bool chat__session_invited(struct chat__session *session, const char *room,
                           const struct chat__person *by);

/* It is open no more: tells how it ended if it was told. False: no memory. */
bool chat__session_uninvited(struct chat__session *session, const char *room,
                             chat_room_change change,
                             const struct chat__person *by);

/* It was taken or declined by a request of the program. */
void chat__session_forget_invitation(struct chat__session *session,
                                     const char *room);

/* Compares with the list that hello's reply brings. */
void chat__session_take_invites(struct chat__session *session,
                                const struct chat__hello_ok *ok);

/* ---- session_lists.c: true when told, false: no memory ---- */

bool chat__session_emit_rooms(struct chat__session *session,
                              const struct chat__item *item,
                              const struct chat__rooms_ok *ok);
bool chat__session_emit_members(struct chat__session *session,
                                const struct chat__item *item,
                                const struct chat__members_ok *ok);
bool chat__session_emit_presence(struct chat__session *session,
                                 const struct chat__event *presence);

/* ---- session_submit.c ---- */

/* Tells the chosen presence to a connection that does not know it. */
void chat__session_repeat_presence(struct chat__session *session);

/* ---- session_reply.c ---- */

void chat__session_item_reply(struct chat__session *session,
                              struct chat__item *item,
                              const struct chat__reply *reply,
                              const struct chat__slice *slices);

/* FAILED for a request; the item is not touched. */
bool chat__session_emit_failed(struct chat__session *session,
                               const struct chat__item *item, int error,
                               const char *detail);

/* DONE for a request. False: no memory. */
bool chat__session_emit_done(struct chat__session *session,
                             const struct chat__item *item);

/* ---- session_page.c ---- */

void chat__session_page_reply(struct chat__session *session,
                              struct chat__room *room,
                              const struct chat__reply *reply,
                              const struct chat__slice *slices);

/* HISTORY with the entries of a page up to `last`. False: no memory. */
bool chat__session_emit_page(struct chat__session *session, const char *room,
                             const struct chat__page *page,
                             const struct chat__slice *slices, uint64_t last,
                             uint64_t request);

/* ---- session_ping.c ---- */

void chat__session_ping_reply(struct chat__session *session,
                              const struct chat__reply *reply);

/* Begins a round that lists all rooms. */
void chat__session_ping_all(struct chat__session *session);

/* Plans the next round. */
void chat__session_ping_plan(struct chat__session *session);

#endif
