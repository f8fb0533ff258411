/*
 * Who watches what the core does: the log, traces. The core knows none of them;
 * it is given a list of observers (chat__core_options.observers) and tells each
 * what it asked for. A NULL member is not told.
 *
 * HOW TO USE IT. Fill in a struct chat__observer that lives as long as the
 * core, put its address into the list. request_done is called once for each
 * request, when it was answered or refused or its client has gone, on the
 * core's thread and on the way of every message: decide first whether you want
 * the record (one compare), then work. A record and all that it points to live
 * until the call returns: copy what you keep. No call may come back into the
 * core, none may block. Times are the core's clock, monotonic, microseconds.
 *
 * Records hold no text of a message, no password, token, key, topic or
 * reason, and nobody may add one. Names of rooms and users come from strangers:
 * escape them (ops/log.h does).
 *
 * A connection is named by 16 hex digits, or by the X-Request-Id that a trusted
 * proxy gave it; a request by its front's own id if it has one, else by its
 * connection and a number.
 */
#ifndef CHAT_SERVER_CORE_OBSERVER_H
#define CHAT_SERVER_CORE_OBSERVER_H

#include "protocol/error.h"
#include "protocol/request.h"
#include "server/ops/trace_context.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A longer id than this is not taken over. */
#define CHAT__REQUEST_ID_BYTES_MAX 64

/*
 * What came with a handshake, or with one request where the front gets each by
 * itself. The id is from somebody who is trusted; the trace from anybody, but
 * what strangers wish for it, and its state, is left out. Zeroed is nothing.
 */
struct chat__remote_context {
    char request_id[CHAT__REQUEST_ID_BYTES_MAX + 1]; /* "": none */
    struct chat__trace_context trace;
};

/* Which connection a record is about, and who is signed in there. */
struct chat__caller {
    uint64_t connection;                       /* random */
    const struct chat__remote_context *remote; /* NULL: none */
    uint64_t user;                             /* 0: nobody */
};

/* A request that was answered, or whose client has gone. */
struct chat__request_record {
    struct chat__caller caller;
    const struct chat__remote_context *remote; /* the request's; NULL: none */
    bool has_id;
    uint32_t number; /* the client's id; without one: requests so far */
    bool has_action; /* false: it could not be read */
    enum chat__action action;
    const char *room;             /* NULL: about none */
    bool answered;                /* false: its client has gone first */
    enum chat__error_code result; /* CHAT__ERROR_NONE: it was done */
    uint64_t seq;                 /* of the entry that it made; 0: none */
    bool dup;                     /* the entry was there already */
    size_t bytes;                 /* of the frame that it came in */
    int64_t began_us;
    int64_t ended_us;
    int64_t store_began_us; /* the first time it went there; 0: never */
    int64_t store_us;       /* what it spent there, or waiting for it */
    /* The append that made its entry; it may have waited for an earlier one. */
    int64_t append_began_us; /* 0: it made none */
    int64_t append_ended_us;
    size_t append_entries; /* of all requests that shared it */
};

/* Entries of a room that were given to the connections of its listeners. The
 * front writes them at the end of the pass. */
struct chat__delivery_record {
    const char *room;
    uint64_t first; /* seq */
    uint64_t last;
    uint64_t connections;
    int64_t began_us;
};

struct chat__connection_record {
    struct chat__caller caller;
    const unsigned char *address; /* opened: CHAT__ADDRESS_BYTES, or NULL */
    unsigned int code; /* closed: the server's close code; 0: the client left */
    const char *reason; /* closed, with a code */
};

struct chat__sign_in_record {
    struct chat__caller caller;
    const char *name; /* the user's */
    bool guest;
    enum chat__credential credential;
    const char *agent; /* as the client calls itself; NULL: it does not say */
    size_t resumed;    /* rooms that go on where the client left them */
};

struct chat__observer {
    void (*request_done)(void *context,
                         const struct chat__request_record *record);
    void (*delivered)(void *context,
                      const struct chat__delivery_record *record);
    void (*connection_opened)(void *context,
                              const struct chat__connection_record *record);
    void (*connection_closed)(void *context,
                              const struct chat__connection_record *record);
    void (*signed_in)(void *context, const struct chat__sign_in_record *record);
    void *context;
};

/* `<connection>-n<number>` with a long id of a proxy, and its NUL. */
#define CHAT__REQUEST_NAME_SIZE (CHAT__REQUEST_ID_BYTES_MAX + 16)

/* The words that name a connection and a request everywhere. */
void chat__caller_name(const struct chat__caller *caller,
                       char name[CHAT__REQUEST_NAME_SIZE]);
void chat__request_name(const struct chat__request_record *record,
                        char name[CHAT__REQUEST_NAME_SIZE]);

#endif
