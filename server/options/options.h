/*
 * What chatd has been told. The command line wins over the environment, the
 * environment over the file of --config; table.h says what there is.
 *
 * Option --max-connections is CHATD_MAX_CONNECTIONS in the environment and
 * max-connections in the file. An empty variable counts as not set. The file
 * has `name = value` lines without sections; a name that is unknown or stands
 * there twice is an error.
 *
 * Strings belong to the options and are freed by release, save the arguments,
 * which are the program's. One thread at a time.
 */
#ifndef CHAT_SERVER_OPTIONS_OPTIONS_H
#define CHAT_SERVER_OPTIONS_OPTIONS_H

#include "server/ops/log.h"
#include "server/options/problem.h"
#include "server/options/table.h"
#include "server/options/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum chat__option_source {
    CHAT__SOURCE_STANDARD, /* nobody said anything */
    CHAT__SOURCE_ARGUMENT,
    CHAT__SOURCE_ENVIRONMENT,
    CHAT__SOURCE_FILE
};

/* What the strongest source said of an option. */
struct chat__option_said {
    char *text; /* NULL: nothing */
    enum chat__option_source source;
    int line; /* of the file */
};

struct chat__options {
    enum chat__command command;
    struct chat__listen listen;
    struct chat__listen_or_off ops_listen;
    char *data;  /* folder of the database; never NULL once loaded */
    char *store; /* sqlite or dynamodb */
    char *dynamodb_endpoint; /* NULL: the region's */
    char *table_prefix;
    char *redis_url;       /* has a password; NULL: none */
    char *redis_ca;        /* NULL: the system's */
    char *control_socket;  /* NULL: in the folder */
    char *web;             /* folder of the browser client, NULL: find it */
    char *tls_certificate; /* both files or neither */
    char *tls_key;
    char *allowed_origins; /* comma separated, NULL: same origin */
    char *trusted_proxies; /* comma separated, NULL: none */
    uint32_t connections_max;
    uint32_t connections_per_address_max; /* 0: no limit of its own */
    bool rate_limits;
    uint32_t guest_idle_s;   /* 0: guests stay */
    uint32_t gather_max_ms;  /* 0: messages never wait for others */
    uint32_t drain_spread_s; /* 0: clients are not told before */
    uint32_t drain_timeout_s;
    char *gateway_secret;   /* one or two, comma separated; NULL: none */
    char *gateway_callback; /* of @connections; NULL: none */
    char *trace_endpoint;   /* NULL: as the environment says, or nowhere */
    double trace_sample;
    bool trace_sign;
    enum chat__log_level log_level;
    char *color; /* NULL: none */
    bool emf;
    uint32_t emf_interval_s;

    struct chat__option_said said[CHAT__OPTIONS_MAX]; /* by row of the table */
    int argc; /* what they were loaded from, for a reload */
    const char *const *argv;
};

/*
 * Fills `options`; release them whatever comes out. False when `problems` got
 * any. With --help or --version nothing else is read.
 */
bool chat__options_load(struct chat__options *options, int argc,
                        const char *const *argv,
                        struct chat__problems *problems);

void chat__options_release(struct chat__options *options);

/* The file of --config; NULL: none. */
const char *chat__options_file(const struct chat__options *options);

/* What was said, else the standard; NULL when there is neither. */
const char *chat__options_text(const struct chat__options *options,
                               const struct chat__option *option);

/* Adds "PLACE: name: text" where it was said so, such as "--data: text". */
void chat__options_blame(const struct chat__options *options,
                         const struct chat__option *option,
                         struct chat__problems *problems, const char *text);

/* What each has of the option, the other has then. */
void chat__options_exchange(struct chat__options *a, struct chat__options *b,
                            const struct chat__option *option);

/* Variables that begin like an option's, but are none's. */
void chat__options_stray_variables(struct chat__problems *problems);

/* The text of --help. */
void chat__options_print_help(FILE *stream);

#endif
