/*
 * What the encoders and the parsers of replies share: objects that are cut by
 * bytes, and the pages in them.
 */
#ifndef CHAT_PROTOCOL_REPLY_CODEC_H
#define CHAT_PROTOCOL_REPLY_CODEC_H

#include "protocol/reply.h"
#include "protocol/writer.h"

/* An object under way, and how far it may go before its tail. */
struct chat__cut {
    struct chat__writer writer;
    size_t end;
};

/*
 * Ends an element of a list, which began at `start`: says whether it fits,
 * and takes it back when not. The list ends there, so no comma is due.
 */
bool chat__cut_keep(struct chat__cut *cut, size_t start);

void chat__write_more(struct chat__writer *writer, bool more);

/* Which entries of a page go in, with the changes of their messages. */
struct chat__page_cut {
    size_t first;
    size_t count;
    bool without_texts; /* the only entry has no place for its change's text */
};

/*
 * Decides what of the page fits behind what is written, with `before` bytes
 * in between. At least one entry does, by the limits of limits.h: one message
 * of TEXT_JSON_BYTES_MAX with all its reactions, in the largest join.
 */
struct chat__page_cut chat__page_cut(struct chat__cut *cut,
                                     const struct chat__page *page,
                                     bool from_end, size_t before);
void chat__page_write(struct chat__writer *writer,
                      const struct chat__page *page,
                      const struct chat__page_cut *cut);

bool chat__page_parse(struct chat__page *page, const cJSON *json,
                      struct chat__error *error);
void chat__page_release(struct chat__page *page);

/*
 * Storage for the elements of a list, NULL with `error` set when there is
 * none. How many there can be is bounded by CHAT__JSON_VALUES_MAX.
 */
void *chat__reply_allocate(const cJSON *list, size_t size,
                           struct chat__error *error);

/* A required integer of no other limit than that of integers. */
bool chat__reply_count(const cJSON *json, const char *key, uint64_t *value,
                       struct chat__error *error);

bool chat__reply_more(const cJSON *json, bool *more, struct chat__error *error);

#endif
