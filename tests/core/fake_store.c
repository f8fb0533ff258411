#include "tests/core/fake_store.h"

#include "tests/core/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define USERS_MAX   128
#define TOKENS_MAX  512
#define MEMBERS_MAX 128
#define ROOMS_MAX   1200
#define JOBS_MAX    4096

struct entry {
    uint64_t n;
    int64_t ts;
    uint64_t user;
    char key[CHAT__KEY_BYTES_MAX + 1];
    unsigned char digest[CHAT__BODY_DIGEST_BYTES];
    char *bytes;
};

struct member {
    uint64_t user;
    enum chat__role role;
    uint64_t read;
};

struct room {
    char name[CHAT__ROOM_NAME_BYTES_MAX + 1];
    char epoch[CHAT__EPOCH_BYTES_MAX + 1];
    bool private_room;
    struct entry *entries; /* entries[seq - 1] */
    size_t count;
    struct member members[MEMBERS_MAX];
    size_t member_count;
};

struct user {
    char name[CHAT__USER_NAME_BYTES_MAX + 1];
    char key[CHAT__KEY_BYTES_MAX + 1];
    uint64_t rooms_rev;
};

struct token {
    unsigned char hash[CHAT__TOKEN_HASH_BYTES];
    uint64_t user;
};

struct job {
    enum fake_kind kind;
    void *request; /* begins with its completion */
    bool executed;
};

struct fake_store {
    struct chat__store base;
    struct room *rooms[ROOMS_MAX];
    size_t room_count;
    struct user users[USERS_MAX]; /* users[id - 1] */
    size_t user_count;
    struct token tokens[TOKENS_MAX];
    size_t token_count;
    struct job jobs[JOBS_MAX];
    size_t job_count;
    bool fails[FAKE_KIND_COUNT];
    enum chat__store_result failures[FAKE_KIND_COUNT];
};

static void *must(void *pointer)
{
    assert_non_null(pointer);
    return pointer;
}

static void copy_string(char *to, size_t size, const char *from)
{
    assert_in_range(snprintf(to, size, "%s", from), 0, size - 1);
}

/* ---- the data ---- */

static struct room *find_room(const struct fake_store *fake, const char *name)
{
    for (size_t i = 0; i < fake->room_count; i++)
        if (strcmp(fake->rooms[i]->name, name) == 0)
            return fake->rooms[i];
    return NULL;
}

static struct room *add_room(struct fake_store *fake, const char *name,
                             const char *epoch, bool private_room)
{
    struct room *room = must(calloc(1, sizeof(*room)));

    assert_true(fake->room_count < ROOMS_MAX);
    copy_string(room->name, sizeof(room->name), name);
    copy_string(room->epoch, sizeof(room->epoch), epoch);
    room->private_room = private_room;
    fake->rooms[fake->room_count++] = room;
    return room;
}

static struct member *find_member(struct room *room, uint64_t user)
{
    for (size_t i = 0; i < room->member_count; i++)
        if (room->members[i].user == user)
            return &room->members[i];
    return NULL;
}

static void set_member(struct room *room, uint64_t user, enum chat__role role)
{
    struct member *member = find_member(room, user);

    if (member == NULL) {
        assert_true(room->member_count < MEMBERS_MAX);
        member = &room->members[room->member_count++];
        *member = (struct member){.user = user, .read = room->count};
    }
    member->role = role;
}

static void drop_member(struct room *room, uint64_t user)
{
    struct member *member = find_member(room, user);

    if (member != NULL)
        *member = room->members[--room->member_count];
}

static uint64_t n_at(const struct room *room, uint64_t seq)
{
    return seq == 0 ? 0 : room->entries[seq - 1].n;
}

static struct entry *add_entry(struct room *room)
{
    room->entries = must(
        realloc(room->entries, (room->count + 1) * sizeof(*room->entries)));
    room->entries[room->count] = (struct entry){0};
    return &room->entries[room->count++];
}

/* ---- append ---- */

static bool find_key(const struct room *room, uint64_t user, const char *key,
                     struct chat__store_keyed *found)
{
    for (size_t i = 0; i < room->count; i++) {
        const struct entry *entry = &room->entries[i];

        if (entry->user != user || strcmp(entry->key, key) != 0)
            continue;
        found->seq = i + 1;
        found->ts = entry->ts;
        memcpy(found->digest, entry->digest, sizeof(found->digest));
        return true;
    }
    return false;
}

static enum chat__store_result
list_duplicates(const struct room *room, struct chat__store_append *append)
{
    append->duplicates =
        must(calloc(append->count + 1, sizeof(*append->duplicates)));
    for (size_t i = 0; i < append->count; i++) {
        const struct chat__store_entry *entry = &append->entries[i];
        struct chat__store_duplicate *duplicate =
            &append->duplicates[append->duplicate_count];

        duplicate->index = i;
        if (find_key(room, entry->user, entry->key, &duplicate->entry))
            append->duplicate_count++;
    }
    return append->duplicate_count > 0 ? CHAT__STORE_DUPLICATE : CHAT__STORE_OK;
}

static void write_entry(struct fake_store *fake, struct room *room,
                        const struct chat__store_entry *from)
{
    struct entry *entry = add_entry(room);

    /* What a log must be; the core is at fault when it is not. */
    assert_int_equal(from->seq, room->count);
    assert_true(room->count < 2 || entry[-1].ts <= from->ts);
    assert_int_equal(from->bytes[from->length], '\n');
    entry->n = from->n;
    entry->ts = from->ts;
    entry->user = from->user;
    copy_string(entry->key, sizeof(entry->key), from->key);
    memcpy(entry->digest, from->digest, sizeof(entry->digest));
    entry->bytes = must(strndup(from->bytes, from->length));
    if (from->effect == CHAT__EFFECT_NONE)
        return;
    fake->users[from->user - 1].rooms_rev++;
    if (from->effect == CHAT__EFFECT_MEMBER_ADD)
        set_member(room, from->user, from->role);
    else
        drop_member(room, from->user);
}

static enum chat__store_result do_append(struct fake_store *fake, void *request)
{
    struct chat__store_append *append = request;
    struct room *room = find_room(fake, append->room);

    if ((room == NULL) != (append->create_epoch != NULL))
        return CHAT__STORE_CONFLICT;
    if (room != NULL && append->count > 0 &&
        append->entries[0].seq != room->count + 1)
        return CHAT__STORE_CONFLICT;
    if (room == NULL)
        room = add_room(fake, append->room, append->create_epoch,
                        append->create_private);
    if (list_duplicates(room, append) == CHAT__STORE_DUPLICATE)
        return CHAT__STORE_DUPLICATE;
    for (size_t i = 0; i < append->count; i++)
        write_entry(fake, room, &append->entries[i]);
    return CHAT__STORE_OK;
}

/* ---- reads ---- */

static enum chat__store_result do_find_key(struct fake_store *fake,
                                           void *request)
{
    struct chat__store_find_key *find = request;
    const struct room *room = find_room(fake, find->room);

    return room != NULL && find_key(room, find->user, find->key, &find->entry)
               ? CHAT__STORE_OK
               : CHAT__STORE_NOT_FOUND;
}

static enum chat__store_result do_open_room(struct fake_store *fake,
                                            void *request)
{
    struct chat__store_open_room *open = request;
    const struct room *room = find_room(fake, open->room);

    if (room == NULL)
        return CHAT__STORE_NOT_FOUND;
    copy_string(open->epoch, sizeof(open->epoch), room->epoch);
    open->private_room = room->private_room;
    open->head = room->count;
    open->n = n_at(room, room->count);
    open->first = 1;
    open->last_ts = room->count == 0 ? 0 : room->entries[room->count - 1].ts;
    open->members =
        must(calloc(room->member_count + 1, sizeof(*open->members)));
    for (size_t i = 0; i < room->member_count; i++)
        open->members[i] = (struct chat__store_member){room->members[i].user,
                                                       room->members[i].role};
    open->member_count = room->member_count;
    return CHAT__STORE_OK;
}

/* True when one more entry fits the piece. */
static bool fits(const struct chat__store_read_log *read, size_t bytes,
                 size_t length)
{
    return read->count == 0 ||
           (read->count < read->limit && bytes + length <= read->bytes_max);
}

static void copy_entries(const struct room *room,
                         struct chat__store_read_log *read, uint64_t first,
                         size_t bytes)
{
    char *at = read->arena = must(malloc(bytes + 1));

    for (size_t i = 0; i < read->count; i++) {
        const char *from = room->entries[first - 1 + i].bytes;

        read->entries[i].seq = first + i;
        read->entries[i].length = strlen(from);
        read->entries[i].bytes = at;
        memcpy(at, from, read->entries[i].length);
        at += read->entries[i].length;
    }
}

static enum chat__store_result do_read_log(struct fake_store *fake,
                                           void *request)
{
    struct chat__store_read_log *read = request;
    const struct room *room = find_room(fake, read->room);
    uint64_t from = read->from == 0 ? 1 : read->from;
    uint64_t to;
    uint64_t first;
    size_t bytes = 0;

    if (room == NULL)
        return CHAT__STORE_NOT_FOUND;
    to = read->to < room->count ? read->to : room->count;
    first = from;
    for (uint64_t i = 0; from + i <= to; i++) {
        uint64_t seq = read->backward ? to - i : from + i;
        size_t length = strlen(room->entries[seq - 1].bytes);

        if (!fits(read, bytes, length))
            break;
        bytes += length;
        first = read->backward ? seq : from;
        read->count++;
    }
    read->entries = must(calloc(read->count + 1, sizeof(*read->entries)));
    copy_entries(room, read, first, bytes);
    return CHAT__STORE_OK;
}

static uint64_t find_token(const struct fake_store *fake,
                           const unsigned char *hash)
{
    for (size_t i = 0; i < fake->token_count; i++)
        if (memcmp(fake->tokens[i].hash, hash, CHAT__TOKEN_HASH_BYTES) == 0)
            return fake->tokens[i].user;
    return 0;
}

static uint64_t guest(struct fake_store *fake,
                      const struct chat__store_sign_in *sign_in)
{
    struct token *token = &fake->tokens[fake->token_count++];
    size_t i = 0;

    assert_true(fake->token_count < TOKENS_MAX);
    while (i < fake->user_count &&
           strcmp(fake->users[i].key, sign_in->guest_key) != 0)
        i++;
    if (i == fake->user_count) {
        assert_true(++fake->user_count <= USERS_MAX);
        copy_string(fake->users[i].name, sizeof(fake->users[i].name),
                    sign_in->guest_name);
        copy_string(fake->users[i].key, sizeof(fake->users[i].key),
                    sign_in->guest_key);
    }
    memcpy(token->hash, sign_in->token_hash, sizeof(token->hash));
    token->user = i + 1;
    return token->user;
}

static void list_memberships(struct fake_store *fake,
                             struct chat__store_sign_in *sign_in)
{
    sign_in->memberships =
        must(calloc(fake->room_count + 1, sizeof(*sign_in->memberships)));
    for (size_t i = 0; i < fake->room_count; i++) {
        struct member *member = find_member(fake->rooms[i], sign_in->user);
        struct chat__store_membership *row =
            &sign_in->memberships[sign_in->membership_count];

        if (member == NULL)
            continue;
        copy_string(row->room, sizeof(row->room), fake->rooms[i]->name);
        row->role = member->role;
        row->read = member->read;
        row->read_n = n_at(fake->rooms[i], member->read);
        sign_in->membership_count++;
    }
}

static enum chat__store_result do_sign_in(struct fake_store *fake,
                                          void *request)
{
    struct chat__store_sign_in *sign_in = request;

    assert_true(sign_in->expires_ms > sign_in->now_ms);
    sign_in->user = sign_in->guest_name != NULL
                        ? guest(fake, sign_in)
                        : find_token(fake, sign_in->token_hash);
    if (sign_in->user == 0)
        return CHAT__STORE_NOT_FOUND;
    copy_string(sign_in->name, sizeof(sign_in->name),
                fake->users[sign_in->user - 1].name);
    sign_in->guest = true;
    sign_in->rooms_rev = fake->users[sign_in->user - 1].rooms_rev;
    list_memberships(fake, sign_in);
    return CHAT__STORE_OK;
}

static enum chat__store_result do_mark_read(struct fake_store *fake,
                                            void *request)
{
    struct chat__store_mark_read *mark = request;
    struct room *room = find_room(fake, mark->room);
    struct member *member = room == NULL ? NULL : find_member(room, mark->user);

    if (member == NULL)
        return CHAT__STORE_NOT_FOUND;
    assert_true(mark->seq <= room->count);
    if (member->read < mark->seq)
        member->read = mark->seq;
    mark->read = member->read;
    mark->read_n = n_at(room, member->read);
    return CHAT__STORE_OK;
}

static enum chat__store_result do_list_rooms(struct fake_store *fake,
                                             void *request)
{
    struct chat__store_list_rooms *list = request;
    const char *prefix = list->prefix == NULL ? "" : list->prefix;

    list->rows = must(calloc(fake->room_count + 1, sizeof(*list->rows)));
    for (size_t i = 0; i < fake->room_count; i++) {
        const struct room *room = fake->rooms[i];

        if (room->private_room ||
            strncmp(room->name, prefix, strlen(prefix)) != 0 ||
            (list->after != NULL && strcmp(room->name, list->after) <= 0))
            continue;
        if (list->count == list->limit) {
            list->more = true;
            break;
        }
        copy_string(list->rows[list->count].room,
                    sizeof(list->rows[list->count].room), room->name);
        list->rows[list->count++].members = room->member_count;
    }
    return CHAT__STORE_OK;
}

static enum chat__store_result do_heads(struct fake_store *fake, void *request)
{
    struct chat__store_heads *heads = request;

    heads->heads = must(calloc(fake->room_count + 1, sizeof(*heads->heads)));
    heads->rooms_rev = fake->users[heads->user - 1].rooms_rev;
    for (size_t i = 0; i < fake->room_count; i++) {
        struct room *room = fake->rooms[i];
        struct chat__store_head *head = &heads->heads[heads->count];
        int64_t ts = room->count == 0 ? 0 : room->entries[room->count - 1].ts;

        if (find_member(room, heads->user) == NULL || ts < heads->since_ms ||
            (heads->after != NULL && strcmp(room->name, heads->after) <= 0))
            continue;
        if (heads->count == heads->limit) {
            heads->more = true;
            break;
        }
        copy_string(head->room, sizeof(head->room), room->name);
        copy_string(head->epoch, sizeof(head->epoch), room->epoch);
        head->head = room->count;
        head->last_ts = ts;
        heads->count++;
    }
    return CHAT__STORE_OK;
}

/* ---- jobs ---- */

/* How each kind is carried out, and where its result goes. */
static const struct {
    enum chat__store_result (*execute)(struct fake_store *fake, void *request);
    size_t result_at;
} kinds[FAKE_KIND_COUNT] = {
    [FAKE_APPEND] = {do_append, offsetof(struct chat__store_append, result)},
    [FAKE_FIND_KEY] = {do_find_key,
                       offsetof(struct chat__store_find_key, result)},
    [FAKE_OPEN_ROOM] = {do_open_room,
                        offsetof(struct chat__store_open_room, result)},
    [FAKE_READ_LOG] = {do_read_log,
                       offsetof(struct chat__store_read_log, result)},
    [FAKE_SIGN_IN] = {do_sign_in, offsetof(struct chat__store_sign_in, result)},
    [FAKE_MARK_READ] = {do_mark_read,
                        offsetof(struct chat__store_mark_read, result)},
    [FAKE_LIST_ROOMS] = {do_list_rooms,
                         offsetof(struct chat__store_list_rooms, result)},
    [FAKE_HEADS] = {do_heads, offsetof(struct chat__store_heads, result)},
};

static void ask(struct chat__store *store, enum fake_kind kind, void *request)
{
    struct fake_store *fake = (struct fake_store *)store;

    assert_true(fake->job_count < JOBS_MAX);
    fake->jobs[fake->job_count++] =
        (struct job){.kind = kind, .request = request};
}

static void ask_append(struct chat__store *store,
                       struct chat__store_append *request)
{
    ask(store, FAKE_APPEND, request);
}

static void ask_find_key(struct chat__store *store,
                         struct chat__store_find_key *request)
{
    ask(store, FAKE_FIND_KEY, request);
}

static void ask_open_room(struct chat__store *store,
                          struct chat__store_open_room *request)
{
    ask(store, FAKE_OPEN_ROOM, request);
}

static void ask_read_log(struct chat__store *store,
                         struct chat__store_read_log *request)
{
    ask(store, FAKE_READ_LOG, request);
}

static void ask_sign_in(struct chat__store *store,
                        struct chat__store_sign_in *request)
{
    ask(store, FAKE_SIGN_IN, request);
}

static void ask_mark_read(struct chat__store *store,
                          struct chat__store_mark_read *request)
{
    ask(store, FAKE_MARK_READ, request);
}

static void ask_list_rooms(struct chat__store *store,
                           struct chat__store_list_rooms *request)
{
    ask(store, FAKE_LIST_ROOMS, request);
}

static void ask_heads(struct chat__store *store,
                      struct chat__store_heads *request)
{
    ask(store, FAKE_HEADS, request);
}

static const struct chat__store_operations operations = {
    .append = ask_append,
    .find_key = ask_find_key,
    .open_room = ask_open_room,
    .read_log = ask_read_log,
    .sign_in = ask_sign_in,
    .mark_read = ask_mark_read,
    .list_rooms = ask_list_rooms,
    .heads = ask_heads,
};

void fake_store_execute(struct fake_store *fake, size_t index)
{
    struct job *job = &fake->jobs[index];
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
    world_in_core = true;
    completion->run(completion);
    world_in_core = false;
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
    for (size_t i = 0; i < fake->room_count; i++) {
        for (size_t j = 0; j < fake->rooms[i]->count; j++)
            free(fake->rooms[i]->entries[j].bytes);
        free(fake->rooms[i]->entries);
        free(fake->rooms[i]);
    }
    free(fake);
}

struct chat__store *fake_store_interface(struct fake_store *fake)
{
    return &fake->base;
}

void fake_store_make_room(struct fake_store *fake, const char *room,
                          bool private_room)
{
    add_room(fake, room, "elsewhere", private_room);
}

void fake_store_add_member(struct fake_store *fake, const char *room,
                           uint64_t user, enum chat__role role)
{
    set_member(must(find_room(fake, room)), user, role);
}

void fake_store_drop_member(struct fake_store *fake, const char *room,
                            uint64_t user)
{
    drop_member(must(find_room(fake, room)), user);
}

void fake_store_append_message(struct fake_store *fake, const char *room,
                               uint64_t user, const char *bytes, int64_t ts)
{
    struct room *log = must(find_room(fake, room));
    uint64_t n = n_at(log, log->count) + 1;
    struct entry *entry = add_entry(log);

    entry->n = n;
    entry->ts = ts;
    entry->user = user;
    entry->bytes = must(strdup(bytes));
}

uint64_t fake_store_head(const struct fake_store *fake, const char *room)
{
    const struct room *log = find_room(fake, room);

    return log == NULL ? 0 : log->count;
}

const char *fake_store_bytes(const struct fake_store *fake, const char *room,
                             uint64_t seq)
{
    const struct room *log = must(find_room(fake, room));

    assert_true(seq >= 1 && seq <= log->count);
    return log->entries[seq - 1].bytes;
}

const char *fake_store_epoch(const struct fake_store *fake, const char *room)
{
    const struct room *log = must(find_room(fake, room));

    return log->epoch;
}

bool fake_store_is_member(const struct fake_store *fake, const char *room,
                          uint64_t user)
{
    struct room *log = find_room(fake, room);

    return log != NULL && find_member(log, user) != NULL;
}
