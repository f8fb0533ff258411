#include "client/app.h"
#include "client/clock.h"
#include "client/exit_status.h"
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
        room->mentions = 0;
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

static struct chat__layout layout_now(struct chat__app *app)
{
    const struct chat__room *room = chat__room_list_focused(&app->rooms);
    bool intends = room != NULL && room->intent.kind != CHAT__INTENT_NONE;
    struct chat__layout_wish wish = {
        .input_lines = chat__input_lines(chat__app_input(app)),
        .context = intends || app->secret.purpose != CHAT__SECRET_NONE,
        .pane = room == NULL ? CHAT__PANE_HIDDEN : app->pane,
    };
    struct chat__layout layout;

    if (app->secret.purpose != CHAT__SECRET_NONE) {
        wish.input_lines = 1;
    }
    chat__layout_compute(&layout, chat__screen_rows(), chat__screen_columns(),
                         &wish);
    return layout;
}

static void draw_parts(struct chat__app *app)
{
    const struct chat__layout *layout = &app->layout;

    if ((app->dirty & CHAT__DIRTY_LIST) != 0) {
        chat__draw_list(app, layout);
    }
    if ((app->dirty & CHAT__DIRTY_PANE) != 0) {
        chat__draw_members(app, layout);
    }
    if ((app->dirty & CHAT__DIRTY_HEADER) != 0) {
        chat__draw_header(app, layout);
    }
    if ((app->dirty & CHAT__DIRTY_TIMELINE) != 0) {
        chat__draw_timeline(app, layout);
    }
    if ((app->dirty & CHAT__DIRTY_STATUS) != 0) {
        chat__draw_status(app, layout, chat__clock_monotonic());
    }
    if ((app->dirty & CHAT__DIRTY_INPUT) != 0) {
        chat__draw_input(app, layout);
    }
}

static void draw(struct chat__app *app)
{
    struct chat__layout layout = layout_now(app);

    if (memcmp(&layout, &app->layout, sizeof(layout)) != 0) {
        app->layout = layout;
        app->dirty = CHAT__DIRTY_ALL;
    }
    if (layout.too_small) {
        chat__draw_too_small();
        chat__screen_flush(0, 0);
        app->dirty = CHAT__DIRTY_ALL;
        return;
    }
    draw_parts(app);
    app->dirty = 0;
    chat__screen_flush(app->cursor_row, app->cursor_column);
}

static void ring(struct chat__app *app)
{
    if (app->rings && !app->options->no_bell) {
        chat__screen_ring();
    }
    app->rings = false;
}

static void show(struct chat__app *app)
{
    ring(app);
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
    wait = sooner(wait, chat__app_time_to_away(app, now_ms));
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
    if (chat__app_time_to_away(app, now_ms) == 0) {
        chat__app_fall_asleep(app);
    }
    if (time_to_reads(app, now_ms) == 0) {
        send_reads(app, now_ms);
    }
}

static void read_keys(struct chat__app *app, struct chat__keys *keys)
{
    struct chat__key key;

    while (!app->quit && !app->go_back && chat__keys_read(keys, &key)) {
        chat__app_wake(app, chat__clock_monotonic());
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
    chat__app_settle(app);
    if (app->client == NULL) {
        return;
    }
    if (ready > 0 && polled[1].revents != 0) {
        chat_client_dispatch(app->client);
        chat__app_settle(app);
    }
    if (app->client != NULL) {
        on_time(app, chat__clock_monotonic());
    }
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

static int run_opened(struct chat__app *app, const sigset_t *unblocked)
{
    if (!chat__screen_start(!app->options->no_mouse)) {
        fputs("chat-tui: this is no terminal that can be drawn on; "
              "--headless works without one\n",
              stderr);
        return CHAT__EXIT_USAGE;
    }
    run(app, unblocked);
    chat__screen_stop();
    return CHAT__EXIT_OK;
}

void chat__app_release(struct chat__app *app)
{
    chat__room_list_release(&app->rooms);
    chat__invites_release(&app->invites);
    chat__input_release(&app->no_room);
    chat__completion_release(&app->completion);
    chat__safe_text_release(&app->notice);
    chat__safe_text_release(&app->connection.me);
    chat__safe_text_release(&app->connection.trouble);
    chat__secret_end(&app->secret);
    chat__session_forget(&app->who);
    chat__session_forget(&app->before);
}

int chat__app_run(const struct chat__options *options)
{
    struct chat__app app = {.options = options,
                            .state = {.lock = -1},
                            .presence = CHAT_PRESENCE_ONLINE};
    struct chat__safe_text why;
    sigset_t unblocked;
    int error, status;

    if (!chat__session_identify(&app.who, options)) {
        return CHAT__EXIT_USAGE;
    }
    take_signals(&unblocked); /* before there are other threads to get them */
    app.key_at_ms = chat__clock_monotonic();
    error = chat__app_open(&app, &why);
    if (error == CHAT_OK) {
        status = run_opened(&app, &unblocked);
        chat__safe_text_release(&why);
        chat__app_close(&app);
    } else {
        status = chat__session_give_up(error, &why);
    }
    chat__app_release(&app);
    return status;
}
