/*
 * Clients that do anything at any time, with the store's answers in any order
 * and some of them failures. Each client follows the rules of
 * docs/protocol.md as strictly as a direct socket allows: a room's entries
 * come as last + 1, to the byte as the log has them, nothing after one's own
 * leave, kick or ban; in the end everybody has everything, and every entry of
 * every log was allowed where it stands.
 */
#include "protocol/event.h"
#include "tests/core/log_model.h"
#include "tests/core/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS   300
#define STEPS   1500
#define USERS   3
#define CLIENTS 5
#define ROOMS   6
#define NAMED   3 /* the others are those of two */

static const char *const rooms[ROOMS] = {"lobby",  "den",    "hall",
                                         "dm.1.2", "dm.1.3", "dm.2.3"};

/* Ids of requests: hello has 1, a join 10 and the room, others these. */
#define ENTRY_ID 100
#define KEYS_MAX STEPS

/* What a client knows of a room. */
struct view {
    bool tracked;
    uint64_t last;
    uint64_t repeated;  /* a page that overlaps may repeat up to here */
    uint64_t member_at; /* the head that was said with the membership */
    int joining;        /* joins without an answer */
    bool unsure;        /* a join was refused: it may be live all the same */
};

struct player {
    struct client *client; /* NULL: not connected */
    int user;
    uint64_t user_id; /* 0: no session yet */
    bool refused;     /* ... and hello was refused */
    struct view views[ROOMS];
};

struct game {
    struct world *world;
    struct player players[CLIENTS];
    char keys[KEYS_MAX][16]; /* of the request with this id + ENTRY_ID */
    int asked;
    uint64_t random;
    int key;
};

static uint64_t draw(struct game *game, uint64_t below)
{
    game->random ^= game->random << 13;
    game->random ^= game->random >> 7;
    game->random ^= game->random << 17;
    return game->random % below;
}

static int room_index(const cJSON *name)
{
    for (int i = 0; i < ROOMS; i++)
        if (strcmp(rooms[i], cJSON_GetStringValue(name)) == 0)
            return i;
    fail_msg("an unknown room");
    return 0;
}

static const cJSON *get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static uint64_t number(const cJSON *object, const char *key)
{
    assert_true(cJSON_IsNumber(get(object, key)));
    return (uint64_t)cJSON_GetNumberValue(get(object, key));
}

/* ---- what comes ---- */

/* A message may have been deleted between its commit and its delivery. */
static void check_bytes(const char *bytes, const char *logged)
{
    struct chat__buffer erased;

    if (strcmp(bytes, logged) == 0)
        return;
    chat__buffer_init(&erased, CHAT__OBJECT_BYTES_MAX);
    assert_true(chat__event_erase(bytes, strlen(bytes), &erased));
    chat__buffer_append_byte(&erased, '\0');
    assert_string_equal(erased.data, logged);
    chat__buffer_release(&erased);
}

static bool is_person(const cJSON *event, const char *key, uint64_t id)
{
    const cJSON *person = get(event, key);

    return person != NULL &&
           strtoull(cJSON_GetStringValue(get(person, "id")), NULL, 10) == id;
}

/* The entry by which one is no member any more. */
static bool is_own_end(const cJSON *event, uint64_t id)
{
    const char *kind = cJSON_GetStringValue(get(event, "event"));

    if (strcmp(kind, "leave") == 0)
        return is_person(event, "from", id);
    return (strcmp(kind, "kick") == 0 ||
            (strcmp(kind, "ban") == 0 && cJSON_IsTrue(get(event, "on")))) &&
           is_person(event, "user", id);
}

static void see_entry(struct player *player, const cJSON *event,
                      const char *bytes)
{
    int index = room_index(get(event, "room"));
    struct view *view = &player->views[index];
    uint64_t seq = number(event, "seq");

    check_bytes(bytes, fake_store_bytes(player->client->world->store,
                                        rooms[index], seq));
    if (seq <= view->last && seq <= view->repeated)
        return;
    /* A join whose page failed is live before it is answered. */
    if (!view->tracked && view->unsure) {
        view->last = seq;
        view->unsure = !is_own_end(event, player->user_id);
        return;
    }
    assert_true(view->tracked);
    assert_int_equal(seq, view->last + 1);
    view->last = seq;
    /* A resume may bring an end that was followed by another join. */
    if (seq > view->member_at && is_own_end(event, player->user_id))
        view->tracked = false;
}

static void see_membership(struct player *player, const cJSON *event)
{
    struct view *view = &player->views[room_index(get(event, "room"))];

    view->tracked =
        strcmp(cJSON_GetStringValue(get(event, "state")), "joined") == 0;
    if (view->tracked)
        view->last = view->member_at = number(event, "head");
}

static void see_hello(struct player *player, const cJSON *ok)
{
    const cJSON *listed;
    struct view old[ROOMS];

    memcpy(old, player->views, sizeof(old));
    player->user_id =
        strtoull(cJSON_GetStringValue(get(get(ok, "user"), "id")), NULL, 10);
    memset(player->views, 0, sizeof(player->views));
    cJSON_ArrayForEach(listed, get(ok, "rooms"))
    {
        int index = room_index(get(listed, "room"));
        struct view *view = &player->views[index];

        view->tracked = true;
        view->member_at = number(listed, "head");
        view->last = cJSON_IsTrue(get(listed, "resumed"))
                         ? old[index].last
                         : number(listed, "head");
    }
}

/* The other one of a room of two. */
static int other_of(const struct player *player, int room)
{
    int lower = rooms[room][3] - '0';

    return lower == (int)player->user_id ? rooms[room][5] - '0' : lower;
}

static void say_join(struct game *game, struct player *player, int room)
{
    player->views[room].joining++;
    if (room < NAMED)
        client_say(player->client,
                   "{'action':'join','id':%d,'room':'%s','key':'k%d',"
                   "'create':true,'private':%s,'limit':%d}",
                   10 + room, rooms[room], game->key++,
                   room == 2 ? "true" : "false", (int)draw(game, 4));
    else
        client_say(player->client,
                   "{'action':'dm','id':%d,'user':'%d','key':'k%d',"
                   "'limit':%d}",
                   10 + room, other_of(player, room), game->key++,
                   (int)draw(game, 4));
}

static void see_join(struct game *game, struct player *player, int room,
                     const cJSON *reply)
{
    struct view *view = &player->views[room];
    const cJSON *ok = get(reply, "ok");
    uint64_t head;

    view->joining--;
    if (ok == NULL) {
        /* As the SDK does: a temporary refusal is tried again. */
        if (get(get(reply, "error"), "retry_ms") == NULL)
            return;
        view->unsure = true;
        say_join(game, player, room);
        return;
    }
    head = number(ok, "head");
    /* It was live before, or is the one of two joins that made no entry. */
    if ((view->tracked || view->unsure || view->joining > 0) &&
        view->repeated < head)
        view->repeated = head;
    if (view->last < head)
        view->last = head;
    view->tracked = true;
    view->member_at = head;
    view->unsure = false;
}

/* Whoever is told of an entry has one, with the own key. */
static void see_done(const struct game *game, const struct player *player,
                     const cJSON *reply)
{
    const cJSON *ok = get(reply, "ok");
    const char *said = game->keys[(int)number(reply, "reply") - ENTRY_ID];
    uint64_t seq = ok == NULL ? 0 : number(ok, "seq");
    const char *key = strchr(said, ' ') + 1;
    cJSON *entry;

    if (seq == 0)
        return;
    entry = cJSON_Parse(
        fake_store_bytes(game->world->store, rooms[said[0] - '0'], seq));
    assert_string_equal(cJSON_GetStringValue(get(entry, "key")), key);
    assert_true(is_person(entry, "from", player->user_id));
    cJSON_Delete(entry);
}

static void see(struct game *game, struct player *player)
{
    const char *bytes = client_next(player->client);
    cJSON *object = cJSON_Parse(bytes);
    const cJSON *event = get(object, "event");

    assert_non_null(object);
    assert_null(strstr(bytes, "\"code\":\"storage\""));
    if (event == NULL && number(object, "reply") == 1) {
        player->refused = get(object, "ok") == NULL;
        if (!player->refused)
            see_hello(player, get(object, "ok"));
    } else if (event == NULL && number(object, "reply") >= ENTRY_ID) {
        see_done(game, player, object);
    } else if (event == NULL && number(object, "reply") >= 10) {
        see_join(game, player, (int)number(object, "reply") - 10, object);
    } else if (event != NULL) {
        assert_true(player->user_id != 0);
        if (get(object, "seq") != NULL)
            see_entry(player, object, bytes);
        else if (strcmp(cJSON_GetStringValue(event), "membership") == 0)
            see_membership(player, object);
    }
    cJSON_Delete(object);
}

static void see_all(struct game *game)
{
    for (int i = 0; i < CLIENTS; i++) {
        struct player *player = &game->players[i];

        while (player->client != NULL &&
               player->client->read < player->client->object_count)
            see(game, player);
    }
}

/* ---- what is done ---- */

static void come(struct game *game, struct player *player)
{
    char resume[400] = "";
    size_t length = 0;

    for (int i = 0; i < ROOMS; i++) {
        struct view *view = &player->views[i];

        if (view->tracked && draw(game, 4) > 0)
            length += (size_t)snprintf(
                resume + length, sizeof(resume) - length,
                "%s{'room':'%s','epoch':'%s','seq':%d}", length == 0 ? "" : ",",
                rooms[i], fake_store_epoch(game->world->store, rooms[i]),
                (int)view->last);
        view->tracked = view->unsure = false;
        view->joining = 0;
    }
    player->client = client_open(game->world);
    player->user_id = 0;
    client_say(player->client,
               "{'action':'hello','id':1,'version':1,'guest':'u%d',"
               "'key':'u%d','resume':[%s]}",
               player->user, player->user, resume);
}

static void go(struct player *player)
{
    client_close(player->client);
    player->client = NULL;
    player->refused = false;
}

static void complete_one(struct game *game)
{
    size_t waiting = fake_store_waiting(game->world->store);
    size_t index;

    if (waiting == 0)
        return;
    index = (size_t)draw(game, waiting);
    /* Not FAILED: that is what a store says of entries that may not be. */
    if (draw(game, 40) == 0)
        fake_store_fail_next(game->world->store,
                             fake_store_kind(game->world->store, index),
                             CHAT__STORE_BUSY);
    if (draw(game, 3) == 0)
        fake_store_execute(game->world->store, index);
    else
        fake_store_complete(game->world->store, index);
}

/* Some keys come again, with another body now and then. */
static int draw_key(struct game *game)
{
    return draw(game, 5) == 0 && game->key > 0 ? game->key - 1 : game->key++;
}

/* A room that exists for the player, or might. */
static int draw_room(struct game *game, const struct player *player)
{
    int room = (int)draw(game, ROOMS);

    if (room >= NAMED && rooms[room][3] - '0' != (int)player->user_id &&
        rooms[room][5] - '0' != (int)player->user_id)
        room -= NAMED;
    /* Those with owners have the most that can be done. */
    if (room == 0 || room >= NAMED)
        room = draw(game, 2) == 0 ? room : 1 + (int)draw(game, 2);
    return room;
}

/* What may be asked of a room, and how often of WEIGHTS; the rest is send. */
static const struct {
    const char *action;
    const char *more;
    bool message; /* about one; else about a user */
} requests[] = {
    {"leave", "", false},
    {"edit", ",'text':'e'", true},
    {"delete", "", true},
    {"react", ",'emoji':'👍','on':true", true},
    {"react", ",'emoji':'👍','on':false", true},
    {"topic", ",'topic':'t'", false},
    {"invite", "", false},
    {"kick", "", false},
    {"ban", ",'on':true", false},
    {"ban", ",'on':false", false},
    {"role", ",'role':'member'", false},
    {"role", ",'role':'moderator'", false},
    {"role", ",'role':'owner'", false},
};

#define WEIGHTS 18

/* One of the newest messages, or something near it. */
static uint64_t draw_message(struct game *game, int room, uint64_t head)
{
    uint64_t back = draw(game, 3);

    if (draw(game, 8) == 0)
        return 1 + draw(game, head + 2);
    for (uint64_t seq = head; seq > 0; seq--)
        if (strstr(fake_store_bytes(game->world->store, rooms[room], seq),
                   "\"event\":\"message\"") != NULL &&
            back-- == 0)
            return seq;
    return head + 1;
}

static void draw_request(struct game *game, int room, char *text, size_t size)
{
    uint64_t head = fake_store_head(game->world->store, rooms[room]);
    uint64_t ref = draw_message(game, room, head);
    uint64_t choice = draw(game, WEIGHTS);
    uint64_t user = 1 + draw(game, USERS + 1);

    /* Owners who have gone would leave little to do. */
    if (choice == 0)
        choice = draw(game, 4) * WEIGHTS;
    if (choice >= sizeof(requests) / sizeof(requests[0]))
        (void)snprintf(text, size,
                       "'action':'send','text':'%d','mentions':['%d']",
                       (int)draw(game, 20), (int)user);
    else if (requests[choice].message)
        (void)snprintf(text, size, "'action':'%s','ref':%d%s",
                       requests[choice].action, (int)ref,
                       requests[choice].more);
    else
        (void)snprintf(text, size, "'action':'%s','user':'%d'%s",
                       requests[choice].action, (int)user,
                       requests[choice].more);
}

static void say_keyed(struct game *game, struct player *player, int room)
{
    char request[200];
    int id = game->asked++;
    int key = draw_key(game);

    draw_request(game, room, request, sizeof(request));
    (void)snprintf(game->keys[id], sizeof(game->keys[id]), "%d k%d", room, key);
    client_say(player->client, "{'id':%d,'room':'%s','key':'k%d',%s}",
               ENTRY_ID + id, rooms[room], key, request);
}

static void act(struct game *game, struct player *player)
{
    int room = draw_room(game, player);

    switch (draw(game, 10)) {
    case 0:
    case 1:
        say_join(game, player, room);
        break;
    case 2:
        if (draw(game, 2) == 0)
            go(player);
        break;
    case 3:
        client_say(player->client, "{'action':'read','room':'%s','seq':3}",
                   rooms[room]);
        client_say(player->client, "{'action':'members','room':'%s'}",
                   rooms[room]);
        break;
    default:
        say_keyed(game, player, room);
        break;
    }
}

static void step(struct game *game)
{
    struct player *player = &game->players[draw(game, CLIENTS)];

    switch (draw(game, 6)) {
    case 0:
        chat__core_flush(game->world->core);
        break;
    case 1:
    case 2:
    case 3:
        complete_one(game);
        break;
    default:
        if (player->client == NULL)
            come(game, player);
        else if (player->user_id != 0)
            act(game, player);
        else if (player->refused)
            go(player);
        break;
    }
    if (draw(game, 50) == 0)
        world_advance(game->world, 250);
    see_all(game);
}

/* ---- the end ---- */

static void settle(struct game *game)
{
    for (int i = 0; i < 10; i++) {
        world_run(game->world);
        see_all(game);
        world_advance(game->world, 250);
    }
    assert_int_equal(fake_store_waiting(game->world->store), 0);
}

static void check_player(const struct game *game, const struct player *player)
{
    const struct fake_store *store = game->world->store;

    for (int i = 0; i < ROOMS; i++) {
        const struct view *view = &player->views[i];

        if (!fake_store_is_member(store, rooms[i], player->user_id)) {
            assert_false(view->tracked);
            continue;
        }
        assert_true(view->tracked);
        assert_int_equal(view->last, fake_store_head(store, rooms[i]));
    }
}

static void play(uint64_t start)
{
    struct game game = {.world = world_new(),
                        .random = start * UINT64_C(0x9e3779b97f4a7c15)};

    for (int i = 0; i < CLIENTS; i++)
        game.players[i].user = i % USERS;
    for (int i = 0; i < STEPS; i++)
        step(&game);
    settle(&game);
    for (int i = 0; i < ROOMS; i++)
        log_model_check(game.world->store, rooms[i], i > 0 && i < NAMED);
    for (int i = 0; i < CLIENTS; i++)
        if (game.players[i].client != NULL) {
            if (game.players[i].user_id != 0)
                check_player(&game, &game.players[i]);
            assert_int_equal(game.players[i].client->closed, 0);
            go(&game.players[i]);
        }
    world_free(game.world);
}

static uint64_t seed;

static void no_order_of_events_loses_or_repeats_an_entry(void **state)
{
    (void)state;
    for (seed = 1; seed < SEEDS; seed++)
        play(seed);
}

/* A failed test says which seed plays it again. */
static int tell_seed(void **state)
{
    (void)state;
    print_message("last seed: %d\n", (int)seed);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(no_order_of_events_loses_or_repeats_an_entry,
                                  tell_seed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
