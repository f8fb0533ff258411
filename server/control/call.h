/*
 * One command on the control socket, from its line to its last one.
 *
 * To add a command: a row in table.c and a handler, in a file of its
 * own. The handler owns the call until it ends it by succeed or refuse, at once
 * or later, on the loop's thread. Arguments were checked against the row: what
 * is there has its kind, what is required is there, nothing else is.
 *
 * Rows are written between begin and end. Who has many uses a list: `step`
 * writes some rows each time that the client has taken those before, and is
 * called until it says that there are no more; then the call has succeeded. A
 * step that has to wait for an answer says LATER, and whoever gets the answer
 * writes the rows and has the list go on. A client that has gone meanwhile ends
 * a list; other commands are carried out all the same, and what is written goes
 * nowhere.
 *
 * Commands of rows with `changes` are written to the log, whatever its level:
 * which, by whom, with which arguments, and how it went. So no argument of
 * theirs may be a secret, or named as a member that every line has.
 */
#ifndef CHAT_SERVER_CONTROL_CALL_H
#define CHAT_SERVER_CONTROL_CALL_H

#include "protocol/writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAT__CONTROL_ARGUMENTS_MAX 4

struct chat__control_call;
struct chat__server;

enum chat__control_kind {
    CHAT__CONTROL_STRING = 1,
    CHAT__CONTROL_NUMBER,
    CHAT__CONTROL_FLAG
};

struct chat__control_argument {
    const char *name; /* NULL: no more arguments */
    enum chat__control_kind kind;
    bool required;
};

struct chat__control_row {
    const char *name;
    void (*run)(struct chat__control_call *call);
    bool changes;
    struct chat__control_argument arguments[CHAT__CONTROL_ARGUMENTS_MAX];
};

/* NULL when there is no such command. */
const struct chat__control_row *chat__control_find(const char *name);

struct chat__server *
chat__control_server(const struct chat__control_call *call);

/* An argument; NULL, `otherwise`, false when it was not given. */
const char *chat__control_string(const struct chat__control_call *call,
                                 const char *name);
uint64_t chat__control_number(const struct chat__control_call *call,
                              const char *name, uint64_t otherwise);
bool chat__control_flag(const struct chat__control_call *call,
                        const char *name);

/* Around the members of a row. */
struct chat__writer *chat__control_begin(struct chat__control_call *call);
void chat__control_end(struct chat__control_call *call);

/* True when a step has written enough. */
bool chat__control_is_full(const struct chat__control_call *call);

enum chat__control_progress {
    CHAT__CONTROL_MORE,
    CHAT__CONTROL_LAST, /* the last row is written */
    CHAT__CONTROL_LATER
};

typedef enum chat__control_progress
chat__control_step(struct chat__control_call *call, void *state);

/*
 * Goes on by `step`. `state` is freed by `free_state` when the list has ended,
 * either way.
 */
void chat__control_list(struct chat__control_call *call,
                        chat__control_step *step, void *state,
                        void (*free_state)(void *state));

/* Behind LATER, MORE or LAST. The call may be gone after it. */
void chat__control_list_on(struct chat__control_call *call,
                           enum chat__control_progress progress);

/* Whom the command turned out to be about, for the log. */
void chat__control_about(struct chat__control_call *call, uint64_t user);

/* Each ends the call, which is not to be used after it. A list may be refused
 * where it would go on. */
void chat__control_succeed(struct chat__control_call *call);
void chat__control_refuse(struct chat__control_call *call, const char *code,
                          const char *message);

#endif
