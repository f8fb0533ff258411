/*
 * What chatd's POSTs to @connections are measured against: HTTP/1.1 with
 * keep-alive that answers 200 to whatever comes, and counts. It checks nothing.
 *
 * usage: sink [--delay-ms N] [--certificate PEM]
 *
 * With a certificate (a file that has its key too) it speaks TLS. Once it
 * listens on 127.0.0.1, standard output gets the port; for each line of
 * standard input it gets "POSTS OBJECTS BYTES CONNECTIONS", all counted from
 * the start; at the end of the input it ends.
 *
 * A connection has one request at a time, as those of libcurl have. One thread.
 */
#include "protocol/buffer.h"

#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX    256
#define BACKLOG       1024
#define REQUEST_MAX   (256u << 10)
#define READ_BYTES    (64u << 10)
#define MILLISECOND   1000000LL
#define ANSWER        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define LENGTH_HEADER "\r\nContent-Length:"

struct connection {
    int socket;
    SSL *ssl; /* NULL: plain */
    struct chat__buffer unread;
    int64_t answer_at;
    STAILQ_ENTRY(connection) next; /* among those that wait for an answer */
};

static STAILQ_HEAD(, connection) waiting = STAILQ_HEAD_INITIALIZER(waiting);
static struct connection listener = {.socket = -1}, input;
static SSL_CTX *context; /* NULL: no TLS */
static int64_t delay_ns;
static int poller;
static unsigned long posts, objects, bytes, connections;

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "sink: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_ns(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 * MILLISECOND + time.tv_nsec;
}

/* ---- a connection ---- */

static void bury(struct connection *connection)
{
    if (connection->answer_at > 0)
        STAILQ_REMOVE(&waiting, connection, connection, next);
    SSL_free(connection->ssl);
    close(connection->socket);
    chat__buffer_release(&connection->unread);
    free(connection);
}

static void watch(struct connection *connection)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};

    if (epoll_ctl(poller, EPOLL_CTL_ADD, connection->socket, &event) != 0)
        die("epoll_ctl");
}

static void accept_all(void)
{
    int socket, on = 1;

    while ((socket = accept4(listener.socket, NULL, NULL, SOCK_NONBLOCK)) >=
           0) {
        struct connection *connection = calloc(1, sizeof(*connection));

        if (connection == NULL)
            die("no memory");
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        connection->socket = socket;
        chat__buffer_init(&connection->unread, REQUEST_MAX);
        if (context != NULL) {
            connection->ssl = SSL_new(context);
            SSL_set_fd(connection->ssl, socket);
            SSL_set_accept_state(connection->ssl);
        }
        connections++;
        watch(connection);
    }
}

/* It is short, so it fits into the socket's buffer. */
static void answer(struct connection *connection)
{
    connection->answer_at = 0;
    if (connection->ssl != NULL)
        SSL_write(connection->ssl, ANSWER, sizeof(ANSWER) - 1);
    else
        send(connection->socket, ANSWER, sizeof(ANSWER) - 1, MSG_NOSIGNAL);
}

static void answer_due(void)
{
    struct connection *first;
    int64_t now = now_ns();

    while ((first = STAILQ_FIRST(&waiting)) != NULL &&
           first->answer_at <= now) {
        STAILQ_REMOVE_HEAD(&waiting, next);
        answer(first);
    }
}

/* ---- requests ---- */

/* Of the request at the start of the buffer; 0 while it is not whole. */
static size_t request_length(const struct chat__buffer *unread, size_t *head)
{
    const char *end = memmem(unread->data, unread->length, "\r\n\r\n", 4);
    size_t length = 0;

    if (end == NULL)
        return 0;
    for (const char *at = unread->data; at < end; at++) {
        if (strncasecmp(at, LENGTH_HEADER, sizeof(LENGTH_HEADER) - 1) == 0)
            length = strtoul(at + sizeof(LENGTH_HEADER) - 1, NULL, 10);
        at = memchr(at + 1, '\r', (size_t)(end - at));
        at--;
    }
    *head = (size_t)(end - unread->data) + 4;
    return unread->length >= *head + length ? *head + length : 0;
}

static void take_request(struct connection *connection)
{
    struct chat__buffer *unread = &connection->unread;
    size_t head, length = request_length(unread, &head);

    if (length == 0)
        return;
    posts++;
    bytes += length;
    for (size_t at = head; at < length; at++)
        objects += unread->data[at] == '\n';
    chat__buffer_clear(unread);
    if (delay_ns == 0) {
        answer(connection);
        return;
    }
    connection->answer_at = now_ns() + delay_ns;
    STAILQ_INSERT_TAIL(&waiting, connection, next);
}

static ssize_t read_some(struct connection *connection, char *into)
{
    int got;

    if (connection->ssl == NULL)
        return recv(connection->socket, into, READ_BYTES, 0);
    got = SSL_read(connection->ssl, into, READ_BYTES);
    if (got > 0)
        return got;
    errno = EAGAIN;
    return SSL_get_error(connection->ssl, got) == SSL_ERROR_WANT_READ ? -1 : 0;
}

static void read_on(struct connection *connection)
{
    static char read[READ_BYTES];
    ssize_t got;

    while ((got = read_some(connection, read)) > 0)
        chat__buffer_append(&connection->unread, read, (size_t)got);
    if (got == 0 || errno != EAGAIN || connection->unread.failed)
        bury(connection);
    else
        take_request(connection);
}

/* ---- the loop ---- */

static bool tell(void)
{
    char line[64];

    if (read(STDIN_FILENO, line, sizeof(line)) <= 0)
        return false;
    printf("%lu %lu %lu %lu\n", posts, objects, bytes, connections);
    fflush(stdout);
    return true;
}

static int wait_for_events(struct epoll_event *events)
{
    const struct connection *first = STAILQ_FIRST(&waiting);
    struct timespec timeout = {0};
    int64_t left = first == NULL ? 0 : first->answer_at - now_ns();

    if (first == NULL)
        return epoll_wait(poller, events, EVENTS_MAX, -1);
    if (left > 0)
        timeout.tv_nsec = left;
    return epoll_pwait2(poller, events, EVENTS_MAX, &timeout, NULL);
}

static void serve(void)
{
    struct epoll_event events[EVENTS_MAX];

    for (;;) {
        int count = wait_for_events(events);

        for (int at = 0; at < count; at++) {
            struct connection *connection = events[at].data.ptr;

            if (connection == &listener)
                accept_all();
            else if (connection != &input)
                read_on(connection);
            else if (!tell())
                return;
        }
        answer_due();
    }
}

/* ---- the start ---- */

static void open_listener(void)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    socklen_t length = sizeof(address);

    listener.socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (bind(listener.socket, (struct sockaddr *)&address, length) != 0 ||
        listen(listener.socket, BACKLOG) != 0 ||
        getsockname(listener.socket, (struct sockaddr *)&address, &length) != 0)
        die("listen");
    watch(&listener);
    printf("%u\n", ntohs(address.sin_port));
    fflush(stdout);
}

static void use_certificate(const char *file)
{
    context = SSL_CTX_new(TLS_server_method());
    if (context == NULL ||
        SSL_CTX_use_certificate_file(context, file, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, file, SSL_FILETYPE_PEM) != 1)
        die(file);
}

static void read_options(int count, char **arguments)
{
    static const struct option known[] = {
        {"delay-ms", required_argument, NULL, 'd'},
        {"certificate", required_argument, NULL, 'c'},
        {0},
    };
    int option;

    while ((option = getopt_long(count, arguments, "", known, NULL)) != -1) {
        if (option == 'd')
            delay_ns = strtol(optarg, NULL, 10) * MILLISECOND;
        else if (option == 'c')
            use_certificate(optarg);
        else
            exit(2);
    }
}

int main(int count, char **arguments)
{
    signal(SIGPIPE, SIG_IGN);
    read_options(count, arguments);
    poller = epoll_create1(0);
    input.socket = STDIN_FILENO;
    watch(&input);
    open_listener();
    serve();
    return 0;
}
