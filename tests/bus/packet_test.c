/* Packets of notices: what goes in comes out, and nothing else does. */
#include "server/bus/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CHANNEL "chat-bus"

static const unsigned char key[CHAT__SEAL_KEY_BYTES] =
    "the key of these tables";
static const unsigned char other_key[CHAT__SEAL_KEY_BYTES] = "another key";

static const struct chat__bus_notice notices[] = {
    {.kind = CHAT__BUS_ENTRIES,
     .room = "lobby",
     .epoch = "abc",
     .first = 7,
     .last = UINT64_MAX,
     .objects = "{\"seq\":7}\n",
     .length = 10},
    {.kind = CHAT__BUS_ENTRIES,
     .room = "r",
     .epoch = "e",
     .first = 1,
     .last = 1},
    {.kind = CHAT__BUS_USER, .user = 42},
    {.kind = CHAT__BUS_SESSIONS, .user = 44},
    {.kind = CHAT__BUS_GUESS, .user = UINT64_MAX},
    {.kind = CHAT__BUS_SPENDING, .user = UINT64_MAX, .state = 9, .last = 1000},
    {.kind = CHAT__BUS_PRESENCE, .user = 43, .state = 2},
    {.kind = CHAT__BUS_TYPING,
     .room = "lobby",
     .user = 44,
     .objects = "{}\n",
     .length = 3},
};

#define NOTICES (sizeof notices / sizeof *notices)

struct fixture {
    struct chat__sealer *sealer;
    struct chat__packet packet;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);

    assert_non_null(fixture);
    fixture->sealer = chat__sealer_new(key);
    assert_non_null(fixture->sealer);
    chat__packet_init(&fixture->packet);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    chat__packet_release(&fixture->packet);
    chat__sealer_free(fixture->sealer);
    free(fixture);
    return 0;
}

static void make(struct fixture *fixture)
{
    for (size_t i = 0; i < NOTICES; i++)
        assert_true(chat__packet_add(&fixture->packet, &notices[i]));
    assert_true(
        chat__packet_seal(&fixture->packet, fixture->sealer, CHANNEL, 99, 5));
}

static enum chat__packet_result open_bytes(struct fixture *fixture,
                                           struct chat__packet_reader *reader,
                                           const char *bytes, size_t length)
{
    return chat__packet_open(reader, bytes, length, fixture->sealer, CHANNEL);
}

static void same_text(const char *got, const char *wanted)
{
    if (wanted == NULL)
        assert_null(got);
    else
        assert_string_equal(got, wanted);
}

static void same(const struct chat__bus_notice *got,
                 const struct chat__bus_notice *wanted)
{
    assert_int_equal(got->kind, wanted->kind);
    same_text(got->room, wanted->room);
    same_text(got->epoch, wanted->epoch);
    assert_true(got->first == wanted->first && got->last == wanted->last);
    assert_int_equal(got->length, wanted->length);
    if (wanted->length > 0)
        assert_memory_equal(got->objects, wanted->objects, wanted->length);
    else
        assert_null(got->objects);
    assert_true(got->user == wanted->user);
    assert_int_equal(got->state, wanted->state);
}

static void notices_come_out_as_they_went_in(void **state)
{
    struct fixture *fixture = *state;
    struct chat__packet_reader reader;
    struct chat__packet_notice notice;

    make(fixture);
    assert_int_equal(open_bytes(fixture, &reader, fixture->packet.buffer.data,
                                fixture->packet.buffer.length),
                     CHAT__PACKET_OK);
    assert_true(reader.task == 99 && reader.number == 5);
    for (size_t i = 0; i < NOTICES; i++) {
        assert_int_equal(chat__packet_next(&reader, &notice), CHAT__PACKET_OK);
        same(&notice.notice, &notices[i]);
    }
    assert_int_equal(chat__packet_next(&reader, &notice), CHAT__PACKET_END);
}

static void a_packet_without_notices_is_one(void **state)
{
    struct fixture *fixture = *state;
    struct chat__packet_reader reader;
    struct chat__packet_notice notice;

    assert_true(
        chat__packet_seal(&fixture->packet, fixture->sealer, CHANNEL, 1, 1));
    assert_int_equal(open_bytes(fixture, &reader, fixture->packet.buffer.data,
                                fixture->packet.buffer.length),
                     CHAT__PACKET_OK);
    assert_int_equal(chat__packet_next(&reader, &notice), CHAT__PACKET_END);
}

/* In memory of its own, so that a reader that goes too far is seen. */
static enum chat__packet_result open_copy(struct fixture *fixture,
                                          const char *bytes, size_t length)
{
    struct chat__packet_reader reader;
    char *copy = malloc(length + 1);
    enum chat__packet_result result;

    assert_non_null(copy);
    memcpy(copy, bytes, length);
    result = open_bytes(fixture, &reader, copy, length);
    free(copy);
    return result;
}

static void what_is_cut_or_changed_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct chat__buffer *buffer = &fixture->packet.buffer;

    make(fixture);
    for (size_t length = 0; length < buffer->length; length++)
        assert_int_equal(open_copy(fixture, buffer->data, length),
                         CHAT__PACKET_REFUSED);
    for (size_t i = 1; i < buffer->length; i++) {
        buffer->data[i] ^= 1;
        assert_int_equal(open_copy(fixture, buffer->data, buffer->length),
                         CHAT__PACKET_REFUSED);
        buffer->data[i] ^= 1;
    }
}

static void another_key_or_channel_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct chat__sealer *other = chat__sealer_new(other_key);
    struct chat__packet_reader reader;
    const struct chat__buffer *buffer = &fixture->packet.buffer;

    make(fixture);
    assert_int_equal(chat__packet_open(&reader, buffer->data, buffer->length,
                                       other, CHANNEL),
                     CHAT__PACKET_REFUSED);
    assert_int_equal(chat__packet_open(&reader, buffer->data, buffer->length,
                                       fixture->sealer, "chat-2-bus"),
                     CHAT__PACKET_REFUSED);
    chat__sealer_free(other);
}

static void another_version_is_passed_over(void **state)
{
    struct fixture *fixture = *state;
    struct chat__buffer *buffer = &fixture->packet.buffer;

    make(fixture);
    buffer->data[0] = 2;
    assert_int_equal(open_copy(fixture, buffer->data, buffer->length),
                     CHAT__PACKET_UNKNOWN);
}

/* A packet that a task has sealed with these bytes for its notices. */
static void seal_bytes(struct fixture *fixture, const char *bytes,
                       size_t length)
{
    chat__packet_clear(&fixture->packet);
    chat__buffer_append(&fixture->packet.buffer, bytes, length);
    assert_true(
        chat__packet_seal(&fixture->packet, fixture->sealer, CHANNEL, 1, 1));
}

static enum chat__packet_result first_notice(struct fixture *fixture,
                                             struct chat__packet_reader *reader,
                                             struct chat__packet_notice *notice)
{
    assert_int_equal(open_bytes(fixture, reader, fixture->packet.buffer.data,
                                fixture->packet.buffer.length),
                     CHAT__PACKET_OK);
    return chat__packet_next(reader, notice);
}

static void what_a_later_version_adds_is_passed_over(void **state)
{
    static const char bytes[] =
        "\x63\0\0\0\3abc" /* a new kind */
        "\7\0\0\0\0"      /* MISSED is nobody else's to say */
        "\1\0\0\0\x0b\0\0\0\0\0\0\0\x2azzz"; /* USER */
    struct fixture *fixture = *state;
    struct chat__packet_reader reader;
    struct chat__packet_notice notice;

    seal_bytes(fixture, bytes, sizeof bytes - 1);
    assert_int_equal(first_notice(fixture, &reader, &notice),
                     CHAT__PACKET_UNKNOWN);
    assert_int_equal(chat__packet_next(&reader, &notice), CHAT__PACKET_UNKNOWN);
    assert_int_equal(chat__packet_next(&reader, &notice), CHAT__PACKET_OK);
    assert_int_equal(notice.notice.kind, CHAT__BUS_USER);
    assert_true(notice.notice.user == 42);
    assert_int_equal(chat__packet_next(&reader, &notice), CHAT__PACKET_END);
}

/* Each notice, its body cut at every length, sealed all the same. */
static void cut_bodies_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct chat__packet_reader reader;
    struct chat__packet_notice notice;

    for (size_t i = 0; i < NOTICES; i++) {
        struct chat__packet whole;
        char *body;
        size_t length;

        chat__packet_init(&whole);
        assert_true(chat__packet_add(&whole, &notices[i]));
        body = whole.buffer.data + 17;
        length = whole.buffer.length - 17;
        for (size_t cut = 5; cut < length; cut++) {
            body[4] = (char)(cut - 5);
            seal_bytes(fixture, body, cut);
            assert_int_equal(first_notice(fixture, &reader, &notice),
                             CHAT__PACKET_REFUSED);
        }
        chat__packet_release(&whole);
    }
}

static void names_that_cannot_be_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct chat__packet_reader reader;
    struct chat__packet_notice notice;
    char bytes[5 + 1 + 65 + 12] = {CHAT__BUS_TYPING, 0, 0, 0, 78, 65};

    memset(bytes + 6, 'a', 65);
    seal_bytes(fixture, bytes, sizeof bytes);
    assert_int_equal(first_notice(fixture, &reader, &notice),
                     CHAT__PACKET_REFUSED);
    bytes[5] = 3;
    bytes[7] = '\0';
    seal_bytes(fixture, bytes, sizeof bytes);
    assert_int_equal(first_notice(fixture, &reader, &notice),
                     CHAT__PACKET_REFUSED);
}

static void long_objects_are_left_out(void **state)
{
    struct fixture *fixture = *state;
    struct chat__bus_notice large = notices[0];
    struct chat__packet_reader reader;
    struct chat__packet_notice notice;

    large.length = CHAT__PACKET_OBJECTS_MAX + 1;
    large.objects = calloc(1, large.length);
    assert_true(chat__packet_add(&fixture->packet, &large));
    assert_true(
        chat__packet_seal(&fixture->packet, fixture->sealer, CHANNEL, 1, 1));
    assert_int_equal(first_notice(fixture, &reader, &notice), CHAT__PACKET_OK);
    assert_null(notice.notice.objects);
    assert_true(notice.notice.last == large.last);
    free((char *)large.objects);
}

static void a_full_packet_takes_no_more_and_stays_whole(void **state)
{
    struct fixture *fixture = *state;
    struct chat__bus_notice large = notices[0];
    struct chat__packet_reader reader;
    struct chat__packet_notice notice;

    large.length = CHAT__PACKET_OBJECTS_MAX - 1000;
    large.objects = calloc(1, large.length);
    assert_true(chat__packet_add(&fixture->packet, &large));
    assert_true(chat__packet_add(&fixture->packet, &large));
    assert_false(chat__packet_add(&fixture->packet, &large));
    assert_true(chat__packet_add(&fixture->packet, &notices[2]));
    assert_true(
        chat__packet_seal(&fixture->packet, fixture->sealer, CHANNEL, 1, 1));
    assert_true(fixture->packet.buffer.length <= CHAT__PACKET_BYTES_MAX);
    assert_int_equal(first_notice(fixture, &reader, &notice), CHAT__PACKET_OK);
    assert_int_equal(chat__packet_next(&reader, &notice), CHAT__PACKET_OK);
    assert_int_equal(chat__packet_next(&reader, &notice), CHAT__PACKET_OK);
    assert_int_equal(notice.notice.kind, CHAT__BUS_USER);
    free((char *)large.objects);
}

static void a_seal_is_of_its_use_and_name(void **state)
{
    struct fixture *fixture = *state;
    unsigned char seal[CHAT__SEAL_BYTES];

    assert_true(chat__seal_make(fixture->sealer, CHAT__SEAL_VALUE, "ab", "cd",
                                2, seal));
    assert_true(chat__seal_holds(fixture->sealer, CHAT__SEAL_VALUE, "ab", "cd",
                                 2, seal));
    assert_false(chat__seal_holds(fixture->sealer, CHAT__SEAL_MEMBER, "ab",
                                  "cd", 2, seal));
    assert_false(chat__seal_holds(fixture->sealer, CHAT__SEAL_VALUE, "a", "bcd",
                                  3, seal));
    assert_false(chat__seal_holds(fixture->sealer, CHAT__SEAL_VALUE, "ab", "c",
                                  1, seal));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(notices_come_out_as_they_went_in, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_packet_without_notices_is_one, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_cut_or_changed_is_refused,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(another_key_or_channel_is_refused,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(another_version_is_passed_over, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            what_a_later_version_adds_is_passed_over, setup, teardown),
        cmocka_unit_test_setup_teardown(cut_bodies_are_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(names_that_cannot_be_are_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(long_objects_are_left_out, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            a_full_packet_takes_no_more_and_stays_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(a_seal_is_of_its_use_and_name, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
