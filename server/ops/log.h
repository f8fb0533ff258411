/*
 * The log: one JSON object a line on standard error.
 *
 * A line is built in a caller's struct of fixed size, so that nothing is
 * allocated. The output is pure ASCII: control bytes, bytes that are no UTF-8
 * and everything beyond ASCII are written as \u escapes, so no value from
 * outside can forge a line or reach a terminal. A line that is too long is cut,
 * and says so.
 *
 * What never goes into a log: texts of messages, passwords, tokens, keys.
 *
 *     struct chat__log_line line;
 *
 *     chat__log_begin(&line, CHAT__LOG_INFO, "listening");
 *     chat__log_int(&line, "port", port);
 *     chat__log_end(&line);
 *
 * Lines are written by a thread of their own, between chat__log_start and
 * chat__log_stop: log_writer.h says how, and what becomes of them when their
 * reader is slow. May be used from every thread, the level too.
 *
 * man/chatd.8.scd lists every event; tests/operate holds it to the code.
 */
#ifndef CHAT_SERVER_OPS_LOG_H
#define CHAT_SERVER_OPS_LOG_H

#include "server/ops/log_writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAT__LOG_LINE_BYTES 2048

enum chat__log_level {
    CHAT__LOG_ERROR,
    CHAT__LOG_WARNING,
    CHAT__LOG_INFO,
    CHAT__LOG_DEBUG
};

struct chat__log_line {
    bool wanted; /* false: below the level, nothing is built */
    bool always;
    bool cut;
    size_t length;
    char bytes[CHAT__LOG_LINE_BYTES];
};

/* False when no level has that name. */
bool chat__log_level_from_name(const char *name, enum chat__log_level *level);

/* Lines less severe than `level` are not written. At first: INFO. */
void chat__log_set_level(enum chat__log_level level);
bool chat__log_wants(enum chat__log_level level);
enum chat__log_level chat__log_level(void);
const char *chat__log_level_name(enum chat__log_level level);

/* `event` and every `key` are fixed words of the program's. */
void chat__log_begin(struct chat__log_line *line, enum chat__log_level level,
                     const char *event);
/* A line that is written whatever the level is, and dropped last. */
void chat__log_begin_always(struct chat__log_line *line,
                            enum chat__log_level level, const char *event);
void chat__log_string(struct chat__log_line *line, const char *key,
                      const char *value);
void chat__log_int(struct chat__log_line *line, const char *key, int64_t value);
/* As milliseconds, such as 1.25. */
void chat__log_microseconds(struct chat__log_line *line, const char *key,
                            int64_t microseconds);
/* 16 bytes; an IPv4 one is as IPv6 has it. Limits know only an IPv6 /64. */
void chat__log_address(struct chat__log_line *line, const char *key,
                       const unsigned char *address);
void chat__log_bool(struct chat__log_line *line, const char *key, bool value);
void chat__log_end(struct chat__log_line *line);
/* The writer's own: ends a line without writing it; false when not wanted. */
bool chat__log_close(struct chat__log_line *line);

/* A whole line with one free text; NULL: none. */
void chat__log_write(enum chat__log_level level, const char *event,
                     const char *detail);

#endif
