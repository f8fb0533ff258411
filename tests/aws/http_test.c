/* The HTTP client against a real server, on a real loop. */
#include "server/aws/http.h"
#include "tests/aws/peer.h"

#include <netdb.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#define CALLS_MAX 3

struct fixture {
    struct peer peer;
    uv_loop_t loop;
    struct chat__http *http;
    unsigned int done;
    enum chat__http_result result;
    unsigned int status;
    int64_t retry_after_ms;
    char body[64];
};

static void setup(struct fixture *fixture)
{
    struct chat__http_options options = {
        .loop = &fixture->loop,
        .calls_max = CALLS_MAX,
        .connections_max = CALLS_MAX,
        .user_agent = "test",
    };

    *fixture = (struct fixture){0};
    peer_start(&fixture->peer);
    assert_int_equal(uv_loop_init(&fixture->loop), 0);
    fixture->http = chat__http_new(&options);
    assert_non_null(fixture->http);
}

/* Nothing of the client may be left in the loop. */
static void teardown(struct fixture *fixture)
{
    chat__http_close(fixture->http);
    uv_run(&fixture->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&fixture->loop), 0);
    peer_stop(&fixture->peer);
}

static void on_done(void *context, const struct chat__http_response *response)
{
    struct fixture *fixture = context;

    fixture->done++;
    fixture->result = response->result;
    fixture->status = response->status;
    fixture->retry_after_ms = response->retry_after_ms;
    assert_non_null(response->message);
    snprintf(fixture->body, sizeof fixture->body, "%.*s", (int)response->length,
             response->length == 0 ? "" : response->body);
}

static struct chat__http_request request_to(struct fixture *fixture,
                                            const char *url)
{
    return (struct chat__http_request){
        .method = "GET",
        .url = url,
        .response_bytes_max = 1000,
        .timeout_ms = 30000,
        .done = on_done,
        .context = fixture,
    };
}

static struct chat__http_call *ask(struct fixture *fixture, const char *path,
                                   uint32_t timeout_ms)
{
    char url[128];
    struct chat__http_request request = request_to(fixture, url);

    snprintf(url, sizeof url, "http://127.0.0.1:%u%s", fixture->peer.port,
             path);
    request.timeout_ms = timeout_ms;
    return chat__http_start(fixture->http, &request);
}

static void run_until(struct fixture *fixture, unsigned int done)
{
    while (fixture->done < done)
        uv_run(&fixture->loop, UV_RUN_ONCE);
}

static void answers_come_over_one_connection(void **state)
{
    struct fixture fixture;

    (void)state;
    setup(&fixture);
    for (unsigned int i = 1; i <= 3; i++) {
        assert_non_null(ask(&fixture, "/ok", 30000));
        assert_int_equal(fixture.done, i - 1); /* never before start returns */
        run_until(&fixture, i);
        assert_int_equal(fixture.result, CHAT__HTTP_ANSWERED);
        assert_int_equal(fixture.status, 200);
        assert_string_equal(fixture.body, "hello");
    }
    teardown(&fixture);
    assert_int_equal(fixture.peer.connections, 1);
}

static void a_post_has_its_headers_and_body(void **state)
{
    static const char *const headers[] = {"Content-Type: application/json",
                                          NULL};
    struct fixture fixture;
    char url[128];
    struct chat__http_request request = request_to(&fixture, url);

    (void)state;
    setup(&fixture);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/ok", fixture.peer.port);
    request.method = "POST";
    request.headers = headers;
    request.body = "{\"a\":1} and more";
    request.body_length = 7;
    assert_non_null(chat__http_start(fixture.http, &request));
    run_until(&fixture, 1);
    teardown(&fixture);
    assert_memory_equal(fixture.peer.request, "POST /ok HTTP/1.1", 17);
    assert_non_null(
        strstr(fixture.peer.request, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(fixture.peer.request, "\r\n\r\n{\"a\":1}"));
    assert_null(strstr(fixture.peer.request, "and more"));
}

static void a_server_says_when_to_come_again(void **state)
{
    struct fixture fixture;

    (void)state;
    setup(&fixture);
    assert_non_null(ask(&fixture, "/later", 30000));
    run_until(&fixture, 1);
    assert_int_equal(fixture.status, 503);
    assert_int_equal(fixture.retry_after_ms, 7000);
    teardown(&fixture);
}

static void an_answer_has_a_limit(void **state)
{
    struct fixture fixture;

    (void)state;
    setup(&fixture);
    assert_non_null(ask(&fixture, "/large", 30000));
    run_until(&fixture, 1);
    assert_int_equal(fixture.result, CHAT__HTTP_TOO_LARGE);
    teardown(&fixture);
}

static void what_breaks_is_told(void **state)
{
    struct fixture fixture;

    (void)state;
    setup(&fixture);
    assert_non_null(ask(&fixture, "/half", 30000));
    run_until(&fixture, 1);
    assert_int_equal(fixture.result, CHAT__HTTP_FAILED);
    assert_non_null(ask(&fixture, "/silent", 50));
    run_until(&fixture, 2);
    assert_int_equal(fixture.result, CHAT__HTTP_TIMED_OUT);
    teardown(&fixture);
}

static void calls_have_a_limit(void **state)
{
    struct fixture fixture;
    struct chat__http_call *calls[CALLS_MAX];

    (void)state;
    setup(&fixture);
    for (size_t i = 0; i < CALLS_MAX; i++) {
        calls[i] = ask(&fixture, "/silent", 30000);
        assert_non_null(calls[i]);
    }
    assert_null(ask(&fixture, "/ok", 30000));
    chat__http_cancel(calls[1]);
    assert_non_null(ask(&fixture, "/ok", 30000));
    run_until(&fixture, 1);
    assert_string_equal(fixture.body, "hello");
    /* The others are cut off without a word. */
    teardown(&fixture);
    assert_int_equal(fixture.done, 1);
}

static void an_address_must_be_one(void **state)
{
    static const char *const wrong[] = {"file:///etc/passwd",
                                        "ftp://127.0.0.1/"};
    struct fixture fixture;

    (void)state;
    setup(&fixture);
    for (unsigned int i = 0; i < 2; i++) {
        struct chat__http_request request = request_to(&fixture, wrong[i]);

        assert_non_null(chat__http_start(fixture.http, &request));
        run_until(&fixture, i + 1);
        assert_int_equal(fixture.result, CHAT__HTTP_FAILED);
    }
    teardown(&fixture);
}

/* ---- a name that nobody knows, for a long time ---- */

static sem_t looked_up, let_go;

/* In place of the C library's, for this program. */
__attribute__((visibility("default"))) int
getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
            struct addrinfo **found)
{
    (void)name;
    (void)service;
    (void)hints;
    *found = NULL;
    sem_post(&looked_up);
    sem_wait(&let_go);
    return EAI_AGAIN;
}

/* Neither its end in time nor a cancel waits for the thread that looks it up,
 * which ends only after the test has seen both. */
static void a_name_that_is_looked_up_holds_nobody(void **state)
{
    struct fixture fixture;
    struct chat__http_request request =
        request_to(&fixture, "http://slow.example/");
    struct chat__http_call *call;

    (void)state;
    sem_init(&looked_up, 0, 0);
    sem_init(&let_go, 0, 0);
    setup(&fixture);
    request.timeout_ms = 100;
    assert_non_null(chat__http_start(fixture.http, &request));
    run_until(&fixture, 1);
    assert_int_equal(fixture.result, CHAT__HTTP_TIMED_OUT);
    sem_wait(&looked_up);
    request.timeout_ms = 30000;
    call = chat__http_start(fixture.http, &request);
    while (sem_trywait(&looked_up) != 0)
        uv_run(&fixture.loop, UV_RUN_NOWAIT);
    chat__http_cancel(call);
    assert_non_null(ask(&fixture, "/ok", 30000));
    run_until(&fixture, 2);
    assert_string_equal(fixture.body, "hello");
    sem_post(&let_go);
    sem_post(&let_go);
    teardown(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_come_over_one_connection),
        cmocka_unit_test(a_post_has_its_headers_and_body),
        cmocka_unit_test(a_server_says_when_to_come_again),
        cmocka_unit_test(an_answer_has_a_limit),
        cmocka_unit_test(what_breaks_is_told),
        cmocka_unit_test(calls_have_a_limit),
        cmocka_unit_test(an_address_must_be_one),
        cmocka_unit_test(a_name_that_is_looked_up_holds_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
