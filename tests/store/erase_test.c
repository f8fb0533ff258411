/* Deleted text is gone from the file and from what lies beside it. */
#include "tests/store/author.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MESSAGES   400
#define KEPT_EVERY 8

/* The bytes of a file; NULL when it is not there. To be freed. */
static char *load(const char *path, size_t *length)
{
    FILE *file = fopen(path, "re");
    char *bytes = NULL;
    *length = 0;
    if (file == NULL)
        return NULL;
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    assert_true(size >= 0);
    rewind(file);
    bytes = malloc((size_t)size + 1);
    assert_non_null(bytes);
    *length = fread(bytes, 1, (size_t)size, file);
    fclose(file);
    return bytes;
}

struct files {
    char *bytes[3];
    size_t lengths[3];
};

static struct files load_all(const struct harness *harness)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    struct files files = {0};
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", harness->path, endings[i]);
        files.bytes[i] = load(path, &files.lengths[i]);
    }
    return files;
}

static void release(struct files *files)
{
    for (size_t i = 0; i < 3; i++)
        free(files->bytes[i]);
}

static bool files_have(const struct files *files, const char *text)
{
    for (size_t i = 0; i < 3; i++)
        if (files->bytes[i] != NULL &&
            memmem(files->bytes[i], files->lengths[i], text, strlen(text)) !=
                NULL)
            return true;
    return false;
}

static bool are_on_disk(const struct harness *harness, const char *text)
{
    struct files files = load_all(harness);
    bool found = files_have(&files, text);
    release(&files);
    return found;
}

static uint64_t erasures(const struct harness *harness)
{
    return chat__sqlite_statistics(harness->store).erasures;
}

/* Until the WAL has been emptied after what was acknowledged. */
static void wait_erased(struct harness *harness)
{
    uint64_t before = erasures(harness);
    while (erasures(harness) == before)
        head_of(harness, "lobby");
}

static void test_no_file_has_the_text_of_a_deleted_message(void **state)
{
    struct harness *harness = *state;
    struct author author;
    author_begin(&author, harness, "lobby", 1);
    uint64_t kept = author_say(&author, 1, "this one is kept");
    uint64_t ref = author_say(&author, 1, "the first secret");
    author_edit(&author, 1, ref, "the second secret");
    assert_true(are_on_disk(harness, "the first secret"));
    assert_true(are_on_disk(harness, "the second secret"));
    author_delete(&author, 1, ref);
    wait_erased(harness);
    assert_false(are_on_disk(harness, "secret"));
    assert_true(are_on_disk(harness, "this one is kept"));
    assert_int_equal(kept + 3, author.head);
    harness_close(harness);
    assert_false(are_on_disk(harness, "secret"));
}

/* ---- many, of every length, moved about by SQLite as it likes */

struct secret {
    uint64_t ref;
    bool deleted;
    char text[6000];
};

/* "<name>" again and again; the name is found in the file if any of it is. */
static void make_secret(struct secret *secret, const char *kind, int number)
{
    char name[24];
    size_t length =
        (size_t)snprintf(name, sizeof name, "<%s-%d>", kind, number);
    size_t times = rand() % 8 == 0 ? (size_t)rand() % 240 + 1 : 1;
    secret->text[0] = '\0';
    for (size_t i = 0; i < times; i++)
        memcpy(secret->text + i * length, name, length + 1);
}

static void expect_found(const struct files *files, const char *kind,
                         int number, bool expected)
{
    char name[24];
    snprintf(name, sizeof name, "<%s-%d>", kind, number);
    if (files_have(files, name) != expected)
        fail_msg("%s %s in the files", name, expected ? "is not" : "is still");
}

static void test_no_copy_stays_behind_among_many(void **state)
{
    struct harness *harness = *state;
    struct author author;
    struct secret *secrets = calloc(MESSAGES, sizeof *secrets);
    assert_non_null(secrets);
    srand(7);
    author_begin(&author, harness, "lobby", 1);
    for (int i = 0; i < MESSAGES; i++) {
        struct secret *secret = &secrets[i];
        make_secret(secret, "said", i);
        secret->ref = author_say(&author, 1, secret->text);
        if (i % 3 == 0) {
            make_secret(secret, "edited", i);
            author_edit(&author, 1, secret->ref, secret->text);
        }
        struct secret *other = &secrets[rand() % (i + 1)];
        if (!other->deleted && rand() % 2 == 0) {
            author_delete(&author, 1, other->ref);
            other->deleted = true;
        }
    }
    wait_erased(harness);
    struct files files = load_all(harness);
    for (int i = 0; i < MESSAGES; i++) {
        expect_found(&files, "said", i, !secrets[i].deleted);
        if (i % 3 == 0)
            expect_found(&files, "edited", i, !secrets[i].deleted);
    }
    release(&files);
    free(secrets);
}

/* Where the text of each kept message stands in the file. */
static void find_kept(struct harness *harness, size_t *offsets)
{
    harness_close(harness); /* moves all into the file */
    struct files files = load_all(harness);
    for (int i = 0; i < MESSAGES; i += KEPT_EVERY) {
        char name[24];
        snprintf(name, sizeof name, "<kept-%d>", i);
        const char *found =
            memmem(files.bytes[0], files.lengths[0], name, strlen(name));
        assert_non_null(found);
        offsets[i] = (size_t)(found - files.bytes[0]);
    }
    release(&files);
    assert_true(harness_open(harness));
}

/*
 * A row that got longer could have its page's rows spread over others, and
 * copies stay of some that move: nothing clears them when their own rows are
 * deleted later. What is left of a short text is longer than the text.
 */
static void test_a_delete_makes_no_other_row_move(void **state)
{
    struct harness *harness = *state;
    struct author author;
    size_t before[MESSAGES] = {0};
    size_t after[MESSAGES] = {0};
    author_begin(&author, harness, "lobby", 1);
    for (int i = 0; i < MESSAGES; i++) {
        char name[24];
        snprintf(name, sizeof name, "<kept-%d>", i);
        author_say(&author, 1, i % KEPT_EVERY == 0 ? name : "x");
    }
    find_kept(harness, before);
    for (int i = 0; i < MESSAGES; i++)
        if (i % KEPT_EVERY != 0)
            author_delete(&author, 1, (uint64_t)i + 2);
    find_kept(harness, after);
    assert_memory_equal(before, after, sizeof before);
}

/* ---- what holds the erasure back */

static void test_a_reader_elsewhere_delays_it_and_stops_nothing(void **state)
{
    struct harness *harness = *state;
    struct author author;
    author_begin(&author, harness, "lobby", 1);
    uint64_t ref = author_say(&author, 1, "a secret");
    sqlite3 *reader = NULL;
    assert_int_equal(sqlite3_open(harness->path, &reader), SQLITE_OK);
    assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM entries",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    uint64_t before = erasures(harness);
    uint64_t passes = chat__sqlite_statistics(harness->store).checkpoints;
    author_delete(&author, 1, ref);
    while (chat__sqlite_statistics(harness->store).checkpoints < passes + 2)
        author_say(&author, 1, "life goes on");
    assert_int_equal(erasures(harness), before);
    sqlite3_close(reader);
    wait_erased(harness);
    assert_false(are_on_disk(harness, "a secret"));
}

/* The child: says that it has deleted, and is killed. */
static _Noreturn void delete_and_wait(struct harness *harness, int pipe_end)
{
    struct author author;
    if (!harness_open(harness))
        _exit(1);
    author_begin(&author, harness, "lobby", 1);
    author_delete(&author, 1, author_say(&author, 1, "a secret"));
    if (write(pipe_end, "d", 1) != 1)
        _exit(2);
    for (;;)
        pause();
}

static void test_what_a_crash_left_is_erased_when_opened(void **state)
{
    struct harness *harness = *state;
    char byte;
    int pipe_ends[2];
    assert_int_equal(pipe(pipe_ends), 0);
    harness_close(harness);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        delete_and_wait(harness, pipe_ends[1]);
    assert_int_equal(read(pipe_ends[0], &byte, 1), 1);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    assert_true(harness_open(harness));
    assert_false(are_on_disk(harness, "a secret"));
    assert_int_equal(head_of(harness, "lobby"), 3);
}

int main(void)
{
#define TEST(name_)                                                            \
    cmocka_unit_test_setup_teardown(name_, harness_setup, harness_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_no_file_has_the_text_of_a_deleted_message),
        TEST(test_no_copy_stays_behind_among_many),
        TEST(test_a_delete_makes_no_other_row_move),
        TEST(test_a_reader_elsewhere_delays_it_and_stops_nothing),
        TEST(test_what_a_crash_left_is_erased_when_opened),
    };
    return cmocka_run_group_tests_name("erase", tests, NULL, NULL);
}
