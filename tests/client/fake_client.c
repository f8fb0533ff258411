#include "fake_client.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int fake_result = CHAT_OK;

static char calls[2048];
static unsigned int sent;

__attribute__((format(printf, 1, 2))) static int record(const char *format, ...)
{
    size_t length = strlen(calls);
    va_list arguments;

    if (length > 0) {
        length +=
            (size_t)snprintf(calls + length, sizeof(calls) - length, "; ");
    }
    va_start(arguments, format);
    vsnprintf(calls + length, sizeof(calls) - length, format, arguments);
    va_end(arguments);
    return fake_result;
}

const char *fake_calls(void)
{
    static char taken[sizeof(calls)];

    memcpy(taken, calls, sizeof(taken));
    calls[0] = '\0';
    return taken;
}

const char *chat_version(void)
{
    return "0.0.0";
}

const char *chat_strerror(int error)
{
    return error == CHAT_ERROR_FULL ? "full" : "error";
}

int chat_client_new(chat_client **client, const char *url)
{
    *client = NULL;
    return record("new %s", url);
}

void chat_client_free(chat_client *client)
{
    (void)client;
}

int chat_client_set_handler(chat_client *client, chat_event_handler handler,
                            void *user_data)
{
    (void)client;
    (void)handler;
    (void)user_data;
    return CHAT_OK;
}

int chat_client_set_guest(chat_client *client, const char *name)
{
    (void)client;
    return record("guest %s", name);
}

int chat_client_set_agent(chat_client *client, const char *agent)
{
    (void)client;
    (void)agent;
    return CHAT_OK;
}

int chat_client_set_ca_file(chat_client *client, const char *path)
{
    (void)client;
    return record("ca %s", path);
}

int chat_client_set_outbox_file(chat_client *client, const char *path)
{
    (void)client;
    return record("outbox %s", path);
}

int chat_client_connect(chat_client *client)
{
    (void)client;
    return record("connect");
}

int chat_client_fd(const chat_client *client)
{
    (void)client;
    return -1;
}

int chat_client_dispatch(chat_client *client)
{
    (void)client;
    return 0;
}

int chat_join(chat_client *client, const char *room, unsigned int flags,
              unsigned int limit, uint64_t *request)
{
    (void)client;
    (void)flags;
    (void)limit;
    (void)request;
    return record("join %s", room);
}

int chat_leave(chat_client *client, const char *room, uint64_t *request)
{
    (void)client;
    (void)request;
    return record("leave %s", room);
}

int chat_send(chat_client *client, const char *room, const char *text,
              uint64_t reply_to, char *key)
{
    (void)client;
    (void)reply_to;
    snprintf(key, CHAT_KEY_SIZE, "key-%u", ++sent);
    return record("send %s %s", room, text);
}

int chat_send_cancel(chat_client *client, const char *key)
{
    (void)client;
    (void)key;
    return record("cancel");
}

int chat_history(chat_client *client, const char *room, uint64_t before,
                 unsigned int limit, uint64_t *request)
{
    (void)client;
    (void)limit;
    (void)request;
    return record("history %s %llu", room, (unsigned long long)before);
}

int chat_read(chat_client *client, const char *room, uint64_t seq)
{
    (void)client;
    return record("read %s %llu", room, (unsigned long long)seq);
}

int chat_typing(chat_client *client, const char *room)
{
    (void)client;
    return record("typing %s", room);
}

int chat_rooms(chat_client *client, const char *prefix, const char *after,
               uint64_t *request)
{
    (void)client;
    (void)after;
    if (request != NULL) {
        *request = FAKE_ROOMS_REQUEST;
    }
    return record("rooms %s", prefix == NULL ? "-" : prefix);
}
