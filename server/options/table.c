#include "server/options/table.h"

#include "server/options/options.h"

#define MEMBER(name) offsetof(struct chat__options, name)
#define MILLION      1000000

const char *const chat__option_group_titles[CHAT__GROUPS] = {
    [CHAT__GROUP_CONFIGURATION] = "Configuration",
    [CHAT__GROUP_NETWORK] = "Network",
    [CHAT__GROUP_TLS] = "TLS",
    [CHAT__GROUP_DATA] = "Data",
    [CHAT__GROUP_LIMITS] = "Limits",
    [CHAT__GROUP_ROOMS] = "Rooms",
    [CHAT__GROUP_OPERATION] = "Operation",
};

const struct chat__option chat__option_table[] = {
    {
        .name = "config",
        .group = CHAT__GROUP_CONFIGURATION,
        .kind = CHAT__OPTION_CONFIG,
        .placeholder = "FILE",
        .help = "Reads options from a file of `name = value` lines",
        .more = "See chatd.conf(5). SIGHUP reads it anew.",
    },
    {
        .name = "check-config",
        .group = CHAT__GROUP_CONFIGURATION,
        .kind = CHAT__OPTION_COMMAND,
        .command = CHAT__COMMAND_CHECK_CONFIG,
        .help = "Says what is wrong with the options, and ends",
        .more = "Everything is looked at as for a start, but nothing is opened "
                "or made: files can be read, the certificate belongs to its "
                "key, lists have what they should. Each problem is a line that "
                "begins with its place, such as chatd.conf:12. The exit status "
                "is 1 when there is one.",
    },
    {
        .name = "healthcheck",
        .group = CHAT__GROUP_CONFIGURATION,
        .kind = CHAT__OPTION_COMMAND,
        .command = CHAT__COMMAND_HEALTHCHECK,
        .help = "Asks the chatd that runs with these options whether it lives, "
                "and ends",
        .more = "For containers that have no other program. It asks /healthz "
                "at --ops-listen, else at --listen, on the loopback where that "
                "is all addresses; by TLS where clients must, whatever the "
                "certificate says. The exit status is 1 when there is no "
                "answer within 3 seconds. A server that drains, or is not "
                "ready for another reason, lives.",
    },
    {
        .name = "help",
        .group = CHAT__GROUP_CONFIGURATION,
        .kind = CHAT__OPTION_COMMAND,
        .command = CHAT__COMMAND_HELP,
        .help = "Prints the options, and ends",
    },
    {
        .name = "version",
        .group = CHAT__GROUP_CONFIGURATION,
        .kind = CHAT__OPTION_COMMAND,
        .command = CHAT__COMMAND_VERSION,
        .help = "Prints the version, and ends",
    },
    {
        .name = "listen",
        .group = CHAT__GROUP_NETWORK,
        .kind = CHAT__OPTION_LISTEN,
        .placeholder = "ADDR:PORT",
        .member = MEMBER(listen),
        .standard = "127.0.0.1:7100",
        .help = "Where clients connect; port 0 takes a free one",
        .more = "ADDR is a numeric IPv4 address, or an IPv6 address in "
                "brackets. The "
                "default is for this machine alone.",
    },
    {
        .name = "ops-listen",
        .group = CHAT__GROUP_NETWORK,
        .kind = CHAT__OPTION_LISTEN_OR_OFF,
        .placeholder = "ADDR:PORT|off",
        .member = MEMBER(ops_listen),
        .example = "127.0.0.1:7101",
        .help = "Where /metrics and the details of /readyz are; default: the "
                "address of --listen while that is the loopback, else off",
        .more = "In plain HTTP, with 32 connections at most, which are not "
                "counted among those of clients. Where the address is shared, "
                "requests that a proxy passes on (they have the header "
                "X-Forwarded-For) are none of the operator's.",
    },
    {
        .name = "web",
        .group = CHAT__GROUP_NETWORK,
        .kind = CHAT__OPTION_STRING,
        .placeholder = "DIR",
        .member = MEMBER(web),
        .example = "/usr/share/chat/web",
        .help = "The folder of the browser client; default: the installed one",
    },
    {
        .name = "allowed-origins",
        .group = CHAT__GROUP_NETWORK,
        .kind = CHAT__OPTION_LIST,
        .placeholder = "LIST",
        .member = MEMBER(allowed_origins),
        .example = "https://chat.example.org",
        .reloads = true,
        .help =
            "Web origins whose pages may connect; default: the server's own",
        .more = "Exact and comma separated, such as https://chat.example.org.",
    },
    {
        .name = "trusted-proxies",
        .group = CHAT__GROUP_NETWORK,
        .kind = CHAT__OPTION_LIST,
        .placeholder = "LIST",
        .member = MEMBER(trusted_proxies),
        .example = "127.0.0.1, 10.0.0.0/8, ::1",
        .reloads = true,
        .help = "Proxies whose X-Forwarded-For names the client; default: none",
        .more = "Addresses and CIDR blocks, 64 at most, comma separated, such "
                "as 127.0.0.1,10.0.0.0/8,::1. What they connect for counts as "
                "a connection of the client, which is the rightmost address of "
                "their header X-Forwarded-For that is not in this list. "
                "Without the header they are clients themselves, and from "
                "others the header has no meaning.",
    },
    {
        .name = "gateway-secret",
        .group = CHAT__GROUP_NETWORK,
        .kind = CHAT__OPTION_STRING,
        .placeholder = "SECRET[,SECRET]",
        .member = MEMBER(gateway_secret),
        .example = "one-long-and-random",
        .secret = true,
        .help = "What API Gateway says in X-Gateway-Secret: turns its front on",
        .more = "Two, with a comma between, while it is changed: both count. "
                "Say it by CHATD_GATEWAY_SECRET or in the file, for others see "
                "the command line. docs/gateway.md has what API Gateway must "
                "be told.",
    },
    {
        .name = "gateway-callback",
        .group = CHAT__GROUP_NETWORK,
        .kind = CHAT__OPTION_STRING,
        .placeholder = "URL",
        .member = MEMBER(gateway_callback),
        .example = "https://abc123.execute-api.eu-central-1.amazonaws.com/prod",
        .help = "Where API Gateway's @connections is: its address and stage",
        .more = "Requests there are signed, with the keys of AWS_ACCESS_KEY_ID "
                "and its companions or those of the container.",
    },
    {
        .name = "tls-cert",
        .group = CHAT__GROUP_TLS,
        .kind = CHAT__OPTION_STRING,
        .placeholder = "FILE",
        .member = MEMBER(tls_certificate),
        .example = "/etc/chatd/chain.pem",
        .reloads = true,
        .help = "The certificate chain (PEM); needs --tls-key",
        .more = "Clients then use wss:// and https://. A reload reads the file "
                "anew, whether or not the name changed; clients that are "
                "connected stay. To begin or end TLS takes a restart.",
    },
    {
        .name = "tls-key",
        .group = CHAT__GROUP_TLS,
        .kind = CHAT__OPTION_STRING,
        .placeholder = "FILE",
        .member = MEMBER(tls_key),
        .example = "/etc/chatd/key.pem",
        .reloads = true,
        .help = "The private key (PEM) of --tls-cert",
    },
    {
        .name = "data",
        .group = CHAT__GROUP_DATA,
        .kind = CHAT__OPTION_STRING,
        .placeholder = "DIR",
        .member = MEMBER(data),
        .example = "/var/lib/chatd",
        .help = "The folder of the database; it is made when absent",
        .more = "Default: $STATE_DIRECTORY, else $XDG_STATE_HOME/chatd, else "
                "~/.local/state/chatd.",
    },
    {
        .name = "store",
        .group = CHAT__GROUP_DATA,
        .kind = CHAT__OPTION_WORD,
        .placeholder = "sqlite|dynamodb",
        .member = MEMBER(store),
        .standard = "sqlite",
        .help = "Where messages and accounts are kept: a file in the folder of "
                "--data, or tables of DynamoDB",
        .more = "With DynamoDB several servers may share the tables. Region "
                "and keys are those of AWS_REGION, AWS_ACCESS_KEY_ID, "
                "AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or of the "
                "container.",
    },
    {
        .name = "dynamodb-endpoint",
        .group = CHAT__GROUP_DATA,
        .kind = CHAT__OPTION_STRING,
        .placeholder = "URL",
        .member = MEMBER(dynamodb_endpoint),
        .example = "http://127.0.0.1:8000",
        .help = "Where DynamoDB is; default: the service of the region",
        .more = "Such as DynamoDB Local on this machine.",
    },
    {
        .name = "table-prefix",
        .group = CHAT__GROUP_DATA,
        .kind = CHAT__OPTION_WORD,
        .placeholder = "WORD",
        .member = MEMBER(table_prefix),
        .standard = "chat-",
        .help = "What the names of the tables begin with",
    },
    {
        .name = "create-tables",
        .group = CHAT__GROUP_DATA,
        .kind = CHAT__OPTION_COMMAND,
        .command = CHAT__COMMAND_CREATE_TABLES,
        .help = "Makes the tables of DynamoDB that are missing, and ends",
        .more = "For development; docs/dynamodb.md says what they are.",
    },
    {
        .name = "redis-url",
        .group = CHAT__GROUP_DATA,
        .kind = CHAT__OPTION_STRING,
        .placeholder = "URL",
        .member = MEMBER(redis_url),
        .example = "rediss://chatd:PASSWORD@cache.example.org:6379",
        .secret = true,
        .help = "The Redis or Valkey by which servers on the same tables tell "
                "each other at once; default: none, they poll",
        .more = "redis[s]://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]; USER and "
                "PASSWORD may have %XX. docs/redis.md says more. Nothing is "
                "kept there that would be "
                "missed: without it the server goes on, slower. Better in the "
                "environment or the file than on the command line, which all "
                "users of the machine can read.",
    },
    {
        .name = "redis-ca",
        .group = CHAT__GROUP_DATA,
        .kind = CHAT__OPTION_STRING,
        .placeholder = "FILE",
        .member = MEMBER(redis_ca),
        .example = "/etc/chatd/redis-ca.pem",
        .help = "The authorities (PEM) that a rediss:// may have its "
                "certificate from; default: the system's",
    },
    {
        .name = "control-socket",
        .group = CHAT__GROUP_DATA,
        .kind = CHAT__OPTION_STRING,
        .placeholder = "PATH",
        .member = MEMBER(control_socket),
        .example = "/run/chatd/chatd.sock",
        .help = "The socket where chatctl(1) reaches this server",
        .more = "Only its user and root may use it. Default: chatd.sock in the "
                "folder of --data.",
    },
    {
        .name = "max-connections",
        .group = CHAT__GROUP_LIMITS,
        .kind = CHAT__OPTION_NUMBER,
        .placeholder = "N",
        .member = MEMBER(connections_max),
        .smallest = 1,
        .largest = MILLION,
        .standard = "10000",
        .reloads = true,
        .help = "How many clients may be connected at one time",
        .more = "Who comes then is answered with HTTP 503. A reload that "
                "lowers it closes nobody.",
    },
    {
        .name = "max-connections-per-address",
        .group = CHAT__GROUP_LIMITS,
        .kind = CHAT__OPTION_NUMBER,
        .placeholder = "N",
        .member = MEMBER(connections_per_address_max),
        .largest = MILLION,
        .standard = "0",
        .reloads = true,
        .help = "The same for an IPv4 address or an IPv6 /64; 0: no limit",
    },
    {
        .name = "rate-limits",
        .group = CHAT__GROUP_LIMITS,
        .kind = CHAT__OPTION_SWITCH,
        .placeholder = "on|off",
        .member = MEMBER(rate_limits),
        .standard = "on",
        .reloads = true,
        .help = "Whether fast senders are slowed down",
        .more = "Connections, users and addresses have budgets of their own; "
                "with --redis-url those of users and addresses count at all "
                "servers. Wrong passwords always make the next tries wait.",
    },
    {
        .name = "gather-max-ms",
        .group = CHAT__GROUP_ROOMS,
        .kind = CHAT__OPTION_NUMBER,
        .placeholder = "MS",
        .member = MEMBER(gather_max_ms),
        .largest = 1000,
        .standard = "4",
        .reloads = true,
        .help = "Under load, messages to a large room wait up to MS "
                "milliseconds for others; 0: never",
        .more = "They then share a commit and a delivery: the more wait for "
                "each other, the less each costs. A room that is quiet never "
                "waits; how long others do grows with their listeners, up to "
                "80 of them.",
    },
    {
        .name = "guest-idle",
        .group = CHAT__GROUP_ROOMS,
        .kind = CHAT__OPTION_NUMBER,
        .placeholder = "SECONDS",
        .member = MEMBER(guest_idle_s),
        .largest = MILLION,
        .standard = "86400",
        .reloads = true,
        .help = "A guest who was so long without a connection leaves all "
                "rooms; 0: never",
        .more = "Name and token stay. The default is a day.",
    },
    {
        .name = "take-over",
        .group = CHAT__GROUP_OPERATION,
        .kind = CHAT__OPTION_COMMAND,
        .command = CHAT__COMMAND_TAKE_OVER,
        .help = "Serves in place of the chatd that runs with the same --data, "
                "which hands its listening sockets over and ends",
        .more = "No client is refused: who connects meanwhile waits in the "
                "kernel's queue. Where none runs this is an ordinary start. "
                "See UPGRADE.",
    },
    {
        .name = "drain-spread",
        .group = CHAT__GROUP_OPERATION,
        .kind = CHAT__OPTION_NUMBER,
        .placeholder = "SECONDS",
        .member = MEMBER(drain_spread_s),
        .largest = MILLION,
        .standard = "0",
        .reloads = true,
        .help = "Before it stops, tells clients to move to another server "
                "within SECONDS",
        .more = "They do so at random times, to a server behind the same "
                "address, and are served until they have. With 0 they come "
                "back when they are closed.",
    },
    {
        .name = "drain-timeout",
        .group = CHAT__GROUP_OPERATION,
        .kind = CHAT__OPTION_NUMBER,
        .placeholder = "SECONDS",
        .member = MEMBER(drain_timeout_s),
        .smallest = 1,
        .largest = 3600,
        .standard = "10",
        .reloads = true,
        .help = "How long a stop waits for clients that are closed and answers "
                "that are due",
        .more = "Then who does not read is cut off. The process ends 5 seconds "
                "later at the latest, whatever hangs; with --drain-spread that "
                "time and 2 seconds come before.",
    },
    {
        .name = "trace-endpoint",
        .group = CHAT__GROUP_OPERATION,
        .kind = CHAT__OPTION_STRING,
        .placeholder = "URL",
        .member = MEMBER(trace_endpoint),
        .example = "http://127.0.0.1:4318/v1/traces",
        .help = "Where traces are sent, by OTLP/HTTP in JSON; default: nowhere",
        .more = "A collector of OpenTelemetry, or X-Ray itself: "
                "https://xray.REGION.amazonaws.com/v1/traces. Requests to "
                "X-Ray are signed, with the keys of AWS_ACCESS_KEY_ID, "
                "AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN or those of the "
                "container. AWS_CA_BUNDLE names other authorities than the "
                "system's. Without the option the variables "
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT and "
                "OTEL_EXPORTER_OTLP_ENDPOINT count. What "
                "OTEL_EXPORTER_OTLP_HEADERS has, name=value between commas, "
                "goes with every request, such as a vendor's key; the endpoint "
                "should be https then. OTEL_EXPORTER_OTLP_TRACES_HEADERS "
                "stands before it.",
    },
    {
        .name = "trace-sample",
        .group = CHAT__GROUP_OPERATION,
        .kind = CHAT__OPTION_SHARE,
        .placeholder = "SHARE",
        .member = MEMBER(trace_sample),
        .standard = "0.01",
        .reloads = true,
        .help = "The share of requests that is traced, from 0 to 1",
        .more = "Where a proxy of --trusted-proxies says by the header "
                "traceparent or X-Amzn-Trace-Id whether its trace is written "
                "down, that counts instead.",
    },
    {
        .name = "trace-sign",
        .group = CHAT__GROUP_OPERATION,
        .kind = CHAT__OPTION_SWITCH,
        .placeholder = "on|off",
        .member = MEMBER(trace_sign),
        .standard = "off",
        .help = "Signs traces for X-Ray also where the endpoint is not its own",
        .more = "Such as a private address of X-Ray. The region is that of "
                "AWS_REGION or AWS_DEFAULT_REGION.",
    },
    {
        .name = "log-level",
        .group = CHAT__GROUP_OPERATION,
        .kind = CHAT__OPTION_LEVEL,
        .placeholder = "LEVEL",
        .member = MEMBER(log_level),
        .standard = "info",
        .reloads = true,
        .help = "The least that is logged: error, warning, info or debug",
    },
    {
        .name = "emf",
        .group = CHAT__GROUP_OPERATION,
        .kind = CHAT__OPTION_SWITCH,
        .placeholder = "on|off",
        .member = MEMBER(emf),
        .standard = "off",
        .help = "Whether metrics go to standard output, for CloudWatch",
        .more = "In its embedded metric format, a line of JSON each; "
                "docs/metrics.md says what is in them.",
    },
    {
        .name = "emf-interval",
        .group = CHAT__GROUP_OPERATION,
        .kind = CHAT__OPTION_NUMBER,
        .placeholder = "SECONDS",
        .member = MEMBER(emf_interval_s),
        .smallest = 1,
        .largest = 3600,
        .standard = "60",
        .help = "How often --emf writes a line",
    },
    {
        .name = "color",
        .group = CHAT__GROUP_OPERATION,
        .kind = CHAT__OPTION_WORD,
        .placeholder = "WORD",
        .member = MEMBER(color),
        .example = "blue",
        .help = "The deployment that this server is of, as clients and metrics "
                "are told",
    },
};

#define COUNT (sizeof chat__option_table / sizeof *chat__option_table)

_Static_assert(COUNT <= CHAT__OPTIONS_MAX, "raise CHAT__OPTIONS_MAX");

const size_t chat__option_count = COUNT;
