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

static void new_key(char *key)
{
    snprintf(key, CHAT_KEY_SIZE, "key-%u", ++sent);
}

static void give(uint64_t *request, uint64_t number)
{
    if (request != NULL) {
        *request = number;
    }
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
    *client = (chat_client *)&calls; /* only NULL or not */
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

int chat_client_set_token(chat_client *client, const char *token)
{
    (void)client;
    return record("token %s", token);
}

int chat_client_set_login(chat_client *client, const char *user,
                          const char *password)
{
    (void)client;
    return record("login %s %s", user, password);
}

int chat_client_set_register(chat_client *client, const char *user,
                             const char *password)
{
    (void)client;
    return record("register %s %s", user, password);
}

int chat_client_token(const chat_client *client, char *token, size_t size)
{
    (void)client;
    snprintf(token, size, "the-token");
    return CHAT_OK;
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
    (void)limit;
    (void)request;
    return record("join %s%s", room,
                  (flags & CHAT_JOIN_PRIVATE) != 0  ? " private"
                  : (flags & CHAT_JOIN_CREATE) == 0 ? " only"
                                                    : "");
}

int chat_leave(chat_client *client, const char *room, uint64_t *request)
{
    (void)client;
    (void)request;
    return record("leave %s", room);
}

int chat_send_mentioning(chat_client *client, const char *room,
                         const char *text, uint64_t reply_to,
                         const char *const *mentions, size_t count, char *key)
{
    char more[128] = "";
    size_t length = 0, i;

    (void)client;
    new_key(key);
    if (reply_to != 0) {
        length += (size_t)snprintf(more, sizeof(more), " to %llu",
                                   (unsigned long long)reply_to);
    }
    for (i = 0; i < count && length < sizeof(more); i++) {
        length += (size_t)snprintf(more + length, sizeof(more) - length, " @%s",
                                   mentions[i]);
    }
    return record("send %s %s%s", room, text, more);
}

int chat_send(chat_client *client, const char *room, const char *text,
              uint64_t reply_to, char *key)
{
    return chat_send_mentioning(client, room, text, reply_to, NULL, 0, key);
}

int chat_edit(chat_client *client, const char *room, uint64_t ref,
              const char *text, char *key)
{
    (void)client;
    new_key(key);
    return record("edit %s %llu %s", room, (unsigned long long)ref, text);
}

int chat_delete(chat_client *client, const char *room, uint64_t ref, char *key)
{
    (void)client;
    new_key(key);
    return record("delete %s %llu", room, (unsigned long long)ref);
}

int chat_react(chat_client *client, const char *room, uint64_t ref,
               const char *emoji, int on, char *key)
{
    (void)client;
    new_key(key);
    return record("react %s %llu %s %s", room, (unsigned long long)ref, emoji,
                  on ? "on" : "off");
}

int chat_topic(chat_client *client, const char *room, const char *topic,
               uint64_t *request)
{
    (void)client;
    (void)request;
    return record("topic %s %s", room, topic);
}

int chat_invite(chat_client *client, const char *room, const char *user_id,
                uint64_t *request)
{
    (void)client;
    (void)request;
    return record("invite %s %s", room, user_id);
}

int chat_kick(chat_client *client, const char *room, const char *user_id,
              const char *reason, uint64_t *request)
{
    (void)client;
    (void)request;
    return record("kick %s %s %s", room, user_id,
                  reason == NULL ? "-" : reason);
}

int chat_ban(chat_client *client, const char *room, const char *user_id, int on,
             const char *reason, uint64_t *request)
{
    (void)client;
    (void)request;
    return record("%s %s %s %s", on ? "ban" : "unban", room, user_id,
                  reason == NULL ? "-" : reason);
}

int chat_set_role(chat_client *client, const char *room, const char *user_id,
                  chat_role role, uint64_t *request)
{
    (void)client;
    (void)request;
    return record("role %s %s %d", room, user_id, (int)role);
}

int chat_dm(chat_client *client, const char *user_id, unsigned int limit,
            uint64_t *request)
{
    (void)client;
    (void)limit;
    (void)request;
    return record("dm %s", user_id);
}

int chat_members(chat_client *client, const char *room, chat_member_list list,
                 const char *after, uint64_t *request)
{
    (void)client;
    give(request, FAKE_MEMBERS_REQUEST);
    return record("members %s %d %s", room, (int)list,
                  after == NULL ? "-" : after);
}

int chat_presence(chat_client *client, chat_presence_state state)
{
    (void)client;
    return record("presence %d", (int)state);
}

int chat_logout(chat_client *client, int all, uint64_t *request)
{
    (void)client;
    (void)request;
    return record("logout%s", all ? " all" : "");
}

int chat_password(chat_client *client, const char *old_password,
                  const char *new_password, uint64_t *request)
{
    (void)client;
    give(request, FAKE_PASSWORD_REQUEST);
    return record("password %s %s", old_password, new_password);
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
    give(request, limit == 1 ? FAKE_TEXT_REQUEST : FAKE_HISTORY_REQUEST);
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
    give(request, FAKE_ROOMS_REQUEST);
    return record("rooms %s", prefix == NULL ? "-" : prefix);
}
