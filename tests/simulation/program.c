#include "tests/simulation/program.h"

#include "protocol/limits.h"
#include "tests/simulation/link.h"
#include "tests/simulation/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

void program_follow(struct program *program)
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
    program_follow(program);
}

void program_connected(struct program *program)
{
    chat__session_connected(program->session, now_of(program));
    program_follow(program);
}

void program_receive(struct program *program, struct link *link,
                     const char *bytes, size_t length)
{
    if (program->link != link || link_is_deaf(link, &link->client_deaf))
        return;
    chat__session_receive(program->session, bytes, length, now_of(program));
    program_follow(program);
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
    program_follow(program);
}

void program_block(struct program *program, int64_t for_ms)
{
    program->blocked_until = program->simulation->now + for_ms;
    if (program->link != NULL)
        link_block(program->link, for_ms);
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
    program_follow(program);
    return program;
}

static bool has_room(const struct program *program, unsigned int room)
{
    const struct log *log = &program->simulation->logs[room];
    const struct view *view = &program->views[room];

    if (view->joined != log_is_member(log, program->user))
        return false;
    return !view->joined || view->shown == log->count;
}

bool program_has_all(const struct program *program)
{
    if (program->waiting > 0 || program->user == 0)
        return false;
    for (unsigned int room = 0; room < ROOMS_MAX; room++)
        if (!has_room(program, room))
            return false;
    return true;
}

void program_stop(struct program *program)
{
    chat__session_stop(program->session, now_of(program));
    program_follow(program);
}

void program_free(struct program *program)
{
    for (unsigned int room = 0; room < ROOMS_MAX; room++)
        model_fold_forget(&program->views[room]);
    chat__session_free(program->session);
    free(program);
}
