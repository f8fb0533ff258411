/*
 * hello: sign in, load the user's rooms, read what was missed, answer. Each
 * step waits for the store, and the client may be gone after each. What other
 * connections of the user do meanwhile is not lost: the reply is made, in one
 * step with the subscriptions, from the memberships of that moment.
 */
#include "server/core/actions/actions.h"

#include "server/core/admin_operator.h"
#include "server/core/answer.h"
#include "server/core/connection.h"
#include "server/core/room.h"
#include "server/core/session.h"

#include <openssl/crypto.h>
#include <string.h>

/* Tries at a sign-in whose answer a commit has made old. */
#define SIGN_INS_MAX 8

static struct chat__hello_operation *of(struct chat__operation *operation)
{
    return CHAT__CONTAINER(operation, struct chat__hello_operation, operation);
}

static void release(struct chat__operation *operation)
{
    struct chat__hello_operation *hello = of(operation);

    if (operation->connection != NULL)
        operation->connection->hello = false;
    chat__hello_resume_release(hello);
    chat__store_sign_in_release(&hello->sign_in);
    OPENSSL_cleanse(hello->token, sizeof(hello->token));
    chat__wipe(operation->request.body.hello.password);
}

void chat__hello_fail(struct chat__hello_operation *hello,
                      enum chat__store_result result)
{
    struct chat__connection *connection = hello->operation.connection;

    if (connection != NULL && connection->user != NULL && !connection->ready)
        chat__connection_sign_out(connection);
    chat__operation_fail(&hello->operation, result);
}

/* ---- the rooms ---- */

static void room_loaded(struct chat__operation *operation,
                        enum chat__store_result result)
{
    struct chat__room *room = operation->room;

    if (operation->connection == NULL) {
        chat__operation_end(operation);
        return;
    }
    if (result != CHAT__STORE_OK && result != CHAT__STORE_NOT_FOUND) {
        chat__hello_fail(of(operation), result);
        return;
    }
    /* Only a damaged store has members of a room that is not there. */
    if (result == CHAT__STORE_NOT_FOUND)
        chat__user_gone(operation->user, room);
    operation->room = NULL;
    chat__room_release(room);
    chat__hello_load_rooms(of(operation));
}

/* The first one that is not in memory as it is; NULL: all are. */
static struct chat__room *next_to_load(const struct chat__user *user)
{
    for (uint32_t i = 0; i < user->membership_count; i++) {
        struct chat__room *room = user->memberships[i].room;

        if (room->state != CHAT__ROOM_READY || room->behind)
            return room;
    }
    return NULL;
}

/*
 * The user has read so far, or the client has entries, and the room in memory
 * knows nothing of it: another server has appended.
 */
static bool is_behind(const struct chat__hello_operation *hello,
                      const struct chat__membership *membership)
{
    const struct chat__hello *request = &hello->operation.request.body.hello;
    const struct chat__room *room = membership->room;

    /* An append in flight may be what the store knows already. */
    if (room->batch == NULL && membership->read > room->head)
        return true;
    for (size_t i = 0; i < request->resume_count; i++)
        if (request->resume[i].seq > room->head &&
            strcmp(request->resume[i].room, room->name) == 0)
            return true;
    return false;
}

/* The sign-in says member, the room does not: one of them is older. */
static bool is_denied(const struct chat__user *user,
                      const struct chat__membership *membership)
{
    return !chat__role_is_member(chat__room_role(membership->room, user->id));
}

/* Once for each hello: what a client says it has may be a lie. */
static void refresh_rooms(struct chat__hello_operation *hello)
{
    struct chat__user *user = hello->operation.user;

    if (hello->refreshed)
        return;
    hello->refreshed = true;
    for (uint32_t i = 0; i < user->membership_count; i++) {
        struct chat__membership *membership = &user->memberships[i];

        membership->doubted = is_denied(user, membership);
        if (membership->doubted || is_behind(hello, membership))
            chat__room_refresh(membership->room);
    }
}

/* The rooms that were read after the sign-in have the last word. */
static void drop_denied(struct chat__user *user)
{
    for (uint32_t i = user->membership_count; i > 0; i--) {
        struct chat__membership *membership = &user->memberships[i - 1];
        bool gone = membership->doubted && is_denied(user, membership);

        membership->doubted = false;
        if (gone)
            chat__user_gone(user, membership->room);
    }
}

void chat__hello_load_rooms(struct chat__hello_operation *hello)
{
    struct chat__operation *operation = &hello->operation;
    struct chat__room *room = next_to_load(operation->user);

    if (room == NULL) {
        refresh_rooms(hello);
        room = next_to_load(operation->user);
    }
    if (room == NULL) {
        drop_denied(operation->user);
        chat__hello_resume(hello);
        return;
    }
    chat__room_hold(room);
    operation->room = room;
    operation->loaded = room_loaded;
    /* Another server has made it since. */
    if (room->state == CHAT__ROOM_ABSENT)
        chat__room_refresh(room);
    chat__room_await(operation);
}

/* ---- who it is ---- */

void chat__hello_refuse(struct chat__hello_operation *hello,
                        enum chat__error_code code, const char *message)
{
    struct chat__connection *connection = hello->operation.connection;
    bool adopted = hello->adopted;

    chat__operation_refuse(&hello->operation, code, message);
    if (connection != NULL && adopted)
        chat__adoption_refused(connection);
    else if (connection != NULL)
        chat__connection_strike(connection);
}

static void enrolled(struct chat__operation *operation)
{
    if (operation->connection == NULL)
        chat__operation_end(operation);
    else
        chat__hello_load_rooms(of(operation));
}

/* A first hello brings the user; a repeated one begins anew. */
static void enter(struct chat__hello_operation *hello, struct chat__user *user)
{
    struct chat__operation *operation = &hello->operation;
    struct chat__connection *connection = operation->connection;

    if (connection->user == user) {
        chat__connection_quiet(connection);
        chat__connection_set_ready(connection, false);
        chat__user_release(user);
    } else {
        chat__connection_sign_in(connection, user);
        operation->user = user;
        chat__user_hold(user);
    }
    chat__session_open(connection, hello->sign_in.token_hash);
    if (hello->adopted)
        chat__hello_load_rooms(hello);
    else
        chat__enrol(operation, enrolled);
}

static void admit(struct chat__hello_operation *hello, struct chat__user *user)
{
    struct chat__operation *operation = &hello->operation;
    struct chat__connection *connection = operation->connection;

    if (user == NULL) {
        chat__hello_fail(hello, CHAT__STORE_BUSY);
    } else if (connection == NULL || connection->closing) {
        chat__user_release(user);
        chat__operation_end(operation);
    } else if (connection->user != NULL && connection->user != user) {
        chat__user_release(user);
        chat__hello_refuse(hello, CHAT__ERROR_BAD_REQUEST,
                           "this connection is another user's: open a new one");
    } else {
        enter(hello, user);
    }
}

static void sign_in(struct chat__hello_operation *hello)
{
    struct chat__core *core = hello->operation.core;
    struct chat__store *store = core->options.store;

    chat__sign_in_begin(core, &hello->in_flight);
    chat__operation_asks(&hello->operation);
    store->operations->sign_in(store, &hello->sign_in);
}

/* The token is valid by now, whatever it was that the client gave. */
static void sign_in_again(struct chat__hello_operation *hello)
{
    chat__sign_in_end(hello->operation.core, &hello->in_flight);
    chat__store_sign_in_release(&hello->sign_in);
    if (++hello->sign_ins == SIGN_INS_MAX) {
        chat__operation_fail(&hello->operation, CHAT__STORE_BUSY);
        return;
    }
    hello->sign_in.credential = CHAT__STORE_TOKEN;
    sign_in(hello);
}

/* Its client need not come back. */
static void refuse_banned(struct chat__hello_operation *hello)
{
    struct chat__connection *connection = hello->operation.connection;

    chat__operation_refuse(&hello->operation, CHAT__ERROR_UNAUTHORIZED,
                           CHAT__BANNED_MESSAGE);
    if (connection != NULL)
        chat__connection_close(connection, CHAT__CLOSE_BANNED,
                               CHAT__BANNED_MESSAGE);
}

static void signed_in(struct chat__completion *completion)
{
    struct chat__hello_operation *hello = CHAT__CONTAINER(
        completion, struct chat__hello_operation, sign_in.completion);
    struct chat__operation *operation = &hello->operation;
    struct chat__core *core = operation->core;
    enum chat__store_result result = hello->sign_in.result;
    struct chat__user *user = NULL;

    chat__operation_hears(operation);
    if (result == CHAT__STORE_OK &&
        chat__sign_in_is_old(core, &hello->in_flight, hello->sign_in.user)) {
        sign_in_again(hello);
        return;
    }
    if (result == CHAT__STORE_OK)
        user =
            chat__user_acquire(core, &hello->sign_in, hello->in_flight.number);
    /* Only now: until here an idle user could be the one who signs in. */
    chat__sign_in_end(core, &hello->in_flight);
    if (result == CHAT__STORE_OK)
        admit(hello, user);
    else if (result == CHAT__STORE_NOT_FOUND)
        chat__hello_refuse(hello, CHAT__ERROR_UNAUTHORIZED,
                           hello->sign_in.credential == CHAT__STORE_USER
                               ? "the password was changed meanwhile"
                               : "this token is unknown or has ended");
    else if (result == CHAT__STORE_TAKEN)
        chat__hello_taken(hello);
    else if (result == CHAT__STORE_BANNED)
        refuse_banned(hello);
    else
        chat__operation_fail(operation, result);
}

/* The token whose hash the store gets: the client's, or a new one. */
static bool fill_token(struct chat__hello_operation *hello)
{
    struct chat__core *core = hello->operation.core;
    const char *token = hello->operation.request.body.hello.token;

    if (hello->adopted)
        return true;
    if (hello->sign_in.credential != CHAT__STORE_TOKEN) {
        if (!chat__random_name(core, hello->token, CHAT__TOKEN_RANDOM_BYTES))
            return false;
        token = hello->token;
    }
    return chat__token_hash(core, token, hello->sign_in.token_hash);
}

void chat__hello_sign_in(struct chat__hello_operation *hello)
{
    struct chat__core *core = hello->operation.core;

    if (!fill_token(hello)) {
        chat__operation_fail(&hello->operation, CHAT__STORE_BUSY);
        return;
    }
    hello->sign_in.completion.run = signed_in;
    hello->sign_in.now_ms = chat__wall_ms(core);
    hello->sign_in.expires_ms = hello->sign_in.now_ms + CHAT__TOKEN_LIFETIME_MS;
    sign_in(hello);
}

static void sign_in_guest(struct chat__hello_operation *hello)
{
    const struct chat__hello *request = &hello->operation.request.body.hello;

    if (!chat__skeleton_of(hello->operation.core, request->guest,
                           hello->proof.skeleton)) {
        chat__hello_refuse(hello, CHAT__ERROR_BAD_REQUEST,
                           "guest: this name cannot be told from others");
        return;
    }
    if (chat__admin_is_reserved(hello->operation.core, hello->proof.skeleton)) {
        chat__hello_refuse_taken(hello);
        return;
    }
    hello->sign_in.credential = CHAT__STORE_GUEST;
    hello->sign_in.display_name = request->guest;
    hello->sign_in.skeleton = hello->proof.skeleton;
    hello->sign_in.key = request->key;
    chat__hello_sign_in(hello);
}

static bool fill_session(struct chat__connection *connection)
{
    const struct chat__random *random = &connection->core->options.random;

    return connection->ready ||
           random->fill(random->context, connection->session,
                        sizeof(connection->session));
}

void chat__hello_start(struct chat__operation *operation)
{
    struct chat__hello_operation *hello = of(operation);

    if (operation->connection->hello) {
        chat__operation_refuse(operation, CHAT__ERROR_BUSY,
                               "another hello is being worked on");
        return;
    }
    operation->connection->hello = true;
    operation->release = release;
    chat__buffer_init(&hello->missed,
                      chat__connection_is_relayed(operation->connection)
                          ? CHAT__RESUME_RELAYED_BYTES_MAX
                          : CHAT__RESUME_BYTES_MAX);
    if (!fill_session(operation->connection)) {
        chat__operation_fail(operation, CHAT__STORE_BUSY);
        return;
    }
    switch (operation->request.body.hello.credential) {
    case CHAT__CREDENTIAL_TOKEN:
        hello->sign_in.credential = CHAT__STORE_TOKEN;
        chat__hello_sign_in(hello);
        break;
    case CHAT__CREDENTIAL_GUEST:
        sign_in_guest(hello);
        break;
    case CHAT__CREDENTIAL_LOGIN:
    case CHAT__CREDENTIAL_REGISTER:
        chat__hello_account(hello);
        break;
    }
}

void chat__hello_adopt(struct chat__operation *operation,
                       const unsigned char hash[CHAT__TOKEN_HASH_BYTES])
{
    struct chat__hello_operation *hello = of(operation);

    hello->adopted = true;
    memcpy(hello->sign_in.token_hash, hash, CHAT__TOKEN_HASH_BYTES);
    /* As one by the token, that wants no reply. */
    operation->request.body.hello.credential = CHAT__CREDENTIAL_TOKEN;
    chat__hello_start(operation);
}
