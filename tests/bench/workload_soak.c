/* One room for a long time, at a rate; a line now and then says how it is. */
#include "tests/bench/process.h"
#include "tests/bench/report.h"
#include "tests/bench/stream.h"
#include "tests/bench/workloads.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/types.h>

#define SECONDS_OF_A_LINE 10

static void print_line(struct stream *stream)
{
    const struct load *load = stream->load;

    printf("{\"at_s\":%.1f,\"server_rss_mib\":%.1f,\"deliveries\":%" PRIu64
           ",\"lost\":%" PRIu64 ",\"doubled\":%" PRIu64
           ",\"reordered\":%" PRIu64 "}\n",
           (double)(load->now - stream->begun) / LOAD_SECOND,
           (double)process_resident((pid_t)load->options.server_pid) / 1024,
           stream->deliveries, sequences_lost(&stream->sequences),
           stream->sequences.doubled, stream->sequences.reordered);
    fflush(stdout);
}

bool workload_soak(struct load *load)
{
    const struct options *options = &load->options;
    struct stream stream;
    bool done;

    if (options->rate <= 0) {
        load_fail(load, "soak takes a --rate");
        return false;
    }
    report_count("receivers", options->receivers);
    report_number("rate", options->rate);
    done =
        stream_init(&stream, load, 1, options->receivers, options->publishers);
    stream.tick = print_line;
    stream.tick_interval = SECONDS_OF_A_LINE * (uint64_t)LOAD_SECOND;
    done = done && stream_open(&stream) && stream_run(&stream);
    if (done)
        stream_report(&stream);
    stream_release(&stream);
    return done;
}
