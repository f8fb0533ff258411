/*
 * The rooms of the user, sorted by name, conversations of two behind them, and
 * the one on the screen.
 *
 * A room owns all that belongs to it: log, view, draft, who is there. Rooms
 * stay where they are in memory until they are removed. For one thread.
 */
#ifndef CHAT_CLIENT_MODEL_ROOM_LIST_H
#define CHAT_CLIENT_MODEL_ROOM_LIST_H

#include "client/model/input_line.h"
#include "client/model/intent.h"
#include "client/model/people.h"
#include "client/model/room_log.h"
#include "client/model/typing.h"
#include "client/model/view.h"

#define CHAT__ROOM_LIST_MAX   1000
#define CHAT__ROOM_NAME_BYTES 65

struct chat__room {
    char name[CHAT__ROOM_NAME_BYTES]; /* as the server knows it */
    struct chat__safe_text title;     /* as it is shown */
    struct chat__safe_text topic;
    uint64_t members;   /* 0: not known ... */
    uint64_t described; /* ... and asked for by this request; 0: not yet */
    uint64_t unread;
    uint64_t mentions;     /* of the user, among them */
    uint64_t read_told;    /* the read marker that the server knows */
    uint64_t topic_seq;    /* the entry that set the topic; 0: not one held */
    bool direct;           /* a conversation of two */
    bool named;            /* ... whose title is the other's name */
    bool paging;           /* history is on its way ... */
    uint64_t page_request; /* ... as the answer to this; 0: to a join */
    bool refused;          /* the server gave none: do not ask for more */
    uint64_t wanted;       /* the entry to show when its page comes; 0: none */
    uint64_t text_request; /* for the text of an edit; 0: none under way */
    uint64_t text_seq;     /* ... of that edit */
    bool members_told;     /* all of them, since the last sign-in */
    bool members_begun;    /* ... their first page has come */
    uint64_t members_request; /* 0: none under way */
    uint64_t members_after;   /* ... behind this id */
    size_t members_top;       /* the first that the pane shows */
    struct chat__room_log log;
    struct chat__view view;
    struct chat__input_line input;
    struct chat__typing typing;
    struct chat__people people;
    struct chat__intent intent;
};

struct chat__room_list {
    struct chat__room **rooms;
    size_t count;
    size_t capacity;
    size_t focus; /* below count, or 0 */
};

void chat__room_list_release(struct chat__room_list *list);

struct chat__room *chat__room_list_find(const struct chat__room_list *list,
                                        const char *name);

/* Finds or makes a room; NULL without memory, or when the list is full. */
struct chat__room *chat__room_list_add(struct chat__room_list *list,
                                       const char *name);

void chat__room_list_remove(struct chat__room_list *list,
                            struct chat__room *room);

/* The room on the screen; NULL: there is none. */
struct chat__room *chat__room_list_focused(const struct chat__room_list *list);

void chat__room_list_focus(struct chat__room_list *list,
                           const struct chat__room *room);

/*
 * The room one further (1) or back (-1) from the one on the screen, around the
 * ends; NULL: there is none.
 */
struct chat__room *chat__room_list_neighbour(const struct chat__room_list *list,
                                             int step);

/*
 * The next room behind the focused one that has mentions, else unread
 * messages; or NULL.
 */
struct chat__room *
chat__room_list_next_unread(const struct chat__room_list *list);

/* The room of this name, else the first whose title begins so; or NULL. */
struct chat__room *chat__room_list_match(const struct chat__room_list *list,
                                         const char *prefix);

/* Own messages, and changes of some, of all rooms that are not in the log. */
size_t chat__room_list_pending(const struct chat__room_list *list);

/* Unread messages, and mentions, of all rooms but the focused one. */
uint64_t chat__room_list_unread(const struct chat__room_list *list);
uint64_t chat__room_list_mentions(const struct chat__room_list *list);

#endif
