/* What other tasks tell over the bus: server/bus/bus.h says what it is worth.
 */
#include "server/core/credential.h"
#include "server/core/elsewhere.h"
#include "server/core/heard.h"
#include "server/core/hint.h"
#include "server/core/recall.h"
#include "server/core/spending.h"
#include "server/core/watch.h"

#include <string.h>

static void hear_entries(struct chat__core *core,
                         const struct chat__bus_notice *notice)
{
    struct chat__room *room = chat__room_find(core, notice->room);
    bool other;

    if (room == NULL)
        return;
    other = strcmp(notice->epoch, room->epoch) != 0;
    if (other)
        chat__hint(room, CHAT__HINT_ANY);
    else if (notice->last > room->head && !chat__heard_entries(room, notice))
        chat__hint(room, notice->last);
}

static void hear_typing(struct chat__core *core,
                        const struct chat__bus_notice *notice)
{
    struct chat__room *room = chat__room_find(core, notice->room);

    if (room != NULL)
        chat__heard_typing(room, notice);
}

void chat__core_notice(struct chat__core *core,
                       const struct chat__bus_notice *notice)
{
    switch (notice->kind) {
    case CHAT__BUS_ENTRIES:
        hear_entries(core, notice);
        break;
    case CHAT__BUS_TYPING:
        hear_typing(core, notice);
        break;
    case CHAT__BUS_USER:
        chat__recall_hear(core, notice->user, CHAT__RECALL_ROOMS);
        break;
    case CHAT__BUS_SESSIONS:
        chat__recall_hear(core, notice->user, CHAT__RECALL_SESSIONS);
        break;
    case CHAT__BUS_MISSED:
        chat__watch_missed(core);
        break;
    case CHAT__BUS_PRESENCE:
        chat__elsewhere_hear(core, notice->user, notice->state);
        break;
    case CHAT__BUS_SPENDING:
        chat__spending_hear(core, notice->user, notice->state, notice->last);
        break;
    case CHAT__BUS_GUESS:
        chat__guess_hear(core, notice->user);
        break;
    }
}
