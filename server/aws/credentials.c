#include "server/aws/credentials.h"

#include "server/aws/endpoint.h"
#include "server/aws/http.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CONTAINER_HOST      "http://169.254.170.2"
#define ANSWER_BYTES_MAX    (32 * 1024)
#define ANSWER_TIMEOUT_MS   5000
#define AUTHORIZATION_BYTES 4096
#define RETRY_MS            1000
#define RETRY_MS_MAX        60000
#define REFRESH_BEFORE_S    300 /* what AWS gives lasts for hours */
#define REFRESH_S_MAX       3600
#define FOR_EVER            INT64_MAX

struct chat__credential_source {
    struct chat__credential_options options;
    struct chat__http_call *call; /* NULL: none runs */
    uv_timer_t timer;
    char *url; /* of the container; NULL: the keys are the environment's */
    char *token_file;    /* NULL: `authorization` is what there is */
    char *authorization; /* NULL: none */
    struct chat__credentials credentials;
    int64_t ends_s; /* of the epoch; 0: there are none yet */
    uint64_t retry_ms;
};

static int64_t now_s(void)
{
    return (int64_t)time(NULL);
}

static const char *variable(const char *name)
{
    const char *value = getenv(name);

    return value == NULL || *value == '\0' ? NULL : value;
}

/* Copies what fits and can stand in a header. */
static bool copy(char *to, size_t size, const char *from)
{
    if (from == NULL || strlen(from) >= size)
        return false;
    for (const char *at = from; *at != '\0'; at++)
        if (*at <= ' ' || *at > '~')
            return false;
    memcpy(to, from, strlen(from) + 1);
    return true;
}

static bool fill(struct chat__credentials *credentials, const char *key,
                 const char *secret, const char *token)
{
    return copy(credentials->access_key_id, sizeof credentials->access_key_id,
                key) &&
           copy(credentials->secret_access_key,
                sizeof credentials->secret_access_key, secret) &&
           copy(credentials->token, sizeof credentials->token,
                token == NULL ? "" : token) &&
           *key != '\0' && *secret != '\0';
}

/* ---- the container's answer ---- */

static const char *string_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

/* Such as 2026-01-31T12:00:00Z; 0 for anything else. */
static int64_t end_of(const char *text)
{
    struct tm when = {0};
    const char *rest =
        text == NULL ? NULL : strptime(text, "%Y-%m-%dT%H:%M:%S", &when);

    if (rest == NULL || strcmp(rest, "Z") != 0)
        return 0;
    return (int64_t)timegm(&when);
}

/* False, with the ones of before as they were, for what are no credentials. */
static bool take(struct chat__credential_source *source, const char *body,
                 size_t length)
{
    struct chat__credentials taken = {0};
    cJSON *answer = cJSON_ParseWithLength(body, length);
    int64_t ends_s = end_of(string_of(answer, "Expiration"));
    bool good =
        ends_s > now_s() &&
        fill(&taken, string_of(answer, "AccessKeyId"),
             string_of(answer, "SecretAccessKey"), string_of(answer, "Token"));

    cJSON_Delete(answer);
    if (good) {
        source->credentials = taken;
        source->ends_s = ends_s;
    }
    return good;
}

static void ask(uv_timer_t *timer);

static void ask_after(struct chat__credential_source *source, uint64_t wait_ms)
{
    uv_timer_start(&source->timer, ask, wait_ms, 0);
}

static void ask_before_end(struct chat__credential_source *source)
{
    int64_t left_s = source->ends_s - now_s();
    int64_t wait_s =
        left_s > 2 * REFRESH_BEFORE_S ? left_s - REFRESH_BEFORE_S : left_s / 2;

    source->retry_ms = RETRY_MS;
    ask_after(source,
              (uint64_t)(wait_s < REFRESH_S_MAX ? wait_s : REFRESH_S_MAX) *
                      1000 +
                  RETRY_MS);
}

/* Slower each time. */
static void ask_again(struct chat__credential_source *source, const char *why)
{
    source->options.report(why);
    ask_after(source, source->retry_ms);
    source->retry_ms *= 2;
    if (source->retry_ms > RETRY_MS_MAX)
        source->retry_ms = RETRY_MS_MAX;
}

static void on_answer(void *context, const struct chat__http_response *response)
{
    struct chat__credential_source *source = context;
    char message[64];

    source->call = NULL;
    if (response->result != CHAT__HTTP_ANSWERED) {
        ask_again(source, response->message);
    } else if (response->status != 200) {
        snprintf(message, sizeof message, "the container answers %u",
                 response->status);
        ask_again(source, message);
    } else if (!take(source, response->body, response->length)) {
        ask_again(source, "the container gives no credentials");
    } else {
        ask_before_end(source);
    }
}

/* ---- the question ---- */

/* Of the file, without its last line end; it is renewed by the agent. */
static bool read_token(const char *path, char *token, size_t size)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t length;

    if (file < 0)
        return false;
    length = read(file, token, size);
    close(file);
    if (length < 0 || (size_t)length == size)
        return false;
    while (length > 0 &&
           (token[length - 1] == '\n' || token[length - 1] == '\r'))
        length--;
    token[length] = '\0';
    return true;
}

/* False when there should be one and none can be had. */
static bool authorization(const struct chat__credential_source *source,
                          char *header, size_t size)
{
    static const char name[] = "Authorization: ";
    char token[AUTHORIZATION_BYTES];
    const char *value = source->authorization;

    header[0] = '\0';
    if (source->token_file != NULL) {
        if (!read_token(source->token_file, token, sizeof token))
            return false;
        value = token;
    }
    if (value == NULL)
        return true;
    for (const char *at = value; *at != '\0'; at++)
        if (*at < ' ' || *at > '~')
            return false;
    return snprintf(header, size, "%s%s", name, value) < (int)size;
}

static void ask(uv_timer_t *timer)
{
    struct chat__credential_source *source = timer->data;
    char header[AUTHORIZATION_BYTES + 32];
    const char *const headers[] = {header, NULL};
    struct chat__http_request request = {
        .method = "GET",
        .url = source->url,
        .response_bytes_max = ANSWER_BYTES_MAX,
        .timeout_ms = ANSWER_TIMEOUT_MS,
        .done = on_answer,
        .context = source,
    };

    if (!authorization(source, header, sizeof header)) {
        ask_again(source, "the container's authorization token cannot be read");
        return;
    }
    if (header[0] != '\0')
        request.headers = headers;
    source->call = chat__http_start(source->options.http, &request);
    if (source->call == NULL)
        ask_again(source, "too many requests are under way");
}

/* ---- the source ---- */

static bool copy_variable(char **to, const char *value)
{
    if (value != NULL)
        *to = strdup(value);
    return value == NULL || *to != NULL;
}

/* Takes the container's address out of the environment; NULL: a sentence. */
static const char *find_container(struct chat__credential_source *source)
{
    const char *relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *full = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");

    if (relative != NULL) {
        if (relative[0] != '/')
            return "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must be a path";
        if (asprintf(&source->url, CONTAINER_HOST "%s", relative) < 0) {
            source->url = NULL;
            return "out of memory";
        }
    } else if (full == NULL) {
        return "AWS needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a "
               "container's credentials";
    } else if (!chat__endpoint_may_have_secrets(full)) {
        return "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or http of "
               "the container or the loopback";
    } else if (!copy_variable(&source->url, full)) {
        return "out of memory";
    }
    if (!copy_variable(&source->token_file,
                       variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) ||
        !copy_variable(&source->authorization,
                       variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")))
        return "out of memory";
    return NULL;
}

/* NULL: a sentence. */
static const char *find(struct chat__credential_source *source)
{
    const char *key = variable("AWS_ACCESS_KEY_ID");
    const char *secret = variable("AWS_SECRET_ACCESS_KEY");

    if (key == NULL || secret == NULL)
        return find_container(source);
    if (!fill(&source->credentials, key, secret, variable("AWS_SESSION_TOKEN")))
        return "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or AWS_SESSION_TOKEN "
               "cannot be right";
    source->ends_s = FOR_EVER;
    return NULL;
}

static void release(struct chat__credential_source *source)
{
    free(source->url);
    free(source->token_file);
    free(source->authorization);
    explicit_bzero(&source->credentials, sizeof source->credentials);
    free(source);
}

struct chat__credential_source *
chat__credential_source_new(const struct chat__credential_options *options,
                            char *message, size_t message_size)
{
    struct chat__credential_source *source = calloc(1, sizeof *source);
    const char *wrong = source == NULL ? "out of memory" : find(source);

    if (wrong != NULL) {
        snprintf(message, message_size, "%s", wrong);
        if (source != NULL)
            release(source);
        return NULL;
    }
    source->options = *options;
    source->retry_ms = RETRY_MS;
    uv_timer_init(options->loop, &source->timer);
    source->timer.data = source;
    if (source->url != NULL)
        ask_after(source, 0);
    return source;
}

const struct chat__credentials *
chat__credentials_now(const struct chat__credential_source *source)
{
    return source->ends_s > now_s() ? &source->credentials : NULL;
}

static void on_closed(uv_handle_t *timer)
{
    release(timer->data);
}

void chat__credential_source_close(struct chat__credential_source *source)
{
    if (source == NULL)
        return;
    if (source->call != NULL)
        chat__http_cancel(source->call);
    uv_close((uv_handle_t *)&source->timer, on_closed);
}
