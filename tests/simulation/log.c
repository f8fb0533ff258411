#include "tests/simulation/log.h"

#include "protocol/json.h"
#include "tests/simulation/model.h"
#include "tests/simulation/operator.h"

#include <stdlib.h>
#include <string.h>

/* A text that may be left out of a change. */
#define LONG_TEXT_BYTES 1000

#define CAPACITY_FIRST 64

const char *const log_emoji[EMOJI_COUNT] = {
    "\xf0\x9f\x91\x8d", "\xf0\x9f\x8e\x89", "\xe2\x9d\xa4\xef\xb8\x8f"};

uint64_t log_digest(const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (; text != NULL && *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return text == NULL ? 0 : hash;
}

unsigned int log_find_emoji(const char *emoji)
{
    unsigned int i = 0;

    while (i < EMOJI_COUNT && strcmp(log_emoji[i], emoji) != 0)
        i++;
    return i;
}

/* ---- who is in the room ---- */

static enum chat__role role_of(const struct log *log, uint64_t user)
{
    return user < LOG_USERS ? log->roles[user] : CHAT__ROLE_NONE;
}

bool log_is_member(const struct log *log, uint64_t user)
{
    return chat__role_is_member(role_of(log, user));
}

bool log_may_see(const struct log *log, uint64_t user, uint64_t seq)
{
    unsigned int bit = 1U << (user % LOG_USERS);

    if (seq > 1 && (log->entries[seq - 2].members & bit) != 0)
        return true;
    for (size_t i = seq - 1; i < log->count; i++)
        if ((log->entries[i].members & bit) != 0)
            return true;
    return false;
}

static unsigned int owners_of(const struct log *log)
{
    unsigned int count = 0;

    for (unsigned int user = 0; user < LOG_USERS; user++)
        count += log->roles[user] == CHAT__ROLE_OWNER;
    return count;
}

/* ---- what is allowed ---- */

static bool is_dm(const struct log *log)
{
    return log->count > 0 && log->entries[0].kind == CHAT__EVENT_JOIN &&
           log->entries[0].about != 0;
}

static bool may_join(const struct log *log, const struct chat__event *event)
{
    enum chat__role role = role_of(log, event->from.id);

    if (event->with.id != 0)
        return event->with.id != event->from.id &&
               (log->count == 0 || is_dm(log)) &&
               (role != CHAT__ROLE_MEMBER ||
                role_of(log, event->with.id) != CHAT__ROLE_MEMBER);
    if (log->count == 0)
        return true;
    if (log->private_room)
        return role == CHAT__ROLE_INVITED;
    return role == CHAT__ROLE_NONE || role == CHAT__ROLE_INVITED;
}

/* About a message: who is in the room, and the message is there. */
static bool may_change(const struct log *log, const struct chat__event *event)
{
    enum chat__role role = role_of(log, event->from.id);
    const struct log_entry *message;

    if (!chat__role_is_member(role) || event->ref == 0 ||
        event->ref > log->count)
        return false;
    message = &log->entries[event->ref - 1];
    if (message->kind != CHAT__EVENT_MESSAGE || message->erased)
        return false;
    return event->kind == CHAT__EVENT_REACT ||
           message->from == event->from.id ||
           (event->kind == CHAT__EVENT_DELETE && role != CHAT__ROLE_MEMBER);
}

/* The table of docs/protocol.md, "topic, invite, kick, ban, role". */
static bool may_moderate(const struct log *log, const struct chat__event *event)
{
    enum chat__role role = role_of(log, event->from.id);
    enum chat__role other = role_of(log, event->user.id);
    bool owner = role == CHAT__ROLE_OWNER;
    bool moderator = owner || role == CHAT__ROLE_MODERATOR;
    bool below =
        other != CHAT__ROLE_OWNER && (owner || other != CHAT__ROLE_MODERATOR);

    if (is_dm(log))
        return false;
    if (event->user.id == event->from.id && event->kind != CHAT__EVENT_TOPIC)
        return event->kind == CHAT__EVENT_ROLE && owner && owners_of(log) > 1;
    switch (event->kind) {
    case CHAT__EVENT_TOPIC:
        return moderator;
    case CHAT__EVENT_INVITE:
        return (moderator ||
                (!log->private_room && role == CHAT__ROLE_MEMBER)) &&
               other == CHAT__ROLE_NONE;
    case CHAT__EVENT_KICK:
        return moderator && below &&
               (chat__role_is_member(other) || other == CHAT__ROLE_INVITED);
    case CHAT__EVENT_BAN:
        return moderator && below && event->on == (other != CHAT__ROLE_BANNED);
    default:
        return owner && chat__role_is_member(other) && other != event->role;
    }
}

/* In every room that exists, whoever it is about; but what is so is no entry.
 */
static bool may_operate(const struct log *log, const struct chat__event *event)
{
    enum chat__role other = role_of(log, event->user.id);

    if (is_dm(log) || event->user.id == event->from.id)
        return false;
    if (event->kind == CHAT__EVENT_BAN)
        return event->on == (other != CHAT__ROLE_BANNED);
    if (event->kind == CHAT__EVENT_KICK)
        return chat__role_is_member(other) || other == CHAT__ROLE_INVITED;
    return chat__role_is_member(other) && other != event->role;
}

static bool may(const struct log *log, const struct chat__event *event)
{
    switch (event->kind) {
    case CHAT__EVENT_JOIN:
        return may_join(log, event);
    case CHAT__EVENT_LEAVE:
        return log_is_member(log, event->from.id) ||
               role_of(log, event->from.id) == CHAT__ROLE_INVITED;
    case CHAT__EVENT_MESSAGE:
        return log_is_member(log, event->from.id);
    case CHAT__EVENT_EDIT:
    case CHAT__EVENT_DELETE:
    case CHAT__EVENT_REACT:
        return may_change(log, event);
    case CHAT__EVENT_UNKNOWN:
        return true;
    default:
        return may_moderate(log, event);
    }
}

/* ---- what it does ---- */

static void set_role(const struct simulation *simulation, struct log *log,
                     uint64_t user, enum chat__role role)
{
    if (user >= LOG_USERS)
        model_violation(simulation, "there is no user %llu",
                        (unsigned long long)user);
    log->roles[user] = role;
}

static void change_roles(const struct simulation *simulation, struct log *log,
                         const struct chat__event *event)
{
    switch (event->kind) {
    case CHAT__EVENT_JOIN:
        set_role(simulation, log, event->from.id,
                 log->count > 0 || log->ownerless || event->with.id != 0
                     ? CHAT__ROLE_MEMBER
                     : CHAT__ROLE_OWNER);
        if (event->with.id != 0)
            set_role(simulation, log, event->with.id, CHAT__ROLE_MEMBER);
        break;
    case CHAT__EVENT_LEAVE:
        set_role(simulation, log, event->from.id, CHAT__ROLE_NONE);
        break;
    case CHAT__EVENT_INVITE:
        set_role(simulation, log, event->user.id, CHAT__ROLE_INVITED);
        break;
    case CHAT__EVENT_KICK:
        set_role(simulation, log, event->user.id, CHAT__ROLE_NONE);
        break;
    case CHAT__EVENT_BAN:
        set_role(simulation, log, event->user.id,
                 event->on ? CHAT__ROLE_BANNED : CHAT__ROLE_NONE);
        break;
    case CHAT__EVENT_ROLE:
        set_role(simulation, log, event->user.id, event->role);
        break;
    default:
        break;
    }
}

/* A delete takes the texts of a message and of its edits. */
static void erase(struct log *log, uint64_t ref, int64_t now)
{
    for (size_t i = ref - 1; i < log->count; i++) {
        struct log_entry *entry = &log->entries[i];

        if (i + 1 != ref &&
            (entry->kind != CHAT__EVENT_EDIT || entry->ref != ref))
            continue;
        entry->erased = true;
        entry->erased_at = now;
    }
}

static unsigned int members_of(const struct log *log)
{
    unsigned int members = 0;

    for (unsigned int user = 0; user < LOG_USERS; user++)
        if (chat__role_is_member(log->roles[user]))
            members |= 1U << user;
    return members;
}

static void add(struct log *log, const struct chat__event *event,
                const char *bytes, size_t length)
{
    struct log_entry *entry;

    if (log->count == log->capacity) {
        log->capacity = log->capacity == 0 ? CAPACITY_FIRST : log->capacity * 2;
        log->entries =
            realloc(log->entries, log->capacity * sizeof(*log->entries));
        if (log->entries == NULL)
            abort();
    }
    entry = &log->entries[log->count++];
    *entry = (struct log_entry){
        .bytes = strndup(bytes, length),
        .kind = event->kind,
        .from = event->from.id,
        .about = event->with.id != 0 ? event->with.id : event->user.id,
        .ref = event->ref,
        .text = log_digest(event->text),
        .on = event->on,
        .long_text =
            event->text != NULL && strlen(event->text) >= LONG_TEXT_BYTES,
        .members = members_of(log),
    };
    if (event->kind == CHAT__EVENT_REACT)
        entry->emoji = log_find_emoji(event->emoji);
    if (entry->bytes == NULL || entry->emoji == EMOJI_COUNT)
        abort();
}

void log_made(struct log *log, bool private_room, bool ownerless)
{
    log->private_room = private_room;
    log->ownerless = ownerless;
}

void log_append(struct simulation *simulation, unsigned int room,
                const char *bytes, size_t length)
{
    struct log *log = &simulation->logs[room];
    struct chat__event event;
    struct chat__error error;
    cJSON *json = chat__json_parse(bytes, length, &error);

    if (json == NULL || !chat__event_parse(&event, json, &error) ||
        event.seq != log->count + 1)
        model_violation(simulation, "no entry of %s: %.*s",
                        simulation_rooms[room], (int)length, bytes);
    if (!(operator_made(simulation, &event) ? may_operate(log, &event)
                                            : may(log, &event)))
        model_violation(simulation, "%s does not allow %.*s",
                        simulation_rooms[room], (int)length, bytes);
    change_roles(simulation, log, &event);
    add(log, &event, bytes, length);
    if (event.kind == CHAT__EVENT_DELETE)
        erase(log, event.ref, simulation->now);
    chat__json_free(json);
}

void log_release(struct log *log)
{
    for (size_t i = 0; i < log->count; i++)
        free(log->entries[i].bytes);
    free(log->entries);
}

/* ---- folds ---- */

void log_fold_entry(struct fold *fold, const struct log_entry *entry,
                    uint64_t seq)
{
    unsigned int bit = 1U << (entry->from % LOG_USERS);

    fold->upto = seq;
    fold->changed = true;
    if (entry->kind == CHAT__EVENT_DELETE) {
        *fold = (struct fold){.upto = seq, .changed = true, .deleted = true};
    } else if (entry->kind == CHAT__EVENT_EDIT) {
        fold->edit = seq;
        fold->text = entry->text;
    } else if (entry->on) {
        fold->on[entry->emoji] |= bit;
    } else {
        fold->on[entry->emoji] &= ~bit;
    }
}

struct fold log_fold(const struct log *log, uint64_t ref, uint64_t upto)
{
    struct fold fold = {0};

    for (uint64_t seq = ref + 1; seq <= upto && seq <= log->count; seq++)
        if (log->entries[seq - 1].ref == ref)
            log_fold_entry(&fold, &log->entries[seq - 1], seq);
    return fold;
}

bool log_fold_same(const struct fold *a, const struct fold *b)
{
    return a->edit == b->edit && a->text == b->text &&
           a->deleted == b->deleted && memcmp(a->on, b->on, sizeof(a->on)) == 0;
}
