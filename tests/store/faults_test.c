/*
 * A medium that fails. A SQLite VFS stands before the real one and refuses
 * writes or syncs on demand; one test uses the kernel's own file size limit.
 */
#include "tests/store/harness.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the VFS */

enum fault { FAULT_NONE, FAULT_WAL_FULL, FAULT_WAL_SYNC, FAULT_FILE_FULL };

static atomic_int fault;
static atomic_bool wal_unsynced;
static sqlite3_vfs vfs;
static const sqlite3_io_methods *real_wal;
static const sqlite3_io_methods *real_file;
static sqlite3_io_methods faulty_wal;
static sqlite3_io_methods faulty_file;

static int write_wal(sqlite3_file *file, const void *bytes, int length,
                     sqlite3_int64 offset)
{
    if (atomic_load(&fault) == FAULT_WAL_FULL)
        return SQLITE_FULL;
    atomic_store(&wal_unsynced, true);
    return real_wal->xWrite(file, bytes, length, offset);
}

static int sync_wal(sqlite3_file *file, int flags)
{
    if (atomic_load(&fault) == FAULT_WAL_SYNC)
        return SQLITE_IOERR_FSYNC;
    int code = real_wal->xSync(file, flags);
    atomic_store(&wal_unsynced, false);
    return code;
}

static int write_file(sqlite3_file *file, const void *bytes, int length,
                      sqlite3_int64 offset)
{
    if (atomic_load(&fault) == FAULT_FILE_FULL)
        return SQLITE_FULL;
    return real_file->xWrite(file, bytes, length, offset);
}

/*
 * The real files stay what they are; only their tables of methods are
 * replaced, by copies made at the first open of each kind.
 */
static void replace_methods(sqlite3_file *file, bool wal)
{
    if (wal && real_wal == NULL) {
        real_wal = file->pMethods;
        faulty_wal = *real_wal;
        faulty_wal.xWrite = write_wal;
        faulty_wal.xSync = sync_wal;
    } else if (!wal && real_file == NULL) {
        real_file = file->pMethods;
        faulty_file = *real_file;
        faulty_file.xWrite = write_file;
    }
    file->pMethods = wal ? &faulty_wal : &faulty_file;
}

static int open_file(sqlite3_vfs *self, const char *name, sqlite3_file *file,
                     int flags, int *out_flags)
{
    sqlite3_vfs *real = self->pAppData;
    int code = real->xOpen(real, name, file, flags, out_flags);
    if (code == SQLITE_OK &&
        (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_DB)) != 0)
        replace_methods(file, (flags & SQLITE_OPEN_WAL) != 0);
    return code;
}

static int install_vfs(void **state)
{
    (void)state;
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);
    vfs = *real;
    vfs.zName = "faults";
    vfs.pAppData = real;
    vfs.xOpen = open_file;
    assert_int_equal(sqlite3_vfs_register(&vfs, 1), SQLITE_OK);
    return 0;
}

static int remove_vfs(void **state)
{
    (void)state;
    return sqlite3_vfs_unregister(&vfs);
}

static int setup(void **state)
{
    atomic_store(&fault, FAULT_NONE);
    return harness_setup(state);
}

/* ---- tests */

static atomic_int early; /* completions that were posted before a sync */
static struct chat__completion_sink real_sink;

static void post_checked(void *context, struct chat__completion *completion)
{
    (void)context;
    if (atomic_load(&wal_unsynced))
        atomic_fetch_add(&early, 1);
    real_sink.post(real_sink.context, completion);
}

static void test_nothing_is_acknowledged_before_it_is_synced(void **state)
{
    struct harness *harness = *state;
    harness_close(harness);
    real_sink = harness->sink;
    harness->sink.post = post_checked;
    atomic_store(&early, 0);
    assert_true(harness_open(harness));
    make_room(harness, "lobby", 1);
    for (uint64_t head = 1; head < 200; head++)
        append_messages(harness, "lobby", head, 1);
    assert_int_equal(atomic_load(&early), 0);
}

/* Appends that wait together while the medium has a fault. */
static void append_group(struct harness *harness, enum fault with,
                         enum chat__store_result expected)
{
    static struct asked_append batches[3];
    static const char *const rooms[] = {"a", "b", "c"};
    sqlite3 *holder = harness_hold_writer(harness);
    for (size_t i = 0; i < 3; i++) {
        batch_fill(&batches[i], rooms[i], 1, 2, 1);
        batch_start(harness, &batches[i]);
    }
    atomic_store(&fault, with);
    harness_let_go(holder);
    for (size_t i = 0; i < 3; i++) {
        harness_wait(harness, &batches[i].done);
        assert_int_equal(batches[i].request.result, expected);
    }
}

static void fail_and_recover(struct harness *harness, enum fault with,
                             const char *reason)
{
    make_room(harness, "a", 1);
    make_room(harness, "b", 1);
    make_room(harness, "c", 1);
    append_group(harness, with, CHAT__STORE_FAILED);
    append_group(harness, with, CHAT__STORE_FAILED);
    assert_true(harness_reported(harness, reason));
    assert_int_equal(head_of(harness, "a"), 1); /* reading goes on */
    assert_false(harness_reported(harness, "again"));
    append_group(harness, FAULT_NONE, CHAT__STORE_OK);
    assert_true(harness_reported(harness, "again"));
    assert_int_equal(head_of(harness, "a"), 3);
    harness_close(harness);
    assert_true(harness_open(harness));
    assert_int_equal(head_of(harness, "c"), 3);
}

static void test_a_full_disk_fails_the_group_until_there_is_space(void **state)
{
    fail_and_recover(*state, FAULT_WAL_FULL, "full");
}

static void test_a_failed_sync_fails_the_group(void **state)
{
    fail_and_recover(*state, FAULT_WAL_SYNC, "disk I/O error");
}

static void test_a_full_disk_keeps_nobody_out(void **state)
{
    struct harness *harness = *state;
    sign_in_guest(harness, "ann", 1);
    atomic_store(&fault, FAULT_WAL_FULL);
    /* The token's end should move. */
    struct chat__store_sign_in request = sign_in_by(1, NOW_MS + DAY_MS);
    assert_int_equal(ask_sign_in(harness, &request), CHAT__STORE_OK);
    assert_string_equal(request.name, "Ann");
    chat__store_sign_in_release(&request);
    assert_true(harness_reported(harness, "cannot write"));
    sign_in_as(&request, "Bob", "bob");
    assert_int_equal(ask_sign_in(harness, &request), CHAT__STORE_FAILED);
    chat__store_sign_in_release(&request);
    atomic_store(&fault, FAULT_NONE);
}

/* Appends `count` batches of 64 entries with 8 KiB each. */
static void append_large(struct harness *harness, uint64_t *head, int count)
{
    static char large[8 * 1024];
    memset(large, 'x', sizeof large);
    for (int i = 0; i < count; i++) {
        struct asked_append batch;
        batch_fill(&batch, "lobby", *head, ENTRY_MAX, 1);
        for (size_t j = 0; j < ENTRY_MAX; j++) {
            batch.entries[j].bytes = large;
            batch.entries[j].length = sizeof large;
        }
        assert_int_equal(batch_append(harness, &batch), CHAT__STORE_OK);
        *head += ENTRY_MAX;
    }
}

static void test_writes_go_on_while_checkpoints_fail(void **state)
{
    struct harness *harness = *state;
    make_room(harness, "lobby", 1);
    uint64_t head = 1;
    atomic_store(&fault, FAULT_FILE_FULL);
    append_large(harness, &head, 20); /* more than wakes the checkpointer */
    harness_wait_report(harness, "cannot checkpoint");
    append_large(harness, &head, 20);
    atomic_store(&fault, FAULT_NONE);
    append_large(harness, &head, 20);
    harness_wait_report(harness, "can checkpoint");
    assert_int_equal(head_of(harness, "lobby"), head);
}

/* What the child of the test below does; its exit status is the line. */
static int fill_the_limit(struct harness *harness)
{
    static char large[64 * 1024];
    struct asked_append batch;
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = 4 * 1024 * 1024;
    setrlimit(RLIMIT_FSIZE, &limit);
    if (!harness_open(harness))
        return __LINE__;
    uint64_t head = 1;
    enum chat__store_result result = CHAT__STORE_OK;
    while (result == CHAT__STORE_OK && head < 1000) {
        batch_fill(&batch, "lobby", head, 1, 1);
        batch.entries[0].bytes = large;
        batch.entries[0].length = sizeof large;
        result = batch_append(harness, &batch);
        head += result == CHAT__STORE_OK;
    }
    if (result != CHAT__STORE_FAILED || head_of(harness, "lobby") != head)
        return __LINE__;
    limit.rlim_cur = before;
    setrlimit(RLIMIT_FSIZE, &limit);
    if (batch_append(harness, &batch) != CHAT__STORE_OK ||
        head_of(harness, "lobby") != head + 1)
        return __LINE__;
    harness_close(harness);
    return 0;
}

static void test_a_real_limit_fails_and_recovers(void **state)
{
    struct harness *harness = *state;
    make_room(harness, "lobby", 1);
    harness_close(harness);
    pid_t child = fork();
    if (child == 0)
        _exit(fill_the_limit(harness));
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(harness_open(harness));
    assert_true(head_of(harness, "lobby") > 2);
}

int main(void)
{
#define TEST(name_)                                                            \
    cmocka_unit_test_setup_teardown(name_, setup, harness_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_nothing_is_acknowledged_before_it_is_synced),
        TEST(test_a_full_disk_fails_the_group_until_there_is_space),
        TEST(test_a_failed_sync_fails_the_group),
        TEST(test_a_full_disk_keeps_nobody_out),
        TEST(test_writes_go_on_while_checkpoints_fail),
        TEST(test_a_real_limit_fails_and_recovers),
    };
    return cmocka_run_group_tests_name("faults", tests, install_vfs,
                                       remove_vfs);
}
