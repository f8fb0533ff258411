/* Read markers: one conditional update, and the mentions that it passed. */
#include "server/store/dynamodb_private.h"

#include <stdlib.h>

struct mark {
    struct chat__dynamodb_waiter waiter;
    struct chat__dynamodb_room *room; /* a reference */
    struct chat__store_mark_read *request;
    uint64_t seq; /* clamped to the head */
};

static void finish(struct mark *mark, enum chat__store_result result)
{
    mark->request->result = result;
    chat__dynamodb_complete(mark->room->store, &mark->request->completion);
    chat__dynamodb_room_release(mark->room);
    free(mark);
}

/* ---- mentions that the marker has passed ---- */

/* They do not count any more; whether they go now does not matter. */
static void swept(void *context, const struct chat__dynamodb_answer *answer)
{
    (void)answer;
    finish(context, CHAT__STORE_OK);
}

static void write_passed(struct mark *mark, struct chat__writer *writer,
                         const cJSON *item)
{
    const cJSON *element;
    chat__write_object(writer, ":passed");
    chat__write_array(writer, "NS");
    cJSON_ArrayForEach(element, chat__dynamodb_get_list(item, "mentions"))
    {
        uint64_t seq = chat__dynamodb_element_number(element);
        if (seq <= mark->request->read)
            chat__write_id(writer, NULL, seq);
    }
    chat__write_array_end(writer);
    chat__write_object_end(writer);
}

static void sweep(struct mark *mark, const cJSON *item)
{
    struct chat__dynamodb_body body;
    struct chat__writer *writer = &body.writer;
    chat__dynamodb_body_begin(&body, mark->room->store->prefix, "users");
    chat__dynamodb_user_room_key(writer, mark->request->user, mark->room->name);
    chat__dynamodb_expression(&body, "UpdateExpression",
                              "DELETE #mentions :passed");
    chat__write_object(writer, "ExpressionAttributeValues");
    write_passed(mark, writer, item);
    chat__write_object_end(writer);
    chat__dynamodb_ask(mark->room->store, "UpdateItem", &body, swept, mark);
}

/* ---- the marker ---- */

static void marked(void *context, const struct chat__dynamodb_answer *answer)
{
    struct mark *mark = context;
    struct chat__store_mark_read *request = mark->request;
    bool moved = answer->outcome == CHAT__DYNAMODB_OK;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(
        answer->json, moved ? "Attributes" : "Item");
    enum chat__role role =
        (enum chat__role)chat__dynamodb_get_number(item, "role");
    if (answer->outcome > CHAT__DYNAMODB_CONDITION) {
        finish(mark, chat__dynamodb_result(answer->outcome));
        return;
    }
    if (!chat__role_is_member(role)) {
        finish(mark, CHAT__STORE_NOT_FOUND);
        return;
    }
    chat__dynamodb_user_marker(item, &request->read, &request->read_n,
                               &request->mentions);
    if (moved && (uint64_t)cJSON_GetArraySize(chat__dynamodb_get_list(
                     item, "mentions")) > request->mentions)
        sweep(mark, item);
    else
        finish(mark, CHAT__STORE_OK);
}

static void move(struct mark *mark, uint64_t n)
{
    struct chat__dynamodb_body body;
    struct chat__writer *writer = &body.writer;
    chat__dynamodb_body_begin(&body, mark->room->store->prefix, "users");
    chat__dynamodb_user_room_key(writer, mark->request->user, mark->room->name);
    chat__dynamodb_expression(&body, "UpdateExpression",
                              "SET #mark = :mark, #mark_n = :n");
    chat__dynamodb_expression(
        &body, "ConditionExpression",
        "#role BETWEEN :member AND :owner"
        " AND (attribute_not_exists(#mark) OR #mark < :mark)"
        " AND (attribute_not_exists(#base) OR #base < :mark)");
    chat__write_object(writer, "ExpressionAttributeValues");
    chat__dynamodb_number(writer, ":mark", mark->seq);
    chat__dynamodb_number(writer, ":n", n);
    chat__dynamodb_number(writer, ":member", CHAT__ROLE_MEMBER);
    chat__dynamodb_number(writer, ":owner", CHAT__ROLE_OWNER);
    chat__write_object_end(writer);
    chat__write_string(writer, "ReturnValues", "ALL_NEW");
    chat__write_string(writer, "ReturnValuesOnConditionCheckFailure",
                       "ALL_OLD");
    chat__dynamodb_ask(mark->room->store, "UpdateItem", &body, marked, mark);
}

/* ---- how many messages there are up to it ---- */

static void chunk_read(void *context,
                       const struct chat__dynamodb_answer *answer)
{
    struct mark *mark = context;
    cJSON *item = cJSON_DetachItemFromArray(
        cJSON_GetObjectItemCaseSensitive(answer->json, "Items"), 0);
    struct chat__dynamodb_chunk chunk = {0};
    uint64_t n = 0;
    bool found = false;
    if (item != NULL && chat__dynamodb_chunk_read(&chunk, item))
        for (size_t i = 0; i < chunk.count; i++)
            if (chunk.entries[i].seq == mark->seq) {
                found = true;
                n = chunk.entries[i].n;
            }
    chat__dynamodb_chunk_release(&chunk);
    if (found)
        move(mark, n);
    else
        finish(mark, answer->outcome == CHAT__DYNAMODB_BUSY
                         ? CHAT__STORE_BUSY
                         : CHAT__STORE_FAILED);
}

static void find_n(struct mark *mark)
{
    const struct chat__dynamodb_room *room = mark->room;
    const struct chat__dynamodb_recent *recent =
        chat__dynamodb_room_at(room, mark->seq);
    struct chat__dynamodb_body body;
    if (recent != NULL || mark->seq == room->head || mark->seq == 0) {
        move(mark, recent != NULL ? recent->n : mark->seq == 0 ? 0 : room->n);
        return;
    }
    chat__dynamodb_chunk_query(&body, room->store, room->name, 0, mark->seq,
                               true, 1);
    chat__dynamodb_ask(room->store, "Query", &body, chunk_read, mark);
}

static void room_ready(struct chat__dynamodb_waiter *waiter,
                       enum chat__store_result result)
{
    struct mark *mark = CHAT__CONTAINER(waiter, struct mark, waiter);
    if (result == CHAT__STORE_OK && !mark->room->exists)
        result = CHAT__STORE_NOT_FOUND;
    if (result != CHAT__STORE_OK) {
        finish(mark, result);
        return;
    }
    mark->seq = mark->request->seq < mark->room->head ? mark->request->seq
                                                      : mark->room->head;
    find_n(mark);
}

/* The marker of what the replica has needs no catching up. */
static bool is_known(const struct chat__dynamodb_room *room, uint64_t seq)
{
    return room->loaded && !room->busy && room->exists && seq <= room->head;
}

void chat__dynamodb_mark_read(struct chat__store *base,
                              struct chat__store_mark_read *request)
{
    struct chat__dynamodb *store = (struct chat__dynamodb *)base;
    struct mark *mark = NULL;
    if (chat__dynamodb_admit(store))
        mark = calloc(1, sizeof *mark);
    if (mark != NULL)
        mark->room = chat__dynamodb_room_get(store, request->room);
    if (mark == NULL || mark->room == NULL) {
        free(mark);
        request->result = CHAT__STORE_BUSY;
        chat__dynamodb_complete(store, &request->completion);
        return;
    }
    mark->request = request;
    mark->waiter.ready = room_ready;
    if (is_known(mark->room, request->seq))
        room_ready(&mark->waiter, CHAT__STORE_OK);
    else
        chat__dynamodb_room_await(mark->room, &mark->waiter);
}
