/* Rows of the directory that go with their connection. */
#include "server/front/gateway_private.h"

#include <stdio.h>
#include <stdlib.h>

/* Rows that go, for nobody to wait for. */
struct removal {
    struct chat__gateway *gateway;
    struct chat__directory_read read;
    struct chat__directory_write write;
    char topics[3][CHAT__TOPIC_SIZE];
};

static void removed(struct chat__completion *completion)
{
    struct removal *removal =
        CHAT__CONTAINER(completion, struct removal, write.completion);

    removal->gateway->outstanding--;
    free(removal);
}

/* The session says whose it was; without one there is nothing to remove. */
static void session_read(struct chat__completion *completion)
{
    struct removal *removal =
        CHAT__CONTAINER(completion, struct removal, read.completion);
    struct chat__directory *directory = removal->gateway->options.directory;
    struct chat__directory_write *write = &removal->write;
    const struct chat__directory_row *session =
        chat__directory_session(&removal->read);

    if (session != NULL)
        chat__topic_of_user(removal->topics[write->count++], session->user);
    chat__directory_read_release(&removal->read);
    write->completion.run = removed;
    write->remove = true;
    write->topics = removal->topics;
    directory->operations->write(directory, write);
}

/* Its rows in rooms go when a POST finds that it has gone, or by themselves. */
void chat__gateway_remove_rows(struct chat__gateway *gateway, const char *id,
                               const char *topic)
{
    struct chat__directory *directory = gateway->options.directory;
    struct removal *removal =
        gateway->core == NULL ? NULL : calloc(1, sizeof *removal);

    if (removal == NULL)
        return;
    removal->gateway = gateway;
    snprintf(removal->write.row.id, sizeof removal->write.row.id, "%s", id);
    chat__topic_of_connection(removal->topics[removal->write.count++], id);
    if (topic != NULL && topic[0] != '\0')
        snprintf(removal->topics[removal->write.count++], CHAT__TOPIC_SIZE,
                 "%s", topic);
    removal->read = (struct chat__directory_read){
        .completion.run = session_read,
        .topic = removal->topics[0],
        .now_ms = chat__core_wall_ms(gateway->core),
    };
    gateway->outstanding++;
    directory->operations->read(directory, &removal->read);
}
