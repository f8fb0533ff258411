#include "server/ops/log.h"
#include "server/ops/log_crash.h"
#include "server/ops/log_descriptor.h"
#include "server/ops/log_ring.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* A descriptor that said it takes bytes, and took none, is left for so long. */
#define RETRY_MS 50

struct stream {
    int descriptor;
    struct chat__log_ring ring;
    bool full;           /* lines are dropped until half is free */
    uint64_t unreported; /* lines dropped that the log has not told of */
    bool idle;           /* the thread looks at it when it is woken */

    /* The thread's: what it took out of the ring to write. */
    char piece[PIPE_BUF];
    size_t length;
    size_t written;
    bool paused;
    bool within_line; /* the last byte written was no line's end */
    uint64_t lost; /* lines that the descriptor refused, until it takes one */
};

enum mode {
    DIRECT, /* callers write */
    RUNNING,
    ENDING,
    CLOSED /* a reader was not there at the end */
};

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    pthread_t thread;
    enum mode mode;
    bool has_ended;
    int64_t deadline_ms;
    int wake;    /* eventfds: there is something to do ... */
    int settled; /* ... nothing is left, as a crash wanted to know */
    bool shared; /* both streams go to the same place */
    atomic_bool crashing;
    _Atomic uint64_t dropped;
    struct stream streams[CHAT__LOG_STREAM_COUNT];
} writer = {
    .mutex = PTHREAD_MUTEX_INITIALIZER,
    .wake = -1,
    .settled = -1,
    .streams = {[CHAT__LOG_STREAM_LOG] = {.descriptor = STDERR_FILENO},
                [CHAT__LOG_STREAM_METRICS] = {.descriptor = STDOUT_FILENO}},
};

static const char *const stream_names[] = {
    [CHAT__LOG_STREAM_LOG] = "log",
    [CHAT__LOG_STREAM_METRICS] = "metrics",
};

void chat__log_set_descriptor(enum chat__log_stream stream, int descriptor)
{
    writer.streams[stream].descriptor = descriptor;
}

uint64_t chat__log_dropped(void)
{
    return atomic_load(&writer.dropped);
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- who logs ---- */

/* Under the mutex, as what follows. */
static void put(struct stream *stream, const char *line, size_t length,
                bool reserved)
{
    size_t most =
        CHAT__LOG_RING_BYTES - (reserved ? 0 : (size_t)CHAT__LOG_RESERVE_BYTES);

    if ((reserved || !stream->full) && stream->ring.length + length <= most &&
        chat__log_ring_put(&stream->ring, line, length))
        return;
    stream->full = true;
    stream->unreported++;
    atomic_fetch_add(&writer.dropped, 1);
}

/* Tells of dropped lines, where they are missing. */
static void report(enum chat__log_stream number)
{
    struct stream *stream = &writer.streams[number];
    struct chat__log_line line;

    if (stream->unreported == 0)
        return;
    chat__log_begin_always(&line, CHAT__LOG_WARNING, "log_lines_dropped");
    chat__log_int(&line, "count", (int64_t)stream->unreported);
    chat__log_string(&line, "stream", stream_names[number]);
    if (chat__log_close(&line) &&
        chat__log_ring_put(&writer.streams[CHAT__LOG_STREAM_LOG].ring,
                           line.bytes, line.length))
        stream->unreported = 0;
}

static void put_reserved(enum chat__log_stream number, const char *line,
                         size_t length)
{
    report(number);
    put(&writer.streams[number], line, length, true);
}

/* Under the mutex, while the thread lives. */
static void hand_over(enum chat__log_stream number, const char *line,
                      size_t length, bool reserved)
{
    struct stream *stream = &writer.streams[number];

    if (reserved)
        put_reserved(number, line, length);
    else
        put(stream, line, length, false);
    /* Here, since a stop closes the descriptor once the mutex is free. */
    if (stream->idle)
        eventfd_write(writer.wake, 1);
    stream->idle = false;
}

void chat__log_emit(enum chat__log_stream stream, const char *line,
                    size_t length, bool reserved)
{
    enum mode mode;

    pthread_mutex_lock(&writer.mutex);
    mode = writer.mode;
    if (mode == RUNNING || mode == ENDING)
        hand_over(stream, line, length, reserved);
    pthread_mutex_unlock(&writer.mutex);
    if (mode == CLOSED ||
        (mode == DIRECT &&
         !chat__log_write_directly(writer.streams[stream].descriptor, line,
                                   length)))
        atomic_fetch_add(&writer.dropped, 1);
}

/* ---- the thread ---- */

/* When half is free, so that it does not tell of every line. */
static void accept_again(enum chat__log_stream number)
{
    struct stream *stream = &writer.streams[number];

    if (stream->ring.length <= CHAT__LOG_RING_BYTES / 2)
        stream->full = false;
    if (!stream->full && !writer.streams[CHAT__LOG_STREAM_LOG].full)
        report(number);
}

static bool has_piece(const struct stream *stream)
{
    return stream->written < stream->length;
}

/* False when nothing waits. */
static bool take(struct stream *stream)
{
    if (!has_piece(stream)) {
        stream->written = 0;
        stream->length = chat__log_ring_take(&stream->ring, stream->piece,
                                             sizeof stream->piece);
    }
    stream->idle = !has_piece(stream);
    return !stream->idle;
}

/*
 * Takes what is next from the rings, to be written before `deadline_ms`. False
 * when the thread shall end: what comes from then on has no thread.
 */
static bool take_pieces(int64_t *deadline_ms)
{
    bool waits = false;
    bool go_on;

    pthread_mutex_lock(&writer.mutex);
    for (size_t i = 0; i < CHAT__LOG_STREAM_COUNT; i++)
        accept_again((enum chat__log_stream)i);
    for (size_t i = 0; i < CHAT__LOG_STREAM_COUNT; i++)
        waits = take(&writer.streams[i]) || waits;
    *deadline_ms = writer.mode == RUNNING ? INT64_MAX : writer.deadline_ms;
    go_on = writer.mode == RUNNING || (waits && now_ms() < *deadline_ms);
    if (!go_on)
        writer.mode = waits ? CLOSED : DIRECT;
    pthread_mutex_unlock(&writer.mutex);
    if (!waits && atomic_load(&writer.crashing))
        eventfd_write(writer.settled, 1);
    return go_on;
}

/* The descriptor refuses the piece: its lines are lost. */
static void lose(struct stream *stream)
{
    for (size_t i = stream->written; i < stream->length; i++)
        stream->lost += stream->piece[i] == '\n';
    stream->written = stream->length;
}

/* It takes bytes again. */
static void recover(struct stream *stream)
{
    pthread_mutex_lock(&writer.mutex);
    stream->unreported += stream->lost;
    pthread_mutex_unlock(&writer.mutex);
    stream->lost = 0;
}

static void write_piece(struct stream *stream)
{
    uint64_t lost = stream->lost;
    ssize_t written = write(stream->descriptor, stream->piece + stream->written,
                            stream->length - stream->written);

    if (written >= 0) {
        stream->written += (size_t)written;
        if (lost > 0)
            recover(stream);
    } else if (errno == EAGAIN) {
        stream->paused = true;
    } else if (errno != EINTR) {
        lose(stream);
        atomic_fetch_add(&writer.dropped, stream->lost - lost);
    }
    if (stream->written > 0)
        stream->within_line = stream->piece[stream->written - 1] != '\n';
}

/* A line that takes several writes is not to have another's in its middle. */
static bool is_held(const struct stream *stream)
{
    for (size_t i = 0; i < CHAT__LOG_STREAM_COUNT; i++) {
        const struct stream *other = &writer.streams[i];

        if (other != stream && other->within_line)
            return writer.shared;
    }
    return false;
}

static int wait_ms(int64_t deadline_ms, bool paused)
{
    int64_t left;

    if (deadline_ms == INT64_MAX)
        return paused ? RETRY_MS : -1;
    left = deadline_ms - now_ms();
    if (left < 0)
        left = 0;
    return (int)(paused && left > RETRY_MS ? RETRY_MS : left);
}

/* Waits until there is something to do, and does it. */
static void write_pieces(int64_t deadline_ms)
{
    struct pollfd polls[CHAT__LOG_STREAM_COUNT + 1];
    bool paused = false;
    eventfd_t ignored;

    for (size_t i = 0; i < CHAT__LOG_STREAM_COUNT; i++) {
        struct stream *stream = &writer.streams[i];
        bool waits = has_piece(stream) && !stream->paused && !is_held(stream);

        paused = paused || stream->paused;
        polls[i] = (struct pollfd){.fd = waits ? stream->descriptor : -1,
                                   .events = POLLOUT};
        stream->paused = false;
    }
    polls[CHAT__LOG_STREAM_COUNT] =
        (struct pollfd){.fd = writer.wake, .events = POLLIN};
    if (poll(polls, CHAT__LOG_STREAM_COUNT + 1, wait_ms(deadline_ms, paused)) <=
        0)
        return;
    for (size_t i = 0; i < CHAT__LOG_STREAM_COUNT; i++)
        if (polls[i].revents != 0 && !is_held(&writer.streams[i]))
            write_piece(&writer.streams[i]);
    if (polls[CHAT__LOG_STREAM_COUNT].revents != 0)
        eventfd_read(writer.wake, &ignored);
}

static void *run(void *unused)
{
    int64_t deadline_ms;

    (void)unused;
    while (take_pieces(&deadline_ms))
        write_pieces(deadline_ms);
    pthread_mutex_lock(&writer.mutex);
    writer.has_ended = true;
    pthread_cond_signal(&writer.ended);
    pthread_mutex_unlock(&writer.mutex);
    return NULL;
}

/* ---- its life ---- */

/* In a signal's handler: only what is safe there. */
static void settle(void)
{
    struct pollfd settled = {.fd = writer.settled, .events = POLLIN};

    atomic_store(&writer.crashing, true);
    eventfd_write(writer.wake, 1);
    poll(&settled, 1, CHAT__LOG_CRASH_TIMEOUT_MS);
}

/* Its signals are the other threads'. */
static int start_thread(void)
{
    sigset_t all, before;
    int result;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    result = pthread_create(&writer.thread, NULL, run, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result;
}

static void close_descriptors(void)
{
    if (writer.wake >= 0)
        close(writer.wake);
    if (writer.settled >= 0)
        close(writer.settled);
    writer.wake = writer.settled = -1;
}

bool chat__log_start(void)
{
    pthread_condattr_t monotonic;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&writer.ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
    writer.has_ended = false;
    writer.shared = chat__log_same_place(
        writer.streams[CHAT__LOG_STREAM_LOG].descriptor,
        writer.streams[CHAT__LOG_STREAM_METRICS].descriptor);
    writer.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    writer.settled = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (writer.wake >= 0 && writer.settled >= 0) {
        writer.mode = RUNNING;
        errno = start_thread();
        if (errno == 0) {
            chat__log_watch_crashes(settle);
            return true;
        }
        writer.mode = DIRECT;
    }
    close_descriptors();
    return false;
}

/* False when the thread hangs in a write that said it would not block. */
static bool await_end(void)
{
    int64_t until_ms = writer.deadline_ms + CHAT__LOG_END_TIMEOUT_MS / 2;
    const struct timespec until = {.tv_sec = until_ms / 1000,
                                   .tv_nsec = until_ms % 1000 * 1000000};
    int result = 0;

    while (!writer.has_ended && result == 0)
        result = pthread_cond_timedwait(&writer.ended, &writer.mutex, &until);
    return writer.has_ended;
}

bool chat__log_stop(void)
{
    bool running;
    bool complete;
    bool ended;

    pthread_mutex_lock(&writer.mutex);
    running = writer.mode == RUNNING;
    if (running) {
        writer.mode = ENDING;
        writer.deadline_ms = now_ms() + CHAT__LOG_END_TIMEOUT_MS;
        eventfd_write(writer.wake, 1);
        if (!await_end())
            writer.mode = CLOSED;
    }
    complete = writer.mode == DIRECT;
    ended = writer.has_ended;
    pthread_mutex_unlock(&writer.mutex);
    if (!running)
        return complete;
    if (!ended) {
        pthread_detach(writer.thread);
        return false;
    }
    pthread_join(writer.thread, NULL);
    close_descriptors();
    return complete;
}
