#include "tests/sdk/peer.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- listening ---- */

static socklen_t make_address(struct sockaddr_storage *storage,
                              const char *address, uint16_t port)
{
    struct sockaddr_in *four = (struct sockaddr_in *)storage;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)storage;

    memset(storage, 0, sizeof(*storage));
    if (inet_pton(AF_INET, address, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(port);
        return sizeof(*four);
    }
    assert_int_equal(inet_pton(AF_INET6, address, &six->sin6_addr), 1);
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
    return sizeof(*six);
}

bool peer_listen(struct peer *peer, const char *address, uint16_t port,
                 SSL_CTX *tls)
{
    struct sockaddr_storage storage;
    socklen_t length = make_address(&storage, address, port);
    int one = 1;

    peer->tls = tls;
    peer->fd = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (peer->fd < 0)
        return false;
    setsockopt(peer->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (storage.ss_family == AF_INET6)
        setsockopt(peer->fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
    if (bind(peer->fd, (struct sockaddr *)&storage, length) != 0 ||
        listen(peer->fd, 8) != 0) {
        close(peer->fd);
        return false;
    }
    assert_int_equal(
        getsockname(peer->fd, (struct sockaddr *)&storage, &length), 0);
    peer->port = ntohs(((struct sockaddr_in *)&storage)->sin_port);
    return true;
}

void peer_close(struct peer *peer)
{
    close(peer->fd);
}

/* ---- bytes ---- */

static void be_patient(int fd)
{
    struct timeval patience = {.tv_sec = PEER_PATIENCE_S};

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

/* False: the client has closed. */
static bool take(struct peer_connection *connection, void *bytes, size_t length)
{
    char *at = bytes;

    while (length > 0) {
        ssize_t got = connection->ssl != NULL
                          ? SSL_read(connection->ssl, at, (int)length)
                          : recv(connection->fd, at, length, 0);

        if (got <= 0)
            return false;
        at += got;
        length -= (size_t)got;
    }
    return true;
}

void peer_send_raw(struct peer_connection *connection, const void *bytes,
                   size_t length)
{
    const char *at = bytes;

    while (length > 0) {
        ssize_t sent = connection->ssl != NULL
                           ? SSL_write(connection->ssl, at, (int)length)
                           : send(connection->fd, at, length, MSG_NOSIGNAL);

        if (sent <= 0)
            return;
        at += sent;
        length -= (size_t)sent;
    }
}

/* ---- handshake ---- */

static bool start_tls(struct peer *peer, struct peer_connection *connection)
{
    if (peer->tls == NULL)
        return true;
    connection->ssl = SSL_new(peer->tls);
    assert_non_null(connection->ssl);
    SSL_set_fd(connection->ssl, connection->fd);
    return SSL_accept(connection->ssl) == 1;
}

static bool read_request(struct peer_connection *connection)
{
    size_t length = 0;

    while (length < sizeof(connection->request) - 1) {
        if (!take(connection, connection->request + length, 1))
            return false;
        connection->request[++length] = '\0';
        if (length >= 4 &&
            strcmp(connection->request + length - 4, "\r\n\r\n") == 0)
            return true;
    }
    return false;
}

struct peer_connection *peer_accept_request(struct peer *peer)
{
    struct peer_connection *connection = calloc(1, sizeof(*connection));

    assert_non_null(connection);
    be_patient(peer->fd);
    connection->fd = accept(peer->fd, NULL, NULL);
    assert_true(connection->fd >= 0);
    be_patient(connection->fd);
    if (start_tls(peer, connection) && read_request(connection))
        return connection;
    peer_hang_up(connection, 0);
    return NULL;
}

static void accept_key(const char *request, char accept[64])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    const char *key = strstr(request, "Sec-WebSocket-Key: ");
    unsigned char digest[SHA_DIGEST_LENGTH];
    char text[128];

    assert_non_null(key);
    snprintf(text, sizeof(text), "%.24s%s", key + 19, guid);
    SHA1((unsigned char *)text, strlen(text), digest);
    EVP_EncodeBlock((unsigned char *)accept, digest, sizeof(digest));
}

struct peer_connection *peer_accept(struct peer *peer)
{
    struct peer_connection *connection = peer_accept_request(peer);
    char accept[64];
    char answer[512];
    int length;

    assert_non_null(connection);
    accept_key(connection->request, accept);
    length =
        snprintf(answer, sizeof(answer),
                 "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                 "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n%s\r\n",
                 accept,
                 strstr(connection->request, "Sec-WebSocket-Protocol: chat.v1")
                     ? "Sec-WebSocket-Protocol: chat.v1\r\n"
                     : "");
    peer_send_raw(connection, answer, (size_t)length);
    return connection;
}

/* ---- frames ---- */

void peer_send_frame(struct peer_connection *connection, int opcode, bool final,
                     const void *bytes, size_t length)
{
    unsigned char header[10] = {(unsigned char)((final ? 0x80 : 0) | opcode)};
    size_t used = 2;

    if (length < 126) {
        header[1] = (unsigned char)length;
    } else if (length < 65536) {
        header[1] = 126;
        header[2] = (unsigned char)(length >> 8);
        header[3] = (unsigned char)length;
        used = 4;
    } else {
        header[1] = 127;
        for (int i = 0; i < 8; i++)
            header[2 + i] = (unsigned char)(length >> (56 - 8 * i));
        used = 10;
    }
    peer_send_raw(connection, header, used);
    peer_send_raw(connection, bytes, length);
}

void peer_send(struct peer_connection *connection, const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    int length;

    va_start(arguments, format);
    length = vasprintf(&text, format, arguments);
    va_end(arguments);
    assert_true(length >= 0);
    peer_send_frame(connection, 1, true, text, (size_t)length);
    free(text);
}

/* One frame into connection->frame; its opcode, or -1 at the end. */
static int receive_frame(struct peer_connection *connection)
{
    unsigned char header[2];
    unsigned char wide[8];
    unsigned char mask[4];
    size_t length;

    if (!take(connection, header, 2))
        return -1;
    length = header[1] & 0x7f;
    assert_true((header[1] & 0x80) != 0);
    assert_int_not_equal(length, 127);
    if (length == 126) {
        if (!take(connection, wide, 2))
            return -1;
        length = (size_t)wide[0] << 8 | wide[1];
    }
    assert_true(length < sizeof(connection->frame));
    if (!take(connection, mask, 4) ||
        !take(connection, connection->frame, length))
        return -1;
    for (size_t i = 0; i < length; i++)
        connection->frame[i] = (char)(connection->frame[i] ^ mask[i & 3]);
    connection->frame[length] = '\0';
    return header[0] & 0x0f;
}

const char *peer_receive(struct peer_connection *connection)
{
    int opcode;

    do {
        opcode = receive_frame(connection);
    } while (opcode == 9 || opcode == 10);
    return opcode == 1 ? connection->frame : NULL;
}

uint32_t peer_expect(struct peer_connection *connection, const char *action)
{
    const char *frame = peer_receive(connection);
    char start[64];
    const char *id;

    snprintf(start, sizeof(start), "{\"action\":\"%s\"", action);
    assert_non_null(frame);
    if (strncmp(frame, start, strlen(start)) != 0)
        fail_msg("expected %s, got %s", action, frame);
    id = strstr(frame, "\"id\":");
    return id != NULL ? (uint32_t)strtoul(id + 5, NULL, 10) : 0;
}

void peer_hang_up(struct peer_connection *connection, unsigned code)
{
    unsigned char bytes[2] = {(unsigned char)(code >> 8), (unsigned char)code};

    if (code != 0)
        peer_send_frame(connection, 8, true, bytes, sizeof(bytes));
    if (connection->ssl != NULL)
        SSL_free(connection->ssl);
    close(connection->fd);
    free(connection);
}
