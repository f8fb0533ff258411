/*
 * simulation [--seeds N] [--from S] [--step T] [--jobs J]
 *                            plays seeds S, S + T, and so on, says in TAP
 * simulation --replay SEED   plays one, and tells the steps
 *
 * Seeds are played in children, so that one that crashes is named as well.
 */
#include "tests/simulation/simulation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define JOBS_MAX 64

/* So many of the first seeds are played twice. */
#define TWICE 50

/* Shared by the parent and its children. */
struct board {
    bool failed;
    struct {
        uint64_t seed; /* that is played */
        uint64_t played;
        bool replays_differ;
        struct totals totals;
    } job[JOBS_MAX];
};

struct options {
    uint64_t seeds;
    uint64_t from;
    uint64_t step;
    uint64_t jobs;
    uint64_t replay; /* 0: none */
};

static bool parse(int count, char **arguments, struct options *options)
{
    for (int i = 1; i + 1 < count; i += 2) {
        uint64_t *number = NULL;
        char *end;

        if (strcmp(arguments[i], "--seeds") == 0)
            number = &options->seeds;
        else if (strcmp(arguments[i], "--from") == 0)
            number = &options->from;
        else if (strcmp(arguments[i], "--step") == 0)
            number = &options->step;
        else if (strcmp(arguments[i], "--jobs") == 0)
            number = &options->jobs;
        else if (strcmp(arguments[i], "--replay") == 0)
            number = &options->replay;
        if (number == NULL)
            return false;
        errno = 0;
        *number = strtoull(arguments[i + 1], &end, 10);
        if (errno != 0 || end == arguments[i + 1] || *end != '\0')
            return false;
    }
    return count % 2 == 1 && options->jobs >= 1 && options->jobs <= JOBS_MAX;
}

static void play(const struct options *options, struct board *board,
                 uint64_t job)
{
    /* The assertions of cmocka end this process with their message. */
    setenv("CMOCKA_TEST_ABORT", "1", 1);
    for (uint64_t i = job; i < options->seeds && !board->failed;
         i += options->jobs) {
        uint64_t seed = options->from + i * options->step;
        struct totals none = {0};
        uint64_t trace;

        board->job[job].seed = seed;
        trace = simulation_play(seed, false, &board->job[job].totals);
        if (i < TWICE && simulation_play(seed, false, &none) != trace) {
            fprintf(stderr, "seed %llu plays two ways\n",
                    (unsigned long long)seed);
            board->job[job].replays_differ = true;
        }
        board->job[job].played++;
    }
    exit(EXIT_SUCCESS);
}

static void tell_totals(const struct options *options,
                        const struct board *board, double seconds)
{
    struct totals sum = {0};

    for (uint64_t i = 0; i < options->jobs; i++) {
        const struct totals *totals = &board->job[i].totals;

        sum.steps += totals->steps;
        sum.virtual_ms += totals->virtual_ms;
        sum.entries += totals->entries;
        if (totals->settle_ms > sum.settle_ms)
            sum.settle_ms = totals->settle_ms;
    }
    printf("# %.1f virtual hours, %llu steps, %llu entries, the slowest run "
           "settled in %.1f s; %.1f s of wall time\n",
           (double)sum.virtual_ms / 3600e3, (unsigned long long)sum.steps,
           (unsigned long long)sum.entries, (double)sum.settle_ms / 1000,
           seconds);
}

/* Waits for all; says how to see the seed of each that failed. */
static void await(const struct options *options, const char *name,
                  struct board *board, const pid_t *children)
{
    for (uint64_t left = options->jobs; left > 0; left--) {
        int status = 0;
        pid_t child = wait(&status);

        if (status == 0)
            continue;
        board->failed = true;
        for (uint64_t i = 0; i < options->jobs; i++)
            if (children[i] == child)
                printf("# seed %llu, the %lluth of its job, failed; see "
                       "%s --replay %llu\n",
                       (unsigned long long)board->job[i].seed,
                       (unsigned long long)board->job[i].played + 1, name,
                       (unsigned long long)board->job[i].seed);
    }
}

static bool play_all(const struct options *options, const char *name)
{
    pid_t children[JOBS_MAX];
    struct timespec began, ended;
    bool same = true;
    struct board *board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (board == MAP_FAILED)
        return false;
    clock_gettime(CLOCK_MONOTONIC, &began);
    for (uint64_t i = 0; i < options->jobs; i++) {
        children[i] = fork();
        if (children[i] == 0)
            play(options, board, i);
        if (children[i] < 0)
            return false;
    }
    await(options, name, board, children);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    for (uint64_t i = 0; i < options->jobs; i++)
        same = same && !board->job[i].replays_differ;
    tell_totals(options, board,
                (double)(ended.tv_sec - began.tv_sec) +
                    (double)(ended.tv_nsec - began.tv_nsec) / 1e9);
    printf("%sok 1 - %llu seeds from %llu on keep the promises\n",
           board->failed ? "not " : "", (unsigned long long)options->seeds,
           (unsigned long long)options->from);
    printf("%sok 2 - the same seed plays the same way\n1..2\n",
           same ? "" : "not ");
    return same && !board->failed;
}

int main(int count, char **arguments)
{
    struct options options = {.seeds = 10000, .from = 1, .step = 1, .jobs = 1};
    struct totals totals = {0};

    if (!parse(count, arguments, &options)) {
        fprintf(stderr,
                "usage: %s [--seeds N] [--from S] [--step T] [--jobs J] |"
                " --replay SEED\n",
                arguments[0]);
        return 2;
    }
    if (options.replay == 0)
        return play_all(&options, arguments[0]) ? EXIT_SUCCESS : EXIT_FAILURE;
    setenv("CMOCKA_TEST_ABORT", "1", 1);
    printf("trace %016llx\n",
           (unsigned long long)simulation_play(options.replay, true, &totals));
    return EXIT_SUCCESS;
}
