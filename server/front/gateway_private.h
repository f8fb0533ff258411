/*
 * What the files of a gateway share: the seats (gateway_seat.c), where their
 * sessions come from (gateway_session.c), and the rows that go when a
 * connection does (gateway_rows.c). gateway.c ties them.
 *
 * A seat is in gateway->seats from its making to its drop, and owns its
 * connection in the core. What the core asks to have closed stays, marked,
 * until the next sweep, since the core still uses it. Exchanges in its two
 * lists are the seat's references. A read of the directory outlives its seat.
 */
#ifndef CHAT_SERVER_FRONT_GATEWAY_PRIVATE_H
#define CHAT_SERVER_FRONT_GATEWAY_PRIVATE_H

#include "server/front/gateway.h"
#include "server/store/directory.h"
#include "server/table.h"

struct chat__seat {
    struct chat__table_link link; /* by its id */
    struct chat__gateway *gateway;
    struct chat__connection *connection;
    struct chat__exchange *waiting; /* for the session, in order */
    size_t waiting_count;
    struct chat__exchange *asked; /* the core has them */
    struct chat__look *look;      /* the directory is asked; NULL: it is not */
    bool adopting;                /* the core signs it in */
    bool closing;                 /* the core wants it closed */
    bool handed_back;             /* ... but the client stays: it may ask */
    int64_t used_ms;
    char id[];
};

struct chat__gateway {
    struct chat__gateway_options options;
    struct chat__relay relay;
    struct chat__core *core; /* NULL: detached */
    struct chat__outbox *outbox;
    struct chat__table seats;
    size_t outstanding; /* questions that the directory has */
    struct chat__gateway_secrets secrets;
    struct chat__greetings greetings;
    uv_timer_t sweep;
};

/* ---- gateway.c ---- */

int64_t chat__gateway_now_ms(const struct chat__gateway *gateway);
/* Sweeps in the next pass of the loop, too. */
void chat__gateway_sweep_soon(struct chat__gateway *gateway);

/* ---- gateway_seat.c ---- */

/* NULL: there is none. */
struct chat__seat *chat__seat_find(const struct chat__gateway *gateway,
                                   const char *id);
/* For the connection of this exchange. NULL: there are too many, or memory is
 * short. */
struct chat__seat *chat__seat_make(struct chat__gateway *gateway,
                                   const struct chat__exchange *exchange);
/* Ends its connection in the core, answers what it has, and frees it. */
void chat__seat_drop(struct chat__seat *seat);
/* Has the next pass of the loop drop it. */
void chat__seat_close(struct chat__seat *seat);

/* Answers what is overdue; drops seats that are unused or to be closed. */
void chat__seats_sweep(struct chat__gateway *gateway);
void chat__seats_drop(struct chat__gateway *gateway);

/* ---- gateway_session.c ---- */

/* Asks the core what waited, with the session that was found or without. */
void chat__seat_run_waiting(struct chat__seat *seat);
/* The core has signed it in, or has not. */
void chat__seat_adopted(struct chat__seat *seat);
/* What looks for a session that is not wanted any more. */
void chat__seat_look_no_more(struct chat__seat *seat);

/* ---- gateway_rows.c ---- */

/*
 * Removes the rows of a connection: its session, that of its user, and that of
 * the topic (NULL: none) by which it was found to have gone. Nobody waits.
 */
void chat__gateway_remove_rows(struct chat__gateway *gateway, const char *id,
                               const char *topic);

#endif
