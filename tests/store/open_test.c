#include "tests/store/harness.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE_BYTES 4096

static void expect_refused(struct harness *harness, const char *why)
{
    assert_false(harness_open(harness));
    if (strstr(harness->message, why) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", harness->message, why);
    assert_non_null(strstr(harness->message, harness->folder));
}

/* Runs SQL on the closed file, as an operator's tool would. */
static void run_sql(struct harness *harness, const char *sql)
{
    sqlite3 *database = NULL;
    assert_int_equal(sqlite3_open(harness->path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
}

static void write_file(const char *path, const void *bytes, size_t length)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static off_t size_of(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? status.st_size : -1;
}

/* A store with some pages in every table, closed. */
static int setup_filled(void **state)
{
    harness_setup(state);
    struct harness *harness = *state;
    make_room(harness, "lobby", 1);
    for (uint64_t head = 1; head < 900; head += 60)
        append_messages(harness, "lobby", head, 60);
    sign_in_guest(harness, "ann", 1);
    harness_close(harness);
    return 0;
}

static void test_what_was_stored_is_there_after_a_restart(void **state)
{
    assert_true(harness_open(*state));
    assert_int_equal(head_of(*state, "lobby"), 901);
    assert_int_equal(sign_in_guest(*state, "ann", 2), 1);
}

static void test_closing_leaves_one_file_without_a_wal(void **state)
{
    struct harness *harness = *state;
    char path[128];
    snprintf(path, sizeof path, "%s-wal", harness->path);
    assert_int_equal(size_of(path), -1);
    assert_true(harness_open(harness));
    append_messages(harness, "lobby", 901, 1);
    assert_true(size_of(path) > 0);
}

static void test_files_are_private_whatever_the_umask(void **state)
{
    static const char *const endings[] = {"", "-wal", "-shm", ".lock"};
    struct harness *harness = *state;
    harness_close(harness);
    harness_name(harness, "new.db");
    mode_t mask = umask(0);
    assert_true(harness_open(harness));
    umask(mask);
    make_room(harness, "lobby", 1);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char path[128];
        struct stat status;
        snprintf(path, sizeof path, "%s%s", harness->path, endings[i]);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
    }
}

static void test_an_empty_file_becomes_a_store(void **state)
{
    struct harness *harness = *state;
    harness_close(harness);
    harness_name(harness, "empty.db");
    write_file(harness->path, "", 0);
    assert_true(harness_open(harness));
    make_room(harness, "lobby", 1);
}

static void test_ids_are_never_used_again(void **state)
{
    struct harness *harness = *state;
    run_sql(harness, "DELETE FROM users; DELETE FROM rooms WHERE id = 1");
    assert_true(harness_open(harness));
    assert_int_equal(sign_in_guest(harness, "bob", 3), 2);
    /* With the old id this room would have the old one's entries. */
    struct asked_append batch;
    batch_fill(&batch, "lobby", 0, 1, 1);
    batch.request.create_epoch = EPOCH;
    assert_int_equal(batch_append(harness, &batch), CHAT__STORE_OK);
}

/* ---- what is refused */

static void test_a_newer_file_is_refused_and_left_alone(void **state)
{
    struct harness *harness = *state;
    run_sql(harness, "PRAGMA user_version = 99");
    off_t size = size_of(harness->path);
    expect_refused(harness, "schema version 99");
    assert_non_null(strstr(harness->message, "none above 4"));
    assert_int_equal(size_of(harness->path), size);
    run_sql(harness, "PRAGMA user_version = 4");
    assert_true(harness_open(harness));
}

static void test_what_is_no_database_is_refused(void **state)
{
    struct harness *harness = *state;
    char text[3 * PAGE_BYTES];
    memset(text, 'x', sizeof text);
    write_file(harness->path, text, sizeof text);
    expect_refused(harness, "is not a database");
    write_file(harness->path, "short", 5);
    expect_refused(harness, "is not a database");
}

static void test_the_database_of_another_program_is_refused(void **state)
{
    struct harness *harness = *state;
    harness_name(harness, "other.db");
    run_sql(harness, "CREATE TABLE t (a)");
    expect_refused(harness, "another program");
    run_sql(harness, "DROP TABLE t; PRAGMA application_id = 7");
    expect_refused(harness, "another program");
}

static void test_a_truncated_file_is_refused(void **state)
{
    struct harness *harness = *state;
    off_t size = size_of(harness->path);
    const off_t sizes[] = {size - PAGE_BYTES, size - 1, size / 2, PAGE_BYTES,
                           PAGE_BYTES + 7};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        if (truncate(harness->path, sizes[i]) != 0)
            fail();
        expect_refused(harness, "is damaged");
    }
}

static void flip(int file, off_t offset)
{
    unsigned char byte = 0;
    assert_int_equal(pread(file, &byte, 1, offset), 1);
    byte = (unsigned char)~byte;
    assert_int_equal(pwrite(file, &byte, 1, offset), 1);
}

static void test_a_flipped_byte_in_any_page_header_is_found(void **state)
{
    struct harness *harness = *state;
    off_t size = size_of(harness->path);
    assert_true(size >= 16 * PAGE_BYTES);
    for (off_t page = 0; page < size; page += PAGE_BYTES) {
        off_t offset = page == 0 ? 100 : page; /* behind the file's header */
        int file = open(harness->path, O_RDWR | O_CLOEXEC);
        assert_true(file >= 0);
        flip(file, offset);
        expect_refused(harness, "is damaged");
        flip(file, offset);
        close(file);
    }
    assert_true(harness_open(harness));
    assert_int_equal(head_of(harness, "lobby"), 901);
}

static void test_a_file_without_its_tables_is_refused(void **state)
{
    run_sql(*state, "DROP TABLE members");
    expect_refused(*state, "is damaged");
}

static void test_a_file_in_use_is_refused(void **state)
{
    struct harness *harness = *state;
    assert_true(harness_open(harness));
    struct chat__store *first = harness->store;
    char holder[32];
    snprintf(holder, sizeof holder, "process %ld", (long)getpid());
    expect_refused(harness, holder);

    /* Also by another name. */
    char path[sizeof harness->path];
    memcpy(path, harness->path, sizeof path);
    harness_name(harness, "link");
    assert_int_equal(symlink(path, harness->path), 0);
    expect_refused(harness, "in use");

    harness->store = first; /* which was not disturbed */
    append_messages(harness, "lobby", 901, 1);
    harness_close(harness);
    assert_true(harness_open(harness));
}

static void test_another_process_is_kept_out(void **state)
{
    struct harness *harness = *state;
    int pipe_ends[2];
    assert_int_equal(pipe(pipe_ends), 0);
    pid_t child = fork();
    if (child == 0) {
        bool opened = harness_open(harness);
        if (write(pipe_ends[1], &opened, sizeof opened) == sizeof opened)
            pause();
        _exit(1);
    }
    bool opened = false;
    assert_int_equal(read(pipe_ends[0], &opened, sizeof opened), sizeof opened);
    assert_true(opened);
    char holder[32];
    snprintf(holder, sizeof holder, "process %ld", (long)child);
    expect_refused(harness, holder);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_true(harness_open(harness)); /* the lock ended with its process */
    close(pipe_ends[0]);
    close(pipe_ends[1]);
}

static void test_paths_that_cannot_be_a_store_are_refused(void **state)
{
    struct harness *harness = *state;
    harness_name(harness, "none/chat.db");
    expect_refused(harness, "No such file or directory");
    snprintf(harness->path, sizeof harness->path, "%s", harness->folder);
    expect_refused(harness, "is not a regular file");
}

/* Permissions do not bind root: such a test is done by a child as nobody. */
static void become_nobody(struct harness *harness)
{
    if (geteuid() != 0)
        return;
    if (chmod(harness->folder, 0755) != 0 || setgid(65534) != 0 ||
        setuid(65534) != 0)
        _exit(9);
}

static int refused_as_nobody(struct harness *harness, const char *why)
{
    pid_t child = fork();
    if (child == 0) {
        become_nobody(harness);
        _exit(!harness_open(harness) && strstr(harness->message, why) != NULL
                  ? 0
                  : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_what_cannot_be_written_is_refused(void **state)
{
    struct harness *harness = *state;
    assert_int_equal(chmod(harness->path, 0444), 0);
    assert_int_equal(refused_as_nobody(harness, "cannot write"), 0);
    assert_int_equal(chmod(harness->path, 0666), 0);
    char lock[128];
    snprintf(lock, sizeof lock, "%s.lock", harness->path);
    assert_int_equal(unlink(lock), 0);
    assert_int_equal(chmod(harness->folder, 0555), 0);
    assert_int_equal(refused_as_nobody(harness, "cannot make"), 0);
    harness_name(harness, "new.db");
    assert_int_equal(refused_as_nobody(harness, "cannot make"), 0);
    assert_int_equal(chmod(harness->folder, 0755), 0);
}

int main(void)
{
#define TEST(name_, setup_)                                                    \
    cmocka_unit_test_setup_teardown(name_, setup_, harness_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_what_was_stored_is_there_after_a_restart, setup_filled),
        TEST(test_closing_leaves_one_file_without_a_wal, setup_filled),
        TEST(test_files_are_private_whatever_the_umask, harness_setup),
        TEST(test_an_empty_file_becomes_a_store, harness_setup),
        TEST(test_ids_are_never_used_again, setup_filled),
        TEST(test_a_newer_file_is_refused_and_left_alone, setup_filled),
        TEST(test_what_is_no_database_is_refused, setup_filled),
        TEST(test_the_database_of_another_program_is_refused, setup_filled),
        TEST(test_a_truncated_file_is_refused, setup_filled),
        TEST(test_a_flipped_byte_in_any_page_header_is_found, setup_filled),
        TEST(test_a_file_without_its_tables_is_refused, setup_filled),
        TEST(test_a_file_in_use_is_refused, setup_filled),
        TEST(test_another_process_is_kept_out, setup_filled),
        TEST(test_paths_that_cannot_be_a_store_are_refused, setup_filled),
        TEST(test_what_cannot_be_written_is_refused, setup_filled),
    };
    return cmocka_run_group_tests_name("open", tests, NULL, NULL);
}
