/* Makes the parts of a server, in the order in which they need each other. */
#include "server/server_private.h"

#include "server/environment.h"
#include "server/front/raw_write.h"
#include "server/options/data_folder.h"
#include "server/server_dynamodb.h"
#include "server/server_log.h"
#include "server/store/dynamodb.h"
#include "server/store/sqlite.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Always false. */
bool chat__server_log_failure(const char *event, const char *detail)
{
    chat__log_write(CHAT__LOG_ERROR, event, detail);
    return false;
}

int64_t chat__server_wall_ms(void *context)
{
    struct timespec now;

    (void)context;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void write_core_log(void *context, const char *event, const char *detail)
{
    (void)context;
    chat__log_write(CHAT__LOG_INFO, event, detail);
}

/* On threads of the store. */
static void write_store_log(void *context, const char *message)
{
    (void)context;
    chat__log_write(CHAT__LOG_WARNING, "store", message);
}

static bool skeleton_of(void *context, const char *name,
                        char skeleton[CHAT__SKELETON_SIZE])
{
    const struct chat__server *server = context;

    return chat__skeleton(server->skeletons, name, skeleton);
}

static void submit_password(void *context, struct chat__password_job *job)
{
    struct chat__server *server = context;

    chat__server_meter_password(server, job);
    chat__password_submit(server->passwords, job);
}

/* Before there are other threads. */
static void try_library(struct chat__server *server)
{
    server->raw_writes = chat__raw_write_holds();
    if (!server->raw_writes)
        chat__log_write(CHAT__LOG_WARNING, "library_frames",
                        "this libwebsockets changes what is framed already: "
                        "deliveries are slower");
}

static bool name_task(struct chat__server *server)
{
    uint64_t task;

    if (!chat__random_fill(NULL, &task, sizeof task))
        return chat__server_log_failure("start_failed", "no random bytes");
    snprintf(server->task, sizeof server->task, "%016" PRIx64, task);
    return true;
}

static bool wants_dynamodb(const struct chat__server *server)
{
    return strcmp(server->options->store, "dynamodb") == 0;
}

static bool open_dynamodb(struct chat__server *server)
{
    char message[CHAT__SERVER_MESSAGE_BYTES];

    /* Only the control socket may be there. */
    (void)chat__folder_make(server->options->data);
    server->dynamodb = chat__server_dynamodb_open(
        server->options, &server->loop,
        chat__completion_queue_sink(&server->completions),
        chat__server_dynamodb_log, message, sizeof message);
    if (server->dynamodb == NULL)
        return chat__server_log_failure("data_failed", message);
    server->store = chat__server_dynamodb_store(server->dynamodb);
    return true;
}

static bool open_sqlite(struct chat__server *server)
{
    const char *folder = server->options->data;
    char message[CHAT__SERVER_MESSAGE_BYTES];
    struct chat__sqlite_options options = {
        .sink = chat__completion_queue_sink(&server->completions),
        .report = write_store_log,
    };

    if (!chat__folder_make(folder)) {
        snprintf(message, sizeof message, "%.400s: %s", folder,
                 strerror(errno));
        return chat__server_log_failure("data_failed", message);
    }
    if (asprintf(&server->store_path, "%s/" CHAT__DATABASE_NAME, folder) < 0) {
        server->store_path = NULL;
        return chat__server_log_failure("data_failed", "out of memory");
    }
    options.path = server->store_path;
    server->store = chat__sqlite_open(&options, message, sizeof message);
    return server->store != NULL ||
           chat__server_log_failure("data_failed", message);
}

static bool open_store(struct chat__server *server)
{
    return wants_dynamodb(server) ? open_dynamodb(server) : open_sqlite(server);
}

static bool open_accounts(struct chat__server *server)
{
    struct chat__completion_sink sink =
        chat__completion_queue_sink(&server->completions);

    server->skeletons = chat__skeletons_new();
    server->passwords = chat__passwords_new(&sink);
    server->accounts = (struct chat__accounts){
        .skeleton = skeleton_of,
        .password = submit_password,
        .context = server,
    };
    return (server->skeletons != NULL && server->passwords != NULL) ||
           chat__server_log_failure(
               "start_failed", "accounts need ICU's data, threads and memory");
}

struct chat__core_settings
chat__server_core_settings(const struct chat__options *options)
{
    return (struct chat__core_settings){
        .rate_limits = options->rate_limits,
        .guest_idle_ms = (int64_t)options->guest_idle_s * 1000,
        .gather_max_ms = options->gather_max_ms,
    };
}

static bool open_gateway(struct chat__server *server)
{
    char message[CHAT__SERVER_MESSAGE_BYTES];

    struct chat__directory *directory = NULL;

    if (server->options->gateway_secret == NULL)
        return true;
    if (wants_dynamodb(server)) {
        directory = chat__dynamodb_directory(server->store);
        if (directory == NULL)
            return chat__server_log_failure("start_failed", "out of memory");
    }
    server->gateway = chat__server_gateway_open(
        &(struct chat__server_gateway_options){
            .options = server->options,
            .loop = &server->loop,
            .sink = chat__completion_queue_sink(&server->completions),
            .metrics = &server->metrics,
            .directory = directory,
        },
        message, sizeof message);
    return server->gateway != NULL ||
           chat__server_log_failure("start_failed", message);
}

static bool open_core(struct chat__server *server)
{
    struct chat__gateway *gateway = chat__server_gateway_front(server->gateway);
    const struct chat__core_options options = {
        .store = &server->meter.store.store,
        .clock = {.wall_ms = chat__server_wall_ms,
                  .monotonic_us = chat__server_now_us},
        .random = {.fill = chat__random_fill},
        .log = {.write = write_core_log},
        .metrics = &server->metrics,
        .observers = server->observers,
        .server_version = CHAT_VERSION,
        .server_color = server->options->color,
        .server_task = server->task,
        .accounts = &server->accounts,
        .in_flight = CHAT__IN_FLIGHT_MAX,
        .bus = chat__server_bus(server),
        .cache = chat__server_cache(server),
        .shared = wants_dynamodb(server),
        .relay = gateway == NULL ? NULL : chat__gateway_relay(gateway),
        .settings = chat__server_core_settings(server->options),
    };

    server->observers[0] = &chat__log_observer;
    server->observers[1] = chat__server_trace_observer(server);
    chat__server_meter_store(server);
    server->core = chat__core_new(&options);
    if (server->core == NULL)
        return chat__server_log_failure("start_failed", "out of memory");
    if (gateway != NULL)
        chat__gateway_attach(gateway, server->core);
    return true;
}

/* Fewer clients than asked for when there are not enough descriptors. */
static void share_descriptors(uint32_t wanted,
                              struct chat__front_settings *front)
{
    struct chat__descriptors share =
        chat__descriptors_share(wanted, CHAT__HANDSHAKES_MAX);
    struct chat__log_line line;

    front->connections_max = share.clients;
    front->handshakes_max = share.handshakes;
    if (share.clients == wanted)
        return;
    chat__log_begin(&line, CHAT__LOG_WARNING, "descriptors_short");
    chat__log_int(&line, "descriptors", (int64_t)share.limit);
    chat__log_int(&line, "max_connections", share.clients);
    chat__log_end(&line);
}

struct chat__front_settings
chat__server_front_settings(const struct chat__options *options)
{
    struct chat__front_settings settings = {
        .tls_certificate = options->tls_certificate,
        .tls_key = options->tls_key,
        .allowed_origins = options->allowed_origins,
        .trusted_proxies = options->trusted_proxies,
        .connections_per_address_max = options->connections_per_address_max,
    };

    share_descriptors(options->connections_max, &settings);
    return settings;
}

static bool is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

/* The pages of the operator are for this machine unless told otherwise. */
static void place_ops(const struct chat__server *server,
                      struct chat__front_options *front)
{
    const struct chat__listen_or_off *ops = &server->options->ops_listen;

    if (front->ops_socket > 0)
        return;
    if (ops->at.address != NULL) {
        front->ops_address = ops->at.address;
        front->ops_port = ops->at.port;
    } else {
        front->ops_shared = !ops->off && is_loopback(server->address);
    }
}

/* The front owns them from now on. */
static void pass_sockets(struct chat__server *server,
                         struct chat__front_options *front)
{
    struct chat__inherited *inherited = &server->inherited;
    uint16_t port;

    snprintf(server->address, sizeof server->address, "%s", front->address);
    if (inherited->clients > 0) {
        chat__socket_place(inherited->clients, server->address, &port);
        front->clients_socket = inherited->clients;
    }
    if (inherited->ops > 0)
        front->ops_socket = inherited->ops;
    inherited->clients = inherited->ops = -1;
}

static bool open_front(struct chat__server *server)
{
    const struct chat__options *options = server->options;
    char *found = options->web == NULL ? chat__web_find() : NULL;
    char message[CHAT__SERVER_MESSAGE_BYTES];
    struct chat__front_options front = {
        .loop = &server->loop,
        .core = server->core,
        .metrics = &server->metrics,
        .address = options->listen.address,
        .port = options->listen.port,
        .web = options->web != NULL ? options->web : found,
        .settings = chat__server_front_settings(options),
        .random = {.fill = chat__random_fill},
        .raw_writes = server->raw_writes,
        .traces = server->traces != NULL,
        .gateway = chat__server_gateway_front(server->gateway),
        .page = chat__server_page,
        .is_ready = chat__server_is_ready,
        .context = server,
    };

    pass_sockets(server, &front);
    place_ops(server, &front);
    if (front.web == NULL)
        chat__log_write(CHAT__LOG_WARNING, "no_web_client", NULL);
    if (chat__random_fill(NULL, &front.seed, sizeof front.seed))
        server->front = chat__front_new(&front, message, sizeof message);
    else
        snprintf(message, sizeof message, "no random bytes");
    free(found);
    return server->front != NULL ||
           chat__server_log_failure("start_failed", message);
}

/* By default in the data folder, whose path may be too long for a socket. */
static bool open_control(struct chat__server *server)
{
    const char *named = server->options->control_socket;
    char *standard =
        named == NULL ? chat__control_socket_in(server->options->data) : NULL;
    const char *path = named == NULL ? standard : named;
    char message[CHAT__SERVER_MESSAGE_BYTES] = "out of memory";
    bool can_do_without =
        standard != NULL &&
        (!chat__control_path_fits(standard) || wants_dynamodb(server));

    if (path != NULL)
        server->control = chat__control_open(server, &server->loop, path,
                                             message, sizeof message);
    free(standard);
    if (server->control != NULL)
        return true;
    if (!can_do_without)
        return chat__server_log_failure("start_failed", message);
    chat__log_write(CHAT__LOG_WARNING, "no_control_socket", message);
    return true;
}

void chat__server_log_listening(const struct chat__server *server)
{
    struct chat__log_line line;

    chat__log_begin(&line, CHAT__LOG_INFO, "listening");
    chat__log_string(&line, "address", server->address);
    chat__log_int(&line, "port", chat__front_port(server->front));
    if (chat__front_ops_port(server->front) != 0)
        chat__log_int(&line, "ops_port", chat__front_ops_port(server->front));
    chat__log_string(&line, "version", CHAT_VERSION);
    chat__log_end(&line);
}

static bool take_over(struct chat__server *server, char *message, size_t size)
{
    const struct chat__options *options = server->options;
    char *path = options->control_socket != NULL
                     ? strdup(options->control_socket)
                     : chat__control_socket_in(options->data);
    bool fine;

    snprintf(message, size, "out of memory");
    fine = path != NULL &&
           chat__inherit_running(&server->inherited, path, message, size);
    free(path);
    chat__inherited_fit(&server->inherited, options);
    return fine && chat__inherit_await(&server->inherited, message, size);
}

/* Last before the store, for from here on clients wait. */
static bool inherit(struct chat__server *server)
{
    char message[CHAT__SERVER_MESSAGE_BYTES];

    if (!chat__inherit_activated(&server->inherited, message, sizeof message) ||
        (server->options->command == CHAT__COMMAND_TAKE_OVER &&
         !server->inherited.activated &&
         !take_over(server, message, sizeof message)))
        return chat__server_log_failure("start_failed", message);
    return true;
}

bool chat__server_open(struct chat__server *server)
{
    try_library(server);
    return name_task(server) && open_accounts(server) &&
           chat__server_open_traces(server) && inherit(server) &&
           open_store(server) && chat__server_open_redis(server) &&
           open_gateway(server) && open_core(server) && open_front(server) &&
           open_control(server);
}
