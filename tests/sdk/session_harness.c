#include "tests/sdk/session_harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- events as text ---- */

static const char *const states[] = {"idle", "connecting", "online", "waiting",
                                     "closed"};
static const char *const changes[] = {"",     "joined",  "left",   "reset",
                                      "read", "invited", "removed"};
static const char *const kinds[] = {"",        "",        "",       "",
                                    " edit",   " delete", " react", " topic",
                                    " invite", " kick",   " ban",   " role"};
static const char *const roles[] = {"", "member", "moderator", "owner"};
static const char *const presences[] = {"offline", "online", "away", "dnd"};

static void print_person(FILE *out, const char *before,
                         const chat_person *person)
{
    if (person->id != NULL)
        fprintf(out, " %s%s %s", before, person->id, person->name);
}

static void print_state(FILE *out, const chat_state_event *state)
{
    fprintf(out, "state %s", states[state->state]);
    if (state->user_id != NULL)
        fprintf(out, " as %s %s", state->user_id, state->user_name);
    if (state->error != CHAT_OK)
        fprintf(out, " error %d", state->error);
    if (state->state == CHAT_STATE_WAITING)
        fprintf(out, " retry %llu", (unsigned long long)state->retry_ms);
}

static void print_room(FILE *out, const chat_event *event)
{
    const chat_room_event *room = &event->u.room;

    fprintf(out, "%s %s head %llu read %llu unread %llu", changes[room->change],
            event->room, (unsigned long long)room->head,
            (unsigned long long)room->read, (unsigned long long)room->unread);
    if (room->mentions != 0)
        fprintf(out, " mentions %llu", (unsigned long long)room->mentions);
    if (room->role != CHAT_ROLE_NONE)
        fprintf(out, " as %s", roles[room->role]);
    print_person(out, "by ", &room->by);
}

/* What only some kinds of entries have. */
static void print_details(FILE *out, const chat_entry *entry)
{
    fputs(kinds[entry->kind], out);
    if (entry->ref != 0)
        fprintf(out, " %llu", (unsigned long long)entry->ref);
    if (entry->emoji != NULL)
        fprintf(out, " %s", entry->emoji);
    print_person(out, "with ", &entry->with);
    print_person(out, "", &entry->user);
    if (entry->kind == CHAT_ENTRY_REACT || entry->kind == CHAT_ENTRY_BAN)
        fputs(entry->on ? " on" : " off", out);
    if (entry->kind == CHAT_ENTRY_ROLE)
        fprintf(out, " %s", roles[entry->role]);
    if (entry->topic != NULL)
        fprintf(out, " \"%s\"", entry->topic);
    if (entry->reason != NULL)
        fprintf(out, " (%s)", entry->reason);
    for (size_t i = 0; i < entry->mention_count; i++)
        fprintf(out, " @%s", entry->mentions[i]);
    if (entry->mentions_me)
        fputs(" me", out);
    if (entry->deleted)
        fputs(" deleted", out);
}

static void print_entry(FILE *out, const chat_event *event)
{
    const chat_entry *entry = &event->u.entry;

    fprintf(out, "entry %s %llu %s%s: %s", event->room,
            (unsigned long long)entry->seq, entry->user_name,
            entry->own ? " (own)" : "",
            entry->text != NULL ? entry->text : "-");
    print_details(out, entry);
}

static void print_change(FILE *out, const chat_change *change)
{
    fprintf(out, " [%llu upto %llu", (unsigned long long)change->ref,
            (unsigned long long)change->upto);
    if (change->edit != 0)
        fprintf(out, " edit %llu: %s", (unsigned long long)change->edit,
                change->text != NULL ? change->text : "-");
    if (change->deleted)
        fputs(" deleted", out);
    for (size_t i = 0; i < change->reaction_count; i++) {
        const chat_reaction *reaction = change->reactions[i];

        fprintf(out, " %s", reaction->emoji);
        for (size_t j = 0; j < reaction->count; j++)
            fprintf(out, " %s", reaction->users[j]);
    }
    fputs("]", out);
}

static void print_history(FILE *out, const chat_event *event)
{
    const chat_history_event *history = &event->u.history;

    fprintf(out, "history %s", event->room);
    for (size_t i = 0; i < history->count; i++)
        fprintf(out, " %llu", (unsigned long long)history->entries[i]->seq);
    for (size_t i = 0; i < history->change_count; i++)
        print_change(out, history->changes[i]);
    fprintf(out, history->more ? " and more" : "");
}

static void print_members(FILE *out, const chat_event *event)
{
    static const char *const lists[] = {"members", "invited", "banned"};
    const chat_members_event *members = &event->u.members;

    fprintf(out, "%s %s", lists[members->list], event->room);
    for (size_t i = 0; i < members->count; i++)
        fprintf(out, " %s %s %s %s,", members->members[i]->user_id,
                members->members[i]->user_name,
                roles[members->members[i]->role],
                presences[members->members[i]->presence]);
    fprintf(out, members->more ? " and more" : "");
}

static void print_presence(FILE *out, const chat_event *event)
{
    const chat_presence_event *presence = &event->u.presence;

    fprintf(out, "presence %s", event->room);
    for (size_t i = 0; i < presence->count; i++)
        fprintf(out, " %s %s", presence->users[i]->user_id,
                presences[presence->users[i]->state]);
}

static void print_event(FILE *out, const chat_event *event)
{
    switch (event->type) {
    case CHAT_EVENT_STATE:
        print_state(out, &event->u.state);
        break;
    case CHAT_EVENT_ROOM:
        print_room(out, event);
        break;
    case CHAT_EVENT_ENTRY:
        print_entry(out, event);
        break;
    case CHAT_EVENT_HISTORY:
        print_history(out, event);
        break;
    case CHAT_EVENT_ROOMS:
        fprintf(out, "rooms");
        for (size_t i = 0; i < event->u.rooms.count; i++)
            fprintf(out, " %s", event->u.rooms.rooms[i]->room);
        break;
    case CHAT_EVENT_SENT:
        fprintf(out, "sent %s %s %llu", event->room, event->u.sent.key,
                (unsigned long long)event->u.sent.seq);
        break;
    case CHAT_EVENT_FAILED:
        fprintf(out, "failed %s %s error %d",
                event->room != NULL ? event->room : "-",
                event->u.failed.key != NULL ? event->u.failed.key : "-",
                event->u.failed.error);
        break;
    case CHAT_EVENT_TYPING:
        fprintf(out, "typing %s %s %s", event->room, event->u.typing.user_id,
                event->u.typing.user_name);
        break;
    case CHAT_EVENT_MEMBERS:
        print_members(out, event);
        break;
    case CHAT_EVENT_PRESENCE:
        print_presence(out, event);
        break;
    case CHAT_EVENT_DONE:
        fprintf(out, "done");
        break;
    }
    if (event->request != 0)
        fprintf(out, " request %llu", (unsigned long long)event->request);
}

static bool emit(void *context, const chat_event *event)
{
    struct harness *harness = context;
    char *text = NULL;
    size_t length = 0;
    struct told *told;
    FILE *out;

    if (harness->refuse > 0) {
        harness->refuse--;
        return false;
    }
    out = open_memstream(&text, &length);
    assert_non_null(out);
    print_event(out, event);
    fclose(out);
    told = calloc(1, sizeof(*told) + length + 1);
    assert_non_null(told);
    memcpy(told->text, text, length);
    free(text);
    if (harness->last != NULL)
        harness->last->next = told;
    else
        harness->first = told;
    harness->last = told;
    return true;
}

static uint64_t draw(void *context)
{
    const struct harness *harness = context;

    return harness->random;
}

/* ---- life ---- */

struct harness *harness_new(void)
{
    struct harness *harness = calloc(1, sizeof(*harness));
    struct chat__session_environment environment = {
        .context = harness, .emit = emit, .random = draw};
    struct chat__credentials *credentials;

    assert_non_null(harness);
    harness->now = 1000000;
    harness->session = chat__session_new(&environment);
    assert_non_null(harness->session);
    credentials = chat__session_credentials(harness->session);
    snprintf(credentials->name, sizeof(credentials->name), "ann");
    snprintf(credentials->guest_key, sizeof(credentials->guest_key), "gk");
    return harness;
}

void forget_events(struct harness *harness)
{
    struct told *told;

    while ((told = harness->first) != NULL) {
        harness->first = told->next;
        free(told);
    }
    harness->last = NULL;
}

void harness_free(struct harness *harness)
{
    forget_events(harness);
    chat__session_free(harness->session);
    free(harness);
}

int harness_setup(void **state)
{
    *state = harness_new();
    return 0;
}

int harness_teardown(void **state)
{
    harness_free(*state);
    return 0;
}

/* ---- the wire ---- */

const char *harness_next_frame_of(struct harness *harness, uint64_t attempt)
{
    struct chat__buffer buffer;
    bool any;

    chat__buffer_init(&buffer, CHAT__FRAME_BYTES_MAX);
    any = chat__session_transport_next_frame(harness->session, attempt, &buffer,
                                             harness->now);
    if (any) {
        assert_in_range(buffer.length, 1, sizeof(harness->frame) - 1);
        memcpy(harness->frame, buffer.data, buffer.length);
        harness->frame[buffer.length] = '\0';
    }
    chat__buffer_release(&buffer);
    return any ? harness->frame : NULL;
}

const char *harness_next_frame(struct harness *harness)
{
    return harness_next_frame_of(harness,
                                 chat__session_attempt(harness->session));
}

/* A formatted string, the caller's to free. */
static char *format_text(const char *format, va_list arguments)
{
    char *text = NULL;

    assert_true(vasprintf(&text, format, arguments) >= 0);
    return text;
}

void expect_frame(struct harness *harness, const char *format, ...)
{
    va_list arguments;
    const char *frame = harness_next_frame(harness);
    char *text;

    va_start(arguments, format);
    text = format_text(format, arguments);
    va_end(arguments);
    assert_string_equal(frame != NULL ? frame : "(no frame)", text);
    free(text);
}

void expect_no_frame(struct harness *harness)
{
    const char *frame = harness_next_frame(harness);

    assert_string_equal(frame != NULL ? frame : "(no frame)", "(no frame)");
}

void receive(struct harness *harness, const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    text = format_text(format, arguments);
    va_end(arguments);
    chat__session_receive(harness->session, text, strlen(text), harness->now);
    free(text);
}

void receive_on(struct harness *harness, uint64_t attempt, const char *format,
                ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    text = format_text(format, arguments);
    va_end(arguments);
    chat__session_transport_receive(harness->session, attempt, text,
                                    strlen(text), harness->now);
    free(text);
}

void disconnect(struct harness *harness, unsigned close_code)
{
    struct chat__disconnect why = {
        .error = CHAT_ERROR_NETWORK,
        .close_code = close_code,
        .detail = "gone",
    };

    chat__session_disconnected(harness->session, &why, harness->now);
}

void pass(struct harness *harness, uint64_t milliseconds)
{
    harness->now += milliseconds;
    chat__session_tick(harness->session, harness->now);
}

/* ---- the program ---- */

void expect_event(struct harness *harness, const char *format, ...)
{
    struct told *told = harness->first;
    va_list arguments;
    char *text;

    va_start(arguments, format);
    text = format_text(format, arguments);
    va_end(arguments);
    assert_string_equal(told != NULL ? told->text : "(no event)", text);
    free(text);
    harness->first = told->next;
    if (harness->first == NULL)
        harness->last = NULL;
    free(told);
}

void expect_no_event(struct harness *harness)
{
    assert_string_equal(harness->first != NULL ? harness->first->text
                                               : "(no event)",
                        "(no event)");
}

void submit(struct harness *harness, const struct chat__request *request,
            uint64_t number)
{
    struct chat__item *item = chat__item_new(request, number);

    assert_non_null(item);
    assert_int_equal(chat__session_submit(harness->session, item), CHAT_OK);
}

void send_text(struct harness *harness, const char *room, const char *key,
               const char *text)
{
    struct chat__request request = {.action = CHAT__ACTION_SEND};

    request.body.send.room = room;
    request.body.send.key = key;
    request.body.send.text = text;
    submit(harness, &request, 0);
}

void join_room(struct harness *harness, const char *room, const char *key,
               uint64_t number)
{
    struct chat__request request = {.action = CHAT__ACTION_JOIN};

    request.body.join.room = room;
    request.body.join.key = key;
    request.body.join.limit = 50;
    submit(harness, &request, number);
}

void leave_room(struct harness *harness, const char *room, const char *key,
                uint64_t number)
{
    struct chat__request request = {.action = CHAT__ACTION_LEAVE};

    request.body.leave.room = room;
    request.body.leave.key = key;
    submit(harness, &request, number);
}

/* ---- scripts ---- */

uint32_t go_to_hello(struct harness *harness)
{
    const char *frame;
    const char *id;

    if (chat__session_state(harness->session) == CHAT_STATE_IDLE)
        assert_int_equal(chat__session_start(harness->session, harness->now),
                         CHAT_OK);
    chat__session_connected(harness->session, harness->now);
    frame = harness_next_frame(harness);
    assert_non_null(frame);
    assert_non_null(strstr(frame, "\"action\":\"hello\""));
    id = strstr(frame, "\"id\":");
    assert_non_null(id);
    return (uint32_t)strtoul(id + 5, NULL, 10);
}

void accept_hello(struct harness *harness, uint32_t id, const char *rooms)
{
    receive(harness,
            "{\"reply\":%u,\"ok\":{" HELLO_OK
            ",\"rooms\":[%s],\"invites\":[]}}\n",
            id, rooms);
}

void go_online(struct harness *harness, uint64_t head)
{
    uint32_t id = go_to_hello(harness);
    char room[160];

    snprintf(room, sizeof(room),
             "{\"room\":\"lobby\",\"epoch\":\"e1\",\"head\":%llu,\"read\":0,"
             "\"unread\":0,\"mentions\":0,\"resumed\":false}",
             (unsigned long long)head);
    accept_hello(harness, id, room);
    assert_int_equal(chat__session_state(harness->session), CHAT_STATE_ONLINE);
    forget_events(harness);
}
