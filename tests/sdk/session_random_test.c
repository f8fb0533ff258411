/*
 * A session against a model of a server, over a transport that loses,
 * repeats and reorders whatever it carries and breaks at any time. Each seed
 * is one run; what the program was told must be the model's log.
 */
#include "sdk/session.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS       400
#define STEPS       400
#define LOG_MAX     2000
#define MESSAGES    120
#define PACKETS_MAX 512
#define PAGE        7

struct logged {
    char key[16];
    bool own;
};

struct packet {
    unsigned connection;
    bool to_server;
    char *text;
};

struct world {
    uint64_t random_state;
    uint64_t now;
    bool perfect; /* the transport behaves, to let everything settle */
    bool ordered; /* it keeps order, as a direct socket does */

    struct logged log[LOG_MAX];
    unsigned head;
    unsigned connection; /* the server's present one */
    bool signed_in;

    struct packet packets[PACKETS_MAX];
    size_t packet_count;

    struct chat__session *session;
    uint64_t attempt; /* the session's, that `connection` serves */
    bool joined;
    unsigned shown; /* the last seq that the program saw */
    unsigned sent;  /* messages that the program gave */
    unsigned answered;
    unsigned answers[MESSAGES]; /* their seq, by number */
};

/* splitmix64: the same run for the same seed everywhere. */
static uint64_t draw(void *context)
{
    struct world *world = context;
    uint64_t z = world->random_state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static bool chance(struct world *world, unsigned percent)
{
    return draw(world) % 100 < percent;
}

/* ---- the program ---- */

static void check_entry(struct world *world, const chat_entry *entry)
{
    assert_true(world->joined);
    assert_int_equal(entry->seq, world->shown + 1);
    assert_true(entry->seq <= world->head);
    assert_string_equal(entry->key, world->log[entry->seq].key);
    world->shown++;
}

static bool emit(void *context, const chat_event *event)
{
    struct world *world = context;
    unsigned long number;

    /* Memory may be short, too. */
    if (!world->perfect && event->type != CHAT_EVENT_STATE && chance(world, 1))
        return false;
    switch (event->type) {
    case CHAT_EVENT_ROOM:
        assert_int_equal(event->u.room.change, CHAT_ROOM_JOINED);
        assert_false(world->joined);
        world->joined = true;
        world->shown = (unsigned)event->u.room.head;
        break;
    case CHAT_EVENT_ENTRY:
        check_entry(world, &event->u.entry);
        break;
    case CHAT_EVENT_SENT:
        number = strtoul(event->u.sent.key + 1, NULL, 10);
        assert_in_range(number, 0, MESSAGES - 1);
        assert_int_equal(world->answers[number], 0);
        assert_string_equal(world->log[event->u.sent.seq].key,
                            event->u.sent.key);
        world->answers[number] = (unsigned)event->u.sent.seq;
        world->answered++;
        break;
    case CHAT_EVENT_STATE:
        assert_int_not_equal(event->u.state.state, CHAT_STATE_CLOSED);
        break;
    default:
        fail_msg("event %d", (int)event->type);
    }
    return true;
}

static void write_message(struct world *world)
{
    struct chat__request request = {.action = CHAT__ACTION_SEND};
    struct chat__item *item;
    char key[16];

    if (world->sent == MESSAGES)
        return;
    snprintf(key, sizeof(key), "m%u", world->sent);
    request.body.send.room = "lobby";
    request.body.send.key = key;
    request.body.send.text = "text";
    item = chat__item_new(&request, 0);
    assert_non_null(item);
    assert_int_equal(chat__session_submit(world->session, item), CHAT_OK);
    world->sent++;
}

/* ---- the transport ---- */

static void carry(struct world *world, bool to_server, const char *text)
{
    int copies = 1;

    if (!world->perfect && !world->ordered)
        copies = chance(world, 10) ? 0 : chance(world, 10) ? 2 : 1;
    while (copies-- > 0 && world->packet_count < PACKETS_MAX)
        world->packets[world->packet_count++] = (struct packet){
            .connection = world->connection,
            .to_server = to_server,
            .text = strdup(text),
        };
}

static void answer(struct world *world, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void answer(struct world *world, const char *format, ...)
{
    char text[16 * 1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    carry(world, false, text);
}

/* ---- the server ---- */

static void print_entry(const struct world *world, unsigned seq, char *text,
                        size_t size)
{
    const struct logged *logged = &world->log[seq];

    snprintf(text, size,
             "{\"event\":\"message\",\"room\":\"lobby\",\"seq\":%u,\"n\":%u,"
             "\"ts\":%u,\"from\":{\"id\":\"%s\",\"name\":\"x\"},"
             "\"key\":\"%s\",\"text\":\"text\"}",
             seq, seq, seq, logged->own ? "17" : "3", logged->key);
}

static void append(struct world *world, const char *key, bool own)
{
    char text[256];

    assert_true(world->head + 1 < LOG_MAX);
    world->head++;
    world->log[world->head].own = own;
    snprintf(world->log[world->head].key, sizeof(world->log[0].key), "%s", key);
    print_entry(world, world->head, text, sizeof(text));
    if (world->signed_in)
        answer(world, "%s\n", text);
}

static void serve_hello(struct world *world,
                        const struct chat__request *request)
{
    const struct chat__hello *hello = &request->body.hello;
    unsigned last =
        hello->resume_count > 0 ? (unsigned)hello->resume[0].seq : world->head;
    bool resumed = hello->resume_count > 0 && world->head - last <= 5;
    char text[256];

    answer(world,
           "{\"reply\":%u,\"ok\":{\"user\":{\"id\":\"17\",\"name\":\"x\"},"
           "\"session\":\"s\",\"ping_ms\":25000,\"limits\":{\"frame_bytes\":"
           "30720,\"text_characters\":4000,\"text_bytes\":8192,"
           "\"page_entries\":%d,\"rooms\":500,\"in_flight\":%d,"
           "\"connection_ms\":0},\"server\":{\"version\":\"1\",\"task\":"
           "\"t\"},\"rooms\":[{\"room\":\"lobby\",\"epoch\":\"e\",\"head\":%u,"
           "\"read\":0,\"unread\":0,\"mentions\":0,\"resumed\":%s}],"
           "\"invites\":[],\"rooms_rev\":1,\"now\":%u}}\n",
           request->id, PAGE, world->ordered ? 4 : 1, world->head,
           resumed ? "true" : "false", 1 + world->head);
    world->signed_in = true;
    for (unsigned seq = last + 1; resumed && seq <= world->head; seq++) {
        print_entry(world, seq, text, sizeof(text));
        answer(world, "%s\n", text);
    }
}

static unsigned find_key(const struct world *world, const char *key)
{
    unsigned seq = world->head;

    while (seq > 0 && strcmp(world->log[seq].key, key) != 0)
        seq--;
    return seq;
}

static void serve_send(struct world *world, const struct chat__request *request)
{
    const char *key = request->body.send.key;
    unsigned seq = find_key(world, key);
    bool dup = seq != 0;

    if (!dup) {
        append(world, key, true);
        seq = world->head;
    }
    if (!world->perfect && chance(world, 3)) {
        answer(world, "{\"message\":\"Internal server error\"}");
        return;
    }
    answer(world, "{\"reply\":%u,\"ok\":{\"seq\":%u,\"ts\":1%s}}\n",
           request->id, seq, dup ? ",\"dup\":true" : "");
}

static void serve_history(struct world *world,
                          const struct chat__request *request)
{
    unsigned after = (unsigned)request->body.history.seq;
    char entries[PAGE * 256] = "";
    char text[256];
    unsigned count = 0;

    for (unsigned seq = after + 1; seq <= world->head && count < PAGE;
         seq++, count++) {
        size_t used = strlen(entries);

        print_entry(world, seq, text, sizeof(text));
        snprintf(entries + used, sizeof(entries) - used, "%s%s",
                 count > 0 ? "," : "", text);
    }
    answer(world,
           "{\"reply\":%u,\"ok\":{\"changes\":[],\"entries\":[%s],\"first\":1,"
           "\"head\":%u}}\n",
           request->id, entries, world->head);
}

static void serve(struct world *world, const char *text)
{
    struct chat__request request;
    struct chat__error error;

    assert_true(chat__request_parse(&request, text, strlen(text), &error));
    if (request.action == CHAT__ACTION_HELLO)
        serve_hello(world, &request);
    else if (!world->signed_in)
        answer(world,
               "{\"reply\":%u,\"error\":{\"code\":\"hello_required\","
               "\"message\":\"hello\"}}\n",
               request.id);
    else if (!world->perfect && chance(world, 5))
        answer(world,
               "{\"reply\":%u,\"error\":{\"code\":\"busy\",\"message\":"
               "\"later\",\"retry_ms\":%u}}\n",
               request.id, (unsigned)(draw(world) % 900));
    else if (request.action == CHAT__ACTION_SEND)
        serve_send(world, &request);
    else if (request.action == CHAT__ACTION_HISTORY)
        serve_history(world, &request);
    else
        answer(world,
               "{\"reply\":%u,\"ok\":{\"now\":%u,\"heads\":{\"lobby\":"
               "{\"epoch\":\"e\",\"head\":%u}},\"rooms_rev\":1}}\n",
               request.id, 1 + world->head, world->head);
    chat__request_release(&request);
}

/* ---- one step ---- */

static void drop_packets(struct world *world)
{
    while (world->packet_count > 0)
        free(world->packets[--world->packet_count].text);
}

/* Brings a packet to its end: the oldest, or any. */
static void deliver(struct world *world)
{
    struct packet packet;
    size_t index = 0;

    if (world->packet_count == 0)
        return;
    if (!world->perfect && !world->ordered)
        index = draw(world) % world->packet_count;
    packet = world->packets[index];
    world->packet_count--;
    memmove(world->packets + index, world->packets + index + 1,
            (world->packet_count - index) * sizeof(packet));
    if (packet.connection != world->connection)
        ;
    else if (packet.to_server)
        serve(world, packet.text);
    else
        chat__session_receive(world->session, packet.text, strlen(packet.text),
                              world->now);
    free(packet.text);
}

/* Gives the session the transport that it wants, and takes its frames. */
static void follow(struct world *world)
{
    struct chat__buffer buffer;

    chat__session_tick(world->session, world->now);
    if (chat__session_wants_transport(world->session) &&
        chat__session_attempt(world->session) != world->attempt) {
        drop_packets(world);
        world->attempt = chat__session_attempt(world->session);
        world->connection++;
        world->signed_in = false;
        chat__session_connected(world->session, world->now);
    }
    chat__buffer_init(&buffer, CHAT__FRAME_BYTES_MAX);
    while (chat__session_next_frame(world->session, &buffer, world->now)) {
        chat__buffer_append_byte(&buffer, '\0');
        carry(world, true, buffer.data);
        chat__buffer_clear(&buffer);
    }
    chat__buffer_release(&buffer);
}

static void break_connection(struct world *world)
{
    struct chat__disconnect why = {.error = CHAT_ERROR_NETWORK,
                                   .detail = "broken"};

    if (!chat__session_wants_transport(world->session))
        return;
    drop_packets(world);
    world->signed_in = false;
    chat__session_disconnected(world->session, &why, world->now);
}

static void step(struct world *world)
{
    char key[16];

    if (chance(world, 20))
        write_message(world);
    if (chance(world, 30)) {
        snprintf(key, sizeof(key), "o%u", world->head);
        append(world, key, false);
    }
    if (chance(world, 2))
        break_connection(world);
    world->now += chance(world, 5) ? draw(world) % 40000 : draw(world) % 200;
    follow(world);
    for (uint64_t n = draw(world) % 4; n > 0; n--)
        deliver(world);
    follow(world);
}

/* Time goes from deadline to deadline until nothing is left to do. */
static void settle(struct world *world)
{
    world->perfect = true;
    for (int i = 0; i < 5000; i++) {
        uint64_t due;

        follow(world);
        while (world->packet_count > 0) {
            deliver(world);
            follow(world);
        }
        if (world->joined && world->shown == world->head &&
            world->answered == world->sent)
            return;
        due = chat__session_deadline(world->session, world->now);
        assert_true(due != UINT64_MAX);
        if (due > world->now)
            world->now = due;
    }
    fail_msg("shown %u of %u, answered %u of %u", world->shown, world->head,
             world->answered, world->sent);
}

static void check_log(const struct world *world)
{
    unsigned own = 0;
    unsigned before = 0;

    for (unsigned seq = 1; seq <= world->head; seq++)
        own += world->log[seq].own;
    assert_int_equal(own, world->sent);
    /* One in flight at a time: the log has them in the program's order. */
    for (unsigned i = 0; !world->ordered && i < world->sent; i++) {
        assert_true(world->answers[i] > before);
        before = world->answers[i];
    }
}

static void run(uint64_t seed, bool ordered)
{
    struct world *world = calloc(1, sizeof(*world));
    struct chat__session_environment environment = {
        .context = world, .emit = emit, .random = draw};

    assert_non_null(world);
    world->random_state = seed;
    world->ordered = ordered;
    world->now = 1000000;
    world->session = chat__session_new(&environment);
    assert_non_null(world->session);
    snprintf(chat__session_credentials(world->session)->name, 4, "ann");
    snprintf(chat__session_credentials(world->session)->guest_key, 3, "gk");
    assert_int_equal(chat__session_start(world->session, world->now), CHAT_OK);
    for (int i = 0; i < STEPS; i++)
        step(world);
    settle(world);
    check_log(world);
    drop_packets(world);
    chat__session_free(world->session);
    free(world);
}

static void test_over_a_transport_that_does_everything_wrong(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        run(seed, false);
}

static void test_over_a_transport_that_only_breaks(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        run(seed, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_over_a_transport_that_does_everything_wrong),
        cmocka_unit_test(test_over_a_transport_that_only_breaks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
