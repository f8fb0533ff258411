/* One connection alone in its room, with `window` requests under way. */
#include "tests/bench/adapter.h"
#include "tests/bench/connection.h"
#include "tests/bench/crowd.h"
#include "tests/bench/histogram.h"
#include "tests/bench/measure.h"
#include "tests/bench/process.h"
#include "tests/bench/report.h"
#include "tests/bench/workloads.h"

#include <string.h>

#define WINDOW_MAX 4096 /* a power of two */

struct asker {
    struct load *load;
    struct message message;
    uint32_t sent;
    uint32_t answered;
    uint64_t times[WINDOW_MAX]; /* of sending, ring by number */
    bool measuring;
    struct histogram latency;
};

static void take_reply(struct connection *connection, uint32_t number,
                       const char *answer, size_t length)
{
    struct asker *asker = connection->load->workload;

    (void)answer;
    (void)length;
    if (number >= asker->sent || asker->sent - number > WINDOW_MAX) {
        load_fail(asker->load, "an answer to what was not asked");
        return;
    }
    asker->answered++;
    if (asker->measuring)
        histogram_add(&asker->latency,
                      asker->load->now - asker->times[number % WINDOW_MAX]);
}

static void ask(struct asker *asker)
{
    struct load *load = asker->load;
    struct stamp stamp = {.publisher = 0};

    load->now = process_now();
    while (asker->sent - asker->answered < load->options.window) {
        stamp.sequence = asker->sent++;
        stamp.time = load->now;
        asker->times[stamp.sequence % WINDOW_MAX] = load->now;
        message_queue(&asker->message, load->connections, &stamp);
    }
    connection_flush(load->connections);
}

static bool ask_for(struct asker *asker, double seconds)
{
    struct load *load = asker->load;
    uint64_t end = load->now + (uint64_t)(seconds * LOAD_SECOND);

    while (load->now < end && !load->failed) {
        ask(asker);
        load_turn(load, end);
    }
    return !load->failed;
}

static bool run(struct asker *asker)
{
    struct load *load = asker->load;
    struct measure from, to;

    if (!ask_for(asker, load->options.warmup))
        return false;
    measure_take(&from, load, asker->answered);
    asker->measuring = true;
    if (!ask_for(asker, load->options.seconds))
        return false;
    measure_take(&to, load, asker->answered);
    report_number("acks_per_s", measure_rate(&from, &to));
    measure_report_latency(&asker->latency);
    measure_report(load, &from, &to);
    return true;
}

bool workload_ack(struct load *load)
{
    static struct asker asker;
    bool done;

    if (load->options.window == 0)
        load->options.window = 1;
    if (load->options.window > WINDOW_MAX ||
        (load->adapter->in_flight > 0 &&
         load->options.window > load->adapter->in_flight)) {
        load_fail(load, "the window is too large for %s", load->adapter->name);
        return false;
    }
    memset(&asker, 0, sizeof(asker));
    asker.load = load;
    load->workload = &asker;
    load->wants_replies = true;
    load->on.reply = take_reply;
    done = load_make_connections(load, 1) && crowd_open(load, 0, 1, 1) &&
           message_init(&asker.message, load->connections) && run(&asker);
    message_release(&asker.message);
    return done;
}
