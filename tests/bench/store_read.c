/* Reads in flight: pages before a random entry, pieces that go forward. */
#include "tests/bench/store_bench.h"

#include <stdlib.h>

#define RESUME_CLIENTS 1000
#define RESUME_ENTRIES 1000
#define PIECE_ENTRIES  500
#define PIECE_BYTES    (128 * 1024)
#define PAGE_BYTES     (CHAT__OBJECT_BYTES_MAX - 4096) /* as the core asks */

struct client {
    struct chat__store_read_log read; /* first: the completion is in it */
    struct bench_readers *readers;
    uint64_t room;
    uint64_t next; /* RESUME: the first entry that it lacks */
    uint64_t asked_ns;
};

struct bench_readers {
    struct bench *bench;
    const struct bench_writers *log;
    struct client clients[RESUME_CLIENTS];
    enum bench_reading reading;
    uint64_t deadline_ns;
    uint64_t busy;
    /* since the last start */
    uint64_t reads;
    uint64_t entries;
    struct bench_samples samples;
    struct bench_cpu cpu;
};

struct bench_readers *bench_readers_new(struct bench *bench,
                                        const struct bench_writers *log)
{
    struct bench_readers *readers = calloc(1, sizeof *readers);
    if (readers == NULL)
        bench_die("memory is short");
    readers->bench = bench;
    readers->log = log;
    return readers;
}

void bench_readers_free(struct bench_readers *readers)
{
    bench_samples_release(&readers->samples);
    free(readers);
}

/* What is asked for is there when the read is asked, so the log may grow. */
static void fill_page(struct client *client)
{
    struct bench_readers *readers = client->readers;
    struct chat__store_read_log *read = &client->read;
    client->room = bench_random(readers->bench) % readers->bench->options.rooms;
    uint64_t head = bench_head(readers->log, client->room);
    uint64_t at = bench_random(readers->bench) % head + 1;
    read->backward = readers->reading != BENCH_FORWARD_500;
    read->limit = readers->reading == BENCH_BEFORE_50 ? 50 : 200;
    read->from = 1;
    read->to = at;
    read->bytes_max = PAGE_BYTES;
    if (!read->backward) {
        read->limit = PIECE_ENTRIES;
        read->from = at;
        read->to = head;
        read->bytes_max = PIECE_BYTES;
    }
}

/* False when the client has all. */
static bool fill_piece(struct client *client)
{
    struct chat__store_read_log *read = &client->read;
    read->backward = false;
    read->limit = PIECE_ENTRIES;
    read->from = client->next;
    read->to = bench_head(client->readers->log, client->room);
    read->bytes_max = PIECE_BYTES;
    return read->from <= read->to;
}

static void read_done(struct chat__completion *completion);

static void ask(struct client *client)
{
    struct bench_readers *readers = client->readers;
    struct chat__store *store = readers->bench->store;
    if (readers->reading == BENCH_RESUME) {
        if (!fill_piece(client))
            return;
    } else if (bench_now_ns() < readers->deadline_ns) {
        fill_page(client);
    } else {
        return;
    }
    client->read.completion.run = read_done;
    client->read.room = bench_room(readers->log, client->room);
    client->read.with_changes = true;
    client->asked_ns = bench_now_ns();
    readers->busy++;
    store->operations->read_log(store, &client->read);
}

static void read_done(struct chat__completion *completion)
{
    struct client *client = (struct client *)completion;
    struct bench_readers *readers = client->readers;
    struct chat__store_read_log *read = &client->read;
    readers->busy--;
    if (read->result != CHAT__STORE_OK || read->count == 0)
        bench_die("a read was refused");
    bench_samples_add(&readers->samples, bench_now_ns() - client->asked_ns);
    readers->reads++;
    readers->entries += read->count;
    client->next = read->entries[read->count - 1].seq + 1;
    chat__store_read_log_release(read);
    *read = (struct chat__store_read_log){0};
    ask(client);
}

void bench_readers_start(struct bench_readers *readers,
                         enum bench_reading reading, uint64_t deadline_ns)
{
    uint64_t clients = reading == BENCH_RESUME ? RESUME_CLIENTS
                                               : readers->bench->options.window;
    readers->reading = reading;
    readers->deadline_ns = deadline_ns;
    readers->reads = 0;
    readers->entries = 0;
    bench_samples_clear(&readers->samples);
    readers->cpu = bench_cpu_now();
    for (uint64_t i = 0; i < clients; i++) {
        struct client *client = &readers->clients[i];
        *client = (struct client){
            .readers = readers,
            .room = i % readers->bench->options.rooms,
        };
        uint64_t head = bench_head(readers->log, client->room);
        client->next = head > RESUME_ENTRIES ? head - RESUME_ENTRIES + 1 : 1;
        ask(client);
    }
}

bool bench_readers_busy(const struct bench_readers *readers)
{
    return readers->busy > 0;
}

uint64_t bench_readers_entries(const struct bench_readers *readers)
{
    return readers->entries;
}

void bench_readers_report(struct bench_readers *readers, double seconds)
{
    bench_report_number("seconds", seconds);
    bench_report_number("reads_s", (double)readers->reads / seconds);
    bench_report_number("read_entries_s", (double)readers->entries / seconds);
    bench_report_latency(&readers->samples);
    bench_report_cpu(&readers->cpu, readers->entries);
}
