#include "server/aws/endpoint.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

static void what_is_an_address(void **state)
{
    static const char *const right[] = {"http://127.0.0.1:4318/v1/traces",
                                        "https://[::1]/", "http://collector"};
    static const char *const wrong[] = {"",
                                        "127.0.0.1:4318",
                                        "ftp://a/",
                                        "file:///etc/passwd",
                                        "http://",
                                        "http://a b/",
                                        "https://user:secret@a/",
                                        "https://user@a/"};

    (void)state;
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        assert_true(chat__endpoint_is_url(right[i]));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(chat__endpoint_is_url(wrong[i]));
}

static void where_secrets_may_go(void **state)
{
    static const char *const right[] = {
        "https://anywhere.example/", "http://127.0.0.1/",
        "http://127.8.9.1:80",       "http://localhost:9/a?b=c",
        "http://[::1]:9/",           "http://169.254.170.2/v2",
        "http://169.254.170.23/v1",  "http://[fd00:ec2::23]/v1"};
    static const char *const wrong[] = {"http://169.254.169.254/",
                                        "http://10.0.0.1/",
                                        "http://128.0.0.1/",
                                        "http://localhost.example/",
                                        "http://127.0.0.1.example/",
                                        "http://[::2]/",
                                        "http://[fd00:ec2::24]/",
                                        "ftp://127.0.0.1/",
                                        "http://169.254.170.2@evil.example/"};

    (void)state;
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        assert_true(chat__endpoint_may_have_secrets(right[i]));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(chat__endpoint_may_have_secrets(wrong[i]));
}

static void which_region_a_service_is_in(void **state)
{
    static const char *const wrong[] = {
        "https://xray.amazonaws.com/",
        "https://xray.eu-west-1.example/",
        "https://logs.eu-west-1.amazonaws.com/",
        "https://a.xray.eu-west-1.amazonaws.com/",
        "https://xray.eu-west-1.amazonaws.com.example/",
        "http://127.0.0.1/xray.eu-west-1.amazonaws.com"};
    char region[CHAT__AWS_REGION_BYTES];

    (void)state;
    assert_true(chat__endpoint_region(
        "https://xray.eu-west-1.amazonaws.com/v1/traces", "xray", region));
    assert_string_equal(region, "eu-west-1");
    assert_true(chat__endpoint_region(
        "https://xray.cn-north-1.amazonaws.com.cn", "xray", region));
    assert_string_equal(region, "cn-north-1");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(chat__endpoint_region(wrong[i], "xray", region));
}

static void the_region_of_the_environment(void **state)
{
    char region[CHAT__AWS_REGION_BYTES];

    (void)state;
    unsetenv("AWS_REGION");
    unsetenv("AWS_DEFAULT_REGION");
    assert_false(chat__endpoint_default_region(region));
    setenv("AWS_DEFAULT_REGION", "eu-central-1", 1);
    assert_true(chat__endpoint_default_region(region));
    assert_string_equal(region, "eu-central-1");
    setenv("AWS_REGION", "us-east-1", 1);
    assert_true(chat__endpoint_default_region(region));
    assert_string_equal(region, "us-east-1");
    setenv("AWS_REGION", "us-east-1:xray", 1);
    assert_false(chat__endpoint_default_region(region));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_an_address),
        cmocka_unit_test(where_secrets_may_go),
        cmocka_unit_test(which_region_a_service_is_in),
        cmocka_unit_test(the_region_of_the_environment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
