#include "tests/bench/connection.h"

#include "tests/bench/adapter.h"
#include "tests/bench/process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES (256 * 1024)
#define SAY_BYTES  4096
/* RFC 6455, 7.1.5: for a close frame that says nothing. */
#define CLOSE_WITHOUT_CODE 1005
/* Connections, ever, from one source address: ports rest after their use. */
#define OF_ONE_ADDRESS 5000

size_t connection_number(const struct connection *connection)
{
    return (size_t)(connection - connection->load->connections);
}

void connection_room(const struct connection *connection, char *name,
                     size_t size)
{
    const struct load *load = connection->load;

    if (load->options.room != NULL)
        snprintf(name, size, "%s", load->options.room);
    else
        snprintf(name, size, "%sr%u", load->prefix, connection->room);
}

static void fail(struct connection *connection, const char *what)
{
    load_fail(connection->load, "connection %zu: %s",
              connection_number(connection), what);
}

/* ---- epoll ---- */

static void watch(struct connection *connection, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = connection};

    if (epoll_ctl(connection->load->epoll, operation, connection->fd, &event) !=
        0)
        fail(connection, strerror(errno));
}

static void wait_to_write(struct connection *connection, bool wait)
{
    if (connection->waits_to_write == wait)
        return;
    connection->waits_to_write = wait;
    watch(connection, EPOLL_CTL_MOD, wait ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void connection_pause(struct connection *connection, bool pause)
{
    watch(connection, EPOLL_CTL_MOD, pause ? 0 : EPOLLIN);
}

/* ---- writing ---- */

size_t connection_frame(char header[CONNECTION_FRAME_BYTES], uint8_t opcode,
                        size_t length)
{
    size_t size = 0;

    header[size++] = (char)(0x80 | opcode);
    if (length < 126) {
        header[size++] = (char)(0x80 | length);
    } else {
        header[size++] = (char)(0x80 | 126);
        header[size++] = (char)(length >> 8);
        header[size++] = (char)length;
    }
    memset(header + size, 0, 4);
    return size + 4;
}

void connection_queue(struct connection *connection, const void *bytes,
                      size_t length)
{
    chat__buffer_append(&connection->output, bytes, length);
    if (connection->output.failed)
        fail(connection, "the server does not read what it is sent");
}

static void queue_frame(struct connection *connection, uint8_t opcode,
                        const char *data, size_t length)
{
    char header[CONNECTION_FRAME_BYTES];

    connection_queue(connection, header,
                     connection_frame(header, opcode, length));
    connection_queue(connection, data, length);
}

void connection_say(struct connection *connection, const char *format, ...)
{
    const struct adapter *adapter = connection->load->adapter;
    char text[SAY_BYTES];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof(text))
        fail(connection, "a request that is too long");
    else if (connection->state == CONNECTION_OPEN && adapter->path != NULL)
        queue_frame(connection, adapter->opcode, text, (size_t)length);
    else
        connection_queue(connection, text, (size_t)length);
}

void connection_flush(struct connection *connection)
{
    struct chat__buffer *output = &connection->output;
    ssize_t sent;

    if (connection->state == CONNECTION_CLOSED || output->length == 0)
        return;
    sent = send(connection->fd, output->data + connection->written,
                output->length - connection->written, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EPIPE && errno != ECONNRESET) {
        fail(connection, strerror(errno));
        return;
    }
    connection->written += sent > 0 ? (size_t)sent : 0;
    if (connection->written == output->length) {
        chat__buffer_clear(output);
        connection->written = 0;
    }
    wait_to_write(connection, output->length > 0);
}

/* ---- the upgrade ---- */

static void ask_upgrade(struct connection *connection)
{
    const struct adapter *adapter = connection->load->adapter;
    const char *protocol = adapter->subprotocol;

    connection->state = CONNECTION_UPGRADING;
    connection_say(connection,
                   "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
                   "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                   "Sec-WebSocket-Version: 13\r\n%s%s%s\r\n",
                   adapter->path, (unsigned int)connection->load->options.port,
                   protocol == NULL ? "" : "Sec-WebSocket-Protocol: ",
                   protocol == NULL ? "" : protocol,
                   protocol == NULL ? "" : "\r\n");
}

static void is_open(struct connection *connection)
{
    connection->state = CONNECTION_OPEN;
    connection->load->adapter->begin(connection);
}

static ptrdiff_t take_upgrade(struct connection *connection, const char *data,
                              size_t length)
{
    const char *end = memmem(data, length, "\r\n\r\n", 4);

    if (end == NULL)
        return 0;
    if (length < 13 || memcmp(data, "HTTP/1.1 101 ", 13) != 0) {
        load_fail(connection->load, "the server refused the upgrade: %.*s",
                  (int)strcspn(data, "\r"), data);
        return -1;
    }
    connection->inbox.framed = true;
    is_open(connection);
    return end + 4 - data;
}

/* ---- reading ---- */

static ptrdiff_t take_units(void *context, const char *data, size_t length,
                            bool ends)
{
    struct connection *connection = context;

    if (connection->state == CONNECTION_UPGRADING)
        return take_upgrade(connection, data, length);
    return connection->load->adapter->units(connection, data, length, ends);
}

static void take_control(void *context, enum inbox_opcode opcode,
                         const char *data, size_t length)
{
    struct connection *connection = context;

    if (opcode == INBOX_PING)
        queue_frame(connection, INBOX_PONG, data, length);
    else if (opcode == INBOX_CLOSE && length >= 2)
        connection->close_code =
            (uint16_t)((uint8_t)data[0] << 8 | (uint8_t)data[1]);
    else if (opcode == INBOX_CLOSE)
        connection->close_code = CLOSE_WITHOUT_CODE;
}

static const struct inbox_handler HANDLER = {
    .units = take_units,
    .control = take_control,
};

static void server_closed(struct connection *connection)
{
    struct load *load = connection->load;

    if (load->on.closed == NULL)
        load_fail(load, "the server closed connection %zu (code %u)%s",
                  connection_number(connection), connection->close_code,
                  connection->ready ? "" : ", which was not set up yet");
    if (connection->close_code != 0) {
        queue_frame(connection, INBOX_CLOSE, "\x03\xe8", 2);
        connection_flush(connection);
    }
    connection_close(connection);
    if (load->on.closed != NULL)
        load->on.closed(connection);
}

static void read_some(struct connection *connection)
{
    struct load *load = connection->load;
    ssize_t length;

    length = recv(connection->fd, load->area, READ_BYTES, 0);
    if (length < 0 && errno == EAGAIN)
        return;
    if (length <= 0) {
        server_closed(connection);
        return;
    }
    load->now = load->heard = process_now();
    load->reads++;
    load->bytes_read += (uint64_t)length;
    if (!inbox_receive(&connection->inbox, load->area, (size_t)length, &HANDLER,
                       connection))
        fail(connection, "what the server sent cannot be read");
    else if (connection->close_code != 0)
        server_closed(connection);
}

void connection_act(struct connection *connection, uint32_t events)
{
    if (connection->state == CONNECTION_CONNECTING) {
        if ((events & EPOLLERR) != 0) {
            fail(connection, "nobody listens on that port");
            return;
        }
        if (connection->load->adapter->path == NULL)
            is_open(connection);
        else
            ask_upgrade(connection);
    }
    if ((events & ~(uint32_t)EPOLLOUT) != 0)
        read_some(connection);
    connection_flush(connection);
}

/* ---- from open to close ---- */

/* Sources other than 127.0.0.1, where one address has not enough ports. */
static void bind_source(struct connection *connection)
{
    struct load *load = connection->load;
    struct sockaddr_in address = {.sin_family = AF_INET};
    uint32_t number = (uint32_t)(load->opened++ / OF_ONE_ADDRESS);
    int on = 1;

    if (number == 0)
        return;
    address.sin_addr.s_addr =
        htonl(0x7f000000u | (uint32_t)(load->prefix[0] & 127) << 16 |
              (uint32_t)(load->prefix[1] & 127) << 8 | number);
    setsockopt(connection->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on,
               sizeof(on));
    if (bind(connection->fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        fail(connection, strerror(errno));
}

void connection_open(struct connection *connection)
{
    struct load *load = connection->load;
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)load->options.port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int on = 1;

    connection->fd =
        socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (connection->fd < 0) {
        fail(connection, strerror(errno));
        return;
    }
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connection->receive_bytes > 0)
        setsockopt(connection->fd, SOL_SOCKET, SO_RCVBUF,
                   &connection->receive_bytes,
                   sizeof(connection->receive_bytes));
    connection->state = CONNECTION_CONNECTING;
    bind_source(connection);
    if (connect(connection->fd, (struct sockaddr *)&address, sizeof(address)) !=
            0 &&
        errno != EINPROGRESS)
        fail(connection, strerror(errno));
    connection->waits_to_write = true;
    watch(connection, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
}

void connection_close(struct connection *connection)
{
    if (connection->state == CONNECTION_CLOSED)
        return;
    close(connection->fd);
    connection->load->ready -= connection->ready;
    connection->fd = -1;
    connection->state = CONNECTION_CLOSED;
    connection->ready = false;
    connection->waits_to_write = false;
    connection->written = 0;
    connection->close_code = 0;
    inbox_release(&connection->inbox);
    inbox_init(&connection->inbox, false);
    chat__buffer_release(&connection->output);
}

void connection_is_ready(struct connection *connection)
{
    struct load *load = connection->load;

    load->ready += !connection->ready;
    connection->ready = true;
    if (load->on.ready != NULL)
        load->on.ready(connection);
}
