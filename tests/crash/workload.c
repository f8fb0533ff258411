#include "tests/crash/workload.h"

#include "protocol/event.h"
#include "server/verify/verify.h"
#include "tests/crash/medium.h"

#include <inttypes.h>
#include <string.h>

const char *const workload_rooms[WORKLOAD_ROOMS] = {"a", "b", "c"};

/* ---- batches ---- */

static void encode(struct workload_writer *writer, size_t index,
                   size_t text_length)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    struct chat__store_entry *entry = &writer->batch.entries[index];
    char text[WORKLOAD_EVENT_BYTES / 2];
    struct chat__buffer buffer;
    struct chat__event event = {
        .kind = entry->seq == 1 ? CHAT__EVENT_JOIN : CHAT__EVENT_MESSAGE,
        .room = workload_rooms[writer->room],
        .seq = entry->seq,
        .n = entry->n,
        .ts = entry->ts,
        .from = {.id = entry->user, .name = "Ann"},
        .key = entry->key,
        .text = text,
    };

    for (size_t i = 0; i < text_length; i++)
        text[i] = letters[(entry->seq + i) % 26];
    text[text_length] = '\0';
    chat__buffer_init(&buffer, WORKLOAD_EVENT_BYTES);
    chat__event_encode(&event, &buffer);
    assert_false(buffer.failed);
    memcpy(writer->events[index], buffer.data, buffer.length);
    entry->bytes = writer->events[index];
    entry->length = buffer.length;
    chat__buffer_release(&buffer);
}

/* The room's first entry is its owner's join, all others are messages. */
static void compose(struct workload_writer *writer, uint64_t *random)
{
    struct asked_append *batch = &writer->batch;
    size_t count = 1 + tape_random(random) % WORKLOAD_BATCH_MAX;

    batch_fill(batch, workload_rooms[writer->room], writer->head,
               writer->head == 0 ? 1 : count, writer->user);
    if (writer->head == 0) {
        batch->request.create_epoch = EPOCH;
        batch->entries[0].standings[0] =
            (struct chat__store_standing){writer->user, CHAT__ROLE_OWNER};
        batch->entries[0].standing_count = 1;
    }
    for (size_t i = 0; i < batch->request.count; i++) {
        batch->entries[i].n = batch->entries[i].seq - 1;
        batch->entries[i].message = batch->entries[i].seq > 1;
        encode(writer, i,
               1 + tape_random(random) % (WORKLOAD_EVENT_BYTES / 2 - 1));
    }
}

/* ---- answers ---- */

/* On the store's thread: nothing has been written since the answer. */
static void post(void *context, struct chat__completion *completion)
{
    struct workload *workload = context;

    for (size_t i = 0; i < WORKLOAD_ROOMS; i++)
        if (completion == &workload->writers[i].batch.request.completion)
            workload->writers[i].position = medium_position();
    workload->sink.post(workload->sink.context, completion);
}

void workload_init(struct workload *workload, struct harness *harness,
                   uint64_t seed)
{
    *workload = (struct workload){
        .harness = harness, .sink = harness->sink, .random = seed};
    for (int i = 0; i < WORKLOAD_ROOMS; i++)
        workload->writers[i].room = i;
    harness->sink = (struct chat__completion_sink){post, workload};
}

void workload_release(struct workload *workload)
{
    workload->harness->sink = workload->sink;
}

static void note_ack(struct workload *workload, struct workload_writer *writer)
{
    assert_true(workload->ack_count < WORKLOAD_ACKS_MAX);
    writer->head += writer->batch.request.count;
    writer->left--;
    workload->acks[workload->ack_count++] =
        (struct workload_ack){writer->position, writer->head, writer->room};
}

/* Goes on with the next batch, or with the same after a refusal. */
static void take_answer(struct workload *workload,
                        struct workload_writer *writer)
{
    enum chat__store_result result = writer->batch.request.result;

    if (result == CHAT__STORE_OK) {
        note_ack(workload, writer);
        if (writer->left > 0)
            compose(writer, &workload->random);
    } else {
        assert_int_equal(result, CHAT__STORE_FAILED);
        workload->refused++;
    }
    if (workload->between != NULL)
        workload->between(workload);
    if (writer->left > 0)
        batch_start(workload->harness, &writer->batch);
}

static bool is_done(const struct workload *workload)
{
    for (size_t i = 0; i < WORKLOAD_ROOMS; i++)
        if (workload->writers[i].left > 0)
            return false;
    return true;
}

/* A sign-in may be refused as well, while the medium fails. */
static void find_users(struct workload *workload)
{
    for (unsigned char i = 0; i < WORKLOAD_ROOMS; i++) {
        struct chat__store_sign_in request = sign_in_by(i, NOW_MS);
        sign_in_as(&request, "Ann", workload_rooms[i]);
        while (workload->writers[i].user == 0) {
            if (ask_sign_in(workload->harness, &request) == CHAT__STORE_OK)
                workload->writers[i].user = request.user;
            else
                workload->refused++;
            chat__store_sign_in_release(&request);
            if (workload->between != NULL)
                workload->between(workload);
        }
    }
}

void workload_run(struct workload *workload, int batches)
{
    find_users(workload);
    for (size_t i = 0; i < WORKLOAD_ROOMS; i++) {
        workload->writers[i].left = batches;
        compose(&workload->writers[i], &workload->random);
        batch_start(workload->harness, &workload->writers[i].batch);
    }
    while (!is_done(workload)) {
        harness_step(workload->harness);
        for (size_t i = 0; i < WORKLOAD_ROOMS; i++)
            if (workload->writers[i].batch.done) {
                workload->writers[i].batch.done = false;
                take_answer(workload, &workload->writers[i]);
            }
    }
}

/* ---- afterwards ---- */

uint64_t workload_acked(const struct workload *workload, int room,
                        size_t position)
{
    uint64_t head = 0;

    for (size_t i = 0; i < workload->ack_count; i++) {
        const struct workload_ack *ack = &workload->acks[i];

        if (ack->room == room && ack->position <= position && ack->head > head)
            head = ack->head;
    }
    return head;
}

size_t workload_resume(const struct workload *workload, size_t position)
{
    static struct workload_writer writer;
    uint64_t random = position;
    size_t lost = 0;

    for (int i = 0; i < WORKLOAD_ROOMS; i++) {
        writer.room = i;
        writer.head = head_of(workload->harness, workload_rooms[i]);
        writer.user = sign_in_guest(workload->harness, workload_rooms[i],
                                    (unsigned char)i);
        lost += writer.head < workload_acked(workload, i, position);
        compose(&writer, &random);
        assert_int_equal(batch_append(workload->harness, &writer.batch),
                         CHAT__STORE_OK);
    }
    return lost;
}

static void keep_first(void *context, const struct chat__verify_finding *found)
{
    struct harness *harness = context;

    if (harness->message[0] == '\0')
        snprintf(harness->message, sizeof(harness->message),
                 "%s: %s seq %" PRIu64 ": %s", found->check,
                 found->room == NULL ? "" : found->room, found->seq,
                 found->text);
}

size_t workload_verify(struct harness *harness)
{
    const struct chat__verify_options options = {
        .path = harness->path, .report = keep_first, .context = harness};
    struct chat__verify_counts counts;
    char message[CHAT__VERIFY_TEXT_BYTES];

    harness->message[0] = '\0';
    if (chat__verify_file(&options, &counts, message, sizeof(message)) !=
        CHAT__VERIFY_UNREADABLE)
        return counts.findings;
    snprintf(harness->message, sizeof(harness->message), "%s", message);
    return 1;
}
