/*
 * Cuts a client's first connection behind every byte of a session, in one
 * direction, then in the other, and lets the client on libchatclient find its
 * way. A session signs in, makes a room, says three things and sees them; a
 * proxy of ours stands between it and the server. It ends by itself with the
 * first session that is shorter than the offset.
 *
 * usage: cut PORT
 *
 * Standard output has a JSON object for each session: its room, whether it was
 * cut, and the digest of the log that it was shown, a newline behind each
 * entry.
 */
#include <chat/client.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WORKERS  16 /* sessions at one time */
#define MESSAGES 3
#define ENTRIES  (1 + MESSAGES) /* the join as well */
#define POLLED   4              /* descriptors of a worker */

enum direction { TO_SERVER, TO_CLIENT, DIRECTIONS };

static const char direction_names[] = {'s', 'c'};

struct worker {
    /* the proxy */
    int listener;
    int ends[DIRECTIONS]; /* where that direction goes to; -1: none */
    bool is_first;        /* connection of the session: the one to cut */
    bool was_cut;
    size_t passed; /* bytes of the first connection in the direction */
    /* the session */
    chat_client *client;
    char room[16];
    enum direction direction;
    size_t offset;
    int said;
    int sent;
    uint64_t last;
    EVP_MD_CTX *digest;
};

static struct worker workers[WORKERS];
static size_t next_offset;
static enum direction direction;
static uint16_t server_port;

static _Noreturn void fail(const struct worker *worker, const char *what)
{
    fprintf(stderr, "cut: room %s, offset %zu: %s\n", worker->room,
            worker->offset, what);
    exit(EXIT_FAILURE);
}

/* ---- the proxy ---- */

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons(port),
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
}

static uint16_t open_listener(struct worker *worker)
{
    struct sockaddr_in address = loopback(0);
    socklen_t length = sizeof(address);

    worker->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(worker->listener, (struct sockaddr *)&address, length) != 0 ||
        listen(worker->listener, 8) != 0 ||
        getsockname(worker->listener, (struct sockaddr *)&address, &length) !=
            0)
        fail(worker, "no listener");
    return ntohs(address.sin_port);
}

/* The server also meets connections that are reset. */
static void hang_up(struct worker *worker)
{
    const struct linger reset = {.l_onoff = 1};

    for (int i = 0; i < DIRECTIONS; i++) {
        if (worker->ends[i] < 0)
            continue;
        if (i == TO_SERVER && worker->offset % 2 == 1)
            setsockopt(worker->ends[i], SOL_SOCKET, SO_LINGER, &reset,
                       sizeof(reset));
        close(worker->ends[i]);
        worker->ends[i] = -1;
    }
    worker->is_first = false;
}

static void cut_if_due(struct worker *worker)
{
    if (worker->is_first && worker->passed == worker->offset) {
        worker->was_cut = true;
        hang_up(worker);
    }
}

static void take_connection(struct worker *worker)
{
    struct sockaddr_in address = loopback(server_port);
    bool is_first = worker->is_first;
    int one = 1;

    hang_up(worker);
    worker->is_first = is_first && !worker->was_cut && worker->passed == 0;
    worker->ends[TO_CLIENT] =
        accept4(worker->listener, NULL, NULL, SOCK_CLOEXEC);
    worker->ends[TO_SERVER] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (worker->ends[TO_CLIENT] < 0 ||
        connect(worker->ends[TO_SERVER], (struct sockaddr *)&address,
                sizeof(address)) != 0)
        fail(worker, "no connection");
    for (int i = 0; i < DIRECTIONS; i++)
        setsockopt(worker->ends[i], IPPROTO_TCP, TCP_NODELAY, &one,
                   sizeof(one));
    cut_if_due(worker);
}

/* Passes on what has come for one end, up to the cut. */
static void pass(struct worker *worker, enum direction to)
{
    char bytes[4096];
    bool counts = worker->is_first && to == worker->direction;
    size_t most = sizeof(bytes);
    ssize_t got;

    if (counts && worker->offset - worker->passed < most)
        most = worker->offset - worker->passed;
    got = recv(worker->ends[!to], bytes, most, 0);
    if (got <= 0 ||
        send(worker->ends[to], bytes, (size_t)got, MSG_NOSIGNAL) != got) {
        hang_up(worker);
        return;
    }
    if (counts)
        worker->passed += (size_t)got;
    cut_if_due(worker);
}

/* ---- the session ---- */

static void say(struct worker *worker)
{
    char text[32];

    snprintf(text, sizeof(text), "message %d", ++worker->said);
    if (chat_send(worker->client, worker->room, text, 0, NULL) != CHAT_OK)
        fail(worker, "cannot send");
}

static void show(struct worker *worker, const chat_entry *entry)
{
    if (entry->seq != worker->last + 1)
        fail(worker, "not the next entry");
    worker->last = entry->seq;
    EVP_DigestUpdate(worker->digest, entry->json, entry->json_length);
    EVP_DigestUpdate(worker->digest, "\n", 1);
}

/* A page may come again, when its reply was lost. */
static void show_page(struct worker *worker, const chat_history_event *page)
{
    for (size_t i = 0; i < page->count; i++)
        if (page->entries[i]->seq > worker->last)
            show(worker, page->entries[i]);
}

static void on_event(chat_client *client, const chat_event *event, void *data)
{
    struct worker *worker = data;

    switch (event->type) {
    case CHAT_EVENT_STATE:
        if (event->u.state.state == CHAT_STATE_WAITING)
            chat_client_connect(client);
        else if (event->u.state.state == CHAT_STATE_CLOSED)
            fail(worker, event->u.state.detail);
        break;
    case CHAT_EVENT_HISTORY:
        show_page(worker, &event->u.history);
        while (worker->said < MESSAGES - 1)
            say(worker);
        break;
    case CHAT_EVENT_ENTRY:
        show(worker, &event->u.entry);
        break;
    case CHAT_EVENT_SENT:
        if (++worker->sent == MESSAGES - 1)
            say(worker);
        break;
    case CHAT_EVENT_FAILED:
        fail(worker, chat_strerror(event->u.failed.error));
    default:
        break;
    }
}

static void begin(struct worker *worker)
{
    struct sockaddr_in address;
    socklen_t length = sizeof(address);
    char url[64];

    worker->direction = direction;
    worker->offset = next_offset++;
    worker->is_first = true;
    worker->was_cut = false;
    worker->passed = worker->last = 0;
    worker->said = worker->sent = 0;
    snprintf(worker->room, sizeof(worker->room), "%c-%06zu",
             direction_names[direction], worker->offset);
    getsockname(worker->listener, (struct sockaddr *)&address, &length);
    snprintf(url, sizeof(url), "ws://127.0.0.1:%d/ws", ntohs(address.sin_port));
    EVP_DigestInit_ex(worker->digest, EVP_sha256(), NULL);
    if (chat_client_new(&worker->client, url) != CHAT_OK)
        fail(worker, "no handle");
    chat_client_set_handler(worker->client, on_event, worker);
    if (chat_client_set_guest(worker->client, "cut") != CHAT_OK ||
        chat_client_connect(worker->client) != CHAT_OK ||
        chat_join(worker->client, worker->room, CHAT_JOIN_CREATE, 50, NULL) !=
            CHAT_OK)
        fail(worker, "cannot begin");
}

static void print_session(struct worker *worker)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;

    EVP_DigestFinal_ex(worker->digest, digest, &length);
    printf("{\"room\":\"%s\",\"cut\":%s,\"sha256\":\"", worker->room,
           worker->was_cut ? "true" : "false");
    for (unsigned int i = 0; i < length; i++)
        printf("%02x", digest[i]);
    puts("\"}");
}

/* True while the direction has more; the first whole session ends it. */
static bool end(struct worker *worker)
{
    bool is_over = !worker->was_cut && worker->direction == direction;

    print_session(worker);
    chat_client_free(worker->client);
    worker->client = NULL;
    hang_up(worker);
    if (is_over) {
        direction++;
        next_offset = 0;
    }
    return direction < DIRECTIONS;
}

static bool is_complete(const struct worker *worker)
{
    return worker->sent == MESSAGES && worker->last == ENTRIES;
}

/* ---- the whole ---- */

static void serve(struct worker *worker, const struct pollfd *ready)
{
    if (ready[0].revents)
        take_connection(worker);
    else if (ready[1].revents && worker->ends[TO_CLIENT] == ready[1].fd)
        pass(worker, TO_SERVER);
    else if (ready[2].revents && worker->ends[TO_SERVER] == ready[2].fd)
        pass(worker, TO_CLIENT);
    if (ready[3].revents)
        chat_client_dispatch(worker->client);
    if (is_complete(worker) && end(worker))
        begin(worker);
}

static void run(void)
{
    struct pollfd ready[WORKERS * POLLED];
    size_t busy;

    do {
        busy = 0;
        for (size_t i = 0; i < WORKERS; i++) {
            const struct worker *worker = &workers[i];

            if (worker->client == NULL)
                continue;
            int fds[POLLED] = {worker->listener, worker->ends[TO_CLIENT],
                               worker->ends[TO_SERVER],
                               chat_client_fd(worker->client)};
            for (size_t j = 0; j < POLLED; j++)
                ready[i * POLLED + j] =
                    (struct pollfd){.fd = fds[j], .events = POLLIN};
            busy++;
        }
        if (busy == 0 ||
            (poll(ready, WORKERS * POLLED, -1) < 0 && errno != EINTR))
            return;
        for (size_t i = 0; i < WORKERS; i++)
            if (workers[i].client != NULL)
                serve(&workers[i], &ready[i * POLLED]);
            else
                memset(&ready[i * POLLED], -1, POLLED * sizeof(*ready));
    } while (busy > 0);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return EXIT_FAILURE;
    server_port = (uint16_t)strtoul(argv[1], NULL, 10);
    for (size_t i = 0; i < WORKERS; i++) {
        workers[i].ends[TO_SERVER] = workers[i].ends[TO_CLIENT] = -1;
        workers[i].digest = EVP_MD_CTX_new();
        if (workers[i].digest == NULL || open_listener(&workers[i]) == 0)
            return EXIT_FAILURE;
        begin(&workers[i]);
    }
    run();
    for (size_t i = 0; i < WORKERS; i++) {
        EVP_MD_CTX_free(workers[i].digest);
        close(workers[i].listener);
    }
    return EXIT_SUCCESS;
}
