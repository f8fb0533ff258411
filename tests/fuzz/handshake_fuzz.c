/*
 * What the front makes of a request by itself: who may open a WebSocket, whose
 * address counts, which file a path names. The decisions are made again here
 * from the words of the documents, as plainly as can be, and must agree. A
 * line of the input is a name and a value:
 *
 *     origins=  proxies=       the operator's options
 *     upgrade= version= key= host= origin= protocol= forwarded= uri= tag=
 *                              headers of the request
 *     path=                    a request for a file; may hold a NUL
 */
#include "tests/fuzz/fake_library.h"
#include "tests/fuzz/lines.h"

#include "protocol/limits.h"
#include "server/front/session.h"

#include <arpa/inet.h>
#include <strings.h>
#include <unistd.h>

#define FIELDS       13
#define HEADER_BYTES 511 /* a longer one is never right */
#define HOSTS        8

enum {
    ORIGINS,
    PROXIES,
    UPGRADE,
    VERSION,
    KEY,
    HOST,
    ORIGIN,
    PROTOCOL,
    FORWARDED,
    URI,
    TAG,
    METHOD,
    PATH
};

static const struct field {
    const char *name;
    int token; /* -1: none of the library's */
} fields[FIELDS] = {
    [ORIGINS] = {"origins=", -1},
    [PROXIES] = {"proxies=", -1},
    [UPGRADE] = {"upgrade=", WSI_TOKEN_UPGRADE},
    [VERSION] = {"version=", WSI_TOKEN_VERSION},
    [KEY] = {"key=", WSI_TOKEN_KEY},
    [HOST] = {"host=", WSI_TOKEN_HOST},
    [ORIGIN] = {"origin=", WSI_TOKEN_ORIGIN},
    [PROTOCOL] = {"protocol=", WSI_TOKEN_PROTOCOL},
    [FORWARDED] = {"forwarded=", WSI_TOKEN_X_FORWARDED_FOR},
    [URI] = {"uri=", WSI_TOKEN_GET_URI},
    [TAG] = {"tag=", WSI_TOKEN_HTTP_IF_NONE_MATCH},
    [METHOD] = {"head=", WSI_TOKEN_HEAD_URI},
    [PATH] = {"path=", -1},
};

struct request {
    char *values[FIELDS]; /* owned; NULL: not said */
    size_t path_length;
};

static void read_line(struct request *request, const char *line, size_t length)
{
    for (size_t i = 0; i < FIELDS; i++) {
        size_t name = strlen(fields[i].name);

        if (strncmp(line, fields[i].name, name) != 0 ||
            request->values[i] != NULL)
            continue;
        /* An empty header is as good as none to the library. */
        if (line[name] == '\0' && fields[i].token >= 0)
            return;
        request->values[i] = malloc(length - name + 1);
        FUZZ_CHECK(request->values[i] != NULL);
        memcpy(request->values[i], line + name, length - name + 1);
        if (i == PATH)
            request->path_length = length - name;
    }
}

static void read_request(struct request *request, struct lines lines)
{
    char *line;
    size_t length;

    while (lines_next(&lines, &line, &length)) {
        read_line(request, line, length);
        free(line);
    }
}

/* A socket whose other end is 127.0.0.1. */
static int open_socket(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    int server;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    FUZZ_CHECK(bind(listener, (struct sockaddr *)&address, length) == 0);
    FUZZ_CHECK(listen(listener, 1) == 0);
    getsockname(listener, (struct sockaddr *)&address, &length);
    FUZZ_CHECK(connect(client, (struct sockaddr *)&address, length) == 0);
    server = accept(listener, NULL, NULL);
    FUZZ_CHECK(server >= 0);
    close(listener);
    return server;
}

/* ---- the same decisions, from the documents ---- */

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* Every byte of the origin, between commas and blanks. */
static bool is_listed(const char *list, const char *origin)
{
    size_t length = strlen(origin);

    for (const char *at = list; length > 0; at++) {
        at = strstr(at, origin);
        if (at == NULL)
            return false;
        if ((at == list || at[-1] == ',' || at[-1] == ' ') &&
            (at[length] == '\0' || at[length] == ',' || at[length] == ' '))
            return true;
    }
    return false;
}

static bool expects_origin(const struct request *request)
{
    const char *origin = request->values[ORIGIN];
    const char *host = request->values[HOST];

    if (origin == NULL)
        return true;
    if (strlen(origin) > HEADER_BYTES)
        return false;
    if (request->values[ORIGINS] != NULL)
        return is_listed(request->values[ORIGINS], origin);
    return (starts_with(origin, "http://") ||
            starts_with(origin, "https://")) &&
           strlen(host) <= HEADER_BYTES &&
           strcasecmp(strstr(origin, "://") + 3, host) == 0;
}

static bool expects_upgrade(const struct request *request)
{
    char *const *values = request->values;

    return values[UPGRADE] != NULL && values[VERSION] != NULL &&
           values[URI] != NULL && values[KEY] != NULL && values[HOST] != NULL &&
           strcasecmp(values[UPGRADE], "websocket") == 0 &&
           strcmp(values[VERSION], "13") == 0 &&
           strcmp(values[URI], "/ws") == 0 && strlen(values[KEY]) == 24 &&
           expects_origin(request) &&
           (values[PROTOCOL] == NULL ||
            strstr(values[PROTOCOL], CHAT__SUBPROTOCOL) != NULL);
}

/* ---- the checks ---- */

static void fill_library(struct lws *wsi, const struct request *request)
{
    for (size_t i = 0; i < FIELDS; i++)
        if (fields[i].token >= 0)
            wsi->headers[fields[i].token] = request->values[i];
}

static void check_refusal(const struct lws *wsi)
{
    static const unsigned int known[] = {400, 403, 404, 426, 503};
    bool found = wsi->status == 0;

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        found = found || wsi->status == known[i];
    FUZZ_CHECK(found && wsi->answers <= 1);
}

static void check_upgrade(struct chat__front *front, struct lws *wsi,
                          const struct request *request)
{
    if (chat__upgrade_check(front, wsi) == 0) {
        FUZZ_CHECK(expects_upgrade(request) && wsi->answers == 0);
        return;
    }
    check_refusal(wsi);
    /* Which subprotocols a list holds is not decided twice. */
    FUZZ_CHECK(!expects_upgrade(request) || request->values[PROTOCOL] != NULL);
}

/* What a client puts in front of the header changes nothing. */
static void check_client(struct chat__front *front, struct lws *wsi)
{
    const char *header = wsi->headers[WSI_TOKEN_X_FORWARDED_FOR];
    struct in6_addr client, again;
    char longer[HEADER_BYTES + 1];

    if (!chat__upgrade_client(front, wsi, &client))
        return;
    FUZZ_CHECK(front->proxies.count > 0 && header != NULL);
    if (chat__proxies_trust(&front->proxies, &client) ||
        strlen(header) + 16 > sizeof longer)
        return;
    snprintf(longer, sizeof longer, "203.0.113.9,%s", header);
    wsi->headers[WSI_TOKEN_X_FORWARDED_FOR] = longer;
    FUZZ_CHECK(chat__upgrade_client(front, wsi, &again));
    FUZZ_CHECK(memcmp(&client, &again, sizeof client) == 0);
    wsi->headers[WSI_TOKEN_X_FORWARDED_FOR] = header;
}

static void check_addresses(const char *text)
{
    struct chat__addresses addresses;
    struct chat__address *counted[HOSTS];
    struct in6_addr hosts[HOSTS] = {0};
    size_t count = strlen(text) / sizeof *hosts;

    chat__addresses_init(&addresses, 7);
    count = count > HOSTS ? HOSTS : count;
    memcpy(hosts, text, count * sizeof *hosts);
    for (size_t i = 0; i < count; i++) {
        counted[i] = chat__addresses_add(&addresses, &hosts[i]);
        FUZZ_CHECK(counted[i] == chat__addresses_find(&addresses, &hosts[i]));
    }
    for (size_t i = 0; i < count; i++)
        chat__addresses_remove(&addresses, counted[i]);
    for (size_t i = 0; i < CHAT__ADDRESS_BUCKETS; i++)
        FUZZ_CHECK(addresses.buckets[i] == NULL);
}

static void check_path(struct chat__front *front, const struct request *request)
{
    struct lws wsi = {0};
    struct chat__session session = {.front = front, .wsi = &wsi};
    size_t length = request->path_length;
    char *path = malloc(length > 0 ? length : 1);

    FUZZ_CHECK(path != NULL);
    memcpy(path, request->values[PATH], length);
    fill_library(&wsi, request);
    chat__http_request(&session, &wsi, CHAT__ASKER_EITHER, path, length);
    while (session.body != NULL)
        FUZZ_CHECK(chat__http_writable(&session, &wsi) == 0);
    FUZZ_CHECK(wsi.answers == 1);
    /* Nothing but a whole name is that file: none has a NUL in it. */
    FUZZ_CHECK(wsi.status != 200 || strnlen(path, length) == length);
    free(path);
}

static void set_up(struct chat__front *front)
{
    static struct chat__metrics metrics;

    chat__assets_init(&front->assets);
    FUZZ_CHECK(
        chat__assets_add(&front->assets, "/index.html", "text/html", "hi", 2));
    FUZZ_CHECK(
        chat__assets_add(&front->assets, "/a.js", "text/javascript", "", 0));
    FUZZ_CHECK(
        chat__assets_add(&front->assets, "/a/b.css", "text/css", "b{}", 3));
    front->options.settings.connections_max = 1;
    front->options.metrics = &metrics;
}

static void check_request(const struct request *request)
{
    struct chat__front front = {0};
    struct lws wsi = {0};
    static int socket_fd = -1;
    char message[256];

    if (socket_fd < 0)
        socket_fd = open_socket();
    set_up(&front);
    wsi.socket = socket_fd;
    fill_library(&wsi, request);
    if (chat__origins_init(&front.origins, request->values[ORIGINS], message,
                           sizeof message) &&
        chat__proxies_init(&front.proxies, request->values[PROXIES], message,
                           sizeof message)) {
        check_upgrade(&front, &wsi, request);
        check_client(&front, &wsi);
    }
    if (request->values[PATH] != NULL)
        check_path(&front, request);
    if (request->values[FORWARDED] != NULL)
        check_addresses(request->values[FORWARDED]);
    chat__origins_release(&front.origins);
    chat__assets_release(&front.assets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request request = {0};

    read_request(&request, (struct lines){data, size});
    check_request(&request);
    for (size_t i = 0; i < FIELDS; i++)
        free(request.values[i]);
    return 0;
}
