/* The fake store's users and their tokens. */
#include "tests/core/fake_store_data.h"

#include <stdlib.h>
#include <string.h>

struct fake_user *fake_user_find(struct fake_store *fake, uint64_t user)
{
    return user == 0 || user > fake->user_count ? NULL : &fake->users[user - 1];
}

/* ---- tokens ---- */

static struct fake_token *find_token(struct fake_store *fake,
                                     const unsigned char *hash)
{
    for (size_t i = 0; i < fake->token_count; i++)
        if (memcmp(fake->tokens[i].hash, hash, CHAT__TOKEN_HASH_BYTES) == 0)
            return &fake->tokens[i];
    return NULL;
}

/* NULL unless it is this user's. */
static struct fake_token *find_own_token(struct fake_store *fake, uint64_t user,
                                         const unsigned char *hash)
{
    struct fake_token *token = find_token(fake, hash);

    return token != NULL && token->user == user ? token : NULL;
}

static void set_token(struct fake_store *fake, const unsigned char *hash,
                      uint64_t user, int64_t expires_ms)
{
    struct fake_token *token = find_token(fake, hash);

    if (token == NULL) {
        assert_true(fake->token_count < TOKENS_MAX);
        token = &fake->tokens[fake->token_count++];
    }
    memcpy(token->hash, hash, sizeof(token->hash));
    token->user = user;
    token->expires_ms = expires_ms;
}

static void drop_token(struct fake_store *fake, struct fake_token *token)
{
    *token = fake->tokens[--fake->token_count];
}

static void slide(struct fake_token *token, int64_t expires_ms)
{
    if (token->expires_ms < expires_ms)
        token->expires_ms = expires_ms;
}

static void see(struct fake_user *user, int64_t now_ms)
{
    if (user->seen_ms < now_ms)
        user->seen_ms = now_ms;
}

/* ---- who ---- */

static uint64_t find_account(const struct fake_store *fake,
                             const char *skeleton)
{
    for (size_t i = 0; i < fake->user_count; i++)
        if (fake->users[i].skeleton[0] != '\0' &&
            strcmp(fake->users[i].skeleton, skeleton) == 0)
            return i + 1;
    return 0;
}

static uint64_t find_guest(const struct fake_store *fake, const char *key)
{
    for (size_t i = 0; i < fake->user_count; i++)
        if (fake->users[i].guest && strcmp(fake->users[i].key, key) == 0)
            return i + 1;
    return 0;
}

static uint64_t add_user(struct fake_store *fake,
                         const struct chat__store_sign_in *sign_in)
{
    struct fake_user *user = &fake->users[fake->user_count];

    assert_true(++fake->user_count <= USERS_MAX);
    fake_copy(user->name, sizeof(user->name), sign_in->display_name);
    fake_copy(user->key, sizeof(user->key), sign_in->key);
    user->guest = sign_in->credential == CHAT__STORE_GUEST;
    if (user->guest)
        return fake->user_count;
    fake_copy(user->skeleton, sizeof(user->skeleton), sign_in->skeleton);
    fake_copy(user->password_hash, sizeof(user->password_hash),
              sign_in->password_hash);
    user->registered_ms = sign_in->now_ms;
    return fake->user_count;
}

/* ---- signing in ---- */

static bool is_proved(const struct fake_user *user, const char *hash)
{
    return user != NULL &&
           (hash == NULL || strcmp(user->password_hash, hash) == 0);
}

static enum chat__store_result identify(struct fake_store *fake,
                                        struct chat__store_sign_in *sign_in)
{
    struct fake_token *token;

    switch (sign_in->credential) {
    case CHAT__STORE_TOKEN:
        token = find_token(fake, sign_in->token_hash);
        if (token == NULL || token->expires_ms <= sign_in->now_ms)
            return CHAT__STORE_NOT_FOUND;
        slide(token, sign_in->expires_ms);
        sign_in->user = token->user;
        return CHAT__STORE_OK;
    case CHAT__STORE_USER:
        return is_proved(fake_user_find(fake, sign_in->user),
                         sign_in->proved_hash)
                   ? CHAT__STORE_OK
                   : CHAT__STORE_NOT_FOUND;
    case CHAT__STORE_GUEST:
        sign_in->user = find_guest(fake, sign_in->key);
        if (sign_in->user != 0)
            return CHAT__STORE_OK;
        break;
    case CHAT__STORE_REGISTER:
        break;
    }
    if (find_account(fake, sign_in->skeleton) != 0)
        return CHAT__STORE_TAKEN;
    sign_in->user = add_user(fake, sign_in);
    return CHAT__STORE_OK;
}

static void add_membership(struct chat__store_sign_in *sign_in,
                           const struct fake_room *room,
                           const struct fake_standing *standing)
{
    struct chat__store_membership *row =
        &sign_in->memberships[sign_in->membership_count++];

    fake_copy(row->room, sizeof(row->room), room->name);
    row->role = standing->role;
    row->read = standing->read;
    row->read_n = fake_n_at(room, standing->read);
    row->mentions = fake_mentions_behind(room, sign_in->user, standing->read);
}

static void add_invite(struct fake_store *fake,
                       struct chat__store_sign_in *sign_in,
                       const struct fake_room *room, uint64_t by)
{
    const struct fake_user *inviter = fake_user_find(fake, by);
    struct chat__store_invite *row;

    if (inviter == NULL || sign_in->invite_count == CHAT__INVITES_MAX)
        return;
    row = &sign_in->invites[sign_in->invite_count++];
    fake_copy(row->room, sizeof(row->room), room->name);
    fake_copy(row->by_name, sizeof(row->by_name), inviter->name);
    row->by = by;
}

static void list_standings(struct fake_store *fake,
                           struct chat__store_sign_in *sign_in)
{
    sign_in->memberships =
        must(calloc(fake->room_count + 1, sizeof(*sign_in->memberships)));
    sign_in->invites =
        must(calloc(CHAT__INVITES_MAX, sizeof(*sign_in->invites)));
    for (size_t i = 0; i < fake->room_count; i++) {
        struct fake_room *room = fake->rooms[i];
        const struct fake_standing *standing =
            fake_standing_find(room, sign_in->user);

        if (standing == NULL)
            continue;
        if (chat__role_is_member(standing->role))
            add_membership(sign_in, room, standing);
        else if (standing->role == CHAT__ROLE_INVITED)
            add_invite(fake, sign_in, room, standing->by);
    }
}

enum chat__store_result fake_sign_in(struct fake_store *fake, void *request)
{
    struct chat__store_sign_in *sign_in = request;
    enum chat__store_result result;
    struct fake_user *user;
    bool only_reads =
        sign_in->credential == CHAT__STORE_USER && sign_in->expires_ms == 0;

    assert_true(only_reads || sign_in->expires_ms > sign_in->now_ms);
    result = identify(fake, sign_in);
    if (result != CHAT__STORE_OK)
        return result;
    user = must(fake_user_find(fake, sign_in->user));
    if (user->banned_ms != 0 && !only_reads)
        return CHAT__STORE_BANNED;
    if (sign_in->credential != CHAT__STORE_TOKEN && !only_reads)
        set_token(fake, sign_in->token_hash, sign_in->user,
                  sign_in->expires_ms);
    if (!only_reads)
        see(user, sign_in->now_ms);
    fake_copy(sign_in->name, sizeof(sign_in->name), user->name);
    sign_in->guest = user->guest;
    sign_in->rooms_rev = user->rooms_rev;
    list_standings(fake, sign_in);
    return CHAT__STORE_OK;
}

enum chat__store_result fake_find_account(struct fake_store *fake,
                                          void *request)
{
    struct chat__store_find_account *find = request;
    const struct fake_user *user;

    find->user = find_account(fake, find->skeleton);
    user = fake_user_find(fake, find->user);
    if (user == NULL)
        return CHAT__STORE_NOT_FOUND;
    fake_copy(find->password_hash, sizeof(find->password_hash),
              user->password_hash);
    fake_copy(find->register_key, sizeof(find->register_key), user->key);
    find->registered_ms = user->registered_ms;
    return CHAT__STORE_OK;
}

static uint64_t count_rooms(struct fake_store *fake, uint64_t user)
{
    uint64_t count = 0;

    for (size_t i = 0; i < fake->room_count; i++)
        count += fake_member_find(fake->rooms[i], user) != NULL;
    return count;
}

enum chat__store_result fake_find_user(struct fake_store *fake, void *request)
{
    struct chat__store_find_user *find = request;
    const struct fake_user *user = fake_user_find(fake, find->user);

    if (user == NULL)
        return CHAT__STORE_NOT_FOUND;
    fake_copy(find->name, sizeof(find->name), user->name);
    fake_copy(find->skeleton, sizeof(find->skeleton), user->skeleton);
    find->guest = user->guest;
    find->banned_ms = user->banned_ms;
    find->rooms = count_rooms(fake, find->user);
    return CHAT__STORE_OK;
}

/* ---- for operators ---- */

enum chat__store_result fake_list_users(struct fake_store *fake, void *request)
{
    struct chat__store_list_users *list = request;

    list->rows = must(calloc(list->limit + 1, sizeof(*list->rows)));
    for (uint64_t id = list->after + 1; id <= fake->user_count; id++) {
        const struct fake_user *user = &fake->users[id - 1];
        struct chat__store_user_row *row = &list->rows[list->count];

        list->more = list->count == list->limit;
        if (list->more)
            break;
        row->user = id;
        fake_copy(row->name, sizeof(row->name), user->name);
        row->guest = user->guest;
        row->rooms = count_rooms(fake, id);
        row->seen_ms = user->seen_ms;
        row->banned_ms = user->banned_ms;
        list->count++;
    }
    return CHAT__STORE_OK;
}

enum chat__store_result fake_set_banned(struct fake_store *fake, void *request)
{
    struct chat__store_set_banned *ban = request;
    struct fake_user *user = fake_user_find(fake, ban->user);

    if (user == NULL)
        return CHAT__STORE_NOT_FOUND;
    user->banned_ms = ban->banned_ms;
    return CHAT__STORE_OK;
}

/* ---- sessions ---- */

/* NOT_FOUND when there was none. */
static enum chat__store_result drop_tokens(struct fake_store *fake,
                                           uint64_t user)
{
    size_t before = fake->token_count;

    for (size_t i = fake->token_count; i > 0; i--)
        if (fake->tokens[i - 1].user == user)
            drop_token(fake, &fake->tokens[i - 1]);
    return fake->token_count < before ? CHAT__STORE_OK : CHAT__STORE_NOT_FOUND;
}

enum chat__store_result fake_end_tokens(struct fake_store *fake, void *request)
{
    struct chat__store_end_tokens *end = request;
    struct fake_user *user = fake_user_find(fake, end->user);
    struct fake_token *token;

    if (user == NULL || (end->password_hash != NULL && user->guest))
        return CHAT__STORE_NOT_FOUND;
    if (end->password_hash != NULL) {
        if (!is_proved(user, end->proved_hash))
            return CHAT__STORE_NOT_FOUND;
        drop_tokens(fake, end->user);
        fake_copy(user->password_hash, sizeof(user->password_hash),
                  end->password_hash);
        set_token(fake, end->token_hash, end->user, end->expires_ms);
        return CHAT__STORE_OK;
    }
    if (end->all)
        return drop_tokens(fake, end->user);
    token = find_own_token(fake, end->user, end->token_hash);
    if (token == NULL)
        return CHAT__STORE_NOT_FOUND;
    drop_token(fake, token);
    return CHAT__STORE_OK;
}

enum chat__store_result fake_keep_session(struct fake_store *fake,
                                          void *request)
{
    struct chat__store_keep_session *keep = request;
    struct fake_token *token =
        find_own_token(fake, keep->user, keep->token_hash);

    if (token == NULL || token->expires_ms <= keep->now_ms)
        return CHAT__STORE_NOT_FOUND;
    slide(token, keep->expires_ms);
    see(must(fake_user_find(fake, keep->user)), keep->now_ms);
    return CHAT__STORE_OK;
}

enum chat__store_result fake_idle_guests(struct fake_store *fake, void *request)
{
    struct chat__store_idle_guests *idle = request;

    idle->memberships =
        must(calloc(idle->limit + 1, sizeof(*idle->memberships)));
    for (size_t i = 0; i < fake->user_count * fake->room_count; i++) {
        const struct fake_user *user = &fake->users[i / fake->room_count];
        struct fake_room *room = fake->rooms[i % fake->room_count];
        struct chat__store_guest_membership *row =
            &idle->memberships[idle->count];

        if (idle->count == idle->limit)
            break;
        if (!user->guest || user->seen_ms >= idle->before_ms ||
            fake_member_find(room, i / fake->room_count + 1) == NULL)
            continue;
        row->user = i / fake->room_count + 1;
        fake_copy(row->name, sizeof(row->name), user->name);
        fake_copy(row->room, sizeof(row->room), room->name);
        idle->count++;
    }
    return CHAT__STORE_OK;
}

static int64_t last_ts(const struct fake_room *room)
{
    return room->count == 0 ? 0 : room->entries[room->count - 1].ts;
}

static bool is_wanted(struct fake_room *room,
                      const struct chat__store_heads *heads)
{
    return fake_member_find(room, heads->user) != NULL &&
           last_ts(room) >= heads->since_ms &&
           (heads->after == NULL || strcmp(room->name, heads->after) > 0);
}

enum chat__store_result fake_room_heads(struct fake_store *fake, void *request)
{
    struct chat__store_room_heads *heads = request;

    heads->heads = must(calloc(heads->room_count + 1, sizeof(*heads->heads)));
    for (size_t i = 0; i < heads->room_count; i++) {
        const struct fake_room *room = fake_room_find(fake, heads->rooms[i]);
        struct chat__store_head *head = &heads->heads[heads->count];

        if (room == NULL)
            continue;
        fake_copy(head->room, sizeof(head->room), room->name);
        fake_copy(head->epoch, sizeof(head->epoch), room->epoch);
        head->head = room->count;
        head->last_ts = last_ts(room);
        heads->count++;
    }
    return CHAT__STORE_OK;
}

enum chat__store_result fake_heads(struct fake_store *fake, void *request)
{
    struct chat__store_heads *heads = request;

    if (find_own_token(fake, heads->user, heads->token_hash) == NULL ||
        fake->users[heads->user - 1].banned_ms != 0)
        return CHAT__STORE_NOT_FOUND;
    heads->heads = must(calloc(fake->room_count + 1, sizeof(*heads->heads)));
    heads->rooms_rev =
        ((struct fake_user *)must(fake_user_find(fake, heads->user)))
            ->rooms_rev;
    for (size_t i = 0; i < fake->room_count; i++) {
        struct fake_room *room = fake->rooms[i];
        struct chat__store_head *head = &heads->heads[heads->count];

        if (!is_wanted(room, heads))
            continue;
        heads->more = heads->count == heads->limit;
        if (heads->more)
            break;
        fake_copy(head->room, sizeof(head->room), room->name);
        fake_copy(head->epoch, sizeof(head->epoch), room->epoch);
        head->head = room->count;
        head->last_ts = last_ts(room);
        heads->count++;
    }
    return CHAT__STORE_OK;
}
