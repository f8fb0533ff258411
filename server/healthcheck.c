#include "server/healthcheck.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TEXT_OF_VALUE(value) #value
#define TEXT_OF(macro)       TEXT_OF_VALUE(macro)

static const char request[] = "GET /healthz HTTP/1.1\r\n"
                              "Host: localhost\r\n"
                              "Connection: close\r\n\r\n";
static const char healthy[] = "HTTP/1.1 200 ";

/* What is asked: plain, or TLS over the socket. */
struct connection {
    int socket;
    SSL_CTX *context; /* NULL: plain */
    SSL *tls;
};

static bool fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Always false. */
static bool fail(const char *format, ...)
{
    va_list arguments;

    fputs("chatd: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputs("\n", stderr);
    return false;
}

/* Of a signal: nothing but what may be called there. */
static void on_alarm(int number)
{
    static const char late[] = "chatd: no answer within " TEXT_OF(
        CHAT__HEALTHCHECK_TIMEOUT_S) " seconds\n";
    ssize_t ignored = write(STDERR_FILENO, late, sizeof late - 1);

    (void)number;
    (void)ignored;
    _exit(EXIT_FAILURE);
}

/* A server that listens everywhere is found on the loopback. */
static socklen_t address_of(const struct chat__listen *at,
                            struct sockaddr_storage *storage)
{
    struct sockaddr_in *four = (void *)storage;
    struct sockaddr_in6 *six = (void *)storage;

    memset(storage, 0, sizeof *storage);
    if (inet_pton(AF_INET, at->address, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(at->port);
        if (four->sin_addr.s_addr == htonl(INADDR_ANY))
            four->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return sizeof *four;
    }
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(at->port);
    inet_pton(AF_INET6, at->address, &six->sin6_addr);
    if (IN6_IS_ADDR_UNSPECIFIED(&six->sin6_addr))
        six->sin6_addr = in6addr_loopback;
    return sizeof *six;
}

static bool open_socket(struct connection *connection,
                        const struct chat__listen *at)
{
    struct sockaddr_storage address;
    socklen_t length = address_of(at, &address);

    connection->socket =
        socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return (connection->socket >= 0 &&
            connect(connection->socket, (struct sockaddr *)&address, length) ==
                0) ||
           fail("%s port %u: %s", at->address, at->port, strerror(errno));
}

/* Nobody is trusted by this: the certificate may be for any name. */
static bool start_tls(struct connection *connection)
{
    connection->context = SSL_CTX_new(TLS_client_method());
    if (connection->context != NULL)
        connection->tls = SSL_new(connection->context);
    return (connection->tls != NULL &&
            SSL_set_fd(connection->tls, connection->socket) == 1 &&
            SSL_connect(connection->tls) == 1) ||
           fail("TLS failed");
}

static bool send_request(const struct connection *connection)
{
    int length = (int)sizeof request - 1;

    return connection->tls != NULL
               ? SSL_write(connection->tls, request, length) == length
               : write(connection->socket, request, (size_t)length) == length;
}

/* The start of the answer, as far as it tells. */
static bool read_answer(const struct connection *connection)
{
    char answer[sizeof healthy - 1];
    size_t length = 0;

    while (length < sizeof answer) {
        size_t left = sizeof answer - length;
        ssize_t more =
            connection->tls != NULL
                ? SSL_read(connection->tls, answer + length, (int)left)
                : read(connection->socket, answer + length, left);

        if (more <= 0)
            return false;
        length += (size_t)more;
    }
    return memcmp(answer, healthy, sizeof answer) == 0;
}

static bool ask(struct connection *connection, const struct chat__listen *at,
                bool tls)
{
    if (!open_socket(connection, at) || (tls && !start_tls(connection)))
        return false;
    return (send_request(connection) && read_answer(connection)) ||
           fail("the answer is not that of a healthy chatd");
}

static void close_connection(struct connection *connection)
{
    SSL_free(connection->tls);
    SSL_CTX_free(connection->context);
    if (connection->socket >= 0)
        close(connection->socket);
}

bool chat__healthcheck(const struct chat__options *options)
{
    bool own = options->ops_listen.at.address != NULL;
    const struct chat__listen *at =
        own ? &options->ops_listen.at : &options->listen;
    struct connection connection = {.socket = -1};
    bool fine;

    if (at->port == 0)
        return fail("port 0 is a free one that only the log of the server "
                    "names: give it one, by --ops-listen or --listen");
    signal(SIGPIPE, SIG_IGN);
    signal(SIGALRM, on_alarm);
    alarm(CHAT__HEALTHCHECK_TIMEOUT_S);
    fine = ask(&connection, at, !own && options->tls_certificate != NULL);
    alarm(0);
    close_connection(&connection);
    if (fine)
        fputs("chatd: ok\n", stderr);
    return fine;
}
