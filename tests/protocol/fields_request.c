#include "tests/protocol/fields_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct field position_fields[] = {
    FIELD(STRING, "room", chat__position, room),
    FIELD(STRING, "epoch", chat__position, epoch),
    FIELD(INTEGER, "seq", chat__position, seq),
    {0},
};

static const struct field hello_fields[] = {
    FIELD(INTEGER, "version", chat__request, body.hello.version),
    FIELD(STRING, "token", chat__request, body.hello.token),
    FIELD(STRING, "guest", chat__request, body.hello.guest),
    FIELD(STRING, "key", chat__request, body.hello.key),
    FIELD(STRING, "agent", chat__request, body.hello.agent),
    {0},
};

static const struct field rooms_fields[] = {
    FIELD(STRING, "prefix", chat__request, body.rooms.prefix),
    FIELD(STRING, "after", chat__request, body.rooms.after),
    {0},
};

static const struct field join_fields[] = {
    FIELD(STRING, "room", chat__request, body.join.room),
    FIELD(STRING, "key", chat__request, body.join.key),
    FIELD(BOOL, "create", chat__request, body.join.create),
    FIELD(BOOL, "private", chat__request, body.join.private_room),
    FIELD(STRING, "since.epoch", chat__request, body.join.since_epoch),
    FIELD(INTEGER, "since.seq", chat__request, body.join.since_seq),
    FIELD(INTEGER, "limit", chat__request, body.join.limit),
    {0},
};

static const struct field leave_fields[] = {
    FIELD(STRING, "room", chat__request, body.leave.room),
    FIELD(STRING, "key", chat__request, body.leave.key),
    {0},
};

static const struct field send_fields[] = {
    FIELD(STRING, "room", chat__request, body.send.room),
    FIELD(STRING, "key", chat__request, body.send.key),
    FIELD(STRING, "text", chat__request, body.send.text),
    FIELD(INTEGER, "reply_to", chat__request, body.send.reply_to),
    {0},
};

static const struct field history_fields[] = {
    FIELD(STRING, "room", chat__request, body.history.room),
    FIELD(STRING, "epoch", chat__request, body.history.epoch),
    FIELD(INTEGER, "limit", chat__request, body.history.limit),
    {0},
};

static const struct field read_fields[] = {
    FIELD(STRING, "room", chat__request, body.read.room),
    FIELD(INTEGER, "seq", chat__request, body.read.seq),
    {0},
};

static const struct field typing_fields[] = {
    FIELD(STRING, "room", chat__request, body.typing.room),
    {0},
};

static const struct field ping_fields[] = {
    FIELD(INTEGER, "since", chat__request, body.ping.since),
    FIELD(STRING, "after", chat__request, body.ping.after),
    {0},
};

static const struct field logout_fields[] = {
    FIELD(BOOL, "all", chat__request, body.logout.all),
    {0},
};

static const struct field password_fields[] = {
    FIELD(STRING, "old", chat__request, body.password.old),
    FIELD(STRING, "new", chat__request, body.password.new),
    {0},
};

static const struct field dm_fields[] = {
    FIELD(ID, "user", chat__request, body.dm.user),
    FIELD(STRING, "key", chat__request, body.dm.key),
    FIELD(INTEGER, "limit", chat__request, body.dm.limit),
    {0},
};

static const struct field edit_fields[] = {
    FIELD(STRING, "room", chat__request, body.edit.room),
    FIELD(STRING, "key", chat__request, body.edit.key),
    FIELD(INTEGER, "ref", chat__request, body.edit.ref),
    FIELD(STRING, "text", chat__request, body.edit.text),
    {0},
};

static const struct field delete_fields[] = {
    FIELD(STRING, "room", chat__request, body.delete.room),
    FIELD(STRING, "key", chat__request, body.delete.key),
    FIELD(INTEGER, "ref", chat__request, body.delete.ref),
    {0},
};

static const struct field react_fields[] = {
    FIELD(STRING, "room", chat__request, body.react.room),
    FIELD(STRING, "key", chat__request, body.react.key),
    FIELD(INTEGER, "ref", chat__request, body.react.ref),
    FIELD(STRING, "emoji", chat__request, body.react.emoji),
    FIELD(BOOL, "on", chat__request, body.react.on),
    {0},
};

static const struct field topic_fields[] = {
    FIELD(STRING, "room", chat__request, body.topic.room),
    FIELD(STRING, "key", chat__request, body.topic.key),
    FIELD(STRING, "topic", chat__request, body.topic.topic),
    {0},
};

static const struct field invite_fields[] = {
    FIELD(STRING, "room", chat__request, body.invite.room),
    FIELD(STRING, "key", chat__request, body.invite.key),
    FIELD(ID, "user", chat__request, body.invite.user),
    {0},
};

static const struct field kick_fields[] = {
    FIELD(STRING, "room", chat__request, body.kick.room),
    FIELD(STRING, "key", chat__request, body.kick.key),
    FIELD(ID, "user", chat__request, body.kick.user),
    FIELD(STRING, "reason", chat__request, body.kick.reason),
    {0},
};

static const struct field ban_fields[] = {
    FIELD(STRING, "room", chat__request, body.ban.room),
    FIELD(STRING, "key", chat__request, body.ban.key),
    FIELD(ID, "user", chat__request, body.ban.user),
    FIELD(BOOL, "on", chat__request, body.ban.on),
    FIELD(STRING, "reason", chat__request, body.ban.reason),
    {0},
};

static const struct field role_fields[] = {
    FIELD(STRING, "room", chat__request, body.role.room),
    FIELD(STRING, "key", chat__request, body.role.key),
    FIELD(ID, "user", chat__request, body.role.user),
    FIELD(ROLE, "role", chat__request, body.role.role),
    {0},
};

static const struct field members_fields[] = {
    FIELD(STRING, "room", chat__request, body.members.room),
    FIELD(ID, "after", chat__request, body.members.after),
    {0},
};

static const struct field presence_fields[] = {
    FIELD(PRESENCE, "state", chat__request, body.presence.state),
    {0},
};

static const struct field *const request_fields[CHAT__ACTION_COUNT] = {
    [CHAT__ACTION_HELLO] = hello_fields,
    [CHAT__ACTION_LOGOUT] = logout_fields,
    [CHAT__ACTION_PASSWORD] = password_fields,
    [CHAT__ACTION_ROOMS] = rooms_fields,
    [CHAT__ACTION_JOIN] = join_fields,
    [CHAT__ACTION_DM] = dm_fields,
    [CHAT__ACTION_LEAVE] = leave_fields,
    [CHAT__ACTION_SEND] = send_fields,
    [CHAT__ACTION_EDIT] = edit_fields,
    [CHAT__ACTION_DELETE] = delete_fields,
    [CHAT__ACTION_REACT] = react_fields,
    [CHAT__ACTION_TOPIC] = topic_fields,
    [CHAT__ACTION_INVITE] = invite_fields,
    [CHAT__ACTION_KICK] = kick_fields,
    [CHAT__ACTION_BAN] = ban_fields,
    [CHAT__ACTION_ROLE] = role_fields,
    [CHAT__ACTION_HISTORY] = history_fields,
    [CHAT__ACTION_MEMBERS] = members_fields,
    [CHAT__ACTION_READ] = read_fields,
    [CHAT__ACTION_TYPING] = typing_fields,
    [CHAT__ACTION_PRESENCE] = presence_fields,
    [CHAT__ACTION_PING] = ping_fields,
};

/* By the values of enum chat__credential. */
static const char *const credential_keys[] = {"token", "guest", "login",
                                              "register"};

static void expect_hello(const struct chat__hello *hello, const cJSON *expected)
{
    const cJSON *given =
        fields_find(expected, credential_keys[hello->credential]);

    assert_non_null(given);
    fields_expect_text(hello->user, fields_find(given, "user"));
    fields_expect_text(hello->password, fields_find(given, "password"));
    fields_expect_list(position_fields, hello->resume, sizeof(*hello->resume),
                       hello->resume_count, fields_find(expected, "resume"));
}

static void expect_history(const struct chat__history *history,
                           const cJSON *expected)
{
    static const char *const keys[] = {
        [CHAT__HISTORY_BEFORE] = "before",
        [CHAT__HISTORY_AFTER] = "after",
        [CHAT__HISTORY_AROUND] = "around",
    };
    const cJSON *seq = fields_find(expected, keys[history->direction]);

    assert_non_null(seq);
    assert_int_equal(history->seq, (uint64_t)seq->valuedouble);
}

static void expect_member_list(enum chat__member_list list,
                               const cJSON *expected)
{
    static const char *const member_lists[] = {"members", "invited", "banned"};

    assert_string_equal(member_lists[list],
                        expected ? cJSON_GetStringValue(expected) : "members");
}

void fields_expect_request(const struct chat__request *request,
                           const cJSON *expected)
{
    const cJSON *id = fields_find(expected, "id");

    assert_string_equal(chat__action_name(request->action),
                        cJSON_GetStringValue(fields_find(expected, "action")));
    assert_int_equal(request->has_id, id != NULL);
    assert_int_equal(request->id, id ? (uint32_t)id->valuedouble : 0);
    fields_expect(request_fields[request->action], request, expected);
    if (request->action == CHAT__ACTION_HELLO)
        expect_hello(&request->body.hello, expected);
    if (request->action == CHAT__ACTION_HISTORY)
        expect_history(&request->body.history, expected);
    if (request->action == CHAT__ACTION_SEND)
        fields_expect_ids(request->body.send.mentions,
                          request->body.send.mention_count,
                          fields_find(expected, "mentions"));
    if (request->action == CHAT__ACTION_MEMBERS)
        expect_member_list(request->body.members.list,
                           fields_find(expected, "list"));
    if (request->action == CHAT__ACTION_PING)
        assert_int_equal(request->body.ping.has_since,
                         fields_find(expected, "since") != NULL);
}
