#include "tests/bench/inbox.h"

#include "tests/bench/histogram.h"
#include "tests/bench/sequence.h"
#include "tests/bench/stamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STREAM_MAX (128 * 1024)

/* What a stream of bytes was taken for, as text that can be compared. */
struct account {
    struct chat__buffer text;
};

static void note(struct account *account, const char *kind, const char *data,
                 size_t length)
{
    chat__buffer_append_string(&account->text, kind);
    chat__buffer_append(&account->text, data, length);
    chat__buffer_append_byte(&account->text, '\n');
}

static void note_line(struct account *account, const char *line, size_t length)
{
    struct stamp stamp;
    char text[64];

    if (stamp_find(line, length, &stamp) == NULL) {
        note(account, "line ", line, length);
        return;
    }
    snprintf(text, sizeof(text), "%u %u %llu", stamp.publisher, stamp.sequence,
             (unsigned long long)stamp.time);
    note(account, "stamp ", text, strlen(text));
}

/* Lines, of which the last one of a message may lack its end. */
static ptrdiff_t take_lines(void *context, const char *data, size_t length,
                            bool ends)
{
    const char *at = data, *end = data + length;
    const char *line_end;

    while (at < end) {
        line_end = memchr(at, '\n', (size_t)(end - at));
        if (line_end == NULL && !ends)
            break;
        if (line_end == NULL)
            line_end = end;
        note_line(context, at, (size_t)(line_end - at));
        at = line_end < end ? line_end + 1 : end;
    }
    return at - data;
}

static void take_control(void *context, enum inbox_opcode opcode,
                         const char *data, size_t length)
{
    note(context, opcode == INBOX_PING ? "ping " : "other ", data, length);
}

static const struct inbox_handler HANDLER = {
    .units = take_lines,
    .control = take_control,
};

/* ---- making a stream ---- */

static void append_frame(struct chat__buffer *stream, int first,
                         const char *payload, size_t length)
{
    unsigned char header[INBOX_HEADER_MAX] = {(unsigned char)first};
    size_t i, size = 2;

    header[1] = (unsigned char)length;
    if (length >= 126) {
        header[1] = length > UINT16_MAX ? 127 : 126;
        size = length > UINT16_MAX ? 10 : 4;
        for (i = 0; i < size - 2; i++)
            header[size - 1 - i] = (unsigned char)(length >> (8 * i));
    }
    chat__buffer_append(stream, header, size);
    chat__buffer_append(stream, payload, length);
}

static void append_stamp(struct chat__buffer *payload, uint32_t sequence)
{
    const struct stamp stamp = {
        .publisher = 51234,
        .sequence = sequence,
        .time = 0xfedcba987654,
    };
    char bytes[STAMP_BYTES];

    stamp_write(bytes, &stamp);
    chat__buffer_append_string(payload,
                               "{\"event\":1,\"a\":\"^aaa^\",\"b\":\"");
    chat__buffer_append(payload, bytes, sizeof(bytes));
    chat__buffer_append_string(payload, "xxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}\n");
}

/* Frames of all forms: small, of 16 bits, fragmented around a ping, empty. */
static void make_stream(struct chat__buffer *stream)
{
    struct chat__buffer payload;
    uint32_t i;

    chat__buffer_init(stream, STREAM_MAX);
    chat__buffer_init(&payload, STREAM_MAX);
    append_frame(stream, 0x81, "{\"reply\":1}\n", 12);
    for (i = 0; i < 5; i++)
        append_stamp(&payload, i);
    append_frame(stream, 0x81, payload.data, payload.length);
    append_frame(stream, 0x01, payload.data, 100);
    append_frame(stream, 0x89, "are you there", 13);
    append_frame(stream, 0x80, payload.data + 100, payload.length - 100);
    append_frame(stream, 0x81, "", 0);
    append_frame(stream, 0x89, "", 0);
    append_frame(stream, 0x81, "no end", 6);
    append_frame(stream, 0x81, "the last", 8);
    chat__buffer_release(&payload);
    assert_false(stream->failed);
}

static void make_long_stream(struct chat__buffer *stream)
{
    struct chat__buffer payload;
    uint32_t i;

    chat__buffer_init(stream, STREAM_MAX);
    chat__buffer_init(&payload, STREAM_MAX);
    for (i = 0; payload.length <= UINT16_MAX; i++)
        append_stamp(&payload, i);
    append_frame(stream, 0x82, payload.data, payload.length);
    append_frame(stream, 0x81, "the last", 8);
    chat__buffer_release(&payload);
    assert_false(stream->failed);
}

/* ---- reading it ---- */

struct reader {
    struct inbox inbox;
    struct account account;
    char *memory;
};

static void reader_init(struct reader *reader)
{
    inbox_init(&reader->inbox, true);
    chat__buffer_init(&reader->account.text, STREAM_MAX);
    reader->memory = malloc(INBOX_HEADROOM + STREAM_MAX);
    assert_non_null(reader->memory);
}

static void reader_release(struct reader *reader)
{
    inbox_release(&reader->inbox);
    chat__buffer_release(&reader->account.text);
    free(reader->memory);
}

/* Nothing of an earlier read is left in the area. */
static bool receive(struct reader *reader, const char *data, size_t length)
{
    char *area = reader->memory + INBOX_HEADROOM;

    memset(area - 1024, '#', 1024);
    memcpy(area, data, length);
    return inbox_receive(&reader->inbox, area, length, &HANDLER,
                         &reader->account);
}

static void restart(struct reader *reader)
{
    inbox_release(&reader->inbox);
    inbox_init(&reader->inbox, true);
    chat__buffer_clear(&reader->account.text);
}

static void expect_same(const struct account *account,
                        const struct account *whole)
{
    assert_int_equal(account->text.length, whole->text.length);
    assert_memory_equal(account->text.data, whole->text.data,
                        whole->text.length);
}

static void expect_cuts_change_nothing(const struct chat__buffer *stream,
                                       const struct account *whole, size_t step)
{
    struct reader reader;
    size_t cut;

    reader_init(&reader);
    for (cut = 1; cut < stream->length; cut += step) {
        restart(&reader);
        assert_true(receive(&reader, stream->data, cut));
        assert_true(receive(&reader, stream->data + cut, stream->length - cut));
        expect_same(&reader.account, whole);
    }
    reader_release(&reader);
}

static void a_stream_is_understood(void **state)
{
    static const char EXPECTED[] =
        "line {\"reply\":1}\n"
        "stamp 51234 0 280223976814164\nstamp 51234 1 280223976814164\n"
        "stamp 51234 2 280223976814164\nstamp 51234 3 280223976814164\n"
        "stamp 51234 4 280223976814164\n"
        "stamp 51234 0 280223976814164\n"
        "ping are you there\n"
        "stamp 51234 1 280223976814164\n"
        "stamp 51234 2 280223976814164\nstamp 51234 3 280223976814164\n"
        "stamp 51234 4 280223976814164\n"
        "ping \nline no end\nline the last\n";
    struct chat__buffer stream;
    struct reader reader;

    (void)state;
    make_stream(&stream);
    reader_init(&reader);
    assert_true(receive(&reader, stream.data, stream.length));
    assert_int_equal(reader.account.text.length, strlen(EXPECTED));
    assert_memory_equal(reader.account.text.data, EXPECTED, strlen(EXPECTED));
    reader_release(&reader);
    chat__buffer_release(&stream);
}

static void a_cut_anywhere_changes_nothing(void **state)
{
    struct chat__buffer stream;
    struct reader whole;

    (void)state;
    make_stream(&stream);
    reader_init(&whole);
    assert_true(receive(&whole, stream.data, stream.length));
    expect_cuts_change_nothing(&stream, &whole.account, 1);
    reader_release(&whole);
    chat__buffer_release(&stream);
}

static void single_bytes_change_nothing(void **state)
{
    struct chat__buffer stream;
    struct reader whole, reader;
    size_t i;

    (void)state;
    make_stream(&stream);
    reader_init(&whole);
    reader_init(&reader);
    assert_true(receive(&whole, stream.data, stream.length));
    for (i = 0; i < stream.length; i++)
        assert_true(receive(&reader, stream.data + i, 1));
    expect_same(&reader.account, &whole.account);
    reader_release(&reader);
    reader_release(&whole);
    chat__buffer_release(&stream);
}

static void a_frame_of_64_bits_may_be_cut_too(void **state)
{
    struct chat__buffer stream;
    struct reader whole;

    (void)state;
    make_long_stream(&stream);
    reader_init(&whole);
    assert_true(receive(&whole, stream.data, stream.length));
    expect_cuts_change_nothing(&stream, &whole.account, 997);
    reader_release(&whole);
    chat__buffer_release(&stream);
}

static void a_masked_frame_is_refused(void **state)
{
    struct reader reader;

    (void)state;
    reader_init(&reader);
    assert_false(receive(&reader,
                         "\x81\x81"
                         "0000a",
                         7));
    reader_release(&reader);
}

static void a_unit_without_an_end_is_refused(void **state)
{
    char bytes[1024];
    struct reader reader;
    size_t i, taken = 0;

    (void)state;
    memset(bytes, 'a', sizeof(bytes));
    reader_init(&reader);
    reader.inbox.framed = false;
    for (i = 0; i <= INBOX_UNIT_MAX / sizeof(bytes); i++)
        taken += receive(&reader, bytes, sizeof(bytes));
    assert_int_equal(taken, INBOX_UNIT_MAX / sizeof(bytes));
    reader_release(&reader);
}

/* ---- what is counted ---- */

static void see(struct sequences *sequences, const char *numbers)
{
    for (; *numbers != '\0'; numbers++)
        sequences_see(sequences, 1, (uint32_t)(*numbers - '0'));
    sequences_end(sequences, 1, 6);
}

static void expect_counts(const char *numbers, uint64_t lost, uint64_t doubled,
                          uint64_t reordered)
{
    struct sequences sequences;

    assert_true(sequences_init(&sequences, 2));
    see(&sequences, numbers);
    assert_int_equal(sequences_lost(&sequences), lost);
    assert_int_equal(sequences.doubled, doubled);
    assert_int_equal(sequences.reordered, reordered);
    sequences_release(&sequences);
}

static void sequences_tell_what_went_wrong(void **state)
{
    (void)state;
    expect_counts("012345", 0, 0, 0);
    expect_counts("01345", 1, 0, 0);
    expect_counts("0123", 2, 0, 0);
    expect_counts("0122345", 0, 1, 0);
    expect_counts("0132345", 0, 1, 1);
    expect_counts("021345", 0, 0, 1);
    expect_counts("", 6, 0, 0);
    expect_counts("5", 5, 0, 0);
}

static void a_percentile_is_near_the_value(void **state)
{
    static struct histogram histogram;
    uint64_t value;

    (void)state;
    for (value = 1; value <= 1000000; value++)
        histogram_add(&histogram, value);
    assert_in_range(histogram_at(&histogram, 0.5), 500000, 508000);
    assert_in_range(histogram_at(&histogram, 0.99), 990000, 1000000);
    assert_int_equal(histogram_at(&histogram, 1), 1000000);
    assert_int_equal(histogram_at(&histogram, 0), 1);
    histogram_add(&histogram, UINT64_MAX);
    assert_true(histogram_at(&histogram, 1) == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_is_understood),
        cmocka_unit_test(a_cut_anywhere_changes_nothing),
        cmocka_unit_test(single_bytes_change_nothing),
        cmocka_unit_test(a_frame_of_64_bits_may_be_cut_too),
        cmocka_unit_test(a_masked_frame_is_refused),
        cmocka_unit_test(a_unit_without_an_end_is_refused),
        cmocka_unit_test(sequences_tell_what_went_wrong),
        cmocka_unit_test(a_percentile_is_near_the_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
