/*
 * A room's entries on standard output: each once, in order of seq.
 *
 * After a reset the room has another log, as of a server that was restored from
 * a backup: part of it was printed already, under whatever seq, and others may
 * have said something in it before this client was back. What is newer than the
 * newest printed entry follows, of the newest CHAT__RELOAD_PAGE entries.
 *
 * Borrows the client and the room's name.
 */
#ifndef CHAT_CLIENT_LOG_OUTPUT_H
#define CHAT_CLIENT_LOG_OUTPUT_H

#include <chat/client.h>
#include <stdbool.h>

#define CHAT__RELOAD_PAGE 200

struct chat__log_output {
    chat_client *client;
    const char *room;
    uint64_t printed;   /* the newest seq, of this log */
    int64_t newest_ms;  /* when the newest one was made, of any log */
    uint64_t missed;    /* the newest seq that came while a page was awaited */
    uint64_t reloading; /* the request for that page, 0: none */
};

/* The next entry. False: it cannot be written. */
bool chat__log_output_entry(struct chat__log_output *output,
                            const chat_entry *entry);

/* Another log. */
void chat__log_output_reset(struct chat__log_output *output);

/* The page that `reloading` asked for. False as above. */
bool chat__log_output_reload(struct chat__log_output *output,
                             const chat_history_event *page);

/* That page does not come. */
void chat__log_output_give_up(struct chat__log_output *output);

#endif
