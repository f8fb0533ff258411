/*
 * Many senders in many rooms on libchatclient, each with a full pipeline, for
 * a server that is killed meanwhile. Writes down every acknowledgement, and
 * digests the log that each handle was shown.
 *
 * usage: load URL SENDERS ROOMS ACKS [WINDOW]
 *
 * Standard input, a line each: "down" and "up" when the server goes and comes,
 * "stop" to send no more and to finish what is under way. Standard output, a
 * JSON object a line: {"acked":N} now and then, and at the end one
 * {"log":{…}} for each handle. ACKS gets "ROOM KEY SEQ" lines. Exit status 1
 * when a handle was shown a gap or a double, or a message failed.
 */
#include <chat/client.h>

#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SENDERS_MAX 256
#define WINDOW      64 /* messages of a sender under way, unless told */
#define ACKS_TOLD   64 /* acknowledgements between two lines of output */

struct sender {
    struct load *load;
    chat_client *client;
    size_t room;
    bool joined;
    unsigned int waiting; /* messages without an acknowledgement */
    uint64_t first;       /* of the entries shown; 0: none yet */
    uint64_t last;
    EVP_MD_CTX *digest; /* of their bytes, a newline behind each */
};

struct load {
    struct sender senders[SENDERS_MAX];
    size_t count;
    size_t rooms;
    unsigned long window;
    uint64_t heads[SENDERS_MAX]; /* the highest acknowledged seq, by room */
    uint64_t acked;
    FILE *acks;
    bool up;
    bool stopping;
    bool failed;
};

static void fail(struct load *load, const struct sender *sender,
                 const char *what, const char *detail)
{
    fprintf(stderr, "load: sender %d: %s: %s\n", (int)(sender - load->senders),
            what, detail);
    load->failed = true;
}

static void room_name(char name[32], size_t room)
{
    snprintf(name, 32, "room-%zu", room);
}

/* ---- what a handle says and is shown ---- */

static void fill_window(struct sender *sender)
{
    char room[32];
    char text[48];

    room_name(room, sender->room);
    while (sender->joined && !sender->load->stopping &&
           sender->waiting < sender->load->window) {
        snprintf(text, sizeof(text), "message after %" PRIu64, sender->last);
        if (chat_send(sender->client, room, text, 0, NULL) != CHAT_OK) {
            fail(sender->load, sender, "cannot send", text);
            return;
        }
        sender->waiting++;
    }
}

static void on_sent(struct sender *sender, const chat_sent_event *sent)
{
    struct load *load = sender->load;

    fprintf(load->acks, "room-%zu %s %" PRIu64 "\n", sender->room, sent->key,
            sent->seq);
    if (sent->seq > load->heads[sender->room])
        load->heads[sender->room] = sent->seq;
    if (++load->acked % ACKS_TOLD == 0)
        printf("{\"acked\":%" PRIu64 "}\n", load->acked);
    sender->waiting--;
    fill_window(sender);
}

static void on_entry(struct sender *sender, const chat_entry *entry)
{
    if (sender->first == 0)
        sender->first = entry->seq;
    else if (entry->seq != sender->last + 1)
        fail(sender->load, sender, "not the next entry", entry->json);
    sender->last = entry->seq;
    EVP_DigestUpdate(sender->digest, entry->json, entry->json_length);
    EVP_DigestUpdate(sender->digest, "\n", 1);
}

static void on_room(struct sender *sender, const chat_room_event *room)
{
    if (room->change == CHAT_ROOM_JOINED) {
        sender->joined = true;
        fill_window(sender);
    } else if (room->change != CHAT_ROOM_READ) {
        fail(sender->load, sender, "lost its room", "");
    }
}

static void on_event(chat_client *client, const chat_event *event, void *data)
{
    struct sender *sender = data;

    switch (event->type) {
    case CHAT_EVENT_STATE:
        if (event->u.state.state == CHAT_STATE_CLOSED)
            fail(sender->load, sender, "closed", event->u.state.detail);
        else if (event->u.state.state == CHAT_STATE_WAITING && sender->load->up)
            chat_client_connect(client);
        break;
    case CHAT_EVENT_ROOM:
        on_room(sender, &event->u.room);
        break;
    case CHAT_EVENT_ENTRY:
        on_entry(sender, &event->u.entry);
        break;
    case CHAT_EVENT_SENT:
        on_sent(sender, &event->u.sent);
        break;
    case CHAT_EVENT_FAILED:
        fail(sender->load, sender, "a request failed",
             chat_strerror(event->u.failed.error));
        break;
    default:
        break;
    }
}

static bool start(struct load *load, size_t index, const char *url)
{
    struct sender *sender = &load->senders[index];
    char room[32];
    char name[32];

    sender->load = load;
    sender->room = index % load->rooms;
    sender->digest = EVP_MD_CTX_new();
    room_name(room, sender->room);
    snprintf(name, sizeof(name), "sender %zu", index);
    if (sender->digest == NULL ||
        EVP_DigestInit_ex(sender->digest, EVP_sha256(), NULL) != 1 ||
        chat_client_new(&sender->client, url) != CHAT_OK)
        return false;
    chat_client_set_handler(sender->client, on_event, sender);
    return chat_client_set_guest(sender->client, name) == CHAT_OK &&
           chat_client_connect(sender->client) == CHAT_OK &&
           chat_join(sender->client, room, CHAT_JOIN_CREATE, 0, NULL) ==
               CHAT_OK;
}

/* ---- the whole ---- */

static bool is_complete(const struct load *load)
{
    for (size_t i = 0; i < load->count; i++) {
        const struct sender *sender = &load->senders[i];

        if (sender->waiting > 0 || sender->last < load->heads[sender->room])
            return false;
    }
    return load->stopping;
}

static void obey(struct load *load, const char *command)
{
    load->up = strcmp(command, "down\n") != 0;
    load->stopping = load->stopping || strcmp(command, "stop\n") == 0;
    /* STATE, of those that have not lost the connection, is fine. */
    for (size_t i = 0; load->up && i < load->count; i++)
        chat_client_connect(load->senders[i].client);
}

static void run(struct load *load)
{
    struct pollfd ready[SENDERS_MAX + 1];
    char command[64];

    ready[load->count] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
    for (size_t i = 0; i < load->count; i++)
        ready[i] = (struct pollfd){
            .fd = chat_client_fd(load->senders[i].client), .events = POLLIN};
    while (!load->failed && !is_complete(load)) {
        if (poll(ready, load->count + 1, -1) < 0 && errno != EINTR)
            return;
        for (size_t i = 0; i < load->count; i++)
            if (ready[i].revents)
                chat_client_dispatch(load->senders[i].client);
        if (ready[load->count].revents == 0)
            continue;
        if (fgets(command, sizeof(command), stdin) == NULL)
            load->failed = true; /* who drives us has gone */
        else
            obey(load, command);
    }
}

static void print_log(const struct sender *sender)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;

    EVP_DigestFinal_ex(sender->digest, digest, &length);
    printf("{\"log\":{\"room\":\"room-%zu\",\"first\":%" PRIu64
           ",\"last\":%" PRIu64 ",\"sha256\":\"",
           sender->room, sender->first, sender->last);
    for (unsigned int i = 0; i < length; i++)
        printf("%02x", digest[i]);
    puts("\"}}");
}

static void finish(struct load *load)
{
    for (size_t i = 0; i < load->count; i++) {
        if (!load->failed)
            print_log(&load->senders[i]);
        chat_client_free(load->senders[i].client);
        EVP_MD_CTX_free(load->senders[i].digest);
    }
    if (fclose(load->acks) != 0)
        load->failed = true;
}

int main(int argc, char **argv)
{
    static struct load load = {.up = true};

    if (argc != 5 && argc != 6)
        return EXIT_FAILURE;
    load.count = strtoul(argv[2], NULL, 10);
    load.rooms = strtoul(argv[3], NULL, 10);
    load.window = argc == 6 ? strtoul(argv[5], NULL, 10) : WINDOW;
    load.acks = fopen(argv[4], "w");
    if (load.count == 0 || load.count > SENDERS_MAX || load.rooms == 0 ||
        load.rooms > load.count || load.window == 0 || load.acks == NULL)
        return EXIT_FAILURE;
    setvbuf(stdin, NULL, _IONBF, 0); /* poll sees what stdio would hide */
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; i < load.count; i++)
        if (!start(&load, i, argv[1]))
            load.failed = true;
    run(&load);
    finish(&load);
    return load.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
