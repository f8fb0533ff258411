#include "tests/store/harness.h"

#include "tests/store/tables.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* ---- the folder and the store */

static void wake(void *context)
{
    struct harness *harness = context;
    assert_int_equal(eventfd_write(harness->wake, 1), 0);
}

static void note_report(void *context, const char *message)
{
    struct harness *harness = context;
    pthread_mutex_lock(&harness->reports_mutex);
    size_t length = strlen(harness->reports);
    snprintf(harness->reports + length, sizeof harness->reports - length,
             "%s\n", message);
    pthread_mutex_unlock(&harness->reports_mutex);
    wake(harness);
}

bool harness_reported(struct harness *harness, const char *text)
{
    pthread_mutex_lock(&harness->reports_mutex);
    bool reported = strstr(harness->reports, text) != NULL;
    pthread_mutex_unlock(&harness->reports_mutex);
    return reported;
}

bool harness_open(struct harness *harness)
{
    if (harness->tables != NULL)
        return (harness->store = tables_open(harness->tables, harness->sink)) !=
               NULL;
    const struct chat__sqlite_options options = {
        .path = harness->path,
        .sink = harness->sink,
        .report = note_report,
        .report_context = harness,
    };
    harness->message[0] = '\0';
    harness->store =
        chat__sqlite_open(&options, harness->message, sizeof harness->message);
    return harness->store != NULL;
}

void harness_close(struct harness *harness)
{
    if (harness->fake != NULL) {
        fake_store_free(harness->fake);
        harness->fake = NULL;
        harness->store = NULL;
        return;
    }
    if (harness->store != NULL)
        harness->store->operations->close(harness->store);
    harness->store = NULL;
    chat__completion_queue_run(&harness->queue);
}

void harness_name(struct harness *harness, const char *name)
{
    snprintf(harness->path, sizeof harness->path, "%s/%s", harness->folder,
             name);
}

static struct harness *new_harness(void)
{
    struct harness *harness = calloc(1, sizeof *harness);
    assert_non_null(harness);
    harness->wake = eventfd(0, EFD_CLOEXEC);
    assert_true(harness->wake >= 0);
    assert_true(chat__completion_queue_init(&harness->queue, wake, harness));
    harness->sink = chat__completion_queue_sink(&harness->queue);
    pthread_mutex_init(&harness->reports_mutex, NULL);
    return harness;
}

int harness_setup_fake(void **state)
{
    struct harness *harness = new_harness();
    harness->fake = fake_store_new();
    harness->store = fake_store_interface(harness->fake);
    *state = harness;
    return 0;
}

int harness_setup_tables(void **state)
{
    struct harness *harness = new_harness();
    harness->tables = tables_new();
    assert_true(harness_open(harness));
    *state = harness;
    return 0;
}

int harness_setup(void **state)
{
    struct harness *harness = new_harness();
    snprintf(harness->folder, sizeof harness->folder, "/tmp/chat-store-XXXXXX");
    assert_non_null(mkdtemp(harness->folder));
    harness_name(harness, "chat.db");
    assert_true(harness_open(harness));
    *state = harness;
    return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type,
                        struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

int harness_teardown(void **state)
{
    struct harness *harness = *state;
    harness_close(harness);
    chat__completion_queue_release(&harness->queue);
    close(harness->wake);
    pthread_mutex_destroy(&harness->reports_mutex);
    tables_free(harness->tables);
    if (harness->folder[0] != '\0')
        nftw(harness->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(harness);
    return 0;
}

void harness_step(struct harness *harness)
{
    eventfd_t count = 0;
    if (harness->fake != NULL) {
        fake_store_complete(harness->fake, 0);
        return;
    }
    if (harness->tables != NULL && tables_step(harness->tables)) {
        chat__completion_queue_run(&harness->queue);
        return;
    }
    assert_int_equal(eventfd_read(harness->wake, &count), 0);
    chat__completion_queue_run(&harness->queue);
}

void harness_wait(struct harness *harness, const bool *done)
{
    while (!*done)
        harness_step(harness);
}

void harness_wait_report(struct harness *harness, const char *text)
{
    while (!harness_reported(harness, text))
        harness_step(harness);
}

sqlite3 *harness_hold_writer(struct harness *harness)
{
    sqlite3 *holder = NULL;
    assert_int_equal(sqlite3_open(harness->path, &holder), SQLITE_OK);
    assert_int_equal(sqlite3_exec(holder, "BEGIN IMMEDIATE", NULL, NULL, NULL),
                     SQLITE_OK);
    return holder;
}

void harness_let_go(sqlite3 *holder)
{
    assert_int_equal(sqlite3_exec(holder, "ROLLBACK", NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(holder);
}

/* ---- appends */

static void append_done(struct chat__completion *completion)
{
    struct asked_append *batch = (struct asked_append *)completion;
    batch->done = true;
}

void batch_key(struct asked_append *batch, size_t index, const char *key)
{
    snprintf(batch->keys[index], sizeof batch->keys[index], "%s", key);
}

void batch_fill(struct asked_append *batch, const char *room, uint64_t head,
                size_t count, uint64_t user)
{
    assert_true(count <= ENTRY_MAX);
    memset(batch, 0, sizeof *batch);
    batch->request.completion.run = append_done;
    batch->request.room = room;
    batch->request.entries = batch->entries;
    batch->request.count = count;
    for (size_t i = 0; i < count; i++) {
        unsigned long long seq = head + 1 + i;
        snprintf(batch->keys[i], sizeof batch->keys[i], "k%llu", seq);
        int length = snprintf(batch->bytes[i], sizeof batch->bytes[i],
                              "{\"room\":\"%s\",\"seq\":%llu}", room, seq);
        batch->entries[i] = (struct chat__store_entry){
            .seq = seq,
            .n = seq,
            .ts = NOW_MS + (int64_t)seq,
            .user = user,
            .key = batch->keys[i],
            .bytes = batch->bytes[i],
            .length = (size_t)length,
            .message = true,
        };
        memset(batch->entries[i].digest, (int)seq,
               sizeof batch->entries[i].digest);
    }
}

void batch_start(struct harness *harness, struct asked_append *batch)
{
    batch->done = false;
    harness->store->operations->append(harness->store, &batch->request);
}

enum chat__store_result batch_append(struct harness *harness,
                                     struct asked_append *batch)
{
    batch_start(harness, batch);
    harness_wait(harness, &batch->done);
    return batch->request.result;
}

void batch_standing(struct asked_append *batch, size_t index, uint64_t user,
                    enum chat__role role)
{
    struct chat__store_entry *entry = &batch->entries[index];
    assert_true(entry->standing_count < CHAT__STORE_STANDINGS_MAX);
    entry->standings[entry->standing_count++] =
        (struct chat__store_standing){user, role};
}

void make_room(struct harness *harness, const char *room, uint64_t owner)
{
    struct asked_append batch;
    batch_fill(&batch, room, 0, 1, owner);
    batch.request.create_epoch = EPOCH;
    batch_standing(&batch, 0, owner, CHAT__ROLE_OWNER);
    assert_int_equal(batch_append(harness, &batch), CHAT__STORE_OK);
    chat__store_append_release(&batch.request);
}

void append_messages(struct harness *harness, const char *room, uint64_t head,
                     size_t count)
{
    struct asked_append batch;
    batch_fill(&batch, room, head, count, 1);
    assert_int_equal(batch_append(harness, &batch), CHAT__STORE_OK);
    chat__store_append_release(&batch.request);
}

void append_standing(struct harness *harness, const char *room, uint64_t head,
                     uint64_t by, uint64_t user, enum chat__role role)
{
    struct asked_append batch;
    batch_fill(&batch, room, head, 1, by);
    batch_standing(&batch, 0, user, role);
    assert_int_equal(batch_append(harness, &batch), CHAT__STORE_OK);
    chat__store_append_release(&batch.request);
}

/* ---- the other requests: one at a time, so one flag serves them all */

static bool answered;

static void request_done(struct chat__completion *completion)
{
    (void)completion;
    answered = true;
}

#define ASK(harness_, operation_, request_)                                    \
    do {                                                                       \
        answered = false;                                                      \
        (request_)->completion.run = request_done;                             \
        (harness_)->store->operations->operation_((harness_)->store,           \
                                                  (request_));                 \
        harness_wait((harness_), &answered);                                   \
        return (request_)->result;                                             \
    } while (0)

enum chat__store_result ask_find_key(struct harness *harness,
                                     struct chat__store_find_key *request)
{
    ASK(harness, find_key, request);
}

enum chat__store_result ask_open_room(struct harness *harness,
                                      struct chat__store_open_room *request)
{
    ASK(harness, open_room, request);
}

enum chat__store_result ask_read_log(struct harness *harness,
                                     struct chat__store_read_log *request)
{
    ASK(harness, read_log, request);
}

enum chat__store_result ask_sign_in(struct harness *harness,
                                    struct chat__store_sign_in *request)
{
    ASK(harness, sign_in, request);
}

enum chat__store_result
ask_find_message(struct harness *harness,
                 struct chat__store_find_message *request)
{
    ASK(harness, find_message, request);
}

enum chat__store_result
ask_find_account(struct harness *harness,
                 struct chat__store_find_account *request)
{
    ASK(harness, find_account, request);
}

enum chat__store_result ask_find_user(struct harness *harness,
                                      struct chat__store_find_user *request)
{
    ASK(harness, find_user, request);
}

enum chat__store_result ask_end_tokens(struct harness *harness,
                                       struct chat__store_end_tokens *request)
{
    ASK(harness, end_tokens, request);
}

enum chat__store_result
ask_keep_session(struct harness *harness,
                 struct chat__store_keep_session *request)
{
    ASK(harness, keep_session, request);
}

enum chat__store_result ask_idle_guests(struct harness *harness,
                                        struct chat__store_idle_guests *request)
{
    ASK(harness, idle_guests, request);
}

enum chat__store_result
ask_list_members(struct harness *harness,
                 struct chat__store_list_members *request)
{
    ASK(harness, list_members, request);
}

enum chat__store_result ask_mark_read(struct harness *harness,
                                      struct chat__store_mark_read *request)
{
    ASK(harness, mark_read, request);
}

enum chat__store_result ask_list_users(struct harness *harness,
                                       struct chat__store_list_users *request)
{
    ASK(harness, list_users, request);
}

enum chat__store_result ask_set_banned(struct harness *harness,
                                       struct chat__store_set_banned *request)
{
    ASK(harness, set_banned, request);
}

enum chat__store_result ask_list_rooms(struct harness *harness,
                                       struct chat__store_list_rooms *request)
{
    ASK(harness, list_rooms, request);
}

enum chat__store_result ask_heads(struct harness *harness,
                                  struct chat__store_heads *request)
{
    ASK(harness, heads, request);
}

uint64_t head_of(struct harness *harness, const char *room)
{
    struct chat__store_open_room request = {.room = room};
    enum chat__store_result result = ask_open_room(harness, &request);
    uint64_t head = result == CHAT__STORE_OK ? request.head : 0;
    chat__store_open_room_release(&request);
    return head;
}

struct chat__store_sign_in sign_in_by(unsigned char token, int64_t now_ms)
{
    struct chat__store_sign_in request = {
        .credential = CHAT__STORE_TOKEN,
        .now_ms = now_ms,
        .expires_ms = now_ms + 30 * DAY_MS,
    };
    memset(request.token_hash, token, sizeof request.token_hash);
    return request;
}

void sign_in_as(struct chat__store_sign_in *request, const char *name,
                const char *key)
{
    request->credential = CHAT__STORE_GUEST;
    request->display_name = name;
    request->skeleton = name;
    request->key = key;
}

uint64_t sign_in_guest(struct harness *harness, const char *key,
                       unsigned char token)
{
    struct chat__store_sign_in request = sign_in_by(token, NOW_MS);
    sign_in_as(&request, "Ann", key);
    assert_int_equal(ask_sign_in(harness, &request), CHAT__STORE_OK);
    uint64_t user = request.user;
    chat__store_sign_in_release(&request);
    return user;
}
