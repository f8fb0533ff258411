#include "tests/bench/floor_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MILLISECOND 1000000LL

static _Noreturn void usage(void)
{
    fprintf(stderr, "usage: floor [--mode direct|coalesce|durable] "
                    "[--listen PORT]\n             [--file PATH] "
                    "[--flush-ms N] [--pad BYTES]\n");
    exit(2);
}

static enum floor_mode mode_of(const char *name)
{
    static const char *const names[] = {"direct", "coalesce", "durable"};
    for (size_t mode = 0; mode < 3; mode++) {
        if (strcmp(names[mode], name) == 0)
            return (enum floor_mode)mode;
    }
    usage();
}

struct floor_options floor_read_options(int count, char **arguments)
{
    struct floor_options options = {.mode = FLOOR_COALESCE};
    static const struct option known[] = {
        {"mode", required_argument, NULL, 'm'},
        {"listen", required_argument, NULL, 'l'},
        {"file", required_argument, NULL, 'f'},
        {"flush-ms", required_argument, NULL, 'w'},
        {"pad", required_argument, NULL, 'p'},
        {0},
    };
    int option;
    while ((option = getopt_long(count, arguments, "", known, NULL)) != -1) {
        if (option == 'm')
            options.mode = mode_of(optarg);
        else if (option == 'l')
            options.port = (uint16_t)strtoul(optarg, NULL, 10);
        else if (option == 'f')
            options.file = optarg;
        else if (option == 'w')
            options.flush_ns = strtol(optarg, NULL, 10) * MILLISECOND;
        else if (option == 'p')
            options.pad = strtoul(optarg, NULL, 10);
        else
            usage();
    }
    if (optind < count || (options.mode == FLOOR_DURABLE && !options.file))
        usage();
    return options;
}
