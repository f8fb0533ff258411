#include "server/front/gateway_address.h"

#include "server/table.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(CHAT__DIRECTORY_ADDRESS_BYTES == CHAT__ADDRESS_BYTES,
               "the directory keeps what limits count");

struct keeping {
    size_t *outstanding;
    struct chat__exchange *exchange;
    struct chat__directory_write write;
    char topic[1][CHAT__TOPIC_SIZE];
};

static void kept(struct chat__completion *completion)
{
    struct keeping *keeping =
        CHAT__CONTAINER(completion, struct keeping, write.completion);

    (*keeping->outstanding)--;
    chat__exchange_answer(keeping->exchange);
    chat__exchange_release(keeping->exchange);
    free(keeping);
}

void chat__gateway_address_keep(struct chat__directory *directory,
                                size_t *outstanding, int64_t wall_ms,
                                struct chat__exchange *exchange)
{
    struct keeping *keeping = calloc(1, sizeof *keeping);
    struct chat__directory_row *row;

    if (keeping == NULL) {
        chat__exchange_answer(exchange);
        return;
    }
    keeping->outstanding = outstanding;
    keeping->exchange = exchange;
    chat__topic_of_connection(keeping->topic[0], exchange->id);
    keeping->write = (struct chat__directory_write){
        .completion.run = kept,
        .topics = keeping->topic,
        .count = 1,
        .now_ms = wall_ms,
        .expires_ms = wall_ms + CHAT__DIRECTORY_ROW_MS,
    };
    row = &keeping->write.row;
    memcpy(row->id, exchange->id, sizeof row->id);
    memcpy(row->address, exchange->address, sizeof row->address);
    row->has_address = true;
    exchange->references++;
    (*outstanding)++;
    directory->operations->write(directory, &keeping->write);
}
