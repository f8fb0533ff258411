#include "tests/bench/floor.h"

#include "tests/bench/floor_options.h"
#include "tests/bench/floor_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX  1024
#define READ_BYTES  (256u << 10)
#define BACKLOG     4096
#define LOG_MAX     (64u << 20)
#define NANOSECONDS 1000000000LL

static struct floor_options options;
static int poller, listener, file = -1;
static struct floor_connections dying, answering;
static struct floor_rooms dirty;
static struct chat__buffer log_bytes; /* of this pass */
static int64_t flushed_at;
static char read_bytes[READ_BYTES];

static void die(const char *what)
{
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * NANOSECONDS + time.tv_nsec;
}

/* ---- out ---- */

static void drop(struct floor_connection *connection)
{
    if (connection->dead)
        return;
    connection->dead = true;
    SLIST_INSERT_HEAD(&dying, connection, next_dying);
}

static void watch(struct floor_connection *connection, bool writing)
{
    struct epoll_event event = {
        .events = EPOLLIN | (writing ? (uint32_t)EPOLLOUT : 0),
        .data.ptr = connection,
    };
    connection->waits_to_write = writing;
    epoll_ctl(poller, EPOLL_CTL_MOD, connection->socket, &event);
}

/* How many bytes went; a connection that failed takes none. */
static size_t try_send(struct floor_connection *connection, const char *bytes,
                       size_t length)
{
    ssize_t sent =
        send(connection->socket, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0)
        return (size_t)sent;
    if (errno != EAGAIN && errno != EINTR)
        drop(connection);
    return 0;
}

/* What does not go now goes when the socket takes more. */
static void transmit(struct floor_connection *connection, const char *bytes,
                     size_t length)
{
    size_t sent = 0;
    if (connection->dead)
        return;
    if (connection->unsent.length == 0)
        sent = try_send(connection, bytes, length);
    if (sent == length)
        return;
    chat__buffer_append(&connection->unsent, bytes + sent, length - sent);
    if (connection->unsent.failed)
        drop(connection);
    else if (!connection->waits_to_write)
        watch(connection, true);
}

static void write_on(struct floor_connection *connection)
{
    struct chat__buffer *unsent = &connection->unsent;
    size_t sent = try_send(connection, unsent->data, unsent->length);
    memmove(unsent->data, unsent->data + sent, unsent->length - sent);
    chat__buffer_truncate(unsent, unsent->length - sent);
    if (unsent->length > 0)
        return;
    chat__buffer_release(unsent);
    watch(connection, false);
}

static void flush_room(struct floor_room *room)
{
    for (size_t at = 0; at < room->count; at++)
        transmit(room->members[at], room->pending.data, room->pending.length);
    chat__buffer_clear(&room->pending);
}

static void flush_answers(struct floor_connection *connection)
{
    transmit(connection, connection->answers.data, connection->answers.length);
    chat__buffer_release(&connection->answers);
}

/* ---- what clients say ---- */

static void answer(struct floor_connection *connection,
                   enum floor_opcode opcode, const char *payload, size_t length)
{
    floor_put_frame(&connection->answers, opcode, payload, length, 0);
    if (options.mode == FLOOR_DIRECT) {
        flush_answers(connection);
    } else if (!connection->answering) {
        connection->answering = true;
        SLIST_INSERT_HEAD(&answering, connection, next_answering);
    }
}

static void publish(const char *name, size_t length)
{
    const char *payload = memchr(name, ' ', length);
    struct floor_room *room;
    if (!payload)
        return;
    room = floor_find_room(name, (size_t)(payload - name));
    if (!room)
        return;
    payload++;
    length -= (size_t)(payload - name);
    if (room->pending.length == 0 && options.mode != FLOOR_DIRECT)
        SLIST_INSERT_HEAD(&dirty, room, next_dirty);
    floor_put_frame(&room->pending, FLOOR_TEXT, payload, length, options.pad);
    if (options.mode == FLOOR_DIRECT)
        flush_room(room);
}

static void take_text(struct floor_connection *connection,
                      const struct floor_frame *frame)
{
    const char *body = frame->payload + 1;
    size_t length = frame->length - 1;
    if (options.mode == FLOOR_DURABLE && *frame->payload != 'J') {
        chat__buffer_append(&log_bytes, body, length);
        chat__buffer_append_byte(&log_bytes, '\n');
    }
    switch (*frame->payload) {
    case 'J':
        floor_join(connection, floor_find_room(body, length));
        answer(connection, FLOOR_TEXT, "J", 1);
        break;
    case 'P':
        publish(body, length);
        break;
    case 'A':
        answer(connection, FLOOR_TEXT, body, length);
        break;
    default:
        drop(connection);
    }
}

static void take_frame(struct floor_connection *connection,
                       const struct floor_frame *frame)
{
    if (frame->opcode == FLOOR_TEXT && frame->length > 0)
        take_text(connection, frame);
    else if (frame->opcode == FLOOR_PING)
        answer(connection, FLOOR_PONG, frame->payload, frame->length);
    else if (frame->opcode != FLOOR_PONG)
        drop(connection);
}

/* How many of the bytes were whole. */
static size_t take_bytes(struct floor_connection *connection, char *bytes,
                         size_t length)
{
    struct floor_frame frame;
    size_t taken = 0, size;
    if (!connection->upgraded) {
        ptrdiff_t head = floor_upgrade(bytes, length, &connection->answers);
        if (head < 0)
            drop(connection);
        if (head <= 0)
            return 0;
        connection->upgraded = true;
        flush_answers(connection);
        taken = (size_t)head;
    }
    while (!connection->dead &&
           (size = floor_take_frame(bytes + taken, length - taken, &frame)) >
               0) {
        take_frame(connection, &frame);
        taken += size;
    }
    return taken;
}

/* The bytes of all connections are read into one place. */
static void read_on(struct floor_connection *connection)
{
    size_t length = connection->unread.length, taken;
    ssize_t got = recv(connection->socket, read_bytes + length,
                       READ_BYTES - length, MSG_DONTWAIT);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN)
            drop(connection);
        return;
    }
    if (length > 0)
        memcpy(read_bytes, connection->unread.data, length);
    chat__buffer_release(&connection->unread);
    length += (size_t)got;
    taken = take_bytes(connection, read_bytes, length);
    if (taken < length)
        chat__buffer_append(&connection->unread, read_bytes + taken,
                            length - taken);
    if (connection->unread.failed)
        drop(connection);
}

/* ---- the loop ---- */

static struct floor_connection *new_connection(int socket)
{
    struct floor_connection *connection = calloc(1, sizeof(*connection));
    if (!connection)
        die("no memory");
    connection->socket = socket;
    chat__buffer_init(&connection->unread, READ_BYTES - 1);
    chat__buffer_init(&connection->unsent, FLOOR_UNSENT_MAX);
    chat__buffer_init(&connection->answers, FLOOR_UNSENT_MAX);
    return connection;
}

static void accept_all(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    int socket, on = 1;
    while ((socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        event.data.ptr = new_connection(socket);
        if (epoll_ctl(poller, EPOLL_CTL_ADD, socket, &event) != 0)
            die("epoll_ctl");
    }
}

static void bury(struct floor_connection *connection)
{
    floor_leave(connection);
    close(connection->socket);
    chat__buffer_release(&connection->unread);
    chat__buffer_release(&connection->unsent);
    chat__buffer_release(&connection->answers);
    free(connection);
}

static void handle(const struct epoll_event *event)
{
    struct floor_connection *connection = event->data.ptr;
    if (!connection) {
        accept_all();
        return;
    }
    if (event->events & EPOLLOUT)
        write_on(connection);
    if (event->events & ~(uint32_t)EPOLLOUT && !connection->dead)
        read_on(connection);
}

static void sync_log(void)
{
    if (log_bytes.length == 0)
        return;
    if (write(file, log_bytes.data, log_bytes.length) !=
        (ssize_t)log_bytes.length)
        die(options.file);
    if (fdatasync(file) != 0)
        die(options.file);
    chat__buffer_clear(&log_bytes);
}

static void flush_rooms(void)
{
    if (SLIST_EMPTY(&dirty))
        return;
    if (options.flush_ns > 0) {
        int64_t now = now_ns();
        if (now - flushed_at < options.flush_ns)
            return;
        flushed_at = now;
    }
    while (!SLIST_EMPTY(&dirty)) {
        struct floor_room *room = SLIST_FIRST(&dirty);
        SLIST_REMOVE_HEAD(&dirty, next_dirty);
        flush_room(room);
    }
}

static void end_pass(void)
{
    struct floor_connection *connection;
    sync_log();
    flush_rooms();
    while ((connection = SLIST_FIRST(&answering)) != NULL) {
        SLIST_REMOVE_HEAD(&answering, next_answering);
        connection->answering = false;
        flush_answers(connection);
    }
    while ((connection = SLIST_FIRST(&dying)) != NULL) {
        SLIST_REMOVE_HEAD(&dying, next_dying);
        bury(connection);
    }
}

/* A room that waits is flushed when its time has come. */
static int wait_for_events(struct epoll_event *events)
{
    struct timespec timeout = {0};
    int64_t left = flushed_at + options.flush_ns - now_ns();
    if (SLIST_EMPTY(&dirty))
        return epoll_wait(poller, events, EVENTS_MAX, -1);
    if (left > 0)
        timeout = (struct timespec){.tv_sec = left / NANOSECONDS,
                                    .tv_nsec = left % NANOSECONDS};
    return epoll_pwait2(poller, events, EVENTS_MAX, &timeout, NULL);
}

static void serve(void)
{
    struct epoll_event events[EVENTS_MAX];
    for (;;) {
        int count = wait_for_events(events);
        if (count < 0 && errno != EINTR)
            die("epoll_wait");
        for (int at = 0; at < count; at++)
            handle(&events[at]);
        end_pass();
    }
}

/* ---- the start ---- */

static void open_listener(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(options.port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    socklen_t length = sizeof(address);
    int on = 1;
    poller = epoll_create1(0);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(listener, (struct sockaddr *)&address, length) != 0 ||
        listen(listener, BACKLOG) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0 ||
        epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event) != 0)
        die("listen");
    fprintf(stderr, "{\"event\":\"listening\",\"port\":%u}\n",
            ntohs(address.sin_port));
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int count, char **arguments)
{
    options = floor_read_options(count, arguments);
    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    chat__buffer_init(&log_bytes, LOG_MAX);
    if (options.mode == FLOOR_DURABLE) {
        file = open(options.file, O_WRONLY | O_CREAT | O_APPEND, 0600);
        if (file < 0)
            die(options.file);
    }
    open_listener();
    serve();
}
