/*
 * Power that fails at any system call. A store's calls are put on a tape
 * (medium.h) while it is written, checkpointed, closed and opened again; then
 * each crash point restores what the medium may have kept, opens it as the
 * next server would, and looks for what had been acknowledged by then.
 *
 * usage: power_loss_test [--points N] [--seed N]
 */
#include "tests/crash/medium.h"
#include "tests/crash/workload.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SESSIONS       3
#define BATCHES        40 /* of each writer in a session */
#define CHECKPOINT_ONE 12 /* of so many answers is followed by a checkpoint */
#define TWICE_ONE      4  /* of so many crashes is followed by another */
#define FAULT_ONE      6  /* of so many answers is followed by a failed sync */

static size_t points = 200; /* in each of the tests, a fifth in the control */
static uint64_t seed = 1;

struct power {
    struct harness *harness;
    struct workload workload;
    struct tape tape;
    struct medium_fault fault;
    sqlite3 *checkpointer;
    char folder[64]; /* of what is restored; in memory where that can be */
};

/* ---- the recording ---- */

/* As the store's own, which would wait for a WAL of megabytes. */
static void checkpoint(struct workload *workload)
{
    static const int modes[] = {SQLITE_CHECKPOINT_PASSIVE,
                                SQLITE_CHECKPOINT_RESTART,
                                SQLITE_CHECKPOINT_TRUNCATE};
    struct power *power =
        (struct power *)((char *)workload - offsetof(struct power, workload));

    if (tape_random(&workload->random) % CHECKPOINT_ONE == 0)
        sqlite3_wal_checkpoint_v2(power->checkpointer, NULL,
                                  modes[tape_random(&workload->random) % 3],
                                  NULL, NULL);
}

static void checkpoint_and_fail(struct workload *workload)
{
    struct power *power =
        (struct power *)((char *)workload - offsetof(struct power, workload));

    atomic_store(&power->fault.error, EIO);
    atomic_store(&power->fault.pass, (int)(tape_random(&workload->random) % 4));
    atomic_store(&power->fault.times,
                 tape_random(&workload->random) % FAULT_ONE == 0);
    atomic_store(&power->fault.kinds, MEDIUM_SYNC);
    checkpoint(workload);
}

static void record(struct power *power)
{
    struct harness *harness = power->harness;

    harness_name(harness, "recorded.db");
    medium_watch(harness->path, &power->fault, &power->tape);
    for (int i = 0; i < SESSIONS; i++) {
        atomic_store(&power->fault.kinds, 0);
        assert_true(harness_open(harness));
        assert_int_equal(sqlite3_open(harness->path, &power->checkpointer),
                         SQLITE_OK);
        workload_run(&power->workload, BATCHES);
        sqlite3_close(power->checkpointer);
        harness_close(harness);
    }
    medium_forget();
    assert_int_equal(workload_verify(harness), 0);
}

/* ---- crash points ---- */

struct losses {
    size_t lost;    /* rooms that lack what was acknowledged */
    size_t refused; /* files that the store would not open */
    size_t findings;
};

/* Opens what is left as the next server would, and looks. */
static void look(struct power *power, size_t at, struct losses *losses)
{
    struct harness *harness = power->harness;

    if (!harness_open(harness)) {
        losses->refused++;
        return;
    }
    losses->lost += workload_resume(&power->workload, at);
    harness_close(harness);
    losses->findings += workload_verify(harness);
}

/* The power fails again while the store recovers, goes on, or closes. */
static void crash_again(struct power *power, size_t at, uint64_t point,
                        struct losses *losses)
{
    struct tape again = {0};
    const char *path = power->harness->path;
    size_t begin;

    medium_watch(path, NULL, &again);
    begin = again.count;
    look(power, at, losses);
    medium_forget();
    tape_restore(&again, begin + point / TWICE_ONE % (again.count - begin),
                 point, path);
    tape_release(&again);
    look(power, at, losses);
}

static void crash_at(struct power *power, size_t at, uint64_t point,
                     struct losses *losses)
{
    tape_restore(&power->tape, at, point, power->harness->path);
    if (point % TWICE_ONE == 0)
        crash_again(power, at, point, losses);
    else
        look(power, at, losses);
}

/* Points spread over the whole tape; more of them than calls come again. */
static struct losses crash_often(struct power *power, const char *name,
                                 size_t count)
{
    struct losses losses = {0};
    uint64_t random = seed;

    snprintf(power->harness->path, sizeof(power->harness->path), "%s/chat.db",
             power->folder);
    for (size_t i = 0; i < count; i++) {
        uint64_t point = tape_random(&random);
        struct losses before = losses;

        crash_at(power, tape_random(&random) % power->tape.count, point,
                 &losses);
        if (memcmp(&before, &losses, sizeof(losses)) != 0 &&
            before.lost + before.refused + before.findings == 0)
            print_message("%s: first loss at point %zu: %s\n", name, i,
                          power->harness->message);
    }
    print_message("%s: %zu crash points in %zu calls, %zu batches "
                  "acknowledged, %zu refused: %zu lost, %zu unreadable, "
                  "%zu findings (seed %" PRIu64 ")\n",
                  name, count, power->tape.count, power->workload.ack_count,
                  power->workload.refused, losses.lost, losses.refused,
                  losses.findings, seed);
    return losses;
}

/* ---- tests ---- */

static int setup(void **state)
{
    static struct power power;
    void *harness = NULL;

    power = (struct power){0};
    snprintf(power.folder, sizeof(power.folder), "%s/chat-power-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(power.folder));
    harness_setup(&harness);
    harness_close(harness);
    power.harness = harness;
    workload_init(&power.workload, harness, seed);
    *state = &power;
    return 0;
}

static int teardown(void **state)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal",
                                           ".lock"};
    struct power *power = *state;
    void *harness = power->harness;
    char path[128];

    workload_release(&power->workload);
    tape_release(&power->tape);
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
        snprintf(path, sizeof(path), "%s/chat.db%s", power->folder,
                 suffixes[i]);
        unlink(path);
    }
    rmdir(power->folder);
    return harness_teardown(&harness);
}

static void expect_no_loss(struct power *power, const char *name)
{
    struct losses losses = crash_often(power, name, points);

    assert_int_equal(losses.lost, 0);
    assert_int_equal(losses.refused, 0);
    assert_int_equal(losses.findings, 0);
}

static void test_what_was_acknowledged_outlives_a_loss_of_power(void **state)
{
    struct power *power = *state;

    power->workload.between = checkpoint;
    record(power);
    expect_no_loss(power, "power loss");
}

static void test_so_it_does_when_syncs_have_failed_before(void **state)
{
    struct power *power = *state;

    power->workload.between = checkpoint_and_fail;
    record(power);
    assert_true(power->workload.refused > 0);
    expect_no_loss(power, "failed syncs");
}

/* ---- the control: without the sync of each commit it must be seen */

static int ignore_synchronous(void *context, int action, const char *name,
                              const char *value, const char *database,
                              const char *trigger)
{
    (void)context;
    (void)database;
    (void)trigger;
    return action == SQLITE_PRAGMA && value != NULL &&
                   strcmp(name, "synchronous") == 0
               ? SQLITE_IGNORE
               : SQLITE_OK;
}

/* Every connection begins with NORMAL and keeps it. */
static int make_normal(sqlite3 *database, char **message,
                       const struct sqlite3_api_routines *routines)
{
    (void)message;
    (void)routines;
    sqlite3_exec(database, "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
    return sqlite3_set_authorizer(database, ignore_synchronous, NULL);
}

static void test_the_control_without_full_syncs_loses(void **state)
{
    struct power *power = *state;
    void (*extension)(void) = (void (*)(void))make_normal;
    struct losses losses;

    power->workload.between = checkpoint;
    assert_int_equal(sqlite3_auto_extension(extension), SQLITE_OK);
    record(power);
    sqlite3_cancel_auto_extension(extension);
    losses = crash_often(power, "control, synchronous=NORMAL", 1 + points / 5);
    assert_true(losses.lost > 0);
}

static bool read_options(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--points") == 0)
            points = strtoul(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0)
            seed = strtoull(argv[i + 1], NULL, 10);
        else
            return false;
    }
    return argc % 2 == 1 && points > 0;
}

int main(int argc, char **argv)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_what_was_acknowledged_outlives_a_loss_of_power),
        TEST(test_so_it_does_when_syncs_have_failed_before),
        TEST(test_the_control_without_full_syncs_loses),
    };
    if (!read_options(argc, argv)) {
        fprintf(stderr, "usage: %s [--points N] [--seed N]\n", argv[0]);
        return 2;
    }
    return cmocka_run_group_tests_name("power loss", tests, NULL, NULL);
}
