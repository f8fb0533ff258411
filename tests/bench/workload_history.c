/*
 * Pages of a room's log, each before a random entry, asked for by some
 * connections at once. A room that is too short is filled first.
 */
#include "tests/bench/adapter.h"
#include "tests/bench/connection.h"
#include "tests/bench/crowd.h"
#include "tests/bench/histogram.h"
#include "tests/bench/measure.h"
#include "tests/bench/process.h"
#include "tests/bench/report.h"
#include "tests/bench/workloads.h"

#include <stdlib.h>
#include <string.h>

#define CONNECTIONS 8
#define LIMIT_MAX   200
#define SEED        88172645463325252u

struct reader {
    struct message message;
    uint64_t sent; /* filling: messages */
    uint64_t answered;
    uint64_t asked; /* reading: when */
};

struct library {
    struct load *load;
    struct reader *readers; /* one a connection */
    uint64_t entries;
    uint64_t chance;
    bool reading;
    bool measuring;
    uint64_t filled;
    uint64_t pages;
    uint64_t entries_read;
    struct histogram latency;
};

/* xorshift: the same pages in every run. */
static uint64_t choose(struct library *library)
{
    library->chance ^= library->chance << 13;
    library->chance ^= library->chance >> 7;
    library->chance ^= library->chance << 17;
    return library->chance;
}

static struct reader *reader_of(const struct connection *connection)
{
    const struct library *library = connection->load->workload;

    return &library->readers[connection_number(connection)];
}

/* ---- reading ---- */

static void ask_page(struct library *library, struct connection *connection)
{
    uint64_t limit = library->load->options.limit;
    uint64_t before = limit + 1 + choose(library) % (library->entries - limit);

    reader_of(connection)->asked = process_now();
    adapter_chat_ask_page(connection, "before", before, limit);
}

static void take_page(struct library *library, struct connection *connection,
                      const char *page, size_t length)
{
    library->pages++;
    library->entries_read += adapter_chat_count_entries(page, length);
    if (library->measuring)
        histogram_add(&library->latency,
                      library->load->now - reader_of(connection)->asked);
    ask_page(library, connection);
}

static bool read_for(struct library *library, double seconds)
{
    struct load *load = library->load;
    uint64_t end = load->now + (uint64_t)(seconds * LOAD_SECOND);

    while (load->now < end && load_turn(load, end))
        ;
    return !load->failed;
}

static bool read_pages(struct library *library)
{
    struct load *load = library->load;
    struct measure from, to;
    uint64_t before;
    size_t i;

    library->reading = true;
    load->now = process_now();
    for (i = 0; i < load->connection_count; i++)
        ask_page(library, &load->connections[i]);
    if (!read_for(library, load->options.warmup))
        return false;
    measure_take(&from, load, library->pages);
    before = library->entries_read;
    library->measuring = true;
    if (!read_for(library, load->options.seconds))
        return false;
    measure_take(&to, load, library->pages);
    report_number("pages_per_s", measure_rate(&from, &to));
    report_number("entries_per_page", (double)(library->entries_read - before) /
                                          (double)(to.count - from.count));
    measure_report_latency(&library->latency);
    measure_report(load, &from, &to);
    return true;
}

/* ---- filling ---- */

static void add_some(struct library *library, struct connection *connection,
                     uint64_t missing)
{
    struct reader *reader = reader_of(connection);
    struct stamp stamp = {.publisher = 0};

    while (library->filled < missing && reader->sent - reader->answered <
                                            library->load->adapter->in_flight) {
        stamp.sequence = (uint32_t)reader->sent++;
        library->filled++;
        message_queue(&reader->message, connection, &stamp);
    }
    connection_flush(connection);
}

static bool all_is_answered(const struct library *library)
{
    size_t i;

    for (i = 0; i < library->load->connection_count; i++) {
        if (library->readers[i].answered < library->readers[i].sent)
            return false;
    }
    return true;
}

static bool fill(struct library *library, uint64_t missing)
{
    struct load *load = library->load;
    struct measure from, to;
    size_t i;

    measure_take(&from, load, 0);
    while (library->filled < missing || !all_is_answered(library)) {
        for (i = 0; i < load->connection_count; i++)
            add_some(library, &load->connections[i], missing);
        if (!load_turn(load, load->now + LOAD_SECOND))
            return false;
    }
    measure_take(&to, load, missing);
    report_number("fill_per_s", measure_rate(&from, &to));
    return true;
}

static void take_reply(struct connection *connection, uint32_t number,
                       const char *answer, size_t length)
{
    struct library *library = connection->load->workload;

    (void)number;
    if (library->reading)
        take_page(library, connection, answer, length);
    else
        reader_of(connection)->answered++;
}

static bool run(struct library *library)
{
    struct load *load = library->load;
    size_t i, last = load->connection_count - 1;
    uint64_t head = 0;

    if (!crowd_open(load, 0, last + 1, 1))
        return false;
    for (i = 0; i <= last; i++) {
        head =
            load->connections[i].seq > head ? load->connections[i].seq : head;
        if (!message_init(&library->readers[i].message, &load->connections[i]))
            return false;
    }
    if (head < library->entries && !fill(library, library->entries - head))
        return false;
    library->entries = head > library->entries ? head : library->entries;
    report_count("connections", load->connection_count);
    report_count("entries", library->entries);
    report_count("limit", load->options.limit);
    return read_pages(library);
}

bool workload_history(struct load *load)
{
    static struct library library;
    const struct options *options = &load->options;
    size_t i, count = options->connections;
    bool done;

    count = count == 0 ? CONNECTIONS : count;
    if (!load->adapter->keeps_a_log || options->limit == 0 ||
        options->limit > LIMIT_MAX || options->entries <= options->limit) {
        load_fail(load, "history is chat's, and of more entries than a page");
        return false;
    }
    memset(&library, 0, sizeof(library));
    library.load = load;
    library.entries = options->entries;
    library.chance = SEED;
    library.readers = calloc(count, sizeof(*library.readers));
    load->workload = &library;
    load->on.reply = take_reply;
    done = library.readers != NULL && load_make_connections(load, count) &&
           run(&library);
    for (i = 0; library.readers != NULL && i < count; i++)
        message_release(&library.readers[i].message);
    free(library.readers);
    return done;
}
