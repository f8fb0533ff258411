#include "sdk/event_queue.h"
#include "tests/sdk/session_harness.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct chat__event_queue queue;

static int begin(void **state)
{
    (void)state;
    return chat__event_queue_init(&queue) ? 0 : -1;
}

static int finish(void **state)
{
    (void)state;
    chat__event_queue_release(&queue);
    return 0;
}

static bool readable(void)
{
    struct pollfd poller = {.fd = queue.fd, .events = POLLIN};

    return poll(&poller, 1, 0) == 1;
}

static bool push_entry(uint64_t seq)
{
    chat_event event = {.type = CHAT_EVENT_ENTRY, .room = "lobby"};

    event.u.entry.seq = seq;
    event.u.entry.json = "{}";
    event.u.entry.json_length = 2;
    return chat__event_queue_push(&queue, &event);
}

static uint64_t pop_seq(void)
{
    bool drained;
    struct chat__queued_event *event = chat__event_queue_pop(&queue, &drained);
    uint64_t seq = event != NULL ? event->event.u.entry.seq : 0;

    free(event);
    return seq;
}

static void test_readable_exactly_while_events_wait(void **state)
{
    (void)state;
    assert_false(readable());
    assert_int_equal(pop_seq(), 0);
    push_entry(1);
    assert_true(readable());
    push_entry(2);
    assert_int_equal(pop_seq(), 1);
    assert_true(readable());
    assert_int_equal(pop_seq(), 2);
    assert_false(readable());
    push_entry(3);
    assert_true(readable());
}

static void test_copies_everything_an_event_points_to(void **state)
{
    char room[] = "lobby";
    char text[] = "text";
    char json[] = "{\"a\":1}trailing";
    chat_entry entries[2] = {
        {.seq = 1,
         .user_id = room,
         .user_name = text,
         .key = room,
         .json = json,
         .json_length = 7},
        {.seq = 2,
         .user_id = "",
         .user_name = "",
         .key = "",
         .text = text,
         .json = json,
         .json_length = 0},
    };
    chat_event event = {.type = CHAT_EVENT_HISTORY, .room = room};
    struct chat__queued_event *copy;
    const chat_entry *const pointers[] = {&entries[0], &entries[1]};
    const chat_entry *const *copied;
    bool drained;

    (void)state;
    event.u.history.entries = pointers;
    event.u.history.count = 2;
    assert_true(chat__event_queue_push(&queue, &event));
    memset(room, 'x', sizeof(room) - 1);
    memset(text, 'x', sizeof(text) - 1);
    memset(json, 'x', sizeof(json) - 1);
    memset(entries, 0, sizeof(entries));
    copy = chat__event_queue_pop(&queue, &drained);
    assert_string_equal(copy->event.room, "lobby");
    copied = copy->event.u.history.entries;
    assert_int_equal(copied[1]->seq, 2);
    assert_string_equal(copied[0]->user_name, "text");
    assert_string_equal(copied[0]->json, "{\"a\":1}");
    assert_null(copied[0]->text);
    assert_string_equal(copied[1]->text, "text");
    assert_string_equal(copied[1]->json, "");
    free(copy);
}

/* Copies an event, and then overwrites the word that it is made of. */
static struct chat__queued_event *copy_and_overwrite(const chat_event *event,
                                                     char word[5])
{
    bool drained;

    assert_true(chat__event_queue_push(&queue, event));
    memset(word, 'x', 4);
    return chat__event_queue_pop(&queue, &drained);
}

static void test_copies_what_changed_a_page(void **state)
{
    char word[] = "word";
    const char *const users[] = {word, word};
    const chat_reaction reaction = {.emoji = word, .users = users, .count = 2};
    const chat_reaction *const reactions[] = {&reaction};
    const chat_change changes[] = {
        {.ref = 1, .text = word},
        {.ref = 2, .reactions = reactions, .reaction_count = 1}};
    const chat_change *const pointers[] = {&changes[0], &changes[1]};
    chat_event event = {.type = CHAT_EVENT_HISTORY, .room = word};
    const chat_change *const *copied;
    struct chat__queued_event *copy;

    (void)state;
    event.u.history.changes = pointers;
    event.u.history.change_count = 2;
    copy = copy_and_overwrite(&event, word);
    copied = copy->event.u.history.changes;
    assert_int_equal(copy->event.u.history.change_count, 2);
    assert_string_equal(copied[0]->text, "word");
    assert_int_equal(copied[0]->reaction_count, 0);
    assert_null(copied[1]->text);
    assert_string_equal(copied[1]->reactions[0]->emoji, "word");
    assert_int_equal(copied[1]->reactions[0]->count, 2);
    assert_string_equal(copied[1]->reactions[0]->users[1], "word");
    free(copy);
}

static void test_copies_who_an_entry_is_about(void **state)
{
    char word[] = "word";
    const char *const mentions[] = {word};
    chat_event event = {.type = CHAT_EVENT_ENTRY, .room = word};
    struct chat__queued_event *copy;
    const chat_entry *copied;

    (void)state;
    event.u.entry = (chat_entry){
        .user_id = word,
        .user_name = word,
        .key = word,
        .json = word,
        .json_length = 4,
        .mentions = mentions,
        .mention_count = 1,
        .emoji = word,
        .with = {word, word},
        .user = {word, word},
        .reason = word,
        .topic = word,
    };
    copy = copy_and_overwrite(&event, word);
    copied = &copy->event.u.entry;
    assert_string_equal(copied->mentions[0], "word");
    assert_string_equal(copied->emoji, "word");
    assert_string_equal(copied->with.id, "word");
    assert_string_equal(copied->with.name, "word");
    assert_string_equal(copied->user.id, "word");
    assert_string_equal(copied->user.name, "word");
    assert_string_equal(copied->reason, "word");
    assert_string_equal(copied->topic, "word");
    free(copy);
}

static void test_copies_lists_of_users(void **state)
{
    char word[] = "word";
    char other[] = "word";
    const chat_member member = {.user_id = word, .user_name = word};
    const chat_member *const members[] = {&member};
    const chat_user_presence user = {.user_id = other};
    const chat_user_presence *const users[] = {&user};
    chat_event event = {.type = CHAT_EVENT_MEMBERS, .room = word};
    struct chat__queued_event *copy;

    (void)state;
    event.u.members = (chat_members_event){.members = members, .count = 1};
    copy = copy_and_overwrite(&event, word);
    assert_string_equal(copy->event.u.members.members[0]->user_id, "word");
    assert_string_equal(copy->event.u.members.members[0]->user_name, "word");
    free(copy);
    event = (chat_event){.type = CHAT_EVENT_PRESENCE, .room = other};
    event.u.presence = (chat_presence_event){.users = users, .count = 1};
    copy = copy_and_overwrite(&event, other);
    assert_string_equal(copy->event.u.presence.users[0]->user_id, "word");
    free(copy);
}

static void test_copies_who_has_changed_a_room(void **state)
{
    char word[] = "word";
    chat_event event = {.type = CHAT_EVENT_ROOM, .room = word};
    struct chat__queued_event *copy;

    (void)state;
    event.u.room.by = (chat_person){word, word};
    copy = copy_and_overwrite(&event, word);
    assert_string_equal(copy->event.u.room.by.id, "word");
    assert_string_equal(copy->event.u.room.by.name, "word");
    free(copy);
}

static void test_full_from_the_high_mark_to_the_low_one(void **state)
{
    bool drained = false;

    (void)state;
    for (uint64_t seq = 1; seq < CHAT__QUEUE_EVENTS_HIGH; seq++)
        push_entry(seq);
    assert_false(chat__event_queue_full(&queue));
    push_entry(CHAT__QUEUE_EVENTS_HIGH);
    assert_true(chat__event_queue_full(&queue));
    while (!drained) {
        assert_true(chat__event_queue_full(&queue));
        free(chat__event_queue_pop(&queue, &drained));
    }
    assert_false(chat__event_queue_full(&queue));
    assert_int_equal(chat__event_queue_count(&queue),
                     CHAT__QUEUE_EVENTS_HIGH / 2 - 1);
}

static void test_full_by_bytes(void **state)
{
    static char text[64 * 1024];
    chat_event event = {.type = CHAT_EVENT_SENT};
    size_t count = 0;

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    event.u.sent.key = text;
    while (!chat__event_queue_full(&queue)) {
        assert_true(chat__event_queue_push(&queue, &event));
        count++;
    }
    assert_int_equal(count, CHAT__QUEUE_BYTES_HIGH / sizeof(text));
}

#define MANY 20000

static void *push_many(void *argument)
{
    (void)argument;
    for (uint64_t seq = 1; seq <= MANY; seq++) {
        if (!push_entry(seq))
            return NULL;
    }
    return &queue;
}

static void test_two_threads_lose_nothing_and_keep_order(void **state)
{
    struct pollfd poller = {.fd = queue.fd, .events = POLLIN};
    pthread_t thread;
    void *result;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, push_many, NULL), 0);
    for (uint64_t seq = 1; seq <= MANY; seq++) {
        assert_int_equal(poll(&poller, 1, 20000), 1);
        assert_int_equal(pop_seq(), seq);
    }
    pthread_join(thread, &result);
    assert_non_null(result);
    assert_false(readable());
}

#define QUEUE_TEST(function)                                                   \
    cmocka_unit_test_setup_teardown(function, begin, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        QUEUE_TEST(test_readable_exactly_while_events_wait),
        QUEUE_TEST(test_copies_everything_an_event_points_to),
        QUEUE_TEST(test_copies_what_changed_a_page),
        QUEUE_TEST(test_copies_who_an_entry_is_about),
        QUEUE_TEST(test_copies_lists_of_users),
        QUEUE_TEST(test_copies_who_has_changed_a_room),
        QUEUE_TEST(test_full_from_the_high_mark_to_the_low_one),
        QUEUE_TEST(test_full_by_bytes),
        QUEUE_TEST(test_two_threads_lose_nothing_and_keep_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
