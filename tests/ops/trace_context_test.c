#include "server/ops/trace_context.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#define TRACE  "0af7651916cd43dd8448eb211c80319c"
#define PARENT "b7ad6b7169203331"
#define ROOT   "1-5759e988-bd862e3fe1be46a994272793"

static struct chat__trace_context context;

static const char *hex(const unsigned char *bytes, size_t count)
{
    static char text[2 * CHAT__TRACE_ID_BYTES + 1];

    for (size_t i = 0; i < count; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    return text;
}

static void a_traceparent_is_taken(void **state)
{
    (void)state;
    assert_true(chat__trace_context_read(&context, "00-" TRACE "-" PARENT "-01",
                                         NULL, NULL));
    assert_string_equal(hex(context.trace, CHAT__TRACE_ID_BYTES), TRACE);
    assert_string_equal(hex(context.parent, CHAT__SPAN_ID_BYTES), PARENT);
    assert_true(context.there && context.has_parent);
    assert_int_equal(context.wish, CHAT__TRACE_SAMPLED);
    assert_true(chat__trace_context_read(&context, "00-" TRACE "-" PARENT "-02",
                                         NULL, NULL));
    assert_int_equal(context.wish, CHAT__TRACE_NOT_SAMPLED);
    /* Of a version to come. */
    assert_true(chat__trace_context_read(
        &context, "cc-" TRACE "-" PARENT "-01-more", NULL, NULL));
}

static void a_malformed_traceparent_is_none(void **state)
{
    static const char *const wrong[] = {
        "",
        "00",
        "00-" TRACE "-" PARENT "-1",
        "00-" TRACE "-" PARENT "-01-more",
        "00-" TRACE "-" PARENT "-01 ",
        "cc-" TRACE "-" PARENT "-01more",
        "ff-" TRACE "-" PARENT "-01",
        "0x-" TRACE "-" PARENT "-01",
        "00-00000000000000000000000000000000-" PARENT "-01",
        "00-" TRACE "-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-" PARENT "-01",
        "00_" TRACE "-" PARENT "-01",
        "00-" TRACE "_" PARENT "-01",
        "00-" TRACE "-" PARENT "_01",
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(chat__trace_context_read(&context, wrong[i], "a=b", NULL));
        assert_false(context.there || context.has_parent);
        assert_string_equal(context.state, "");
    }
}

static void a_tracestate_goes_with_it(void **state)
{
    static const char *const wrong[] = {"",       "a",          "a=b,c",
                                        "a=\x01", "a=\xc3\xa4", ",a=b"};
    char longest[CHAT__TRACE_STATE_BYTES_MAX + 2] = "a=";

    (void)state;
    assert_true(chat__trace_context_read(&context, "00-" TRACE "-" PARENT "-01",
                                         "a=b,c=d", NULL));
    assert_string_equal(context.state, "a=b,c=d");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_true(chat__trace_context_read(
            &context, "00-" TRACE "-" PARENT "-01", wrong[i], NULL));
        assert_string_equal(context.state, "");
    }
    memset(longest + 2, 'x', CHAT__TRACE_STATE_BYTES_MAX - 2);
    chat__trace_context_read(&context, "00-" TRACE "-" PARENT "-01", longest,
                             NULL);
    assert_string_equal(context.state, longest);
    longest[CHAT__TRACE_STATE_BYTES_MAX] = 'x';
    chat__trace_context_read(&context, "00-" TRACE "-" PARENT "-01", longest,
                             NULL);
    assert_string_equal(context.state, "");
}

static bool read_amazon(const char *value)
{
    return chat__trace_context_read(&context, NULL, "a=b", value);
}

static void a_header_of_amazon_is_taken(void **state)
{
    (void)state;
    assert_true(read_amazon("Root=" ROOT ";Parent=53995c3f42cd8ad8;Sampled=1"));
    assert_string_equal(hex(context.trace, CHAT__TRACE_ID_BYTES),
                        "5759e988bd862e3fe1be46a994272793");
    assert_string_equal(hex(context.parent, CHAT__SPAN_ID_BYTES),
                        "53995c3f42cd8ad8");
    assert_int_equal(context.wish, CHAT__TRACE_SAMPLED);
    assert_string_equal(context.state, "");
    /* A load balancer begins a trace, or adds to one. */
    assert_true(read_amazon("Root=" ROOT));
    assert_false(context.has_parent);
    assert_int_equal(context.wish, CHAT__TRACE_NO_WISH);
    assert_true(read_amazon("Self=1-67891234-12456789abcdef012345678;Root=" ROOT
                            "; Sampled=0;Lineage=a87bd80c:0|68fd508a:5"));
    assert_int_equal(context.wish, CHAT__TRACE_NOT_SAMPLED);
    assert_true(read_amazon("Sampled=?;Root=" ROOT));
    assert_int_equal(context.wish, CHAT__TRACE_NO_WISH);
}

static void a_malformed_one_is_none(void **state)
{
    static const char *const wrong[] = {
        "",
        "Root=",
        "Root",
        "Parent=53995c3f42cd8ad8",
        "Root=2-5759e988-bd862e3fe1be46a994272793",
        "Root=1-5759e988-bd862e3fe1be46a99427279",
        "Root=1-5759e988-bd862e3fe1be46a9942727933",
        "Root=1-5759E988-bd862e3fe1be46a994272793",
        "Root=1-00000000-000000000000000000000000",
        "Root=" ROOT ";Root=" ROOT,
        "Root=" ROOT ";Parent=53995c3f42cd8ad",
        "Root=" ROOT ";Parent=0000000000000000",
        "Root=" ROOT ";Parent=53995c3f42cd8ad8;Parent=53995c3f42cd8ad8",
        "Root=" ROOT ";Sampled=2",
        "Root=" ROOT ";Sampled=1;Sampled=0",
        "Root=" ROOT ";Sampled=",
        "Root=" ROOT ";;Sampled=1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(read_amazon(wrong[i]));
        assert_false(context.there || context.has_parent);
    }
}

static void the_standard_goes_before(void **state)
{
    (void)state;
    assert_true(chat__trace_context_read(&context, "00-" TRACE "-" PARENT "-00",
                                         NULL, "Root=" ROOT));
    assert_string_equal(hex(context.trace, CHAT__TRACE_ID_BYTES), TRACE);
    assert_true(chat__trace_context_read(&context, "00-" TRACE "-1-00", NULL,
                                         "Root=" ROOT));
    assert_string_equal(hex(context.trace, CHAT__TRACE_ID_BYTES),
                        "5759e988bd862e3fe1be46a994272793");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_traceparent_is_taken),
        cmocka_unit_test(a_malformed_traceparent_is_none),
        cmocka_unit_test(a_tracestate_goes_with_it),
        cmocka_unit_test(a_header_of_amazon_is_taken),
        cmocka_unit_test(a_malformed_one_is_none),
        cmocka_unit_test(the_standard_goes_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
