#include "sdk/session_public.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *chat__public_id(uint64_t id, char digits[CHAT__USER_ID_SIZE])
{
    snprintf(digits, CHAT__USER_ID_SIZE, "%llu", (unsigned long long)id);
    return digits;
}

chat_person chat__public_person(const struct chat__person *person,
                                char digits[CHAT__USER_ID_SIZE])
{
    if (person->id == 0)
        return (chat_person){0};
    return (chat_person){.id = chat__public_id(person->id, digits),
                         .name = person->name};
}

chat_role chat__public_role(enum chat__role role)
{
    switch (role) {
    case CHAT__ROLE_MEMBER:
        return CHAT_ROLE_MEMBER;
    case CHAT__ROLE_MODERATOR:
        return CHAT_ROLE_MODERATOR;
    case CHAT__ROLE_OWNER:
        return CHAT_ROLE_OWNER;
    default:
        return CHAT_ROLE_NONE;
    }
}

chat_presence_state chat__public_presence(enum chat__presence presence)
{
    switch (presence) {
    case CHAT__PRESENCE_ONLINE:
        return CHAT_PRESENCE_ONLINE;
    case CHAT__PRESENCE_AWAY:
        return CHAT_PRESENCE_AWAY;
    case CHAT__PRESENCE_DND:
        return CHAT_PRESENCE_DND;
    default:
        return CHAT_PRESENCE_OFFLINE;
    }
}

/* ---- entries ---- */

static chat_entry_kind public_kind(enum chat__event_kind kind)
{
    switch (kind) {
    case CHAT__EVENT_MESSAGE:
        return CHAT_ENTRY_MESSAGE;
    case CHAT__EVENT_JOIN:
        return CHAT_ENTRY_JOIN;
    case CHAT__EVENT_LEAVE:
        return CHAT_ENTRY_LEAVE;
    case CHAT__EVENT_EDIT:
        return CHAT_ENTRY_EDIT;
    case CHAT__EVENT_DELETE:
        return CHAT_ENTRY_DELETE;
    case CHAT__EVENT_REACT:
        return CHAT_ENTRY_REACT;
    case CHAT__EVENT_TOPIC:
        return CHAT_ENTRY_TOPIC;
    case CHAT__EVENT_INVITE:
        return CHAT_ENTRY_INVITE;
    case CHAT__EVENT_KICK:
        return CHAT_ENTRY_KICK;
    case CHAT__EVENT_BAN:
        return CHAT_ENTRY_BAN;
    case CHAT__EVENT_ROLE:
        return CHAT_ENTRY_ROLE;
    default:
        return CHAT_ENTRY_OTHER;
    }
}

static const char *or_empty(const char *string)
{
    return string != NULL ? string : "";
}

static void public_mentions(chat_entry *entry, const struct chat__event *event,
                            uint64_t user_id, struct chat__entry_digits *digits)
{
    for (size_t i = 0; i < event->mention_count; i++) {
        digits->mention_list[i] =
            chat__public_id(event->mentions[i], digits->mentions[i]);
        entry->mentions_me =
            entry->mentions_me || event->mentions[i] == user_id;
    }
    entry->mentions = digits->mention_list;
    entry->mention_count = event->mention_count;
}

void chat__public_entry(chat_entry *entry, const struct chat__event *event,
                        uint64_t user_id, struct chat__entry_digits *digits,
                        const char *bytes, size_t length)
{
    chat_person from = chat__public_person(&event->from, digits->from);

    *entry = (chat_entry){
        .kind = public_kind(event->kind),
        .seq = event->seq,
        .number = event->n,
        .time_ms = event->ts,
        .user_id = or_empty(from.id),
        .user_name = or_empty(event->from.name),
        .key = or_empty(event->key),
        .text = event->text,
        .reply_to = event->reply_to,
        .deleted = event->deleted,
        .own = event->from.id != 0 && event->from.id == user_id,
        .json = bytes,
        .json_length = length,
        .ref = event->ref,
        .emoji = event->emoji,
        .on = event->on,
        .with = chat__public_person(&event->with, digits->with),
        .user = chat__public_person(&event->user, digits->user),
        .reason = event->reason,
        .topic = event->topic,
        .role = chat__public_role(event->role),
    };
    public_mentions(entry, event, user_id, digits);
}

/* ---- pages ---- */

/* An array of at least one element, so that NULL means no memory. */
static void *array(size_t count, size_t size)
{
    return calloc(count + 1, size);
}

static bool allocate_entries(struct chat__public_page *public_page,
                             size_t count)
{
    public_page->entries = array(count, sizeof(*public_page->entries));
    public_page->pointers = array(count, sizeof(*public_page->pointers));
    return public_page->entries != NULL && public_page->pointers != NULL;
}

static bool allocate_changes(struct chat__public_page *public_page,
                             const struct chat__page *page)
{
    size_t reactions = 0;
    size_t ids = 0;

    for (size_t i = 0; i < page->change_count; i++) {
        const struct chat__change *change = &page->changes[i];

        reactions += change->reaction_count;
        for (size_t j = 0; j < change->reaction_count; j++)
            ids += change->reactions[j].user_count;
    }
    public_page->changes =
        array(page->change_count, sizeof(*public_page->changes));
    public_page->change_pointers =
        array(page->change_count, sizeof(*public_page->change_pointers));
    public_page->reactions = array(reactions, sizeof(*public_page->reactions));
    public_page->reaction_pointers =
        array(reactions, sizeof(*public_page->reaction_pointers));
    public_page->ids = array(ids, sizeof(*public_page->ids));
    public_page->id_pointers = array(ids, sizeof(*public_page->id_pointers));
    return public_page->changes != NULL &&
           public_page->change_pointers != NULL &&
           public_page->reactions != NULL &&
           public_page->reaction_pointers != NULL && public_page->ids != NULL &&
           public_page->id_pointers != NULL;
}

/* False: the page cannot be trusted. */
static bool read_entries(struct chat__public_page *public_page,
                         const struct chat__page *page,
                         const struct chat__slice *slices, uint64_t last,
                         uint64_t user_id)
{
    struct chat__event event;
    struct chat__error error;
    const cJSON *json;
    size_t i = 0;

    cJSON_ArrayForEach(json, page->entries_json)
    {
        struct chat__public_entry *place =
            &public_page->entries[public_page->count];

        if (!chat__event_parse(&event, json, &error) ||
            !chat__event_is_entry(&event))
            return false;
        if (event.seq <= last) {
            chat__public_entry(&place->entry, &event, user_id, &place->digits,
                               slices[i].bytes, slices[i].length);
            public_page->pointers[public_page->count++] = &place->entry;
        }
        i++;
    }
    return true;
}

/* Where the next change puts its reactions and their users. */
struct place {
    size_t reaction;
    size_t id;
};

static void read_reaction(struct chat__public_page *public_page,
                          const struct chat__reaction *theirs,
                          struct place *place)
{
    chat_reaction *reaction = &public_page->reactions[place->reaction];

    *reaction = (chat_reaction){
        .emoji = theirs->emoji,
        .users = &public_page->id_pointers[place->id],
        .count = theirs->user_count,
    };
    for (size_t i = 0; i < theirs->user_count; i++, place->id++)
        public_page->id_pointers[place->id] =
            chat__public_id(theirs->users[i], public_page->ids[place->id]);
    public_page->reaction_pointers[place->reaction++] = reaction;
}

static void read_changes(struct chat__public_page *public_page,
                         const struct chat__page *page, uint64_t last)
{
    struct place place = {0};

    for (size_t i = 0; i < page->change_count; i++) {
        const struct chat__change *theirs = &page->changes[i];
        chat_change *change = &public_page->changes[public_page->change_count];

        if (theirs->ref > last)
            continue;
        *change = (chat_change){
            .ref = theirs->ref,
            .upto = theirs->upto,
            .edit = theirs->edit,
            .text = theirs->text,
            .deleted = theirs->deleted,
            .reactions = &public_page->reaction_pointers[place.reaction],
            .reaction_count = theirs->reaction_count,
        };
        for (size_t j = 0; j < theirs->reaction_count; j++)
            read_reaction(public_page, &theirs->reactions[j], &place);
        public_page->change_pointers[public_page->change_count++] = change;
    }
}

int chat__public_page_init(struct chat__public_page *public_page,
                           const struct chat__page *page,
                           const struct chat__slice *slices, uint64_t last,
                           uint64_t user_id)
{
    memset(public_page, 0, sizeof(*public_page));
    if (!allocate_entries(public_page, page->entry_count) ||
        !allocate_changes(public_page, page))
        return CHAT_ERROR_MEMORY;
    if (!read_entries(public_page, page, slices, last, user_id))
        return CHAT_ERROR_PROTOCOL;
    read_changes(public_page, page, last);
    return CHAT_OK;
}

void chat__public_page_release(struct chat__public_page *public_page)
{
    free(public_page->entries);
    free(public_page->pointers);
    free(public_page->changes);
    free(public_page->change_pointers);
    free(public_page->reactions);
    free(public_page->reaction_pointers);
    free(public_page->ids);
    free(public_page->id_pointers);
}
