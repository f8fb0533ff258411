/*
 * The rooms that a session follows, each with its timeline and what is known
 * of it beside the log. Sorted by name; at most CHAT__ROOMS_MAX.
 *
 * Pure. Owns its rooms; a pointer to one lives until it is removed.
 */
#ifndef CHAT_SDK_ROOM_TABLE_H
#define CHAT_SDK_ROOM_TABLE_H

#include "protocol/limits.h"
#include "sdk/timeline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Twice what a server allows a user: joins may be under way. */
#define CHAT__ROOMS_MAX (2 * CHAT__USER_ROOMS_MAX)

struct chat__room {
    char name[CHAT__ROOM_NAME_BYTES_MAX + 1];
    struct chat__timeline timeline;
    bool joined;   /* the program was told JOINED */
    bool listed;   /* scratch: named in the list that is being compared */
    bool typing;   /* a typing request waits to go out */
    uint64_t read; /* the marker as last told */
    uint64_t unread;
    uint64_t mentions;     /* of this user, among the unread */
    uint64_t resumed_from; /* the last seq as the newest hello told it */
    uint64_t member_at; /* the latest head at which the room was named ours */
    uint64_t typing_after; /* no typing request before this time */
};

struct chat__room_table {
    struct chat__room **list;
    size_t count;
    size_t capacity;
};

void chat__room_table_release(struct chat__room_table *rooms);

struct chat__room *chat__room_table_find(const struct chat__room_table *rooms,
                                         const char *name);

/* The room of this name, made if need be; NULL: no memory, or too many. */
struct chat__room *chat__room_table_enter(struct chat__room_table *rooms,
                                          const char *name);

/* Forgets a room and frees it. */
void chat__room_table_remove(struct chat__room_table *rooms,
                             struct chat__room *room);

#endif
