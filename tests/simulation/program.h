/*
 * A program with the SDK's real session, and what it has been told: of each
 * room a log that only grows, of each request how it ended.
 */
#ifndef CHAT_TESTS_SIMULATION_PROGRAM_H
#define CHAT_TESTS_SIMULATION_PROGRAM_H

#include "sdk/session.h"
#include "tests/simulation/log.h"
#include "tests/simulation/simulation.h"

/* A message as the program has folded it; see model_fold.c. */
struct held {
    struct fold fold;
    bool message; /* it came; else only entries about it did */
};

/* What a program has of a room. */
struct view {
    bool joined;
    bool leaving;      /* the newest entry ends the membership */
    uint64_t since;    /* entries behind this one come by themselves */
    uint64_t shown;    /* the newest entry that it was told */
    uint64_t oldest;   /* of the pages of the end, 0: none came */
    uint64_t asked_at; /* what was shown when such a page was asked for */
    struct held *held; /* held[seq - 1], owned */
    uint64_t held_count;
};

struct program {
    struct simulation *simulation;
    unsigned int number;
    struct chat__session *session;
    struct link *link; /* NULL: no transport */
    uint64_t user;     /* 0: was not signed in yet */
    struct view views[ROOMS_MAX];
    unsigned int waiting; /* records without an end */
    uint64_t wake_at;
    int64_t blocked_until; /* its network */
};

struct program *program_new(struct simulation *simulation, unsigned int number);

/* After each call of the session, as sdk/session.h asks for. */
void program_follow(struct program *program);
/* Time has come for the session. */
void program_wake(struct program *program);
/* Its network is gone for a while. */
void program_block(struct program *program, int64_t for_ms);

void program_connected(struct program *program);
void program_receive(struct program *program, struct link *link,
                     const char *bytes, size_t length);
/* The transport ended, with the close code of the server or 0. */
void program_closed(struct program *program, struct link *link,
                    unsigned int code);

/* It has all of all its logs, and every request has ended. */
bool program_has_all(const struct program *program);
void program_stop(struct program *program);
void program_free(struct program *program);

#endif
