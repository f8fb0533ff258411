/*
 * Clients of one room drop, a publisher that stays adds entries, all come back
 * at once by token: how long until all have all that they missed. Whom the
 * server does not resume pages the room's history, as a client would.
 */
#include "tests/bench/adapter.h"
#include "tests/bench/connection.h"
#include "tests/bench/crowd.h"
#include "tests/bench/histogram.h"
#include "tests/bench/measure.h"
#include "tests/bench/process.h"
#include "tests/bench/report.h"
#include "tests/bench/workloads.h"

#include <string.h>

#define PAGE 200

struct comeback {
    struct load *load;
    size_t clients;
    struct connection *publisher;
    struct message message;
    uint64_t answered;
    uint64_t head;    /* when all have it, it is over; 0: not known yet */
    uint64_t started; /* when they began to come back */
    size_t caught_up;
    size_t resumed;
    size_t pages;
    uint64_t gaps;
    uint64_t doubles;
    struct histogram latency;
};

static void count_caught_up(struct comeback *comeback,
                            const struct connection *connection)
{
    if (connection->seq != comeback->head || connection == comeback->publisher)
        return;
    comeback->caught_up++;
    histogram_add(&comeback->latency, comeback->load->now - comeback->started);
}

static void take_entry(struct connection *connection, uint64_t seq)
{
    struct comeback *comeback = connection->load->workload;

    if (seq <= connection->seq) {
        comeback->doubles++;
        return;
    }
    comeback->gaps += seq - connection->seq - 1;
    connection->seq = seq;
    count_caught_up(comeback, connection);
}

static void take_page(struct connection *connection, const char *page,
                      size_t length)
{
    struct comeback *comeback = connection->load->workload;
    uint64_t first = find_number(page, length, "\"seq\":", 0);

    comeback->pages++;
    comeback->gaps += first != connection->seq + 1;
    connection->seq += adapter_chat_count_entries(page, length);
    if (connection->seq < comeback->head)
        adapter_chat_ask_page(connection, "after", connection->seq, PAGE);
    else
        count_caught_up(comeback, connection);
}

static void ready(struct connection *connection)
{
    struct comeback *comeback = connection->load->workload;

    if (comeback->head == 0)
        return;
    comeback->resumed += connection->resumed;
    if (!connection->resumed)
        adapter_chat_ask_page(connection, "after", connection->seq, PAGE);
}

static void take_reply(struct connection *connection, uint32_t number,
                       const char *answer, size_t length)
{
    struct comeback *comeback = connection->load->workload;

    (void)number;
    if (comeback->head > 0)
        take_page(connection, answer, length);
    else
        comeback->answered++;
}

/* All have the joins of all. */
static bool wait_until_level(struct comeback *comeback)
{
    struct load *load = comeback->load;
    uint64_t head = load->connection_count;

    while (crowd_count_at(load, 0, load->connection_count, head) <
           load->connection_count) {
        if (!load_turn(load, load->now + LOAD_SECOND))
            return false;
    }
    return true;
}

static bool add_entries(struct comeback *comeback, uint64_t count)
{
    struct load *load = comeback->load;
    struct stamp stamp = {.publisher = 0};

    comeback->answered = 0;
    while (comeback->answered < count) {
        for (; stamp.sequence < count &&
               stamp.sequence - comeback->answered < load->adapter->in_flight;
             stamp.sequence++)
            message_queue(&comeback->message, comeback->publisher, &stamp);
        connection_flush(comeback->publisher);
        if (!load_turn(load, load->now + LOAD_SECOND))
            return false;
    }
    return true;
}

static bool come_back(struct comeback *comeback)
{
    struct load *load = comeback->load;
    struct measure from, to;

    comeback->head = load->connection_count + load->options.missed;
    measure_take(&from, load, 0);
    comeback->started = from.time;
    if (!crowd_open(load, 0, comeback->clients, comeback->clients))
        return false;
    report_number("all_signed_in_s",
                  (double)(process_now() - from.time) / LOAD_SECOND);
    while (comeback->caught_up < comeback->clients) {
        if (!load_turn(load, load->now + LOAD_SECOND))
            return false;
    }
    measure_take(&to, load, comeback->clients * load->options.missed);
    report_number("all_caught_up_s", measure_seconds(&from, &to));
    report_number("entries_per_s", measure_rate(&from, &to));
    measure_report_latency(&comeback->latency);
    measure_report(load, &from, &to);
    report_count("resumed", comeback->resumed);
    report_count("pages", comeback->pages);
    report_count("gaps", comeback->gaps);
    report_count("doubles", comeback->doubles);
    return true;
}

static bool run(struct comeback *comeback)
{
    struct load *load = comeback->load;

    comeback->publisher = &load->connections[comeback->clients];
    return crowd_open(load, 0, load->connection_count,
                      load->options.concurrency) &&
           wait_until_level(comeback) &&
           crowd_drop(load, 0, comeback->clients) &&
           message_init(&comeback->message, comeback->publisher) &&
           add_entries(comeback, load->options.missed) && come_back(comeback);
}

bool workload_resume(struct load *load)
{
    static struct comeback comeback;
    bool done;

    if (!load->adapter->keeps_a_log) {
        load_fail(load, "only chat resumes");
        return false;
    }
    memset(&comeback, 0, sizeof(comeback));
    comeback.load = load;
    comeback.clients = load->options.clients;
    load->workload = &comeback;
    load->on.ready = ready;
    load->on.entry = take_entry;
    load->on.reply = take_reply;
    report_count("clients", comeback.clients);
    report_count("missed", load->options.missed);
    done = load_make_connections(load, comeback.clients + 1) && run(&comeback);
    message_release(&comeback.message);
    return done;
}
