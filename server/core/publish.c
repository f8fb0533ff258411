#include "server/core/publish.h"

static void publish(struct chat__core *core,
                    const struct chat__bus_notice *notice)
{
    struct chat__bus *bus = core->options.bus;

    if (bus != NULL)
        bus->operations->publish(bus, notice);
}

static void publish_users(struct chat__core *core,
                          const struct chat__store_entry *entry)
{
    for (size_t i = 0; i < entry->standing_count; i++)
        chat__publish_user(core, entry->standings[i].user);
}

void chat__publish_batch(const struct chat__batch *batch)
{
    const struct chat__room *room = batch->room;

    if (batch->count == 0)
        return;
    publish(room->core, &(struct chat__bus_notice){
                            .kind = CHAT__BUS_ENTRIES,
                            .room = room->name,
                            .epoch = room->epoch,
                            .first = batch->entries[0].seq,
                            .last = batch->entries[batch->count - 1].seq,
                            .objects = batch->bytes.data,
                            .length = batch->bytes.length,
                        });
    for (size_t i = 0; i < batch->count; i++)
        publish_users(room->core, &batch->entries[i]);
}

void chat__publish_user(struct chat__core *core, uint64_t user)
{
    publish(core,
            &(struct chat__bus_notice){.kind = CHAT__BUS_USER, .user = user});
}

void chat__publish_sessions(struct chat__core *core, uint64_t user)
{
    publish(core, &(struct chat__bus_notice){.kind = CHAT__BUS_SESSIONS,
                                             .user = user});
}

void chat__publish_guess(struct chat__core *core, uint64_t account)
{
    publish(core, &(struct chat__bus_notice){.kind = CHAT__BUS_GUESS,
                                             .user = account});
}

void chat__publish_spending(struct chat__core *core, uint64_t id,
                            enum chat__rate_scope scope,
                            enum chat__rate_class class, uint64_t count)
{
    publish(core, &(struct chat__bus_notice){.kind = CHAT__BUS_SPENDING,
                                             .user = id,
                                             .state = (unsigned int)scope << 4 |
                                                      class,
                                             .last = count});
}

void chat__publish_presence(struct chat__core *core, uint64_t user,
                            enum chat__presence presence, bool set)
{
    publish(core, &(struct chat__bus_notice){
                      .kind = CHAT__BUS_PRESENCE,
                      .user = user,
                      .state = presence | (set ? CHAT__BUS_PRESENCE_SET : 0)});
}

void chat__publish_typing(const struct chat__room *room, uint64_t user,
                          const char *objects, size_t length)
{
    publish(room->core, &(struct chat__bus_notice){.kind = CHAT__BUS_TYPING,
                                                   .room = room->name,
                                                   .user = user,
                                                   .objects = objects,
                                                   .length = length});
}
