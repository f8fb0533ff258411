#include "server/options/check.h"

#include "server/aws/endpoint.h"
#include "server/bus/redis_tls.h"
#include "server/bus/redis_url.h"
#include "server/front/assets.h"
#include "server/front/origin.h"
#include "server/front/proxy.h"
#include "server/front/tls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MESSAGE_BYTES 512

/* False, with what is wrong in `message`. */
typedef bool check_function(const struct chat__options *options,
                            char message[MESSAGE_BYTES]);

static bool check_web(const struct chat__options *options,
                      char message[MESSAGE_BYTES])
{
    struct chat__assets assets;
    bool loaded;

    if (options->web == NULL)
        return true;
    chat__assets_init(&assets);
    loaded = chat__assets_load(&assets, options->web, message, MESSAGE_BYTES);
    chat__assets_release(&assets);
    return loaded;
}

static bool check_origins(const struct chat__options *options,
                          char message[MESSAGE_BYTES])
{
    struct chat__origins origins;
    bool fine = chat__origins_init(&origins, options->allowed_origins, message,
                                   MESSAGE_BYTES);

    chat__origins_release(&origins);
    return fine;
}

static bool check_proxies(const struct chat__options *options,
                          char message[MESSAGE_BYTES])
{
    struct chat__proxies proxies;

    return chat__proxies_init(&proxies, options->trusted_proxies, message,
                              MESSAGE_BYTES);
}

/* Of both files; that one needs the other was seen before. */
static bool check_tls(const struct chat__options *options,
                      char message[MESSAGE_BYTES])
{
    struct chat__credentials *credentials;

    if (options->tls_certificate == NULL || options->tls_key == NULL)
        return true;
    credentials = chat__credentials_load(
        options->tls_certificate, options->tls_key, message, MESSAGE_BYTES);
    if (credentials == NULL)
        return false;
    chat__credentials_free(credentials);
    return true;
}

/* Of a folder that is not there yet, the nearest above it that is; errno. */
static bool can_be_written(char *path)
{
    struct stat status;
    char *slash;

    while (access(path, F_OK) != 0 && errno == ENOENT) {
        slash = strrchr(path, '/');
        if (slash == NULL)
            return access(".", W_OK | X_OK) == 0;
        if (slash == path)
            return access("/", W_OK | X_OK) == 0;
        *slash = '\0';
    }
    if (access(path, W_OK | X_OK) != 0 || stat(path, &status) != 0)
        return false;
    errno = ENOTDIR;
    return S_ISDIR(status.st_mode);
}

static bool check_data(const struct chat__options *options,
                       char message[MESSAGE_BYTES])
{
    char *path = options->data == NULL ? NULL : strdup(options->data);
    bool fine = path == NULL || can_be_written(path);

    if (!fine)
        snprintf(message, MESSAGE_BYTES, "%.400s: %s", options->data,
                 strerror(errno));
    free(path);
    return fine;
}

static bool check_url(const char *url, char message[MESSAGE_BYTES])
{
    if (url == NULL || chat__endpoint_is_url(url))
        return true;
    snprintf(message, MESSAGE_BYTES,
             "'%.200s' must be an address of http or https", url);
    return false;
}

static bool check_trace_endpoint(const struct chat__options *options,
                                 char message[MESSAGE_BYTES])
{
    return check_url(options->trace_endpoint, message);
}

static bool check_store(const struct chat__options *options,
                        char message[MESSAGE_BYTES])
{
    if (strcmp(options->store, "sqlite") == 0 ||
        strcmp(options->store, "dynamodb") == 0)
        return true;
    snprintf(message, MESSAGE_BYTES, "'%.200s' must be sqlite or dynamodb",
             options->store);
    return false;
}

static bool check_dynamodb_endpoint(const struct chat__options *options,
                                    char message[MESSAGE_BYTES])
{
    return check_url(options->dynamodb_endpoint, message);
}

static bool check_gateway_callback(const struct chat__options *options,
                                   char message[MESSAGE_BYTES])
{
    return check_url(options->gateway_callback, message);
}

static bool check_redis_url(const struct chat__options *options,
                            char message[MESSAGE_BYTES])
{
    struct chat__redis_url url;
    const char *wrong;

    if (options->redis_url == NULL)
        return true;
    wrong = chat__redis_url_parse(&url, options->redis_url);
    explicit_bzero(&url, sizeof url);
    if (wrong == NULL && strcmp(options->store, "dynamodb") != 0)
        wrong = "needs --store dynamodb";
    if (wrong != NULL)
        snprintf(message, MESSAGE_BYTES, "%s", wrong);
    return wrong == NULL;
}

static bool check_redis_ca(const struct chat__options *options,
                           char message[MESSAGE_BYTES])
{
    struct chat__redis_tls_context *context;

    if (options->redis_ca == NULL)
        return true;
    context =
        chat__redis_tls_context_new(options->redis_ca, message, MESSAGE_BYTES);
    chat__redis_tls_context_free(context);
    return context != NULL;
}

void chat__options_check(const struct chat__options *options,
                         struct chat__problems *problems)
{
    static const struct {
        const char *option; /* whose problem it is */
        check_function *check;
    } checks[] = {
        {"web", check_web},
        {"allowed-origins", check_origins},
        {"trusted-proxies", check_proxies},
        {"tls-cert", check_tls},
        {"data", check_data},
        {"store", check_store},
        {"dynamodb-endpoint", check_dynamodb_endpoint},
        {"gateway-callback", check_gateway_callback},
        {"redis-url", check_redis_url},
        {"redis-ca", check_redis_ca},
        {"trace-endpoint", check_trace_endpoint},
    };

    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        const char *name = checks[i].option;
        char message[MESSAGE_BYTES];

        if (!checks[i].check(options, message))
            chat__options_blame(options, chat__option_find(name, strlen(name)),
                                problems, message);
    }
}
