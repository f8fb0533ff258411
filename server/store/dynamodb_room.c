/* The replicas of rooms: life, who waits for one, what entries do to it. */
#include "server/store/dynamodb_private.h"

#include <stdlib.h>
#include <string.h>

/* ---- life ---- */

static void leave_idle(struct chat__dynamodb_room *room)
{
    struct chat__dynamodb *store = room->store;
    if (room->idle_previous != NULL)
        room->idle_previous->idle_next = room->idle_next;
    else if (store->idle_first == room)
        store->idle_first = room->idle_next;
    if (room->idle_next != NULL)
        room->idle_next->idle_previous = room->idle_previous;
    else if (store->idle_last == room)
        store->idle_last = room->idle_previous;
    room->idle_previous = NULL;
    room->idle_next = NULL;
}

static void free_room(struct chat__dynamodb_room *room)
{
    chat__table_remove(&room->store->rooms, &room->link);
    leave_idle(room);
    chat__dynamodb_room_forget(room);
    free(room->standings);
    free(room->recent);
    free(room);
}

static struct chat__dynamodb_room *new_room(struct chat__dynamodb *store,
                                            const char *name)
{
    size_t size = strlen(name) + 1;
    struct chat__dynamodb_room *room = calloc(1, sizeof *room + size);

    if (room == NULL)
        return NULL;
    if (!chat__table_insert(&store->rooms, &room->link,
                            chat__hash_string(store->hash_seed, name))) {
        free(room);
        return NULL;
    }
    room->store = store;
    memcpy(room->name, name, size);
    return room;
}

static struct chat__dynamodb_room *find_room(const struct chat__dynamodb *store,
                                             const char *name)
{
    struct chat__table_link *link = chat__table_find(
        &store->rooms, chat__hash_string(store->hash_seed, name));

    for (; link != NULL; link = chat__table_next(link)) {
        struct chat__dynamodb_room *room =
            CHAT__CONTAINER(link, struct chat__dynamodb_room, link);

        if (strcmp(room->name, name) == 0)
            return room;
    }
    return NULL;
}

struct chat__dynamodb_room *
chat__dynamodb_room_get(struct chat__dynamodb *store, const char *name)
{
    struct chat__dynamodb_room *room = find_room(store, name);

    if (room == NULL)
        room = new_room(store, name);
    if (room != NULL)
        chat__dynamodb_room_hold(room);
    return room;
}

void chat__dynamodb_room_hold(struct chat__dynamodb_room *room)
{
    if (room->references++ == 0)
        leave_idle(room);
}

/* The room that nobody has asked for the longest makes place. */
void chat__dynamodb_room_release(struct chat__dynamodb_room *room)
{
    struct chat__dynamodb *store = room->store;
    if (--room->references > 0)
        return;
    room->idle_previous = store->idle_last;
    if (store->idle_last != NULL)
        store->idle_last->idle_next = room;
    else
        store->idle_first = room;
    store->idle_last = room;
    if (store->rooms.count > CHAT__DYNAMODB_ROOMS_MAX)
        free_room(store->idle_first);
}

void chat__dynamodb_rooms_free(struct chat__dynamodb *store)
{
    while (store->idle_first != NULL)
        free_room(store->idle_first);
    chat__table_release(&store->rooms);
}

void chat__dynamodb_room_forget(struct chat__dynamodb_room *room)
{
    free(room->topic);
    room->topic = NULL;
    room->loaded = false;
    room->exists = false;
    room->head = 0;
    room->n = 0;
    room->last_ts = 0;
    room->standing_count = 0;
    room->recent_count = 0;
    room->chunks_since_snapshot = 0;
}

/* ---- whose turn it is ---- */

static void caught_up(void *context, enum chat__store_result result)
{
    struct chat__dynamodb_waiter *waiter = context;
    while (waiter != NULL) {
        struct chat__dynamodb_waiter *next = waiter->next;
        waiter->ready(waiter, result);
        waiter = next;
    }
}

struct round {
    struct chat__dynamodb_room *room;
    struct chat__dynamodb_waiter *waiters;
};

static void round_ended(void *context, enum chat__store_result result)
{
    struct round *round = context;
    struct chat__dynamodb_room *room = round->room;
    chat__dynamodb_room_hold(room);
    caught_up(round->waiters, result);
    free(round);
    chat__dynamodb_room_next(room);
    chat__dynamodb_room_release(room);
}

static void start_round(struct chat__dynamodb_room *room)
{
    struct round *round = malloc(sizeof *round);
    struct chat__dynamodb_waiter *waiters = room->waiters;
    room->waiters = NULL;
    if (round == NULL) {
        caught_up(waiters, CHAT__STORE_BUSY);
        return;
    }
    *round = (struct round){.room = room, .waiters = waiters};
    room->busy = true;
    chat__dynamodb_catch_up(room, round_ended, round);
}

/* Appends go first: they are what the others wait to see. */
void chat__dynamodb_room_start(struct chat__dynamodb_room *room)
{
    struct chat__dynamodb_append_job *append = room->appends;
    if (room->busy)
        return;
    if (append != NULL) {
        room->appends = chat__dynamodb_append_next(append);
        if (room->appends == NULL)
            room->appends_last = NULL;
        room->busy = true;
        chat__dynamodb_append_run(append);
    } else if (room->waiters != NULL) {
        start_round(room);
    }
}

void chat__dynamodb_room_next(struct chat__dynamodb_room *room)
{
    room->busy = false;
    chat__dynamodb_room_start(room);
}

void chat__dynamodb_room_await(struct chat__dynamodb_room *room,
                               struct chat__dynamodb_waiter *waiter)
{
    waiter->next = room->waiters;
    room->waiters = waiter;
    chat__dynamodb_room_start(room);
}

/* ---- what it knows ---- */

size_t chat__dynamodb_room_slot(const struct chat__dynamodb_room *room,
                                uint64_t user)
{
    size_t low = 0;
    size_t high = room->standing_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (room->standings[middle].user < user)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

enum chat__role chat__dynamodb_room_role(const struct chat__dynamodb_room *room,
                                         uint64_t user)
{
    size_t slot = chat__dynamodb_room_slot(room, user);
    return slot < room->standing_count && room->standings[slot].user == user
               ? room->standings[slot].role
               : CHAT__ROLE_NONE;
}

uint64_t chat__dynamodb_room_members(const struct chat__dynamodb_room *room)
{
    uint64_t count = 0;
    for (size_t i = 0; i < room->standing_count; i++)
        count += chat__role_is_member(room->standings[i].role);
    return count;
}

uint64_t chat__dynamodb_room_recent_from(const struct chat__dynamodb_room *room)
{
    return room->head + 1 - room->recent_count;
}

const struct chat__dynamodb_recent *
chat__dynamodb_room_at(const struct chat__dynamodb_room *room, uint64_t seq)
{
    uint64_t from = chat__dynamodb_room_recent_from(room);
    return seq >= from && seq <= room->head ? &room->recent[seq - from] : NULL;
}

/* From the newest on: what is asked for again was there a moment ago. */
bool chat__dynamodb_room_key(const struct chat__dynamodb_room *room,
                             uint64_t user, const char *key,
                             struct chat__store_keyed *entry)
{
    for (size_t i = room->recent_count; i > 0; i--) {
        const struct chat__dynamodb_recent *recent = &room->recent[i - 1];
        if (recent->user != user || strcmp(recent->key, key) != 0)
            continue;
        entry->seq = chat__dynamodb_room_recent_from(room) + i - 1;
        entry->ts = recent->ts;
        memcpy(entry->digest, recent->digest, sizeof entry->digest);
        return true;
    }
    return false;
}

/* ---- what entries do ---- */

static bool set_standing(struct chat__dynamodb_room *room,
                         const struct chat__store_standing *standing)
{
    size_t slot = chat__dynamodb_room_slot(room, standing->user);
    struct chat__store_standing *at;
    if (room->standing_count == room->standing_capacity) {
        size_t capacity = room->standing_capacity * 2 + 8;
        at = reallocarray(room->standings, capacity, sizeof *at);
        if (at == NULL)
            return false;
        room->standings = at;
        room->standing_capacity = capacity;
    }
    at = &room->standings[slot];
    bool found = slot < room->standing_count && at->user == standing->user;
    size_t behind = room->standing_count - slot;
    if (found && standing->role == CHAT__ROLE_NONE) {
        memmove(at, at + 1, (behind - 1) * sizeof *at);
        room->standing_count--;
    } else if (found) {
        at->role = standing->role;
    } else if (standing->role != CHAT__ROLE_NONE) {
        memmove(at + 1, at, behind * sizeof *at);
        *at = *standing;
        room->standing_count++;
    }
    return true;
}

/* Half of them are forgotten at once, so that each costs little. */
static void forget_oldest(struct chat__dynamodb_room *room)
{
    size_t kept = room->recent_count / 2;
    if (room->recent_count < room->store->options.recent_max)
        return;
    memmove(room->recent, room->recent + room->recent_count - kept,
            kept * sizeof *room->recent);
    room->recent_count = kept;
}

static bool remember(struct chat__dynamodb_room *room,
                     const struct chat__store_entry *entry)
{
    struct chat__dynamodb_recent *recent;
    forget_oldest(room);
    if (room->recent_count == room->recent_capacity) {
        size_t capacity = room->recent_capacity * 2 + 16;
        recent = reallocarray(room->recent, capacity, sizeof *recent);
        if (recent == NULL)
            return false;
        room->recent = recent;
        room->recent_capacity = capacity;
    }
    recent = &room->recent[room->recent_count++];
    *recent = (struct chat__dynamodb_recent){
        .user = entry->user, .n = entry->n, .ts = entry->ts};
    chat__dynamodb_copy(recent->key, sizeof recent->key, entry->key);
    memcpy(recent->digest, entry->digest, sizeof recent->digest);
    return true;
}

static bool set_topic(struct chat__dynamodb_room *room, const char *topic)
{
    char *copy = NULL;
    if (topic[0] != '\0') {
        copy = strdup(topic);
        if (copy == NULL)
            return false;
    }
    free(room->topic);
    room->topic = copy;
    return true;
}

bool chat__dynamodb_room_begin(struct chat__dynamodb_room *room,
                               const char *epoch, bool private_room)
{
    if (strlen(epoch) >= sizeof room->epoch)
        return false;
    chat__dynamodb_copy(room->epoch, sizeof room->epoch, epoch);
    room->exists = true;
    room->private_room = private_room;
    return true;
}

bool chat__dynamodb_room_apply(struct chat__dynamodb_room *room,
                               const struct chat__store_entry *entries,
                               size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct chat__store_entry *entry = &entries[i];
        for (size_t j = 0; j < entry->standing_count; j++)
            if (!set_standing(room, &entry->standings[j]))
                return false;
        if (entry->topic != NULL && !set_topic(room, entry->topic))
            return false;
        if (!remember(room, entry))
            return false;
        room->head = entry->seq;
        room->n = entry->n;
        room->last_ts = entry->ts;
    }
    room->chunks_since_snapshot++;
    return true;
}
