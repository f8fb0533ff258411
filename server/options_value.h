/*
 * The kinds of values that options take: each function reads one from a string
 * into its member of the options. NULL when that went well, else what is wrong,
 * to be read behind the value.
 */
#ifndef CHAT_SERVER_OPTIONS_VALUE_H
#define CHAT_SERVER_OPTIONS_VALUE_H

#include <stdint.h>

typedef const char *chat__value_function(void *member, const char *value);

struct chat__listen {
    char *address; /* numeric, IPv4 or IPv6 without brackets; owned */
    uint16_t port; /* 0: a free one */
};

/* Not empty; `char *`, the one before is freed. */
chat__value_function chat__value_string;

/* ADDR:PORT or [ADDR]:PORT; `struct chat__listen`. */
chat__value_function chat__value_listen;

/* Whole numbers, from 1 or from 0; `uint32_t`. */
chat__value_function chat__value_connections;
chat__value_function chat__value_optional_count;

/* From 0 to 1000; `uint32_t`. */
chat__value_function chat__value_milliseconds;

/* on or off; `bool`. */
chat__value_function chat__value_switch;

/* `enum chat__log_level`. */
chat__value_function chat__value_level;

#endif
