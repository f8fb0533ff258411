/* Traces: where their spans go, and what the server does for them. */
#include "server/server_private.h"

#include "server/aws/endpoint.h"
#include "server/environment.h"
#include "server/ops/trace.h"
#include "server/ops/trace_headers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USER_AGENT "chatd/" CHAT_VERSION

/* A batch of spans, and the question for credentials. */
#define CALLS_MAX 2

/* Of the data model that OTLP sends. */
#define TRACES_PATH "/v1/traces"

#define XRAY "xray"

struct chat__server_traces {
    char *endpoint;
    struct chat__trace_headers headers;
    char region[CHAT__AWS_REGION_BYTES]; /* "": requests are not signed */
    struct chat__http *http;
    struct chat__credential_source *credentials;
    struct chat__trace_export *export;
    struct chat__tracer *tracer;
    struct chat__observer observer; /* hands what the core does to the tracer */
};

static void report_credentials(const char *why)
{
    chat__log_write(CHAT__LOG_WARNING, "credentials_failed", why);
}

static const char *variable(const char *name)
{
    const char *value = getenv(name);

    return value == NULL || *value == '\0' ? NULL : value;
}

/* ---- what the core does ---- */

/* Of the request where its front has each by itself, else of its connection. */
static const struct chat__trace_context *
context_of(const struct chat__request_record *record)
{
    if (record->remote != NULL && record->remote->trace.there)
        return &record->remote->trace;
    if (record->caller.remote != NULL && record->caller.remote->trace.there)
        return &record->caller.remote->trace;
    return NULL;
}

static const char *result_of(const struct chat__request_record *record)
{
    if (record->result != CHAT__ERROR_NONE)
        return chat__error_name(record->result);
    return record->answered ? NULL : "gone";
}

static void on_request_done(void *context,
                            const struct chat__request_record *record)
{
    struct chat__tracer *tracer = context;
    const struct chat__trace_context *began = context_of(record);
    struct chat__traced traced;

    if (!chat__tracer_wants(tracer, began))
        return;
    traced = (struct chat__traced){
        .context = began,
        .action =
            record->has_action ? chat__action_name(record->action) : "unknown",
        .room = record->room,
        .result = result_of(record),
        .failed = record->result == CHAT__ERROR_STORAGE ||
                  record->result == CHAT__ERROR_BUSY,
        .began_us = record->began_us,
        .ended_us = record->ended_us,
        .seq = record->seq,
    };
    if (record->append_began_us != 0) {
        traced.appended = record->append_entries;
        traced.store_began_us = record->append_began_us;
        traced.store_ended_us = record->append_ended_us;
    } else if (record->store_began_us != 0) {
        traced.store_began_us = record->store_began_us;
        traced.store_ended_us = record->store_began_us + record->store_us;
    }
    chat__tracer_request(tracer, &traced);
}

static void on_delivered(void *context,
                         const struct chat__delivery_record *record)
{
    const struct chat__traced_delivery delivery = {
        .room = record->room,
        .first = record->first,
        .last = record->last,
        .connections = record->connections,
        .began_us = record->began_us,
    };

    chat__tracer_delivered(context, &delivery);
}

const struct chat__observer *
chat__server_trace_observer(const struct chat__server *server)
{
    return server->traces == NULL ? NULL : &server->traces->observer;
}

/* ---- where spans go ---- */

/* The address of the option or of OpenTelemetry's variables, to be freed; NULL:
 * there is none. */
static char *find_endpoint(const struct chat__options *options)
{
    const char *whole = options->trace_endpoint != NULL
                            ? options->trace_endpoint
                            : variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
    const char *base = variable("OTEL_EXPORTER_OTLP_ENDPOINT");
    size_t length;
    char *endpoint;

    if (whole != NULL)
        return strdup(whole);
    if (base == NULL)
        return NULL;
    length = strlen(base);
    if (base[length - 1] == '/')
        length--;
    if (asprintf(&endpoint, "%.*s" TRACES_PATH, (int)length, base) < 0)
        return NULL;
    return endpoint;
}

static bool find_headers(struct chat__server_traces *traces)
{
    const char *text = variable("OTEL_EXPORTER_OTLP_TRACES_HEADERS");

    return chat__trace_headers_read(
        &traces->headers,
        text != NULL ? text : variable("OTEL_EXPORTER_OTLP_HEADERS"));
}

/* False when requests have to be signed and nobody says for which region. */
static bool find_region(struct chat__server_traces *traces, bool sign)
{
    if (chat__endpoint_region(traces->endpoint, XRAY, traces->region) || !sign)
        return true;
    return chat__endpoint_default_region(traces->region);
}

static bool open_credentials(struct chat__server_traces *traces,
                             uv_loop_t *loop)
{
    const struct chat__credential_options options = {
        .loop = loop,
        .http = traces->http,
        .report = report_credentials,
    };
    char message[CHAT__SERVER_MESSAGE_BYTES];

    if (traces->region[0] == '\0')
        return true;
    traces->credentials =
        chat__credential_source_new(&options, message, sizeof message);
    return traces->credentials != NULL ||
           chat__server_log_failure("traces_failed", message);
}

static bool open_export(struct chat__server *server)
{
    struct chat__server_traces *traces = server->traces;
    const struct chat__http_options http = {
        .loop = &server->loop,
        .calls_max = CALLS_MAX,
        .connections_max = CALLS_MAX,
        .user_agent = USER_AGENT,
        .ca_file = variable("AWS_CA_BUNDLE"),
    };
    struct chat__trace_export_options export = {
        .loop = &server->loop,
        .endpoint = traces->endpoint,
        .headers = traces->headers.lines,
        .version = CHAT_VERSION,
        .task = server->task,
        .service = XRAY,
        .region = traces->region,
    };

    traces->http = chat__http_new(&http);
    if (traces->http == NULL)
        return chat__server_log_failure("traces_failed", "out of memory");
    if (!open_credentials(traces, &server->loop))
        return false;
    export.http = traces->http;
    export.credentials = traces->credentials;
    traces->export = chat__trace_export_new(&export);
    return traces->export != NULL ||
           chat__server_log_failure("traces_failed", "out of memory");
}

static bool open_tracer(struct chat__server *server)
{
    struct chat__tracer_options options = {
        .export = server->traces->export,
        .store = "sqlite",
        .sample = server->options->trace_sample,
        .now_us = chat__server_now_us,
    };

    if (!chat__random_fill(NULL, &options.seed, sizeof options.seed))
        return chat__server_log_failure("traces_failed", "no random bytes");
    server->traces->tracer = chat__tracer_new(&options);
    if (server->traces->tracer == NULL)
        return chat__server_log_failure("traces_failed", "out of memory");
    server->traces->observer = (struct chat__observer){
        .request_done = on_request_done,
        .delivered = on_delivered,
        .context = server->traces->tracer,
    };
    return true;
}

bool chat__server_open_traces(struct chat__server *server)
{
    char *endpoint = find_endpoint(server->options);

    if (endpoint == NULL)
        return true;
    server->traces = calloc(1, sizeof *server->traces);
    if (server->traces == NULL) {
        free(endpoint);
        return chat__server_log_failure("traces_failed", "out of memory");
    }
    server->traces->endpoint = endpoint;
    if (!chat__endpoint_is_url(endpoint))
        return chat__server_log_failure(
            "traces_failed",
            "the endpoint must be an address of http or https");
    /* Not what stands there: it may be a key. */
    if (!find_headers(server->traces))
        return chat__server_log_failure(
            "traces_failed", "OTEL_EXPORTER_OTLP_HEADERS must be a few of "
                             "name=value between commas");
    if (!find_region(server->traces, server->options->trace_sign))
        return chat__server_log_failure(
            "traces_failed", "AWS_REGION must say the region to sign for");
    return open_export(server) && open_tracer(server);
}

void chat__server_collect_traces(struct chat__server *server)
{
    struct chat__trace_counts counts;

    if (server->traces == NULL)
        return;
    counts = chat__trace_export_counts(server->traces->export);
    chat__metrics_set(&server->metrics, CHAT__METRIC_TRACE_SPANS_SENT,
                      counts.sent);
    chat__metrics_set(&server->metrics, CHAT__METRIC_TRACE_SPANS_DROPPED,
                      counts.dropped);
    chat__metrics_set(&server->metrics, CHAT__METRIC_TRACE_SPANS_FAILED,
                      counts.failed);
}

void chat__server_reload_traces(struct chat__server *server, double sample)
{
    if (server->traces != NULL)
        chat__tracer_set_sample(server->traces->tracer, sample);
}

void chat__server_flush_traces(struct chat__server *server)
{
    if (server->traces != NULL)
        chat__tracer_flush(server->traces->tracer);
}

void chat__server_finish_traces(struct chat__server *server)
{
    struct chat__server_traces *traces = server->traces;

    if (traces == NULL)
        return;
    if (traces->export != NULL) {
        chat__trace_export_finish(traces->export);
        while (!chat__trace_export_is_finished(traces->export))
            uv_run(&server->loop, UV_RUN_ONCE);
    }
    chat__trace_export_close(traces->export);
    chat__credential_source_close(traces->credentials);
    chat__http_close(traces->http);
}

void chat__server_close_traces(struct chat__server *server)
{
    if (server->traces == NULL)
        return;
    chat__tracer_free(server->traces->tracer);
    free(server->traces->endpoint);
    explicit_bzero(&server->traces->headers, sizeof server->traces->headers);
    free(server->traces);
}
