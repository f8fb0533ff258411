/*
 * AWS's published vectors for signature version 4 ("aws-sig-v4-test-suite"):
 * the requests and what their signatures must be.
 */
#include "server/aws/sign.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#define NOW_S INT64_C(1440938160) /* 2015-08-30 12:36:00 */

static const struct chat__credentials credentials = {
    .access_key_id = "AKIDEXAMPLE",
    .secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};

struct vector {
    const char *name;
    const char *method;
    const char *path;
    const char *query;
    const char *headers[4]; /* besides host and date */
    const char *body;
    const char *signature;
};

static const struct vector vectors[] = {
    {.name = "get-vanilla",
     .method = "GET",
     .signature = "5fa00fa31553b73ebf1942676e86291e"
                  "8372ff2a2260956d9b8aae1d763fbf31"},
    {.name = "post-vanilla",
     .method = "POST",
     .signature = "5da7c1a2acd57cee7505fc6676e4e544"
                  "621c30862966e37dddb68e92efbe5d6b"},
    {.name = "get-vanilla-query-order-key-case",
     .method = "GET",
     .query = "Param2=value2&Param1=value1",
     .signature = "b97d918cfa904a5beff61c982a1b6f45"
                  "8b799221646efd99d3219ec94cdf2500"},
    {.name = "get-header-value-trim",
     .method = "GET",
     .headers = {"My-Header1: value1", "My-Header2: \"a   b   c\""},
     .signature = "acc3ed3afb60bb290fc8d2dd0098b991"
                  "1fcaa05412b367055dee359757a9c736"},
    {.name = "post-x-www-form-urlencoded",
     .method = "POST",
     .headers = {"Content-Type: application/x-www-form-urlencoded"},
     .body = "Param1=value1",
     .signature = "ff11897932ad3f4e8b18135d722051e5"
                  "ac45fc38421b1da7b9d196a0fe09473a"},
};

static bool sign_vector(const struct vector *vector,
                        char header[CHAT__SIGN_AUTHORIZATION_BYTES])
{
    char date[CHAT__SIGN_DATE_BYTES];
    const char *headers[8] = {"Host:example.amazonaws.com", date};
    size_t count = 2;
    const char *body = vector->body != NULL ? vector->body : "";

    for (size_t i = 0; i < 4 && vector->headers[i] != NULL; i++)
        headers[count++] = vector->headers[i];
    return chat__sign_date(date, NOW_S) &&
           chat__sign(&(struct chat__sign_key){0},
                      &(struct chat__sign_request){
                          .method = vector->method,
                          .path = vector->path != NULL ? vector->path : "/",
                          .query = vector->query != NULL ? vector->query : "",
                          .headers = headers,
                          .body = body,
                          .body_length = strlen(body),
                          .service = "service",
                          .region = "us-east-1",
                          .credentials = &credentials,
                          .date = date,
                      },
                      header);
}

static void published_vectors(void **state)
{
    char header[CHAT__SIGN_AUTHORIZATION_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const char *signature;

        assert_true(sign_vector(&vectors[i], header));
        assert_memory_equal(
            header,
            "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/"
            "us-east-1/service/aws4_request, SignedHeaders=",
            100);
        signature = strstr(header, "Signature=");
        assert_non_null(signature);
        if (strcmp(signature + strlen("Signature="), vectors[i].signature) != 0)
            fail_msg("%s: %s", vectors[i].name, signature);
    }
}

static void what_does_not_fit_is_refused(void **state)
{
    char header[CHAT__SIGN_AUTHORIZATION_BYTES];
    char query[4 * (CHAT__SIGN_PARAMETERS_MAX + 1)];
    char path[70000] = "/";
    struct vector vector = {.method = "GET", .query = query};

    (void)state;
    for (size_t i = 0; i < sizeof query; i += 4)
        snprintf(query + i, 5 < sizeof query - i ? 5 : sizeof query - i,
                 "a=1&");
    assert_false(sign_vector(&vector, header));
    query[4 * CHAT__SIGN_PARAMETERS_MAX - 1] = '\0';
    assert_true(sign_vector(&vector, header));

    memset(path, 'a', sizeof path - 1);
    vector = (struct vector){.method = "GET", .path = path};
    assert_false(sign_vector(&vector, header));

    vector = (struct vector){.method = "GET", .headers = {"no colon"}};
    assert_false(sign_vector(&vector, header));
}

static void sign_by(struct chat__sign_key *key, int64_t now_s,
                    const char *region,
                    const struct chat__credentials *credentials_then,
                    char header[CHAT__SIGN_AUTHORIZATION_BYTES])
{
    char date[CHAT__SIGN_DATE_BYTES];
    const char *headers[] = {"Host:example.amazonaws.com", date, NULL};

    assert_true(chat__sign_date(date, now_s));
    assert_true(
        chat__sign(key,
                   &(struct chat__sign_request){.method = "GET",
                                                .path = "/",
                                                .query = "",
                                                .headers = headers,
                                                .body = "",
                                                .service = "service",
                                                .region = region,
                                                .credentials = credentials_then,
                                                .date = date},
                   header));
}

static void a_kept_key_is_left_for_another(void **state)
{
    const struct chat__credentials others = {
        .access_key_id = "AKIDEXAMPLE", .secret_access_key = "another secret"};
    const struct {
        int64_t now_s;
        const char *region;
        const struct chat__credentials *credentials;
    } cases[] = {
        {NOW_S, "us-east-1", &credentials},
        {NOW_S + 1, "us-east-1", &credentials},
        {NOW_S + 86400, "us-east-1", &credentials},
        {NOW_S + 86400, "eu-central-1", &credentials},
        {NOW_S + 86400, "eu-central-1", &others},
    };
    struct chat__sign_key kept = {0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char by_kept[CHAT__SIGN_AUTHORIZATION_BYTES];
        char by_new[CHAT__SIGN_AUTHORIZATION_BYTES];

        sign_by(&kept, cases[i].now_s, cases[i].region, cases[i].credentials,
                by_kept);
        sign_by(&(struct chat__sign_key){0}, cases[i].now_s, cases[i].region,
                cases[i].credentials, by_new);
        assert_string_equal(by_kept, by_new);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(a_kept_key_is_left_for_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
