/*
 * The largest there can be of everything fits: one message at every limit,
 * with all its reactions, in the largest join.
 */
#include "protocol/limits.h"
#include "protocol/text.h"
#include "tests/protocol/reply_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DUCK  "\xf0\x9f\xa6\x86"
#define GRAVE "\xcc\x80"

/* Names of 32 characters may have 128 bytes, and each may be a quote. */
static const char largest_name[] =
    "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"" GRAVE
        GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE
            GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE
                GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE
                    GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE
                        GRAVE GRAVE;

static char word[CHAT__KEY_BYTES_MAX + 1];

/* As many bytes on the wire as a text can take. */
static const char *largest_text(void)
{
    static char text[CHAT__TEXT_CHARACTERS_MAX + 1];
    size_t controls = CHAT__TEXT_JSON_BYTES_MAX / 6;

    memset(text, '\x1b', controls);
    memset(text + controls, 'x', CHAT__TEXT_JSON_BYTES_MAX % 6);
    assert_null(chat__text_check_message(text));
    text[strlen(text)] = 'x';
    assert_non_null(chat__text_check_message(text));
    text[strlen(text) - 1] = '\0';
    return text;
}

static void fill_message(struct chat__event *event)
{
    memset(word, 'k', sizeof(word) - 1);
    *event = (struct chat__event){
        .kind = CHAT__EVENT_MESSAGE,
        .room = word,
        .seq = CHAT__INTEGER_MAX,
        .n = CHAT__INTEGER_MAX,
        .ts = (int64_t)CHAT__INTEGER_MAX,
        .from = {.id = UINT64_MAX, .name = largest_name},
        .key = word,
        .text = largest_text(),
        .reply_to = CHAT__INTEGER_MAX,
        .mention_count = CHAT__MENTIONS_MAX,
    };
    for (size_t i = 0; i < CHAT__MENTIONS_MAX; i++)
        event->mentions[i] = UINT64_MAX - i;
}

/* 50 kinds of emoji of 32 bytes, each from 10 users. */
static void fill_change(struct chat__change *change)
{
    static struct chat__reaction reactions[CHAT__REACTION_KINDS_MAX];
    static uint64_t users[CHAT__REACTIONS_MAX / CHAT__REACTION_KINDS_MAX];
    static char emoji[] = DUCK GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE
        GRAVE GRAVE GRAVE GRAVE GRAVE GRAVE;

    assert_null(chat__text_check_emoji(emoji));
    assert_int_equal(strlen(emoji), CHAT__EMOJI_BYTES_MAX);
    for (size_t i = 0; i < sizeof(users) / sizeof(*users); i++)
        users[i] = UINT64_MAX - i;
    for (size_t i = 0; i < CHAT__REACTION_KINDS_MAX; i++)
        reactions[i] = (struct chat__reaction){.emoji = emoji,
                                               .users = users,
                                               .user_count = sizeof(users) /
                                                             sizeof(*users)};
    *change = (struct chat__change){
        .ref = CHAT__INTEGER_MAX,
        .upto = CHAT__INTEGER_MAX,
        .edit = CHAT__INTEGER_MAX,
        .text = largest_text(),
        .reactions = reactions,
        .reaction_count = CHAT__REACTION_KINDS_MAX,
    };
}

struct largest {
    struct chat__buffer entry;
    struct chat__entry_bytes entries[2];
    struct chat__change change;
    struct chat__reply reply;
};

static void begin(struct largest *largest, bool without_reactions)
{
    static char topic[CHAT__TOPIC_BYTES_MAX + 1];
    struct chat__event event;

    for (size_t i = 0; i < CHAT__TOPIC_BYTES_MAX; i += strlen(DUCK))
        memcpy(topic + i, DUCK, strlen(DUCK));
    assert_null(chat__text_check_topic(topic));
    fill_message(&event);
    chat__buffer_init(&largest->entry, CHAT__OBJECT_BYTES_MAX);
    chat__event_encode(&event, &largest->entry);
    assert_false(largest->entry.failed);
    largest->entries[1] = (struct chat__entry_bytes){
        .data = largest->entry.data,
        .length = largest->entry.length,
        .seq = event.seq,
    };
    fill_change(&largest->change);
    if (without_reactions)
        largest->change.reaction_count = 0;
    largest->reply = (struct chat__reply){
        .id = UINT32_MAX, .ok = true, .action = CHAT__ACTION_JOIN};
    largest->reply.body.join = (struct chat__join_ok){
        .room = word,
        .epoch = "01234567890123456789012345678901",
        .topic = topic,
        .members = CHAT__INTEGER_MAX,
        .role = CHAT__ROLE_MODERATOR,
        .page = {.entries = &largest->entries[1],
                 .entry_count = 1,
                 .changes = &largest->change,
                 .change_count = 1,
                 .first = CHAT__INTEGER_MAX,
                 .head = CHAT__INTEGER_MAX,
                 .more = true},
    };
}

static void end(struct largest *largest)
{
    chat__buffer_release(&largest->entry);
}

static void without_reactions_it_has_both_texts(void **state)
{
    struct reply_fixture *fixture = *state;
    const struct chat__page *page = &fixture->parsed.body.join.page;
    struct largest largest;

    begin(&largest, true);
    assert_int_equal(reply_round_trip(fixture, &largest.reply, true), 1);
    assert_int_equal(page->change_count, 1);
    assert_string_equal(page->changes[0].text, largest.change.text);
    end(&largest);
}

static void with_all_reactions_the_text_of_the_edit_is_left_out(void **state)
{
    struct reply_fixture *fixture = *state;
    const struct chat__page *page = &fixture->parsed.body.join.page;
    const struct chat__change *change;
    struct largest largest;

    begin(&largest, false);
    assert_int_equal(reply_round_trip(fixture, &largest.reply, true), 1);
    assert_int_equal(page->change_count, 1);
    change = &page->changes[0];
    assert_null(change->text);
    assert_int_equal(change->edit, CHAT__INTEGER_MAX);
    assert_int_equal(change->reaction_count, CHAT__REACTION_KINDS_MAX);
    assert_int_equal(change->reactions[49].user_count, 10);
    end(&largest);
}

/* With a small entry before it: the page ends there, and loses no text. */
static void no_text_is_left_out_behind_another_entry(void **state)
{
    static const char small[] = "{\"event\":\"x\",\"seq\":9007199254740990}";
    struct reply_fixture *fixture = *state;
    struct largest largest;
    struct chat__page *page = &largest.reply.body.join.page;

    begin(&largest, false);
    largest.entries[0] = (struct chat__entry_bytes){
        .data = small,
        .length = strlen(small),
        .seq = CHAT__INTEGER_MAX - 1,
    };
    page->entries = largest.entries;
    page->entry_count = 2;
    assert_int_equal(reply_round_trip(fixture, &largest.reply, false), 1);
    assert_int_equal(fixture->parsed.body.join.page.change_count, 0);
    assert_int_equal(reply_round_trip(fixture, &largest.reply, true), 1);
    assert_int_equal(fixture->parsed.body.join.page.change_count, 1);
    assert_null(fixture->parsed.body.join.page.changes[0].text);
    end(&largest);
}

static void the_event_of_a_whole_room_fits(void **state)
{
    struct reply_fixture *fixture = *state;
    struct chat__user_presence users[CHAT__PRESENCE_ROOM_MAX];
    struct chat__event event = {
        .kind = CHAT__EVENT_PRESENCE,
        .room = "lobby",
        .presences = users,
        .presence_count = CHAT__PRESENCE_ROOM_MAX,
    };

    for (size_t i = 0; i < CHAT__PRESENCE_ROOM_MAX; i++)
        users[i] = (struct chat__user_presence){.id = UINT64_MAX - i};
    chat__event_encode(&event, &fixture->buffer);
    assert_in_range(fixture->buffer.length, 1, CHAT__OBJECT_BYTES_MAX);
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, reply_set_up, reply_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_reactions_it_has_both_texts),
        TEST(with_all_reactions_the_text_of_the_edit_is_left_out),
        TEST(no_text_is_left_out_behind_another_entry),
        TEST(the_event_of_a_whole_room_fits),
    };

    return cmocka_run_group_tests_name("largest", tests, NULL, NULL);
}
