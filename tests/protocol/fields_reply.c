#include "tests/protocol/fields_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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
        fields_expect_text(reaction->emoji, fields_find(item, "emoji"));
        fields_expect_ids(reaction->users, reaction->user_count,
                          fields_find(item, "users"));
        reaction++;
    }
}

static void expect_changes(const struct chat__page *page, const cJSON *expected)
{
    const struct chat__change *change = page->changes;
    const cJSON *item;

    fields_expect_list(change_fields, page->changes, sizeof(*page->changes),
                       page->change_count, expected);
    cJSON_ArrayForEach(item, expected)
    {
        expect_reactions(change++, fields_find(item, "reactions"));
    }
}

static void expect_page(const struct chat__page *page, const cJSON *expected)
{
    const cJSON *entries = fields_find(expected, "entries");

    fields_expect(page_fields, page, expected);
    assert_int_equal(page->entry_count, cJSON_GetArraySize(entries));
    assert_true(cJSON_Compare(page->entries_json, entries, true));
    expect_changes(page, fields_find(expected, "changes"));
}

static void expect_heads(const struct chat__ping_ok *ping,
                         const cJSON *expected)
{
    const cJSON *heads = fields_find(expected, "heads");
    const struct chat__head *head = ping->heads;
    const cJSON *member;

    fields_expect_list(head_fields, ping->heads, sizeof(*ping->heads),
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
        fields_expect(hello_ok_fields, &reply->body.hello, ok);
        fields_expect_list(hello_room_fields, reply->body.hello.rooms,
                           sizeof(*reply->body.hello.rooms),
                           reply->body.hello.room_count,
                           fields_find(ok, "rooms"));
        fields_expect_list(hello_invite_fields, reply->body.hello.invites,
                           sizeof(*reply->body.hello.invites),
                           reply->body.hello.invite_count,
                           fields_find(ok, "invites"));
        break;
    case CHAT__ACTION_PASSWORD:
        fields_expect(password_ok_fields, &reply->body.password, ok);
        break;
    case CHAT__ACTION_ROOMS:
        assert_int_equal(reply->body.rooms.more,
                         cJSON_IsTrue(fields_find(ok, "more")));
        fields_expect_list(room_summary_fields, reply->body.rooms.rooms,
                           sizeof(*reply->body.rooms.rooms),
                           reply->body.rooms.room_count,
                           fields_find(ok, "rooms"));
        break;
    case CHAT__ACTION_JOIN:
    case CHAT__ACTION_DM:
        fields_expect(join_ok_fields, &reply->body.join, ok);
        expect_page(&reply->body.join.page, ok);
        break;
    case CHAT__ACTION_HISTORY:
        expect_page(&reply->body.history.page, ok);
        break;
    case CHAT__ACTION_MEMBERS:
        assert_int_equal(reply->body.members.more,
                         cJSON_IsTrue(fields_find(ok, "more")));
        fields_expect_list(member_row_fields, reply->body.members.members,
                           sizeof(*reply->body.members.members),
                           reply->body.members.member_count,
                           fields_find(ok, "members"));
        break;
    case CHAT__ACTION_READ:
        fields_expect(read_ok_fields, &reply->body.read, ok);
        break;
    case CHAT__ACTION_PING:
        fields_expect(ping_ok_fields, &reply->body.ping, ok);
        expect_heads(&reply->body.ping, ok);
        break;
    default:
        if (chat__action_makes_entry(reply->action))
            fields_expect(send_ok_fields, &reply->body.entry, ok);
        break;
    }
}

static void expect_refusal(const struct chat__error *error,
                           const cJSON *expected)
{
    const cJSON *retry_ms = fields_find(expected, "retry_ms");

    assert_string_equal(chat__error_name(error->code),
                        cJSON_GetStringValue(fields_find(expected, "code")));
    assert_string_equal(error->message,
                        cJSON_GetStringValue(fields_find(expected, "message")));
    assert_int_equal(error->temporary, retry_ms != NULL);
    assert_int_equal(error->retry_ms,
                     retry_ms ? (uint32_t)retry_ms->valuedouble : 0);
}

void fields_expect_reply(const struct chat__reply *reply, const cJSON *expected)
{
    const cJSON *ok = fields_find(expected, "ok");

    assert_int_equal(reply->id,
                     (uint32_t)fields_find(expected, "reply")->valuedouble);
    assert_int_equal(reply->ok, ok != NULL);
    if (reply->ok)
        expect_ok(reply, ok);
    else
        expect_refusal(&reply->error, fields_find(expected, "error"));
}
