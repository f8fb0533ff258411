/* Signing in: by a token, or by other credentials, which make a token. */
#include "server/store/dynamodb_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As in sqlite_sign_in.c: a token whose end would move by less stays. */
#define SLIDE_MS_MIN (60 * 60 * 1000)

struct sign_in {
    struct chat__dynamodb_group group;
    struct chat__dynamodb *store;
    struct chat__store_sign_in *request;
    cJSON *token; /* as it was read */
};

static void finish(struct sign_in *sign_in, enum chat__store_result result)
{
    if (result != CHAT__STORE_OK)
        chat__store_sign_in_release(sign_in->request);
    sign_in->request->result = result;
    chat__dynamodb_complete(sign_in->store, &sign_in->request->completion);
    cJSON_Delete(sign_in->token);
    free(sign_in);
}

/* By nobody who signs in. */
static bool only_reads(const struct sign_in *sign_in)
{
    return sign_in->request->credential == CHAT__STORE_USER &&
           sign_in->request->expires_ms == 0;
}

/* ---- what is told of a user ---- */

static void take_membership(struct chat__store_sign_in *request,
                            const cJSON *item, const char *room,
                            enum chat__role role)
{
    struct chat__store_membership *membership =
        &request->memberships[request->membership_count++];
    chat__dynamodb_copy(membership->room, sizeof membership->room, room);
    membership->role = role;
    chat__dynamodb_user_marker(item, &membership->read, &membership->read_n,
                               &membership->mentions);
}

static void take_invite(struct chat__store_sign_in *request, const cJSON *item,
                        const char *room)
{
    struct chat__store_invite *invite;
    if (request->invite_count == CHAT__INVITES_MAX)
        return;
    invite = &request->invites[request->invite_count++];
    chat__dynamodb_copy(invite->room, sizeof invite->room, room);
    invite->by = chat__dynamodb_get_number(item, "by");
    chat__dynamodb_copy(invite->by_name, sizeof invite->by_name,
                        chat__dynamodb_get_string(item, "by_name"));
}

static bool take_user(struct chat__store_sign_in *request,
                      const struct chat__dynamodb_user_items *items)
{
    const cJSON *item;
    enum chat__role role;
    size_t most = (size_t)cJSON_GetArraySize(items->items) + 1;
    request->memberships = calloc(most, sizeof *request->memberships);
    request->invites = calloc(CHAT__INVITES_MAX, sizeof *request->invites);
    if (request->memberships == NULL || request->invites == NULL)
        return false;
    chat__dynamodb_copy(request->name, sizeof request->name,
                        chat__dynamodb_get_string(items->profile, "name"));
    request->guest = chat__dynamodb_get_number(items->profile, "guest") != 0;
    request->rooms_rev = chat__dynamodb_user_revision(items->items);
    cJSON_ArrayForEach(item, items->items)
    {
        const char *room = chat__dynamodb_user_room(item, &role);
        if (room != NULL && chat__role_is_member(role))
            take_membership(request, item, room, role);
        else if (room != NULL && role == CHAT__ROLE_INVITED)
            take_invite(request, item, room);
    }
    return true;
}

/* ---- the token, and that the user was here ---- */

static void noted(struct chat__dynamodb_group *group)
{
    finish(CHAT__CONTAINER(group, struct sign_in, group),
           chat__dynamodb_result(group->worst));
}

static void note_visit(struct sign_in *sign_in, const cJSON *profile)
{
    const struct chat__store_sign_in *request = sign_in->request;
    struct chat__dynamodb *store = sign_in->store;
    struct chat__dynamodb_body body;
    const char *generation = chat__dynamodb_get_string(profile, "generation");
    chat__dynamodb_group_begin(&sign_in->group, store, noted);
    if (sign_in->token != NULL)
        chat__dynamodb_token_slide(&body, store, request->token_hash,
                                   request->expires_ms);
    else
        chat__dynamodb_token_put(&body, store, request->token_hash,
                                 request->user, request->expires_ms,
                                 generation);
    chat__dynamodb_group_ask(&sign_in->group,
                             sign_in->token != NULL ? "UpdateItem" : "PutItem",
                             &body, NULL, NULL);
    chat__dynamodb_user_seen(&body, store, profile, request->user,
                             request->now_ms);
    chat__dynamodb_group_ask(&sign_in->group, "UpdateItem", &body, NULL, NULL);
    chat__dynamodb_group_end(&sign_in->group);
}

/* Whether anything is to be written. */
static bool is_due(const struct sign_in *sign_in, const cJSON *profile)
{
    const struct chat__store_sign_in *request = sign_in->request;

    if (sign_in->token == NULL)
        return !only_reads(sign_in);
    return request->expires_ms -
                   chat__dynamodb_get_signed(sign_in->token, "expires") >
               SLIDE_MS_MIN ||
           request->now_ms - chat__dynamodb_get_signed(profile, "seen") >
               SLIDE_MS_MIN;
}

static bool is_proved(const struct sign_in *sign_in, const cJSON *profile)
{
    const struct chat__store_sign_in *request = sign_in->request;
    const char *password = chat__dynamodb_get_string(profile, "password");
    if (sign_in->token != NULL)
        return chat__dynamodb_token_is_of(sign_in->token, profile);
    return request->credential != CHAT__STORE_USER ||
           request->proved_hash == NULL ||
           (password != NULL && strcmp(password, request->proved_hash) == 0);
}

static bool is_banned(const struct sign_in *sign_in, const cJSON *profile)
{
    return chat__dynamodb_get_signed(profile, "banned") != 0 &&
           !only_reads(sign_in);
}

static void user_read(void *context,
                      const struct chat__dynamodb_user_items *items)
{
    struct sign_in *sign_in = context;
    if (items->result != CHAT__STORE_OK)
        finish(sign_in, items->result);
    else if (items->profile == NULL || !is_proved(sign_in, items->profile))
        finish(sign_in, CHAT__STORE_NOT_FOUND);
    else if (is_banned(sign_in, items->profile))
        finish(sign_in, CHAT__STORE_BANNED);
    else if (!take_user(sign_in->request, items))
        finish(sign_in, CHAT__STORE_BUSY);
    else if (is_due(sign_in, items->profile))
        note_visit(sign_in, items->profile);
    else
        finish(sign_in, CHAT__STORE_OK);
}

static void read_user(struct sign_in *sign_in)
{
    chat__dynamodb_user_current(sign_in->store, sign_in->request->user,
                                user_read, sign_in);
}

/* ---- by a token ---- */

static void token_read(void *context,
                       const struct chat__dynamodb_answer *answer)
{
    struct sign_in *sign_in = context;
    struct chat__store_sign_in *request = sign_in->request;
    if (answer->outcome != CHAT__DYNAMODB_OK) {
        finish(sign_in, chat__dynamodb_result(answer->outcome));
        return;
    }
    sign_in->token =
        cJSON_DetachItemFromObjectCaseSensitive(answer->json, "Item");
    request->user = chat__dynamodb_get_number(sign_in->token, "user");
    if (request->user == 0 ||
        chat__dynamodb_get_signed(sign_in->token, "expires") <= request->now_ms)
        finish(sign_in, CHAT__STORE_NOT_FOUND);
    else
        read_user(sign_in);
}

/* ---- a new user ---- */

static void user_made(void *context, enum chat__store_result result,
                      uint64_t user)
{
    struct sign_in *sign_in = context;

    sign_in->request->user = user;
    if (result != CHAT__STORE_OK)
        finish(sign_in, result);
    else
        read_user(sign_in);
}

static void account_read(void *context,
                         const struct chat__dynamodb_answer *answer)
{
    struct sign_in *sign_in = context;
    if (answer->outcome != CHAT__DYNAMODB_OK)
        finish(sign_in, chat__dynamodb_result(answer->outcome));
    else if (cJSON_GetObjectItemCaseSensitive(answer->json, "Item") != NULL)
        finish(sign_in, CHAT__STORE_TAKEN);
    else
        chat__dynamodb_make_user(sign_in->store, sign_in->request, user_made,
                                 sign_in);
}

static void ask_account(struct sign_in *sign_in)
{
    struct chat__dynamodb_body body;
    chat__dynamodb_name_get(&body, sign_in->store, "account",
                            sign_in->request->skeleton);
    chat__dynamodb_ask(sign_in->store, "GetItem", &body, account_read, sign_in);
}

static void guest_read(void *context,
                       const struct chat__dynamodb_answer *answer)
{
    struct sign_in *sign_in = context;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(answer->json, "Item");
    if (answer->outcome != CHAT__DYNAMODB_OK) {
        finish(sign_in, chat__dynamodb_result(answer->outcome));
    } else if (item != NULL) {
        sign_in->request->user = chat__dynamodb_get_number(item, "user");
        read_user(sign_in);
    } else {
        ask_account(sign_in);
    }
}

/* ---- which way ---- */

static void start(struct sign_in *sign_in)
{
    const struct chat__store_sign_in *request = sign_in->request;
    struct chat__dynamodb_body body;
    switch (request->credential) {
    case CHAT__STORE_TOKEN:
        chat__dynamodb_token_get(&body, sign_in->store, request->token_hash);
        chat__dynamodb_ask(sign_in->store, "GetItem", &body, token_read,
                           sign_in);
        break;
    case CHAT__STORE_GUEST:
        chat__dynamodb_name_get(&body, sign_in->store, "guest", request->key);
        chat__dynamodb_ask(sign_in->store, "GetItem", &body, guest_read,
                           sign_in);
        break;
    case CHAT__STORE_USER:
        read_user(sign_in);
        break;
    case CHAT__STORE_REGISTER:
        ask_account(sign_in);
        break;
    }
}

void chat__dynamodb_sign_in(struct chat__store *base,
                            struct chat__store_sign_in *request)
{
    struct chat__dynamodb *store = (struct chat__dynamodb *)base;
    struct sign_in *sign_in = NULL;
    if (chat__dynamodb_admit(store))
        sign_in = calloc(1, sizeof *sign_in);
    if (sign_in == NULL) {
        request->result = CHAT__STORE_BUSY;
        chat__dynamodb_complete(store, &request->completion);
        return;
    }
    sign_in->store = store;
    sign_in->request = request;
    start(sign_in);
}
