/*
 * One connection, both ends of it and what is under way between them.
 *
 * The client's end is open while `program` has it as its link. The server's
 * end is open while `connection` is there; the two end at different times.
 * Links are kept until the run ends, so events may point to them.
 */
#ifndef CHAT_TESTS_SIMULATION_LINK_H
#define CHAT_TESTS_SIMULATION_LINK_H

#include "tests/simulation/server.h"

/* Hellos of a link whose answers may be still on their way out. */
#define HELLOS_MAX 8

/* What of a room has gone out over a link; see model_stream.c. */
struct stream {
    uint64_t positions[HELLOS_MAX]; /* of the newest hellos */
    uint64_t expected;              /* 0: not known */
    bool loose; /* the room was joined or left since hello */
};

struct link {
    struct link *next;
    struct simulation *simulation;
    unsigned int number;
    struct program *program;
    struct server *server;
    uint64_t attempt;                    /* of the session */
    struct chat__connection *connection; /* NULL: not yet, or no more */
    struct chat__output output;
    bool closing; /* the server sends what is left, then closes */
    unsigned int close_code;
    bool slow;        /* its client reads slowly now and then */
    bool broken;      /* what is sent from now on is lost */
    bool server_deaf; /* ... and what was under way */
    bool client_deaf;
    int64_t heard;     /* by the server */
    int64_t to_server; /* the last arrival: order is kept on a socket */
    int64_t to_client;
    int64_t blocked_until; /* a partition */
    unsigned int unanswered;
    struct stream streams[ROOMS_MAX];
    uint64_t hellos[HELLOS_MAX]; /* their ids */
    unsigned int hello_count;
};

/* Begins a handshake for the program's present attempt. */
struct link *link_new(struct program *program);
void link_open(struct link *link);

/* The client's frame is on its way. */
void link_send(struct link *link, const char *bytes, size_t length);
/* ... and there. */
void link_arrive(struct link *link, const char *bytes, size_t length);

/* False: a frame that was under way arrives. `deaf` is of that end. */
bool link_is_deaf(const struct link *link, bool *deaf);

/* The client gives it up; the server hears of it, maybe late. */
void link_abandon(struct link *link);
/* It breaks between them; both hear of it, maybe late. */
void link_cut(struct link *link);
/* The server's end is gone at once. */
void link_break(struct link *link);
/* The server hears that the client is gone. */
void link_lost(struct link *link);
/* Nothing passes for a while. */
void link_block(struct link *link, int64_t for_ms);

/* The end of a loop pass: sends what is pending, closes what is to close. */
void link_flush(struct link *link);
/* The slow client has read. */
void link_writable(struct link *link);
/* Closes the server's ends that were silent for too long. */
void link_expire(struct server *server);

/* The pool's write. */
enum chat__output_written link_write(void *handle, const unsigned char *bytes,
                                     size_t length);

void link_free(struct link *link);

#endif
