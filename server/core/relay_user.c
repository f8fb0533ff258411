/* What the relay has for a user's connections, whatever room it is about. */
#include "server/core/relay.h"

#include "server/core/connection.h"
#include "server/core/user.h"
#include "server/store/directory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct telling {
    struct chat__core *core;
    struct chat__directory_read read;
    char topic[CHAT__TOPIC_SIZE];
    char except[CHAT__GATEWAY_ID_BYTES_MAX + 1];
    struct chat__buffer objects; /* to tell; empty: to close instead ... */
    bool all;                    /* ... all, or those of this token */
    unsigned char hash[CHAT__TOKEN_HASH_BYTES];
    unsigned int code;
    char message[CHAT__TOPIC_SIZE];
};

static void deliver(const struct telling *telling,
                    const struct chat__directory_row *row)
{
    const struct chat__relay *relay = telling->core->options.relay;

    if (strcmp(row->id, telling->except) == 0)
        return;
    if (telling->objects.length > 0)
        relay->post(relay->context, row->id, telling->topic,
                    telling->objects.data, telling->objects.length,
                    CHAT__DELIVERY_DURABLE);
    else if (telling->all || memcmp(row->token_hash, telling->hash,
                                    sizeof row->token_hash) == 0)
        relay->close(relay->context, row->id, telling->code, telling->message);
}

static void rows_read(struct chat__completion *completion)
{
    struct telling *telling =
        CHAT__CONTAINER(completion, struct telling, read.completion);
    struct chat__core *core = telling->core;

    chat__store_answered(core);
    if (telling->read.result != CHAT__STORE_OK)
        chat__metrics_count(core->options.metrics, CHAT__METRIC_RELAY_LOST);
    for (size_t i = 0; i < telling->read.count; i++)
        deliver(telling, &telling->read.rows[i]);
    chat__directory_read_release(&telling->read);
    chat__buffer_release(&telling->objects);
    free(telling);
}

/* NULL: there is no relay, or no memory. */
static struct telling *new_telling(struct chat__core *core, uint64_t user,
                                   const struct chat__connection *except)
{
    struct telling *telling = NULL;

    if (core->options.relay != NULL)
        telling = calloc(1, sizeof *telling);
    if (telling == NULL)
        return NULL;
    telling->core = core;
    chat__topic_of_user(telling->topic, user);
    chat__buffer_init(&telling->objects, CHAT__FRAME_BYTES_MAX);
    if (except != NULL && except->name != NULL)
        memcpy(telling->except, except->name, strlen(except->name) + 1);
    return telling;
}

static void ask(struct telling *telling)
{
    struct chat__core *core = telling->core;
    struct chat__directory *directory = core->options.relay->directory;

    telling->read = (struct chat__directory_read){
        .completion.run = rows_read,
        .topic = telling->topic,
        .now_ms = chat__wall_ms(core),
    };
    chat__store_asked(core);
    directory->operations->read(directory, &telling->read);
}

void chat__relay_tell(struct chat__core *core, uint64_t user,
                      const struct chat__connection *except,
                      const struct chat__event *event)
{
    struct telling *telling = new_telling(core, user, except);

    if (telling == NULL)
        return;
    chat__event_encode(event, &telling->objects);
    chat__buffer_append_byte(&telling->objects, '\n');
    if (telling->objects.failed) {
        chat__buffer_release(&telling->objects);
        free(telling);
        return;
    }
    ask(telling);
}

void chat__relay_end(struct chat__core *core, uint64_t user,
                     const unsigned char *hash,
                     const struct chat__connection *stays, unsigned int code,
                     const char *message)
{
    struct telling *telling = new_telling(core, user, stays);

    if (telling == NULL)
        return;
    telling->all = hash == NULL;
    if (hash != NULL)
        memcpy(telling->hash, hash, sizeof telling->hash);
    telling->code = code;
    snprintf(telling->message, sizeof telling->message, "%s", message);
    ask(telling);
}
