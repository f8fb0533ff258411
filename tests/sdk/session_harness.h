/*
 * A session without a network: the test is the server. What the session tells
 * the program is kept as one line of text for each event, in order.
 */
#ifndef CHAT_TESTS_SDK_SESSION_HARNESS_H
#define CHAT_TESTS_SDK_SESSION_HARNESS_H

#include "sdk/session.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

struct told {
    struct told *next;
    char text[];
};

struct harness {
    struct chat__session *session;
    uint64_t now;
    uint64_t random; /* what the session draws */
    int refuse;      /* so many of the next events find no memory */
    struct told *first;
    struct told *last;
    char frame[40 * 1024]; /* the last one that went out */
};

/* A guest called ann, at time 1,000,000, drawing 0. */
struct harness *harness_new(void);
void harness_free(struct harness *harness);

/* cmocka's setup and teardown around it. */
int harness_setup(void **state);
int harness_teardown(void **state);

/* ---- the wire ---- */

/* The next frame that goes out, NULL: none. Valid until the next call. */
const char *harness_next_frame(struct harness *harness);

/* The same of the transport of an attempt, such as the successor's. */
const char *harness_next_frame_of(struct harness *harness, uint64_t attempt);

/* The next frame is exactly this. */
void expect_frame(struct harness *harness, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void expect_no_frame(struct harness *harness);

/* A frame of the server comes in. */
void receive(struct harness *harness, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ... on the transport of this attempt. */
void receive_on(struct harness *harness, uint64_t attempt, const char *format,
                ...) __attribute__((format(printf, 3, 4)));

/* The transport ends with this code (0: without one). */
void disconnect(struct harness *harness, unsigned close_code);

/* Time goes on, and the session looks at the clock. */
void pass(struct harness *harness, uint64_t milliseconds);

/* ---- the program ---- */

/* The next event is exactly this line. */
void expect_event(struct harness *harness, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void expect_no_event(struct harness *harness);
void forget_events(struct harness *harness);

void submit(struct harness *harness, const struct chat__request *request,
            uint64_t number);
void send_text(struct harness *harness, const char *room, const char *key,
               const char *text);
void join_room(struct harness *harness, const char *room, const char *key,
               uint64_t number);
void leave_room(struct harness *harness, const char *room, const char *key,
                uint64_t number);

/* ---- scripts that most tests begin with ---- */

/* Start, connect, and take hello off the wire; its id is returned. */
uint32_t go_to_hello(struct harness *harness);

/* Answers hello with these rooms and no invitations, such as ROOM("lobby", 5).
 */
void accept_hello(struct harness *harness, uint32_t id, const char *rooms);

/* Online in the room "lobby" whose head is `head`; no events are left. */
void go_online(struct harness *harness, uint64_t head);

/* Members of a hello reply, but for id and lists, as the tests' server has. */
#define HELLO_OK                                                               \
    "\"user\":{\"id\":\"17\",\"name\":\"ann\",\"guest\":true},"                \
    "\"token\":\"tok\",\"session\":\"s1\",\"ping_ms\":25000,"                  \
    "\"limits\":{\"frame_bytes\":30720,\"text_characters\":4000,"              \
    "\"text_bytes\":8192,\"page_entries\":200,\"rooms\":500,"                  \
    "\"in_flight\":2,\"connection_ms\":0},"                                    \
    "\"server\":{\"version\":\"1\",\"task\":\"t\"},"                           \
    "\"rooms_rev\":1,\"now\":5000"

#endif
