#include "tests/protocol/fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum field_type {
    FIELD_END,
    FIELD_STRING,
    FIELD_INTEGER, /* uint64_t or int64_t: none is negative on the wire */
    FIELD_BOOL,
    FIELD_ID,
    FIELD_ROLE,
    FIELD_PRESENCE
};

struct field {
    enum field_type type;
    const char *path; /* on the wire, with dots for nesting */
    size_t offset;
};

#define FIELD(type, path, structure, member)                                   \
    {                                                                          \
        FIELD_##type, path, offsetof(struct structure, member)                 \
    }

/* The member at a path with dots; NULL when it is not there. */
static const cJSON *find(const cJSON *object, const char *path)
{
    const char *dot;

    while (object != NULL && (dot = strchr(path, '.')) != NULL) {
        char key[32];

        snprintf(key, sizeof(key), "%.*s", (int)(dot - path), path);
        object = cJSON_GetObjectItemCaseSensitive(object, key);
        path = dot + 1;
    }
    return object ? cJSON_GetObjectItemCaseSensitive(object, path) : NULL;
}

static void expect_text(const char *value, const cJSON *expected)
{
    if (expected == NULL) {
        assert_null(value);
        return;
    }
    assert_non_null(value);
    assert_string_equal(value, cJSON_GetStringValue(expected));
}

static void expect_id(uint64_t value, const cJSON *expected)
{
    if (expected == NULL)
        assert_int_equal(value, 0);
    else
        assert_int_equal(value,
                         strtoull(cJSON_GetStringValue(expected), NULL, 10));
}

/* On the wire, absence is a presence too. */
static void expect_presence(enum chat__presence value, const cJSON *expected)
{
    assert_string_equal(chat__presence_name(value),
                        expected ? cJSON_GetStringValue(expected) : "offline");
}

static void expect_ids(const uint64_t *ids, size_t count, const cJSON *expected)
{
    const cJSON *item;

    assert_int_equal(count, cJSON_GetArraySize(expected));
    cJSON_ArrayForEach(item, expected)
    {
        expect_id(*ids++, item);
    }
}

static void expect_field(const struct field *field, const void *structure,
                         const cJSON *object)
{
    const void *value = (const char *)structure + field->offset;
    const cJSON *expected = find(object, field->path);

    switch (field->type) {
    case FIELD_STRING:
        expect_text(*(const char *const *)value, expected);
        break;
    case FIELD_INTEGER:
        assert_int_equal(*(const uint64_t *)value,
                         expected ? (uint64_t)expected->valuedouble : 0);
        break;
    case FIELD_ROLE:
        expect_text(chat__role_name(*(const enum chat__role *)value), expected);
        break;
    case FIELD_PRESENCE:
        expect_presence(*(const enum chat__presence *)value, expected);
        break;
    case FIELD_BOOL:
        assert_int_equal(*(const bool *)value, cJSON_IsTrue(expected));
        break;
    default:
        expect_id(*(const uint64_t *)value, expected);
        break;
    }
}

/* The table ends with FIELD_END. */
static void expect_fields(const struct field *fields, const void *structure,
                          const cJSON *expected)
{
    for (; fields->type != FIELD_END; fields++)
        expect_field(fields, structure, expected);
}

/* `expected` is an array, or an object whose keys the caller compares. */
static void expect_list(const struct field *fields, const void *elements,
                        size_t size, size_t count, const cJSON *expected)
{
    const char *at = elements;
    const cJSON *item;

    assert_int_equal(count, cJSON_GetArraySize(expected));
    cJSON_ArrayForEach(item, expected)
    {
        expect_fields(fields, at, item);
        at += size;
    }
}

/* ---- requests ---- */

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
    const cJSON *given = find(expected, credential_keys[hello->credential]);

    assert_non_null(given);
    expect_text(hello->user, find(given, "user"));
    expect_text(hello->password, find(given, "password"));
    expect_list(position_fields, hello->resume, sizeof(*hello->resume),
                hello->resume_count, find(expected, "resume"));
}

static void expect_history(const struct chat__history *history,
                           const cJSON *expected)
{
    static const char *const keys[] = {
        [CHAT__HISTORY_BEFORE] = "before",
        [CHAT__HISTORY_AFTER] = "after",
        [CHAT__HISTORY_AROUND] = "around",
    };
    const cJSON *seq = find(expected, keys[history->direction]);

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
    const cJSON *id = find(expected, "id");

    assert_string_equal(chat__action_name(request->action),
                        cJSON_GetStringValue(find(expected, "action")));
    assert_int_equal(request->has_id, id != NULL);
    assert_int_equal(request->id, id ? (uint32_t)id->valuedouble : 0);
    expect_fields(request_fields[request->action], request, expected);
    if (request->action == CHAT__ACTION_HELLO)
        expect_hello(&request->body.hello, expected);
    if (request->action == CHAT__ACTION_HISTORY)
        expect_history(&request->body.history, expected);
    if (request->action == CHAT__ACTION_SEND)
        expect_ids(request->body.send.mentions,
                   request->body.send.mention_count,
                   find(expected, "mentions"));
    if (request->action == CHAT__ACTION_MEMBERS)
        expect_member_list(request->body.members.list, find(expected, "list"));
    if (request->action == CHAT__ACTION_PING)
        assert_int_equal(request->body.ping.has_since,
                         find(expected, "since") != NULL);
}

/* ---- events ---- */

static const struct field event_fields[] = {
    FIELD(STRING, "room", chat__event, room),
    FIELD(INTEGER, "seq", chat__event, seq),
    FIELD(INTEGER, "n", chat__event, n),
    FIELD(INTEGER, "ts", chat__event, ts),
    FIELD(ID, "from.id", chat__event, from.id),
    FIELD(STRING, "from.name", chat__event, from.name),
    FIELD(STRING, "key", chat__event, key),
    FIELD(STRING, "text", chat__event, text),
    FIELD(INTEGER, "reply_to", chat__event, reply_to),
    FIELD(BOOL, "deleted", chat__event, deleted),
    FIELD(INTEGER, "ref", chat__event, ref),
    FIELD(STRING, "emoji", chat__event, emoji),
    FIELD(BOOL, "on", chat__event, on),
    FIELD(ID, "with.id", chat__event, with.id),
    FIELD(STRING, "with.name", chat__event, with.name),
    FIELD(ID, "user.id", chat__event, user.id),
    FIELD(STRING, "user.name", chat__event, user.name),
    FIELD(STRING, "reason", chat__event, reason),
    FIELD(STRING, "topic", chat__event, topic),
    FIELD(ROLE, "role", chat__event, role),
    FIELD(ID, "by.id", chat__event, by.id),
    FIELD(STRING, "by.name", chat__event, by.name),
    FIELD(INTEGER, "reconnect_in_ms", chat__event, reconnect_in_ms),
    FIELD(INTEGER, "spread_ms", chat__event, spread_ms),
    FIELD(STRING, "url", chat__event, url),
    FIELD(STRING, "epoch", chat__event, epoch),
    FIELD(INTEGER, "head", chat__event, head),
    FIELD(INTEGER, "read", chat__event, read),
    FIELD(INTEGER, "unread", chat__event, unread),
    FIELD(INTEGER, "code", chat__event, code),
    FIELD(STRING, "message", chat__event, message),
    FIELD(INTEGER, "retry_ms", chat__event, retry_ms),
    {0},
};

/* Of an unknown event only what moves the log is promised. */
static const struct field unknown_entry_fields[] = {
    FIELD(STRING, "room", chat__event, room),
    FIELD(INTEGER, "seq", chat__event, seq),
    FIELD(INTEGER, "ts", chat__event, ts),
    FIELD(ID, "from.id", chat__event, from.id),
    FIELD(STRING, "key", chat__event, key),
    {0},
};

static void expect_count(uint64_t value, const cJSON *expected)
{
    assert_int_equal(value, expected ? (uint64_t)expected->valuedouble : 0);
}

static const struct field user_presence_fields[] = {
    FIELD(ID, "id", chat__user_presence, id),
    FIELD(PRESENCE, "presence", chat__user_presence, presence),
    {0},
};

static void expect_presences(const struct chat__event *event,
                             const cJSON *expected)
{
    struct chat__user_presence user;
    const cJSON *at = NULL;
    const cJSON *item;

    assert_int_equal(event->presence_count, cJSON_GetArraySize(expected));
    cJSON_ArrayForEach(item, expected)
    {
        at = chat__event_next_presence(event, at, &user);
        assert_non_null(at);
        expect_fields(user_presence_fields, &user, item);
    }
}

static void expect_known_event(const struct chat__event *event,
                               const cJSON *expected)
{
    const char *state = cJSON_GetStringValue(find(expected, "state"));

    assert_string_equal(chat__event_name(event->kind),
                        cJSON_GetStringValue(find(expected, "event")));
    expect_fields(event_fields, event, expected);
    assert_int_equal(event->has_retry, find(expected, "retry_ms") != NULL);
    if (state != NULL)
        assert_string_equal(chat__membership_name(event->state), state);
    if (event->kind == CHAT__EVENT_MESSAGE)
        expect_ids(event->mentions, event->mention_count,
                   find(expected, "mentions"));
    else
        expect_count(event->mentions_unread, find(expected, "mentions"));
    expect_presences(event, find(expected, "users"));
}

void fields_expect_event(const struct chat__event *event, const cJSON *expected)
{
    bool entry = find(expected, "seq") != NULL;

    assert_int_equal(chat__event_is_entry(event), entry);
    if (event->kind != CHAT__EVENT_UNKNOWN)
        expect_known_event(event, expected);
    else if (entry)
        expect_fields(unknown_entry_fields, event, expected);
}

/* ---- replies ---- */

static const struct field hello_ok_fields[] = {
    FIELD(ID, "user.id", chat__hello_ok, user_id),
    FIELD(STRING, "user.name", chat__hello_ok, user_name),
    FIELD(BOOL, "user.guest", chat__hello_ok, guest),
    FIELD(STRING, "token", chat__hello_ok, token),
    FIELD(STRING, "session", chat__hello_ok, session),
    FIELD(INTEGER, "ping_ms", chat__hello_ok, ping_ms),
    FIELD(INTEGER, "limits.frame_bytes", chat__hello_ok, limits.frame_bytes),
    FIELD(INTEGER, "limits.text_characters", chat__hello_ok,
          limits.text_characters),
    FIELD(INTEGER, "limits.text_bytes", chat__hello_ok, limits.text_bytes),
    FIELD(INTEGER, "limits.page_entries", chat__hello_ok, limits.page_entries),
    FIELD(INTEGER, "limits.rooms", chat__hello_ok, limits.rooms),
    FIELD(INTEGER, "limits.in_flight", chat__hello_ok, limits.in_flight),
    FIELD(INTEGER, "limits.connection_ms", chat__hello_ok,
          limits.connection_ms),
    FIELD(STRING, "server.version", chat__hello_ok, server_version),
    FIELD(STRING, "server.color", chat__hello_ok, server_color),
    FIELD(STRING, "server.task", chat__hello_ok, server_task),
    FIELD(BOOL, "more", chat__hello_ok, more),
    FIELD(INTEGER, "rooms_rev", chat__hello_ok, rooms_rev),
    FIELD(INTEGER, "now", chat__hello_ok, now),
    {0},
};

static const struct field hello_room_fields[] = {
    FIELD(STRING, "room", chat__hello_room, room),
    FIELD(STRING, "epoch", chat__hello_room, epoch),
    FIELD(INTEGER, "head", chat__hello_room, head),
    FIELD(INTEGER, "read", chat__hello_room, read),
    FIELD(INTEGER, "unread", chat__hello_room, unread),
    FIELD(INTEGER, "mentions", chat__hello_room, mentions),
    FIELD(BOOL, "resumed", chat__hello_room, resumed),
    {0},
};

static const struct field hello_invite_fields[] = {
    FIELD(STRING, "room", chat__invite, room),
    FIELD(ID, "by.id", chat__invite, by.id),
    FIELD(STRING, "by.name", chat__invite, by.name),
    {0},
};

static const struct field password_ok_fields[] = {
    FIELD(STRING, "token", chat__password_ok, token),
    {0},
};

static const struct field room_summary_fields[] = {
    FIELD(STRING, "room", chat__room_summary, room),
    FIELD(STRING, "topic", chat__room_summary, topic),
    FIELD(INTEGER, "members", chat__room_summary, members),
    {0},
};

static const struct field page_fields[] = {
    FIELD(INTEGER, "first", chat__page, first),
    FIELD(INTEGER, "head", chat__page, head),
    FIELD(BOOL, "more", chat__page, more),
    {0},
};

static const struct field join_ok_fields[] = {
    FIELD(STRING, "room", chat__join_ok, room),
    FIELD(STRING, "epoch", chat__join_ok, epoch),
    FIELD(STRING, "topic", chat__join_ok, topic),
    FIELD(INTEGER, "members", chat__join_ok, members),
    FIELD(ROLE, "role", chat__join_ok, role),
    FIELD(BOOL, "recovered", chat__join_ok, recovered),
    {0},
};

static const struct field send_ok_fields[] = {
    FIELD(INTEGER, "seq", chat__send_ok, seq),
    FIELD(INTEGER, "ts", chat__send_ok, ts),
    FIELD(BOOL, "dup", chat__send_ok, dup),
    {0},
};

static const struct field read_ok_fields[] = {
    FIELD(INTEGER, "seq", chat__read_ok, seq),
    FIELD(INTEGER, "unread", chat__read_ok, unread),
    FIELD(INTEGER, "mentions", chat__read_ok, mentions),
    {0},
};

static const struct field ping_ok_fields[] = {
    FIELD(INTEGER, "now", chat__ping_ok, now),
    FIELD(BOOL, "more", chat__ping_ok, more),
    FIELD(STRING, "after", chat__ping_ok, after),
    FIELD(INTEGER, "rooms_rev", chat__ping_ok, rooms_rev),
    {0},
};

static const struct field head_fields[] = {
    FIELD(STRING, "epoch", chat__head, epoch),
    FIELD(INTEGER, "head", chat__head, head),
    {0},
};

static const struct field member_row_fields[] = {
    FIELD(ID, "id", chat__member_row, id),
    FIELD(STRING, "name", chat__member_row, name),
    FIELD(ROLE, "role", chat__member_row, role),
    FIELD(PRESENCE, "presence", chat__member_row, presence),
    {0},
};

static const struct field change_fields[] = {
    FIELD(INTEGER, "ref", chat__change, ref),
    FIELD(INTEGER, "upto", chat__change, upto),
    FIELD(INTEGER, "edit", chat__change, edit),
    FIELD(STRING, "text", chat__change, text),
    FIELD(BOOL, "deleted", chat__change, deleted),
    {0},
};

static void expect_reactions(const struct chat__change *change,
                             const cJSON *expected)
{
    const struct chat__reaction *reaction = change->reactions;
    const cJSON *item;

    assert_int_equal(change->reaction_count, cJSON_GetArraySize(expected));
    cJSON_ArrayForEach(item, expected)
    {
        expect_text(reaction->emoji, find(item, "emoji"));
        expect_ids(reaction->users, reaction->user_count, find(item, "users"));
        reaction++;
    }
}

static void expect_changes(const struct chat__page *page, const cJSON *expected)
{
    const struct chat__change *change = page->changes;
    const cJSON *item;

    expect_list(change_fields, page->changes, sizeof(*page->changes),
                page->change_count, expected);
    cJSON_ArrayForEach(item, expected)
    {
        expect_reactions(change++, find(item, "reactions"));
    }
}

static void expect_page(const struct chat__page *page, const cJSON *expected)
{
    const cJSON *entries = find(expected, "entries");

    expect_fields(page_fields, page, expected);
    assert_int_equal(page->entry_count, cJSON_GetArraySize(entries));
    assert_true(cJSON_Compare(page->entries_json, entries, true));
    expect_changes(page, find(expected, "changes"));
}

static void expect_heads(const struct chat__ping_ok *ping,
                         const cJSON *expected)
{
    const cJSON *heads = find(expected, "heads");
    const struct chat__head *head = ping->heads;
    const cJSON *member;

    expect_list(head_fields, ping->heads, sizeof(*ping->heads),
                ping->head_count, heads);
    cJSON_ArrayForEach(member, heads)
    {
        assert_string_equal((head++)->room, member->string);
    }
}

static void expect_ok(const struct chat__reply *reply, const cJSON *ok)
{
    switch (reply->action) {
    case CHAT__ACTION_HELLO:
        expect_fields(hello_ok_fields, &reply->body.hello, ok);
        expect_list(hello_room_fields, reply->body.hello.rooms,
                    sizeof(*reply->body.hello.rooms),
                    reply->body.hello.room_count, find(ok, "rooms"));
        expect_list(hello_invite_fields, reply->body.hello.invites,
                    sizeof(*reply->body.hello.invites),
                    reply->body.hello.invite_count, find(ok, "invites"));
        break;
    case CHAT__ACTION_PASSWORD:
        expect_fields(password_ok_fields, &reply->body.password, ok);
        break;
    case CHAT__ACTION_ROOMS:
        assert_int_equal(reply->body.rooms.more,
                         cJSON_IsTrue(find(ok, "more")));
        expect_list(room_summary_fields, reply->body.rooms.rooms,
                    sizeof(*reply->body.rooms.rooms),
                    reply->body.rooms.room_count, find(ok, "rooms"));
        break;
    case CHAT__ACTION_JOIN:
    case CHAT__ACTION_DM:
        expect_fields(join_ok_fields, &reply->body.join, ok);
        expect_page(&reply->body.join.page, ok);
        break;
    case CHAT__ACTION_HISTORY:
        expect_page(&reply->body.history.page, ok);
        break;
    case CHAT__ACTION_MEMBERS:
        assert_int_equal(reply->body.members.more,
                         cJSON_IsTrue(find(ok, "more")));
        expect_list(member_row_fields, reply->body.members.members,
                    sizeof(*reply->body.members.members),
                    reply->body.members.member_count, find(ok, "members"));
        break;
    case CHAT__ACTION_READ:
        expect_fields(read_ok_fields, &reply->body.read, ok);
        break;
    case CHAT__ACTION_PING:
        expect_fields(ping_ok_fields, &reply->body.ping, ok);
        expect_heads(&reply->body.ping, ok);
        break;
    default:
        if (chat__action_makes_entry(reply->action))
            expect_fields(send_ok_fields, &reply->body.entry, ok);
        break;
    }
}

static void expect_refusal(const struct chat__error *error,
                           const cJSON *expected)
{
    const cJSON *retry_ms = find(expected, "retry_ms");

    assert_string_equal(chat__error_name(error->code),
                        cJSON_GetStringValue(find(expected, "code")));
    assert_string_equal(error->message,
                        cJSON_GetStringValue(find(expected, "message")));
    assert_int_equal(error->temporary, retry_ms != NULL);
    assert_int_equal(error->retry_ms,
                     retry_ms ? (uint32_t)retry_ms->valuedouble : 0);
}

void fields_expect_reply(const struct chat__reply *reply, const cJSON *expected)
{
    const cJSON *ok = find(expected, "ok");

    assert_int_equal(reply->id, (uint32_t)find(expected, "reply")->valuedouble);
    assert_int_equal(reply->ok, ok != NULL);
    if (reply->ok)
        expect_ok(reply, ok);
    else
        expect_refusal(&reply->error, find(expected, "error"));
}
