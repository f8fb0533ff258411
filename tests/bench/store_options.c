/* The program's arguments. */
#include "tests/bench/store_bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: store_bench append|read|mixed [options]\n"
    "  --rooms N      rooms (1)\n"
    "  --batch N      entries of one append (64)\n"
    "  --users N      who send in turn (10)\n"
    "  --text N       bytes of a message (100)\n"
    "  --entries N    of the log that is read, or before others are appended\n"
    "                 (read and mixed: 1000000, append: 0)\n"
    "  --window N     reads in flight (2)\n"
    "  --ms N         how long each is measured (3000)\n"
    "  --folder PATH  where the file is made (/tmp)\n"
    "  --random-keys  keys that do not begin with the time\n"
    "  --keep         leave the file\n"
    "  --human        lines for people\n";

static _Noreturn void refuse(void)
{
    fputs(usage, stderr);
    exit(2);
}

static uint64_t number(const char *text, uint64_t max)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0' || end == text || value > max)
        refuse();
    return value;
}

static bool take_flag(struct bench_options *options, const char *name)
{
    const struct {
        const char *name;
        bool *value;
    } flags[] = {
        {"--random-keys", &options->random_keys},
        {"--keep", &options->keep},
        {"--human", &options->human},
    };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (strcmp(name, flags[i].name) == 0) {
            *flags[i].value = true;
            return true;
        }
    }
    return false;
}

static void take_value(struct bench_options *options, const char *name,
                       const char *value)
{
    const struct {
        const char *name;
        uint64_t *value;
        uint64_t max;
    } numbers[] = {
        {"--rooms", &options->rooms, BENCH_ROOMS_MAX},
        {"--batch", &options->batch, BENCH_BATCH_MAX},
        {"--users", &options->users, BENCH_USERS_MAX},
        {"--text", &options->text, BENCH_TEXT_MAX},
        {"--entries", &options->entries, UINT64_C(100000000)},
        {"--window", &options->window, 1000},
        {"--ms", &options->milliseconds, 60000},
    };
    if (value == NULL)
        refuse();
    if (strcmp(name, "--folder") == 0) {
        options->folder = value;
        return;
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (strcmp(name, numbers[i].name) == 0) {
            *numbers[i].value = number(value, numbers[i].max);
            return;
        }
    }
    refuse();
}

struct bench_options bench_options_parse(int argc, char **argv)
{
    struct bench_options options = {
        .folder = "/tmp",
        .rooms = 1,
        .batch = 64,
        .users = 10,
        .text = 100,
        .window = 2,
        .milliseconds = 3000,
    };
    if (argc < 2)
        refuse();
    options.mode = argv[1];
    if (strcmp(options.mode, "append") != 0)
        options.entries = 1000000;
    for (int i = 2; i < argc; i++)
        if (!take_flag(&options, argv[i])) {
            take_value(&options, argv[i], argv[i + 1]);
            i++;
        }
    if (options.rooms == 0 || options.batch == 0 || options.users == 0 ||
        options.window == 0 || options.text == 0)
        refuse();
    return options;
}
