/* Frames: what is framed once must be right for every receiver. */
#include "protocol/limits.h"
#include "server/front/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* `count` objects of `length` bytes each, the last of which is '\n'. */
static char *make_objects(size_t count, size_t length)
{
    char *objects = malloc(count * length);

    assert_non_null(objects);
    memset(objects, 'x', count * length);
    for (size_t i = 1; i <= count; i++)
        objects[i * length - 1] = '\n';
    return objects;
}

static struct chat__frame *frame_of(size_t count, size_t length)
{
    char *objects = make_objects(count, length);
    struct chat__frame *frame = chat__frame_new(objects, count * length, false);

    free(objects);
    assert_non_null(frame);
    return frame;
}

static void a_short_payload_has_two_bytes_of_header(void **state)
{
    struct chat__frame *frame = frame_of(1, 125);

    (void)state;
    assert_int_equal(frame->length, 127);
    assert_int_equal(frame->bytes[0], 0x81);
    assert_int_equal(frame->bytes[1], 125);
    assert_int_equal(frame->bytes[126], '\n');
    chat__frame_release(frame);
}

static void a_longer_payload_has_four_bytes_of_header(void **state)
{
    struct chat__frame *frame = frame_of(1, 300);

    (void)state;
    assert_int_equal(frame->length, 304);
    assert_int_equal(frame->bytes[0], 0x81);
    assert_int_equal(frame->bytes[1], 126);
    assert_int_equal(frame->bytes[2] << 8 | frame->bytes[3], 300);
    chat__frame_release(frame);
}

static void a_long_run_is_cut_between_objects(void **state)
{
    struct chat__frame *frame = frame_of(50, 1000);
    size_t first = CHAT__FRAME_BYTES_MAX / 1000 * 1000;

    (void)state;
    assert_int_equal(frame->bytes[2] << 8 | frame->bytes[3], first);
    assert_int_equal(frame->bytes[4 + first], 0x81);
    assert_int_equal(frame->length, 50 * 1000 + 4 + 4);
    chat__frame_release(frame);
}

static void an_object_that_fits_no_frame_is_refused(void **state)
{
    char *objects = make_objects(1, CHAT__FRAME_BYTES_MAX + 1);

    (void)state;
    assert_null(chat__frame_new(objects, CHAT__FRAME_BYTES_MAX + 1, false));
    free(objects);
}

static void slices_end_where_frames_end(void **state)
{
    struct chat__frame *frame = frame_of(100, 1000);
    size_t whole = 30 * 1000 + 4;

    (void)state;
    assert_int_equal(chat__frame_slice(frame, 0, whole - 1), 0);
    assert_int_equal(chat__frame_slice(frame, 0, whole), whole);
    assert_int_equal(chat__frame_slice(frame, 0, 65536), 2 * whole);
    assert_int_equal(chat__frame_slice(frame, 2 * whole, 65536),
                     frame->length - 2 * whole);
    assert_int_equal(chat__frame_slice(frame, 0, SIZE_MAX), frame->length);
    chat__frame_release(frame);
}

static void a_ping_has_a_payload(void **state)
{
    struct chat__frame *frame = chat__frame_new_ping();

    (void)state;
    assert_non_null(frame);
    assert_int_equal(frame->bytes[0], 0x89);
    assert_true(frame->bytes[1] > 0);
    assert_int_equal(frame->length, 2 + frame->bytes[1]);
    assert_true(frame->droppable);
    chat__frame_release(frame);
}

static void a_frame_lives_as_long_as_its_references(void **state)
{
    struct chat__frame *frame = frame_of(1, 10);

    (void)state;
    assert_ptr_equal(chat__frame_reference(frame), frame);
    chat__frame_release(frame);
    assert_int_equal(frame->bytes[2], 'x');
    chat__frame_release(frame);
    chat__frame_release(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_short_payload_has_two_bytes_of_header),
        cmocka_unit_test(a_longer_payload_has_four_bytes_of_header),
        cmocka_unit_test(a_long_run_is_cut_between_objects),
        cmocka_unit_test(an_object_that_fits_no_frame_is_refused),
        cmocka_unit_test(slices_end_where_frames_end),
        cmocka_unit_test(a_ping_has_a_payload),
        cmocka_unit_test(a_frame_lives_as_long_as_its_references),
    };

    return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
