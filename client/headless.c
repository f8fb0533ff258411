#include "client/headless.h"
#include "client/clock.h"
#include "client/exit_status.h"
#include "client/json_lines.h"
#include "client/line_reader.h"
#include "client/log_output.h"
#include "client/model/width.h"
#include "client/outstanding.h"
#include "client/session.h"

#include <chat/client.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RUNNING (-1)

/* Asked for with --history 0 too, to find the own join among the newest. */
#define JOIN_PAGE 50

struct headless {
    const struct chat__options *options;
    chat_client *client;
    struct chat__line_reader reader;
    struct chat__input_text line; /* read, and not taken by the outbox yet */
    bool has_line;
    struct chat__outstanding outstanding;
    uint64_t join_request;
    bool was_member;
    bool joined;
    bool any_failed;
    struct chat__log_output output;
    uint64_t acknowledged; /* the newest seq of a line */
    int64_t deadline;      /* INT64_MAX: none */
    int status;
};

/* ---- output ---- */

static void check_output(struct headless *headless, bool written)
{
    if (!written && headless->status == RUNNING) {
        chat__session_complain("standard output", "cannot be written");
        headless->status = CHAT__EXIT_UNSENT;
    }
}

static void print_entry(struct headless *headless, const chat_entry *entry)
{
    check_output(headless, chat__log_output_entry(&headless->output, entry));
}

static void fail_line(struct headless *headless, uint64_t number, int error,
                      const char *message)
{
    headless->any_failed = true;
    check_output(headless,
                 chat__json_lines_failed(stdout, number, error, message));
}

/* ---- deadlines ---- */

/*
 * There is one while the session begins, after the end of the input, and
 * while nothing more fits the outbox, from the last sign of progress on.
 */
static void set_deadline(struct headless *headless)
{
    headless->deadline =
        chat__clock_monotonic() + (int64_t)headless->options->timeout * 1000;
}

static void clear_deadline(struct headless *headless)
{
    headless->deadline = INT64_MAX;
}

static void time_out(struct headless *headless)
{
    size_t i;

    if (!headless->joined) {
        chat__session_complain(headless->options->url, "no answer in time");
        headless->status = CHAT__EXIT_CONNECTION;
        return;
    }
    for (i = 0; i < headless->outstanding.count; i++) {
        fail_line(headless, headless->outstanding.lines[i].number,
                  CHAT_ERROR_TIMEOUT, chat_strerror(CHAT_ERROR_TIMEOUT));
    }
    if (headless->has_line) {
        fail_line(headless, headless->line.number, CHAT_ERROR_FULL,
                  chat_strerror(CHAT_ERROR_FULL));
    }
    headless->status = headless->any_failed ? CHAT__EXIT_UNSENT : CHAT__EXIT_OK;
}

/* ---- input ---- */

/*
 * False when the outbox is full: the line is to be tried again. What is no
 * text must not get there: a server ends the connection that brings it.
 */
static bool send_line(struct headless *headless,
                      const struct chat__input_text *line)
{
    char key[CHAT_KEY_SIZE];
    int error = CHAT_OK;

    if (line->too_long) {
        error = CHAT_ERROR_TOO_LARGE;
    } else if (!chat__is_utf8(line->text, line->length)) {
        fail_line(headless, line->number, CHAT_ERROR_BAD_REQUEST,
                  "not UTF-8 text");
        return true;
    } else if (!chat__outstanding_reserve(&headless->outstanding)) {
        error = CHAT_ERROR_MEMORY;
    }
    if (error == CHAT_OK) {
        error = chat_send(headless->client, headless->options->room, line->text,
                          0, key);
    }
    if (error == CHAT_ERROR_FULL) {
        return false;
    }
    if (error == CHAT_OK) {
        chat__outstanding_add(&headless->outstanding, key, line->number);
    } else if (line->length == 0) {
        fail_line(headless, line->number, error, "an empty line");
    } else {
        fail_line(headless, line->number, error, chat_strerror(error));
    }
    return true;
}

static void send_lines(struct headless *headless)
{
    bool was_full = headless->has_line;

    while (headless->has_line ||
           chat__line_reader_next(&headless->reader, &headless->line)) {
        headless->has_line = !send_line(headless, &headless->line);
        if (headless->has_line) {
            if (!was_full) {
                set_deadline(headless);
            }
            return;
        }
    }
    if (was_full && !headless->reader.ended) {
        clear_deadline(headless);
    }
}

static void read_input(struct headless *headless)
{
    if (!chat__line_reader_fill(&headless->reader, STDIN_FILENO)) {
        chat__session_complain("standard input", "cannot be read");
        headless->reader.ended = true;
        headless->any_failed = true;
    }
    send_lines(headless);
    if (headless->reader.ended && !headless->options->follow) {
        set_deadline(headless);
    }
}

/* An outcome makes room in the outbox. */
static void progress(struct headless *headless)
{
    if (headless->has_line) {
        set_deadline(headless);
        send_lines(headless);
    }
}

/* ---- events ---- */

static void on_state(struct headless *headless, const chat_state_event *state)
{
    if (state->error != CHAT_OK) {
        chat__session_complain(chat_strerror(state->error), state->detail);
    }
    if (state->state == CHAT_STATE_CLOSED) {
        headless->status = CHAT__EXIT_CONNECTION;
    }
}

static void on_room(struct headless *headless, const chat_event *event)
{
    switch (event->u.room.change) {
    case CHAT_ROOM_JOINED:
        if (event->request != headless->join_request) {
            headless->was_member = true;
        }
        break;
    case CHAT_ROOM_RESET:
        chat__log_output_reset(&headless->output);
        headless->acknowledged = 0;
        break;
    default:
        break;
    }
}

/* The entry that this program's own joining made, else behind the last. */
static size_t find_join(const chat_history_event *page)
{
    size_t i = page->count;

    while (i > 0) {
        const chat_entry *entry = page->entries[--i];
        if (entry->kind == CHAT_ENTRY_JOIN && entry->own) {
            return i;
        }
    }
    return page->count;
}

/* The newest entries that were asked for, from the own join on at least. */
static void on_page(struct headless *headless, const chat_history_event *page)
{
    size_t wanted = (size_t)headless->options->history;
    size_t start = page->count > wanted ? page->count - wanted : 0;
    size_t i;

    if (!headless->was_member && find_join(page) < start) {
        start = find_join(page);
    }
    for (i = start; i < page->count; i++) {
        print_entry(headless, page->entries[i]);
    }
    headless->joined = true;
    clear_deadline(headless);
}

static void on_sent(struct headless *headless, const chat_sent_event *sent)
{
    uint64_t number = chat__outstanding_take(&headless->outstanding, sent->key);

    if (number == 0) { /* of an earlier run, out of the outbox file */
        return;
    }
    if (sent->seq > headless->acknowledged) {
        headless->acknowledged = sent->seq;
    }
    check_output(headless,
                 chat__json_lines_sent(stdout, number, sent->key, sent->seq));
    progress(headless);
}

static void on_failed(struct headless *headless, const chat_event *event)
{
    const chat_failed_event *failed = &event->u.failed;
    uint64_t number;

    if (event->request == headless->join_request && failed->key == NULL) {
        chat__session_complain("cannot enter the room", failed->detail);
        headless->status = CHAT__EXIT_CONNECTION;
        return;
    }
    if (event->request == headless->output.reloading && failed->key == NULL) {
        chat__log_output_give_up(&headless->output);
    }
    number = failed->key == NULL
                 ? 0
                 : chat__outstanding_take(&headless->outstanding, failed->key);
    if (number != 0) {
        fail_line(headless, number, failed->error, failed->detail);
        progress(headless);
    }
}

static void on_event(chat_client *client, const chat_event *event,
                     void *user_data)
{
    struct headless *headless = user_data;
    bool here = event->room != NULL &&
                strcmp(event->room, headless->options->room) == 0;

    (void)client;
    switch (event->type) {
    case CHAT_EVENT_STATE:
        on_state(headless, &event->u.state);
        break;
    case CHAT_EVENT_ROOM:
        if (here) {
            on_room(headless, event);
        }
        break;
    case CHAT_EVENT_ENTRY:
        if (here) {
            print_entry(headless, &event->u.entry);
        }
        break;
    case CHAT_EVENT_HISTORY:
        if (event->request == headless->join_request) {
            on_page(headless, &event->u.history);
        } else if (event->request == headless->output.reloading) {
            check_output(headless, chat__log_output_reload(&headless->output,
                                                           &event->u.history));
        }
        break;
    case CHAT_EVENT_SENT:
        on_sent(headless, &event->u.sent);
        break;
    case CHAT_EVENT_FAILED:
        on_failed(headless, event);
        break;
    default:
        break;
    }
}

/* ---- the loop ---- */

static int start(struct headless *headless)
{
    const struct chat__options *options = headless->options;
    chat_client *client = headless->client;
    unsigned int page = options->history > JOIN_PAGE
                            ? (unsigned int)options->history
                            : JOIN_PAGE;
    int error = CHAT_OK;

    if (options->outbox != NULL) {
        error = chat_client_set_outbox_file(client, options->outbox);
        if (error != CHAT_OK) {
            chat__session_complain(options->outbox, chat_strerror(error));
            return CHAT__EXIT_USAGE;
        }
    }
    error = chat_client_set_handler(client, on_event, headless);
    if (error == CHAT_OK) {
        error = chat_client_connect(client);
    }
    if (error == CHAT_OK) {
        error = chat_join(client, options->room, CHAT_JOIN_CREATE, page,
                          &headless->join_request);
    }
    if (error == CHAT_ERROR_ARGUMENT) {
        chat__session_complain("not the name of a room", options->room);
        return CHAT__EXIT_USAGE;
    }
    if (error != CHAT_OK) {
        chat__session_complain("cannot connect", chat_strerror(error));
        return CHAT__EXIT_CONNECTION;
    }
    return RUNNING;
}

static int time_left(const struct headless *headless)
{
    int64_t left;

    if (headless->deadline == INT64_MAX) {
        return -1;
    }
    left = headless->deadline - chat__clock_monotonic();
    return left < 0 ? 0 : (int)left + 1;
}

static void wait_for_something(struct headless *headless)
{
    bool reads =
        headless->joined && !headless->has_line && !headless->reader.ended;
    struct pollfd polled[] = {
        {.fd = chat_client_fd(headless->client), .events = POLLIN},
        {.fd = reads ? STDIN_FILENO : -1, .events = POLLIN},
    };

    if (poll(polled, 2, time_left(headless)) <= 0) {
        return;
    }
    if (polled[0].revents != 0) {
        chat_client_dispatch(headless->client);
    }
    if (polled[1].revents != 0) {
        read_input(headless);
    }
}

/* All is acknowledged, and what was sent has been printed as well. */
static bool is_done(const struct headless *headless)
{
    return headless->reader.ended && !headless->options->follow &&
           !headless->has_line && headless->outstanding.count == 0 &&
           headless->output.reloading == 0 &&
           headless->output.printed >= headless->acknowledged;
}

static int run(struct headless *headless)
{
    headless->status = start(headless);
    set_deadline(headless);
    while (headless->status == RUNNING && !is_done(headless)) {
        wait_for_something(headless);
        if (headless->status == RUNNING && time_left(headless) == 0) {
            time_out(headless);
        }
    }
    if (headless->status != RUNNING) {
        return headless->status;
    }
    return headless->any_failed ? CHAT__EXIT_UNSENT : CHAT__EXIT_OK;
}

int chat__headless_run(const struct chat__options *options)
{
    struct headless *headless = calloc(1, sizeof(*headless));
    struct chat__identity identity;
    struct chat__safe_text why;
    int status, error;

    if (!chat__session_identify(&identity, options)) {
        free(headless);
        return CHAT__EXIT_USAGE;
    }
    if (headless == NULL) {
        chat__session_complain("cannot start", "no memory");
        return CHAT__EXIT_CONNECTION;
    }
    headless->options = options;
    error = chat__session_new(&headless->client, options, &identity, &why);
    chat__session_forget(&identity);
    if (error == CHAT_OK) {
        headless->output.client = headless->client;
        headless->output.room = options->room;
        status = run(headless);
        chat_client_free(headless->client);
    } else {
        status = chat__session_give_up(error, &why);
    }
    chat__outstanding_release(&headless->outstanding);
    free(headless);
    return status;
}
