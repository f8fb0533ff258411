#include "client/app.h"
#include "client/clock.h"
#include "client/exit_status.h"
#include "client/session.h"
#include "client/state_file.h"
#include "client/ui/draw.h"
#include "client/ui/keys.h"
#include "client/ui/screen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_PAGE    50
#define PASTE_WAIT_MS 1000
#define SECOND_MS     1000

/* Read markers of a busy room are sent no more often than this. */
#define READ_INTERVAL_MS 500

static volatile sig_atomic_t ended;

static void on_signal(int number)
{
    (void)number;
    ended = 1;
}

/* ---- what follows from what is shown ---- */

/* The newest message is on the screen: the room is read up to it. */
static void mark_read(struct chat__app *app)
{
    struct chat__room *room = chat__room_list_focused(&app->rooms);

    if (room != NULL && app->opened && !room->view.scrolled &&
        chat__room_log_at_head(&room->log)) {
        uint64_t newest = chat__view_newest(&room->view, &room->log);
        if (newest > room->log.read) {
            room->log.read = newest;
        }
        room->unread = 0;
    }
}

static bool has_news(const struct chat__room *room)
{
    return room->log.read > room->read_told;
}

/* Tells the server what was read; a marker that is refused is no loss. */
static void send_reads(struct chat__app *app, int64_t now_ms)
{
    size_t i;

    for (i = 0; i < app->rooms.count; i++) {
        struct chat__room *room = app->rooms.rooms[i];
        if (has_news(room)) {
            chat_read(app->client, room->name, room->log.read);
            room->read_told = room->log.read;
        }
    }
    app->reads_at_ms = now_ms;
}

/* Milliseconds until markers may be sent again; -1: there are none. */
static int64_t time_to_reads(const struct chat__app *app, int64_t now_ms)
{
    int64_t left = app->reads_at_ms + READ_INTERVAL_MS - now_ms;
    size_t i;

    for (i = 0; i < app->rooms.count; i++) {
        if (has_news(app->rooms.rooms[i])) {
            return left < 0 ? 0 : left;
        }
    }
    return -1;
}

static void draw(struct chat__app *app)
{
    struct chat__layout layout;
    size_t lines = chat__input_lines(chat__app_input(app));

    chat__layout_compute(&layout, chat__screen_rows(), chat__screen_columns(),
                         lines);
    if (layout.too_small) {
        chat__draw_too_small();
        chat__screen_flush(0, 0);
        app->dirty = CHAT__DIRTY_ALL;
        return;
    }
    if (lines != app->input_lines) {
        app->dirty = CHAT__DIRTY_ALL;
        app->input_lines = lines;
    }
    if ((app->dirty & CHAT__DIRTY_LIST) != 0) {
        chat__draw_list(app, &layout);
    }
    if ((app->dirty & CHAT__DIRTY_HEADER) != 0) {
        chat__draw_header(app, &layout);
    }
    if ((app->dirty & CHAT__DIRTY_TIMELINE) != 0) {
        chat__draw_timeline(app, &layout);
    }
    if ((app->dirty & CHAT__DIRTY_STATUS) != 0) {
        chat__draw_status(app, &layout, chat__clock_monotonic());
    }
    if ((app->dirty & CHAT__DIRTY_INPUT) != 0) {
        chat__draw_input(app, &layout);
    }
    app->dirty = 0;
    chat__screen_flush(app->cursor_row, app->cursor_column);
}

static void show(struct chat__app *app)
{
    if (app->dirty != 0) {
        draw(app);
        mark_read(app);
        chat__app_load(app);
    }
}

/* ---- the loop ---- */

static int64_t sooner(int64_t a, int64_t b)
{
    if (a < 0 || b < 0) {
        return a < 0 ? b : a;
    }
    return a < b ? a : b;
}

/* Milliseconds until something shown changes by itself; -1: nothing does. */
static int64_t time_to_change(const struct chat__app *app,
                              const struct chat__keys *keys, int64_t now_ms)
{
    const struct chat__room *room = chat__room_list_focused(&app->rooms);
    int64_t wait = -1;

    if (room != NULL) {
        wait = chat__typing_wait(&room->typing, now_ms);
    }
    if (app->connection.state == CHAT_STATE_WAITING) {
        int64_t left = app->connection.retry_at_ms - now_ms;
        wait = sooner(wait, left <= 0 ? SECOND_MS : (left - 1) % SECOND_MS + 1);
    }
    if (keys->pasting) {
        wait = sooner(wait, PASTE_WAIT_MS);
    }
    return sooner(wait, time_to_reads(app, now_ms));
}

static void on_time(struct chat__app *app, int64_t now_ms)
{
    size_t i;

    for (i = 0; i < app->rooms.count; i++) {
        if (chat__typing_expire(&app->rooms.rooms[i]->typing, now_ms)) {
            app->dirty |= CHAT__DIRTY_STATUS;
        }
    }
    if (app->connection.state == CHAT_STATE_WAITING) {
        app->dirty |= CHAT__DIRTY_STATUS;
    }
    if (time_to_reads(app, now_ms) == 0) {
        send_reads(app, now_ms);
    }
}

static void read_keys(struct chat__app *app, struct chat__keys *keys)
{
    struct chat__key key;

    while (!app->quit && chat__keys_read(keys, &key)) {
        chat__app_key(app, &key);
    }
}

/* Waits once, and lets the model hear what happened. */
static void wait_for_something(struct chat__app *app, struct chat__keys *keys,
                               const sigset_t *unblocked)
{
    struct pollfd polled[] = {
        {.fd = STDIN_FILENO, .events = POLLIN},
        {.fd = chat_client_fd(app->client), .events = POLLIN},
    };
    int64_t wait = time_to_change(app, keys, chat__clock_monotonic());
    struct timespec time = {wait / SECOND_MS, wait % SECOND_MS * 1000000};
    int ready = ppoll(polled, 2, wait < 0 ? NULL : &time, unblocked);

    if (ready > 0 && (polled[0].revents & (POLLHUP | POLLERR)) != 0) {
        app->quit = true;
        return;
    }
    if (ready == 0) {
        chat__keys_end_paste(keys);
    }
    if (ready < 0 || polled[0].revents != 0) { /* a signal may be a resize */
        read_keys(app, keys);
    }
    if (ready > 0 && polled[1].revents != 0) {
        chat_client_dispatch(app->client);
    }
    on_time(app, chat__clock_monotonic());
}

/* SIGWINCH too is only heard while waiting, so none is ever missed. */
static void take_signals(sigset_t *unblocked)
{
    static const int numbers[] = {SIGTERM, SIGHUP, SIGINT};
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t blocked;
    size_t i;

    sigemptyset(&blocked);
    sigaddset(&blocked, SIGWINCH);
    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        sigaction(numbers[i], &action, NULL);
        sigaddset(&blocked, numbers[i]);
    }
    sigprocmask(SIG_BLOCK, &blocked, unblocked);
}

static void run(struct chat__app *app, const sigset_t *unblocked)
{
    struct chat__keys keys = {.pasting = false};

    app->dirty = CHAT__DIRTY_ALL;
    while (!app->quit && !ended) {
        show(app);
        wait_for_something(app, &keys, unblocked);
    }
}

/* ---- start and end ---- */

/* Gives the handle its file; without one it goes on, and says so. */
static void use_state(struct chat__app *app, struct chat__state_file *state)
{
    const char *path = app->options->outbox;
    int error;

    if (path == NULL) {
        switch (
            chat__state_open(state, app->options->url, app->options->name)) {
        case CHAT__STATE_LOCKED:
            path = state->path;
            break;
        case CHAT__STATE_BUSY:
            chat__app_notice(app, "chat-tui runs already under this name",
                             "this one is another person");
            return;
        case CHAT__STATE_FAILED:
            chat__app_notice(app, "no place for state",
                             "unsent messages end with chat-tui");
            return;
        }
    }
    error = chat_client_set_outbox_file(app->client, path);
    app->keeps_outbox = error == CHAT_OK;
    if (error != CHAT_OK) {
        chat__app_notice(app, path, chat_strerror(error));
    }
}

static int connect_app(struct chat__app *app)
{
    int error = chat_client_set_handler(app->client, chat__app_event, app);

    if (error == CHAT_OK) {
        error = chat_client_connect(app->client);
    }
    if (error == CHAT_OK) {
        error = chat_join(app->client, app->options->room, CHAT_JOIN_CREATE,
                          FIRST_PAGE, NULL);
    }
    return error;
}

static int run_connected(struct chat__app *app)
{
    sigset_t unblocked;
    int error;

    take_signals(&unblocked); /* before there are other threads to get them */
    error = connect_app(app);
    if (error == CHAT_ERROR_ARGUMENT) {
        chat__session_complain("not the name of a room", app->options->room);
        return CHAT__EXIT_USAGE;
    }
    if (error != CHAT_OK) {
        chat__session_complain("cannot connect", chat_strerror(error));
        return CHAT__EXIT_CONNECTION;
    }
    if (!chat__screen_start()) {
        fputs("chat-tui: this is no terminal that can be drawn on; "
              "--headless works without one\n",
              stderr);
        return CHAT__EXIT_USAGE;
    }
    run(app, &unblocked);
    chat__screen_stop();
    return CHAT__EXIT_OK;
}

int chat__app_run(const struct chat__options *options)
{
    struct chat__app app = {.options = options};
    struct chat__state_file state = {.lock = -1};
    int error = chat__session_new(&app.client, options);
    int status;

    if (error != CHAT_OK) {
        return chat__session_status(error);
    }
    use_state(&app, &state);
    status = run_connected(&app);
    chat_client_free(app.client);
    chat__state_release(&state);
    chat__room_list_release(&app.rooms);
    chat__input_release(&app.no_room);
    chat__completion_release(&app.completion);
    chat__safe_text_release(&app.notice);
    chat__safe_text_release(&app.connection.me);
    chat__safe_text_release(&app.connection.trouble);
    return status;
}
