#include "tests/bench/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { TEXT, COUNT, NUMBER, SWITCH };

struct option_row {
    const char *name;
    enum kind kind;
    size_t offset;
    const char *help;
};

#define ROW(name, kind, member, help)                                          \
    {                                                                          \
        name, kind, offsetof(struct options, member), help                     \
    }

static const struct option_row ROWS[] = {
    ROW("--adapter", TEXT, adapter, "chat, irc, json, nats or plain"),
    ROW("--workload", TEXT, workload,
        "ack, fanout, history, idle, join-storm, resume, rooms,\n"
        "                 slow or soak"),
    ROW("--port", COUNT, port, "where it listens on 127.0.0.1"),
    ROW("--server-pid", COUNT, server_pid, "to tell its CPU time and memory"),
    ROW("--warmup", NUMBER, warmup, "seconds before it is measured (0.7)"),
    ROW("--seconds", NUMBER, seconds, "seconds of measurement (3)"),
    ROW("--text-bytes", COUNT, text_bytes, "a message's text (128)"),
    ROW("--receivers", COUNT, receivers, "fanout: members of the room (100)"),
    ROW("--rooms", COUNT, rooms, "rooms: how many (100)"),
    ROW("--members", COUNT, members, "rooms: members of each, all send (10)"),
    ROW("--window", COUNT, window,
        "messages of a sender under way at once (1; fanout: 64)"),
    ROW("--rate", NUMBER, rate,
        "messages a second of all senders, instead of a window"),
    ROW("--publishers", COUNT, publishers,
        "fanout, soak: members that send (1)"),
    ROW("--connections", COUNT, connections,
        "idle, history: how many (10000, 8)"),
    ROW("--rooms-of", COUNT, rooms_of, "idle: members of a room (10)"),
    ROW("--return", SWITCH, returns, "idle: all drop, and come back by token"),
    ROW("--clients", COUNT, clients, "resume, join-storm: how many (1000)"),
    ROW("--missed", COUNT, missed, "resume: entries (1000)"),
    ROW("--room", TEXT, room, "history: one that is there already"),
    ROW("--entries", COUNT, entries,
        "history: of the room, made if not there (100000)"),
    ROW("--limit", COUNT, limit, "history: entries of a page (50)"),
    ROW("--slow-share", NUMBER, slow_share,
        "slow: receivers that stop to read (0.05)"),
    ROW("--concurrency", COUNT, concurrency,
        "connections set up at once (128)"),
};

static const struct options DEFAULTS = {
    .warmup = 0.7,
    .seconds = 3,
    .text_bytes = 128,
    .receivers = 100,
    .rooms = 100,
    .members = 10,
    .concurrency = 128,
    .publishers = 1,
    .rooms_of = 10,
    .clients = 1000,
    .missed = 1000,
    .entries = 100000,
    .limit = 50,
    .slow_share = 0.05,
};

static void print_usage(void)
{
    size_t i;

    fprintf(stderr, "usage: load --adapter NAME --workload NAME --port N "
                    "[--OPTION VALUE]...\n");
    for (i = 0; i < sizeof(ROWS) / sizeof(*ROWS); i++)
        fprintf(stderr, "  %-14s %s\n", ROWS[i].name, ROWS[i].help);
}

static const struct option_row *find_row(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof(ROWS) / sizeof(*ROWS); i++) {
        if (strcmp(name, ROWS[i].name) == 0)
            return &ROWS[i];
    }
    return NULL;
}

static bool set_value(struct options *options, const struct option_row *row,
                      const char *value)
{
    char *member = (char *)options + row->offset;
    char *end = NULL;

    errno = 0;
    if (row->kind == TEXT)
        *(const char **)(void *)member = value;
    else if (row->kind == NUMBER)
        *(double *)(void *)member = strtod(value, &end);
    else
        *(uint64_t *)(void *)member = strtoull(value, &end, 10);
    return row->kind == TEXT ||
           (errno == 0 && end != value && *end == '\0' && *value != '-');
}

bool options_parse(struct options *options, int count, char **arguments)
{
    const struct option_row *row;
    int i;

    *options = DEFAULTS;
    for (i = 1; i < count; i++) {
        row = find_row(arguments[i]);
        if (row != NULL && row->kind == SWITCH) {
            *(bool *)(void *)((char *)options + row->offset) = true;
        } else if (row == NULL || i + 1 == count ||
                   !set_value(options, row, arguments[i + 1])) {
            fprintf(stderr, "load: wrong or without a value: %s\n",
                    arguments[i]);
            print_usage();
            return false;
        } else {
            i++;
        }
    }
    if (options->adapter != NULL && options->workload != NULL &&
        options->port != 0)
        return true;
    print_usage();
    return false;
}
