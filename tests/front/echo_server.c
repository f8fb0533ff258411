/*
 * A front with a core that only answers: what the tests of the network edge
 * talk to. A client frame is one of
 *
 *     flood COUNT BYTES   COUNT shared frames of BYTES bytes to this client, in
 *                         objects of 1,000
 *     reply BYTES         an answer of so many bytes, in objects of 1,000
 *     tell TEXT           one shared frame to every client
 *     close CODE          an answer, then the end with that code
 *     drain               the front drains
 *     skip MS             so much time goes by for the whole process
 *
 * and everything else is sent back. It takes the options of chatd, and logs
 * "listening" in the same way. With ECHO_LIBRARY_FRAMES in the environment it
 * does as where raw writes do not hold.
 */
#include "server/core/core.h"
#include "server/front/front.h"
#include "server/front/raw_write.h"
#include "server/options/options.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LIBRARY_FRAMES "ECHO_LIBRARY_FRAMES"

#define CLIENTS_MAX   64
#define OBJECT_BYTES  1000
#define COMMAND_BYTES 64

struct chat__connection {
    struct chat__core *core;
    const struct chat__front_operations *front;
    void *handle;
};

struct chat__core {
    struct chat__front *served_by;
    struct chat__front_settings settings;
    struct chat__connection *clients[CLIENTS_MAX];
    uv_loop_t loop;
    uv_prepare_t prepare;
    uv_check_t check;
    uv_signal_t terminate, hang_up;
};

static time_t skipped_ms;

/* Takes the place of the system's, also in the libraries. */
__attribute__((visibility("default"))) int clock_gettime(clockid_t clock,
                                                         struct timespec *now)
{
    int result = (int)syscall(SYS_clock_gettime, clock, now);

    now->tv_sec += skipped_ms / 1000;
    return result;
}

struct chat__connection *
chat__core_connect(struct chat__core *core,
                   const struct chat__front_operations *front, void *handle,
                   const struct chat__peer *peer)
{
    struct chat__connection *connection;

    (void)peer;
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        if (core->clients[i] != NULL)
            continue;
        connection = calloc(1, sizeof *connection);
        if (connection != NULL)
            *connection = (struct chat__connection){core, front, handle};
        core->clients[i] = connection;
        return connection;
    }
    return NULL;
}

void chat__core_disconnect(struct chat__connection *connection,
                           unsigned int code, const char *reason)
{
    (void)code;
    (void)reason;
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        if (connection->core->clients[i] == connection)
            connection->core->clients[i] = NULL;
    free(connection);
}

static void reply(struct chat__connection *to, const char *bytes, size_t length)
{
    to->front->send(to->handle, bytes, length, CHAT__DELIVERY_DURABLE);
    to->front->send(to->handle, "\n", 1, CHAT__DELIVERY_DURABLE);
}

static void reply_bytes(struct chat__connection *to, size_t bytes)
{
    char object[OBJECT_BYTES];

    memset(object, 'r', sizeof object - 1);
    object[sizeof object - 1] = '\n';
    for (; bytes >= sizeof object; bytes -= sizeof object)
        to->front->send(to->handle, object, sizeof object,
                        CHAT__DELIVERY_DURABLE);
}

static void flood(struct chat__connection *to, size_t count, size_t bytes)
{
    char *object = malloc(bytes);
    struct chat__frame *frame;

    memset(object, 'f', bytes);
    for (size_t end = OBJECT_BYTES; end <= bytes; end += OBJECT_BYTES)
        object[end - 1] = '\n';
    frame = to->front->frame(object, bytes, CHAT__DELIVERY_DURABLE);
    for (size_t i = 0; i < count; i++)
        to->front->deliver(to->handle, frame);
    to->front->frame_release(frame);
    free(object);
}

static void tell(struct chat__connection *from, const char *text)
{
    char object[COMMAND_BYTES];
    int length = snprintf(object, sizeof object, "%s\n", text);
    struct chat__frame *frame =
        from->front->frame(object, (size_t)length, CHAT__DELIVERY_DURABLE);

    for (size_t i = 0; i < CLIENTS_MAX; i++)
        if (from->core->clients[i] != NULL)
            from->front->deliver(from->core->clients[i]->handle, frame);
    from->front->frame_release(frame);
}

/* Of the gateway, which this server has not. */

int64_t chat__core_wall_ms(const struct chat__core *core)
{
    (void)core;
    return 0;
}

bool chat__core_has_session(const struct chat__connection *connection)
{
    (void)connection;
    return false;
}

void chat__core_adopt(struct chat__connection *connection,
                      const unsigned char token_hash[CHAT__TOKEN_HASH_BYTES],
                      void *ticket)
{
    (void)connection;
    (void)token_hash;
    (void)ticket;
}

void chat__core_keep_address(struct chat__connection *connection,
                             const unsigned char address[CHAT__ADDRESS_BYTES])
{
    (void)connection;
    (void)address;
}

void chat__core_ask(struct chat__connection *connection, const char *bytes,
                    size_t length, const struct chat__remote_context *remote,
                    void *ticket)
{
    (void)ticket;
    chat__core_receive(connection, bytes, length, remote);
}

void chat__core_receive(struct chat__connection *connection, const char *bytes,
                        size_t length,
                        const struct chat__remote_context *remote)
{
    char command[COMMAND_BYTES];
    unsigned int code;
    size_t first, second;

    (void)remote;
    snprintf(command, sizeof command, "%.*s", (int)length, bytes);
    if (sscanf(command, "flood %zu %zu", &first, &second) == 2) {
        flood(connection, first, second);
    } else if (sscanf(command, "reply %zu", &first) == 1) {
        reply_bytes(connection, first);
    } else if (strncmp(command, "tell ", 5) == 0) {
        tell(connection, command + 5);
    } else if (sscanf(command, "close %u", &code) == 1) {
        reply(connection, "closing", 7);
        connection->front->close(connection->handle, code, "as asked");
        reply(connection, "never sent", 10);
    } else if (sscanf(command, "skip %zu", &first) == 1) {
        skipped_ms += (time_t)first;
        reply(connection, "skipped", 7);
    } else if (strcmp(command, "drain") == 0) {
        chat__front_drain(connection->core->served_by);
        reply(connection, "draining", 8);
    } else {
        reply(connection, bytes, length);
    }
}

static void on_prepare(uv_prepare_t *handle)
{
    struct chat__core *core = handle->data;

    chat__front_read_on(core->served_by);
    chat__front_flush(core->served_by);
}

static void on_check(uv_check_t *handle)
{
    struct chat__core *core = handle->data;

    chat__front_read_on(core->served_by);
    chat__front_flush(core->served_by);
}

static void on_terminate(uv_signal_t *handle, int number)
{
    (void)number;
    uv_stop(handle->loop);
}

static void on_hang_up(uv_signal_t *handle, int number)
{
    struct chat__core *core = handle->data;
    char message[256];

    (void)number;
    if (chat__front_apply(core->served_by, &core->settings, message,
                          sizeof message))
        chat__log_write(CHAT__LOG_INFO, "reloaded", NULL);
    else
        chat__log_write(CHAT__LOG_ERROR, "reload_failed", message);
}

static void start(struct chat__core *core)
{
    uv_prepare_init(&core->loop, &core->prepare);
    uv_check_init(&core->loop, &core->check);
    uv_signal_init(&core->loop, &core->terminate);
    uv_signal_init(&core->loop, &core->hang_up);
    core->prepare.data = core->check.data = core->terminate.data =
        core->hang_up.data = core;
    uv_prepare_start(&core->prepare, on_prepare);
    uv_check_start(&core->check, on_check);
    uv_signal_start(&core->terminate, on_terminate, SIGTERM);
    uv_signal_start(&core->hang_up, on_hang_up, SIGHUP);
}

static void stop(struct chat__core *core)
{
    uv_close((uv_handle_t *)&core->prepare, NULL);
    uv_close((uv_handle_t *)&core->check, NULL);
    uv_close((uv_handle_t *)&core->terminate, NULL);
    uv_close((uv_handle_t *)&core->hang_up, NULL);
    chat__front_close(core->served_by);
    uv_run(&core->loop, UV_RUN_DEFAULT);
    chat__front_free(core->served_by);
}

/* /large is as large as a page may be, /too-large is one byte more. */
static bool make_page(void *context, const char *path, size_t length,
                      struct chat__ops_page *page)
{
    char *bytes;
    size_t count = CHAT__PAGE_BYTES_MAX;

    (void)context;
    if (length == strlen("/too-large") &&
        memcmp(path, "/too-large", length) == 0)
        count++;
    else if (length != strlen("/large") || memcmp(path, "/large", length) != 0)
        return false;
    page->type = "text/plain; charset=utf-8";
    bytes = chat__buffer_extend(&page->body, count);
    if (bytes != NULL)
        memset(bytes, 'p', count);
    return true;
}

/* Names of connections, which nothing here shows. */
static bool fill(void *context, void *bytes, size_t length)
{
    (void)context;
    memset(bytes, 'e', length);
    return true;
}

static int serve(const struct chat__options *options)
{
    static struct chat__core core;
    static struct chat__metrics metrics;
    const struct chat__front_options front = {
        .loop = &core.loop,
        .core = &core,
        .metrics = &metrics,
        .address = options->listen.address,
        .port = options->listen.port,
        .web = options->web,
        .settings.tls_certificate = options->tls_certificate,
        .settings.tls_key = options->tls_key,
        .settings.allowed_origins = options->allowed_origins,
        .settings.trusted_proxies = options->trusted_proxies,
        .settings.connections_max = options->connections_max,
        .settings.handshakes_max = CHAT__HANDSHAKES_MAX,
        .settings.connections_per_address_max =
            options->connections_per_address_max,
        .random = {.fill = fill},
        .raw_writes = getenv(LIBRARY_FRAMES) == NULL && chat__raw_write_holds(),
        .ops_address = options->ops_listen.at.address,
        .ops_port = options->ops_listen.at.port,
        .page = make_page,
    };
    struct chat__log_line line;
    char message[256];

    chat__log_set_level(options->log_level);
    signal(SIGPIPE, SIG_IGN);
    uv_loop_init(&core.loop);
    core.settings = front.settings;
    core.served_by = chat__front_new(&front, message, sizeof message);
    if (core.served_by != NULL) {
        start(&core);
        chat__log_begin(&line, CHAT__LOG_INFO, "listening");
        chat__log_int(&line, "port", chat__front_port(core.served_by));
        chat__log_int(&line, "ops_port", chat__front_ops_port(core.served_by));
        chat__log_end(&line);
        uv_run(&core.loop, UV_RUN_DEFAULT);
        stop(&core);
    } else {
        chat__log_write(CHAT__LOG_ERROR, "start_failed", message);
    }
    return uv_loop_close(&core.loop) == 0 && core.served_by != NULL
               ? EXIT_SUCCESS
               : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    struct chat__options options;
    struct chat__problems problems;
    int status = EXIT_FAILURE;

    if (chat__options_load(&options, argc, (const char *const *)argv,
                           &problems))
        status = serve(&options);
    else
        fprintf(stderr, "%s\n", chat__problems_line(&problems, 0));
    chat__problems_release(&problems);
    chat__options_release(&options);
    return status;
}
