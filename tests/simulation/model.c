#include "tests/simulation/model.h"

#include "tests/simulation/program.h"
#include "tests/simulation/script.h"

/* What a server reads it has read so long after it asked, at most. */
#define STALE_MS 30000

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void model_violation(const struct simulation *simulation, const char *format,
                     ...)
{
    va_list arguments;

    fflush(stdout);
    fprintf(stderr, "seed %llu, step %llu, at %lld ms: ",
            (unsigned long long)simulation->seed,
            (unsigned long long)simulation->steps, (long long)simulation->now);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(EXIT_FAILURE);
}

/* ---- entries ---- */

void model_check_sight(const struct simulation *simulation, uint64_t user,
                       unsigned int room, uint64_t seq)
{
    /* What is not durable, and who has never signed in, others look at. */
    if (user != 0 && seq >= 1 && seq <= simulation->logs[room].count &&
        !log_may_see(&simulation->logs[room], user, seq))
        model_violation(simulation, "user %llu gets entry %llu of %s",
                        (unsigned long long)user, (unsigned long long)seq,
                        simulation_rooms[room]);
}

/* What was sent, or was on its way, before a delete of the log erased it. */
static bool is_older_copy(const struct simulation *simulation,
                          unsigned int room, uint64_t seq, const char *bytes,
                          size_t length)
{
    const struct log_entry *entry = &simulation->logs[room].entries[seq - 1];

    return entry->erased && strlen(entry->bytes) == length &&
           memcmp(entry->bytes, bytes, length) == 0;
}

/* These are the disk's bytes of this entry, or were before a delete. */
static void check_entry(const struct simulation *simulation, unsigned int room,
                        uint64_t seq, const char *bytes, size_t length)
{
    const char *name = simulation_rooms[room];
    const char *stored;

    if (seq == 0 || seq > fake_store_head(simulation->disk, name))
        model_violation(simulation, "entry %llu of %s is not durable: %.*s",
                        (unsigned long long)seq, name, (int)length, bytes);
    stored = fake_store_bytes(simulation->disk, name, seq);
    if ((strlen(stored) != length || memcmp(stored, bytes, length) != 0) &&
        !is_older_copy(simulation, room, seq, bytes, length))
        model_violation(simulation, "entry %llu of %s is %s, but it says %.*s",
                        (unsigned long long)seq, name, stored, (int)length,
                        bytes);
}

/* Moves `*at` behind `prefix` if it stands there. */
static bool skip(const char **at, const char *prefix)
{
    size_t length = strlen(prefix);

    if (strncmp(*at, prefix, length) != 0)
        return false;
    *at += length;
    return true;
}

/* A server does not send for long what was deleted. */
static void check_age(const struct simulation *simulation, unsigned int room,
                      uint64_t seq, const char *bytes, size_t length)
{
    const struct log_entry *entry = &simulation->logs[room].entries[seq - 1];

    if (simulation->now - entry->erased_at > STALE_MS &&
        is_older_copy(simulation, room, seq, bytes, length))
        model_violation(simulation, "entry %llu of %s was deleted at %lld ms",
                        (unsigned long long)seq, simulation_rooms[room],
                        (long long)entry->erased_at);
}

/* An object as the server encodes it; events without seq are passed over. */
static void check_event(const struct simulation *simulation, const char *object,
                        size_t length)
{
    const char *at = object;
    const char *name;
    unsigned int room;
    uint64_t seq;

    if (!skip(&at, "{\"event\":\""))
        return;
    at = strchr(at, '"') + 1;
    if (!skip(&at, ",\"room\":\""))
        return;
    name = at;
    at = strchr(at, '"');
    room = simulation_room(name, (size_t)(at - name));
    if (!skip(&at, "\",\"seq\":"))
        return;
    seq = strtoull(at, NULL, 10);
    check_entry(simulation, room, seq, object, length);
    check_age(simulation, room, seq, object, length);
}

unsigned int model_leaves(struct simulation *simulation, const char *objects,
                          size_t length)
{
    const char *end = objects + length;
    unsigned int replies = 0;

    while (objects < end) {
        const char *stop = memchr(objects, '\n', (size_t)(end - objects));

        if (stop == NULL)
            model_violation(simulation, "an object without an end");
        replies += strncmp(objects, "{\"reply\":", 9) == 0;
        check_event(simulation, objects, (size_t)(stop - objects));
        objects = stop + 1;
    }
    return replies;
}

void model_appended(struct simulation *simulation,
                    const struct chat__store_append *append)
{
    unsigned int room = simulation_room(append->room, strlen(append->room));

    if (room == ROOMS_MAX)
        model_violation(simulation, "a room that nobody made: %s",
                        append->room);
    if (append->create_epoch != NULL)
        log_made(&simulation->logs[room], append->create_private,
                 append->count == 0);
    for (size_t i = 0; i < append->count; i++)
        log_append(simulation, room, append->entries[i].bytes,
                   append->entries[i].length);
    simulation->entries += append->count;
    if (append->count > 0 &&
        append->entries[append->count - 1].ts > simulation->disk_ts)
        simulation->disk_ts = append->entries[append->count - 1].ts;
}

/* ---- what a program is told ---- */

static void told_state(struct program *program, const chat_state_event *state)
{
    struct simulation *simulation = program->simulation;
    uint64_t user;

    if (state->state == CHAT_STATE_CLOSED && !simulation->ending)
        model_violation(simulation, "program %u is closed: %s", program->number,
                        state->detail);
    if (state->state != CHAT_STATE_ONLINE)
        return;
    user = strtoull(state->user_id, NULL, 10);
    if (program->user != 0 && program->user != user)
        model_violation(simulation, "program %u is another user",
                        program->number);
    program->user = user;
}

static struct record *record_of(struct program *program, uint64_t number)
{
    struct simulation *simulation = program->simulation;

    return number >= 1 && number <= simulation->record_count
               ? &simulation->records[number - 1]
               : NULL;
}

static void end_record(struct program *program, struct record *record,
                       bool done)
{
    if (record == NULL)
        return;
    if (record->state == RECORD_WAITS)
        program->waiting--;
    else if (record->kind == RECORD_SEND || record->kind == RECORD_ENTRY)
        model_violation(program->simulation, "request k%d ends twice",
                        (int)(record - program->simulation->records));
    record->state = done ? RECORD_DONE : RECORD_REFUSED;
}

static void told_joined(struct program *program, unsigned int room,
                        const chat_room_event *told)
{
    struct simulation *simulation = program->simulation;
    struct view *view = &program->views[room];

    if (view->joined && !view->leaving && told->head != view->shown)
        model_violation(simulation,
                        "program %u: joined again at %llu, not %llu",
                        program->number, (unsigned long long)told->head,
                        (unsigned long long)view->shown);
    if (told->head > fake_store_head(simulation->disk, simulation_rooms[room]))
        model_violation(simulation, "program %u: a head that is not durable",
                        program->number);
    if (!view->joined || view->leaving) {
        model_fold_forget(view);
        view->since = told->head;
    }
    view->joined = true;
    view->leaving = false;
    view->shown = told->head;
}

static void told_room(struct program *program, unsigned int room,
                      const chat_event *event)
{
    const chat_room_event *told = &event->u.room;
    struct view *view = &program->views[room];

    switch (told->change) {
    case CHAT_ROOM_JOINED:
        told_joined(program, room, told);
        end_record(program, record_of(program, event->request), true);
        break;
    case CHAT_ROOM_LEFT:
    case CHAT_ROOM_REMOVED:
        view->joined = false;
        end_record(program, record_of(program, event->request), true);
        break;
    case CHAT_ROOM_RESET:
        model_violation(program->simulation,
                        "program %u: %s begins anew at %llu, shown was %llu",
                        program->number, event->room,
                        (unsigned long long)told->head,
                        (unsigned long long)view->shown);
    default:
        break;
    }
}

static bool ends_membership(const chat_entry *entry)
{
    return entry->kind == CHAT_ENTRY_KICK ||
           (entry->kind == CHAT_ENTRY_BAN && entry->on);
}

static void told_entry(struct program *program, unsigned int room,
                       const chat_entry *entry)
{
    struct view *view = &program->views[room];

    if (!view->joined || entry->seq != view->shown + 1)
        model_violation(
            program->simulation, "program %u: %s shows %llu after %llu%s",
            program->number, simulation_rooms[room],
            (unsigned long long)entry->seq, (unsigned long long)view->shown,
            view->joined ? "" : ", and it is not joined");
    check_entry(program->simulation, room, entry->seq, entry->json,
                entry->json_length);
    view->shown = entry->seq;
    view->leaving = (entry->kind == CHAT_ENTRY_LEAVE && entry->own) ||
                    (ends_membership(entry) && entry->user.id != NULL &&
                     strtoull(entry->user.id, NULL, 10) == program->user);
    model_check_sight(program->simulation, program->user, room, entry->seq);
    model_fold_entry(program, room, entry);
}

static void told_page(struct program *program, unsigned int room,
                      uint64_t request, const chat_history_event *page)
{
    struct view *view = &program->views[room];

    for (size_t i = 0; i < page->count; i++) {
        const chat_entry *entry = page->entries[i];

        check_entry(program->simulation, room, entry->seq, entry->json,
                    entry->json_length);
        model_check_sight(program->simulation, program->user, room, entry->seq);
        if (request == READ_ALL_REQUEST &&
            is_older_copy(program->simulation, room, entry->seq, entry->json,
                          entry->json_length))
            model_violation(program->simulation, "a page has the deleted %llu",
                            (unsigned long long)entry->seq);
        if (i > 0 && entry->seq != page->entries[i - 1]->seq + 1)
            model_violation(program->simulation, "a page with a hole at %llu",
                            (unsigned long long)entry->seq);
    }
    model_fold_page(program, room, page);
    if (request != READ_ALL_REQUEST || page->count == 0)
        return;
    if (page->entries[page->count - 1]->seq !=
        (view->oldest > 0 ? view->oldest - 1 : view->asked_at))
        model_violation(
            program->simulation, "a page that ends at %llu",
            (unsigned long long)page->entries[page->count - 1]->seq);
    view->oldest = page->entries[0]->seq;
}

/* Done: so the disk has it at this seq, and never had it anywhere else. */
static void told_sent(struct program *program, unsigned int room,
                      const chat_event *event)
{
    struct simulation *simulation = program->simulation;
    struct record *record = record_of(program, event->request);
    const char *name = simulation_rooms[room];
    const char *bytes;
    char key[24];

    if (record == NULL)
        model_violation(simulation, "an answer to nothing");
    /* It was so already. */
    if (event->u.sent.seq == 0 && record->kind == RECORD_ENTRY) {
        end_record(program, record, true);
        return;
    }
    snprintf(key, sizeof(key), "\"key\":\"%s\"", event->u.sent.key);
    if (event->u.sent.seq == 0 ||
        event->u.sent.seq > fake_store_head(simulation->disk, name))
        model_violation(simulation, "%s of %s is acked at %llu: not durable",
                        key, name, (unsigned long long)event->u.sent.seq);
    bytes = fake_store_bytes(simulation->disk, name, event->u.sent.seq);
    if (strstr(bytes, key) == NULL)
        model_violation(simulation, "%s of %s is acked at %llu, which is %s",
                        key, name, (unsigned long long)event->u.sent.seq,
                        bytes);
    end_record(program, record, true);
    record->seq = event->u.sent.seq;
}

static void told_failed(struct program *program, const chat_event *event)
{
    const chat_failed_event *failed = &event->u.failed;
    struct record *record = record_of(program, event->request);
    bool own = record != NULL && record->own;
    bool joins = record != NULL && record->kind == RECORD_JOIN;

    if (!program->simulation->ending && failed->error != CHAT_ERROR_FORBIDDEN &&
        failed->error != CHAT_ERROR_NOT_FOUND &&
        (failed->error != CHAT_ERROR_BAD_REQUEST || !own) &&
        (failed->error != CHAT_ERROR_NAME_TAKEN || !joins))
        model_violation(program->simulation,
                        "program %u: request %llu fails: %s", program->number,
                        (unsigned long long)event->request, failed->detail);
    end_record(program, record, false);
}

void model_told(struct program *program, const chat_event *event)
{
    struct simulation *simulation = program->simulation;
    unsigned int room = event->room == NULL
                            ? ROOMS_MAX
                            : simulation_room(event->room, strlen(event->room));

    simulation_trace(simulation, "told", program->number, event->type,
                     event->room,
                     event->room == NULL ? 0 : strlen(event->room));
    if (room == ROOMS_MAX && event->room != NULL)
        model_violation(simulation, "a room that nobody made: %s", event->room);
    switch (event->type) {
    case CHAT_EVENT_STATE:
        told_state(program, &event->u.state);
        break;
    case CHAT_EVENT_ROOM:
        told_room(program, room, event);
        break;
    case CHAT_EVENT_ENTRY:
        told_entry(program, room, &event->u.entry);
        break;
    case CHAT_EVENT_HISTORY:
        told_page(program, room, event->request, &event->u.history);
        break;
    case CHAT_EVENT_SENT:
        told_sent(program, room, event);
        break;
    case CHAT_EVENT_FAILED:
        told_failed(program, event);
        break;
    default:
        break;
    }
}
