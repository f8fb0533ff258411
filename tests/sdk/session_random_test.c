/*
 * A session against a model of a server, over transports that lose, repeat and
 * reorder whatever they carry and break at any time; the server drains, so that
 * there are two of them now and then. Each seed is one run; what the program
 * was told must be the model's log.
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
    enum chat__action action;
    bool own;
};

struct packet {
    uint64_t attempt;
    bool to_server;
    char *text;
};

/* A transport, by the session's number for it. */
struct connection {
    uint64_t attempt; /* 0: none */
    bool signed_in;
};

struct world {
    uint64_t random_state;
    uint64_t now;
    bool perfect; /* the transport behaves, to let everything settle */
    bool ordered; /* it keeps order, as a direct socket does */

    struct logged log[LOG_MAX];
    unsigned head;
    struct connection connections[CHAT__TRANSPORTS_MAX];
    unsigned successions;

    struct packet packets[PACKETS_MAX];
    size_t packet_count;

    struct chat__session *session;
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
    case CHAT_EVENT_MEMBERS:
        break;
    default:
        fail_msg("event %d", (int)event->type);
    }
    return true;
}

static void submit(struct world *world, const struct chat__request *request)
{
    struct chat__item *item = chat__item_new(request, 0);

    assert_non_null(item);
    if (chat__session_submit(world->session, item) != CHAT_OK)
        chat__item_free(item);
}

/* Fills in one of the requests that make an entry. */
static void fill_in(struct world *world, struct chat__request *request,
                    const char *key)
{
    static const enum chat__action actions[] = {
        CHAT__ACTION_SEND, CHAT__ACTION_EDIT, CHAT__ACTION_DELETE,
        CHAT__ACTION_REACT, CHAT__ACTION_TOPIC};

    request->action = actions[draw(world) % 5];
    switch (request->action) {
    case CHAT__ACTION_EDIT:
        request->body.edit = (struct chat__edit){
            .room = "lobby", .key = key, .ref = 1, .text = "text"};
        break;
    case CHAT__ACTION_DELETE:
        request->body.delete =
            (struct chat__delete){.room = "lobby", .key = key, .ref = 1};
        break;
    case CHAT__ACTION_REACT:
        request->body.react = (struct chat__react){.room = "lobby",
                                                   .key = key,
                                                   .ref = 1,
                                                   .emoji = "\xf0\x9f\x91\x8d",
                                                   .on = true};
        break;
    case CHAT__ACTION_TOPIC:
        request->body.topic =
            (struct chat__topic){.room = "lobby", .key = key, .topic = "t"};
        break;
    default:
        request->body.send =
            (struct chat__send){.room = "lobby", .key = key, .text = "text"};
        break;
    }
}

static void write_message(struct world *world)
{
    struct chat__request request = {0};
    char key[16];

    if (world->sent == MESSAGES)
        return;
    snprintf(key, sizeof(key), "m%u", world->sent);
    fill_in(world, &request, key);
    submit(world, &request);
    world->sent++;
}

static void ask_something(struct world *world)
{
    struct chat__request request = {.action = CHAT__ACTION_MEMBERS};

    request.body.members.room = "lobby";
    if (chance(world, 50))
        submit(world, &request);
    else
        chat__session_set_presence(world->session, CHAT__PRESENCE_AWAY);
}

/* ---- the transport ---- */

static struct connection *find_connection(struct world *world, uint64_t attempt)
{
    for (size_t i = 0; i < CHAT__TRANSPORTS_MAX; i++) {
        if (world->connections[i].attempt == attempt)
            return &world->connections[i];
    }
    return NULL;
}

static void carry(struct world *world, uint64_t attempt, bool to_server,
                  const char *text)
{
    int copies = 1;

    if (!world->perfect && !world->ordered)
        copies = chance(world, 10) ? 0 : chance(world, 10) ? 2 : 1;
    while (copies-- > 0 && world->packet_count < PACKETS_MAX)
        world->packets[world->packet_count++] = (struct packet){
            .attempt = attempt,
            .to_server = to_server,
            .text = strdup(text),
        };
}

static void answer(struct world *world, uint64_t attempt, const char *format,
                   ...) __attribute__((format(printf, 3, 4)));

static void answer(struct world *world, uint64_t attempt, const char *format,
                   ...)
{
    char text[16 * 1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    carry(world, attempt, false, text);
}

/* ---- the server ---- */

/* What an entry of this kind has beside its key. */
static const char *members_of(enum chat__action action)
{
    switch (action) {
    case CHAT__ACTION_EDIT:
        return "\"ref\":1,\"text\":\"text\"";
    case CHAT__ACTION_DELETE:
        return "\"ref\":1";
    case CHAT__ACTION_REACT:
        return "\"ref\":1,\"emoji\":\"\xf0\x9f\x91\x8d\",\"on\":true";
    case CHAT__ACTION_TOPIC:
        return "\"topic\":\"t\"";
    default:
        return "\"n\":1,\"text\":\"text\"";
    }
}

static void print_entry(const struct world *world, unsigned seq, char *text,
                        size_t size)
{
    const struct logged *logged = &world->log[seq];

    snprintf(text, size,
             "{\"event\":\"%s\",\"room\":\"lobby\",\"seq\":%u,\"ts\":%u,"
             "\"from\":{\"id\":\"%s\",\"name\":\"x\"},\"key\":\"%s\",%s}",
             logged->action == CHAT__ACTION_SEND
                 ? "message"
                 : chat__action_name(logged->action),
             seq, seq, logged->own ? "17" : "3", logged->key,
             members_of(logged->action));
}

static void append(struct world *world, enum chat__action action,
                   const char *key, bool own)
{
    char text[256];

    assert_true(world->head + 1 < LOG_MAX);
    world->head++;
    world->log[world->head].own = own;
    world->log[world->head].action = action;
    snprintf(world->log[world->head].key, sizeof(world->log[0].key), "%s", key);
    print_entry(world, world->head, text, sizeof(text));
    for (size_t i = 0; i < CHAT__TRANSPORTS_MAX; i++) {
        if (world->connections[i].signed_in)
            answer(world, world->connections[i].attempt, "%s\n", text);
    }
}

static void serve_hello(struct world *world, struct connection *connection,
                        const struct chat__request *request)
{
    const struct chat__hello *hello = &request->body.hello;
    unsigned last =
        hello->resume_count > 0 ? (unsigned)hello->resume[0].seq : world->head;
    bool resumed = hello->resume_count > 0 && world->head - last <= 5;
    char text[256];

    answer(world, connection->attempt,
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
    connection->signed_in = true;
    for (unsigned seq = last + 1; resumed && seq <= world->head; seq++) {
        print_entry(world, seq, text, sizeof(text));
        answer(world, connection->attempt, "%s\n", text);
    }
}

static unsigned find_key(const struct world *world, const char *key)
{
    unsigned seq = world->head;

    while (seq > 0 && strcmp(world->log[seq].key, key) != 0)
        seq--;
    return seq;
}

static const char *key_of(const struct chat__request *request)
{
    switch (request->action) {
    case CHAT__ACTION_SEND:
        return request->body.send.key;
    case CHAT__ACTION_EDIT:
        return request->body.edit.key;
    case CHAT__ACTION_DELETE:
        return request->body.delete.key;
    case CHAT__ACTION_REACT:
        return request->body.react.key;
    case CHAT__ACTION_TOPIC:
        return request->body.topic.key;
    default:
        return NULL;
    }
}

static void serve_keyed(struct world *world, uint64_t attempt,
                        const struct chat__request *request)
{
    const char *key = key_of(request);
    unsigned seq = find_key(world, key);
    bool dup = seq != 0;

    if (!dup) {
        append(world, request->action, key, true);
        seq = world->head;
    }
    if (!world->perfect && chance(world, 3)) {
        answer(world, attempt, "{\"message\":\"Internal server error\"}");
        return;
    }
    answer(world, attempt, "{\"reply\":%u,\"ok\":{\"seq\":%u,\"ts\":1%s}}\n",
           request->id, seq, dup ? ",\"dup\":true" : "");
}

static void serve_history(struct world *world, uint64_t attempt,
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
    answer(world, attempt,
           "{\"reply\":%u,\"ok\":{\"changes\":[],\"entries\":[%s],\"first\":1,"
           "\"head\":%u}}\n",
           request->id, entries, world->head);
}

/* All but hello, on a connection that is signed in. */
static void serve_signed_in(struct world *world, uint64_t attempt,
                            const struct chat__request *request)
{
    if (!world->perfect && chance(world, 5))
        answer(world, attempt,
               "{\"reply\":%u,\"error\":{\"code\":\"busy\",\"message\":"
               "\"later\",\"retry_ms\":%u}}\n",
               request->id, (unsigned)(draw(world) % 900));
    else if (key_of(request) != NULL)
        serve_keyed(world, attempt, request);
    else if (request->action == CHAT__ACTION_HISTORY)
        serve_history(world, attempt, request);
    else if (request->action == CHAT__ACTION_PRESENCE)
        answer(world, attempt, "{\"reply\":%u,\"ok\":{}}\n", request->id);
    else if (request->action == CHAT__ACTION_MEMBERS)
        answer(world, attempt, "{\"reply\":%u,\"ok\":{\"members\":[]}}\n",
               request->id);
    else
        answer(world, attempt,
               "{\"reply\":%u,\"ok\":{\"now\":%u,\"heads\":{\"lobby\":"
               "{\"epoch\":\"e\",\"head\":%u}},\"rooms_rev\":1}}\n",
               request->id, 1 + world->head, world->head);
}

/* What comes late from a connection that is gone still takes effect. */
static void serve(struct world *world, uint64_t attempt, const char *text)
{
    struct connection *connection = find_connection(world, attempt);
    struct chat__request request;
    struct chat__error error;

    assert_true(chat__request_parse(&request, text, strlen(text), &error));
    if (connection == NULL && key_of(&request) != NULL)
        serve_keyed(world, attempt, &request);
    else if (connection != NULL && request.action == CHAT__ACTION_HELLO)
        serve_hello(world, connection, &request);
    else if (connection != NULL && connection->signed_in)
        serve_signed_in(world, attempt, &request);
    else if (connection != NULL)
        answer(world, attempt,
               "{\"reply\":%u,\"error\":{\"code\":\"hello_required\","
               "\"message\":\"hello\"}}\n",
               request.id);
    chat__request_release(&request);
}

static void drain(struct world *world)
{
    for (size_t i = 0; i < CHAT__TRANSPORTS_MAX; i++) {
        if (world->connections[i].signed_in)
            answer(world, world->connections[i].attempt,
                   "{\"event\":\"drain\",\"reason\":\"d\","
                   "\"reconnect_in_ms\":100,\"spread_ms\":1000}\n");
    }
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
    if (packet.to_server)
        serve(world, packet.attempt, packet.text);
    else if (find_connection(world, packet.attempt) != NULL)
        chat__session_transport_receive(world->session, packet.attempt,
                                        packet.text, strlen(packet.text),
                                        world->now);
    free(packet.text);
}

static bool is_wanted(struct world *world, uint64_t attempt)
{
    uint64_t attempts[CHAT__TRANSPORTS_MAX];
    size_t count = chat__session_transports(world->session, attempts);

    for (size_t i = 0; i < count; i++) {
        if (attempts[i] == attempt)
            return true;
    }
    return false;
}

static void disconnect(struct world *world, struct connection *connection)
{
    struct chat__disconnect why = {.error = CHAT_ERROR_NETWORK,
                                   .detail = "broken"};
    uint64_t attempt = connection->attempt;

    *connection = (struct connection){0};
    chat__session_transport_disconnected(world->session, attempt, &why,
                                         world->now);
}

static void open_connection(struct world *world, uint64_t attempt)
{
    struct connection *connection = find_connection(world, 0);

    assert_non_null(connection);
    *connection = (struct connection){.attempt = attempt};
    if (attempt != chat__session_attempt(world->session))
        world->successions++;
    if (!world->perfect && chance(world, 20))
        disconnect(world, connection);
    else
        chat__session_transport_connected(world->session, attempt, world->now);
}

static void send_frames(struct world *world, uint64_t attempt)
{
    struct chat__buffer buffer;

    chat__buffer_init(&buffer, CHAT__FRAME_BYTES_MAX);
    while (chat__session_transport_next_frame(world->session, attempt, &buffer,
                                              world->now)) {
        chat__buffer_append_byte(&buffer, '\0');
        carry(world, attempt, true, buffer.data);
        chat__buffer_clear(&buffer);
    }
    chat__buffer_release(&buffer);
}

/* Gives the session the transports that it wants, and takes its frames. */
static void follow(struct world *world)
{
    uint64_t attempts[CHAT__TRANSPORTS_MAX];
    size_t count;

    chat__session_tick(world->session, world->now);
    for (size_t i = 0; i < CHAT__TRANSPORTS_MAX; i++) {
        if (!is_wanted(world, world->connections[i].attempt))
            world->connections[i] = (struct connection){0};
    }
    count = chat__session_transports(world->session, attempts);
    for (size_t i = 0; i < count; i++) {
        if (find_connection(world, attempts[i]) == NULL &&
            is_wanted(world, attempts[i]))
            open_connection(world, attempts[i]);
    }
    for (size_t i = 0; i < CHAT__TRANSPORTS_MAX; i++) {
        if (world->connections[i].attempt != 0)
            send_frames(world, world->connections[i].attempt);
    }
}

static void break_connection(struct world *world)
{
    struct connection *connection =
        &world->connections[draw(world) % CHAT__TRANSPORTS_MAX];

    if (connection->attempt != 0)
        disconnect(world, connection);
}

static void step(struct world *world)
{
    char key[16];

    if (chance(world, 20))
        write_message(world);
    if (chance(world, 30)) {
        snprintf(key, sizeof(key), "o%u", world->head);
        append(world, CHAT__ACTION_SEND, key, false);
    }
    if (chance(world, 2))
        ask_something(world);
    if (chance(world, 4))
        break_connection(world);
    if (chance(world, 3))
        drain(world);
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

/* Returns how often a successor was wanted. */
static unsigned run(uint64_t seed, bool ordered)
{
    struct world *world = calloc(1, sizeof(*world));
    struct chat__session_environment environment = {
        .context = world, .emit = emit, .random = draw};
    unsigned successions;

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
    successions = world->successions;
    drop_packets(world);
    chat__session_free(world->session);
    free(world);
    return successions;
}

static void test_over_a_transport_that_does_everything_wrong(void **state)
{
    unsigned successions = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        successions += run(seed, false);
    assert_true(successions > SEEDS);
}

static void test_over_a_transport_that_only_breaks(void **state)
{
    unsigned successions = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        successions += run(seed, true);
    assert_true(successions > SEEDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_over_a_transport_that_does_everything_wrong),
        cmocka_unit_test(test_over_a_transport_that_only_breaks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
