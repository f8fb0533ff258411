/* Snapshots of replicas: where a task that does not know a room begins. */
#include "server/store/dynamodb_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A large snapshot is written after more chunks: one more for so many
 * standings, so that it never costs much more than they do.
 */
#define STANDINGS_MORE   64
#define STANDING_BYTES   24
#define STANDINGS_LETTER 'a'

/* ---- standings: the step from the user before, and a letter for the role */

static char *write_standings(const struct chat__dynamodb_room *room)
{
    size_t size = room->standing_count * STANDING_BYTES + 1;
    char *text = malloc(size);
    uint64_t before = 0;
    size_t length = 0;
    if (text == NULL)
        return NULL;
    text[0] = '\0';
    for (size_t i = 0; i < room->standing_count; i++) {
        const struct chat__store_standing *standing = &room->standings[i];
        length += (size_t)snprintf(text + length, size - length,
                                   "%" PRIu64 "%c", standing->user - before,
                                   STANDINGS_LETTER + (int)standing->role);
        before = standing->user;
    }
    return text;
}

static bool read_standings(struct chat__dynamodb_room *room, const char *text)
{
    size_t capacity = strlen(text) / 2 + 1;
    struct chat__store_standing *standings =
        reallocarray(room->standings, capacity, sizeof *standings);
    uint64_t user = 0;
    if (standings == NULL)
        return false;
    room->standings = standings;
    room->standing_capacity = capacity;
    room->standing_count = 0;
    while (*text != '\0') {
        char *end;
        user += strtoull(text, &end, 10);
        if (end == text || *end == '\0')
            return false;
        standings[room->standing_count++] = (struct chat__store_standing){
            .user = user, .role = (enum chat__role)(*end - STANDINGS_LETTER)};
        text = end + 1;
    }
    return true;
}

static void list_name(const struct chat__dynamodb_room *room, char *name,
                      size_t size)
{
    snprintf(name, size, "room:%s", room->name);
}

/* ---- loading ---- */

struct load {
    struct chat__dynamodb_group *group;
    struct chat__dynamodb_room *room;
};

static bool adopt(struct chat__dynamodb_room *room, const cJSON *item)
{
    const char *epoch = chat__dynamodb_get_string(item, "epoch");
    const char *topic = chat__dynamodb_get_string(item, "topic");
    const char *standings = chat__dynamodb_get_string(item, "standings");
    if (epoch == NULL || standings == NULL ||
        !chat__dynamodb_room_begin(
            room, epoch, chat__dynamodb_get_number(item, "private") != 0) ||
        !read_standings(room, standings))
        return false;
    if (topic != NULL && (room->topic = strdup(topic)) == NULL)
        return false;
    room->head = chat__dynamodb_get_number(item, "at");
    room->n = chat__dynamodb_get_number(item, "n");
    room->last_ts = chat__dynamodb_get_signed(item, "ts");
    return true;
}

static void loaded(void *context, const struct chat__dynamodb_answer *answer)
{
    struct load *load = context;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(answer->json, "Item");
    if (answer->outcome == CHAT__DYNAMODB_OK && item != NULL &&
        !adopt(load->room, item))
        chat__dynamodb_group_fail(load->group);
    free(load);
}

void chat__dynamodb_snapshot_load(struct chat__dynamodb_group *group,
                                  struct chat__dynamodb_room *room)
{
    struct chat__dynamodb_body body;
    struct load *load = malloc(sizeof *load);
    char list[CHAT__ROOM_NAME_BYTES_MAX + 8];
    if (load == NULL) {
        chat__dynamodb_group_fail(group);
        return;
    }
    *load = (struct load){.group = group, .room = room};
    list_name(room, list, sizeof list);
    chat__dynamodb_body_begin(&body, room->store->prefix, "rooms");
    chat__write_object(&body.writer, "Key");
    chat__dynamodb_string(&body.writer, "list", list);
    chat__dynamodb_string(&body.writer, "room", room->name);
    chat__write_object_end(&body.writer);
    chat__write_bool(&body.writer, "ConsistentRead", true);
    chat__dynamodb_group_ask(group, "GetItem", &body, loaded, load);
}

/* ---- saving ---- */

struct save {
    struct chat__dynamodb_room *room;
    void (*done)(void *context);
    void *context;
};

static void saved(void *context, const struct chat__dynamodb_answer *answer)
{
    struct save *save = context;
    if (answer->outcome <= CHAT__DYNAMODB_CONDITION)
        save->room->chunks_since_snapshot = 0;
    save->done(save->context);
    free(save);
}

static void write_item(struct chat__dynamodb_body *body,
                       const struct chat__dynamodb_room *room,
                       const char *standings)
{
    struct chat__writer *writer = &body->writer;
    char list[CHAT__ROOM_NAME_BYTES_MAX + 8];
    list_name(room, list, sizeof list);
    chat__write_object(writer, "Item");
    chat__dynamodb_string(writer, "list", list);
    chat__dynamodb_string(writer, "room", room->name);
    chat__dynamodb_string(writer, "epoch", room->epoch);
    chat__dynamodb_number(writer, "private", room->private_room);
    chat__dynamodb_string(writer, "topic", room->topic);
    chat__dynamodb_number(writer, "at", room->head);
    chat__dynamodb_number(writer, "n", room->n);
    chat__dynamodb_signed(writer, "ts", room->last_ts);
    chat__dynamodb_string(writer, "standings", standings);
    chat__write_object_end(writer);
}

static bool is_time(const struct chat__dynamodb_room *room)
{
    return room->chunks_since_snapshot >=
           room->store->options.snapshot_chunks +
               room->standing_count / STANDINGS_MORE;
}

void chat__dynamodb_snapshot_save(struct chat__dynamodb_room *room,
                                  void (*done)(void *context), void *context)
{
    struct chat__dynamodb_body body;
    struct save *save = NULL;
    char *standings = NULL;
    if (is_time(room)) {
        save = malloc(sizeof *save);
        standings = write_standings(room);
    }
    if (save == NULL || standings == NULL) {
        free(save);
        free(standings);
        done(context);
        return;
    }
    *save = (struct save){.room = room, .done = done, .context = context};
    chat__dynamodb_body_begin(&body, room->store->prefix, "rooms");
    write_item(&body, room, standings);
    free(standings);
    chat__dynamodb_expression(&body, "ConditionExpression",
                              "attribute_not_exists(#at) OR #at < :at");
    chat__write_object(&body.writer, "ExpressionAttributeValues");
    chat__dynamodb_number(&body.writer, ":at", room->head);
    chat__write_object_end(&body.writer);
    chat__dynamodb_ask(room->store, "PutItem", &body, saved, save);
}
