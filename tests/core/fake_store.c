#include "tests/core/fake_store_data.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE "{\"event\":\"message\","

void fake_copy(char *to, size_t size, const char *from)
{
    assert_in_range(snprintf(to, size, "%s", from), 0, size - 1);
}

/* ---- jobs ---- */

/* How each kind is carried out, and where its result goes. */
static const struct {
    fake_work *execute;
    size_t result_at;
} kinds[FAKE_KIND_COUNT] = {
#define KIND(name_)                                                            \
    {                                                                          \
        fake_##name_, offsetof(struct chat__store_##name_, result)             \
    }
    [FAKE_APPEND] = KIND(append),
    [FAKE_FIND_KEY] = KIND(find_key),
    [FAKE_OPEN_ROOM] = KIND(open_room),
    [FAKE_READ_LOG] = KIND(read_log),
    [FAKE_SIGN_IN] = KIND(sign_in),
    [FAKE_FIND_MESSAGE] = KIND(find_message),
    [FAKE_FIND_ACCOUNT] = KIND(find_account),
    [FAKE_FIND_USER] = KIND(find_user),
    [FAKE_END_TOKENS] = KIND(end_tokens),
    [FAKE_KEEP_SESSION] = KIND(keep_session),
    [FAKE_IDLE_GUESTS] = KIND(idle_guests),
    [FAKE_LIST_MEMBERS] = KIND(list_members),
    [FAKE_MARK_READ] = KIND(mark_read),
    [FAKE_LIST_ROOMS] = KIND(list_rooms),
    [FAKE_HEADS] = KIND(heads),
    [FAKE_LIST_USERS] = KIND(list_users),
    [FAKE_SET_BANNED] = KIND(set_banned),
    [FAKE_ROOM_HEADS] = KIND(room_heads),
};

static void ask(struct chat__store *store, enum fake_kind kind, void *request)
{
    struct fake_store *fake = (struct fake_store *)store;

    assert_true(fake->job_count < JOBS_MAX);
    fake->jobs[fake->job_count++] =
        (struct fake_job){.kind = kind, .request = request};
}

#define ASK(name_, kind_)                                                      \
    static void ask_##name_(struct chat__store *store,                         \
                            struct chat__store_##name_ *request)               \
    {                                                                          \
        ask(store, kind_, request);                                            \
    }

ASK(append, FAKE_APPEND)
ASK(find_key, FAKE_FIND_KEY)
ASK(open_room, FAKE_OPEN_ROOM)
ASK(read_log, FAKE_READ_LOG)
ASK(sign_in, FAKE_SIGN_IN)
ASK(find_message, FAKE_FIND_MESSAGE)
ASK(find_account, FAKE_FIND_ACCOUNT)
ASK(find_user, FAKE_FIND_USER)
ASK(end_tokens, FAKE_END_TOKENS)
ASK(keep_session, FAKE_KEEP_SESSION)
ASK(idle_guests, FAKE_IDLE_GUESTS)
ASK(list_members, FAKE_LIST_MEMBERS)
ASK(mark_read, FAKE_MARK_READ)
ASK(list_rooms, FAKE_LIST_ROOMS)
ASK(heads, FAKE_HEADS)
ASK(list_users, FAKE_LIST_USERS)
ASK(set_banned, FAKE_SET_BANNED)
ASK(room_heads, FAKE_ROOM_HEADS)

static const struct chat__store_operations operations = {
    .append = ask_append,
    .find_key = ask_find_key,
    .open_room = ask_open_room,
    .read_log = ask_read_log,
    .sign_in = ask_sign_in,
    .find_message = ask_find_message,
    .find_account = ask_find_account,
    .find_user = ask_find_user,
    .end_tokens = ask_end_tokens,
    .keep_session = ask_keep_session,
    .idle_guests = ask_idle_guests,
    .list_members = ask_list_members,
    .mark_read = ask_mark_read,
    .list_rooms = ask_list_rooms,
    .heads = ask_heads,
    .list_users = ask_list_users,
    .set_banned = ask_set_banned,
    .room_heads = ask_room_heads,
};

void fake_store_execute(struct fake_store *fake, size_t index)
{
    struct fake_job *job = &fake->jobs[index];
    enum fake_kind kind = job->kind;
    enum chat__store_result result;

    assert_true(index < fake->job_count);
    if (job->executed)
        return;
    job->executed = true;
    if (fake->fails[kind])
        result = fake->failures[kind];
    else
        result = kinds[kind].execute(fake, job->request);
    fake->fails[kind] = false;
    memcpy((char *)job->request + kinds[kind].result_at, &result,
           sizeof(result));
}

void fake_store_complete(struct fake_store *fake, size_t index)
{
    struct chat__completion *completion;

    fake_store_execute(fake, index);
    completion = fake->jobs[index].request;
    fake->job_count--;
    memmove(&fake->jobs[index], &fake->jobs[index + 1],
            (fake->job_count - index) * sizeof(fake->jobs[0]));
    if (fake->in_core != NULL)
        *fake->in_core = true;
    completion->run(completion);
    if (fake->end_pass != NULL)
        fake->end_pass(fake->context);
    if (fake->in_core != NULL)
        *fake->in_core = false;
}

static size_t find_kind(const struct fake_store *fake, enum fake_kind kind)
{
    size_t i = 0;

    while (i < fake->job_count && fake->jobs[i].kind != kind)
        i++;
    assert_true(i < fake->job_count);
    return i;
}

void fake_store_complete_kind(struct fake_store *fake, enum fake_kind kind)
{
    fake_store_complete(fake, find_kind(fake, kind));
}

size_t fake_store_append_count(const struct fake_store *fake)
{
    const struct chat__store_append *append =
        fake->jobs[find_kind(fake, FAKE_APPEND)].request;

    return append->count;
}

size_t fake_store_waiting(const struct fake_store *fake)
{
    return fake->job_count;
}

enum fake_kind fake_store_kind(const struct fake_store *fake, size_t index)
{
    return fake->jobs[index].kind;
}

void fake_store_fail_next(struct fake_store *fake, enum fake_kind kind,
                          enum chat__store_result result)
{
    fake->fails[kind] = true;
    fake->failures[kind] = result;
}

/* ---- life, and what tests look at ---- */

struct fake_store *fake_store_new(void)
{
    struct fake_store *fake = must(calloc(1, sizeof(*fake)));

    fake->base.operations = &operations;
    return fake;
}

void fake_store_free(struct fake_store *fake)
{
    for (size_t i = 0; i < fake->room_count; i++)
        fake_room_free(fake->rooms[i]);
    free(fake);
}

void fake_store_mark_core(struct fake_store *fake, bool *in_core)
{
    fake->in_core = in_core;
}

void fake_store_end_passes(struct fake_store *fake,
                           void (*end_pass)(void *context), void *context)
{
    fake->end_pass = end_pass;
    fake->context = context;
}

struct chat__store *fake_store_interface(struct fake_store *fake)
{
    return &fake->base;
}

void fake_store_make_room(struct fake_store *fake, const char *room,
                          bool private_room)
{
    fake_room_add(fake, room, "elsewhere", private_room);
}

void fake_store_add_member(struct fake_store *fake, const char *room,
                           uint64_t user, enum chat__role role)
{
    fake_standing_set(fake, must(fake_room_find(fake, room)), user, role, user);
}

void fake_store_drop_member(struct fake_store *fake, const char *room,
                            uint64_t user)
{
    fake_store_add_member(fake, room, user, CHAT__ROLE_NONE);
}

void fake_store_append_foreign(struct fake_store *fake, const char *room,
                               uint64_t user, const char *bytes, int64_t ts)
{
    struct fake_room *log = must(fake_room_find(fake, room));
    bool message = strncmp(bytes, MESSAGE, strlen(MESSAGE)) == 0;
    uint64_t n = fake_n_at(log, log->count) + message;
    struct fake_entry *entry = fake_entry_add(log);

    entry->n = n;
    entry->ts = ts;
    entry->user = user;
    entry->message = message;
    entry->bytes = must(strdup(bytes));
}

void fake_store_leave_foreign(struct fake_store *fake, const char *room,
                              uint64_t user, int64_t ts)
{
    char bytes[256];

    (void)snprintf(bytes, sizeof(bytes),
                   "{\"event\":\"leave\",\"room\":\"%s\",\"seq\":%" PRIu64
                   ",\"ts\":%" PRId64 ",\"from\":{\"id\":\"%" PRIu64
                   "\",\"name\":\"someone\"},\"key\":\"away\"}",
                   room, fake_store_head(fake, room) + 1, ts, user);
    fake_store_append_foreign(fake, room, user, bytes, ts);
    fake_store_drop_member(fake, room, user);
}

uint64_t fake_store_head(const struct fake_store *fake, const char *room)
{
    const struct fake_room *log = fake_room_find(fake, room);

    return log == NULL ? 0 : log->count;
}

const char *fake_store_bytes(const struct fake_store *fake, const char *room,
                             uint64_t seq)
{
    const struct fake_room *log = must(fake_room_find(fake, room));

    assert_true(seq >= 1 && seq <= log->count);
    return log->entries[seq - 1].bytes;
}

const char *fake_store_epoch(const struct fake_store *fake, const char *room)
{
    const struct fake_room *log = must(fake_room_find(fake, room));

    return log->epoch;
}

bool fake_store_is_member(const struct fake_store *fake, const char *room,
                          uint64_t user)
{
    return chat__role_is_member(fake_store_role(fake, room, user));
}

enum chat__role fake_store_role(const struct fake_store *fake, const char *room,
                                uint64_t user)
{
    struct fake_room *log = fake_room_find(fake, room);
    const struct fake_standing *standing =
        log == NULL ? NULL : fake_standing_find(log, user);

    return standing == NULL ? CHAT__ROLE_NONE : standing->role;
}
