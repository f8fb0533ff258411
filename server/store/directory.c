#include "server/store/directory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void chat__topic_of_connection(char topic[CHAT__TOPIC_SIZE], const char *id)
{
    snprintf(topic, CHAT__TOPIC_SIZE, "connection:%s", id);
}

void chat__topic_of_user(char topic[CHAT__TOPIC_SIZE], uint64_t user)
{
    snprintf(topic, CHAT__TOPIC_SIZE, "user:%" PRIu64, user);
}

void chat__topic_of_room(char topic[CHAT__TOPIC_SIZE], const char *room)
{
    snprintf(topic, CHAT__TOPIC_SIZE, "room:%s", room);
}

const struct chat__directory_row *
chat__directory_session(const struct chat__directory_read *read)
{
    return read->count > 0 && read->rows[0].user != 0 ? read->rows : NULL;
}

void chat__directory_read_release(struct chat__directory_read *read)
{
    free(read->rows);
    read->rows = NULL;
    read->count = 0;
}
