/*
 * Signing in: by a token, which a reader does unless it is time to note that
 * the user was here; by other credentials, which make a token.
 */
#include "server/store/sqlite_private.h"

/*
 * A token whose end would move by less is left alone, and so is the time at
 * which its user was seen: with ends 30 days away an hour changes nothing, and
 * most sign-ins then write nothing.
 */
#define SLIDE_MS_MIN (60 * 60 * 1000)

/* ---- who it is */

static bool read_memberships(struct chat__sqlite_connection *connection,
                             struct chat__store_sign_in *request)
{
    struct chat__sqlite_query query;
    size_t capacity = 0;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_USER_MEMBERSHIPS);
    chat__sqlite_query_integer(&query, (int64_t)request->user);
    while (chat__sqlite_query_row(&query)) {
        struct chat__store_membership *memberships = chat__sqlite_query_grow(
            &query, request->memberships, request->membership_count, &capacity,
            sizeof *memberships);
        if (memberships == NULL)
            break;
        request->memberships = memberships;
        struct chat__store_membership *membership =
            &memberships[request->membership_count++];
        chat__sqlite_query_copy(&query, 0, membership->room,
                                sizeof membership->room);
        membership->role =
            (enum chat__role)sqlite3_column_int(query.statement, 1);
        membership->read = chat__sqlite_query_unsigned(&query, 2);
        membership->read_n = chat__sqlite_query_unsigned(&query, 3);
        membership->mentions = chat__sqlite_query_unsigned(&query, 4);
    }
    return chat__sqlite_query_end(&query);
}

static bool read_invites(struct chat__sqlite_connection *connection,
                         struct chat__store_sign_in *request)
{
    struct chat__sqlite_query query;
    size_t capacity = 0;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_USER_INVITES);
    chat__sqlite_query_integer(&query, (int64_t)request->user);
    chat__sqlite_query_integer(&query, CHAT__INVITES_MAX);
    while (chat__sqlite_query_row(&query)) {
        struct chat__store_invite *invites = chat__sqlite_query_grow(
            &query, request->invites, request->invite_count, &capacity,
            sizeof *invites);
        if (invites == NULL)
            break;
        request->invites = invites;
        struct chat__store_invite *invite = &invites[request->invite_count++];
        chat__sqlite_query_copy(&query, 0, invite->room, sizeof invite->room);
        invite->by = chat__sqlite_query_unsigned(&query, 1);
        chat__sqlite_query_copy(&query, 2, invite->by_name,
                                sizeof invite->by_name);
    }
    return chat__sqlite_query_end(&query);
}

/* By nobody who signs in. */
static bool only_reads(const struct chat__store_sign_in *request)
{
    return request->credential == CHAT__STORE_USER && request->expires_ms == 0;
}

/* Fills in who request->user is, and when they were last seen. */
static enum chat__store_result
read_user(struct chat__sqlite_connection *connection,
          struct chat__store_sign_in *request, int64_t *seen_ms)
{
    struct chat__sqlite_query query;
    bool banned = false;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_USER_GET);
    chat__sqlite_query_integer(&query, (int64_t)request->user);
    bool found = chat__sqlite_query_row(&query);
    if (found) {
        chat__sqlite_query_copy(&query, 0, request->name, sizeof request->name);
        request->guest = sqlite3_column_int(query.statement, 1) != 0;
        request->rooms_rev = chat__sqlite_query_unsigned(&query, 2);
        *seen_ms = sqlite3_column_int64(query.statement, 3);
        banned = sqlite3_column_int64(query.statement, 6) != 0;
    }
    if (!chat__sqlite_query_end(&query))
        return CHAT__STORE_FAILED;
    if (banned && !only_reads(request))
        return CHAT__STORE_BANNED;
    if (found && (!read_memberships(connection, request) ||
                  !read_invites(connection, request)))
        return CHAT__STORE_FAILED;
    return found ? CHAT__STORE_OK : CHAT__STORE_NOT_FOUND;
}

/* ---- by a token */

static enum chat__store_result
note_visit(struct chat__sqlite_connection *connection,
           struct chat__sqlite_job *job)
{
    const struct chat__store_sign_in *request = job->request;
    return chat__sqlite_slide_token(connection, request->token_hash,
                                    request->expires_ms) &&
                   chat__sqlite_see_user(connection, request->user,
                                         request->now_ms)
               ? CHAT__STORE_OK
               : CHAT__STORE_FAILED;
}

enum chat__store_result
chat__sqlite_sign_in_token(struct chat__sqlite_connection *connection,
                           struct chat__sqlite_job *job)
{
    struct chat__store_sign_in *request = job->request;
    int64_t expires_ms = 0;
    int64_t seen_ms = 0;
    if (!chat__sqlite_get_token(connection, request->token_hash, &request->user,
                                &expires_ms))
        return CHAT__STORE_FAILED;
    if (request->user == 0 || expires_ms <= request->now_ms)
        return CHAT__STORE_NOT_FOUND;
    enum chat__store_result result = read_user(connection, request, &seen_ms);
    if (result != CHAT__STORE_OK)
        return result;
    if (request->expires_ms - expires_ms > SLIDE_MS_MIN ||
        request->now_ms - seen_ms > SLIDE_MS_MIN)
        job->then = note_visit;
    return result;
}

/* ---- by other credentials */

static bool find_guest(struct chat__sqlite_connection *connection,
                       struct chat__store_sign_in *request)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection,
                             CHAT__SQLITE_USER_BY_GUEST_KEY);
    chat__sqlite_query_text(&query, request->key);
    request->user = 0;
    if (chat__sqlite_query_row(&query))
        request->user = chat__sqlite_query_unsigned(&query, 0);
    return chat__sqlite_query_end(&query);
}

static bool insert_user(struct chat__sqlite_connection *connection,
                        struct chat__store_sign_in *request)
{
    bool guest = request->credential == CHAT__STORE_GUEST;
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_USER_INSERT);
    chat__sqlite_query_text(&query, request->display_name);
    chat__sqlite_query_integer(&query, request->now_ms);
    chat__sqlite_query_text(&query, guest ? request->key : NULL);
    chat__sqlite_query_text(&query, guest ? NULL : request->skeleton);
    chat__sqlite_query_text(&query, guest ? NULL : request->password_hash);
    chat__sqlite_query_text(&query, guest ? NULL : request->key);
    chat__sqlite_query_integer(&query, guest ? 0 : request->now_ms);
    if (!chat__sqlite_query_execute(&query))
        return false;
    request->user = (uint64_t)sqlite3_last_insert_rowid(connection->database);
    return true;
}

/* Makes a guest or an account, unless the name is an account's. */
static enum chat__store_result
make_user(struct chat__sqlite_connection *connection,
          struct chat__store_sign_in *request)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_ACCOUNT_GET);
    chat__sqlite_query_text(&query, request->skeleton);
    bool taken = chat__sqlite_query_row(&query);
    if (!chat__sqlite_query_end(&query))
        return CHAT__STORE_FAILED;
    if (taken)
        return CHAT__STORE_TAKEN;
    return insert_user(connection, request) ? CHAT__STORE_OK
                                            : CHAT__STORE_FAILED;
}

/* The password may have been changed since it was proved. */
static enum chat__store_result
check_proof(struct chat__sqlite_connection *connection,
            const struct chat__store_sign_in *request)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_USER_PROVED);
    chat__sqlite_query_integer(&query, (int64_t)request->user);
    chat__sqlite_query_text(&query, request->proved_hash);
    bool found = chat__sqlite_query_row(&query);
    if (!chat__sqlite_query_end(&query))
        return CHAT__STORE_FAILED;
    return found ? CHAT__STORE_OK : CHAT__STORE_NOT_FOUND;
}

static enum chat__store_result
identify(struct chat__sqlite_connection *connection,
         struct chat__store_sign_in *request)
{
    if (request->credential == CHAT__STORE_USER)
        return check_proof(connection, request);
    if (request->credential == CHAT__STORE_GUEST) {
        if (!find_guest(connection, request))
            return CHAT__STORE_FAILED;
        if (request->user != 0)
            return CHAT__STORE_OK;
    }
    return make_user(connection, request);
}

/* Each new token takes a few that have expired with it: none pile up. */
static bool purge_tokens(struct chat__sqlite_connection *connection,
                         int64_t now_ms)
{
    struct chat__sqlite_query query;
    chat__sqlite_query_begin(&query, connection, CHAT__SQLITE_TOKENS_PURGE);
    chat__sqlite_query_integer(&query, now_ms);
    return chat__sqlite_query_execute(&query);
}

enum chat__store_result
chat__sqlite_sign_in(struct chat__sqlite_connection *connection,
                     struct chat__sqlite_job *job)
{
    struct chat__store_sign_in *request = job->request;
    int64_t seen_ms;
    if (only_reads(request))
        return read_user(connection, request, &seen_ms);
    enum chat__store_result result = identify(connection, request);
    if (result == CHAT__STORE_OK)
        result = read_user(connection, request, &seen_ms);
    if (result != CHAT__STORE_OK)
        return result;
    if (!purge_tokens(connection, request->now_ms) ||
        !chat__sqlite_set_token(connection, request->token_hash, request->user,
                                request->expires_ms) ||
        !chat__sqlite_see_user(connection, request->user, request->now_ms))
        return CHAT__STORE_FAILED;
    return CHAT__STORE_OK;
}
