#include "server/front/raw_write.h"

#include <libwebsockets.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Two text frames and a ping, as a delivery might have them. */
static const unsigned char frames[] = {0x81, 2,   '{',  '}',  0x81, 3,
                                       '{',  '}', '\n', 0x89, 1,    'p'};

static const char request[] = "GET / HTTP/1.1\r\n"
                              "Host: probe\r\n"
                              "Upgrade: websocket\r\n"
                              "Connection: Upgrade\r\n"
                              "Sec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                              "\r\n";

#define ANSWER_BYTES_MAX 2048

/* The library needs a few rounds; more of them bring nothing. */
#define ROUNDS_MAX 64

struct probe {
    bool written; /* all of it, with nothing kept */
};

static int on_event(struct lws *wsi, enum lws_callback_reasons reason,
                    void *user, void *in, size_t length)
{
    struct probe *probe = lws_context_user(lws_get_context(wsi));

    (void)user;
    (void)in;
    (void)length;
    if (reason == LWS_CALLBACK_ESTABLISHED)
        probe->written =
            lws_write(wsi, (unsigned char *)(uintptr_t)frames, sizeof frames,
                      LWS_WRITE_RAW) == (int)sizeof frames &&
            !lws_partial_buffered(wsi);
    return 0;
}

static struct lws_context *make_context(struct probe *probe,
                                        struct lws_vhost **vhost)
{
    static const struct lws_protocols protocols[] = {
        {.name = "probe", .callback = on_event}, {0}};
    const struct lws_context_creation_info info = {
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .user = probe,
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .vhost_name = "probe",
        .protocols = protocols,
        .gid = -1,
        .uid = -1,
    };
    struct lws_context *context = lws_create_context(&info);

    *vhost = context == NULL ? NULL : lws_create_vhost(context, &info);
    return context;
}

/* True when the answer has an end of headers, and then exactly the frames. */
static bool has_frames(const char *answer, size_t length)
{
    static const char end[] = "\r\n\r\n";
    const char *found = memmem(answer, length, end, sizeof end - 1);
    size_t head;

    if (found == NULL)
        return false;
    head = (size_t)(found - answer) + sizeof end - 1;
    return length - head == sizeof frames &&
           memcmp(answer + head, frames, sizeof frames) == 0;
}

static bool try(struct lws_context *context, const struct probe *probe,
                int peer)
{
    char answer[ANSWER_BYTES_MAX];
    size_t length = 0;

    for (int i = 0; i < ROUNDS_MAX && length < sizeof answer; i++) {
        ssize_t came;

        lws_service(context, -1);
        came = read(peer, answer + length, sizeof answer - length);
        if (came == 0)
            return false;
        if (came > 0)
            length += (size_t)came;
    }
    return probe->written && has_frames(answer, length);
}

/* The library owns the descriptor from here on, whatever comes of it. */
static bool adopt(struct lws_vhost *vhost, int descriptor)
{
    const lws_adopt_desc_t description = {
        .vh = vhost,
        .type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP,
        .fd = {.sockfd = descriptor},
    };

    return lws_adopt_descriptor_vhost_via_info(&description) != NULL;
}

bool chat__raw_write_holds(void)
{
    struct probe probe = {0};
    struct lws_vhost *vhost;
    struct lws_context *context;
    bool holds = false;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                   pair) != 0)
        return false;
    lws_set_log_level(0, NULL); /* what it says while it is tried: nothing */
    context = make_context(&probe, &vhost);
    if (vhost == NULL)
        close(pair[0]);
    else
        holds = write(pair[1], request, sizeof request - 1) ==
                    (ssize_t)(sizeof request - 1) &&
                adopt(vhost, pair[0]) && try(context, &probe, pair[1]);
    if (context != NULL)
        lws_context_destroy(context);
    close(pair[1]);
    return holds;
}
