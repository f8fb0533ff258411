/* What durable entries change: the room, those who listen, those named. */
#include "server/core/batch.h"

#include "server/core/relay.h"
#include "server/core/sign_in.h"
#include "server/core/user.h"

#include <stdlib.h>
#include <string.h>

static void make_room(struct chat__room *room, const struct chat__batch *batch)
{
    room->state = CHAT__ROOM_READY;
    memcpy(room->epoch, batch->epoch, sizeof(room->epoch));
    room->private_room = batch->append.create_private;
    room->first = 1;
}

static void apply_standing(struct chat__room *room,
                           const struct chat__store_standing *standing,
                           struct chat__operation *operation)
{
    struct chat__user *user = chat__user_find(room->core, standing->user);
    enum chat__role old = chat__room_role(room, standing->user);

    /* Room for it was made when the batch was composed. */
    if (standing->role == CHAT__ROLE_NONE)
        chat__members_drop(&room->members, standing->user);
    else
        (void)chat__members_set(&room->members, standing->user, standing->role);
    if (user != NULL)
        chat__user_stands(user, room, old, operation);
    else
        chat__sign_in_changed(room->core, standing->user);
    chat__relay_stands(room, standing->user, old, operation);
}

static void apply_mention(struct chat__room *room, uint64_t id)
{
    struct chat__user *user = chat__user_find(room->core, id);

    if (user != NULL)
        chat__user_mentioned(user, room);
    else
        chat__sign_in_changed(room->core, id);
}

static void apply_entry(struct chat__room *room,
                        const struct chat__store_entry *entry,
                        struct chat__operation *operation)
{
    room->head = entry->seq;
    room->n = entry->n;
    room->last_ts = entry->ts;
    chat__room_push(room, entry->seq, entry->bytes, entry->length + 1);
    chat__relay_entry(room, entry->bytes, entry->length + 1);
    for (size_t i = 0; i < entry->standing_count; i++)
        apply_standing(room, &entry->standings[i], operation);
    for (size_t i = 0; i < entry->mention_count; i++)
        apply_mention(room, entry->mentions[i]);
    if (entry->fold == CHAT__FOLD_DELETE)
        chat__deletions_add(&room->deletions, entry->seq, entry->ref);
}

void chat__batch_apply(struct chat__batch *batch)
{
    struct chat__room *room = batch->room;

    if (batch->append.create_epoch != NULL)
        make_room(room, batch);
    for (size_t i = 0; i < batch->count; i++)
        apply_entry(room, &batch->entries[i], batch->operations[i]);
    if (batch->topic == NULL)
        return;
    free(room->topic);
    room->topic = NULL;
    if (batch->topic[0] != '\0') {
        room->topic = batch->topic;
        batch->topic = NULL;
    }
}
