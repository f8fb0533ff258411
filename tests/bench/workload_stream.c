/* One publisher and many receivers; many rooms in which all send. */
#include "tests/bench/report.h"
#include "tests/bench/stream.h"
#include "tests/bench/workloads.h"

#define FANOUT_WINDOW 64

static bool run(struct load *load, size_t rooms, size_t members,
                size_t publishers_each)
{
    struct stream stream;
    bool done;

    done = stream_init(&stream, load, rooms, members, publishers_each) &&
           stream_open(&stream) && stream_run(&stream);
    if (done)
        stream_report(&stream);
    stream_release(&stream);
    return done;
}

bool workload_fanout(struct load *load)
{
    struct options *options = &load->options;

    if (options->window == 0)
        options->window = FANOUT_WINDOW;
    report_count("receivers", options->receivers);
    return run(load, 1, options->receivers, options->publishers);
}

bool workload_rooms(struct load *load)
{
    struct options *options = &load->options;

    if (options->window == 0)
        options->window = 1;
    report_count("rooms", options->rooms);
    report_count("members", options->members);
    return run(load, options->rooms, options->members, options->members);
}
