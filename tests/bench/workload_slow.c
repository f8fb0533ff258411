/*
 * One room at a rate, first with all reading, then with a share of receivers
 * that read nothing: what the others notice, what the server keeps for the
 * slow ones, and whether it closes them.
 */
#include "tests/bench/connection.h"
#include "tests/bench/crowd.h"
#include "tests/bench/process.h"
#include "tests/bench/report.h"
#include "tests/bench/stream.h"
#include "tests/bench/workloads.h"

#include <sys/types.h>

/* What the kernel takes in for a slow receiver. */
#define SLOW_BUFFER_BYTES (32 * 1024)
#define TICK              (LOAD_SECOND / 20)
#define END_TURNS         20

static uint64_t resident_highest; /* KiB */

static void note_memory(struct stream *stream)
{
    uint64_t now = process_resident((pid_t)stream->load->options.server_pid);

    resident_highest = now > resident_highest ? now : resident_highest;
}

/* Slow ones may be closed at any time, and nobody else. */
static void closed(struct connection *connection)
{
    const struct stream *stream = connection->load->workload;

    if (connection->place < stream->members - stream->uncounted)
        load_fail(connection->load,
                  "the server closed connection %zu, which "
                  "reads (code %u)",
                  connection_number(connection), connection->close_code);
}

static void pause_slow(struct stream *stream, bool pause)
{
    struct connection *connection;
    size_t i;

    for (i = stream->members - stream->uncounted; i < stream->members; i++) {
        connection = &stream->load->connections[i];
        if (connection->state != CONNECTION_CLOSED)
            connection_pause(connection, pause);
    }
}

static size_t count_closed(const struct stream *stream)
{
    size_t i, count = 0;

    for (i = stream->members - stream->uncounted; i < stream->members; i++)
        count += stream->load->connections[i].state == CONNECTION_CLOSED;
    return count;
}

/* The slow ones read what was sent to them, to its end. */
static bool read_the_rest(struct stream *stream)
{
    struct load *load = stream->load;
    uint64_t before;
    int turns;

    pause_slow(stream, false);
    for (turns = 0; turns < END_TURNS; turns++) {
        before = load->bytes_read;
        if (!crowd_wait(load, 0.5))
            return false;
        if (load->bytes_read == before)
            break;
    }
    return true;
}

static void report_without(const struct stream *stream)
{
    report_number("without_p50_us",
                  (double)histogram_at(&stream->latency, 0.5) / 1e3);
    report_number("without_p99_us",
                  (double)histogram_at(&stream->latency, 0.99) / 1e3);
    report_number("without_rss_highest_mib", (double)resident_highest / 1024);
}

static bool run(struct stream *stream)
{
    struct load *load = stream->load;

    load->on.closed = closed;
    stream->tick = note_memory;
    stream->tick_interval = TICK;
    if (!stream_run(stream))
        return false;
    report_without(stream);
    resident_highest = 0;
    pause_slow(stream, true);
    if (!stream_run(stream) || !read_the_rest(stream))
        return false;
    stream_report(stream);
    report_number("rss_highest_mib", (double)resident_highest / 1024);
    report_count("slow_closed", count_closed(stream));
    return true;
}

bool workload_slow(struct load *load)
{
    const struct options *options = &load->options;
    struct stream stream;
    size_t i, slow;
    bool done;

    slow = (size_t)((double)options->receivers * options->slow_share);
    if (options->rate <= 0 || slow >= options->receivers) {
        load_fail(load, "slow takes a --rate, and not all may be slow");
        return false;
    }
    report_count("receivers", options->receivers);
    report_count("slow", slow);
    report_number("rate", options->rate);
    done = stream_init(&stream, load, 1, options->receivers, 1);
    stream.uncounted = slow;
    for (i = 0; done && i < slow; i++)
        load->connections[options->receivers - 1 - i].receive_bytes =
            SLOW_BUFFER_BYTES;
    done = done && stream_open(&stream) && run(&stream);
    stream_release(&stream);
    return done;
}
