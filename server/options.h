/*
 * What chatd can be told: one table of options serves the command line, the
 * environment, the configuration file and --help. The command line wins over
 * the environment, the environment over the file.
 *
 * Option --max-connections is CHATD_MAX_CONNECTIONS in the environment and
 * max-connections in the file. An empty variable counts as not set. The file
 * has `name = value` lines without sections; a name that is unknown or stands
 * there twice is an error.
 *
 * The strings belong to the options and are freed by release.
 */
#ifndef CHAT_SERVER_OPTIONS_H
#define CHAT_SERVER_OPTIONS_H

#include "server/ops/log.h"
#include "server/options_value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CHAT__OPTIONS_MESSAGE_BYTES 512

struct chat__options {
    struct chat__listen listen;
    char *data;            /* folder of the database; never NULL once loaded */
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
    enum chat__log_level log_level;
};

enum chat__options_outcome {
    CHAT__OPTIONS_RUN,
    CHAT__OPTIONS_HELP,
    CHAT__OPTIONS_VERSION,
    CHAT__OPTIONS_ERROR /* `message` is a sentence for the operator */
};

/* Fills `options`; release them whatever the outcome. */
enum chat__options_outcome
chat__options_load(struct chat__options *options, int argc,
                   const char *const *argv,
                   char message[CHAT__OPTIONS_MESSAGE_BYTES]);

void chat__options_release(struct chat__options *options);

/* The text of --help. */
void chat__options_print_help(FILE *stream);

#endif
