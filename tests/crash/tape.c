#include "tests/crash/tape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAMES_MAX 8 /* the database's files at one time */

static void *checked(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

uint64_t tape_random(uint64_t *state)
{
    uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15);

    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

void tape_add(struct tape *tape, struct tape_step step)
{
    if (tape->count == tape->capacity) {
        tape->capacity = tape->capacity == 0 ? 1024 : 2 * tape->capacity;
        tape->steps = checked(
            reallocarray(tape->steps, tape->capacity, sizeof(*tape->steps)));
    }
    tape->steps[tape->count++] = step;
}

void tape_release(struct tape *tape)
{
    for (size_t i = 0; i < tape->count; i++)
        free(tape->steps[i].bytes);
    free(tape->steps);
    *tape = (struct tape){0};
}

/* ---- a loss of power ---- */

struct content {
    char *bytes;
    size_t length;
    size_t capacity;
};

struct name {
    char suffix[TAPE_SUFFIX_BYTES];
    int file;
};

struct loss {
    const struct tape *tape;
    size_t at;
    uint64_t random;
    unsigned int kept;             /* of what was not synced, in quarters */
    size_t piece_bytes;            /* what the medium writes as one */
    size_t synced[TAPE_FILES_MAX]; /* by file: steps before are there ... */
    bool *doubtful;                /* ... but for these */
    size_t folder_synced;
    struct content files[TAPE_FILES_MAX];
    struct name names[NAMES_MAX];
    size_t name_count;
};

/* A failed sync leaves in doubt what no sync before it has covered. */
static void doubt(struct loss *loss, const struct tape_step *sync)
{
    for (size_t i = loss->synced[sync->file]; i < sync->from; i++)
        if (loss->tape->steps[i].file == sync->file)
            loss->doubtful[i] = true;
}

static void find_synced(struct loss *loss)
{
    for (size_t i = 0; i < loss->at; i++) {
        const struct tape_step *step = &loss->tape->steps[i];

        if (step->kind == TAPE_SYNC_FOLDER)
            loss->folder_synced = step->from;
        else if (step->kind == TAPE_SYNC_FAILED)
            doubt(loss, step);
        else if (step->kind == TAPE_SYNC &&
                 step->from > loss->synced[step->file])
            loss->synced[step->file] = step->from;
    }
}

static bool is_lucky(struct loss *loss)
{
    return tape_random(&loss->random) % 4 < loss->kept;
}

static void resize(struct content *content, size_t length)
{
    if (length > content->capacity) {
        content->capacity = 2 * length;
        content->bytes = checked(realloc(content->bytes, content->capacity));
    }
    if (length > content->length)
        memset(content->bytes + content->length, 0, length - content->length);
    content->length = length;
}

static void put(struct content *content, const struct tape_step *step,
                size_t begin, size_t end)
{
    if (end > content->length)
        resize(content, end);
    memcpy(content->bytes + begin, step->bytes + (begin - step->offset),
           end - begin);
}

static void put_pieces(struct loss *loss, const struct tape_step *step)
{
    size_t stop = step->offset + step->length;
    size_t end;

    for (size_t begin = step->offset; begin < stop; begin = end) {
        end = (begin / loss->piece_bytes + 1) * loss->piece_bytes;
        if (end > stop)
            end = stop;
        if (is_lucky(loss))
            put(&loss->files[step->file], step, begin, end);
    }
}

static void apply_data(struct loss *loss, size_t index)
{
    const struct tape_step *step = &loss->tape->steps[index];
    bool is_there = index < loss->synced[step->file] && !loss->doubtful[index];

    if (step->kind == TAPE_TRUNCATE) {
        if (is_there || is_lucky(loss))
            resize(&loss->files[step->file], step->length);
    } else if (is_there) {
        put(&loss->files[step->file], step, step->offset,
            step->offset + step->length);
    } else {
        put_pieces(loss, step);
    }
}

static void forget_name(struct loss *loss, const char *suffix)
{
    for (size_t i = 0; i < loss->name_count; i++)
        if (strcmp(loss->names[i].suffix, suffix) == 0) {
            loss->names[i] = loss->names[--loss->name_count];
            return;
        }
}

static void apply_name(struct loss *loss, const struct tape_step *step)
{
    forget_name(loss, step->suffix);
    if (step->kind == TAPE_UNLINK)
        return;
    if (loss->name_count == NAMES_MAX)
        abort();
    struct name *name = &loss->names[loss->name_count++];
    memcpy(name->suffix, step->suffix, sizeof(name->suffix));
    name->file = step->file;
}

static bool is_name(const struct tape_step *step)
{
    return step->kind == TAPE_LINK || step->kind == TAPE_UNLINK;
}

/* A folder's changes reach the medium in their order. */
static void apply_names(struct loss *loss)
{
    size_t unsynced = 0;
    size_t survive;

    for (size_t i = loss->folder_synced; i <= loss->at; i++)
        unsynced += is_name(&loss->tape->steps[i]);
    survive = tape_random(&loss->random) % (unsynced + 1);
    for (size_t i = 0; i <= loss->at; i++) {
        if (!is_name(&loss->tape->steps[i]))
            continue;
        if (i >= loss->folder_synced && survive-- == 0)
            return;
        apply_name(loss, &loss->tape->steps[i]);
    }
}

/* ---- the files ---- */

static void path_of(char path[256], const char *prefix, const char *suffix)
{
    if (snprintf(path, 256, "%s%s", prefix, suffix) >= 256)
        abort();
}

static void write_files(const struct loss *loss, const char *prefix)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    char path[256];

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
        path_of(path, prefix, suffixes[i]);
        unlink(path);
    }
    for (size_t i = 0; i < loss->name_count; i++) {
        const struct content *content = &loss->files[loss->names[i].file];
        FILE *file;

        path_of(path, prefix, loss->names[i].suffix);
        file = checked(fopen(path, "w"));
        if (content->length > 0 &&
            fwrite(content->bytes, content->length, 1, file) != 1)
            abort();
        if (fclose(file) != 0)
            abort();
    }
}

void tape_restore(const struct tape *tape, size_t at, uint64_t seed,
                  const char *prefix)
{
    static struct loss loss; /* too large for a stack */

    loss = (struct loss){.tape = tape, .at = at, .random = seed};
    loss.doubtful = checked(calloc(tape->count, sizeof(*loss.doubtful)));
    loss.kept = (unsigned int)(tape_random(&loss.random) % 5);
    loss.piece_bytes = tape_random(&loss.random) % 2 == 0 ? 512 : 4096;
    find_synced(&loss);
    for (size_t i = 0; i <= at; i++)
        if (tape->steps[i].kind == TAPE_WRITE ||
            tape->steps[i].kind == TAPE_TRUNCATE)
            apply_data(&loss, i);
    apply_names(&loss);
    write_files(&loss, prefix);
    for (size_t i = 0; i < TAPE_FILES_MAX; i++)
        free(loss.files[i].bytes);
    free(loss.doubtful);
}
