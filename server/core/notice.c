/* What other tasks tell over the bus: server/bus/bus.h says what it is worth.
 */
#include "server/core/core.h"

#include "server/core/room.h"

#include <string.h>

/* ---- entries ---- */

static void hear_entries(struct chat__core *core,
                         const struct chat__bus_notice *notice)
{
    struct chat__room *room = chat__room_find(core, notice->room);

    if (room != NULL &&
        (notice->last > room->head || strcmp(notice->epoch, room->epoch) != 0))
        chat__room_refresh(room);
}

/* ---- all kinds ---- */

void chat__core_notice(struct chat__core *core,
                       const struct chat__bus_notice *notice)
{
    switch (notice->kind) {
    case CHAT__BUS_ENTRIES:
        hear_entries(core, notice);
        break;
    case CHAT__BUS_USER:
    case CHAT__BUS_PRESENCE:
    case CHAT__BUS_TYPING:
    case CHAT__BUS_GUESS:
    case CHAT__BUS_MISSED:
        break;
    }
}
