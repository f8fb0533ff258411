#include "tests/simulation/program.h"

#include "protocol/limits.h"
#include "tests/simulation/link.h"
#include "tests/simulation/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONG_TEXT_BYTES 8000
#define PAGE_MAX        200

/* ---- the session's environment ---- */

static bool emit(void *context, const chat_event *event)
{
    struct program *program = context;
    struct simulation *simulation = program->simulation;

    if (event->type != CHAT_EVENT_STATE &&
        simulation_fault(simulation, simulation->plan.no_memory))
        return false;
    model_told(program, event);
    return true;
}

static uint64_t draw(void *context)
{
    const struct program *program = context;

    return simulation_draw(program->simulation, UINT64_MAX);
}

/* ---- the transport ---- */

static uint64_t now_of(const struct program *program)
{
    return (uint64_t)program->simulation->now;
}

static void follow_attempt(struct program *program)
{
    bool wanted = chat__session_wants_transport(program->session);

    if (program->link != NULL &&
        (!wanted ||
         program->link->attempt != chat__session_attempt(program->session))) {
        link_abandon(program->link);
        program->link = NULL;
    }
    if (program->link == NULL && wanted)
        program->link = link_new(program);
}

static void send_frames(struct program *program)
{
    struct chat__buffer buffer;

    chat__buffer_init(&buffer, CHAT__FRAME_BYTES_MAX);
    while (
        chat__session_next_frame(program->session, &buffer, now_of(program))) {
        link_send(program->link, buffer.data, buffer.length);
        chat__buffer_clear(&buffer);
    }
    chat__buffer_release(&buffer);
}

static void plan_wake(struct program *program)
{
    uint64_t now = now_of(program);
    uint64_t due = chat__session_deadline(program->session, now);

    if (due <= now)
        due = now + 1;
    if (due >= program->wake_at)
        return;
    program->wake_at = due;
    simulation_after(program->simulation, (int64_t)(due - now), EVENT_WAKE,
                     program, 0);
}

/* After each call of the session, as sdk/session.h asks for. */
static void follow(struct program *program)
{
    follow_attempt(program);
    send_frames(program);
    follow_attempt(program);
    plan_wake(program);
}

void program_wake(struct program *program)
{
    if (program->wake_at != now_of(program))
        return;
    program->wake_at = UINT64_MAX;
    chat__session_tick(program->session, now_of(program));
    follow(program);
}

void program_connected(struct program *program)
{
    chat__session_connected(program->session, now_of(program));
    follow(program);
}

void program_receive(struct program *program, struct link *link,
                     const char *bytes, size_t length)
{
    if (program->link != link || link_is_deaf(link, &link->client_deaf))
        return;
    chat__session_receive(program->session, bytes, length, now_of(program));
    follow(program);
}

void program_closed(struct program *program, struct link *link,
                    unsigned int code)
{
    struct chat__disconnect why = {
        .error = CHAT_ERROR_NETWORK, .close_code = code, .detail = "simulated"};

    if (program->link != link)
        return;
    program->link = NULL;
    link_abandon(link);
    chat__session_disconnected(program->session, &why, now_of(program));
    follow(program);
}

void program_block(struct program *program, int64_t for_ms)
{
    program->blocked_until = program->simulation->now + for_ms;
    if (program->link != NULL)
        link_block(program->link, for_ms);
}

/* ---- what it asks ---- */

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

static void send_message(struct program *program, unsigned int room,
                         const char *key)
{
    struct simulation *simulation = program->simulation;
    struct chat__request request = {.action = CHAT__ACTION_SEND};
    struct record record = {.kind = RECORD_SEND, .room = room};
    bool is_long =
        simulation_chance(simulation, simulation->plan.slow_readers ? 300 : 5);
    char text[LONG_TEXT_BYTES + 1];
    size_t length = is_long ? sizeof(text) - 1 : 1;

    memset(text, 'x', length);
    text[length] = '\0';
    request.body.send.room = simulation_rooms[room];
    request.body.send.key = key;
    /* Characters are counted, too: few bytes each would be too many. */
    for (size_t i = 0; is_long && i + 1 < length; i += 2)
        memcpy(text + i, "\xc3\xa4", 2);
    request.body.send.text = text;
    if (program->views[room].shown > 0 && simulation_chance(simulation, 100))
        request.body.send.reply_to =
            1 + simulation_draw(simulation, program->views[room].shown);
    submit_record(program, &request, &record);
}

static void join(struct program *program, unsigned int room, const char *key)
{
    struct chat__request request = {.action = CHAT__ACTION_JOIN};
    struct record record = {.kind = RECORD_JOIN, .room = room};

    request.body.join.room = simulation_rooms[room];
    request.body.join.key = key;
    request.body.join.create = true;
    request.body.join.limit = simulation_draw(program->simulation, 20);
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

static void ask_rooms(struct program *program)
{
    struct chat__request request = {.action = CHAT__ACTION_ROOMS};

    (void)submit(program, &request, OTHER_REQUEST);
}

static void act_on(struct program *program, unsigned int room)
{
    struct simulation *simulation = program->simulation;
    const struct view *view = &program->views[room];
    uint64_t chosen = simulation_draw(simulation, 20);
    char key[16];

    snprintf(key, sizeof(key), "k%u", simulation->record_count);
    if (chosen == 0 && simulation->plan.leaves)
        leave(program, room, key);
    else if (chosen <= 1 || (!view->joined && chosen <= 10))
        join(program, room, key);
    else if (chosen == 2)
        ask_page(program, room, 0, 1 + simulation_draw(simulation, PAGE_MAX),
                 OTHER_REQUEST);
    else if (chosen == 3)
        (void)chat__session_read(program->session, simulation_rooms[room],
                                 view->shown);
    else if (chosen == 4)
        (void)chat__session_typing(program->session, simulation_rooms[room],
                                   now_of(program));
    else if (chosen == 5)
        ask_rooms(program);
    else if (view->joined || chosen == 6)
        send_message(program, room, key);
}

void program_act(struct program *program)
{
    struct simulation *simulation = program->simulation;
    /* A burst now and then, to have more in flight. */
    unsigned int count = simulation_chance(simulation, 50) ? 10 : 1;

    if (simulation->healed)
        return;
    while (count-- > 0 && simulation->record_count < RECORDS_MAX)
        act_on(program, (unsigned int)simulation_draw(simulation,
                                                      simulation->plan.rooms));
    follow(program);
    simulation_after(simulation,
                     1 + (int64_t)simulation_draw(
                             simulation, (uint64_t)simulation->plan.action_ms),
                     EVENT_ACT, program, 0);
}

void program_read_all(struct program *program, unsigned int room)
{
    ask_page(program, room, program->views[room].oldest, PAGE_MAX,
             READ_ALL_REQUEST);
    follow(program);
}

/* ---- its life ---- */

struct program *program_new(struct simulation *simulation, unsigned int number)
{
    struct program *program = calloc(1, sizeof(*program));
    struct chat__session_environment environment = {
        .context = program, .emit = emit, .random = draw};
    struct chat__credentials *credentials;

    if (program == NULL)
        abort();
    program->simulation = simulation;
    program->number = number;
    program->wake_at = UINT64_MAX;
    program->session = chat__session_new(&environment);
    if (program->session == NULL)
        abort();
    credentials = chat__session_credentials(program->session);
    snprintf(credentials->name, sizeof(credentials->name), "p%u", number);
    snprintf(credentials->guest_key, sizeof(credentials->guest_key), "g%u",
             number);
    if (chat__session_start(program->session, now_of(program)) != CHAT_OK)
        model_violation(simulation, "a session does not start");
    follow(program);
    return program;
}

static bool has_room(const struct program *program, unsigned int room)
{
    const struct fake_store *disk = program->simulation->disk;
    const struct view *view = &program->views[room];

    if (view->joined !=
        fake_store_is_member(disk, simulation_rooms[room], program->user))
        return false;
    return !view->joined ||
           view->shown == fake_store_head(disk, simulation_rooms[room]);
}

bool program_has_all(const struct program *program)
{
    if (program->waiting > 0 || program->user == 0)
        return false;
    for (unsigned int room = 0; room < program->simulation->plan.rooms; room++)
        if (!has_room(program, room))
            return false;
    return true;
}

void program_stop(struct program *program)
{
    chat__session_stop(program->session, now_of(program));
    follow(program);
}

void program_free(struct program *program)
{
    chat__session_free(program->session);
    free(program);
}
