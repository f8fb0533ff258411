#include "tests/aws/peer.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#define CLIENTS_MAX 16
#define LARGE_BYTES 100000
#define CREDENTIALS                                                            \
    "{\"AccessKeyId\":\"id\",\"SecretAccessKey\":\"secret\","                  \
    "\"Token\":\"token\",\"Expiration\":\"2999-01-01T00:00:00Z\"}"

static void say(int client, const char *text)
{
    (void)!send(client, text, strlen(text), MSG_NOSIGNAL);
}

/* False: the connection ends. */
static bool answer(int client, const char *path)
{
    static char large[LARGE_BYTES + 128];
    int length;

    if (strncmp(path, "/ok ", 4) == 0) {
        say(client, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    } else if (strncmp(path, "/later ", 7) == 0) {
        say(client, "HTTP/1.1 503 Later\r\nRetry-After: 7\r\n"
                    "Content-Length: 0\r\n\r\n");
    } else if (strncmp(path, "/large ", 7) == 0) {
        length = snprintf(large, sizeof large,
                          "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n",
                          LARGE_BYTES);
        memset(large + length, 'x', LARGE_BYTES);
        large[length + LARGE_BYTES] = '\0';
        say(client, large);
    } else if (strncmp(path, "/v2/credentials/", 16) == 0) {
        snprintf(large, sizeof large,
                 "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s",
                 strlen(CREDENTIALS), CREDENTIALS);
        say(client, large);
    } else if (strncmp(path, "/half ", 6) == 0) {
        say(client, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhel");
        return false;
    }
    return true;
}

/* A request in one read is enough for what the tests send. */
static bool serve(struct peer *peer, int client)
{
    ssize_t length = read(client, peer->request, sizeof peer->request - 1);
    const char *path;

    if (length <= 0)
        return false;
    peer->request[length] = '\0';
    peer->requests++;
    path = strchr(peer->request, '/');
    return path != NULL && answer(client, path);
}

static void *run(void *context)
{
    struct peer *peer = context;
    struct pollfd sockets[1 + CLIENTS_MAX] = {
        {.fd = peer->listener, .events = POLLIN}};
    nfds_t count = 1;

    /* Shut down, the listener is readable and gives an error. */
    for (;;) {
        poll(sockets, count, -1);
        if (sockets[0].revents != 0) {
            int client = accept(peer->listener, NULL, NULL);

            if (client < 0)
                break;
            peer->connections++;
            sockets[count++] = (struct pollfd){.fd = client, .events = POLLIN};
        }
        for (nfds_t i = 1; i < count; i++)
            if (sockets[i].revents != 0 && !serve(peer, sockets[i].fd)) {
                close(sockets[i].fd);
                sockets[i--] = sockets[--count];
            }
    }
    while (count > 1)
        close(sockets[--count].fd);
    return NULL;
}

void peer_start(struct peer *peer)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;

    *peer = (struct peer){0};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    peer->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(bind(peer->listener, (struct sockaddr *)&address, length) == 0);
    assert_true(listen(peer->listener, CLIENTS_MAX) == 0);
    getsockname(peer->listener, (struct sockaddr *)&address, &length);
    peer->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&peer->thread, NULL, run, peer), 0);
}

void peer_stop(struct peer *peer)
{
    shutdown(peer->listener, SHUT_RDWR);
    pthread_join(peer->thread, NULL);
    close(peer->listener);
}
