#include "server/core/relay.h"

#include "server/core/connection.h"
#include "server/core/room.h"
#include "server/core/user.h"
#include "server/store/directory.h"

#include <stdlib.h>
#include <string.h>

enum kind {
    OBJECTS,   /* to all but `user` */
    DROPPABLE, /* the same; may be lost */
    OWN,       /* to the connections of `user` but `except` */
    GONE       /* `user` gets nothing from here on */
};

struct item {
    struct item *next;
    enum kind kind;
    uint64_t user;
    char except[CHAT__GATEWAY_ID_BYTES_MAX + 1];
    struct chat__buffer objects;
};

struct items {
    struct item *first;
    struct item *last;
};

struct chat__relayed {
    struct chat__room *room;    /* referenced */
    struct chat__relayed *next; /* in the core's list of those to ask for */
    bool listed;
    bool reading;
    size_t joining; /* rows of new members that are being written */
    size_t bytes;   /* of both lists */
    struct items asked;
    struct items queued;
    struct chat__directory_read read;
    char topic[CHAT__TOPIC_SIZE];
};

static const struct chat__relay *relay_of(const struct chat__core *core)
{
    return core->options.relay;
}

/* ---- the queue ---- */

static void free_items(struct chat__relayed *relayed, struct items *items)
{
    while (items->first != NULL) {
        struct item *item = items->first;

        items->first = item->next;
        relayed->bytes -= item->objects.length;
        chat__buffer_release(&item->objects);
        free(item);
    }
    items->last = NULL;
}

static void enlist(struct chat__relayed *relayed)
{
    struct chat__core *core = relayed->room->core;

    if (relayed->listed)
        return;
    relayed->listed = true;
    relayed->next = core->relayed;
    core->relayed = relayed;
}

/* NULL: there is no relay, or no memory. */
static struct chat__relayed *queue_of(struct chat__room *room)
{
    struct chat__relayed *relayed = room->relayed;

    if (relay_of(room->core) == NULL)
        return NULL;
    if (relayed == NULL) {
        relayed = calloc(1, sizeof *relayed);
        if (relayed == NULL)
            return NULL;
        chat__room_hold(room);
        relayed->room = room;
        chat__topic_of_room(relayed->topic, room->name);
        room->relayed = relayed;
    }
    enlist(relayed);
    return relayed;
}

static void free_if_idle(struct chat__relayed *relayed)
{
    struct chat__room *room = relayed->room;

    if (relayed->listed || relayed->reading || relayed->joining > 0)
        return;
    room->relayed = NULL;
    free(relayed);
    chat__room_release(room);
}

static struct item *add_item(struct chat__relayed *relayed, enum kind kind,
                             uint64_t user)
{
    struct items *items = &relayed->queued;
    struct item *item = calloc(1, sizeof *item);

    if (item == NULL)
        return NULL;
    item->kind = kind;
    item->user = user;
    chat__buffer_init(&item->objects, CHAT__RELAY_ROOM_BYTES_MAX);
    if (items->first == NULL)
        items->first = item;
    else
        items->last->next = item;
    items->last = item;
    return item;
}

/* Entries in a row are one item. */
static struct item *item_for(struct chat__relayed *relayed, enum kind kind,
                             uint64_t user)
{
    struct item *last = relayed->queued.last;

    if (kind == OBJECTS && last != NULL && last->kind == OBJECTS)
        return last;
    return add_item(relayed, kind, user);
}

/* What does not fit is lost: clients see by its seq that it is missing. */
static struct item *add_objects(struct chat__room *room, enum kind kind,
                                uint64_t user, const char *objects,
                                size_t length)
{
    struct chat__relayed *relayed = queue_of(room);
    struct item *item;

    if (relayed == NULL)
        return NULL;
    if (relayed->bytes + length > CHAT__RELAY_ROOM_BYTES_MAX) {
        chat__metrics_count(room->core->options.metrics,
                            CHAT__METRIC_RELAY_LOST);
        return NULL;
    }
    item = item_for(relayed, kind, user);
    if (item == NULL || !chat__buffer_reserve(&item->objects, length))
        return NULL;
    chat__buffer_append(&item->objects, objects, length);
    relayed->bytes += length;
    return item;
}

/* ---- delivery ---- */

static bool has_gone(const struct items *items, uint64_t user)
{
    for (const struct item *item = items->first; item != NULL;
         item = item->next)
        if (item->kind == GONE && item->user == user)
            return true;
    return false;
}

/* Members, and who was one until an entry that is queued. */
static bool may_have(const struct chat__relayed *relayed, uint64_t user)
{
    return chat__role_is_member(chat__room_role(relayed->room, user)) ||
           has_gone(&relayed->asked, user) || has_gone(&relayed->queued, user);
}

static bool is_for(const struct item *item,
                   const struct chat__directory_row *row)
{
    switch (item->kind) {
    case OBJECTS:
        return true;
    case DROPPABLE:
        return row->user != item->user;
    case OWN:
        return row->user == item->user && strcmp(row->id, item->except) != 0;
    case GONE:
        break;
    }
    return false;
}

static void deliver_to(const struct chat__relayed *relayed,
                       const struct chat__directory_row *row)
{
    const struct chat__relay *relay = relay_of(relayed->room->core);

    for (const struct item *item = relayed->asked.first; item != NULL;
         item = item->next) {
        if (item->kind == GONE && item->user == row->user)
            return;
        if (is_for(item, row))
            relay->post(relay->context, row->id, relayed->topic,
                        item->objects.data, item->objects.length,
                        item->kind == DROPPABLE ? CHAT__DELIVERY_DROPPABLE
                                                : CHAT__DELIVERY_DURABLE);
    }
}

static void rows_read(struct chat__completion *completion)
{
    struct chat__relayed *relayed =
        CHAT__CONTAINER(completion, struct chat__relayed, read.completion);
    struct chat__core *core = relayed->room->core;

    chat__store_answered(core);
    relayed->reading = false;
    if (relayed->read.result != CHAT__STORE_OK)
        chat__metrics_count(core->options.metrics, CHAT__METRIC_RELAY_LOST);
    for (size_t i = 0; i < relayed->read.count; i++)
        if (may_have(relayed, relayed->read.rows[i].user))
            deliver_to(relayed, &relayed->read.rows[i]);
    free_items(relayed, &relayed->asked);
    chat__directory_read_release(&relayed->read);
    if (relayed->queued.first != NULL)
        enlist(relayed);
    free_if_idle(relayed);
}

static void ask(struct chat__relayed *relayed)
{
    struct chat__core *core = relayed->room->core;
    struct chat__directory *directory = relay_of(core)->directory;

    relayed->asked = relayed->queued;
    relayed->queued = (struct items){0};
    relayed->reading = true;
    relayed->read = (struct chat__directory_read){
        .completion.run = rows_read,
        .topic = relayed->topic,
        .now_ms = chat__wall_ms(core),
    };
    chat__store_asked(core);
    directory->operations->read(directory, &relayed->read);
}

void chat__relays_ask(struct chat__core *core)
{
    struct chat__relayed *relayed = core->relayed;

    core->relayed = NULL;
    while (relayed != NULL) {
        struct chat__relayed *next = relayed->next;

        relayed->listed = false;
        if (relayed->queued.first != NULL && !relayed->reading &&
            relayed->joining == 0)
            ask(relayed);
        free_if_idle(relayed);
        relayed = next;
    }
}

/* ---- new members ---- */

struct new_row {
    struct joining *joining;
    struct chat__directory_write write;
};

/* The user's connections are read, then each gets a row of the room. */
struct joining {
    struct chat__relayed *relayed;
    size_t pending;
    struct chat__directory_read read;
    char topic[CHAT__TOPIC_SIZE];
    struct new_row *rows;
};

static void finish_join(struct joining *joining)
{
    struct chat__relayed *relayed = joining->relayed;

    relayed->joining--;
    enlist(relayed);
    chat__directory_read_release(&joining->read);
    free(joining->rows);
    free(joining);
}

static void row_written(struct chat__completion *completion)
{
    struct joining *joining =
        CHAT__CONTAINER(completion, struct new_row, write.completion)->joining;

    chat__store_answered(joining->relayed->room->core);
    if (--joining->pending == 0)
        finish_join(joining);
}

static void write_row(struct joining *joining, size_t i)
{
    struct chat__core *core = joining->relayed->room->core;
    struct chat__directory *directory = relay_of(core)->directory;
    struct new_row *row = &joining->rows[i];
    int64_t now = chat__wall_ms(core);

    row->joining = joining;
    row->write = (struct chat__directory_write){
        .completion.run = row_written,
        .row = joining->read.rows[i],
        .topics = &joining->relayed->topic,
        .count = 1,
        .now_ms = now,
        .expires_ms = now + CHAT__DIRECTORY_ROW_MS,
    };
    joining->pending++;
    chat__store_asked(core);
    directory->operations->write(directory, &row->write);
}

static void user_read(struct chat__completion *completion)
{
    struct joining *joining =
        CHAT__CONTAINER(completion, struct joining, read.completion);
    size_t count = joining->read.count;

    chat__store_answered(joining->relayed->room->core);
    if (count > 0)
        joining->rows = calloc(count, sizeof *joining->rows);
    if (joining->rows == NULL) {
        finish_join(joining);
        return;
    }
    for (size_t i = 0; i < count; i++)
        write_row(joining, i);
}

static void join(struct chat__room *room, uint64_t user)
{
    struct chat__core *core = room->core;
    struct chat__relayed *relayed = queue_of(room);
    struct joining *joining =
        relayed == NULL ? NULL : calloc(1, sizeof *joining);
    struct chat__directory *directory;

    if (joining == NULL)
        return;
    directory = relay_of(core)->directory;
    joining->relayed = relayed;
    relayed->joining++;
    chat__topic_of_user(joining->topic, user);
    joining->read = (struct chat__directory_read){
        .completion.run = user_read,
        .topic = joining->topic,
        .now_ms = chat__wall_ms(core),
    };
    chat__store_asked(core);
    directory->operations->read(directory, &joining->read);
}

/* ---- what the core says ---- */

void chat__relay_entry(struct chat__room *room, const char *bytes,
                       size_t length)
{
    (void)add_objects(room, OBJECTS, 0, bytes, length);
}

void chat__relay_event(struct chat__room *room, uint64_t except,
                       const char *objects, size_t length)
{
    (void)add_objects(room, DROPPABLE, except, objects, length);
}

/* Behind the entry that says so, and then nothing of the room. */
static void leave(struct chat__room *room, uint64_t user,
                  const struct chat__operation *operation)
{
    const struct chat__connection *requester =
        operation->user->id == user ? operation->connection : NULL;
    struct chat__event event = chat__membership_ended(
        room, operation->user->id == user ? NULL : operation->user);
    struct chat__buffer *scratch = &room->core->scratch;
    struct item *item;

    chat__buffer_clear(scratch);
    chat__event_encode(&event, scratch);
    chat__buffer_append_byte(scratch, '\n');
    if (scratch->failed)
        return;
    item = add_objects(room, OWN, user, scratch->data, scratch->length);
    if (item != NULL && requester != NULL && requester->name != NULL)
        memcpy(item->except, requester->name, strlen(requester->name) + 1);
    if (room->relayed != NULL)
        (void)add_item(room->relayed, GONE, user);
}

void chat__relay_stands(struct chat__room *room, uint64_t user,
                        enum chat__role old,
                        const struct chat__operation *operation)
{
    enum chat__role now = chat__room_role(room, user);
    bool own = operation->user->id == user;
    const struct chat__connection *requester =
        own ? operation->connection : NULL;
    struct chat__event event;

    if (relay_of(room->core) == NULL || now == old)
        return;
    if (chat__role_is_member(now) == chat__role_is_member(old) &&
        now != CHAT__ROLE_INVITED && old != CHAT__ROLE_INVITED)
        return;
    if (chat__role_is_member(now)) {
        join(room, user);
        event = chat__membership_begun(room);
    } else if (chat__role_is_member(old)) {
        leave(room, user, operation);
        return;
    } else if (now == CHAT__ROLE_INVITED) {
        event = chat__membership_invited(room, operation->user->id,
                                         operation->user->name);
    } else {
        event = chat__membership_ended(room, own ? NULL : operation->user);
    }
    chat__relay_tell(room->core, user, requester, &event);
}
