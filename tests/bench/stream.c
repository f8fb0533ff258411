#include "tests/bench/stream.h"

#include "tests/bench/connection.h"
#include "tests/bench/crowd.h"
#include "tests/bench/process.h"
#include "tests/bench/report.h"

#include <stdlib.h>
#include <string.h>

/* How long the last deliveries may keep one waiting for the next of them. */
#define END_PATIENCE (5 * (uint64_t)LOAD_SECOND)

size_t stream_deliveries_each(const struct stream *stream)
{
    return stream->members - stream->uncounted - !stream->load->adapter->echoes;
}

/* ---- what comes back ---- */

static void list_able(struct stream *stream, struct publisher *publisher)
{
    if (publisher->listed)
        return;
    publisher->listed = true;
    stream->able[stream->able_count++] = publisher;
}

static void count_off(struct stream *stream, struct publisher *publisher,
                      uint32_t sequence)
{
    uint32_t *missing = &publisher->missing[sequence & (stream->ring - 1)];

    if (*missing == 0 || --*missing > 0)
        return;
    publisher->under_way--;
    list_able(stream, publisher);
}

static void take_message(struct connection *connection,
                         const struct stamp *stamp)
{
    struct load *load = connection->load;
    struct stream *stream = load->workload;
    struct publisher *publisher = &stream->publishers[stamp->publisher];
    uint32_t pair;

    if (stamp->publisher >= stream->publisher_count ||
        publisher->connection->room != connection->room) {
        load_fail(load, "connection %zu got a message of another room",
                  connection_number(connection));
        return;
    }
    if (connection->place >= stream->members - stream->uncounted)
        return;
    pair = (uint32_t)(connection_number(connection) * stream->publishers_each) +
           publisher->connection->place;
    sequences_see(&stream->sequences, pair, stamp->sequence);
    stream->deliveries++;
    if (stream->measuring)
        histogram_add(&stream->latency,
                      load->now > stamp->time ? load->now - stamp->time : 0);
    if (stream->window > 0)
        count_off(stream, publisher, stamp->sequence);
}

static void take_reply(struct connection *connection, uint32_t number,
                       const char *answer, size_t length)
{
    struct publisher *publisher = connection->user;

    (void)number;
    (void)answer;
    (void)length;
    publisher->unanswered--;
    list_able(connection->load->workload, publisher);
}

/* ---- sending ---- */

static uint64_t due_at(const struct stream *stream, uint64_t message)
{
    return stream->begun + (uint64_t)((double)message * stream->interval);
}

/* When its next message is due; a publisher has every n-th of them. */
static uint64_t next_due(const struct stream *stream,
                         const struct publisher *publisher)
{
    uint64_t sent = publisher->sent - publisher->sent_before;

    return due_at(stream, sent * stream->publisher_count + publisher->number);
}

static bool may_send(const struct stream *stream,
                     const struct publisher *publisher)
{
    const struct load *load = stream->load;
    unsigned int in_flight = load->adapter->in_flight;

    if (!stream->sending ||
        (in_flight > 0 && publisher->unanswered >= in_flight))
        return false;
    if (stream->window == 0)
        return next_due(stream, publisher) <= load->now;
    return publisher->under_way < stream->window &&
           publisher->missing[publisher->sent & (stream->ring - 1)] == 0;
}

static void send_one(struct stream *stream, struct publisher *publisher)
{
    const struct load *load = stream->load;
    struct stamp stamp = {
        .publisher = (uint16_t)publisher->number,
        .sequence = publisher->sent,
        .time = stream->window > 0 ? load->now : next_due(stream, publisher),
    };

    if (stream->window > 0) {
        publisher->missing[publisher->sent & (stream->ring - 1)] =
            (uint32_t)stream_deliveries_each(stream);
        publisher->under_way++;
    }
    publisher->sent++;
    publisher->unanswered += load->adapter->in_flight > 0;
    message_queue(&publisher->message, publisher->connection, &stamp);
}

static void list_those_due(struct stream *stream)
{
    while (stream->window == 0 && stream->sending &&
           due_at(stream, stream->due) <= stream->load->now) {
        list_able(stream,
                  &stream->publishers[stream->due % stream->publisher_count]);
        stream->due++;
    }
}

static void send_all(struct stream *stream)
{
    struct publisher *publisher;
    size_t i;

    stream->load->now = process_now();
    list_those_due(stream);
    for (i = 0; i < stream->able_count; i++) {
        publisher = stream->able[i];
        publisher->listed = false;
        while (may_send(stream, publisher))
            send_one(stream, publisher);
        connection_flush(publisher->connection);
    }
    stream->able_count = 0;
}

void stream_begin(struct stream *stream)
{
    size_t i;

    stream->sending = true;
    stream->load->now = process_now();
    stream->begun = stream->load->now;
    stream->due = 0;
    for (i = 0; i < stream->publisher_count; i++) {
        stream->publishers[i].sent_before = stream->publishers[i].sent;
        list_able(stream, &stream->publishers[i]);
    }
}

bool stream_turn(struct stream *stream, uint64_t until)
{
    uint64_t due;

    send_all(stream);
    if (stream->window == 0 && stream->sending) {
        due = due_at(stream, stream->due);
        until = due < until ? due : until;
    }
    return load_turn(stream->load, until);
}

static void measure_until(struct stream *stream, uint64_t end)
{
    uint64_t tick = stream->load->now + stream->tick_interval;
    uint64_t next;

    stream->measuring = true;
    while (stream->load->now < end) {
        next = stream->tick != NULL && tick < end ? tick : end;
        if (!stream_turn(stream, next))
            break;
        if (stream->tick != NULL && stream->load->now >= tick) {
            stream->tick(stream);
            tick += stream->tick_interval;
        }
    }
    stream->measuring = false;
}

bool stream_run(struct stream *stream)
{
    const struct options *options = &stream->load->options;
    uint64_t from, to;

    memset(&stream->latency, 0, sizeof(stream->latency));

    stream_begin(stream);
    from = stream->begun + (uint64_t)(options->warmup * LOAD_SECOND);
    to = from + (uint64_t)(options->seconds * LOAD_SECOND);
    while (stream->load->now < from && stream_turn(stream, from))
        ;
    measure_take(&stream->from, stream->load, stream->deliveries);
    measure_until(stream, to);
    measure_take(&stream->to, stream->load, stream->deliveries);
    return stream_end(stream);
}

/* ---- the end ---- */

static uint64_t count_expected(const struct stream *stream)
{
    uint64_t sent = 0;
    size_t i;

    for (i = 0; i < stream->publisher_count; i++)
        sent += stream->publishers[i].sent;
    return sent * stream_deliveries_each(stream);
}

static void count_lost(struct stream *stream)
{
    const struct publisher *publisher;
    size_t i, place, first;

    for (i = 0; i < stream->publisher_count; i++) {
        publisher = &stream->publishers[i];
        first = publisher->connection->room * stream->members;
        for (place = 0; place < stream->members - stream->uncounted; place++) {
            if (place != publisher->connection->place ||
                stream->load->adapter->echoes)
                sequences_end(
                    &stream->sequences,
                    (uint32_t)((first + place) * stream->publishers_each) +
                        publisher->connection->place,
                    publisher->sent);
        }
    }
}

bool stream_end(struct stream *stream)
{
    uint64_t expected = count_expected(stream);
    uint64_t before = stream->deliveries;
    uint64_t progressed = stream->load->now;

    stream->sending = false;
    while (stream->deliveries < expected &&
           stream->load->now < progressed + END_PATIENCE &&
           stream_turn(stream, progressed + END_PATIENCE)) {
        if (stream->deliveries > before)
            progressed = stream->load->now;
        before = stream->deliveries;
    }
    count_lost(stream);
    return !stream->load->failed;
}

/* ---- making and freeing ---- */

static bool publisher_init(struct stream *stream, size_t number)
{
    struct publisher *publisher = &stream->publishers[number];
    size_t room = number / stream->publishers_each;
    size_t place = number % stream->publishers_each;

    publisher->number = (uint32_t)number;
    publisher->connection =
        &stream->load->connections[room * stream->members + place];
    publisher->connection->user = publisher;
    if (stream->ring > 0)
        publisher->missing = calloc(stream->ring, sizeof(*publisher->missing));
    return message_init(&publisher->message, publisher->connection) &&
           (stream->ring == 0 || publisher->missing != NULL);
}

static bool make(struct stream *stream)
{
    size_t i, connections = stream->rooms * stream->members;

    stream->publishers =
        calloc(stream->publisher_count, sizeof(*stream->publishers));
    stream->able = calloc(stream->publisher_count, sizeof(struct publisher *));
    if (stream->publishers == NULL || stream->able == NULL ||
        !sequences_init(&stream->sequences,
                        connections * stream->publishers_each) ||
        !load_make_connections(stream->load, connections))
        return false;
    for (i = 0; i < connections; i++) {
        stream->load->connections[i].room = (uint32_t)(i / stream->members);
        stream->load->connections[i].place = (uint32_t)(i % stream->members);
    }
    for (i = 0; i < stream->publisher_count; i++) {
        if (!publisher_init(stream, i))
            return false;
    }
    return true;
}

static void choose_loop(struct stream *stream, const struct options *options)
{
    if (options->rate > 0) {
        stream->interval = LOAD_SECOND / options->rate;
        return;
    }
    stream->window = (uint32_t)options->window;
    for (stream->ring = 1; stream->ring < 2 * stream->window;)
        stream->ring *= 2;
}

bool stream_init(struct stream *stream, struct load *load, size_t rooms,
                 size_t members, size_t publishers_each)
{
    memset(stream, 0, sizeof(*stream));
    stream->load = load;
    stream->rooms = rooms;
    stream->members = members;
    stream->publishers_each = publishers_each;
    stream->publisher_count = rooms * publishers_each;
    load->workload = stream;
    load->on.message = take_message;
    load->on.reply = take_reply;
    choose_loop(stream, &load->options);
    if (publishers_each > members || stream->publisher_count > UINT16_MAX) {
        load_fail(load, "publishers are members, and at most %d", UINT16_MAX);
        return false;
    }
    if (!make(stream)) {
        load_fail(load, "no memory");
        return false;
    }
    return true;
}

bool stream_open(struct stream *stream)
{
    struct load *load = stream->load;

    return crowd_open(load, 0, load->connection_count,
                      load->options.concurrency);
}

void stream_release(struct stream *stream)
{
    size_t i;

    for (i = 0; stream->publishers != NULL && i < stream->publisher_count;
         i++) {
        message_release(&stream->publishers[i].message);
        free(stream->publishers[i].missing);
    }
    free(stream->publishers);
    free(stream->able);
    sequences_release(&stream->sequences);
}

void stream_report(const struct stream *stream)
{
    double rate = measure_rate(&stream->from, &stream->to);

    report_number("deliveries_per_s", rate);
    report_number("messages_per_s",
                  rate / (double)stream_deliveries_each(stream));
    measure_report_latency(&stream->latency);
    measure_report(stream->load, &stream->from, &stream->to);
    report_count("deliveries", stream->deliveries);
    report_count("lost", sequences_lost(&stream->sequences));
    report_count("doubled", stream->sequences.doubled);
    report_count("reordered", stream->sequences.reordered);
}
