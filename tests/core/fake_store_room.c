/* The fake store's rooms, and who stands to them. */
#include "tests/core/fake_store_data.h"

#include <stdlib.h>
#include <string.h>

struct fake_room *fake_room_find(const struct fake_store *fake,
                                 const char *name)
{
    for (size_t i = 0; i < fake->room_count; i++)
        if (strcmp(fake->rooms[i]->name, name) == 0)
            return fake->rooms[i];
    return NULL;
}

struct fake_room *fake_room_add(struct fake_store *fake, const char *name,
                                const char *epoch, bool private_room)
{
    struct fake_room *room = must(calloc(1, sizeof(*room)));
    size_t at = fake->room_count;

    assert_true(fake->room_count < ROOMS_MAX);
    fake_copy(room->name, sizeof(room->name), name);
    fake_copy(room->epoch, sizeof(room->epoch), epoch);
    room->private_room = private_room;
    for (; at > 0 && strcmp(fake->rooms[at - 1]->name, name) > 0; at--)
        fake->rooms[at] = fake->rooms[at - 1];
    fake->rooms[at] = room;
    fake->room_count++;
    return room;
}

void fake_room_free(struct fake_room *room)
{
    for (size_t i = 0; i < room->count; i++) {
        free(room->entries[i].bytes);
        free(room->entries[i].text);
    }
    free(room->entries);
    free(room->topic);
    free(room);
}

struct fake_standing *fake_standing_find(struct fake_room *room, uint64_t user)
{
    for (size_t i = 0; i < room->standing_count; i++)
        if (room->standings[i].user == user)
            return &room->standings[i];
    return NULL;
}

struct fake_standing *fake_member_find(struct fake_room *room, uint64_t user)
{
    struct fake_standing *standing = fake_standing_find(room, user);

    return standing != NULL && chat__role_is_member(standing->role) ? standing
                                                                    : NULL;
}

static struct fake_standing *add_standing(struct fake_room *room, uint64_t user)
{
    size_t at = room->standing_count;

    assert_true(room->standing_count < STANDINGS_MAX);
    for (; at > 0 && room->standings[at - 1].user > user; at--)
        room->standings[at] = room->standings[at - 1];
    room->standing_count++;
    room->standings[at] = (struct fake_standing){.user = user};
    return &room->standings[at];
}

static void drop_standing(struct fake_room *room,
                          struct fake_standing *standing)
{
    size_t behind =
        (size_t)(&room->standings[room->standing_count] - (standing + 1));

    memmove(standing, standing + 1, behind * sizeof(*standing));
    room->standing_count--;
}

/* Which of the user's lists has a room; 0: none. */
static int list_of(enum chat__role role)
{
    if (chat__role_is_member(role))
        return 1;
    return role == CHAT__ROLE_INVITED ? 2 : 0;
}

void fake_standing_set(struct fake_store *fake, struct fake_room *room,
                       uint64_t user, enum chat__role role, uint64_t by)
{
    struct fake_standing *standing = fake_standing_find(room, user);
    struct fake_user *whom = fake_user_find(fake, user);
    enum chat__role before =
        standing == NULL ? CHAT__ROLE_NONE : standing->role;
    bool moves = list_of(before) != list_of(role);

    if (moves && whom != NULL)
        whom->rooms_rev++;
    if (role == CHAT__ROLE_NONE) {
        if (standing != NULL)
            drop_standing(room, standing);
        return;
    }
    if (standing == NULL)
        standing = add_standing(room, user);
    if (moves || before == CHAT__ROLE_NONE) {
        standing->read = room->count;
        standing->by = by;
    }
    standing->role = role;
}

uint64_t fake_n_at(const struct fake_room *room, uint64_t seq)
{
    return seq == 0 ? 0 : room->entries[seq - 1].n;
}

static bool mentions(const struct fake_entry *entry, uint64_t user)
{
    for (size_t i = 0; i < entry->mention_count; i++)
        if (entry->mentions[i] == user)
            return true;
    return false;
}

uint64_t fake_mentions_behind(const struct fake_room *room, uint64_t user,
                              uint64_t read)
{
    uint64_t count = 0;

    for (size_t i = read; i < room->count; i++)
        count += mentions(&room->entries[i], user);
    return count;
}

/* ---- the work ---- */

enum chat__store_result fake_open_room(struct fake_store *fake, void *request)
{
    struct chat__store_open_room *open = request;
    const struct fake_room *room = fake_room_find(fake, open->room);

    if (room == NULL)
        return CHAT__STORE_NOT_FOUND;
    fake_copy(open->epoch, sizeof(open->epoch), room->epoch);
    open->topic = room->topic == NULL ? NULL : must(strdup(room->topic));
    open->private_room = room->private_room;
    open->head = room->count;
    open->n = fake_n_at(room, room->count);
    open->first = 1;
    open->last_ts = room->count == 0 ? 0 : room->entries[room->count - 1].ts;
    open->members =
        must(calloc(room->standing_count + 1, sizeof(*open->members)));
    for (size_t i = 0; i < room->standing_count; i++)
        open->members[i] = (struct chat__store_standing){
            room->standings[i].user, room->standings[i].role};
    open->member_count = room->standing_count;
    return CHAT__STORE_OK;
}

static bool is_in_list(enum chat__role role, enum chat__member_list list)
{
    switch (list) {
    case CHAT__MEMBER_LIST_INVITED:
        return role == CHAT__ROLE_INVITED;
    case CHAT__MEMBER_LIST_BANNED:
        return role == CHAT__ROLE_BANNED;
    case CHAT__MEMBER_LIST_MEMBERS:
        break;
    }
    return chat__role_is_member(role);
}

enum chat__store_result fake_list_members(struct fake_store *fake,
                                          void *request)
{
    struct chat__store_list_members *list = request;
    const struct fake_room *room = fake_room_find(fake, list->room);

    if (room == NULL)
        return CHAT__STORE_NOT_FOUND;
    list->rows = must(calloc(room->standing_count + 1, sizeof(*list->rows)));
    for (size_t i = 0; i < room->standing_count && !list->more; i++) {
        const struct fake_standing *standing = &room->standings[i];
        const struct fake_user *user = fake_user_find(fake, standing->user);
        struct chat__store_member_row *row = &list->rows[list->count];

        if (standing->user <= list->after || user == NULL ||
            !is_in_list(standing->role, list->list))
            continue;
        list->more = list->count == list->limit;
        if (list->more)
            break;
        row->user = standing->user;
        row->role = standing->role;
        fake_copy(row->name, sizeof(row->name), user->name);
        list->count++;
    }
    return CHAT__STORE_OK;
}

enum chat__store_result fake_mark_read(struct fake_store *fake, void *request)
{
    struct chat__store_mark_read *mark = request;
    struct fake_room *room = fake_room_find(fake, mark->room);
    struct fake_standing *member =
        room == NULL ? NULL : fake_member_find(room, mark->user);
    uint64_t seq;

    if (member == NULL)
        return CHAT__STORE_NOT_FOUND;
    seq = mark->seq < room->count ? mark->seq : room->count;
    if (member->read < seq)
        member->read = seq;
    mark->read = member->read;
    mark->read_n = fake_n_at(room, member->read);
    mark->mentions = fake_mentions_behind(room, mark->user, member->read);
    return CHAT__STORE_OK;
}

static size_t count_members(const struct fake_room *room)
{
    size_t count = 0;

    for (size_t i = 0; i < room->standing_count; i++)
        count += chat__role_is_member(room->standings[i].role);
    return count;
}

static void fill_log(struct chat__store_room_row *row,
                     const struct fake_room *room)
{
    row->private_room = room->private_room;
    row->head = room->count;
    row->n = fake_n_at(room, room->count);
    row->last_ts = room->count == 0 ? 0 : room->entries[room->count - 1].ts;
}

enum chat__store_result fake_list_rooms(struct fake_store *fake, void *request)
{
    struct chat__store_list_rooms *list = request;
    const char *prefix = list->prefix == NULL ? "" : list->prefix;

    list->rows = must(calloc(fake->room_count + 1, sizeof(*list->rows)));
    for (size_t i = 0; i < fake->room_count; i++) {
        const struct fake_room *room = fake->rooms[i];
        struct chat__store_room_row *row = &list->rows[list->count];

        if ((room->private_room && !list->all) ||
            strncmp(room->name, prefix, strlen(prefix)) != 0 ||
            (list->after != NULL && strcmp(room->name, list->after) <= 0))
            continue;
        list->more = list->count == list->limit;
        if (list->more)
            break;
        fake_copy(row->room, sizeof(row->room), room->name);
        row->topic = room->topic == NULL ? NULL : must(strdup(room->topic));
        row->members = count_members(room);
        if (list->all)
            fill_log(row, room);
        list->count++;
    }
    return CHAT__STORE_OK;
}
