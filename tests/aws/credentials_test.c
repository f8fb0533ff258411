/* Where credentials come from, on a real loop. */
#include "server/aws/credentials.h"

#include "server/aws/http.h"
#include "tests/aws/peer.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#define AGENT_ADDRESS 0xa9feaa02 /* 169.254.170.2 */

static uint16_t agent_port;
static unsigned int asked;

/*
 * Instead of the C library's, for libcurl as well: the address of a container's
 * agent, which no machine has but a container's, is the peer's.
 */
__attribute__((visibility("default"))) int
connect(int socket, __CONST_SOCKADDR_ARG any, socklen_t length)
{
    const struct sockaddr *address = any.__sockaddr__;
    struct sockaddr_in to;

    if (address->sa_family == AF_INET && length >= sizeof to) {
        memcpy(&to, address, sizeof to);
        if (ntohl(to.sin_addr.s_addr) == AGENT_ADDRESS &&
            ntohs(to.sin_port) == 80) {
            asked++;
            to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            to.sin_port = htons(agent_port);
            return (int)syscall(SYS_connect, socket, &to, sizeof to);
        }
    }
    return (int)syscall(SYS_connect, socket, address, length);
}

static void report(const char *why)
{
    fail_msg("%s", why);
}

static void forget_environment(void)
{
    static const char *const names[] = {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unsetenv(names[i]);
}

/* Runs until there are credentials, and copies them. */
static void find(struct chat__credentials *found)
{
    uv_loop_t loop;
    struct chat__http *http;
    struct chat__credential_source *source;
    char message[128] = "";

    assert_int_equal(uv_loop_init(&loop), 0);
    http = chat__http_new(&(struct chat__http_options){.loop = &loop,
                                                       .calls_max = 1,
                                                       .connections_max = 1,
                                                       .user_agent = "test"});
    assert_non_null(http);
    source = chat__credential_source_new(
        &(struct chat__credential_options){
            .loop = &loop, .http = http, .report = report},
        message, sizeof message);
    if (source == NULL)
        fail_msg("%s", message);
    while (chat__credentials_now(source) == NULL)
        uv_run(&loop, UV_RUN_ONCE);
    *found = *chat__credentials_now(source);
    chat__credential_source_close(source);
    chat__http_close(http);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void the_environment_is_first(void **state)
{
    struct chat__credentials found;

    (void)state;
    forget_environment();
    setenv("AWS_ACCESS_KEY_ID", "one", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "two", 1);
    setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/a", 1);
    find(&found);
    assert_string_equal(found.access_key_id, "one");
    assert_string_equal(found.secret_access_key, "two");
    assert_string_equal(found.token, "");
}

static void a_path_is_the_agent_s(void **state)
{
    struct chat__credentials found;
    struct peer peer;

    (void)state;
    forget_environment();
    setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/a-b", 1);
    peer_start(&peer);
    agent_port = peer.port;
    asked = 0;
    find(&found);
    peer_stop(&peer);
    assert_int_equal(asked, 1);
    assert_memory_equal(peer.request, "GET /v2/credentials/a-b HTTP/1.1", 32);
    assert_non_null(strstr(peer.request, "\r\nHost: 169.254.170.2\r\n"));
    assert_string_equal(found.access_key_id, "id");
    assert_string_equal(found.secret_access_key, "secret");
    assert_string_equal(found.token, "token");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_environment_is_first),
        cmocka_unit_test(a_path_is_the_agent_s),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
