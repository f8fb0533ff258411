/* Rooms with one append in flight each, as the core has them. */
#include "tests/bench/store_bench.h"

#include "protocol/event.h"
#include "sdk/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EPOCH "bench"

struct room {
    struct chat__store_append append;
    struct bench_writers *writers;
    char name[CHAT__ROOM_NAME_BYTES_MAX + 1];
    uint64_t head;
    uint64_t n;
    uint64_t asked_ns;
    struct chat__store_entry *entries; /* of BENCH_BATCH_MAX, these too: */
    char (*keys)[CHAT__KEY_LENGTH + 1];
    struct chat__buffer bytes;
};

struct bench_writers {
    struct bench *bench;
    struct room *rooms;
    uint64_t batch;
    uint64_t entries_max; /* to ask for, in all */
    uint64_t entries_asked;
    uint64_t deadline_ns;
    uint64_t busy; /* rooms with an append in flight */
    /* since the last start */
    uint64_t entries;
    struct bench_samples samples;
    struct bench_cpu cpu;
    struct chat__sqlite_statistics statistics;
};

/* ---- entries */

static void make_key(struct bench *bench, char *key, uint64_t wall_ms)
{
    uint64_t random[3] = {bench_random(bench), bench_random(bench),
                          bench_random(bench)};
    chat__key_format(key,
                     bench->options.random_keys ? random[2] >> 16 : wall_ms,
                     (const uint8_t *)random);
}

static uint64_t wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* One more entry behind those of the room's batch; its bytes come last. */
static void make_entry(struct room *room, enum chat__event_kind kind,
                       uint64_t user, uint64_t ms)
{
    struct bench *bench = room->writers->bench;
    size_t index = room->append.count++;
    struct chat__store_entry *entry = &room->entries[index];
    char name[24];
    snprintf(name, sizeof name, "user-%d", (int)user);
    make_key(bench, room->keys[index], ms);
    room->n += kind == CHAT__EVENT_MESSAGE;
    const struct chat__event event = {
        .kind = kind,
        .room = room->name,
        .seq = room->head + index + 1,
        .n = room->n,
        .ts = (int64_t)ms,
        .from = {user, name},
        .key = room->keys[index],
        .text = kind == CHAT__EVENT_MESSAGE ? bench->text : NULL,
    };
    size_t before = room->bytes.length;
    chat__event_encode(&event, &room->bytes);
    *entry = (struct chat__store_entry){
        .seq = event.seq,
        .n = event.n,
        .ts = event.ts,
        .user = user,
        .key = event.key,
        .length = room->bytes.length - before,
        .message = kind == CHAT__EVENT_MESSAGE,
    };
    for (size_t i = 0; i < sizeof entry->digest; i += 8)
        memcpy(entry->digest + i, &(uint64_t){bench_random(bench)}, 8);
}

static void begin_batch(struct room *room)
{
    room->append.count = 0;
    chat__buffer_clear(&room->bytes);
}

static void ask(struct room *room)
{
    struct chat__store *store = room->writers->bench->store;
    const char *bytes = room->bytes.data;
    if (room->bytes.failed)
        bench_die("a batch does not fit");
    for (size_t i = 0; i < room->append.count; i++) {
        room->entries[i].bytes = bytes;
        bytes += room->entries[i].length;
    }
    room->writers->busy++;
    room->asked_ns = bench_now_ns();
    store->operations->append(store, &room->append);
}

/* Takes what the store has written into account. */
static void settle(struct room *room)
{
    if (room->append.result != CHAT__STORE_OK)
        bench_die("an append was refused");
    room->writers->busy--;
    room->head += room->append.count;
    room->append.create_epoch = NULL;
}

/* ---- rooms and users */

static void entered(struct chat__completion *completion)
{
    settle((struct room *)completion);
}

/* Makes the room; all users join. */
static void enter(struct room *room)
{
    uint64_t users = room->writers->bench->options.users;
    uint64_t ms = wall_ms();
    room->append.create_epoch = room->head == 0 ? EPOCH : NULL;
    room->append.completion.run = entered;
    begin_batch(room);
    for (uint64_t user = room->head + 1;
         user <= users && room->append.count < BENCH_BATCH_MAX; user++) {
        make_entry(room, CHAT__EVENT_JOIN, user, ms);
        struct chat__store_entry *entry =
            &room->entries[room->append.count - 1];
        entry->standings[0] = (struct chat__store_standing){
            user, user == 1 ? CHAT__ROLE_OWNER : CHAT__ROLE_MEMBER};
        entry->standing_count = 1;
    }
    ask(room);
}

static void room_init(struct room *room, struct bench_writers *writers,
                      uint64_t index)
{
    room->writers = writers;
    room->entries = calloc(BENCH_BATCH_MAX, sizeof *room->entries);
    room->keys = calloc(BENCH_BATCH_MAX, sizeof *room->keys);
    if (room->entries == NULL || room->keys == NULL)
        bench_die("memory is short");
    chat__buffer_init(&room->bytes, BENCH_BATCH_MAX * (BENCH_TEXT_MAX + 512));
    snprintf(room->name, sizeof room->name, "room-%d", (int)index);
    room->append.room = room->name;
    room->append.entries = room->entries;
}

struct sign_in {
    struct chat__store_sign_in request; /* first: the completion is in it */
    bool done;
};

static void signed_in(struct chat__completion *completion)
{
    ((struct sign_in *)completion)->done = true;
}

static void add_user(struct bench *bench, uint64_t user)
{
    char name[24];
    snprintf(name, sizeof name, "user-%d", (int)user);
    struct sign_in sign_in = {
        .request =
            {
                .completion = {.run = signed_in},
                .credential = CHAT__STORE_GUEST,
                .display_name = name,
                .skeleton = name,
                .key = name,
                .now_ms = (int64_t)wall_ms(),
                .expires_ms = (int64_t)wall_ms() + 86400000,
            },
    };
    memcpy(sign_in.request.token_hash, &user, sizeof user);
    bench->store->operations->sign_in(bench->store, &sign_in.request);
    while (!sign_in.done)
        bench_step(bench);
    if (sign_in.request.result != CHAT__STORE_OK ||
        sign_in.request.user != user)
        bench_die("a user could not be made");
    chat__store_sign_in_release(&sign_in.request);
}

struct bench_writers *bench_writers_new(struct bench *bench)
{
    struct bench_writers *writers = calloc(1, sizeof *writers);
    if (writers == NULL)
        bench_die("memory is short");
    writers->bench = bench;
    writers->rooms = calloc(bench->options.rooms, sizeof *writers->rooms);
    if (writers->rooms == NULL)
        bench_die("memory is short");
    for (uint64_t user = 1; user <= bench->options.users; user++)
        add_user(bench, user);
    for (uint64_t i = 0; i < bench->options.rooms; i++) {
        struct room *room = &writers->rooms[i];
        room_init(room, writers, i);
        do {
            enter(room);
            while (writers->busy > 0)
                bench_step(bench);
        } while (room->head < bench->options.users);
    }
    return writers;
}

void bench_writers_free(struct bench_writers *writers)
{
    for (uint64_t i = 0; i < writers->bench->options.rooms; i++) {
        free(writers->rooms[i].entries);
        free(writers->rooms[i].keys);
        chat__buffer_release(&writers->rooms[i].bytes);
    }
    free(writers->rooms);
    bench_samples_release(&writers->samples);
    free(writers);
}

const char *bench_room(const struct bench_writers *writers, uint64_t room)
{
    return writers->rooms[room].name;
}

uint64_t bench_head(const struct bench_writers *writers, uint64_t room)
{
    return writers->rooms[room].head;
}

size_t bench_entry_bytes(struct bench_writers *writers, char *bytes,
                         size_t size)
{
    struct room *room = &writers->rooms[0];
    begin_batch(room);
    make_entry(room, CHAT__EVENT_MESSAGE, 1, wall_ms());
    if (room->bytes.failed || room->bytes.length > size)
        bench_die("an entry does not fit");
    memcpy(bytes, room->bytes.data, room->bytes.length);
    return room->bytes.length;
}

/* ---- writing */

static void append_next(struct room *room)
{
    struct bench_writers *writers = room->writers;
    uint64_t users = writers->bench->options.users;
    uint64_t ms = wall_ms();
    if (writers->entries_asked >= writers->entries_max ||
        bench_now_ns() >= writers->deadline_ns)
        return;
    begin_batch(room);
    for (uint64_t i = 0; i < writers->batch; i++)
        make_entry(room, CHAT__EVENT_MESSAGE, (room->head + i) % users + 1, ms);
    writers->entries_asked += writers->batch;
    ask(room);
}

static void appended(struct chat__completion *completion)
{
    struct room *room = (struct room *)completion;
    struct bench_writers *writers = room->writers;
    bench_samples_add(&writers->samples, bench_now_ns() - room->asked_ns);
    writers->entries += room->append.count;
    settle(room);
    append_next(room);
}

void bench_writers_start(struct bench_writers *writers, uint64_t batch,
                         uint64_t entries, uint64_t deadline_ns)
{
    writers->batch = batch;
    writers->entries_max = entries;
    writers->entries_asked = 0;
    writers->deadline_ns = deadline_ns;
    writers->entries = 0;
    bench_samples_clear(&writers->samples);
    writers->cpu = bench_cpu_now();
    writers->statistics = chat__sqlite_statistics(writers->bench->store);
    for (uint64_t i = 0; i < writers->bench->options.rooms; i++) {
        writers->rooms[i].append.completion.run = appended;
        append_next(&writers->rooms[i]);
    }
}

bool bench_writers_busy(const struct bench_writers *writers)
{
    return writers->busy > 0;
}

uint64_t bench_writers_entries(const struct bench_writers *writers)
{
    return writers->entries;
}

void bench_writers_report(struct bench_writers *writers, double seconds)
{
    const struct chat__sqlite_statistics now =
        chat__sqlite_statistics(writers->bench->store);
    double commits = (double)(now.commits - writers->statistics.commits);
    bench_report_number("entries_s", (double)writers->entries / seconds);
    bench_report_number("commits_s", commits / seconds);
    bench_report_number("entries_commit", (double)writers->entries / commits);
    bench_report_latency(&writers->samples);
    bench_report_cpu(&writers->cpu, writers->entries);
}
