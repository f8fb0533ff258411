#include "tests/simulation/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONG_TEXT_BYTES 8000
#define PAGE_MAX        200

/* Looks for a message to be about. */
#define TRIES 4

static bool submit(struct program *program, const struct chat__request *request,
                   uint64_t number)
{
    struct chat__item *item = chat__item_new(request, number);

    if (item == NULL)
        abort();
    if (chat__session_submit(program->session, item) == CHAT_OK)
        return true;
    chat__item_free(item);
    return false;
}

/* A keyed request whose end is awaited. */
static void submit_record(struct program *program,
                          const struct chat__request *request,
                          const struct record *record)
{
    struct simulation *simulation = program->simulation;
    unsigned int number = simulation->record_count;

    if (!submit(program, request, number + 1))
        return;
    simulation->records[number] = *record;
    simulation->records[number].program = program->number;
    simulation->record_count++;
    program->waiting++;
}

static uint64_t now_of(const struct program *program)
{
    return (uint64_t)program->simulation->now;
}

/* ---- messages ---- */

/* Two bytes each: characters are counted, too. */
static void draw_text(struct program *program, char text[LONG_TEXT_BYTES + 1])
{
    struct simulation *simulation = program->simulation;

    if (!simulation_chance(simulation,
                           simulation->plan.slow_readers ? 300 : 5)) {
        snprintf(text, LONG_TEXT_BYTES + 1, "x%u", simulation->record_count);
        return;
    }
    for (size_t i = 0; i < LONG_TEXT_BYTES; i += 2)
        memcpy(text + i, "\xc3\xa4", 2);
    text[LONG_TEXT_BYTES] = '\0';
}

/* A user who may not be there, but is not the program's own; 0: none. */
static uint64_t draw_other(struct program *program)
{
    struct simulation *simulation = program->simulation;
    uint64_t user = 1 + simulation_draw(simulation, simulation->plan.programs);

    return user == program->user ? 0 : user;
}

static void send_message(struct program *program, unsigned int room,
                         const char *key)
{
    struct simulation *simulation = program->simulation;
    struct chat__request request = {.action = CHAT__ACTION_SEND};
    struct chat__send *send = &request.body.send;
    struct record record = {.kind = RECORD_SEND, .room = room};
    char text[LONG_TEXT_BYTES + 1];

    draw_text(program, text);
    send->room = simulation_rooms[room];
    send->key = key;
    send->text = text;
    if (program->views[room].shown > 0 && simulation_chance(simulation, 100))
        send->reply_to =
            1 + simulation_draw(simulation, program->views[room].shown);
    if (simulation_chance(simulation, 100))
        send->mentions[send->mention_count++] =
            1 + simulation_draw(simulation, simulation->plan.programs);
    submit_record(program, &request, &record);
}

/* Mostly a message, and mostly not a deleted one; 0: there is nothing. */
static uint64_t draw_ref(struct program *program, unsigned int room, bool own)
{
    const struct log *log = &program->simulation->logs[room];
    uint64_t shown = program->views[room].shown;
    uint64_t ref = 0;

    for (unsigned int i = 0; shown > 0 && i < TRIES; i++) {
        const struct log_entry *entry;

        ref = 1 + simulation_draw(program->simulation, shown);
        entry = &log->entries[ref - 1];
        if (entry->kind == CHAT__EVENT_MESSAGE && !entry->erased &&
            (!own || entry->from == program->user))
            break;
    }
    return ref;
}

static void change_message(struct program *program, unsigned int room,
                           const char *key)
{
    struct simulation *simulation = program->simulation;
    struct record record = {.kind = RECORD_ENTRY, .room = room};
    struct chat__request request = {0};
    uint64_t chosen = simulation_draw(simulation, 10);
    uint64_t ref = draw_ref(program, room,
                            chosen < 5 && simulation_chance(simulation, 800));
    char text[LONG_TEXT_BYTES + 1];

    if (ref == 0)
        return;
    if (chosen < 3) {
        draw_text(program, text);
        request.action = CHAT__ACTION_EDIT;
        request.body.edit =
            (struct chat__edit){simulation_rooms[room], key, ref, text};
    } else if (chosen < 5) {
        request.action = CHAT__ACTION_DELETE;
        request.body.delete =
            (struct chat__delete){simulation_rooms[room], key, ref};
    } else {
        request.action = CHAT__ACTION_REACT;
        request.body.react = (struct chat__react){
            simulation_rooms[room], key, ref,
            log_emoji[simulation_draw(simulation, EMOJI_COUNT)],
            simulation_chance(simulation, 600)};
    }
    submit_record(program, &request, &record);
}

/* ---- coming and going ---- */

static void join(struct program *program, unsigned int room, const char *key)
{
    struct simulation *simulation = program->simulation;
    struct chat__request request = {.action = CHAT__ACTION_JOIN};
    struct record record = {.kind = RECORD_JOIN, .room = room};

    request.body.join.room = simulation_rooms[room];
    request.body.join.key = key;
    request.body.join.create =
        room < PUBLIC_MAX ||
        (room == PRIVATE_ROOM && simulation_chance(simulation, 500));
    request.body.join.private_room = room == PRIVATE_ROOM;
    request.body.join.limit = simulation_draw(simulation, 20);
    submit_record(program, &request, &record);
}

static void leave(struct program *program, unsigned int room, const char *key)
{
    struct chat__request request = {.action = CHAT__ACTION_LEAVE};
    struct record record = {.kind = RECORD_LEAVE, .room = room};

    request.body.leave.room = simulation_rooms[room];
    request.body.leave.key = key;
    submit_record(program, &request, &record);
}

static void open_dm(struct program *program, const char *key)
{
    struct chat__request request = {.action = CHAT__ACTION_DM};
    struct record record = {.kind = RECORD_JOIN};
    uint64_t other = draw_other(program);
    char name[16];

    if (other == 0 || program->user == 0)
        return;
    snprintf(name, sizeof(name), "dm.%u.%u",
             (unsigned int)(other < program->user ? other : program->user),
             (unsigned int)(other < program->user ? program->user : other));
    record.room = simulation_room(name, strlen(name));
    request.body.dm =
        (struct chat__dm){other, key, simulation_draw(program->simulation, 20)};
    submit_record(program, &request, &record);
}

/* ---- moderation ---- */

/* Mostly a room in which one may; those behind the lobby have owners. */
static unsigned int draw_own_room(struct program *program, unsigned int room)
{
    struct simulation *simulation = program->simulation;
    unsigned int first =
        (unsigned int)simulation_draw(simulation, PRIVATE_ROOM);

    for (unsigned int i = 0; i < PRIVATE_ROOM; i++) {
        unsigned int other = 1 + (first + i) % PRIVATE_ROOM;
        enum chat__role role = simulation->logs[other].roles[program->user];

        if (role == CHAT__ROLE_MODERATOR || role == CHAT__ROLE_OWNER)
            return other;
    }
    return room;
}

static enum chat__role draw_role(struct simulation *simulation)
{
    return (enum chat__role)(CHAT__ROLE_MEMBER +
                             simulation_draw(simulation, 3));
}

static void moderate(struct program *program, unsigned int room,
                     const char *key)
{
    static const enum chat__action actions[] = {
        CHAT__ACTION_INVITE, CHAT__ACTION_INVITE, CHAT__ACTION_KICK,
        CHAT__ACTION_BAN,    CHAT__ACTION_ROLE,   CHAT__ACTION_ROLE};
    struct simulation *simulation = program->simulation;
    struct record record = {.kind = RECORD_ENTRY, .room = room};
    struct chat__request request = {
        .action = actions[simulation_draw(simulation, 6)]};
    uint64_t other = draw_other(program);
    /* All of them have this one body. */
    struct chat__moderate *body = &request.body.invite;

    if (program->user == 0)
        return;
    record.own = other == 0;
    *body = (struct chat__moderate){
        .room = simulation_rooms[room],
        .key = key,
        .user = other == 0 ? program->user : other,
        .on = simulation_chance(simulation, 400),
        .role = draw_role(simulation),
        .reason = simulation_chance(simulation, 500) ? "why" : NULL,
    };
    submit_record(program, &request, &record);
}

static void set_topic(struct program *program, unsigned int room,
                      const char *key)
{
    struct chat__request request = {.action = CHAT__ACTION_TOPIC};
    struct record record = {.kind = RECORD_ENTRY, .room = room};

    request.body.topic = (struct chat__topic){
        simulation_rooms[room], key,
        simulation_chance(program->simulation, 300) ? "" : key};
    submit_record(program, &request, &record);
}

/* ---- questions ---- */

static void ask_page(struct program *program, unsigned int room,
                     uint64_t before, uint64_t limit, uint64_t number)
{
    struct chat__request request = {.action = CHAT__ACTION_HISTORY};

    request.body.history.room = simulation_rooms[room];
    request.body.history.direction = CHAT__HISTORY_BEFORE;
    request.body.history.seq = before;
    request.body.history.limit = limit;
    (void)submit(program, &request, number);
}

void script_read_all(struct program *program, unsigned int room)
{
    struct view *view = &program->views[room];

    /* A copy of a request, late on a lost connection, may still append. */
    view->asked_at = view->shown;
    ask_page(program, room, view->oldest, PAGE_MAX, READ_ALL_REQUEST);
    program_follow(program);
}

static void ask_list(struct program *program, unsigned int room)
{
    struct simulation *simulation = program->simulation;
    struct chat__request request = {.action = CHAT__ACTION_ROOMS};

    if (simulation_chance(simulation, 500)) {
        request.action = CHAT__ACTION_MEMBERS;
        request.body.members = (struct chat__members_request){
            .room = simulation_rooms[room],
            .list = (enum chat__member_list)simulation_draw(simulation, 3)};
    }
    (void)submit(program, &request, OTHER_REQUEST);
}

static void say_something_small(struct program *program, unsigned int room)
{
    struct simulation *simulation = program->simulation;
    uint64_t shown = program->views[room].shown;

    switch (simulation_draw(simulation, 5)) {
    case 0:
        ask_page(program, room, 0, 1 + simulation_draw(simulation, PAGE_MAX),
                 OTHER_REQUEST);
        break;
    case 1:
        (void)chat__session_read(program->session, simulation_rooms[room],
                                 shown);
        break;
    case 2:
        (void)chat__session_typing(program->session, simulation_rooms[room],
                                   now_of(program));
        break;
    case 3:
        ask_list(program, room);
        break;
    default:
        ask_page(program, room, 1 + simulation_draw(simulation, shown + 1),
                 1 + simulation_draw(simulation, PAGE_MAX), OTHER_REQUEST);
        break;
    }
}

/* ---- the script ---- */

/* A public room, or now and then one that not everybody may see. */
static unsigned int draw_room(struct simulation *simulation)
{
    if (simulation->plan.secrets && simulation_chance(simulation, 200))
        return PRIVATE_ROOM;
    if (simulation->plan.secrets && simulation_chance(simulation, 200))
        return PUBLIC_MAX + (unsigned int)simulation_draw(
                                simulation, ROOMS_MAX - PUBLIC_MAX);
    return (unsigned int)simulation_draw(simulation, simulation->plan.rooms);
}

static void act_on(struct program *program, unsigned int room)
{
    struct simulation *simulation = program->simulation;
    const struct view *view = &program->views[room];
    uint64_t chosen = simulation_draw(simulation, 40);
    char key[16];

    snprintf(key, sizeof(key), "k%u", simulation->record_count);
    if (chosen < 2 && simulation->plan.leaves)
        leave(program, room, key);
    else if (chosen < 4 || (!view->joined && chosen < 20))
        join(program, room, key);
    else if (chosen < 9)
        say_something_small(program, room);
    else if (chosen < 15 && simulation->plan.moderates)
        moderate(program, draw_own_room(program, room), key);
    else if (chosen == 15)
        set_topic(program, draw_own_room(program, room), key);
    else if (chosen == 16 && simulation->plan.secrets)
        open_dm(program, key);
    else if (chosen < 22)
        change_message(program, room, key);
    else if (view->joined || chosen < 24)
        send_message(program, room, key);
}

void script_act(struct program *program)
{
    struct simulation *simulation = program->simulation;
    /* A burst now and then, to have more in flight. */
    unsigned int count = simulation_chance(simulation, 50) ? 10 : 1;

    if (simulation->healed)
        return;
    while (count-- > 0 && simulation->record_count < RECORDS_MAX)
        act_on(program, draw_room(simulation));
    program_follow(program);
    simulation_after(simulation,
                     1 + (int64_t)simulation_draw(
                             simulation, (uint64_t)simulation->plan.action_ms),
                     EVENT_ACT, program, 0);
}
