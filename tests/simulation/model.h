/*
 * docs/protocol.md, "Promises of the server", held against what happens:
 *
 *   1 durable      no entry leaves a server, and no program is told that a
 *                  request is done, before the disk has it with these bytes
 *   2 exactly once a key is at one seq of one room, whoever says so
 *   3 no gap       a program is told entries as last + 1, the disk's bytes
 *   4 bounded      what a server holds for a connection stays under its limits
 *   5 drain        every request that was taken is answered before the close
 *
 * and the rest of that document: each entry is one that its author may make
 * there; nobody is sent what is behind the end of a membership; bytes differ
 * from those appended only as a delete of the log erases them; a page's
 * changes are the fold of the log.
 *
 * At the end: every request is done and once in the log, or refused and not in
 * it; every program has every log of its rooms to the head, and every message
 * that it has as the log left it.
 */
#ifndef CHAT_TESTS_SIMULATION_MODEL_H
#define CHAT_TESTS_SIMULATION_MODEL_H

#include "chat/client.h"
#include "server/store/store.h"
#include "tests/simulation/simulation.h"

struct link;
struct program;
struct view;

/* Says what is broken and how to see it again; ends the process. */
void model_violation(const struct simulation *simulation, const char *format,
                     ...) __attribute__((format(printf, 2, 3), noreturn));

/* Objects leave a server; how many of them are replies. */
unsigned int model_leaves(struct simulation *simulation, const char *objects,
                          size_t length);

/* What a link's client asked, and what is sent to it; see model_stream.c. */
void model_stream_asked(struct link *link, const char *frame);
void model_stream_sent(struct link *link, const char *objects, size_t length);

/* The disk has an append. */
void model_appended(struct simulation *simulation,
                    const struct chat__store_append *append);

/* The user may be sent this entry. */
void model_check_sight(const struct simulation *simulation, uint64_t user,
                       unsigned int room, uint64_t seq);

/* The program's own fold of what it is told; see model_fold.c. */
void model_fold_entry(struct program *program, unsigned int room,
                      const chat_entry *entry);
void model_fold_page(struct program *program, unsigned int room,
                     const chat_history_event *page);
void model_fold_forget(struct view *view);
void model_fold_check(const struct program *program, unsigned int room);

/* What a program is told. */
void model_told(struct program *program, const chat_event *event);

/* After each pass of its server: nothing has grown over its limit. */
void model_check_bounds(const struct link *link);

/* When all has come to rest. */
void model_check_logs(struct simulation *simulation);

#endif
