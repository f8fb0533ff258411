/*
 * The queue of one connection, with a transport that a test opens and shuts.
 */
#include "server/front/output.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct transport {
    struct chat__output_pool pool;
    struct chat__metrics metrics;
    struct chat__output output;
    enum chat__output_written answer;
    size_t writes;
    size_t largest;
    unsigned char *bytes; /* all that was taken */
    size_t length;
};

static enum chat__output_written take(void *handle, const unsigned char *bytes,
                                      size_t length)
{
    struct transport *transport = handle;

    transport->writes++;
    if (length > transport->largest)
        transport->largest = length;
    transport->bytes =
        realloc(transport->bytes, transport->length + length + 1);
    assert_non_null(transport->bytes);
    memcpy(transport->bytes + transport->length, bytes, length);
    transport->length += length;
    return transport->answer;
}

static int set_up(void **state)
{
    struct transport *transport = calloc(1, sizeof *transport);

    assert_non_null(transport);
    transport->pool.write = take;
    transport->pool.metrics = &transport->metrics;
    chat__output_init(&transport->output, &transport->pool, transport);
    *state = transport;
    return 0;
}

static uint64_t counted(const struct transport *transport,
                        enum chat__metric metric)
{
    return transport->metrics.values[metric];
}

static int tear_down(void **state)
{
    struct transport *transport = *state;

    chat__output_release(&transport->output);
    assert_int_equal(transport->pool.charge, 0);
    assert_int_equal(counted(transport, CHAT__METRIC_WRITES),
                     transport->writes);
    assert_int_equal(counted(transport, CHAT__METRIC_BYTES_SENT),
                     transport->length);
    free(transport->bytes);
    free(transport);
    return 0;
}

static struct chat__frame *frame_of(size_t lines, char letter, bool droppable)
{
    char *objects = malloc(lines * 1000);
    struct chat__frame *frame;

    assert_non_null(objects);
    memset(objects, letter, lines * 1000);
    for (size_t i = 1; i <= lines; i++)
        objects[i * 1000 - 1] = '\n';
    frame = chat__frame_new(objects, lines * 1000, droppable);
    free(objects);
    assert_non_null(frame);
    return frame;
}

static enum chat__output_result
deliver(struct transport *transport, size_t lines, char letter, bool droppable)
{
    struct chat__frame *frame = frame_of(lines, letter, droppable);
    enum chat__output_result result =
        chat__output_deliver(&transport->output, frame);

    chat__frame_release(frame);
    return result;
}

/* The letters of all text frames that were taken, one for each frame. */
static void assert_letters(const struct transport *transport,
                           const char *letters)
{
    size_t at = 0;

    for (; *letters != '\0'; letters++) {
        size_t size = transport->bytes[at + 1];

        assert_true(at < transport->length);
        assert_int_equal(transport->bytes[at], 0x81);
        at += 2;
        if (size == 126) {
            size =
                (size_t)(transport->bytes[at] << 8 | transport->bytes[at + 1]);
            at += 2;
        }
        assert_int_equal(transport->bytes[at], *letters);
        at += size;
    }
    assert_int_equal(at, transport->length);
}

static enum chat__output_result send(struct transport *transport,
                                     const char *object)
{
    return chat__output_send(&transport->output, object, strlen(object), false);
}

static void replies_of_a_pass_leave_as_one_frame(void **state)
{
    struct transport *transport = *state;

    send(transport, "a\n");
    send(transport, "b\n");
    assert_int_equal(transport->writes, 0);
    assert_false(chat__output_is_empty(&transport->output));
    assert_int_equal(chat__output_flush(&transport->output), CHAT__OUTPUT_OK);
    assert_int_equal(transport->writes, 1);
    assert_int_equal(transport->length, 2 + 4);
    assert_memory_equal(transport->bytes,
                        "\x81\x04"
                        "a\nb\n",
                        6);
    assert_true(chat__output_is_empty(&transport->output));
}

static void a_shared_frame_is_written_as_it_is(void **state)
{
    struct transport *transport = *state;
    struct chat__frame *frame = frame_of(3, 'a', false);

    chat__output_deliver(&transport->output, frame);
    assert_int_equal(transport->writes, 1);
    assert_int_equal(transport->length, frame->length);
    assert_memory_equal(transport->bytes, frame->bytes, frame->length);
    assert_int_equal(frame->references, 1);
    assert_null(transport->output.queue);
    chat__frame_release(frame);
}

static void a_shared_frame_goes_behind_what_is_pending(void **state)
{
    struct transport *transport = *state;

    send(transport, "a\n");
    deliver(transport, 1, 'b', false);
    assert_letters(transport, "ab");
}

static void nothing_is_written_while_the_library_has_a_rest(void **state)
{
    struct transport *transport = *state;

    transport->answer = CHAT__OUTPUT_KEPT;
    deliver(transport, 1, 'a', false);
    send(transport, "b\n");
    chat__output_flush(&transport->output);
    deliver(transport, 1, 'c', false);
    assert_int_equal(transport->writes, 1);
    assert_true(chat__output_is_waiting(&transport->output));

    transport->answer = CHAT__OUTPUT_WRITTEN;
    chat__output_writable(&transport->output);
    assert_int_equal(transport->writes, 2); /* the two that waited, as one */
    assert_letters(transport, "abc");
    assert_true(chat__output_is_empty(&transport->output));
}

static void a_large_frame_leaves_in_pieces_at_frame_borders(void **state)
{
    struct transport *transport = *state;

    deliver(transport, 200, 'a', false);
    assert_true(transport->largest <= CHAT__OUTPUT_WRITE_BYTES);
    assert_int_equal(transport->writes, 4);
    assert_letters(transport, "aaaaaaa");
}

static void a_large_frame_stops_when_the_library_keeps_a_rest(void **state)
{
    struct transport *transport = *state;

    transport->answer = CHAT__OUTPUT_KEPT;
    deliver(transport, 200, 'a', false);
    for (size_t i = 1; i < 4; i++) {
        assert_int_equal(transport->writes, i);
        chat__output_writable(&transport->output);
    }
    chat__output_writable(&transport->output);
    assert_int_equal(transport->writes, 4);
    assert_letters(transport, "aaaaaaa");
    assert_true(chat__output_is_empty(&transport->output));
}

static void droppable_frames_are_lost_over_the_lower_mark(void **state)
{
    struct transport *transport = *state;

    transport->answer = CHAT__OUTPUT_KEPT;
    deliver(transport, 1, 'a', false);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(deliver(transport, 1, 'b', true), CHAT__OUTPUT_OK);
    assert_in_range(transport->output.charge, 50 * 1000, 70 * 1000);
    assert_int_equal(chat__output_send(&transport->output, "c\n", 2, false),
                     CHAT__OUTPUT_OK);
    assert_int_equal(deliver(transport, 1, 'd', false), CHAT__OUTPUT_OK);
}

static void a_slow_reader_overflows_at_the_limit(void **state)
{
    struct transport *transport = *state;
    size_t taken = 0;

    transport->answer = CHAT__OUTPUT_KEPT;
    while (deliver(transport, 20, 'a', false) == CHAT__OUTPUT_OK)
        taken++;
    assert_true(transport->output.charge <= CHAT__OUTPUT_BYTES_MAX);
    assert_true(taken * 20000 > CHAT__OUTPUT_BYTES_MAX - 100000);
    assert_int_equal(send(transport, "b\n"), CHAT__OUTPUT_OK);
}

static void tiny_frames_count_for_more_than_their_bytes(void **state)
{
    struct transport *transport = *state;
    struct chat__frame *frame = chat__frame_new("{}\n", 3, false);

    transport->answer = CHAT__OUTPUT_KEPT;
    while (chat__output_deliver(&transport->output, frame) == CHAT__OUTPUT_OK)
        continue;
    /* One reference for each time that it is queued. */
    assert_true(frame->references <
                CHAT__OUTPUT_BYTES_MAX / CHAT__OUTPUT_ITEM_BYTES);
    chat__frame_release(frame);
}

static void what_is_pending_counts(void **state)
{
    struct transport *transport = *state;
    char object[1000];

    memset(object, 'p', sizeof object);
    object[999] = '\n';
    transport->answer = CHAT__OUTPUT_KEPT;
    while (chat__output_send(&transport->output, object, sizeof object,
                             false) == CHAT__OUTPUT_OK)
        continue;
    assert_true(transport->output.charge <= CHAT__OUTPUT_BYTES_MAX);
    chat__output_discard(&transport->output);
    assert_int_equal(transport->output.charge, 0);
}

static void when_all_hold_much_each_may_hold_little(void **state)
{
    struct transport *transport = *state;

    transport->answer = CHAT__OUTPUT_KEPT;
    transport->pool.charge = CHAT__OUTPUT_POOL_BYTES_MAX + 1;
    while (deliver(transport, 20, 'a', false) == CHAT__OUTPUT_OK)
        continue;
    assert_true(transport->output.charge <= CHAT__OUTPUT_CROWDED_BYTES_MAX);
    transport->pool.charge -= CHAT__OUTPUT_POOL_BYTES_MAX + 1;
}

static void a_lost_peer_is_told(void **state)
{
    struct transport *transport = *state;

    transport->answer = CHAT__OUTPUT_LOST;
    assert_int_equal(deliver(transport, 1, 'a', false), CHAT__OUTPUT_BROKEN);
}

static void what_waits_can_be_forgotten(void **state)
{
    struct transport *transport = *state;
    struct chat__frame *frame = frame_of(1, 'a', false);

    transport->answer = CHAT__OUTPUT_KEPT;
    for (size_t i = 0; i < 20; i++)
        chat__output_deliver(&transport->output, frame);
    assert_int_equal(frame->references, 20);
    chat__output_discard(&transport->output);
    assert_int_equal(frame->references, 1);
    assert_false(chat__output_is_empty(&transport->output)); /* the rest */
    chat__output_writable(&transport->output);
    assert_true(chat__output_is_empty(&transport->output));
    chat__frame_release(frame);
}

/* Frames of WebSocket, whether they are written at once or wait. */
static void frames_are_counted_once(void **state)
{
    struct transport *transport = *state;

    send(transport, "a\n");
    deliver(transport, 1, 'b', false); /* together with `a` */
    assert_int_equal(counted(transport, CHAT__METRIC_WRITES), 1);
    assert_int_equal(counted(transport, CHAT__METRIC_FRAMES_SENT), 2);
    transport->answer = CHAT__OUTPUT_KEPT;
    deliver(transport, 60, 'c', false);
    deliver(transport, 1, 'd', false); /* waits */
    assert_int_equal(counted(transport, CHAT__METRIC_FRAMES_SENT), 2 + 2 + 1);
    transport->answer = CHAT__OUTPUT_WRITTEN;
    chat__output_writable(&transport->output);
    assert_int_equal(counted(transport, CHAT__METRIC_FRAMES_SENT), 5);
    assert_letters(transport, "abccd");
}

static void what_is_dropped_is_counted(void **state)
{
    struct transport *transport = *state;

    transport->answer = CHAT__OUTPUT_KEPT;
    for (char letter = 'a'; letter <= 'd'; letter++)
        deliver(transport, 30, letter, true);
    assert_int_equal(counted(transport, CHAT__METRIC_DROPPED), 2);
    assert_int_equal(counted(transport, CHAT__METRIC_FRAMES_SENT), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(replies_of_a_pass_leave_as_one_frame),
        TEST(a_shared_frame_is_written_as_it_is),
        TEST(a_shared_frame_goes_behind_what_is_pending),
        TEST(nothing_is_written_while_the_library_has_a_rest),
        TEST(a_large_frame_leaves_in_pieces_at_frame_borders),
        TEST(a_large_frame_stops_when_the_library_keeps_a_rest),
        TEST(droppable_frames_are_lost_over_the_lower_mark),
        TEST(a_slow_reader_overflows_at_the_limit),
        TEST(tiny_frames_count_for_more_than_their_bytes),
        TEST(what_is_pending_counts),
        TEST(when_all_hold_much_each_may_hold_little),
        TEST(a_lost_peer_is_told),
        TEST(what_waits_can_be_forgotten),
        TEST(frames_are_counted_once),
        TEST(what_is_dropped_is_counted),
    };

    return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
