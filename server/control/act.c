/* Commands about users: kick, ban, role, token revoke. */
#include "server/control/commands.h"

#include "protocol/standing.h"
#include "server/core/admin.h"
#include "server/server_private.h"

#include <stdlib.h>

struct deed {
    struct chat__admin_act act;
    struct chat__control_call *call;
};

/* ---- how it went ---- */

static void write_match(struct chat__writer *writer,
                        const struct chat__admin_match *match)
{
    chat__write_id(writer, "id", match->user);
    chat__write_string(writer, "name", match->name);
    chat__write_bool(writer, "guest", match->guest);
}

static void write_result(struct chat__control_call *call,
                         const struct chat__admin_act *act)
{
    struct chat__writer *writer = chat__control_begin(call);

    chat__write_object(writer, "user");
    write_match(writer, &act->matches[0]);
    chat__write_object_end(writer);
    chat__write_string(writer, "room", act->room);
    chat__write_bool(writer, "changed", act->changed);
    if (act->seq != 0)
        chat__write_uint(writer, "seq", act->seq);
    if (act->room == NULL)
        chat__write_uint(writer, "connections", act->connections);
    chat__control_end(call);
    chat__control_succeed(call);
}

/* Nobody knows which of them. */
static void write_matches(struct chat__control_call *call,
                          const struct chat__admin_act *act)
{
    for (size_t i = 0; i < act->match_count; i++) {
        struct chat__writer *writer = chat__control_begin(call);

        chat__write_object(writer, "user");
        write_match(writer, &act->matches[i]);
        chat__write_object_end(writer);
        chat__control_end(call);
    }
    chat__control_refuse(call, "ambiguous", act->error.message);
}

static void done(struct chat__admin_act *act)
{
    struct deed *deed =
        (struct deed *)((char *)act - offsetof(struct deed, act));
    struct chat__control_call *call = deed->call;

    if (act->match_count == 1)
        chat__control_about(call, act->matches[0].user);
    if (act->match_count > 1)
        write_matches(call, act);
    else if (act->error.code != CHAT__ERROR_NONE)
        chat__control_refuse(call, chat__error_name(act->error.code),
                             act->error.message);
    else
        write_result(call, act);
    free(deed);
}

/* ---- what is asked ---- */

static struct deed *new_deed(struct chat__control_call *call,
                             enum chat__admin_kind kind)
{
    struct deed *deed = calloc(1, sizeof *deed);

    if (deed == NULL) {
        chat__control_refuse(call, "busy", "chatd is short of memory");
        return NULL;
    }
    deed->call = call;
    deed->act.kind = kind;
    deed->act.who = chat__control_string(call, "user");
    deed->act.room = chat__control_string(call, "room");
    deed->act.reason = chat__control_string(call, "reason");
    deed->act.done = done;
    return deed;
}

static void begin(struct chat__control_call *call, enum chat__admin_kind kind)
{
    struct deed *deed = new_deed(call, kind);

    if (deed != NULL)
        chat__admin_begin(chat__control_server(call)->core, &deed->act);
}

void chat__control_kick(struct chat__control_call *call)
{
    begin(call, CHAT__ADMIN_KICK);
}

void chat__control_ban(struct chat__control_call *call)
{
    begin(call, CHAT__ADMIN_BAN);
}

void chat__control_unban(struct chat__control_call *call)
{
    begin(call, CHAT__ADMIN_UNBAN);
}

void chat__control_token_revoke(struct chat__control_call *call)
{
    begin(call, CHAT__ADMIN_END_TOKENS);
}

void chat__control_role(struct chat__control_call *call)
{
    enum chat__role role;
    struct deed *deed;

    if (!chat__role_from_name(chat__control_string(call, "role"), &role)) {
        chat__control_refuse(call, "bad_request",
                             "role: owner, moderator or member");
        return;
    }
    deed = new_deed(call, CHAT__ADMIN_ROLE);
    if (deed == NULL)
        return;
    deed->act.role = role;
    chat__admin_begin(chat__control_server(call)->core, &deed->act);
}
