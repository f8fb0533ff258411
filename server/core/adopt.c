/*
 * Sessions of clients that API Gateway holds: hello leaves them in the
 * directory, and another task takes them up from there.
 */
#include "server/core/action.h"
#include "server/core/actions/actions.h"
#include "server/core/connection.h"
#include "server/core/room.h"
#include "server/store/directory.h"

#include <stdlib.h>
#include <string.h>

/* Beside the rooms: the connection's own topic, and its user's. */
#define TOPICS_BESIDE 2

struct enrolment {
    struct chat__operation *operation;
    void (*then)(struct chat__operation *);
    struct chat__directory_write write;
    char (*topics)[CHAT__TOPIC_SIZE];
};

/* A session that could not be left there is opened again by a hello. */
static void enrolled(struct chat__completion *completion)
{
    struct enrolment *enrolment =
        CHAT__CONTAINER(completion, struct enrolment, write.completion);
    struct chat__operation *operation = enrolment->operation;
    void (*then)(struct chat__operation *) = enrolment->then;

    chat__operation_hears(operation);
    free(enrolment->topics);
    free(enrolment);
    then(operation);
}

static void fill_topics(const struct chat__connection *connection,
                        char (*topics)[CHAT__TOPIC_SIZE])
{
    const struct chat__user *user = connection->user;

    chat__topic_of_connection(topics[0], connection->name);
    chat__topic_of_user(topics[1], user->id);
    for (uint32_t i = 0; i < user->membership_count; i++)
        chat__topic_of_room(topics[TOPICS_BESIDE + i],
                            user->memberships[i].room->name);
}

/* NULL: the client is not API Gateway's, or memory is short. */
static struct enrolment *
new_enrolment(const struct chat__connection *connection, size_t topics)
{
    struct enrolment *enrolment = NULL;

    if (connection != NULL && connection->name != NULL &&
        connection->core->options.relay != NULL)
        enrolment = calloc(1, sizeof *enrolment);
    if (enrolment == NULL)
        return NULL;
    enrolment->topics = calloc(topics, sizeof *enrolment->topics);
    if (enrolment->topics != NULL)
        return enrolment;
    free(enrolment);
    return NULL;
}

void chat__enrol(struct chat__operation *operation,
                 void (*then)(struct chat__operation *))
{
    const struct chat__connection *connection = operation->connection;
    struct chat__core *core = operation->core;
    size_t count = TOPICS_BESIDE + operation->user->membership_count;
    struct enrolment *enrolment = new_enrolment(connection, count);
    int64_t now = chat__wall_ms(core);

    if (enrolment == NULL) {
        then(operation);
        return;
    }
    enrolment->operation = operation;
    enrolment->then = then;
    fill_topics(connection, enrolment->topics);
    enrolment->write = (struct chat__directory_write){
        .completion.run = enrolled,
        .row = {.user = connection->user->id,
                .has_address = connection->keeps_address},
        .topics = enrolment->topics,
        .count = count,
        .now_ms = now,
        .expires_ms = now + CHAT__DIRECTORY_ROW_MS,
    };
    memcpy(enrolment->write.row.id, connection->name,
           strlen(connection->name) + 1);
    memcpy(enrolment->write.row.token_hash, connection->token_hash,
           CHAT__TOKEN_HASH_BYTES);
    memcpy(enrolment->write.row.address, connection->kept_address,
           CHAT__ADDRESS_BYTES);
    chat__operation_asks(operation);
    core->options.relay->directory->operations->write(
        core->options.relay->directory, &enrolment->write);
}

void chat__core_adopt(struct chat__connection *connection,
                      const unsigned char token_hash[CHAT__TOKEN_HASH_BYTES],
                      void *ticket)
{
    struct chat__request request = {.action = CHAT__ACTION_HELLO};
    struct chat__operation *operation;

    connection->ticket = ticket;
    operation = chat__operation_new(
        connection, &chat__actions[CHAT__ACTION_HELLO], &request);
    if (operation == NULL) {
        connection->ticket = NULL;
        chat__connection_front(connection)->done(connection->handle, ticket);
        return;
    }
    chat__hello_adopt(operation, token_hash);
}

/* It may have a new one that this task has not heard of: it comes back. */
void chat__adoption_refused(struct chat__connection *connection)
{
    const struct chat__relay *relay = connection->core->options.relay;

    relay->close(relay->context, connection->name, CHAT__CLOSE_DRAIN,
                 "this session has ended: come back");
}
