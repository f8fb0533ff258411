/*
 * Many clients on libchatclient, in several rooms, of which some send all the
 * time, while servers come and go. It checks what every client is shown and
 * measures the longest that any of them had to wait.
 *
 * usage: fleet URL NAME CLIENTS ROOMS SENDERS MESSAGES_A_SECOND
 *
 * Standard output has a JSON object a line: {"joined":true} when all are in;
 * after "stop" on standard input, and when all that was sent is acknowledged,
 * {"heads":[...]}, the newest seq of each room that was; after "until" with the
 * heads to wait for, and when every client was shown them, the report. Exit
 * status 1 when a client was shown a gap or a double, two were
 * shown different entries, or a message failed; standard error says which.
 */
#include <chat/client.h>

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX 1000 /* the library's */
#define ROOMS_MAX   64
#define ENTRIES_MAX 200000 /* of a room */
#define READY_MAX   256
#define LINE_BYTES  4096

struct client {
    struct fleet *fleet;
    chat_client *handle;
    size_t room;
    bool joined;
    uint64_t last; /* seq of the newest entry shown, or head at the join */
    int64_t offline_since; /* 0: online */
};

struct room {
    uint64_t head;  /* the newest that is acknowledged */
    uint64_t until; /* what every client must be shown at the end */
    uint64_t messages;
    uint64_t *seen; /* a digest of each entry, by seq; 0: not seen yet */
};

struct fleet {
    const char *name;
    struct client clients[CLIENTS_MAX];
    struct room rooms[ROOMS_MAX];
    size_t client_count, room_count, sender_count;
    size_t joined;
    size_t next_sender;
    int64_t interval_ns;
    int64_t due_ns; /* the next message */
    uint64_t sent, acked;
    uint64_t attempts, reconnects; /* since they joined */
    int64_t longest_delivery_ns, longest_offline_ns;
    bool stopping;
    bool told; /* the heads */
    bool ending;
    bool failed;
};

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void fail(const struct client *client, const char *what,
                 const char *detail)
{
    fprintf(stderr, "fleet %s: client %zu: %s: %s\n", client->fleet->name,
            (size_t)(client - client->fleet->clients), what, detail);
    client->fleet->failed = true;
}

static void raise_to(int64_t *longest, int64_t value)
{
    if (value > *longest)
        *longest = value;
}

static void room_name(char name[32], size_t room)
{
    snprintf(name, 32, "room-%zu", room);
}

/* ---- what a client is shown ---- */

/* FNV-1a; 0 says that nobody has seen the entry. */
static uint64_t digest(const char *bytes, size_t length)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
    return hash == 0 ? 1 : hash;
}

/* The first who sees an entry writes down what it was. */
static void compare(struct client *client, const chat_entry *entry)
{
    struct room *room = &client->fleet->rooms[client->room];
    uint64_t hash = digest(entry->json, entry->json_length);

    if (entry->seq >= ENTRIES_MAX) {
        fail(client, "the room is too long for this program", "");
        return;
    }
    if (room->seen[entry->seq] == 0) {
        room->seen[entry->seq] = hash;
        room->messages += entry->kind == CHAT_ENTRY_MESSAGE;
    } else if (room->seen[entry->seq] != hash) {
        fail(client, "another entry than others were shown", entry->json);
    }
}

static void on_entry(struct client *client, const chat_entry *entry)
{
    int64_t sent_ns;

    if (entry->seq != client->last + 1)
        fail(client, "not the next entry", entry->json);
    client->last = entry->seq;
    compare(client, entry);
    /* All processes of a machine have the same clock. */
    if (entry->text != NULL && sscanf(entry->text, "%" SCNd64, &sent_ns) == 1)
        raise_to(&client->fleet->longest_delivery_ns, now_ns() - sent_ns);
}

static void on_room(struct client *client, const chat_room_event *room)
{
    struct fleet *fleet = client->fleet;

    if (room->change == CHAT_ROOM_READ)
        return;
    if (room->change != CHAT_ROOM_JOINED) {
        fail(client, "lost its room", "");
        return;
    }
    if (client->joined)
        return;
    client->joined = true;
    client->last = room->head;
    if (++fleet->joined == fleet->client_count) {
        puts("{\"joined\":true}");
        fleet->due_ns = now_ns();
    }
}

static void on_state(struct client *client, const chat_state_event *state)
{
    struct fleet *fleet = client->fleet;
    int64_t now = now_ns();

    if (state->state == CHAT_STATE_CLOSED && !fleet->stopping)
        fail(client, "closed", state->detail);
    if (!client->joined)
        return;
    fleet->attempts += state->state == CHAT_STATE_CONNECTING;
    if (state->state != CHAT_STATE_ONLINE) {
        if (client->offline_since == 0)
            client->offline_since = now;
    } else if (client->offline_since != 0) {
        raise_to(&fleet->longest_offline_ns, now - client->offline_since);
        client->offline_since = 0;
        fleet->reconnects++;
    }
}

static void on_sent(struct client *client, const chat_sent_event *sent)
{
    struct room *room = &client->fleet->rooms[client->room];

    client->fleet->acked++;
    if (sent->seq > room->head)
        room->head = sent->seq;
}

static void on_event(chat_client *handle, const chat_event *event, void *data)
{
    struct client *client = data;

    (void)handle;
    switch (event->type) {
    case CHAT_EVENT_STATE:
        on_state(client, &event->u.state);
        break;
    case CHAT_EVENT_ROOM:
        on_room(client, &event->u.room);
        break;
    case CHAT_EVENT_ENTRY:
        on_entry(client, &event->u.entry);
        break;
    case CHAT_EVENT_SENT:
        on_sent(client, &event->u.sent);
        break;
    case CHAT_EVENT_FAILED:
        fail(client, "a request failed", event->u.failed.detail);
        break;
    default:
        break;
    }
}

/* ---- what it says ---- */

/* As many as are due, by one sender after the other. */
static void send_due(struct fleet *fleet)
{
    int64_t now = now_ns();
    char room[32], text[32];

    while (!fleet->stopping && fleet->joined == fleet->client_count &&
           fleet->due_ns <= now) {
        struct client *client = &fleet->clients[fleet->next_sender];

        room_name(room, client->room);
        snprintf(text, sizeof text, "%" PRId64, now_ns());
        if (chat_send(client->handle, room, text, 0, NULL) != CHAT_OK)
            fail(client, "cannot send", text);
        fleet->sent++;
        fleet->next_sender = (fleet->next_sender + 1) % fleet->sender_count;
        fleet->due_ns += fleet->interval_ns;
    }
}

/* Milliseconds until then, but not so long that the end goes unseen. */
static int wait_ms(const struct fleet *fleet)
{
    int64_t left = (fleet->due_ns - now_ns()) / 1000000;

    if (fleet->stopping || fleet->joined < fleet->client_count || left > 50)
        return 50;
    return left < 0 ? 0 : (int)left;
}

static bool is_complete(const struct fleet *fleet)
{
    if (!fleet->ending)
        return false;
    for (size_t i = 0; i < fleet->client_count; i++) {
        const struct client *client = &fleet->clients[i];

        if (client->offline_since != 0 ||
            client->last < fleet->rooms[client->room].until)
            return false;
    }
    return true;
}

/* ---- the whole ---- */

static void tell_heads(struct fleet *fleet)
{
    if (fleet->told || !fleet->stopping || fleet->acked < fleet->sent)
        return;
    fleet->told = true;
    fputs("{\"heads\":[", stdout);
    for (size_t i = 0; i < fleet->room_count; i++)
        printf("%s%" PRIu64, i == 0 ? "" : ",", fleet->rooms[i].head);
    puts("]}");
}

static void read_heads(struct fleet *fleet, char *text)
{
    for (size_t i = 0; i < fleet->room_count; i++)
        fleet->rooms[i].until = strtoull(text, &text, 10);
    fleet->ending = true;
}

/* Who drives us writes a whole line at a time. */
static void obey(struct fleet *fleet)
{
    char line[LINE_BYTES];
    ssize_t length = read(STDIN_FILENO, line, sizeof line - 1);

    line[length > 0 ? length : 0] = '\0';
    if (strcmp(line, "stop\n") == 0)
        fleet->stopping = true;
    else if (strncmp(line, "until ", 6) == 0)
        read_heads(fleet, line + 6);
    else
        fleet->failed = true;
}

static void run(struct fleet *fleet, int poll_for)
{
    struct epoll_event ready[READY_MAX];

    while (!fleet->failed && !is_complete(fleet)) {
        int count = epoll_wait(poll_for, ready, READY_MAX, wait_ms(fleet));

        for (int i = 0; i < count; i++) {
            struct client *client = ready[i].data.ptr;

            if (client != NULL)
                chat_client_dispatch(client->handle);
            else
                obey(fleet);
        }
        send_due(fleet);
        tell_heads(fleet);
    }
}

static bool start(struct fleet *fleet, size_t index, const char *url,
                  int poll_for)
{
    struct client *client = &fleet->clients[index];
    struct epoll_event wanted = {.events = EPOLLIN, .data.ptr = client};
    char room[32], name[64];

    client->fleet = fleet;
    client->room = index % fleet->room_count;
    room_name(room, client->room);
    snprintf(name, sizeof name, "%s-%zu", fleet->name, index);
    if (chat_client_new(&client->handle, url) != CHAT_OK)
        return false;
    chat_client_set_handler(client->handle, on_event, client);
    return chat_client_set_guest(client->handle, name) == CHAT_OK &&
           epoll_ctl(poll_for, EPOLL_CTL_ADD, chat_client_fd(client->handle),
                     &wanted) == 0 &&
           chat_client_connect(client->handle) == CHAT_OK &&
           chat_join(client->handle, room, CHAT_JOIN_CREATE, 0, NULL) ==
               CHAT_OK;
}

static void report(const struct fleet *fleet)
{
    printf("{\"clients\":%zu,\"sent\":%" PRIu64 ",\"acked\":%" PRIu64
           ",\"attempts\":%" PRIu64 ",\"reconnects\":%" PRIu64
           ",\"longest_delivery_ms\":%" PRId64
           ",\"longest_offline_ms\":%" PRId64 ",\"messages\":[",
           fleet->client_count, fleet->sent, fleet->acked, fleet->attempts,
           fleet->reconnects, fleet->longest_delivery_ns / 1000000,
           fleet->longest_offline_ns / 1000000);
    for (size_t i = 0; i < fleet->room_count; i++)
        printf("%s%" PRIu64, i == 0 ? "" : ",", fleet->rooms[i].messages);
    puts("]}");
}

static bool read_arguments(struct fleet *fleet, char **argv)
{
    double rate = strtod(argv[6], NULL);

    fleet->name = argv[2];
    fleet->client_count = strtoul(argv[3], NULL, 10);
    fleet->room_count = strtoul(argv[4], NULL, 10);
    fleet->sender_count = strtoul(argv[5], NULL, 10);
    if (fleet->client_count == 0 || fleet->client_count > CLIENTS_MAX ||
        fleet->room_count == 0 || fleet->room_count > ROOMS_MAX ||
        fleet->sender_count == 0 || fleet->sender_count > fleet->client_count ||
        !(rate > 0))
        return false;
    fleet->interval_ns = (int64_t)(1e9 / rate);
    for (size_t i = 0; i < fleet->room_count; i++) {
        fleet->rooms[i].seen = calloc(ENTRIES_MAX, sizeof(uint64_t));
        if (fleet->rooms[i].seen == NULL)
            return false;
    }
    return true;
}

/* Each client takes a few descriptors. */
static void raise_limit(void)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    static struct fleet fleet;
    struct epoll_event input = {.events = EPOLLIN};
    int poll_for = epoll_create1(EPOLL_CLOEXEC);

    if (argc != 7 || !read_arguments(&fleet, argv)) {
        fputs("usage: fleet URL NAME CLIENTS ROOMS SENDERS RATE\n", stderr);
        return EXIT_FAILURE;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    raise_limit();
    epoll_ctl(poll_for, EPOLL_CTL_ADD, STDIN_FILENO, &input);
    for (size_t i = 0; i < fleet.client_count; i++)
        if (!start(&fleet, i, argv[1], poll_for)) {
            fprintf(stderr, "fleet: client %zu cannot start\n", i);
            return EXIT_FAILURE;
        }
    run(&fleet, poll_for);
    report(&fleet);
    for (size_t i = 0; i < fleet.client_count; i++)
        chat_client_free(fleet.clients[i].handle);
    for (size_t i = 0; i < fleet.room_count; i++)
        free(fleet.rooms[i].seen);
    close(poll_for);
    return fleet.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
