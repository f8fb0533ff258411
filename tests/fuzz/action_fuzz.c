/*
 * Hostile clients of a whole core, with a store in memory. What they get is
 * always JSON of the protocol in objects of a bounded size, a room's entries
 * in order, and never anything after a close. A line of the input begins with
 * what happens:
 *
 *     a to d  this client sends the rest of the line, as one frame
 *     A to D  this client goes away and comes back
 *     .       all that waits in the store is done, and what came is delivered
 *     ,       only the oldest of it is done
 *     +       a second goes by
 */
#include "tests/fuzz/lines.h"

#include "protocol/json.h"
#include "protocol/limits.h"
#include "tests/core/world.h"

#define CLIENTS    4
#define LINES_MAX  100 /* the store in memory is small */
#define ROOMS_SEEN 8

struct seen {
    char room[CHAT__ROOM_NAME_BYTES_MAX + 1];
    uint64_t seq;
};

struct player {
    struct client *client;
    struct seen rooms[ROOMS_SEEN];
    size_t count;
};

static struct seen *find_seen(struct player *player, const char *room)
{
    for (size_t i = 0; i < player->count; i++)
        if (strcmp(player->rooms[i].room, room) == 0)
            return &player->rooms[i];
    if (player->count == ROOMS_SEEN)
        return NULL;
    snprintf(player->rooms[player->count].room, sizeof player->rooms[0].room,
             "%s", room);
    return &player->rooms[player->count++];
}

/* On one connection live entries only go up. */
static void check_entry(struct player *player, const cJSON *object)
{
    const cJSON *seq = cJSON_GetObjectItemCaseSensitive(object, "seq");
    const char *room =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "room"));
    struct seen *seen;

    if (seq == NULL)
        return;
    FUZZ_CHECK(room != NULL && cJSON_IsNumber(seq));
    seen = find_seen(player, room);
    if (seen == NULL)
        return;
    FUZZ_CHECK(seq->valuedouble > (double)seen->seq);
    seen->seq = (uint64_t)seq->valuedouble;
}

static void check_object(struct player *player, const char *bytes)
{
    size_t length = strlen(bytes);
    struct chat__error error;
    cJSON *object = chat__json_parse(bytes, length, &error);
    bool is_reply, is_event;

    FUZZ_CHECK(object != NULL && length <= CHAT__OBJECT_BYTES_MAX);
    is_reply = cJSON_HasObjectItem(object, "reply");
    is_event = cJSON_HasObjectItem(object, "event");
    FUZZ_CHECK(is_reply != is_event);
    if (is_event)
        check_entry(player, object);
    chat__json_free(object);
}

static void look(struct player *player)
{
    struct client *client = player->client;

    while (client->read < client->object_count)
        check_object(player, client->objects[client->read++]);
}

static void come_back(struct world *world, struct player *player)
{
    client_close(player->client);
    *player = (struct player){.client = client_open(world)};
}

static void play_line(struct world *world, struct player players[CLIENTS],
                      const char *line, size_t length)
{
    switch (line[0]) {
    case 'a':
    case 'b':
    case 'c':
    case 'd':
        if (players[line[0] - 'a'].client->closed == 0)
            chat__core_receive(players[line[0] - 'a'].client->connection,
                               line + 1, length - 1, NULL);
        break;
    case 'A':
    case 'B':
    case 'C':
    case 'D':
        come_back(world, &players[line[0] - 'A']);
        break;
    case '.':
        world_run(world);
        break;
    case ',':
        if (fake_store_waiting(world->store) > 0)
            fake_store_complete(world->store, 0);
        break;
    case '+':
        world_advance(world, 1000);
        break;
    default:
        break;
    }
    for (size_t i = 0; i < CLIENTS; i++)
        look(&players[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lines lines = {data, size};
    struct player players[CLIENTS] = {0};
    struct world *world = world_new();
    char *line;
    size_t length, count = 0;

    for (size_t i = 0; i < CLIENTS; i++)
        players[i].client = client_open(world);
    while (count++ < LINES_MAX && lines_next(&lines, &line, &length)) {
        play_line(world, players, line, length);
        free(line);
    }
    world_run(world);
    for (size_t i = 0; i < CLIENTS; i++) {
        look(&players[i]);
        client_close(players[i].client);
    }
    world_free(world);
    return 0;
}
