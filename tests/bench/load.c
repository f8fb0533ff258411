#include "tests/bench/load.h"

#include "tests/bench/adapter.h"
#include "tests/bench/connection.h"
#include "tests/bench/process.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#define AREA_BYTES (INBOX_HEADROOM + 256 * 1024)
#define EVENTS     1024

static void make_prefix(struct load *load)
{
    static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyz012345";
    uint8_t chance[LOAD_PREFIX_BYTES] = {0};
    size_t i;

    if (getrandom(chance, sizeof(chance), 0) != sizeof(chance))
        load_fail(load, "no random bytes");
    for (i = 0; i < LOAD_PREFIX_BYTES; i++)
        load->prefix[i] = LETTERS[chance[i] % (i == 0 ? 26 : 32)];
}

/* As many descriptors as may be, and timers that do not gather. */
static void ask_the_kernel(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
}

bool load_init(struct load *load, const struct options *options)
{
    memset(load, 0, sizeof(*load));
    load->options = *options;
    load->adapter = adapter_find(options->adapter);
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    load->memory = malloc(AREA_BYTES);
    ask_the_kernel();
    make_prefix(load);
    load->now = load->heard = process_now();
    if (load->adapter == NULL)
        load_fail(load, "there is no adapter %s", options->adapter);
    else if (load->epoll < 0 || load->memory == NULL)
        load_fail(load, "no memory");
    else if (options->text_bytes < STAMP_BYTES || options->text_bytes > 4000)
        load_fail(load, "a text has %d to 4000 bytes", STAMP_BYTES);
    else
        load->area = load->memory + INBOX_HEADROOM;
    return !load->failed;
}

void load_release(struct load *load)
{
    size_t i;

    for (i = 0; i < load->connection_count; i++)
        connection_close(&load->connections[i]);
    free(load->connections);
    free(load->memory);
    close(load->epoll);
    memset(load, 0, sizeof(*load));
}

bool load_make_connections(struct load *load, size_t count)
{
    struct connection *connection;
    size_t i;

    load->connections = calloc(count, sizeof(*load->connections));
    if (load->connections == NULL) {
        load_fail(load, "no memory for %zu connections", count);
        return false;
    }
    load->connection_count = count;
    for (i = 0; i < count; i++) {
        connection = &load->connections[i];
        connection->load = load;
        connection->fd = -1;
        inbox_init(&connection->inbox, false);
        chat__buffer_init(&connection->output, CONNECTION_OUTPUT_MAX);
    }
    return true;
}

void load_fail(struct load *load, const char *format, ...)
{
    va_list arguments;

    if (load->failed)
        return;
    load->failed = true;
    va_start(arguments, format);
    vsnprintf(load->failure, sizeof(load->failure), format, arguments);
    va_end(arguments);
}

static int wait_for_events(struct load *load, struct epoll_event *events,
                           uint64_t until)
{
    uint64_t wait = until > load->now ? until - load->now : 0;
    struct timespec time = {.tv_sec = 0};

    if (wait > LOAD_SECOND)
        wait = LOAD_SECOND;
    time.tv_sec = (time_t)(wait / LOAD_SECOND);
    time.tv_nsec = (long)(wait % LOAD_SECOND);
    return epoll_pwait2(load->epoll, events, EVENTS, &time, NULL);
}

bool load_turn(struct load *load, uint64_t until)
{
    struct epoll_event events[EVENTS];
    int i, count;

    count = wait_for_events(load, events, until);
    load->now = process_now();
    if (count < 0 && errno != EINTR)
        load_fail(load, "epoll: %s", strerror(errno));
    for (i = 0; i < count && !load->failed; i++)
        connection_act(events[i].data.ptr, events[i].events);
    if (load->now - load->heard > LOAD_STALL)
        load_fail(load, "the server has said nothing for 20 seconds");
    return !load->failed;
}
