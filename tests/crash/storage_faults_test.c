/*
 * Every storage call of a store fails once, or from there on until the cause
 * is gone: while it opens, appends, checkpoints and closes. Nothing may be
 * acknowledged that is not in the file, and the store goes on by itself.
 *
 * usage: storage_faults_test [--runs N]: at most so many of each scenario
 */
#include "tests/crash/medium.h"
#include "tests/crash/workload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BATCHES  6
#define PATIENCE 3 /* refusals until the cause is gone */

static size_t runs_max = 60;

struct scenario {
    const char *name;
    int kinds;
    int error;
    int times;
    size_t stride; /* a store makes many more writes than syncs */
};

#define ANY (MEDIUM_OPEN | MEDIUM_WRITE | MEDIUM_TRUNCATE | MEDIUM_UNLINK)

static const struct scenario scenarios[] = {
    {"full disk", MEDIUM_WRITE | MEDIUM_TRUNCATE, ENOSPC, MEDIUM_FOR_EVER, 4},
    {"short write", MEDIUM_WRITE, ENOSPC, 1, 4},
    {"write error", MEDIUM_WRITE, EIO, 1, 4},
    {"failing writes", MEDIUM_WRITE, EIO, MEDIUM_FOR_EVER, 4},
    {"sync error", MEDIUM_SYNC, EIO, 1, 1},
    {"failing syncs", MEDIUM_SYNC, EIO, MEDIUM_FOR_EVER, 1},
    {"read-only file system", ANY, EROFS, MEDIUM_FOR_EVER, 4},
};

static struct medium_fault fault;

static void let_go(struct workload *workload)
{
    if (workload->refused >= PATIENCE)
        atomic_store(&fault.kinds, 0);
}

static void arm(const struct scenario *scenario, size_t pass)
{
    atomic_store(&fault.error, scenario->error);
    atomic_store(&fault.pass, (int)pass);
    atomic_store(&fault.times, scenario->times);
    atomic_store(&fault.hits, 0);
    atomic_store(&fault.kinds, scenario->kinds);
}

struct sums {
    size_t runs;
    size_t refused; /* appends and sign-ins */
    size_t unopened;
    size_t lost;
    size_t findings;
};

/* False when fewer calls were made than should go well. */
static bool run(struct harness *harness, const struct scenario *scenario,
                size_t pass, struct sums *sums)
{
    static struct workload workload;
    bool was_hit;

    workload_init(&workload, harness, pass);
    workload.between = let_go;
    medium_watch(harness->path, &fault, NULL);
    arm(scenario, pass);
    if (!harness_open(harness)) {
        sums->unopened++;
        atomic_store(&fault.kinds, 0);
        assert_true(harness_open(harness));
    }
    workload_run(&workload, BATCHES);
    harness_close(harness);
    medium_forget();
    was_hit = atomic_load(&fault.hits) > 0;
    workload_release(&workload);

    assert_true(harness_open(harness));
    sums->lost += workload_resume(&workload, SIZE_MAX);
    harness_close(harness);
    sums->findings += workload_verify(harness);
    sums->refused += workload.refused;
    sums->runs++;
    return was_hit;
}

static void remove_files(const char *path)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal",
                                           ".lock"};
    char name[160];

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
        snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
        unlink(name);
    }
}

static void test_scenario(void **state)
{
    const struct scenario *scenario = *state;
    const char *memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    struct sums sums = {0};
    struct harness *harness;
    void *made = NULL;
    char folder[64];
    bool was_hit = true;

    snprintf(folder, sizeof(folder), "%s/chat-faults-XXXXXX", memory);
    assert_non_null(mkdtemp(folder));
    harness_setup(&made);
    harness = made;
    harness_close(harness);
    snprintf(harness->path, sizeof(harness->path), "%s/chat.db", folder);
    for (size_t i = 0; was_hit && i < runs_max; i++) {
        was_hit = run(harness, scenario, i * scenario->stride, &sums);
        remove_files(harness->path);
    }
    rmdir(folder);
    print_message("%s: %zu runs, %zu requests refused, %zu times not opened: "
                  "%zu lost, %zu findings\n",
                  scenario->name, sums.runs, sums.refused, sums.unopened,
                  sums.lost, sums.findings);
    harness_teardown(&made);
    assert_true(sums.runs > 1);
    assert_int_equal(sums.lost, 0);
    assert_int_equal(sums.findings, 0);
}

int main(int argc, char **argv)
{
    enum { COUNT = sizeof(scenarios) / sizeof(*scenarios) };
    struct CMUnitTest tests[COUNT];

    if (argc == 3 && strcmp(argv[1], "--runs") == 0)
        runs_max = strtoul(argv[2], NULL, 10);
    for (size_t i = 0; i < COUNT; i++)
        tests[i] = (struct CMUnitTest){
            .name = scenarios[i].name,
            .test_func = test_scenario,
            .initial_state = (void *)(uintptr_t)&scenarios[i],
        };
    return cmocka_run_group_tests_name("storage faults", tests, NULL, NULL);
}
